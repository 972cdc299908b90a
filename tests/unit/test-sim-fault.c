/*
 * Faults of the virtual modem: how they are written and what they do to an answer.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/common.h>
#include <qmikit/ctl.h>
#include <qmikit/dms.h>

#include "sim-host.h"

static int setup(void **state)
{
	*state = host_new("ec25-eux", 1);
	return 0;
}

static int teardown(void **state)
{
	host_free(*state);
	return 0;
}

static void arm(struct host *host, const char *text)
{
	struct qk_sim_fault fault;
	char error[128] = "";

	if (qk_sim_fault_parse(text, &fault, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	assert_int_equal(qk_sim_arm(host->sim, &fault), 0);
}

/* Arms a fault and asks for the model. */
static void ask_model(struct host *host, const char *fault)
{
	uint8_t id = host_allocate(host, QK_SERVICE_ID_DMS);

	arm(host, fault);
	host_drop(host);
	host_send(host, id, qk_dms_get_model_method.request, NULL, 9);
}

/* The next frame must be the model's answer. */
static void read_model(struct host *host, struct qk_dms_get_model_response *ret)
{
	struct qk_frame frame;

	assert_true(host_next(host, &frame));
	assert_int_equal(qk_decode(qk_dms_get_model_method.response, frame.tlvs, &host->arena, ret),
			 0);
}

static void fault_is_read_in_all_its_forms(void **state)
{
	struct qk_sim_fault fault;
	char error[128];

	(void)state;
	assert_int_equal(qk_sim_fault_parse("drop-answer", &fault, error, sizeof(error)), 0);
	assert_int_equal(fault.kind, QK_SIM_FAULT_DROP);
	assert_int_equal(fault.service, QK_SIM_ANY_SERVICE);
	assert_int_equal(fault.message, QK_SIM_ANY_MESSAGE);
	assert_int_equal(fault.count, 0);
	assert_int_equal(qk_sim_fault_parse("delay-answer=70:dms", &fault, error, sizeof(error)),
			 0);
	assert_int_equal(fault.value, 70);
	assert_int_equal(fault.service, QK_SERVICE_ID_DMS);
	assert_int_equal(fault.message, QK_SIM_ANY_MESSAGE);
	assert_int_equal(
		qk_sim_fault_parse("error-result=94:dms.get-model:2", &fault, error, sizeof(error)),
		0);
	assert_int_equal(fault.value, 94);
	assert_int_equal(fault.message, 0x22);
	assert_int_equal(fault.count, 2);
	assert_int_equal(qk_sim_fault_parse("cut-frame:0x02.0x25:1", &fault, error, sizeof(error)),
			 0);
	assert_int_equal(fault.service, 2);
	assert_int_equal(fault.message, 0x25);
	assert_int_equal(qk_sim_fault_parse("crash=12000:2@500+70", &fault, error, sizeof(error)),
			 0);
	assert_int_equal(fault.value, 12000);
	assert_int_equal(fault.count, 2);
	assert_int_equal(fault.after_msec, 500);
	assert_int_equal(fault.for_msec, 70);
	assert_int_equal(qk_sim_fault_parse("noise:3", &fault, error, sizeof(error)), 0);
	assert_int_equal(fault.service, QK_SIM_ANY_SERVICE);
	assert_int_equal(fault.count, 3);
}

static void fault_is_refused_when_it_makes_no_sense(void **state)
{
	static const char *const texts[] = {
		"",
		":",
		"drop",
		"drop-answer=3",
		"delay-answer=",
		"delay-answer=x",
		"drop-answer:xyz",
		"drop-answer:dms.nope",
		"drop-answer:dms.get-model:x",
		"drop-answer:dms:1:2",
		"drop-answer:300.1",
		"drop-answer:dms.0x10000",
		"drop-answer@",
		"drop-answer@1+",
		"drop-answer@x",
		"error-result=65536",
		"no-rdy:dms",
		"no-rdy=1",
	};
	struct qk_sim_fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char error[128] = "";
		assert_int_equal(qk_sim_fault_parse(texts[i], &fault, error, sizeof(error)),
				 -EINVAL);
		assert_memory_equal(error, "fault '", 7);
	}
}

static void fault_table_is_bounded(void **state)
{
	struct host *host = *state;
	const struct qk_sim_fault fault = { .kind = QK_SIM_FAULT_DROP, .service = 9 };

	for (unsigned int i = 0; i < QK_SIM_FAULTS_MAX; i++)
		assert_int_equal(qk_sim_arm(host->sim, &fault), 0);
	assert_int_equal(qk_sim_arm(host->sim, &fault), -ENOBUFS);
	qk_sim_faults_disarm(&qk_sim_state(host->sim)->faults, QK_SIM_FAULT_KINDS);
	assert_int_equal(qk_sim_arm(host->sim, &fault), 0);
}

static void fault_ends_when_its_count_is_used_up(void **state)
{
	struct host *host = *state;
	uint8_t id = host_allocate(host, QK_SERVICE_ID_DMS);

	arm(host, "drop-answer:dms.get-model:2");
	assert_int_equal(host_ask(host, id, &qk_dms_get_model_method, NULL, NULL), -1);
	assert_int_equal(host_ask(host, id, &qk_dms_get_revision_method, NULL, NULL), 0);
	assert_int_equal(host_ask(host, id, &qk_dms_get_model_method, NULL, NULL), -1);
	assert_int_equal(host_ask(host, id, &qk_dms_get_model_method, NULL, NULL), 0);
}

static void delay_answers_late_or_never_when_the_port_has_a_new_user(void **state)
{
	struct host *host = *state;
	struct qk_frame frame;

	ask_model(host, "delay-answer=50:dms.get-model");
	assert_int_equal(host->said_size, 0);
	assert_int_equal(qk_sim_next_usec(host->sim), HOST_START_USEC + 50000);
	qk_sim_advance(host->sim, HOST_START_USEC + 49999);
	assert_int_equal(host->said_size, 0);
	qk_sim_advance(host->sim, HOST_START_USEC + 50000);
	assert_true(host_next(host, &frame));
	assert_int_equal(frame.transaction, 9);
	host_send(host, frame.client, qk_dms_get_model_method.request, NULL, 10);
	qk_sim_port_reset(host->port);
	host_drop(host);
	qk_sim_advance(host->sim, HOST_START_USEC + 500000);
	assert_int_equal(host->said_size, 0);
}

static void delay_is_shorter_when_time_is_scaled(void **state)
{
	struct host *host = *state;

	qk_sim_state(host->sim)->time_scale_ppm = 100000;
	ask_model(host, "delay-answer=50:dms.get-model");
	assert_int_equal(qk_sim_next_usec(host->sim), HOST_START_USEC + 5000);
}

static void delayed_answers_are_bounded(void **state)
{
	struct host *host = *state;
	struct qk_frame frame;
	unsigned int count = 0;

	ask_model(host, "delay-answer=50:dms.get-model");
	for (unsigned int i = 0; i < 100; i++)
		host_send(host, 1, qk_dms_get_model_method.request, NULL, 10);
	qk_sim_advance(host->sim, HOST_START_USEC + 50000);
	while (host_next(host, &frame))
		count++;
	assert_int_equal(count, 32);
}

static void twice_sends_the_same_frame_two_times(void **state)
{
	struct host *host = *state;

	ask_model(host, "answer-twice");
	assert_int_equal(host->said_size % 2, 0);
	assert_memory_equal(host->said, host->said + host->said_size / 2, host->said_size / 2);
}

static void transaction_is_another_one(void **state)
{
	struct host *host = *state;
	struct qk_frame frame;

	ask_model(host, "wrong-transaction");
	assert_true(host_next(host, &frame));
	assert_int_not_equal(frame.transaction, 9);
	assert_int_equal(frame.message, 0x22);
}

static void cut_hangs_up_in_the_middle_of_a_frame(void **state)
{
	struct host *host = *state;
	struct qk_frame frame;

	ask_model(host, "cut-frame:dms");
	assert_int_equal(host->hang_ups, 1);
	assert_true(host->said_size > 6);
	assert_false(host_next(host, &frame));
	size_t before = host->said_size;
	host_send(host, 0, qk_ctl_sync_method.request, NULL, 1);
	assert_int_equal(host->said_size, before);
	qk_sim_port_reset(host->port);
	host_drop(host);
	assert_int_equal(host_ask(host, 0, &qk_ctl_sync_method, NULL, NULL), 0);
}

static void length_contradicts_itself(void **state)
{
	struct host *host = *state;
	struct qk_frame frame;
	size_t skip = 0;

	ask_model(host, "wrong-length");
	assert_true(qk_frame_read((struct qk_span){ host->said, host->said_size }, &frame, &skip) <
		    0);
}

static void overrun_breaks_the_chain_of_tlvs(void **state)
{
	struct host *host = *state;
	struct qk_dms_get_model_response response;
	struct qk_frame frame;

	ask_model(host, "tlv-overrun");
	assert_true(host_next(host, &frame));
	assert_int_equal(
		qk_decode(qk_dms_get_model_method.response, frame.tlvs, &host->arena, &response),
		-EBADMSG);
	assert_true(response.has_result);
}

static void duplicate_sends_an_altered_tlv_behind(void **state)
{
	struct host *host = *state;
	struct qk_dms_get_model_response response;

	ask_model(host, "duplicate-tlv");
	read_model(host, &response);
	assert_memory_equal(response.model.data, "QUECTEL", 7);
	assert_int_equal(response.extras.count, 1);
	assert_int_equal(response.extras.items[0].kind, QK_EXTRA_DUPLICATE);
}

static void text_is_not_utf8(void **state)
{
	struct host *host = *state;
	struct qk_dms_get_model_response response;

	ask_model(host, "bad-text");
	read_model(host, &response);
	assert_int_equal((uint8_t)response.model.data[0], 0xff);
}

static void huge_fills_the_frame_to_64_kib(void **state)
{
	struct host *host = *state;
	struct qk_dms_get_model_response response;

	ask_model(host, "huge-frame");
	assert_int_equal(host->said_size, QK_FRAME_MAX);
	read_model(host, &response);
	assert_memory_equal(response.model.data, "QUECTEL", 7);
	assert_int_equal(response.extras.count, 1);
	assert_int_equal(response.extras.items[0].kind, QK_EXTRA_UNKNOWN);
}

static void unknown_service_comes_first(void **state)
{
	struct host *host = *state;
	struct qk_frame frame;

	ask_model(host, "unknown-service");
	assert_true(host_next(host, &frame));
	assert_int_equal(frame.service, 0xee);
	assert_int_equal(frame.type, QK_INDICATION);
	assert_true(host_next(host, &frame));
	assert_int_equal(frame.message, 0x22);
}

static void error_refuses_without_doing_it(void **state)
{
	struct host *host = *state;
	struct qk_dms_set_operating_mode_request request = { .has_mode = true, .mode = 1 };
	uint8_t id = host_allocate(host, QK_SERVICE_ID_DMS);

	arm(host, "error-result=52:dms.set-operating-mode");
	assert_int_equal(host_ask(host, id, &qk_dms_set_operating_mode_method, &request, NULL), 52);
	assert_int_equal(qk_sim_state(host->sim)->power.mode, QK_SIM_MODE_ONLINE);
}

static void noise_is_no_frame(void **state)
{
	struct host *host = *state;

	ask_model(host, "noise=7");
	for (size_t i = 0; i < 7; i++)
		assert_int_not_equal(host->said[i], QK_QMUX_MARKER);
	assert_int_equal(host->said[7], QK_QMUX_MARKER);
}

static void qmi_is_silent_for_its_time_and_then_answers(void **state)
{
	struct host *host = *state;
	uint8_t id = host_allocate(host, QK_SERVICE_ID_DMS);

	arm(host, "qmi-silent@1000+500");
	assert_int_equal(host_ask(host, id, &qk_dms_get_model_method, NULL, NULL), 0);
	qk_sim_advance(host->sim, HOST_START_USEC + 1000000);
	assert_int_equal(host_ask(host, id, &qk_dms_get_model_method, NULL, NULL), -1);
	qk_sim_advance(host->sim, HOST_START_USEC + 1500000);
	assert_int_equal(host_ask(host, id, &qk_dms_get_model_method, NULL, NULL), 0);
	assert_int_equal(qk_sim_state(host->sim)->faults.used[QK_SIM_FAULT_QMI_SILENT], 1);
}

static void indication_is_lost_and_the_next_one_comes(void **state)
{
	struct host *host = *state;
	struct qk_dms_set_event_report_request watch = { .has_operating_mode_reporting = true,
							 .operating_mode_reporting = true };
	struct qk_dms_set_operating_mode_request request = { .has_mode = true, .mode = 1 };
	uint8_t id = host_allocate(host, QK_SERVICE_ID_DMS);
	struct qk_frame frame;

	assert_int_equal(host_ask(host, id, &qk_dms_set_event_report_method, &watch, NULL), 0);
	arm(host, "lose-indications:dms:1");
	assert_int_equal(host_ask(host, id, &qk_dms_set_operating_mode_method, &request, NULL), 0);
	assert_false(host_next(host, &frame));
	request.mode = 0;
	assert_int_equal(host_ask(host, id, &qk_dms_set_operating_mode_method, &request, NULL), 0);
	assert_true(host_next(host, &frame));
	assert_int_equal(frame.type, QK_INDICATION);
}

static void clients_are_exhausted_in_one_service(void **state)
{
	struct host *host = *state;
	struct qk_ctl_allocate_cid_request request = { .has_service = true,
						       .service = QK_SERVICE_ID_NAS };

	arm(host, "no-clients:nas");
	assert_int_equal(host_ask(host, 0, &qk_ctl_allocate_cid_method, &request, NULL),
			 QK_ERROR_CLIENT_IDS_EXHAUSTED);
	host_allocate(host, QK_SERVICE_ID_DMS);
	qk_sim_faults_disarm(&qk_sim_state(host->sim)->faults, QK_SIM_FAULT_KINDS);
	host_allocate(host, QK_SERVICE_ID_NAS);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(fault_is_read_in_all_its_forms),
		CASE(fault_is_refused_when_it_makes_no_sense),
		CASE(fault_table_is_bounded),
		CASE(fault_ends_when_its_count_is_used_up),
		CASE(delay_answers_late_or_never_when_the_port_has_a_new_user),
		CASE(delay_is_shorter_when_time_is_scaled),
		CASE(delayed_answers_are_bounded),
		CASE(twice_sends_the_same_frame_two_times),
		CASE(transaction_is_another_one),
		CASE(cut_hangs_up_in_the_middle_of_a_frame),
		CASE(length_contradicts_itself),
		CASE(overrun_breaks_the_chain_of_tlvs),
		CASE(duplicate_sends_an_altered_tlv_behind),
		CASE(text_is_not_utf8),
		CASE(huge_fills_the_frame_to_64_kib),
		CASE(unknown_service_comes_first),
		CASE(error_refuses_without_doing_it),
		CASE(noise_is_no_frame),
		CASE(qmi_is_silent_for_its_time_and_then_answers),
		CASE(indication_is_lost_and_the_next_one_comes),
		CASE(clients_are_exhausted_in_one_service),
	};

	return cmocka_run_group_tests_name("sim-fault", tests, NULL, NULL);
}
