/*
 * GSM 7-bit and UCS-2 as UTF-8. Packed samples are made from TS 23.038's rules by hand.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/3gpp/gsm7.h"
#include "lib/3gpp/utf8.h"

#define SPAN(...) \
	((struct qk_span){ (const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }) })

static void gsm7_unpacks_when_plain(void **state)
{
	struct qk_span hello = SPAN(0xe8, 0x32, 0x9b, 0xfd, 0x06);
	char text[16];

	(void)state;
	assert_int_equal(qk_gsm7_to_utf8(hello, text, sizeof(text)), 5);
	assert_string_equal(text, "hello");
}

static void gsm7_reads_euro_when_escaped(void **state)
{
	/* septets 0x1b 0x65 */
	char text[8];

	(void)state;
	assert_int_equal(qk_gsm7_to_utf8(SPAN(0x9b, 0x32), text, sizeof(text)), 3);
	assert_string_equal(text, "\xe2\x82\xac");
}

static void gsm7_fails_when_escape_leads_nowhere(void **state)
{
	char text[8];

	(void)state;
	/* septets 0x1b 0x01; then an escape at the very end */
	assert_int_equal(qk_gsm7_to_utf8(SPAN(0x9b, 0x00), text, sizeof(text)), -EILSEQ);
	assert_int_equal(qk_gsm7_to_utf8(SPAN(0x1b), text, sizeof(text)), -EILSEQ);
}

static void gsm7_keeps_at_sign_when_text_follows(void **state)
{
	/* septets 0x00 'a': "@a"; and 'a' 0x00: the zero is padding */
	char text[8];

	(void)state;
	assert_int_equal(qk_gsm7_to_utf8(SPAN(0x80, 0x30), text, sizeof(text)), 2);
	assert_string_equal(text, "@a");
	assert_int_equal(qk_gsm7_to_utf8(SPAN(0x61, 0x00), text, sizeof(text)), 1);
	assert_string_equal(text, "a");
	assert_int_equal(qk_gsm7_to_utf8((struct qk_span){ 0 }, text, sizeof(text)), 0);
}

static void gsm7_counts_on_when_buffer_is_small(void **state)
{
	struct qk_span hello = SPAN(0xe8, 0x32, 0x9b, 0xfd, 0x06);
	char text[3] = "zz";

	(void)state;
	assert_int_equal(qk_gsm7_to_utf8(hello, text, sizeof(text)), 5);
	assert_string_equal(text, "he");
	assert_int_equal(qk_gsm7_to_utf8(hello, NULL, 0), 5);
}

static void ucs2_converts_when_pairs_are_whole(void **state)
{
	char text[16];

	(void)state;
	assert_int_equal(qk_ucs2_to_utf8(SPAN('A', 0, 0xac, 0x20, 0x3d, 0xd8, 0x00, 0xde), text,
					 sizeof(text)),
			 8);
	assert_string_equal(text, "A\xe2\x82\xac\xf0\x9f\x98\x80");
	assert_int_equal(qk_ucs2_to_utf8(SPAN('A', 0, 0, 0, 'B', 0), text, sizeof(text)), 1);
	assert_string_equal(text, "A");
}

static void ucs2_fails_when_broken(void **state)
{
	char text[16];

	(void)state;
	assert_int_equal(qk_ucs2_to_utf8(SPAN('A'), text, sizeof(text)), -EILSEQ);
	assert_int_equal(qk_ucs2_to_utf8(SPAN(0x3d, 0xd8), text, sizeof(text)), -EILSEQ);
	assert_int_equal(qk_ucs2_to_utf8(SPAN(0x3d, 0xd8, 'A', 0), text, sizeof(text)), -EILSEQ);
	assert_int_equal(qk_ucs2_to_utf8(SPAN(0x00, 0xde), text, sizeof(text)), -EILSEQ);
}

static void utf8_stops_when_not_valid(void **state)
{
	(void)state;
	assert_int_equal(qk_utf8_valid(SPAN('a', 0xc3, 0xa9, 'b')), 4);
	assert_int_equal(qk_utf8_valid(SPAN('0', '1', 0xff)), 2);
	assert_int_equal(qk_utf8_valid(SPAN('a', 0xc3)), 1);              /* cut off */
	assert_int_equal(qk_utf8_valid(SPAN(0xc0, 0x80)), 0);             /* longer than needed */
	assert_int_equal(qk_utf8_valid(SPAN(0xed, 0xa0, 0x80)), 0);       /* a surrogate */
	assert_int_equal(qk_utf8_valid(SPAN(0xf4, 0x90, 0x80, 0x80)), 0); /* past U+10FFFF */
	assert_int_equal(qk_utf8_valid(SPAN('a', 0, 'b')), 1);
}

static void utf8_comes_back_when_put(void **state)
{
	static const uint32_t samples[] = {
		1, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		char bytes[4];
		uint32_t back = 0;
		struct qk_span text = { (const uint8_t *)bytes, qk_utf8_put(samples[i], bytes) };

		assert_true(qk_utf8_next(&text, &back));
		assert_int_equal(back, samples[i]);
		assert_int_equal(text.size, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gsm7_unpacks_when_plain),
		cmocka_unit_test(gsm7_reads_euro_when_escaped),
		cmocka_unit_test(gsm7_fails_when_escape_leads_nowhere),
		cmocka_unit_test(gsm7_keeps_at_sign_when_text_follows),
		cmocka_unit_test(gsm7_counts_on_when_buffer_is_small),
		cmocka_unit_test(ucs2_converts_when_pairs_are_whole),
		cmocka_unit_test(ucs2_fails_when_broken),
		cmocka_unit_test(utf8_stops_when_not_valid),
		cmocka_unit_test(utf8_comes_back_when_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
