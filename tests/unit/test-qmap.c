/*
 * QMAP: headers taken apart and put together to the byte, lies refused, commands answered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim/qmap.h"

#define SPAN(bytes) ((struct qk_span){ bytes, sizeof(bytes) })

static void next_takes_packets_apart_when_several_are_aggregated(void **state)
{
	static const uint8_t transfer[] = { 0x03, 0x81, 0, 8, 1,    2,    3, 4, 5,    0, 0, 0,
					    0x00, 0x82, 0, 2, 0xaa, 0xbb, 0, 7, 0x00, 1, 9 };
	struct qk_cursor c = qk_cursor((struct qk_span){ transfer, 18 });
	struct qk_qmap packet;

	(void)state;
	assert_true(qk_qmap_next(&c, &packet));
	assert_false(packet.command);
	assert_int_equal(packet.mux_id, 0x81);
	assert_int_equal(packet.packet.size, 5);
	assert_memory_equal(packet.packet.data, "\1\2\3\4\5", 5);
	assert_true(qk_qmap_next(&c, &packet));
	assert_int_equal(packet.mux_id, 0x82);
	assert_int_equal(packet.packet.size, 2);
	assert_false(qk_qmap_next(&c, &packet));
	assert_int_equal(c.error, 0);
}

static void next_refuses_lengths_that_lie(void **state)
{
	static const struct {
		uint8_t bytes[8];
		size_t size;
	} lies[] = {
		{ { 0x00, 0x81, 0 }, 3 },                      /* half a header */
		{ { 0x00, 0x81, 0, 5, 1, 2, 3, 4 }, 8 },       /* more than there is */
		{ { 0x00, 0x81, 0, 0 }, 4 },                   /* nothing in it */
		{ { 0x04, 0x81, 0, 4, 1, 2, 3, 4 }, 8 },       /* padding alone */
		{ { 0x3f, 0x81, 0, 4, 1, 2, 3, 4 }, 8 },       /* more padding than bytes */
		{ { 0x00, 0x81, 0xff, 0xff, 1, 2, 3, 4 }, 8 }, /* the largest length */
		{ { 0x80, 0x81, 0, 9, 1, 2, 3, 4 }, 8 },       /* of a command */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct qk_cursor c = qk_cursor((struct qk_span){ lies[i].bytes, lies[i].size });
		struct qk_qmap packet;

		assert_false(qk_qmap_next(&c, &packet));
		assert_int_not_equal(c.error, 0);
	}
}

static void append_pads_to_four_bytes(void **state)
{
	uint8_t buffer[32];
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));

	(void)state;
	assert_true(qk_qmap_append(&w, 0x85, SPAN(((uint8_t[]){ 1, 2, 3, 4, 5 }))));
	assert_int_equal(qk_writer_used(&w), 12);
	assert_int_equal(qk_qmap_size(5), 12);
	assert_memory_equal(buffer, "\x03\x85\x00\x08\1\2\3\4\5\0\0\0", 12);
	assert_true(qk_qmap_append(&w, 1, SPAN(((uint8_t[]){ 9, 9, 9, 9 }))));
	assert_int_equal(qk_writer_used(&w), 20);
	assert_memory_equal(buffer + 12, "\x00\x01\x00\x04\x09\x09\x09\x09", 8);
}

static void append_writes_nothing_when_there_is_no_room(void **state)
{
	static const uint8_t large[QK_QMAP_PACKET_MAX + 1];
	uint8_t buffer[11];
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));

	(void)state;
	assert_false(qk_qmap_append(&w, 1, SPAN(((uint8_t[]){ 1, 2, 3, 4, 5 }))));
	assert_false(qk_qmap_append(&w, 1, SPAN(large)));
	assert_int_equal(qk_writer_used(&w), 0);
	assert_int_equal(w.error, 0);
}

static void answer_says_unsupported_when_a_command_comes(void **state)
{
	/* flow control is switched off for mux id 0x81, transaction 0x01020304 */
	static const uint8_t transfer[] = { 0x80, 0x81, 0, 12, 1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 };
	struct qk_cursor c = qk_cursor(SPAN(transfer));
	struct qk_qmap command;
	uint8_t answer[16];

	(void)state;
	assert_true(qk_qmap_next(&c, &command));
	assert_true(command.command);
	assert_int_equal(qk_qmap_answer(&command, answer, sizeof(answer)), 16);
	assert_memory_equal(answer, "\x80\x81\x00\x0c\1\2\0\0\1\2\3\4\5\6\7\x08", 16);
	assert_int_equal(qk_qmap_answer(&command, answer, 15), 0);
}

static void answer_is_silent_when_no_question_was_asked(void **state)
{
	static const uint8_t ack[] = { 0x80, 0x81, 0, 8, 1, 1, 0, 0, 1, 2, 3, 4 };
	static const uint8_t brief[] = { 0x80, 0x81, 0, 4, 1, 0, 0, 0 };
	static const struct qk_span silent[] = { SPAN(ack), SPAN(brief) };
	uint8_t answer[16];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct qk_cursor c = qk_cursor(silent[i]);
		struct qk_qmap command;

		assert_true(qk_qmap_next(&c, &command));
		assert_int_equal(qk_qmap_answer(&command, answer, sizeof(answer)), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_takes_packets_apart_when_several_are_aggregated),
		cmocka_unit_test(next_refuses_lengths_that_lie),
		cmocka_unit_test(append_pads_to_four_bytes),
		cmocka_unit_test(append_writes_nothing_when_there_is_no_room),
		cmocka_unit_test(answer_says_unsupported_when_a_command_comes),
		cmocka_unit_test(answer_is_silent_when_no_question_was_asked),
	};

	return cmocka_run_group_tests_name("qmap", tests, NULL, NULL);
}
