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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_is_a_section_and_an_interface),
	};

	return cmocka_run_group_tests_name("pcapng-write", tests, NULL, NULL);
}
