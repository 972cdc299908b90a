/* QRTR as a transport, on a made-up QRTR: look-up, clients, CTL, what is lost, and strangers. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <qmikit/common.h>
#include <qmikit/ctl.h>
#include <qmikit/dms.h>

#include "tests/unit/qrtr-net.h"

#define NODE 7 /* the modem; this machine is QRTR_WORLD_NODE */
#define DMS_PORT 100
#define NAS_PORT 101
#define WAIT ((uint64_t)1000000)

struct fixture {
	struct qrtr_world world;
	struct qk_device *device;
	struct qk_client *client;
	unsigned int runs;
	int status;
	uint16_t error;
};

static void server(const struct fixture *f, uint32_t command, uint32_t service, uint32_t port)
{
	const struct qk_qrtr_control control = {
		.command = command,
		.service = service,
		.instance = 3u << 8 | (service + 1),
		.node = NODE,
		.port = port,
	};

	qrtr_world_control(&f->world, &control);
}

static void end_of_list(const struct fixture *f)
{
	qrtr_world_control(&f->world, &(struct qk_qrtr_control){ .command = QK_QRTR_NEW_SERVER });
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct qk_transport *transport;

	if (!f || qk_qrtr_open(&qrtr_world_net, &f->world, NODE, &transport) < 0 ||
	    qk_device_new(transport, NULL, &f->device) < 0)
		return -1;
	*state = f;
	return 0;
}

static int set_up_with_servers(void **state)
{
	struct fixture *f;

	if (set_up(state) < 0)
		return -1;
	f = *state;
	server(f, QK_QRTR_NEW_SERVER, QK_SERVICE_ID_DMS, DMS_PORT);
	server(f, QK_QRTR_NEW_SERVER, QK_SERVICE_ID_NAS, NAS_PORT);
	end_of_list(f);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	f->client = qk_client_unref(f->client);
	f->device = qk_device_unref(f->device);
	for (size_t i = 0; i < f->world.count; i++)
		assert_true(qrtr_world_is_closed(&f->world, i));
	qrtr_world_done(&f->world);
	free(f);
	return 0;
}

static void process(struct fixture *f)
{
	assert_int_equal(qk_device_process(f->device), 0);
}

static struct qk_client *allocate(struct fixture *f, uint8_t service)
{
	struct qk_client *client;

	assert_int_equal(qk_client_allocate_sync(f->device, service, WAIT, &client), 0);
	return client;
}

static void on_response(struct qk_client *client, int status, const void *response, void *userdata)
{
	const struct qk_response *answer = response;
	struct fixture *f = userdata;

	(void)client;
	f->runs++;
	f->status = status;
	if (status == 0)
		f->error = answer->result.error;
}

static void ask_model(struct fixture *f, struct qk_client *client)
{
	const struct qk_call_options options = { .userdata = f, .timeout_usec = WAIT };

	assert_int_equal(qk_dms_get_model(client, NULL, &options, on_response), 0);
}

/* The answer of success to the request in `message`; its bytes. */
static size_t answer_to(const uint8_t *message, uint8_t answer[14])
{
	static const uint8_t success[] = { 7, 0, 0x02, 4, 0, 0, 0, 0, 0 };

	memcpy(answer, message, 5);
	answer[0] = 0x02;
	memcpy(answer + 5, success, sizeof(success));
	return 14;
}

/* Waits a little for the device to have something, as a loop does. */
static void wait_and_process(struct fixture *f)
{
	struct pollfd ready = { .fd = qk_device_fd(f->device), .events = POLLIN };

	assert_int_equal(poll(&ready, 1, 5000), 1);
	process(f);
}

static void opening_asks_the_name_service(void **state)
{
	struct fixture *f = *state;
	uint8_t packet[64];
	struct qk_qrtr_control control;
	uint32_t node, port;
	size_t size = qrtr_world_hear(&f->world, 0, &node, &port, packet, sizeof(packet));

	assert_int_equal(size, QK_QRTR_CONTROL_SIZE);
	assert_int_equal(node, QRTR_WORLD_NODE);
	assert_int_equal(port, QK_QRTR_CONTROL_PORT);
	assert_int_equal(qk_qrtr_control_read((struct qk_span){ packet, size }, &control), 0);
	assert_int_equal(control.command, QK_QRTR_NEW_LOOKUP);
	assert_int_equal(control.service, 0);
	assert_string_equal(qk_device_name(f->device), "qrtr://7");
}

static void on_done(struct qk_device *device, int status, uint16_t error, const char *step,
		    void *userdata)
{
	struct fixture *f = userdata;

	(void)device;
	(void)step;
	f->runs++;
	f->status = status;
	f->error = error;
}

static void version_info_waits_for_the_end_of_the_list(void **state)
{
	static const struct qk_open_options options = { .version_info = true };
	struct fixture *f = *state;
	uint16_t major, minor;

	assert_int_equal(qk_device_open(f->device, &options, on_done, f), 0);
	server(f, QK_QRTR_NEW_SERVER, QK_SERVICE_ID_DMS, DMS_PORT);
	process(f);
	server(f, QK_QRTR_NEW_SERVER, QK_SERVICE_ID_NAS, NAS_PORT);
	server(f, QK_QRTR_NEW_SERVER, 400, 102);
	/* another node's are not ours */
	qrtr_world_control(&f->world, &(struct qk_qrtr_control){ QK_QRTR_NEW_SERVER, 1, 1, 8, 1 });
	process(f);
	assert_int_equal(f->runs, 0);
	end_of_list(f);
	wait_and_process(f);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, 0);
	assert_int_equal(qk_device_service_version(f->device, QK_SERVICE_ID_DMS, &major, &minor),
			 0);
	assert_int_equal(major, QK_SERVICE_ID_DMS + 1);
	assert_int_equal(minor, 0);
	assert_int_equal(qk_device_service_version(f->device, QK_SERVICE_ID_NAS, &major, &minor),
			 0);
	assert_int_equal(qk_device_service_version(f->device, QK_SERVICE_ID_WDS, &major, &minor),
			 -ENOENT);
}

static void client_is_a_socket_that_carries_messages_without_header(void **state)
{
	struct fixture *f = *state;
	uint8_t message[64], answer[14];
	uint32_t node, port;
	size_t size;

	f->client = allocate(f, QK_SERVICE_ID_DMS);
	assert_int_equal(f->world.count, 2);
	ask_model(f, f->client);
	size = qrtr_world_hear(&f->world, 1, &node, &port, message, sizeof(message));
	assert_int_equal(node, NODE);
	assert_int_equal(port, DMS_PORT);
	assert_int_equal(size, 7);
	assert_int_equal(message[0], 0);
	assert_int_equal(message[3], 0x22);
	qrtr_world_say(&f->world, 1, NODE, DMS_PORT, answer, answer_to(message, answer));
	wait_and_process(f);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, 0);
	assert_false(qrtr_world_is_closed(&f->world, 1));
	assert_int_equal(qk_client_release_sync(f->client, WAIT), 0);
	assert_true(qrtr_world_is_closed(&f->world, 1));
}

static void clients_of_one_service_get_their_own_answers(void **state)
{
	struct fixture *f = *state;
	struct qk_client *other;
	uint8_t message[64], answer[14];
	uint32_t node, port;

	f->client = allocate(f, QK_SERVICE_ID_DMS);
	other = allocate(f, QK_SERVICE_ID_DMS);
	assert_int_not_equal(qk_client_id(f->client), qk_client_id(other));
	ask_model(f, f->client);
	ask_model(f, other);
	qrtr_world_hear(&f->world, 2, &node, &port, message, sizeof(message));
	/* the answer to the second, on the socket of the first: nobody's */
	qrtr_world_say(&f->world, 1, NODE, DMS_PORT, answer, answer_to(message, answer));
	wait_and_process(f);
	assert_int_equal(f->runs, 0);
	qrtr_world_say(&f->world, 2, NODE, DMS_PORT, answer, answer_to(message, answer));
	wait_and_process(f);
	assert_int_equal(f->runs, 1);
	qk_client_unref(other);
}

static void strangers_are_not_heard(void **state)
{
	static const struct qk_qrtr_control lie = { QK_QRTR_DEL_SERVER, QK_SERVICE_ID_DMS, 1, NODE,
						    DMS_PORT };
	struct fixture *f = *state;
	uint8_t message[64], answer[14], packet[QK_QRTR_CONTROL_SIZE];
	uint32_t node, port;
	size_t size;

	f->client = allocate(f, QK_SERVICE_ID_DMS);
	ask_model(f, f->client);
	qrtr_world_hear(&f->world, 1, &node, &port, message, sizeof(message));
	size = answer_to(message, answer);
	qrtr_world_say(&f->world, 1, NODE, DMS_PORT + 1, answer, size);
	qrtr_world_say(&f->world, 1, NODE + 1, DMS_PORT, answer, size);
	qk_qrtr_control_write(&lie, packet);
	qrtr_world_say(&f->world, 0, QRTR_WORLD_NODE, 0x4001, packet, sizeof(packet));
	qrtr_world_say(&f->world, 0, NODE, QK_QRTR_CONTROL_PORT, packet, sizeof(packet));
	wait_and_process(f);
	process(f);
	assert_int_equal(f->runs, 0);
	qrtr_world_say(&f->world, 1, NODE, DMS_PORT, answer, size);
	wait_and_process(f);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, 0);
}

static void a_flood_of_strangers_does_not_keep_others_waiting(void **state)
{
	struct fixture *f = *state;
	uint8_t message[64], answer[14], noise[3] = { 0 };
	uint32_t node, port;
	struct qk_client *flooded = allocate(f, QK_SERVICE_ID_NAS);

	f->client = allocate(f, QK_SERVICE_ID_DMS);
	ask_model(f, f->client);
	qrtr_world_hear(&f->world, 2, &node, &port, message, sizeof(message));
	qrtr_world_say(&f->world, 2, NODE, DMS_PORT, answer, answer_to(message, answer));
	for (unsigned int round = 0; round < 100 && !f->runs; round++) {
		while (qrtr_world_try(&f->world, 1, NODE, NAS_PORT + (round & 1), noise,
				      sizeof(noise)))
			;
		wait_and_process(f);
	}
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, 0);
	qk_client_unref(flooded);
}

static void broken_messages_are_counted_and_passed_over(void **state)
{
	static const uint8_t flags[] = { 0x06, 1, 0, 0x22, 0, 0, 0 };
	static const uint8_t longer[] = { 0x02, 1, 0, 0x22, 0, 5, 0, 1 };
	static const uint8_t trailing[] = { 0x02, 1, 0, 0x22, 0, 0, 0, 1, 2, 3, 4 };
	struct fixture *f = *state;
	uint8_t message[64], answer[17] = { 0 };
	uint32_t node, port;
	size_t size;

	f->client = allocate(f, QK_SERVICE_ID_DMS);
	ask_model(f, f->client);
	qrtr_world_hear(&f->world, 1, &node, &port, message, sizeof(message));
	qrtr_world_say(&f->world, 1, NODE, DMS_PORT, flags, sizeof(flags));
	qrtr_world_say(&f->world, 1, NODE, DMS_PORT, flags, 6);
	qrtr_world_say(&f->world, 1, NODE, DMS_PORT, flags, 0);
	qrtr_world_say(&f->world, 1, NODE, DMS_PORT, longer, sizeof(longer));
	qrtr_world_say(&f->world, 1, NODE, DMS_PORT, trailing, sizeof(trailing));
	wait_and_process(f);
	assert_int_equal(qk_device_stats(f->device).transport.bad_frames, 5);
	/* padding to a word is none of the message */
	size = answer_to(message, answer);
	qrtr_world_say(&f->world, 1, NODE, DMS_PORT, answer, size + 3);
	wait_and_process(f);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, 0);
}

static void a_flood_of_broken_messages_is_taken_in_turns(void **state)
{
	static const uint8_t broken[3];
	struct qk_client *clients[10];
	struct fixture *f = *state;
	unsigned int sent = 0;
	uint64_t seen;

	for (size_t i = 0; i < 10; i++)
		clients[i] = allocate(f, QK_SERVICE_ID_DMS);
	/* as many as net.unix.max_dgram_qlen lets wait, and no more than ten for each */
	for (size_t i = 0; i < 100; i++)
		sent += qrtr_world_try(&f->world, 1 + i / 10, NODE, DMS_PORT, broken, 3);
	process(f);
	seen = qk_device_stats(f->device).transport.bad_frames;
	assert_in_range(seen, 1, 40);
	assert_in_range(sent, seen + 1, 100);
	/* what is left is not forgotten */
	while (seen + 3 < sent) {
		wait_and_process(f);
		seen = qk_device_stats(f->device).transport.bad_frames;
	}
	for (size_t i = 0; i < 10; i++)
		qk_client_unref(clients[i]);
}

static void a_frame_inside_a_broken_message_is_not_taken_for_one(void **state)
{
	/* TLVs that do not hold together, around what would be a Revoke of DMS/1 */
	static const uint8_t message[] = { 0x04, 0,    0,    0x01, 0, 21, 0,    0x10, 0xff, 0xff,
					   0x01, 0x10, 0,    0x80, 0, 0,  0x02, 1,    0x24, 0,
					   5,    0,    0x01, 2,    0, 2,  1,    0 };
	struct fixture *f = *state;

	f->client = allocate(f, QK_SERVICE_ID_DMS);
	ask_model(f, f->client);
	qrtr_world_say(&f->world, 1, NODE, DMS_PORT, message, sizeof(message));
	wait_and_process(f);
	process(f);
	assert_int_equal(f->runs, 0);
}

static void calls_end_when_their_service_is_lost_and_it_can_come_back(void **state)
{
	struct fixture *f = *state;
	struct qk_client *none, *again;
	uint32_t node, port;
	uint8_t message[64];

	f->client = allocate(f, QK_SERVICE_ID_DMS);
	ask_model(f, f->client);
	server(f, QK_QRTR_DEL_SERVER, QK_SERVICE_ID_DMS, DMS_PORT);
	wait_and_process(f);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, -ECONNRESET);
	assert_true(qrtr_world_is_closed(&f->world, 1));
	/* whoever asks all the same is refused, as by a modem */
	ask_model(f, f->client);
	wait_and_process(f);
	assert_int_equal(f->runs, 2);
	assert_int_equal(f->status, 0);
	assert_int_equal(f->error, QK_ERROR_INVALID_CLIENT_ID);
	assert_int_equal(qk_client_allocate_sync(f->device, QK_SERVICE_ID_DMS, WAIT, &none),
			 QK_ERROR_INVALID_SERVICE_TYPE);
	server(f, QK_QRTR_NEW_SERVER, QK_SERVICE_ID_DMS, DMS_PORT + 50);
	process(f);
	again = allocate(f, QK_SERVICE_ID_DMS);
	ask_model(f, again);
	qrtr_world_hear(&f->world, 2, &node, &port, message, sizeof(message));
	assert_int_equal(port, DMS_PORT + 50);
	qk_client_unref(again);
}

static void a_client_ends_when_its_socket_fails(void **state)
{
	struct fixture *f = *state;

	f->client = allocate(f, QK_SERVICE_ID_DMS);
	ask_model(f, f->client);
	qrtr_world_say(&f->world, 1, QRTR_WORLD_ERROR, ENETRESET, NULL, 0);
	wait_and_process(f);
	assert_int_equal(f->status, -ECONNRESET);
	assert_true(qrtr_world_is_closed(&f->world, 1));
}

static void the_device_ends_with_the_last_service(void **state)
{
	struct fixture *f = *state;

	f->client = allocate(f, QK_SERVICE_ID_DMS);
	ask_model(f, f->client);
	server(f, QK_QRTR_DEL_SERVER, QK_SERVICE_ID_NAS, NAS_PORT);
	server(f, QK_QRTR_DEL_SERVER, QK_SERVICE_ID_DMS, DMS_PORT);
	assert_int_equal(qk_device_process(f->device), -ENODEV);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, -ENODEV);
}

static void a_node_without_services_is_not_there(void **state)
{
	struct fixture *f = *state;

	end_of_list(f);
	assert_int_equal(qk_device_process(f->device), -ENOENT);
}

static void a_new_name_service_is_asked_again(void **state)
{
	struct fixture *f = *state;
	struct qk_client *nas = allocate(f, QK_SERVICE_ID_NAS);
	uint8_t packet[64];
	uint32_t node, port;

	f->client = allocate(f, QK_SERVICE_ID_DMS);
	ask_model(f, f->client);
	qrtr_world_hear(&f->world, 0, &node, &port, packet, sizeof(packet));
	qrtr_world_say(&f->world, 0, QRTR_WORLD_ERROR, ENETRESET, NULL, 0);
	process(f);
	assert_int_equal(qrtr_world_hear(&f->world, 0, &node, &port, packet, sizeof(packet)),
			 QK_QRTR_CONTROL_SIZE);
	server(f, QK_QRTR_NEW_SERVER, QK_SERVICE_ID_NAS, NAS_PORT);
	process(f);
	assert_int_equal(f->runs, 0);
	end_of_list(f);
	wait_and_process(f);
	/* DMS did not come back, NAS is where it was */
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, -ECONNRESET);
	assert_false(qrtr_world_is_closed(&f->world, 1));
	qk_client_unref(nas);
}

static void sync_closes_the_sockets_of_all_clients(void **state)
{
	static const struct qk_open_options options = { .sync = true };
	struct fixture *f = *state;

	f->client = allocate(f, QK_SERVICE_ID_DMS);
	assert_int_equal(qk_device_open_sync(f->device, &options, NULL, NULL), 0);
	assert_true(qrtr_world_is_closed(&f->world, 1));
}

static void client_ids_run_out_after_254(void **state)
{
	static struct qk_client *clients[254];
	struct fixture *f = *state;
	struct qk_client *more;

	for (size_t i = 0; i < 254; i++) {
		clients[i] = allocate(f, QK_SERVICE_ID_DMS);
		assert_int_equal(qk_client_id(clients[i]), i + 1);
	}
	assert_int_equal(qk_client_allocate_sync(f->device, QK_SERVICE_ID_DMS, WAIT, &more),
			 QK_ERROR_CLIENT_IDS_EXHAUSTED);
	assert_int_equal(qk_client_release_sync(clients[9], WAIT), 0);
	assert_int_equal(qk_client_allocate_sync(f->device, QK_SERVICE_ID_DMS, WAIT, &more), 0);
	assert_int_equal(qk_client_id(more), 10);
	qk_client_unref(more);
	for (size_t i = 0; i < 254; i++)
		qk_client_unref(clients[i]);
}

static void sending_goes_on_when_the_server_takes_more(void **state)
{
	struct fixture *f = *state;
	uint8_t message[64];
	uint32_t node, port;

	f->client = allocate(f, QK_SERVICE_ID_DMS);
	/* more than a socket of this net takes, and less than the transport queues */
	for (unsigned int i = 0; i < 60; i++)
		ask_model(f, f->client);
	for (uint16_t i = 1; i <= 60; i++) {
		struct pollfd ready = { .fd = f->world.peers[1], .events = POLLIN };

		for (unsigned int tries = 0; poll(&ready, 1, 0) == 0 && tries < 100; tries++)
			wait_and_process(f);
		qrtr_world_hear(&f->world, 1, &node, &port, message, sizeof(message));
		assert_int_equal(message[1] | message[2] << 8, i);
	}
}

/* Whoever has a transport and no device polls it for reading alone. */
static void receiving_sends_what_waits(void **state)
{
	static const uint8_t ask_id[] = { 0x01, 0x0f, 0, 0, 0, 0, 0, 1,
					  0x22, 0,    4, 0, 1, 1, 0, QK_SERVICE_ID_DMS };
	struct qrtr_world world = { 0 };
	struct qk_transport *transport;
	struct qk_frame frame;
	uint8_t message[64];
	uint32_t node, port;

	(void)state;
	assert_int_equal(qk_qrtr_open(&qrtr_world_net, &world, NODE, &transport), 0);
	qrtr_world_control(&world, &(struct qk_qrtr_control){ QK_QRTR_NEW_SERVER, QK_SERVICE_ID_DMS,
							      1, NODE, DMS_PORT });
	qrtr_world_control(&world, &(struct qk_qrtr_control){ .command = QK_QRTR_NEW_SERVER });
	assert_int_equal(qk_transport_send(transport, (struct qk_span){ ask_id, sizeof(ask_id) }),
			 0);
	assert_int_equal(qk_transport_receive(transport, &frame, NULL), 1);
	assert_int_equal(frame.message, 0x22);
	for (uint8_t i = 0; i < 60; i++) {
		const uint8_t ask[] = {
			0x01, 12, 0, 0, QK_SERVICE_ID_DMS, 1, 0, i, 0, 0x22, 0, 0, 0
		};

		assert_int_equal(qk_transport_send(transport, (struct qk_span){ ask, sizeof(ask) }),
				 0);
	}
	assert_true(qk_transport_wants_write(transport));
	for (uint8_t i = 0; i < 60; i++) {
		struct pollfd peer = { .fd = world.peers[1], .events = POLLIN };
		struct pollfd ours = { .fd = qk_transport_fd(transport), .events = POLLIN };

		for (unsigned int tries = 0; poll(&peer, 1, 0) == 0 && tries < 100; tries++) {
			assert_int_equal(poll(&ours, 1, 5000), 1);
			assert_int_equal(qk_transport_receive(transport, &frame, NULL), 0);
		}
		qrtr_world_hear(&world, 1, &node, &port, message, sizeof(message));
		assert_int_equal(message[1], i);
	}
	qk_transport_free(transport);
	qrtr_world_done(&world);
}

static void on_frame(struct qk_client *client, int status, const struct qk_frame *frame,
		     void *userdata)
{
	struct fixture *f = userdata;

	(void)client;
	f->runs++;
	f->status = status;
	f->error = 0;
	if (status == 0 && frame->tlvs.size >= 7 && frame->tlvs.data[0] == 0x02)
		f->error = (uint16_t)(frame->tlvs.data[5] | frame->tlvs.data[6] << 8);
}

static void ctl_refuses_what_a_modem_would(void **state)
{
	static const uint8_t wide[] = { 0x01, 2, 0, 0x90, 0x01 }, dms[] = { 0x01, 2, 0, 2, 0 };
	static const uint8_t broken[] = { 0x01, 9, 0, 2 }, nobody[] = { 0x01, 2, 0, 2, 77 };
	static const struct {
		uint16_t message;
		struct qk_span tlvs;
		uint16_t error;
	} cases[] = {
		{ 0x0026, { NULL, 0 }, QK_ERROR_NOT_SUPPORTED },
		{ 0x0022, { NULL, 0 }, QK_ERROR_MISSING_ARGUMENT },
		{ 0x0022, { broken, sizeof(broken) }, QK_ERROR_MALFORMED_MESSAGE },
		{ 0x0023, { nobody, sizeof(nobody) }, QK_ERROR_INVALID_CLIENT_ID },
		{ 0xff22, { wide, sizeof(wide) }, QK_ERROR_INVALID_SERVICE_TYPE },
		{ 0xff22, { dms, sizeof(dms) }, QK_ERROR_NONE },
		{ 0xff23, { nobody, sizeof(nobody) }, QK_ERROR_MISSING_ARGUMENT },
	};
	struct fixture *f = *state;
	const struct qk_call_options options = { .userdata = f, .timeout_usec = WAIT };

	server(f, QK_QRTR_NEW_SERVER, 0x190, 200);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(qk_call_raw(qk_device_ctl(f->device), cases[i].message,
					     cases[i].tlvs, &options, on_frame),
				 0);
		wait_and_process(f);
		assert_int_equal(f->runs, i + 1);
		assert_int_equal(f->status, 0);
		assert_int_equal(f->error, cases[i].error);
	}
}

static void opening_fails_when_there_is_no_qrtr(void **state)
{
	struct qrtr_world world = { .open_error = -EAFNOSUPPORT };
	struct qk_transport *transport = NULL;
	uint32_t nodes[4];

	(void)state;
	assert_int_equal(qk_qrtr_open(&qrtr_world_net, &world, NODE, &transport), -EAFNOSUPPORT);
	assert_null(transport);
	assert_int_equal(qk_qrtr_list_nodes(&qrtr_world_net, &world, nodes, 4), -EAFNOSUPPORT);
}

/* A look-up whose answers are there before it is asked. */
static int open_answered(void *context, uint32_t *ret_local_node)
{
	static const uint32_t nodes[] = { 9, 3, 9, 5 };
	struct qrtr_world *world = context;
	int fd = qrtr_world_net.open(world, ret_local_node);

	for (size_t i = 0; i < 4; i++)
		qrtr_world_control(world,
				   &(struct qk_qrtr_control){ QK_QRTR_NEW_SERVER, QK_SERVICE_ID_DMS,
							      1, nodes[i], (uint32_t)i + 1 });
	qrtr_world_control(world, &(struct qk_qrtr_control){ QK_QRTR_NEW_SERVER, 42, 1, 8, 1 });
	qrtr_world_control(world, &(struct qk_qrtr_control){ .command = QK_QRTR_NEW_SERVER });
	return fd;
}

static void nodes_with_a_modem_are_listed_once_each(void **state)
{
	const struct qk_qrtr_net net = { open_answered, qrtr_world_net.send,
					 qrtr_world_net.receive };
	struct qrtr_world world = { 0 };
	uint32_t nodes[4];

	(void)state;
	assert_int_equal(qk_qrtr_list_nodes(&net, &world, nodes, 4), 3);
	assert_int_equal(nodes[0], 3);
	assert_int_equal(nodes[1], 5);
	assert_int_equal(nodes[2], 9);
	qrtr_world_done(&world);
	assert_int_equal(qk_qrtr_list_nodes(&net, &world, nodes, 2), 2);
	qrtr_world_done(&world);
}

static void listing_gives_up_when_nobody_answers(void **state)
{
	struct qrtr_world world = { 0 };
	uint32_t nodes[4];

	(void)state;
	assert_int_equal(qk_qrtr_list_nodes(&qrtr_world_net, &world, nodes, 4), -ETIMEDOUT);
	qrtr_world_done(&world);
}

static void servers_prefer_the_highest_version(void **state)
{
	static struct qk_qrtr_servers servers;

	(void)state;
	assert_null(qk_qrtr_servers_find(&servers, 2));
	qk_qrtr_servers_add(&servers, &(struct qk_qrtr_server){ 2, 1 << 8 | 1, 10 });
	qk_qrtr_servers_add(&servers, &(struct qk_qrtr_server){ 2, 2 << 8 | 2, 11 });
	qk_qrtr_servers_add(&servers, &(struct qk_qrtr_server){ 2, 0 << 8 | 2, 12 });
	qk_qrtr_servers_add(&servers, &(struct qk_qrtr_server){ 3, 0 << 8 | 9, 13 });
	assert_int_equal(qk_qrtr_servers_find(&servers, 2)->port, 12);
	qk_qrtr_servers_remove(&servers, 12);
	assert_int_equal(qk_qrtr_servers_find(&servers, 2)->port, 11);
	for (uint32_t i = 0; i < 1000; i++)
		qk_qrtr_servers_add(&servers, &(struct qk_qrtr_server){ 5, 1, 1000 + i });
	assert_int_equal(servers.count, QK_QRTR_SERVERS_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_WITH_SERVERS(name) \
	cmocka_unit_test_setup_teardown(name, set_up_with_servers, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opening_asks_the_name_service),
		TEST(version_info_waits_for_the_end_of_the_list),
		TEST_WITH_SERVERS(client_is_a_socket_that_carries_messages_without_header),
		TEST_WITH_SERVERS(clients_of_one_service_get_their_own_answers),
		TEST_WITH_SERVERS(strangers_are_not_heard),
		TEST_WITH_SERVERS(a_flood_of_strangers_does_not_keep_others_waiting),
		TEST_WITH_SERVERS(broken_messages_are_counted_and_passed_over),
		TEST_WITH_SERVERS(a_flood_of_broken_messages_is_taken_in_turns),
		TEST_WITH_SERVERS(a_frame_inside_a_broken_message_is_not_taken_for_one),
		TEST_WITH_SERVERS(calls_end_when_their_service_is_lost_and_it_can_come_back),
		TEST_WITH_SERVERS(a_client_ends_when_its_socket_fails),
		TEST_WITH_SERVERS(the_device_ends_with_the_last_service),
		TEST(a_node_without_services_is_not_there),
		TEST_WITH_SERVERS(a_new_name_service_is_asked_again),
		TEST_WITH_SERVERS(sync_closes_the_sockets_of_all_clients),
		TEST_WITH_SERVERS(client_ids_run_out_after_254),
		TEST_WITH_SERVERS(sending_goes_on_when_the_server_takes_more),
		cmocka_unit_test(receiving_sends_what_waits),
		TEST_WITH_SERVERS(ctl_refuses_what_a_modem_would),
		cmocka_unit_test(opening_fails_when_there_is_no_qrtr),
		cmocka_unit_test(nodes_with_a_modem_are_listed_once_each),
		cmocka_unit_test(listing_gives_up_when_nobody_answers),
		cmocka_unit_test(servers_prefer_the_highest_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
