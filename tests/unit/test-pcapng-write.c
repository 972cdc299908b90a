/* pcapng write: the blocks of a recording, byte by byte as the format has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "trace/link-header.h"
#include "trace/pcapng-write.h"

/* draft-ietf-opsawg-pcapng 4.1 and 4.2, written out by hand. */
static const uint8_t head_expected[] = {
	/* Section Header Block */
	0x0a, 0x0d, 0x0d, 0x0a, 44, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 4, 0, 6, 0, 'q', 'm', 'i', 'k', 'i', 't', 0, 0, 0, 0, 0, 0,
	44, 0, 0, 0,
	/* Interface Description Block */
	1, 0, 0, 0, 32, 0, 0, 0, 147, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 32,
	0, 0, 0
};

static void head_is_a_section_and_an_interface(void **state)
{
	uint8_t head[QK_PCAPNG_HEAD];

	(void)state;
	qk_pcapng_head(head);
	assert_int_equal(sizeof(head_expected), sizeof(head));
	assert_memory_equal(head, head_expected, sizeof(head));
}

static void packet_has_its_edges(void **state)
{
	/* 4.3: type, length, interface, time (high, low), sizes; then padding, epb_flags, end, length */
	static const uint8_t before_expected[] = { 6, 0, 0, 0, 52, 0, 0, 0, 0, 0, 0, 0, 2, 0,
						   0, 0, 1, 0, 0,  0, 5, 0, 0, 0, 5, 0, 0, 0 };
	static const uint8_t after_expected[] = { 0, 0, 0, 2, 0, 4,  0, 1, 0, 0,
						  0, 0, 0, 0, 0, 52, 0, 0, 0 };
	const struct qk_pcapng_packet packet = { .time_nsec = 0x200000001,
						 .from_modem = true,
						 .size = 5 };
	uint8_t before[QK_PCAPNG_BEFORE], after[QK_PCAPNG_AFTER];

	(void)state;
	assert_int_equal(qk_pcapng_around(&packet, before, after), sizeof(after_expected));
	assert_memory_equal(before, before_expected, sizeof(before));
	assert_memory_equal(after, after_expected, sizeof(after_expected));
}

static void link_header_is_padded_and_cut(void **state)
{
	static const uint8_t expected[] = { 1,    2,    1,   0xff, 44, 0, 0, 0,   7,   0,    0,
					    0,    8,    0,   0,    0,  9, 0, 0,   0,   0xfe, 0xff,
					    0xff, 0xff, 'a', 'b',  0,  0, 0, 0,   0,   0,    0,
					    0,    0,    0,   0,    0,  0, 0, 'q', 'r', 't',  0 };
	struct qk_link_header link = {
		.transport = QK_LINK_QRTR,
		.from_modem = true,
		.service = QK_LINK_SERVICE_UNKNOWN,
		.pid = 7,
		.connection = 8,
		.node = 9,
		.port = QK_LINK_PORT_CONTROL,
		.process = "ab",
		.device = "qrt",
	};
	uint8_t bytes[QK_LINK_MAX];

	(void)state;
	assert_int_equal(qk_link_header_write(&link, bytes), sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(expected));
	memset(link.process, 'p', sizeof(link.process));
	memset(link.device, 'd', sizeof(link.device));
	assert_int_equal(qk_link_header_write(&link, bytes), QK_LINK_MAX);
	assert_int_equal(bytes[39], 'p');
	assert_int_equal(bytes[40], 'd');
	assert_int_equal(bytes[QK_LINK_MAX - 1], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_is_a_section_and_an_interface),
		cmocka_unit_test(packet_has_its_edges),
		cmocka_unit_test(link_header_is_padded_and_cut),
	};

	return cmocka_run_group_tests_name("pcapng-write", tests, NULL, NULL);
}
