/*
 * The name of a device: what the published results of ModemManager are for real modems, and SHA-1 at the edges of a
 * block.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "manager/device-id.h"

static void check(uint16_t vendor, uint16_t product, const char *const *answers, size_t count,
		  const char *expected)
{
	char id[DEVICE_ID_SIZE];

	device_id(vendor, product, answers, count, id);
	assert_string_equal(id, expected);
}

/* FIPS 180-4's examples have spaces nowhere: without USB ids the name is the digest of the text. */
static void device_id_is_a_sha1_when_there_are_no_ids(void **state)
{
	static const char *const abc[] = { "abc" };
	static const char *const two_blocks[] = {
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
	};

	(void)state;
	check(0, 0, abc, 1, "a9993e364706816aba3e25717850c26c9cd0d89d");
	check(0, 0, two_blocks, 1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

/* Lengths on both sides of where the padding takes a block of its own; digests by sha1sum(1). */
static void device_id_pads_when_a_block_is_nearly_full(void **state)
{
	static const struct {
		size_t size;
		const char *id;
	} rows[] = {
		{ 55, "c1c8bbdc22796e28c0e15163d20899b65621d65a" },
		{ 56, "c2db330f6083854c99d4b5bfb6e8f29f201be699" },
		{ 63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5" },
		{ 64, "0098ba824b5c16427bd7a1122a5a442a25ec644d" },
		{ 65, "11655326c708d70319be2610e8a57d9a5b959d3b" },
	};
	char text[66];
	const char *answers[] = { text };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(text, 'a', rows[i].size);
		text[rows[i].size] = 0;
		check(0, 0, answers, 1, rows[i].id);
	}
}

/* What ModemManager 1.20.4 says of the same modem. */
static void device_id_is_the_published_one_when_a_modem_is_asked_by_qmi(void **state)
{
	static const char *const answers[] = { NULL,
					       NULL,
					       "862506041787469",
					       "EC25EUXGAR08A05M1G",
					       "QUECTEL Mobile Broadband Module",
					       "QUALCOMM INCORPORATED" };

	(void)state;
	check(0x2c7c, 0x0125, answers, 6, "7bffc4e4b129b0cfd060445adc223735689dac38");
}

static void device_id_leaves_out_spaces_and_what_is_not_ascii(void **state)
{
	static const char *const plain[] = { "862506", "Module" };
	static const char *const spaced[] = { " 862\t506\r\n", NULL, "Mod\xc3\xbcule\v" };
	char with[DEVICE_ID_SIZE], without[DEVICE_ID_SIZE];

	(void)state;
	device_id(1, 2, plain, 2, without);
	device_id(1, 2, spaced, 3, with);
	assert_string_equal(with, without);
}

static void device_id_is_empty_when_the_modem_says_nothing(void **state)
{
	static const char *const answers[] = { NULL, " " };

	(void)state;
	check(0x2c7c, 0x0125, answers, 2, "");
	check(0x2c7c, 0x0125, NULL, 0, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(device_id_is_a_sha1_when_there_are_no_ids),
		cmocka_unit_test(device_id_pads_when_a_block_is_nearly_full),
		cmocka_unit_test(device_id_is_the_published_one_when_a_modem_is_asked_by_qmi),
		cmocka_unit_test(device_id_leaves_out_spaces_and_what_is_not_ascii),
		cmocka_unit_test(device_id_is_empty_when_the_modem_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
