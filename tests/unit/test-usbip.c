/*
 * USB/IP: messages read and written to the byte, lies refused, the table of what waits.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "sim/usbip.h"

/* Numbers 32 bits wide, big endian, as a header has them. */
static void put(uint8_t *header, size_t at, uint32_t value)
{
	struct qk_writer w = qk_writer(header + at, 4);

	qk_write_uint(&w, value, 4, true);
}

static void make_submit(uint8_t *header, uint32_t number, bool in, uint32_t endpoint,
			uint32_t length)
{
	memset(header, 0, QK_USBIP_HEADER);
	put(header, 0, 1);
	put(header, 4, number);
	put(header, 8, 65537);
	put(header, 12, in);
	put(header, 16, endpoint);
	put(header, 20, 0x200);
	put(header, 24, length);
	put(header, 28, UINT32_MAX);
	put(header, 32, UINT32_MAX);
}

static int read_bytes(const uint8_t *bytes, size_t size, struct qk_usbip_command *ret)
{
	return qk_usbip_read((struct qk_span){ bytes, size }, ret);
}

static void read_understands_a_submit(void **state)
{
	uint8_t bytes[QK_USBIP_HEADER + 4] = { 0 };
	struct qk_usbip_command command = { 0 };

	(void)state;
	make_submit(bytes, 7, false, 5, 4);
	memcpy(bytes + 40, "\x21\x00\x00\x00\x04\x00\x0c\x00", 8);
	memcpy(bytes + 48, "abcd", 4);
	for (size_t size = 0; size < sizeof(bytes); size++)
		assert_int_equal(read_bytes(bytes, size, &command), 0);
	assert_int_equal(read_bytes(bytes, sizeof(bytes), &command), sizeof(bytes));
	assert_int_equal(command.kind, QK_USBIP_SUBMIT);
	assert_int_equal(command.number, 7);
	assert_int_equal(command.address, 0x05);
	assert_int_equal(command.length, 4);
	assert_memory_equal(command.setup, bytes + 40, 8);
	assert_int_equal(command.data.size, 4);
	assert_memory_equal(command.data.data, "abcd", 4);

	make_submit(bytes, 8, true, 9, 4096);
	assert_int_equal(read_bytes(bytes, sizeof(bytes), &command), QK_USBIP_HEADER);
	assert_int_equal(command.address, 0x89);
	assert_int_equal(command.length, 4096);
	assert_int_equal(command.data.size, 0);
}

static void read_understands_an_unlink(void **state)
{
	uint8_t bytes[QK_USBIP_HEADER] = { 0 };
	struct qk_usbip_command command = { 0 };

	(void)state;
	put(bytes, 0, 2);
	put(bytes, 4, 0x01020304);
	put(bytes, 20, 0x0a0b0c0d);
	assert_int_equal(read_bytes(bytes, sizeof(bytes), &command), QK_USBIP_HEADER);
	assert_int_equal(command.kind, QK_USBIP_UNLINK);
	assert_int_equal(command.number, 0x01020304);
	assert_int_equal(command.unlink, 0x0a0b0c0d);
}

static void read_refuses_what_cannot_be(void **state)
{
	static const struct {
		uint32_t at, value;
	} lies[] = {
		{ 0, 0 },           { 0, 3 },           { 0, 5 },
		{ 0, UINT32_MAX },  { 12, 2 },          { 16, 16 },
		{ 24, UINT32_MAX }, { 24, 0x80000000 }, { 24, QK_USBIP_TRANSFER_MAX + 1 },
	};
	uint8_t bytes[QK_USBIP_HEADER];
	struct qk_usbip_command command;

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		make_submit(bytes, 1, false, 1, 0);
		put(bytes, lies[i].at, lies[i].value);
		assert_int_equal(read_bytes(bytes, sizeof(bytes), &command), -EBADMSG);
	}
	/* the largest is waited for */
	make_submit(bytes, 1, false, 1, QK_USBIP_TRANSFER_MAX);
	assert_int_equal(read_bytes(bytes, sizeof(bytes), &command), 0);
}

static void replies_are_right_to_the_byte(void **state)
{
	uint8_t bytes[QK_USBIP_HEADER], expected[QK_USBIP_HEADER] = { 0 };

	(void)state;
	put(expected, 0, 3);
	put(expected, 4, 9);
	put(expected, 24, 18);
	qk_usbip_write_submit(bytes, 9, 0, 18);
	assert_memory_equal(bytes, expected, sizeof(bytes));
	put(expected, 20, (uint32_t)-32);
	put(expected, 24, 0);
	qk_usbip_write_submit(bytes, 9, -32, 0);
	assert_memory_equal(bytes, expected, sizeof(bytes));
	put(expected, 0, 4);
	put(expected, 20, (uint32_t)-104);
	qk_usbip_write_unlink(bytes, 9, -104);
	assert_memory_equal(bytes, expected, sizeof(bytes));
}

static void table_keeps_order_and_bounds(void **state)
{
	struct qk_usbip_table table = { 0 };
	struct qk_usbip_pending row;

	(void)state;
	for (uint32_t i = 0; i < QK_USBIP_PENDING_MAX; i++) {
		struct qk_usbip_command command = { .number = i, .address = i & 1 ? 0x81 : 0x82 };
		assert_int_equal(qk_usbip_pend(&table, &command), 0);
		assert_int_equal(qk_usbip_pend(&table, &command), -EEXIST);
	}
	assert_int_equal(qk_usbip_pend(&table, &(struct qk_usbip_command){ .number = 9999 }),
			 -ENOBUFS);
	assert_true(qk_usbip_take_number(&table, 1));
	assert_false(qk_usbip_take_number(&table, 1));
	assert_true(qk_usbip_take_oldest(&table, 0x81, &row));
	assert_int_equal(row.number, 3);
	assert_true(qk_usbip_take_oldest(&table, 0x82, &row));
	assert_int_equal(row.number, 0);
	assert_false(qk_usbip_take_oldest(&table, 0x83, &row));
	assert_int_equal(table.count, QK_USBIP_PENDING_MAX - 3);
}

static void free_port_is_found_in_a_status_file(void **state)
{
	static const char status[] = "hub port sta spd dev      sockfd local_busid\n"
				     "hs  0000 006 003 00010001 000003 1-1\n"
				     "hs  0001 004 000 00000000 000000 0-0\n"
				     "hs  0002 004 000 00000000 000000 0-0\n"
				     "ss  0008 004 000 00000000 000000 0-0\n";

	(void)state;
	assert_int_equal(qk_usbip_free_port(status, 0), 1);
	assert_int_equal(qk_usbip_free_port(status, 2), 2);
	assert_int_equal(qk_usbip_free_port(status, 3), -ENOENT);
	assert_int_equal(qk_usbip_free_port("", 0), -ENOENT);
	assert_int_equal(qk_usbip_free_port("hs", 0), -ENOENT);
	assert_int_equal(qk_usbip_count_free_ports(status), 2);
	assert_int_equal(qk_usbip_hub_port(status, 0), 1);
	assert_int_equal(qk_usbip_hub_port(status, 2), 3);
	assert_int_equal(qk_usbip_hub_port(status, 8), -ENOENT);
	assert_int_equal(qk_usbip_hub_port("", 0), -ENOENT);
	assert_int_equal(qk_usbip_count_free_ports(""), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_understands_a_submit),
		cmocka_unit_test(read_understands_an_unlink),
		cmocka_unit_test(read_refuses_what_cannot_be),
		cmocka_unit_test(replies_are_right_to_the_byte),
		cmocka_unit_test(table_keeps_order_and_bounds),
		cmocka_unit_test(free_port_is_found_in_a_status_file),
	};

	return cmocka_run_group_tests_name("usbip", tests, NULL, NULL);
}
