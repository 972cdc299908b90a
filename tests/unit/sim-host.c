/*
 * Sim host (see sim-host.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/ctl.h>

#include "sim-host.h"

static void on_bytes(void *userdata, struct qk_span bytes)
{
	struct host *host = userdata;

	assert_true(bytes.size <= sizeof(host->said) - host->said_size);
	memcpy(host->said + host->said_size, bytes.data, bytes.size);
	host->said_size += bytes.size;
}

static void on_hang_up(void *userdata)
{
	struct host *host = userdata;

	host->hang_ups++;
}

struct host *host_new(const char *profile, uint64_t seed)
{
	static const struct qk_sim_sink sink = { on_bytes, on_hang_up };
	struct host *host = calloc(1, sizeof(*host));
	char error[256] = "";

	assert_non_null(host);
	if (qk_sim_profile_load(profile, &host->profile, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	assert_int_equal(qk_sim_new(host->profile, seed, HOST_START_USEC, &host->sim), 0);
	assert_int_equal(qk_sim_attach(host->sim, &sink, host, &host->port), 0);
	host->arena = (struct qk_arena){ .base = host->memory, .size = sizeof(host->memory) };
	return host;
}

void host_free(struct host *host)
{
	qk_sim_free(host->sim);
	qk_sim_profile_free(host->profile);
	free(host);
}

void host_send(struct host *host, uint8_t client, const struct qk_message *message,
	       const void *request, uint16_t transaction)
{
	static uint8_t buffer[QK_FRAME_MAX];
	struct qk_writer writer = qk_writer(buffer, sizeof(buffer));
	const struct qk_frame frame = {
		.service = (uint8_t)message->service,
		.client = client,
		.type = QK_REQUEST,
		.transaction = transaction,
		.message = message->id,
	};
	size_t mark = qk_frame_begin(&writer, &frame);

	if (request)
		assert_int_equal(qk_encode(message, request, &writer), 0);
	int size = qk_frame_end(&writer, mark);
	assert_true(size > 0);
	qk_sim_input(host->port, (struct qk_span){ buffer, (size_t)size });
}

bool host_next(struct host *host, struct qk_frame *ret)
{
	struct qk_span rest = { host->said + host->read_size, host->said_size - host->read_size };
	int size = qk_frame_read(rest, ret, NULL);

	if (size <= 0)
		return false;
	host->read_size += (size_t)size;
	return true;
}

void host_drop(struct host *host)
{
	host->said_size = host->read_size = 0;
}

int host_ask(struct host *host, uint8_t client, const struct qk_method *method, const void *request,
	     void *response)
{
	struct qk_frame frame;
	void *decoded = response;

	host->arena.used = 0;
	host->transaction = (uint16_t)(host->transaction % 250 + 1);
	host_send(host, client, method->request, request, host->transaction);
	if (!host_next(host, &frame))
		return -1;
	assert_true(frame.from_modem);
	assert_int_equal(frame.type, QK_RESPONSE);
	assert_int_equal(frame.service, method->response->service);
	assert_int_equal(frame.client, client);
	assert_int_equal(frame.message, method->response->id);
	assert_int_equal(frame.transaction, host->transaction);
	if (!decoded)
		decoded = qk_arena_take(&host->arena, method->response->size);
	assert_non_null(decoded);
	assert_int_equal(qk_decode(method->response, frame.tlvs, &host->arena, decoded), 0);
	const struct qk_response *head = decoded;
	assert_true(head->has_result);
	assert_int_equal(head->result.status != 0, head->result.error != 0);
	return head->result.error;
}

uint8_t host_allocate(struct host *host, uint8_t service)
{
	struct qk_ctl_allocate_cid_request request = { .has_service = true, .service = service };
	struct qk_ctl_allocate_cid_response response;

	assert_int_equal(host_ask(host, 0, &qk_ctl_allocate_cid_method, &request, &response), 0);
	assert_true(response.has_allocation_info);
	assert_int_equal(response.allocation_info.service, service);
	return response.allocation_info.cid;
}

void host_expect_indication(struct host *host, uint8_t client, const struct qk_message *message,
			    void *ret)
{
	struct qk_frame frame;

	assert_true(host_next(host, &frame));
	assert_int_equal(frame.type, QK_INDICATION);
	assert_int_equal(frame.service, message->service);
	assert_int_equal(frame.message, message->id);
	assert_int_equal(frame.client, client);
	assert_int_equal(frame.transaction, 0);
	assert_int_equal(qk_decode(message, frame.tlvs, &host->arena, ret), 0);
}
