/*
 * The virtual modem behind the library's transport, driven by the library's device; and the bounded
 * queue it talks through.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/common.h>
#include <qmikit/dms.h>

#include "sim/queue.h"
#include "sim/transport.h"

static struct qk_device *open_device(const char *profile)
{
	struct qk_transport *transport;
	struct qk_device *device;
	char error[256] = "";

	if (qk_sim_transport_open(profile, &transport, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	assert_int_equal(qk_device_new(transport, NULL, &device), 0);
	return device;
}

static void device_gets_answers_when_the_modem_is_in_the_process(void **state)
{
	struct qk_device *device = open_device("");
	struct qk_client *client;
	struct qk_dms_get_model_response response;
	_Alignas(16) uint8_t memory[4096];
	struct qk_arena arena = { .base = memory, .size = sizeof(memory) };

	(void)state;
	assert_string_equal(qk_device_name(device), "sim:ec25-eux");
	assert_int_equal(qk_client_allocate_sync(device, QK_SERVICE_ID_DMS, 0, &client), 0);
	assert_int_equal(qk_call_sync(client, &qk_dms_get_model_method, NULL, 0, &arena, &response),
			 0);
	assert_memory_equal(response.model.data, "QUECTEL", 7);
	assert_int_equal(qk_client_release_sync(client, 0), 0);
	qk_client_unref(client);
	qk_device_unref(device);
}

static void imei_of(const char *profile, char *ret)
{
	struct qk_device *device = open_device(profile);
	struct qk_client *client;
	struct qk_dms_get_ids_response response;
	_Alignas(16) uint8_t memory[4096];
	struct qk_arena arena = { .base = memory, .size = sizeof(memory) };

	assert_int_equal(qk_client_allocate_sync(device, QK_SERVICE_ID_DMS, 0, &client), 0);
	assert_int_equal(qk_call_sync(client, &qk_dms_get_ids_method, NULL, 0, &arena, &response),
			 0);
	assert_int_equal(response.imei.size, 15);
	memcpy(ret, response.imei.data, 16);
	qk_client_unref(client);
	qk_device_unref(device);
}

static void seed_decides_the_identity(void **state)
{
	char one[16], same[16], other[16];

	(void)state;
	imei_of("ec25-eux", one);
	imei_of("@1", same);
	imei_of("ec25-eux@2", other);
	assert_string_equal(one, same);
	assert_string_not_equal(one, other);
}

static void device_gets_what_time_brings_when_it_waits(void **state)
{
	struct qk_device *device = open_device("");
	struct qk_client *client;
	struct qk_dms_set_operating_mode_request request = { .has_mode = true,
							     .mode = QK_DMS_OPERATING_MODE_RESET };

	(void)state;
	assert_int_equal(qk_client_allocate_sync(device, QK_SERVICE_ID_DMS, 0, &client), 0);
	assert_int_equal(
		qk_call_sync(client, &qk_dms_set_operating_mode_method, &request, 0, NULL, NULL),
		0);
	/* it boots: no answer in the first moments, and its old client ids are void after that */
	assert_int_equal(qk_call_sync(client, &qk_dms_get_model_method, NULL, 50000, NULL, NULL),
			 -ETIMEDOUT);
	qk_client_unref(client);
	qk_device_unref(device);
}

static void transport_is_refused_when_the_profile_is_bad(void **state)
{
	struct qk_transport *transport = NULL;
	char error[256] = "", long_name[5000];

	(void)state;
	assert_int_equal(qk_sim_transport_open("nope", &transport, error, sizeof(error)), -ENOENT);
	assert_string_equal(error, "no profile 'nope'; there are: ec20 ec25-eux ep06-e everything");
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = 0;
	assert_int_equal(qk_sim_transport_open(long_name, &transport, error, sizeof(error)),
			 -ENAMETOOLONG);
	assert_null(transport);
}

static void queue_gives_bytes_back_in_order(void **state)
{
	struct qk_sim_queue queue = { 0 };
	uint8_t byte = 0, expected = 0;

	(void)state;
	for (unsigned int round = 0; round < 5000; round++) {
		for (unsigned int i = 0; i < 3; i++, byte++)
			qk_sim_queue_put(&queue, (struct qk_span){ &byte, 1 });
		for (unsigned int i = 0; i < 2; i++, expected++) {
			assert_int_equal(*qk_sim_queue_waiting(&queue).data, expected);
			qk_sim_queue_drop(&queue, 1);
		}
	}
	assert_int_equal(qk_sim_queue_waiting(&queue).size, 5000);
	assert_int_equal(queue.lost, 0);
	qk_sim_queue_done(&queue);
}

static void queue_loses_whole_pieces_when_it_is_full(void **state)
{
	static const uint8_t frame[10000];
	struct qk_sim_queue queue = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 100; i++)
		qk_sim_queue_put(&queue, (struct qk_span){ frame, sizeof(frame) });
	size_t kept = QK_SIM_QUEUE_MAX / sizeof(frame);
	assert_int_equal(qk_sim_queue_waiting(&queue).size, kept * sizeof(frame));
	assert_int_equal(queue.lost, 100 - kept);
	assert_true(queue.capacity <= QK_SIM_QUEUE_MAX);
	qk_sim_queue_done(&queue);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(device_gets_answers_when_the_modem_is_in_the_process),
		cmocka_unit_test(seed_decides_the_identity),
		cmocka_unit_test(device_gets_what_time_brings_when_it_waits),
		cmocka_unit_test(transport_is_refused_when_the_profile_is_bad),
		cmocka_unit_test(queue_gives_bytes_back_in_order),
		cmocka_unit_test(queue_loses_whole_pieces_when_it_is_full),
	};

	return cmocka_run_group_tests_name("sim-transport", tests, NULL, NULL);
}
