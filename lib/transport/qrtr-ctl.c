/*
 * CTL for a transport whose modem has none: what a modem would answer, from the look-up and from the
 * sockets (see qrtr.h).
 *
 * Ids of services have 16 bits in QRTR and 8 in a QMUX frame, which is what goes up from here. So the
 * requests for the wider ids are answered, and refused where the id needs them.
 */
#include <errno.h>
#include <qmikit/ctl.h>

#include "lib/transport/qrtr.h"

#define ARENA_SIZE 4096

struct answer {
	const struct qk_frame *request;
	const struct qk_qrtr_servers *servers;
	const struct qk_qrtr_clients *clients;
	void *self;
	struct qk_arena arena;
	uint8_t *buffer;
	size_t size;
};

static int write_frame(const struct qk_frame *frame, const struct qk_message *message,
		       const void *value, uint8_t *buffer, size_t size)
{
	struct qk_writer writer = qk_writer(buffer, size);
	size_t mark = qk_frame_begin(&writer, frame);
	int r = qk_encode(message, value, &writer);

	return r < 0 ? r : qk_frame_end(&writer, mark);
}

static struct qk_frame response_to(const struct qk_frame *request)
{
	struct qk_frame frame = *request;

	frame.type = QK_RESPONSE;
	frame.from_modem = true;
	frame.tlvs = (struct qk_span){ 0 };
	return frame;
}

/* Sets the result of `response` and sends it. */
static int respond(const struct answer *a, const struct qk_message *message, void *response,
		   uint16_t error)
{
	const struct qk_frame frame = response_to(a->request);
	struct qk_response *head = response;

	head->has_result = true;
	head->result.status = error ? QK_RESULT_STATUS_FAILURE : QK_RESULT_STATUS_SUCCESS;
	head->result.error = error;
	return write_frame(&frame, message, response, a->buffer, a->size);
}

int qk_qrtr_refuse(const struct qk_frame *request, uint16_t error, uint8_t *buffer, size_t size)
{
	const struct qk_frame frame = response_to(request);
	struct qk_ctl_sync_response response = {
		.has_result = true,
		.result = { .status = QK_RESULT_STATUS_FAILURE, .error = error },
	};

	/* every response has its result at the same place, and Sync's has nothing else */
	return write_frame(&frame, qk_ctl_sync_method.response, &response, buffer, size);
}

int qk_qrtr_write_revoked(uint8_t service, uint8_t client, uint8_t *buffer, size_t size)
{
	const struct qk_frame frame = {
		.service = QK_SERVICE_CTL,
		.type = QK_INDICATION,
		.from_modem = true,
		.message = qk_ctl_revoke_client_id_message.id,
	};
	const struct qk_ctl_revoke_client_id_indication indication = {
		.has_client = true,
		.client = { .service = service, .cid = client },
	};

	return write_frame(&frame, &qk_ctl_revoke_client_id_message, &indication, buffer, size);
}

/* Reads the request; the QMI error for what is wrong with it. */
static uint16_t read_request(struct answer *a, const struct qk_message *message, void *request)
{
	if (qk_decode(message, a->request->tlvs, &a->arena, request) < 0)
		return QK_ERROR_MALFORMED_MESSAGE;
	return qk_missing_tlv(message, request) >= 0 ? QK_ERROR_MISSING_ARGUMENT : QK_ERROR_NONE;
}

static int answer_version_info(struct answer *a)
{
	struct qk_ctl_get_version_info_response_service_list items[UINT8_MAX];
	struct qk_ctl_get_version_info_response response = { .has_service_list = true };

	/* by id, so that each is there once */
	for (uint32_t service = 1; service <= UINT8_MAX; service++) {
		const struct qk_qrtr_server *server = qk_qrtr_servers_find(a->servers, service);

		if (!server)
			continue;
		items[response.service_list.count] =
			(struct qk_ctl_get_version_info_response_service_list){
				.service = (uint8_t)service,
				.major_version = server->instance & 0xff,
			};
		response.service_list.count++;
	}
	response.service_list.items = items;
	return respond(a, qk_ctl_get_version_info_method.response, &response, QK_ERROR_NONE);
}

static int answer_allocate(struct answer *a)
{
	struct qk_ctl_allocate_cid_request request;
	struct qk_ctl_allocate_cid_response response = { 0 };
	uint16_t error = read_request(a, qk_ctl_allocate_cid_method.request, &request);

	response.allocation_info.service = request.service;
	if (!error)
		error = a->clients->allocate(a->self, request.service,
					     &response.allocation_info.cid);
	response.has_allocation_info = !error;
	return respond(a, qk_ctl_allocate_cid_method.response, &response, error);
}

static int answer_release(struct answer *a)
{
	struct qk_ctl_release_cid_request request;
	struct qk_ctl_release_cid_response response = { 0 };
	uint16_t error = read_request(a, qk_ctl_release_cid_method.request, &request);

	if (!error)
		error = a->clients->release(a->self, request.release_info.service,
					    request.release_info.cid);
	response.has_release_info = !error;
	response.release_info = request.release_info;
	return respond(a, qk_ctl_release_cid_method.response, &response, error);
}

static int answer_allocate_wide(struct answer *a)
{
	struct qk_ctl_internal_allocate_cid_qrtr_request request;
	struct qk_ctl_internal_allocate_cid_qrtr_response response = { 0 };
	uint16_t error =
		read_request(a, qk_ctl_internal_allocate_cid_qrtr_method.request, &request);

	response.allocation_info.service = request.service;
	if (!error)
		error = a->clients->allocate(a->self, request.service,
					     &response.allocation_info.cid);
	response.has_allocation_info = !error;
	return respond(a, qk_ctl_internal_allocate_cid_qrtr_method.response, &response, error);
}

static int answer_release_wide(struct answer *a)
{
	struct qk_ctl_internal_release_cid_qrtr_request request;
	struct qk_ctl_internal_release_cid_qrtr_response response = { 0 };
	uint16_t error = read_request(a, qk_ctl_internal_release_cid_qrtr_method.request, &request);

	if (!error)
		error = a->clients->release(a->self, request.release_info.service,
					    request.release_info.cid);
	response.has_release_info = !error;
	response.release_info = request.release_info;
	return respond(a, qk_ctl_internal_release_cid_qrtr_method.response, &response, error);
}

static int answer_sync(struct answer *a)
{
	struct qk_ctl_sync_response response = { 0 };

	a->clients->release_all(a->self);
	return respond(a, qk_ctl_sync_method.response, &response, QK_ERROR_NONE);
}

static const struct {
	const struct qk_method *method;
	int (*answer)(struct answer *a);
} answers[] = {
	{ &qk_ctl_get_version_info_method, answer_version_info },
	{ &qk_ctl_allocate_cid_method, answer_allocate },
	{ &qk_ctl_release_cid_method, answer_release },
	{ &qk_ctl_sync_method, answer_sync },
	{ &qk_ctl_internal_allocate_cid_qrtr_method, answer_allocate_wide },
	{ &qk_ctl_internal_release_cid_qrtr_method, answer_release_wide },
};

int qk_qrtr_answer_ctl(const struct qk_frame *request, const struct qk_qrtr_servers *servers,
		       const struct qk_qrtr_clients *clients, void *self, uint8_t *buffer,
		       size_t size)
{
	uint8_t space[ARENA_SIZE] __attribute__((aligned(16)));
	struct answer a = {
		.request = request,
		.servers = servers,
		.clients = clients,
		.self = self,
		.arena = { .base = space, .size = sizeof(space) },
		.buffer = buffer,
		.size = size,
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (answers[i].method->request->id == request->message)
			return answers[i].answer(&a);
	return qk_qrtr_refuse(request, QK_ERROR_NOT_SUPPORTED, buffer, size);
}
