/*
 * SMS PDUs: what is written is what 3GPP TS 23.040 says, and reads the same again; what lies about its
 * length is refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/3gpp/cbs.h"
#include "lib/3gpp/sms-text.h"

static struct qk_sms deliver(const char *number, const char *text)
{
	struct qk_sms sms = { .type = QK_SMS_DELIVER, .no_more = true };
	struct qk_sms_split split;

	sms.sent = qk_sms_time_from(1700000000, 4);
	assert_int_equal(qk_sms_set_address(&sms.address, number), 0);
	assert_int_equal(qk_sms_split(text, 7, &split), 0);
	assert_int_equal(split.parts, 1);
	assert_true(qk_sms_take_part(&split, -1, &sms));
	assert_false(qk_sms_take_part(&split, -1, &sms));
	return sms;
}

static void same_octets(const struct qk_sms *sms, const char *hex)
{
	uint8_t made[QK_SMS_PDU_MAX];
	char text[2 * QK_SMS_PDU_MAX + 1] = "";
	int size = qk_sms_encode(sms, made, sizeof(made));

	assert_true(size > 0);
	for (int i = 0; i < size; i++)
		snprintf(text + 2 * i, 3, "%02X", made[i]);
	assert_string_equal(text, hex);
}

static void deliver_has_the_octets_of_the_standard_when_it_is_plain(void **state)
{
	struct qk_sms sms = deliver("+491711234567", "hello");

	(void)state;
	assert_int_equal(qk_sms_set_number(&sms.smsc, "+4917222"), 0);
	/* 2023-11-14 23:13:20 one hour ahead of UTC */
	same_octets(&sms, "0591947122F2"
			  "04"
			  "0C91947111325476"
			  "00"
			  "00"
			  "32114132310240"
			  "05"
			  "E8329BFD06");
}

static void text_survives_when_it_is_written_and_read(void **state)
{
	static const char *const texts[] = { "",
					     "@",
					     "a@",
					     "1234567",
					     "12345678",
					     "\xe2\x82\xac{}",
					     "\xd0\x96 \xf0\x9f\x98\x80",
					     "A\n\r" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct qk_sms sms = deliver("12345", texts[i]), read;
		uint8_t made[QK_SMS_PDU_MAX];
		char text[QK_SMS_TEXT_MAX];
		int size = qk_sms_encode(&sms, made, sizeof(made));
		assert_true(size > 0);
		assert_int_equal(qk_sms_decode((struct qk_span){ made, (size_t)size }, &read), 0);
		assert_true(qk_sms_text(&read, text, sizeof(text)) >= 0);
		assert_string_equal(text, texts[i]);
		assert_string_equal(read.address.text, "12345");
		assert_int_equal(qk_sms_time_utc(&read.sent), 1700000000);
	}
}

static void address_is_text_when_it_is_no_number(void **state)
{
	struct qk_sms sms = deliver("Operator 11", "x"), read;
	uint8_t made[QK_SMS_PDU_MAX];
	struct qk_sms_address address;
	int size = qk_sms_encode(&sms, made, sizeof(made));

	(void)state;
	assert_int_equal(sms.address.type, 0xd0);
	assert_int_equal(qk_sms_decode((struct qk_span){ made, (size_t)size }, &read), 0);
	assert_string_equal(read.address.text, "Operator 11");
	assert_int_equal(qk_sms_set_address(&address, "twelve chars"), -EINVAL);
	assert_int_equal(qk_sms_set_address(&address, "\xd0\x96"), -EINVAL);
	assert_int_equal(qk_sms_set_address(&address, ""), -EINVAL);
	assert_int_equal(qk_sms_set_number(&address, "123456789012345678901"), -EINVAL);
	assert_int_equal(qk_sms_set_number(&address, "+"), -EINVAL);
	assert_int_equal(qk_sms_set_number(&address, "12x"), -EINVAL);
}

/* Reads the parts back and puts them together. */
static void whole_again(const char *long_text, uint8_t parts, uint32_t coding)
{
	struct qk_sms_split split;
	struct qk_sms sms = { .type = QK_SMS_DELIVER }, read;
	char whole[4096] = "", text[QK_SMS_TEXT_MAX];
	uint8_t made[QK_SMS_PDU_MAX], count = 0;

	assert_int_equal(qk_sms_set_address(&sms.address, "1"), 0);
	assert_int_equal(qk_sms_split(long_text, 0x42, &split), 0);
	assert_int_equal(split.coding, coding);
	while (qk_sms_take_part(&split, 1, &sms)) {
		int size = qk_sms_encode(&sms, made, sizeof(made));
		assert_true(size > 0);
		assert_int_equal(qk_sms_decode((struct qk_span){ made, (size_t)size }, &read), 0);
		assert_true(read.header.has_parts);
		assert_int_equal(read.header.reference, 0x42);
		assert_int_equal(read.header.parts, parts);
		assert_int_equal(read.header.part, ++count);
		assert_int_equal(read.message_class, 1);
		assert_true(qk_sms_text(&read, text, sizeof(text)) >= 0);
		strncat(whole, text, sizeof(whole) - strlen(whole) - 1);
	}
	assert_int_equal(count, parts);
	assert_string_equal(whole, long_text);
}

static void text_has_parts_when_it_is_long(void **state)
{
	char text[1000] = "";
	size_t used = 0;

	(void)state;
	memset(text, 'a', 161);
	whole_again(text, 2, QK_SMS_GSM7);
	/* an escape and its character stay together: 152 and the euro do not fit 153 */
	snprintf(text + 152, sizeof(text) - 152, "\xe2\x82\xac%020d", 0);
	whole_again(text, 2, QK_SMS_GSM7);
	/* so do the halves of a surrogate pair: 66 and two do not fit 67 */
	for (int i = 0; i < 66; i++, used += 2)
		memcpy(text + used, "\xd0\x96", 2);
	snprintf(text + used, sizeof(text) - used, "\xf0\x9f\x98\x80\xd0\x96\xd0\x96\xd0\x96");
	whole_again(text, 2, QK_SMS_UCS2);
}

static void split_refuses_when_it_is_no_text_or_too_long(void **state)
{
	static char text[153 * 255 + 2];
	struct qk_sms_split split;

	(void)state;
	assert_int_equal(qk_sms_split("\xff", 0, &split), -EINVAL);
	memset(text, 'a', sizeof(text) - 2);
	assert_int_equal(qk_sms_split(text, 0, &split), 0);
	assert_int_equal(split.parts, 255);
	text[sizeof(text) - 2] = 'a';
	assert_int_equal(qk_sms_split(text, 0, &split), -EMSGSIZE);
}

static void decode_refuses_when_a_pdu_is_cut_anywhere(void **state)
{
	struct qk_sms sms = deliver("+491711234567", "a text of some length"), read;
	uint8_t made[QK_SMS_PDU_MAX];
	int size = qk_sms_encode(&sms, made, sizeof(made));

	(void)state;
	for (int i = 0; i < size; i++) {
		uint8_t *exact = i ? test_malloc((size_t)i) : NULL;
		if (exact)
			memcpy(exact, made, (size_t)i);
		assert_int_equal(qk_sms_decode((struct qk_span){ exact, (size_t)i }, &read),
				 -EBADMSG);
		test_free(exact);
	}
	assert_int_equal(qk_sms_decode((struct qk_span){ made, (size_t)size }, &read), 0);
}

static void report_reads_when_its_tail_is_there_or_not(void **state)
{
	struct qk_sms sms = { .type = QK_SMS_STATUS_REPORT, .reference = 9, .status = 0x30 }, read;
	uint8_t made[QK_SMS_PDU_MAX];

	(void)state;
	assert_int_equal(qk_sms_set_number(&sms.address, "5550"), 0);
	sms.sent = qk_sms_time_from(1700000000, -8);
	sms.done = qk_sms_time_from(1700000060, -8);
	for (int tail = 0; tail < 2; tail++) {
		sms.has_pid = tail;
		sms.pid = 0x40;
		int size = qk_sms_encode(&sms, made, sizeof(made));
		assert_true(size > 0);
		assert_int_equal(qk_sms_decode((struct qk_span){ made, (size_t)size }, &read), 0);
		assert_int_equal(read.reference, 9);
		assert_int_equal(read.status, 0x30);
		assert_int_equal(read.has_pid, tail);
		assert_int_equal(qk_sms_time_utc(&read.done), 1700000060);
		assert_int_equal(read.done.quarters, -8);
	}
}

static void time_goes_round_when_it_leaps(void **state)
{
	/* 2000-02-29, 2023-12-31 23:59:59, 2024-02-29, 2024-03-01, 2099-12-31 */
	static const int64_t seconds[] = { 951782400, 1704067199, 1709164800, 1709251200,
					   4102358400 };

	(void)state;
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++)
		for (int8_t quarters = -48; quarters <= 56; quarters = (int8_t)(quarters + 13)) {
			struct qk_sms_time time = qk_sms_time_from(seconds[i], quarters);
			assert_int_equal(qk_sms_time_utc(&time), seconds[i]);
		}
	struct qk_sms_time leap = qk_sms_time_from(1709164800, 0);
	assert_int_equal(leap.month, 2);
	assert_int_equal(leap.day, 29);
}

static void coding_scheme_tells_alphabet_and_class(void **state)
{
	static const struct {
		uint8_t dcs, coding;
		int8_t message_class;
	} rows[] = {
		{ 0x00, QK_SMS_GSM7, -1 }, { 0x04, QK_SMS_8BIT, -1 }, { 0x08, QK_SMS_UCS2, -1 },
		{ 0x10, QK_SMS_GSM7, 0 },  { 0x1a, QK_SMS_UCS2, 2 },  { 0xc8, QK_SMS_GSM7, -1 },
		{ 0xe0, QK_SMS_UCS2, -1 }, { 0xf1, QK_SMS_GSM7, 1 },  { 0xf6, QK_SMS_8BIT, 2 },
		{ 0x80, QK_SMS_GSM7, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qk_sms sms = { 0 };
		qk_sms_set_dcs(&sms, rows[i].dcs);
		assert_int_equal(sms.coding, rows[i].coding);
		assert_int_equal(sms.message_class, rows[i].message_class);
	}
}

static void page_reads_when_it_is_whole_or_short(void **state)
{
	/* update 1 of message code 2 on channel 4371, page 1 of 2, default alphabet, "hello" and padding */
	static const uint8_t whole[] = { 0x00, 0x21, 0x11, 0x13, 0x01, 0x12, 0xe8,
					 0x32, 0x9b, 0xfd, 0x6e, 0x34, 0x1a };
	struct qk_cbs_page page;
	char text[256];

	(void)state;
	assert_int_equal(qk_cbs_decode((struct qk_span){ whole, sizeof(whole) }, &page), 0);
	assert_int_equal(page.channel, 4371);
	assert_int_equal(page.page, 1);
	assert_int_equal(page.pages, 2);
	assert_string_equal(page.language, "en");
	assert_true(qk_cbs_text(&page, text, sizeof(text)) >= 0);
	assert_string_equal(text, "hello");
	assert_int_equal(qk_cbs_decode((struct qk_span){ whole, 6 }, &page), 0);
	assert_int_equal(qk_cbs_text(&page, text, sizeof(text)), 0);
	assert_int_equal(qk_cbs_decode((struct qk_span){ whole, 5 }, &page), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deliver_has_the_octets_of_the_standard_when_it_is_plain),
		cmocka_unit_test(text_survives_when_it_is_written_and_read),
		cmocka_unit_test(address_is_text_when_it_is_no_number),
		cmocka_unit_test(text_has_parts_when_it_is_long),
		cmocka_unit_test(split_refuses_when_it_is_no_text_or_too_long),
		cmocka_unit_test(decode_refuses_when_a_pdu_is_cut_anywhere),
		cmocka_unit_test(report_reads_when_its_tail_is_there_or_not),
		cmocka_unit_test(time_goes_round_when_it_leaps),
		cmocka_unit_test(coding_scheme_tells_alphabet_and_class),
		cmocka_unit_test(page_reads_when_it_is_whole_or_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
