/* Device: who frees what and when. Callbacks that drop everything, slots, indications, waiting
 * inside a callback. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <qmikit/ctl.h>
#include <qmikit/dms.h>

#include "tests/unit/script.h"

#define SECOND ((uint64_t)1000000)
#define DMS 2
#define EVENT_REPORT 1

struct fixture {
	struct script script;
	struct qk_device *device;
	struct qk_client *dms;
	struct qk_slot *slot, *other;
	unsigned int runs, destroyed, other_runs, other_destroyed;
	int status;
	/* what the callback does besides */
	void (*act)(struct fixture *f);
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->device = script_device(&f->script);
	assert_int_equal(qk_client_adopt(f->device, DMS, 1, &f->dms), 0);
	*state = f;
	return 0;
}

/* Drops what is left; what a test dropped is NULL. */
static int tear_down(void **state)
{
	struct fixture *f = *state;

	f->slot = qk_slot_free(f->slot);
	f->other = qk_slot_free(f->other);
	f->dms = qk_client_unref(f->dms);
	f->device = qk_device_unref(f->device);
	assert_int_equal(f->script.closed, 1);
	assert_int_equal(f->destroyed, 1);
	free(f);
	return 0;
}

static void on_destroy(void *userdata)
{
	struct fixture *f = userdata;

	f->destroyed++;
}

static void on_other_destroy(void *userdata)
{
	struct fixture *f = userdata;

	f->other_destroyed++;
}

static void on_answer(struct qk_client *client, int status, const void *response, void *userdata)
{
	struct fixture *f = userdata;

	(void)client;
	assert_int_equal(status == 0, response != NULL);
	f->runs++;
	f->status = status;
	if (f->act)
		f->act(f);
	assert_int_equal(f->destroyed, 0); /* not while the callback runs */
}

static void on_other_answer(struct qk_client *client, int status, const void *response,
			    void *userdata)
{
	struct fixture *f = userdata;

	(void)client;
	(void)response;
	(void)status;
	f->other_runs++;
}

static void ask(struct fixture *f, struct qk_slot **slot)
{
	const struct qk_call_options options = {
		.userdata = f,
		.destroy = on_destroy,
		.ret_slot = slot,
	};

	assert_int_equal(
		qk_call(f->dms, &qk_dms_get_manufacturer_method, NULL, &options, on_answer), 0);
}

static void ask_other(struct fixture *f, struct qk_slot **slot)
{
	const struct qk_call_options options = {
		.userdata = f,
		.destroy = on_other_destroy,
		.ret_slot = slot,
	};

	assert_int_equal(qk_call(f->dms, &qk_dms_get_model_method, NULL, &options, on_other_answer),
			 0);
}

static void process(struct fixture *f)
{
	assert_int_equal(qk_device_process(f->device), 0);
}

static void drop_slot(struct fixture *f)
{
	f->slot = qk_slot_free(f->slot);
}

static void drop_other(struct fixture *f)
{
	f->other = qk_slot_free(f->other);
}

static void drop_client(struct fixture *f)
{
	f->dms = qk_client_unref(f->dms);
}

static void drop_all(struct fixture *f)
{
	drop_slot(f);
	drop_other(f);
	drop_client(f);
	f->device = qk_device_unref(f->device);
}

static void callback_may_drop_its_slot_when_it_runs(void **state)
{
	struct fixture *f = *state;

	ask(f, &f->slot);
	script_answer(&f->script, 0, 0, NULL, 0);
	f->act = drop_slot;
	process(f);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->destroyed, 1);
}

static void callback_may_drop_another_slot_when_that_is_answered_too(void **state)
{
	struct fixture *f = *state;

	ask(f, &f->slot);
	ask_other(f, &f->other);
	script_answer(&f->script, 0, 0, NULL, 0);
	script_answer(&f->script, 1, 0, NULL, 0);
	f->act = drop_other;
	process(f);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->other_runs, 0);
	assert_int_equal(f->other_destroyed, 1);
	assert_int_equal(qk_device_stats(f->device).late, 1);
}

static void callback_may_drop_everything_when_it_runs(void **state)
{
	struct fixture *f = *state;
	struct qk_device *device = f->device;

	ask(f, &f->slot);
	ask_other(f, NULL);
	script_answer(&f->script, 0, 0, NULL, 0);
	script_answer(&f->script, 1, 0, NULL, 0);
	f->act = drop_all;
	assert_int_equal(qk_device_process(device), 0);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->other_runs, 0);
	assert_int_equal(f->other_destroyed, 1);
	assert_int_equal(f->script.closed, 1);
	/* What belongs to the hooks may be gone too: they were left alone. */
	assert_int_equal(f->script.traced_received, 1);
	assert_int_equal(f->script.logged, 0);
}

static void callback_may_drop_everything_when_the_device_dies(void **state)
{
	struct fixture *f = *state;
	struct qk_device *device = f->device;

	ask(f, NULL);
	ask_other(f, NULL);
	f->script.at_end = true;
	f->act = drop_all;
	assert_int_equal(qk_device_process(device), -EPIPE);
	assert_int_equal(f->status, -EPIPE);
	assert_int_equal(f->other_runs, 0);
	assert_int_equal(f->other_destroyed, 1);
	assert_int_equal(f->script.closed, 1);
}

static void callback_may_drop_everything_when_it_timed_out(void **state)
{
	struct fixture *f = *state;
	struct qk_device *device = f->device;

	ask(f, NULL);
	ask_other(f, NULL);
	f->script.now += 11 * SECOND;
	f->act = drop_all;
	assert_int_equal(qk_device_process(device), 0);
	assert_int_equal(f->status, -ETIMEDOUT);
	assert_int_equal(f->other_runs, 0);
	assert_int_equal(f->script.closed, 1);
}

static void slot_cancels_when_it_is_dropped(void **state)
{
	struct fixture *f = *state;

	ask(f, &f->slot);
	drop_slot(f);
	assert_int_equal(f->destroyed, 1);
	script_answer(&f->script, 0, 0, NULL, 0);
	f->script.now += 11 * SECOND;
	process(f);
	assert_int_equal(f->runs, 0);
	assert_int_equal(qk_device_stats(f->device).late, 1);
}

static void slot_keeps_the_device_when_that_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct qk_device *device = f->device;

	ask(f, &f->slot);
	f->device = qk_device_unref(f->device);
	script_answer(&f->script, 0, 0, NULL, 0);
	assert_int_equal(qk_device_process(device), 0);
	assert_int_equal(f->runs, 1);
	drop_client(f);
	assert_int_equal(f->script.closed, 0);
	drop_slot(f);
	assert_int_equal(f->script.closed, 1);
}

static void client_ends_its_calls_when_it_is_dropped(void **state)
{
	struct fixture *f = *state;

	ask(f, &f->slot);
	ask_other(f, NULL);
	drop_client(f);
	assert_int_equal(f->destroyed, 1);
	assert_int_equal(f->other_destroyed, 1);
	script_answer(&f->script, 0, 0, NULL, 0);
	process(f);
	assert_int_equal(f->runs, 0);
	drop_slot(f);
	assert_int_equal(f->destroyed, 1);
}

static void device_ends_its_calls_when_it_is_dropped(void **state)
{
	struct fixture *f = *state;
	const struct qk_call_options options = { .userdata = f, .destroy = on_destroy };

	assert_int_equal(
		qk_call(qk_device_ctl(f->device), &qk_ctl_sync_method, NULL, &options, on_answer),
		0);
	drop_client(f);
	f->device = qk_device_unref(f->device);
	assert_int_equal(f->script.closed, 1);
	assert_int_equal(f->destroyed, 1);
	assert_int_equal(f->runs, 0);
}

static void ctl_keeps_the_device_when_it_is_referenced(void **state)
{
	struct fixture *f = *state;
	struct qk_client *ctl = qk_client_ref(qk_device_ctl(f->device));

	f->destroyed = 1;
	drop_client(f);
	f->device = qk_device_unref(f->device);
	assert_int_equal(f->script.closed, 0);
	assert_ptr_equal(qk_device_ctl(qk_client_device(ctl)), ctl);
	qk_client_unref(ctl);
	assert_int_equal(f->script.closed, 1);
}

/* Indications. */

static const uint8_t power_state[] = { 0x10, 0x02, 0x00, 0x01, 0x64 };

static void on_indication(struct qk_client *client, const struct qk_message *message,
			  const void *decoded, const struct qk_frame *frame, void *userdata)
{
	const struct qk_dms_event_report_indication *report = decoded;
	struct fixture *f = userdata;

	(void)client;
	f->runs++;
	f->status = message ? 1 : 0;
	assert_int_equal(message != NULL, decoded != NULL);
	assert_non_null(frame);
	if (message) {
		assert_ptr_equal(message, &qk_dms_event_report_message);
		assert_true(report->has_power_state);
	}
	if (f->act)
		f->act(f);
	assert_int_equal(f->destroyed, 0); /* not while the callback runs */
}

static void on_other_indication(struct qk_client *client, const struct qk_message *message,
				const void *decoded, const struct qk_frame *frame, void *userdata)
{
	struct fixture *f = userdata;

	(void)client;
	(void)message;
	(void)decoded;
	(void)frame;
	f->other_runs++;
}

static void subscribe(struct fixture *f)
{
	assert_int_equal(qk_client_subscribe(f->dms, on_indication, f, on_destroy, &f->slot), 0);
}

static void subscribe_other(struct fixture *f)
{
	assert_int_equal(
		qk_client_subscribe(f->dms, on_other_indication, f, on_other_destroy, &f->other),
		0);
}

static void report(struct fixture *f, uint8_t client)
{
	script_indicate(&f->script, DMS, client, EVENT_REPORT, power_state, sizeof(power_state));
}

static void indication_arrives_when_it_is_for_the_client_or_for_all(void **state)
{
	struct fixture *f = *state;

	subscribe(f);
	report(f, 1);
	report(f, QK_CLIENT_BROADCAST);
	report(f, 2);
	script_indicate(&f->script, 3, 1, EVENT_REPORT, NULL, 0);
	script_indicate(&f->script, 0xe7, 1, EVENT_REPORT, NULL, 0);
	process(f);
	assert_int_equal(f->runs, 2);
	assert_int_equal(f->status, 1);
	drop_slot(f);
	report(f, 1);
	process(f);
	assert_int_equal(f->runs, 2);
}

static void indication_arrives_undecoded_when_it_is_unknown_or_broken(void **state)
{
	static const uint8_t broken[] = { 0x10, 0xff, 0x00, 0x01 };
	struct fixture *f = *state;

	subscribe(f);
	script_indicate(&f->script, DMS, 1, 0x7777, power_state, sizeof(power_state));
	process(f);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, 0);
	script_indicate(&f->script, DMS, 1, EVENT_REPORT, broken, sizeof(broken));
	process(f);
	assert_int_equal(f->runs, 2);
	assert_int_equal(f->status, 0);
	assert_int_equal(f->script.logged, 1);
}

static void indication_callback_may_drop_its_slot_and_others_when_it_runs(void **state)
{
	struct fixture *f = *state;

	subscribe(f);
	subscribe_other(f);
	report(f, 1);
	report(f, 1);
	f->act = drop_slot;
	process(f);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->destroyed, 1);
	assert_int_equal(f->other_runs, 2);
	f->destroyed = 0;
	drop_other(f);
	subscribe(f);
	subscribe_other(f);
	f->act = drop_other;
	report(f, 1);
	process(f);
	assert_int_equal(f->other_runs, 2);
	assert_int_equal(f->other_destroyed, 2);
}

static void subscribe_once(struct fixture *f)
{
	f->act = NULL;
	subscribe_other(f);
}

static void indication_is_not_for_those_who_subscribed_because_of_it(void **state)
{
	struct fixture *f = *state;

	subscribe(f);
	f->act = subscribe_once;
	report(f, 1);
	process(f);
	assert_int_equal(f->other_runs, 0);
	report(f, 1);
	process(f);
	assert_int_equal(f->other_runs, 1);
	assert_int_equal(f->runs, 2);
}

static void indication_callback_may_drop_everything_when_it_runs(void **state)
{
	struct fixture *f = *state;
	struct qk_device *device = f->device;

	subscribe(f);
	subscribe_other(f);
	report(f, 1);
	report(f, 1);
	f->act = drop_all;
	assert_int_equal(qk_device_process(device), 0);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->other_runs, 0);
	assert_int_equal(f->script.closed, 1);
}

static void ctl_sync_is_logged_when_the_modem_says_it(void **state)
{
	struct fixture *f = *state;

	f->destroyed = 1;
	script_indicate(&f->script, QK_SERVICE_CTL, QK_CLIENT_BROADCAST, 0x27, NULL, 0);
	process(f);
	assert_int_equal(f->script.logged, 1);
	assert_non_null(strstr(f->script.last_log, "started anew"));
}

/* Waiting inside a callback must not disturb what that callback was given. */

static const uint8_t inner_tlvs[] = { 0x02, 0x04, 0x00, 0,   0,   0,   0,  0x01,
				      0x05, 0x00, 'i',  'n', 'n', 'e', 'r' };

static void on_text(struct qk_client *client, int status, const void *response, void *userdata)
{
	const struct qk_dms_get_manufacturer_response *answer = response;
	struct qk_dms_get_model_response model;
	uint8_t space[512] __attribute__((aligned(16)));
	struct qk_arena arena = { .base = space, .size = sizeof(space) };
	struct fixture *f = userdata;
	struct qk_frame inner = f->script.sent[0];

	assert_int_equal(status, 0);
	f->runs++;
	script_answer(&f->script, 0, 0, "\x01\x05\x00wrong", 8);
	inner.type = QK_RESPONSE;
	inner.message = 0x22;
	inner.transaction++;
	inner.tlvs = (struct qk_span){ inner_tlvs, sizeof(inner_tlvs) };
	script_say(&f->script, &inner);
	assert_int_equal(qk_call_sync(client, &qk_dms_get_model_method, NULL, 0, &arena, &model),
			 0);
	assert_true(model.has_model);
	assert_memory_equal(model.model.data, "inner", 6);
	assert_true(answer->has_manufacturer);
	assert_memory_equal(answer->manufacturer.data, "outer", 6);
}

static void callback_may_wait_for_another_answer_when_it_runs(void **state)
{
	struct fixture *f = *state;
	const struct qk_call_options options = { .userdata = f, .destroy = on_destroy };

	assert_int_equal(qk_call(f->dms, &qk_dms_get_manufacturer_method, NULL, &options, on_text),
			 0);
	script_answer(&f->script, 0, 0, "\x01\x05\x00outer", 8);
	process(f);
	assert_int_equal(f->runs, 1);
	assert_int_equal(qk_device_stats(f->device).unexpected, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(callback_may_drop_its_slot_when_it_runs),
		TEST(callback_may_drop_another_slot_when_that_is_answered_too),
		TEST(callback_may_drop_everything_when_it_runs),
		TEST(callback_may_drop_everything_when_the_device_dies),
		TEST(callback_may_drop_everything_when_it_timed_out),
		TEST(slot_cancels_when_it_is_dropped),
		TEST(slot_keeps_the_device_when_that_is_dropped),
		TEST(client_ends_its_calls_when_it_is_dropped),
		TEST(device_ends_its_calls_when_it_is_dropped),
		TEST(ctl_keeps_the_device_when_it_is_referenced),
		TEST(indication_arrives_when_it_is_for_the_client_or_for_all),
		TEST(indication_arrives_undecoded_when_it_is_unknown_or_broken),
		TEST(indication_callback_may_drop_its_slot_and_others_when_it_runs),
		TEST(indication_is_not_for_those_who_subscribed_because_of_it),
		TEST(indication_callback_may_drop_everything_when_it_runs),
		TEST(ctl_sync_is_logged_when_the_modem_says_it),
		TEST(callback_may_wait_for_another_answer_when_it_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
