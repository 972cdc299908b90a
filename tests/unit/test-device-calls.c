/* Device: calls and their answers, from a modem that behaves and from ones that do not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <qmikit/dms.h>
#include <qmikit/nas.h>

#include "tests/unit/script.h"

#define SECOND ((uint64_t)1000000)
#define DMS 2
#define NAS 3

/* What a callback saw. */
struct seen {
	unsigned int runs, destroyed, order;
	int status;
	uint16_t error;
	size_t text_size, extras;
	char text[64];
	enum qk_extra_kind extra_kind;
};

struct fixture {
	struct script script;
	struct qk_device *device;
	struct qk_client *dms;
	struct seen seen[300];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->script.now = 1000 * SECOND;
	f->device = script_device(&f->script);
	assert_int_equal(qk_client_adopt(f->device, DMS, 1, &f->dms), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	qk_client_unref(f->dms);
	qk_device_unref(f->device);
	assert_int_equal(f->script.closed, 1);
	free(f);
	return 0;
}

static void on_destroy(void *userdata)
{
	struct seen *seen = userdata;

	seen->destroyed++;
}

static unsigned int next_order(struct qk_client *client)
{
	static unsigned int order;

	return client ? ++order : order;
}

static void on_manufacturer(struct qk_client *client, int status, const void *response,
			    void *userdata)
{
	const struct qk_dms_get_manufacturer_response *answer = response;
	struct seen *seen = userdata;

	seen->runs++;
	seen->status = status;
	seen->order = next_order(client);
	assert_int_equal(status == 0, response != NULL);
	if (status < 0)
		return;
	seen->error = answer->result.error;
	seen->extras = answer->extras.count;
	if (seen->extras > 0)
		seen->extra_kind = answer->extras.items[0].kind;
	if (!answer->has_manufacturer)
		return;
	seen->text_size = answer->manufacturer.size;
	assert_true(seen->text_size < sizeof(seen->text));
	memcpy(seen->text, answer->manufacturer.data, seen->text_size + 1);
}

static void on_frame(struct qk_client *client, int status, const struct qk_frame *frame,
		     void *userdata)
{
	struct seen *seen = userdata;

	seen->runs++;
	seen->status = status;
	seen->order = next_order(client);
	assert_int_equal(status == 0, frame != NULL);
	seen->text_size = frame ? frame->tlvs.size : 0;
}

/* Starts call number `i` of the fixture. */
static int ask(struct fixture *f, unsigned int i, uint64_t timeout)
{
	const struct qk_call_options options = {
		.timeout_usec = timeout,
		.userdata = &f->seen[i],
		.destroy = on_destroy,
	};

	return qk_call(f->dms, &qk_dms_get_manufacturer_method, NULL, &options, on_manufacturer);
}

static void expect_end(struct fixture *f, unsigned int i, int status)
{
	assert_int_equal(f->seen[i].runs, 1);
	assert_int_equal(f->seen[i].status, status);
	assert_int_equal(f->seen[i].destroyed, 1);
}

static void expect_pending(struct fixture *f, unsigned int i)
{
	assert_int_equal(f->seen[i].runs, 0);
	assert_int_equal(f->seen[i].destroyed, 0);
}

static void process(struct fixture *f)
{
	assert_int_equal(qk_device_process(f->device), 0);
}

#define TEXT_TLV "\x01\x07\x00QUALCOM"
#define TEXT_TLV_SIZE (sizeof(TEXT_TLV) - 1)

static void call_gives_the_answer_when_the_modem_answers(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, 0, 0), 0);
	assert_int_equal(f->script.sent_count, 1);
	assert_int_equal(f->script.sent[0].service, DMS);
	assert_int_equal(f->script.sent[0].client, 1);
	assert_int_equal(f->script.sent[0].transaction, 1);
	assert_int_equal(f->script.sent[0].message, 0x21);
	script_answer(&f->script, 0, 0, TEXT_TLV, TEXT_TLV_SIZE);
	expect_pending(f, 0);
	assert_int_equal(qk_device_wait_usec(f->device), 0);
	process(f);
	expect_end(f, 0, 0);
	assert_string_equal(f->seen[0].text, "QUALCOM");
	assert_int_equal(qk_device_wait_usec(f->device), UINT64_MAX);
	assert_int_equal(f->script.traced_sent, 1);
	assert_int_equal(f->script.traced_received, 1);
	assert_int_equal(f->script.logged, 0);
}

static void call_gives_the_refusal_as_data_when_the_modem_refuses(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, 0, 0), 0);
	script_answer(&f->script, 0, 94, NULL, 0);
	process(f);
	expect_end(f, 0, 0);
	assert_int_equal(f->seen[0].error, 94);
}

static void calls_find_their_answers_when_these_come_in_reverse(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 200; i++)
		assert_int_equal(ask(f, i, 0), 0);
	for (unsigned int i = 200; i-- > 0;)
		script_answer(&f->script, i, (uint16_t)(i + 1), NULL, 0);
	/* More frames than one turn handles: the device asks to be called again. */
	process(f);
	assert_int_equal(f->seen[0].runs, 0);
	assert_int_equal(qk_device_wait_usec(f->device), 0);
	for (unsigned int turn = 0; turn < 4; turn++)
		process(f);
	for (unsigned int i = 0; i < 200; i++) {
		expect_end(f, i, 0);
		assert_int_equal(f->seen[i].error, i + 1);
		assert_true(i == 0 || f->seen[i].order < f->seen[i - 1].order);
	}
}

static void call_times_out_when_the_modem_never_answers(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, 0, 0), 0);
	assert_int_equal(ask(f, 1, 2 * SECOND), 0);
	assert_int_equal(ask(f, 2, UINT64_MAX), 0);
	assert_int_equal(qk_device_wait_usec(f->device), 2 * SECOND);
	f->script.now += 2 * SECOND - 1;
	process(f);
	expect_pending(f, 1);
	assert_int_equal(qk_device_wait_usec(f->device), 1);
	f->script.now++;
	process(f);
	expect_end(f, 1, -ETIMEDOUT);
	expect_pending(f, 0);
	assert_int_equal(qk_device_wait_usec(f->device), 8 * SECOND);
	f->script.now += 100 * SECOND;
	assert_int_equal(qk_device_wait_usec(f->device), 0);
	process(f);
	expect_end(f, 0, -ETIMEDOUT);
	expect_pending(f, 2);
	assert_int_equal(qk_device_wait_usec(f->device), UINT64_MAX);
	assert_int_equal(qk_device_stats(f->device).timeouts, 2);
}

static void call_ends_by_deadline_when_they_were_made_in_another_order(void **state)
{
	static const unsigned int order[] = { 5, 1, 4, 2, 3, 0 };
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 6; i++)
		assert_int_equal(ask(f, i, (order[i] + 1) * SECOND), 0);
	for (unsigned int second = 0; second < 6; second++) {
		f->script.now += SECOND;
		process(f);
		for (unsigned int i = 0; i < 6; i++)
			assert_int_equal(f->seen[i].runs, order[i] <= second);
	}
}

static void late_answer_is_counted_when_its_call_has_timed_out(void **state)
{
	struct fixture *f = *state;
	struct qk_frame other;

	assert_int_equal(ask(f, 0, SECOND), 0);
	f->script.now += SECOND;
	process(f);
	expect_end(f, 0, -ETIMEDOUT);
	assert_int_equal(ask(f, 1, SECOND), 0);
	/* Another message with its id is not its answer, late or not. */
	other = f->script.sent[0];
	other.type = QK_RESPONSE;
	other.message++;
	script_say(&f->script, &other);
	process(f);
	assert_int_equal(qk_device_stats(f->device).late, 0);
	assert_int_equal(qk_device_stats(f->device).unexpected, 1);
	script_answer(&f->script, 0, 0, TEXT_TLV, TEXT_TLV_SIZE);
	process(f);
	expect_end(f, 0, -ETIMEDOUT);
	expect_pending(f, 1);
	assert_int_equal(qk_device_stats(f->device).late, 1);
	assert_int_equal(qk_device_stats(f->device).unexpected, 1);
	assert_int_equal(f->script.logged, 2);
	assert_non_null(strstr(f->script.last_log, "script: dms/1: a late answer"));
	/* The same once more is late no longer: nobody knows it. */
	script_answer(&f->script, 0, 0, TEXT_TLV, TEXT_TLV_SIZE);
	process(f);
	assert_int_equal(qk_device_stats(f->device).late, 1);
	assert_int_equal(qk_device_stats(f->device).unexpected, 2);
}

static void second_answer_is_counted_when_the_modem_answers_twice(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, 0, 0), 0);
	script_answer(&f->script, 0, 0, NULL, 0);
	script_answer(&f->script, 0, 0, NULL, 0);
	process(f);
	expect_end(f, 0, 0);
	assert_int_equal(qk_device_stats(f->device).unexpected, 1);
}

static void answer_is_not_matched_when_anything_of_it_differs(void **state)
{
	struct fixture *f = *state;
	struct qk_frame frame;

	assert_int_equal(ask(f, 0, 0), 0);
	for (unsigned int i = 0; i < 5; i++) {
		frame = f->script.sent[0];
		frame.type = i == 4 ? QK_REQUEST : QK_RESPONSE;
		frame.transaction = (uint16_t)(frame.transaction + (i == 0));
		frame.message = (uint16_t)(frame.message + (i == 1));
		frame.client = (uint8_t)(frame.client + (i == 2));
		frame.service = i == 3 ? 0xe7 : frame.service;
		script_say(&f->script, &frame);
		process(f);
		expect_pending(f, 0);
		assert_int_equal(qk_device_stats(f->device).unexpected, i + 1);
	}
	script_answer(&f->script, 0, 0, NULL, 0);
	process(f);
	expect_end(f, 0, 0);
}

static void answer_says_ebadmsg_when_a_tlv_overruns(void **state)
{
	static const uint8_t overrun[] = { 0x02, 0x04, 0x00, 0, 0, 0, 0, 0x01, 0xff, 0x00, 'Q' };
	struct fixture *f = *state;
	const struct qk_call_options options = { .userdata = &f->seen[1], .destroy = on_destroy };

	assert_int_equal(ask(f, 0, 0), 0);
	assert_int_equal(qk_call_raw(f->dms, 0x21, (struct qk_span){ 0 }, &options, on_frame), 0);
	script_answer_raw(&f->script, 0, overrun, sizeof(overrun));
	script_answer_raw(&f->script, 1, overrun, sizeof(overrun));
	process(f);
	expect_end(f, 0, -EBADMSG);
	/* A raw call gets the frame as it is. */
	expect_end(f, 1, 0);
	assert_int_equal(f->seen[1].text_size, sizeof(overrun));
}

static void answer_stands_when_a_tlv_comes_twice(void **state)
{
	static const char twice[] = "\x01\x03\x00one\x01\x03\x00two";
	struct fixture *f = *state;

	assert_int_equal(ask(f, 0, 0), 0);
	script_answer(&f->script, 0, 0, twice, sizeof(twice) - 1);
	process(f);
	expect_end(f, 0, 0);
	assert_string_equal(f->seen[0].text, "one");
	assert_int_equal(f->seen[0].extras, 1);
	assert_int_equal(f->seen[0].extra_kind, QK_EXTRA_DUPLICATE);
}

static void answer_keeps_its_bytes_when_text_is_not_utf8(void **state)
{
	static const char text[] = "\x01\x04\x00\xff\xfe\x80Q";
	struct fixture *f = *state;

	assert_int_equal(ask(f, 0, 0), 0);
	script_answer(&f->script, 0, 0, text, sizeof(text) - 1);
	process(f);
	expect_end(f, 0, 0);
	assert_int_equal(f->seen[0].text_size, 4);
	assert_memory_equal(f->seen[0].text, "\xff\xfe\x80Q", 5);
}

static void answer_is_no_error_when_a_mandatory_tlv_is_missing(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, 0, 0), 0);
	script_answer(&f->script, 0, 0, NULL, 0);
	assert_int_equal(ask(f, 1, 0), 0);
	script_answer_raw(&f->script, 1, NULL, 0);
	process(f);
	expect_end(f, 0, 0);
	expect_end(f, 1, 0);
	assert_int_equal(f->seen[0].text_size, 0);
}

static void answer_arrives_when_it_has_64_kib(void **state)
{
	const size_t size = QK_FRAME_MAX - 13;
	struct fixture *f = *state;
	const struct qk_call_options options = { .userdata = &f->seen[0], .destroy = on_destroy };
	uint8_t *tlvs = calloc(1, size);

	/* Full of empty TLVs that nobody knows: the decoded form is many times larger. */
	for (size_t i = 0; i + 2 < size; i += 3)
		tlvs[i] = 0xf0;
	assert_int_equal(size % 3, 0);
	assert_int_equal(qk_call_raw(f->dms, 0x21, (struct qk_span){ 0 }, &options, on_frame), 0);
	assert_int_equal(ask(f, 1, 0), 0);
	script_answer_raw(&f->script, 0, tlvs, size);
	script_answer_raw(&f->script, 1, tlvs, size);
	free(tlvs);
	process(f);
	expect_end(f, 0, 0);
	assert_int_equal(f->seen[0].text_size, size);
	expect_end(f, 1, 0);
	assert_int_equal(f->seen[1].extras, size / 3);
}

static void calls_end_in_order_when_the_modem_closes_in_a_frame(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(ask(f, i, (10 - i) * SECOND), 0);
	script_answer(&f->script, 2, 0, NULL, 0);
	script_answer(&f->script, 3, 0, NULL, 0);
	f->script.in_end -= 3;
	f->script.at_end = true;
	assert_int_equal(qk_device_process(f->device), -EPROTO);
	expect_end(f, 2, 0);
	for (unsigned int i = 0; i < 5; i++) {
		if (i == 2)
			continue;
		expect_end(f, i, -EPROTO);
		assert_true(i == 0 || f->seen[i].order > f->seen[i == 3 ? 1 : i - 1].order);
	}
	assert_int_equal(qk_device_process(f->device), -EPROTO);
	assert_int_equal(qk_device_wait_usec(f->device), UINT64_MAX);
	assert_int_equal(ask(f, 6, 0), -ENODEV);
	assert_int_equal(f->seen[6].runs, 0);
	assert_int_equal(f->seen[6].destroyed, 1);
}

static void device_dies_in_process_when_sending_fails(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, 0, 0), 0);
	assert_int_equal(ask(f, 1, 0), 0);
	f->script.send_error = -EIO;
	assert_int_equal(ask(f, 2, 0), -ENODEV);
	assert_int_equal(f->seen[2].destroyed, 1);
	expect_pending(f, 0);
	assert_int_equal(qk_device_wait_usec(f->device), 0);
	script_answer(&f->script, 0, 0, NULL, 0);
	assert_int_equal(qk_device_process(f->device), -EIO);
	expect_end(f, 0, 0); /* what had arrived was not lost */
	expect_end(f, 1, -EIO);
	assert_int_equal(f->seen[2].runs, 0);
}

static void rubbish_is_logged_when_it_is_skipped(void **state)
{
	struct fixture *f = *state;
	size_t before;

	assert_int_equal(ask(f, 0, 0), 0);
	before = f->script.in_end;
	script_answer(&f->script, 0, 0, NULL, 0);
	f->script.in[before + 1]++; /* a wrong length */
	process(f);
	expect_pending(f, 0);
	assert_int_equal(f->script.logged, 1);
	assert_non_null(strstr(f->script.last_log, "skipped"));
	assert_int_equal(qk_device_stats(f->device).transport.bad_frames, 1);
	script_answer(&f->script, 0, 0, NULL, 0);
	process(f);
	expect_end(f, 0, 0);
}

static void call_says_ebusy_when_all_ids_of_ctl_wait(void **state)
{
	struct fixture *f = *state;
	struct qk_client *ctl = qk_device_ctl(f->device);
	struct qk_call_options options = { .destroy = on_destroy };

	for (unsigned int i = 0; i < 255; i++) {
		options.userdata = &f->seen[i];
		assert_int_equal(qk_call_raw(ctl, 0x27, (struct qk_span){ 0 }, &options, on_frame),
				 0);
		assert_int_equal(f->script.sent[i].transaction, i + 1);
	}
	options.userdata = &f->seen[255];
	assert_int_equal(qk_call_raw(ctl, 0x27, (struct qk_span){ 0 }, &options, on_frame), -EBUSY);
	assert_int_equal(f->seen[255].destroyed, 1);
	/* One is answered, one times out: only the former's id is free. */
	script_answer(&f->script, 99, 0, NULL, 0);
	process(f);
	expect_end(f, 99, 0);
	options.userdata = &f->seen[256];
	assert_int_equal(qk_call_raw(ctl, 0x27, (struct qk_span){ 0 }, &options, on_frame), 0);
	assert_int_equal(f->script.sent[255].transaction, 100);
}

static void ids_are_not_used_again_when_their_answer_may_still_come(void **state)
{
	struct fixture *f = *state;
	struct qk_client *ctl = qk_device_ctl(f->device);
	const struct qk_call_options options = { .timeout_usec = SECOND, .userdata = &f->seen[0] };
	const struct qk_call_options other = { .userdata = &f->seen[1] };

	assert_int_equal(qk_call_raw(ctl, 0x27, (struct qk_span){ 0 }, &options, on_frame), 0);
	f->script.now += SECOND;
	process(f);
	for (unsigned int i = 1; i < 400; i++) {
		assert_int_equal(qk_call_raw(ctl, 0x27, (struct qk_span){ 0 }, &other, on_frame),
				 0);
		assert_int_not_equal(f->script.sent[i].transaction, 0);
		assert_int_not_equal(f->script.sent[i].transaction, 1);
		script_answer(&f->script, i, 0, NULL, 0);
		process(f);
	}
	assert_int_equal(f->seen[1].runs, 399);
}

static void call_says_eagain_when_too_much_waits_to_be_sent(void **state)
{
	struct fixture *f = *state;

	f->script.send_error = -EAGAIN;
	for (unsigned int i = 0; i < 64; i++)
		assert_int_equal(ask(f, i, 0), 0);
	assert_int_equal(ask(f, 64, 0), -EAGAIN);
	assert_int_equal(f->seen[64].destroyed, 1);
	assert_in_range(qk_device_wait_usec(f->device), 1, 10000);
	f->script.send_error = 0;
	process(f);
	assert_int_equal(f->script.sent_count, 64);
	for (unsigned int i = 0; i < 64; i++)
		assert_int_equal(f->script.sent[i].transaction, i + 1);
}

static void call_says_einval_when_the_request_cannot_be_sent(void **state)
{
	struct fixture *f = *state;
	const struct qk_call_options options = { .userdata = &f->seen[0], .destroy = on_destroy };
	struct qk_span huge = { f->script.in, QK_FRAME_MAX };

	assert_int_equal(
		qk_call(f->dms, &qk_nas_get_signal_info_method, NULL, &options, on_manufacturer),
		-EINVAL);
	assert_int_equal(f->seen[0].destroyed, 1);
	assert_int_equal(qk_call_raw(f->dms, 0x21, huge, &options, on_frame), -EINVAL);
	assert_int_equal(f->seen[0].destroyed, 2);
	assert_int_equal(f->seen[0].runs, 0);
	assert_int_equal(f->script.sent_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(call_gives_the_answer_when_the_modem_answers),
		TEST(call_gives_the_refusal_as_data_when_the_modem_refuses),
		TEST(calls_find_their_answers_when_these_come_in_reverse),
		TEST(call_times_out_when_the_modem_never_answers),
		TEST(call_ends_by_deadline_when_they_were_made_in_another_order),
		TEST(late_answer_is_counted_when_its_call_has_timed_out),
		TEST(second_answer_is_counted_when_the_modem_answers_twice),
		TEST(answer_is_not_matched_when_anything_of_it_differs),
		TEST(answer_says_ebadmsg_when_a_tlv_overruns),
		TEST(answer_stands_when_a_tlv_comes_twice),
		TEST(answer_keeps_its_bytes_when_text_is_not_utf8),
		TEST(answer_is_no_error_when_a_mandatory_tlv_is_missing),
		TEST(answer_arrives_when_it_has_64_kib),
		TEST(calls_end_in_order_when_the_modem_closes_in_a_frame),
		TEST(device_dies_in_process_when_sending_fails),
		TEST(rubbish_is_logged_when_it_is_skipped),
		TEST(call_says_ebusy_when_all_ids_of_ctl_wait),
		TEST(ids_are_not_used_again_when_their_answer_may_still_come),
		TEST(call_says_eagain_when_too_much_waits_to_be_sent),
		TEST(call_says_einval_when_the_request_cannot_be_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
