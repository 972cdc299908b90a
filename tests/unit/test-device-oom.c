/* Device: memory runs out at every allocation in turn, from opening to the end. Whatever then
 * fails, nothing leaks and nothing crashes. Linked so that the library's malloc comes by here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <qmikit/dms.h>
#include <qmikit/proxy.h>

#include "tests/unit/qrtr-net.h"
#include "tests/unit/run-out.h"
#include "tests/unit/script.h"

#define NAS 3

static void on_indication(struct qk_client *client, const struct qk_message *message,
			  const void *decoded, const struct qk_frame *frame, void *userdata)
{
	unsigned int *seen = userdata;

	(void)client;
	(void)message;
	(void)decoded;
	(void)frame;
	++*seen;
}

static void on_destroy(void *userdata)
{
	unsigned int *destroyed = userdata;

	++*destroyed;
}

static void on_answer(struct qk_client *client, int status, const void *response, void *userdata)
{
	(void)client;
	(void)userdata;
	assert_true(status == 0 || status == -ENOMEM);
	assert_int_equal(status == 0, response != NULL);
}

/* One call with an indication in front of its answer. */
static int use(struct script *script, struct qk_client *client)
{
	static const char text[] = "\x01\x03\x00one\x30\x01\x00x";
	unsigned int seen = 0, destroyed = 0;
	struct qk_slot *subscription = NULL, *slot = NULL;
	const struct qk_call_options options = {
		.userdata = &destroyed,
		.destroy = on_destroy,
		.ret_slot = &slot,
	};
	int r = qk_client_subscribe(client, on_indication, &seen, NULL, &subscription);

	if (r < 0)
		return r;
	r = qk_call(client, &qk_dms_get_manufacturer_method, NULL, &options, on_answer);
	if (r == 0) {
		script_indicate(script, 2, 0xff, 1, "\x10\x02\x00\x01\x64", 5);
		script_answer(script, script->sent_count - 1, 0, text, sizeof(text) - 1);
		r = qk_device_process(qk_client_device(client));
		slot = qk_slot_free(slot);
	}
	assert_int_equal(destroyed, 1);
	qk_slot_free(subscription);
	return r;
}

static int serve(struct script *script, struct qk_device *device)
{
	static const struct qk_open_options nothing;
	struct qk_client *client = NULL;
	uint16_t error = 0;
	const char *step = NULL;
	int r = qk_device_open_sync(device, &nothing, &error, &step);

	if (r == 0)
		r = qk_client_allocate_sync(device, 2, 0, &client);
	if (r == 0)
		r = use(script, client);
	if (r == 0)
		r = qk_client_release_sync(client, 0);
	qk_client_unref(client);
	return r;
}

static void scripted_life(void)
{
	static struct script script;
	struct qk_device_hooks hooks = script_hooks(&script);
	struct qk_transport *transport = NULL;
	struct qk_device *device = NULL;
	int r;

	script = (struct script){ .answers = true };
	r = qk_transport_new(&script_ops, &script, "script", &transport);
	if (r == 0)
		r = qk_device_new(transport, &hooks, &device);
	if (r == 0)
		r = serve(&script, device);
	assert_true(r == 0 || r == -ENOMEM);
	qk_device_unref(device);
	assert_int_equal(script.closed, 1);
}

static void life_leaks_nothing_when_memory_runs_out(void **state)
{
	(void)state;
	run_out_everywhere(scripted_life);
}

/* Frames that wait in the queue of a socket. */
static void socket_life(void)
{
	static const uint8_t frame[12] = { 0x01 };
	struct qk_transport *transport = NULL;
	int pair[2], size = 4096, r;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	r = qk_transport_from_fd(pair[0], "pair", &transport);
	while (r == 0)
		r = qk_transport_send(transport, (struct qk_span){ frame, sizeof(frame) });
	assert_true(r == -ENOBUFS || r == -ENOMEM);
	qk_transport_free(transport);
	close(pair[1]);
}

static void queue_leaks_nothing_when_memory_runs_out(void **state)
{
	(void)state;
	run_out_everywhere(socket_life);
}

static void on_lost(struct qk_client *client, int status, const void *response, void *userdata)
{
	(void)client;
	(void)status;
	(void)response;
	(void)userdata;
}

/* A client of QRTR whose server is lost while it waits. */
static void qrtr_life(void)
{
	static struct qrtr_world world;
	static const struct qk_qrtr_control server = { QK_QRTR_NEW_SERVER, 2, 1, 7, 100 },
					    lost = { QK_QRTR_DEL_SERVER, 2, 1, 7, 100 },
					    other = { QK_QRTR_NEW_SERVER, NAS, 1, 7, 101 },
					    end = { .command = QK_QRTR_NEW_SERVER };
	struct qk_transport *transport = NULL;
	struct qk_device *device = NULL;
	struct qk_client *client = NULL;
	int r = qk_qrtr_open(&qrtr_world_net, &world, 7, &transport);

	if (r == 0)
		r = qk_device_new(transport, NULL, &device);
	if (r == 0) {
		qrtr_world_control(&world, &server);
		qrtr_world_control(&world, &other);
		qrtr_world_control(&world, &end);
		r = qk_client_allocate_sync(device, 2, 0, &client);
	}
	if (r == 0)
		r = qk_call(client, &qk_dms_get_model_method, NULL, NULL, on_lost);
	if (r == 0) {
		qrtr_world_control(&world, &lost);
		r = qk_device_process(device);
	}
	if (r == 0)
		r = qk_call(client, &qk_dms_get_model_method, NULL, NULL, on_lost);
	if (r == 0)
		r = qk_device_process(device);
	qk_client_unref(client);
	qk_device_unref(device);
	for (size_t i = 0; i < world.count; i++)
		assert_true(qrtr_world_is_closed(&world, i));
	qrtr_world_done(&world);
}

static void qrtr_leaks_nothing_when_memory_runs_out(void **state)
{
	(void)state;
	run_out_everywhere(qrtr_life);
}

static void on_proxy_opened(struct qk_device *device, int status, uint16_t error,
			    const struct qk_proxy_opened *opened, void *userdata)
{
	int *told = userdata;

	(void)device;
	(void)error;
	(void)opened;
	*told = status == 0 ? 1 : status;
}

/* A broker is asked for a device under a lease, and says which ids that has. */
static void proxy_life(void)
{
	static const uint8_t answer[] = { 0x80, 4, 0, 1, 0, 0, 0, 0x81, 4, 0, 1, 0, 1, 7 };
	static struct script script;
	struct qk_transport *transport = NULL;
	struct qk_device *device = NULL;
	int told = 0, r;

	script = (struct script){ 0 };
	r = qk_transport_new(&script_ops, &script, "script", &transport);
	if (r == 0)
		r = qk_device_new(transport, NULL, &device);
	if (r == 0)
		r = qk_proxy_open(device, "/dev/cdc-wdm0", "name", 0, on_proxy_opened, &told);
	if (r == 0) {
		script_answer(&script, 0, 0, answer, sizeof(answer));
		r = qk_device_process(device);
	}
	assert_true(r == 0 || r == -ENOMEM);
	assert_true(r < 0 ? told == 0 : told == 1 || told == -ENOMEM);
	qk_device_unref(device);
	assert_int_equal(script.closed, 1);
}

static void proxy_leaks_nothing_when_memory_runs_out(void **state)
{
	(void)state;
	run_out_everywhere(proxy_life);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(life_leaks_nothing_when_memory_runs_out),
		cmocka_unit_test(queue_leaks_nothing_when_memory_runs_out),
		cmocka_unit_test(qrtr_leaks_nothing_when_memory_runs_out),
		cmocka_unit_test(proxy_leaks_nothing_when_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
