/*
 * SMS vectors: what other projects' test suites say of PDUs, character sets and cell broadcast pages, a
 * JSON object a line in $QMIKIT_VECTORS/sms.jsonl. Skipped where that is not set.
 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/3gpp/cbs.h"
#include "lib/3gpp/sms-text.h"
#include "lib/3gpp/utf8.h"

#include "vectors.h"

#define LINE_MAX_SIZE 65536

struct row {
	json_t *json, *expect, *peer; /* `peer`: what ModemManager reads */
	const char *id, *direction;
	uint8_t pdu[1024];
	struct qk_span bytes;
	unsigned int wrong;
};

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* What is expected: the suite's own word, else ModemManager's. */
static const char *expected(const struct row *row, const char *name)
{
	const char *own = text_of(row->expect, name);

	return own ? own : text_of(row->peer, name);
}

/* Where we know better, and why. */
static const struct {
	const char *id, *what, *why;
} exceptions[] = {
	{ "ofono/sms_charset_default", "number", "it has 11 digits, not a twelfth that fills up" },
	{ "ofono/sms_charset_default_ext", "number", "likewise" },
	{ "gammu/at-sms/20", "decode", "a header without octets, which others call malformed" },
	{ "mm-cbm/cbm_ucs2", "text", "a page has 82 octets of text; the rest is the modem's" },
};

static bool is_exception(const struct row *row, const char *what)
{
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		if (strcmp(exceptions[i].id, row->id) == 0 && strcmp(exceptions[i].what, what) == 0)
			return true;
	return false;
}

static void note(struct row *row, const char *what, const char *want, const char *got)
{
	if (is_exception(row, what))
		return;
	print_message("%s: %s: expected '%s', got '%s'\n", row->id, what, want, got);
	row->wrong++;
}

static void same_text(struct row *row, const char *what, const char *want, const char *got)
{
	if (want && strcmp(want, got) != 0)
		note(row, what, want, got);
}

static void same_number(struct row *row, const char *name, int64_t got)
{
	const json_t *want = json_object_get(row->expect, name);
	char text[2][32];

	if (!json_is_integer(want) || json_integer_value(want) == got)
		return;
	snprintf(text[0], sizeof(text[0]), "%lld", (long long)json_integer_value(want));
	snprintf(text[1], sizeof(text[1]), "%lld", (long long)got);
	note(row, name, text[0], text[1]);
}

static size_t from_hex(const char *text, uint8_t *ret, size_t size)
{
	size_t count = 0;
	unsigned int octet;

	for (; count < size && text && sscanf(text + 2 * count, "%2x", &octet) == 1 &&
	       strlen(text) >= 2 * count + 2;
	     count++)
		ret[count] = (uint8_t)octet;
	return count;
}

static void to_hex(struct qk_span bytes, char *ret, size_t size)
{
	*ret = 0;
	for (size_t i = 0; i < bytes.size && 2 * i + 3 <= size; i++)
		snprintf(ret + 2 * i, size - 2 * i, "%02X", bytes.data[i]);
}

/* As the vectors write times: the zone as "+hh", "+hhmm" or "Z". */
static void show_time(const struct qk_sms_time *time, char *ret, size_t size)
{
	char zone[16] = "Z";
	int minutes = abs(time->quarters) * 15;

	if (minutes % 60)
		snprintf(zone, sizeof(zone), "%c%02d:%02d", time->quarters < 0 ? '-' : '+',
			 minutes / 60, minutes % 60);
	else if (minutes)
		snprintf(zone, sizeof(zone), "%c%02d", time->quarters < 0 ? '-' : '+',
			 minutes / 60);
	snprintf(ret, size, "20%02u-%02u-%02uT%02u:%02u:%02u%s", time->year, time->month, time->day,
		 time->hour, time->minute, time->second, zone);
}

static void check_times(struct row *row, const struct qk_sms *sms)
{
	const char *utc = text_of(row->expect, "timestamp_utc"), *want = expected(row, "timestamp");
	char text[64];

	if (sms->sent.valid && want) {
		show_time(&sms->sent, text, sizeof(text));
		same_text(row, "timestamp", want, text);
	}
	if (!utc)
		return;
	struct qk_sms_time there = qk_sms_time_from(qk_sms_time_utc(&sms->sent), 0);
	show_time(&there, text, sizeof(text));
	same_text(row, "timestamp_utc", utc, text);
}

static void check_text(struct row *row, const struct qk_sms *sms)
{
	const char *want = expected(row, "text");
	char text[QK_SMS_TEXT_MAX] = "";
	uint8_t data[256];

	if (want && sms->coding != QK_SMS_8BIT) {
		if (qk_sms_text(sms, text, sizeof(text)) < 0)
			note(row, "text", want, "no text");
		else
			same_text(row, "text", want, text);
	}
	const char *octets = text_of(row->expect, "data");
	size_t size = from_hex(octets, data, sizeof(data));
	if (octets && (size != sms->data_count || memcmp(data, sms->data, size) != 0))
		note(row, "data", octets, "other octets");
}

static void check_fields(struct row *row, const struct qk_sms *sms)
{
	const json_t *multipart = json_object_get(row->expect, "multipart");

	same_text(row, "smsc", expected(row, "smsc"), sms->smsc.text);
	same_text(row, "number", expected(row, "number"), sms->address.text);
	same_number(row, "pid", sms->pid);
	same_number(row, "dcs", sms->dcs);
	same_number(row, "mr", sms->reference);
	same_number(row, "message_reference", sms->reference);
	same_number(row, "status", sms->status);
	same_number(row, "validity_relative_octet", sms->validity_octets[0]);
	same_number(row, "concat_reference", sms->header.reference);
	same_number(row, "concat_max", sms->header.parts);
	same_number(row, "concat_sequence", sms->header.part);
	if (multipart && json_is_true(multipart) != sms->header.has_parts)
		note(row, "multipart", "the other", "this");
	check_times(row, sms);
	check_text(row, sms);
}

/* What was read and written again reads the same: PDUs differ in bits that mean nothing. */
static void check_again(struct row *row, const struct qk_sms *sms)
{
	uint8_t again[QK_SMS_PDU_MAX];
	struct qk_sms read;
	int size = qk_sms_encode(sms, again, sizeof(again));

	if (size < 0)
		note(row, "written again", "a PDU", strerror(-size));
	else if (qk_sms_decode((struct qk_span){ again, (size_t)size }, &read) < 0)
		note(row, "read again", "a message", "an error");
	else if (memcmp(&read, sms, sizeof(read)) != 0)
		note(row, "read again", "the same", "another message");
}

static void check_pdu(struct row *row)
{
	struct qk_sms sms;
	int r = qk_sms_decode(row->bytes, &sms);

	if (json_is_true(json_object_get(row->json, "malformed"))) {
		if (r == 0)
			note(row, "malformed", "an error", "a message");
		return;
	}
	if (r < 0) {
		note(row, "decode", "a message", "an error");
		return;
	}
	check_fields(row, &sms);
	check_again(row, &sms);
}

/* Fills in what the expectation says; the rest of the PDU is what a plain message has. */
static void check_encode(struct row *row)
{
	struct qk_sms sms = { .type = QK_SMS_SUBMIT }, want;
	const char *text = text_of(row->expect, "text"), *smsc = text_of(row->expect, "smsc");
	const char *class = text_of(row->expect, "set_klass");
	uint8_t made[QK_SMS_PDU_MAX];
	char hex[2][2 * QK_SMS_PDU_MAX + 1];
	struct qk_sms_split split;

	/* what no text or field of ours stands for comes from the PDU */
	if (!text || qk_sms_decode(row->bytes, &want) < 0 || want.coding == QK_SMS_8BIT)
		return;
	assert_int_equal(qk_sms_set_number(&sms.address, text_of(row->expect, "number")), 0);
	if (smsc)
		assert_int_equal(qk_sms_set_number(&sms.smsc, smsc), 0);
	assert_int_equal(qk_sms_split(text, 0, &split), 0);
	assert_true(qk_sms_take_part(&split, class ? class[0] - '0' : -1, &sms));
	sms.report = json_object_get(row->expect, "set_request_status") != NULL;
	sms.validity = want.validity;
	memcpy(sms.validity_octets, want.validity_octets, sizeof(sms.validity_octets));
	sms.reference = want.reference;
	int size = qk_sms_encode(&sms, made, sizeof(made));
	assert_true(size > 0);
	to_hex(row->bytes, hex[0], sizeof(hex[0]));
	to_hex((struct qk_span){ made, (size_t)size }, hex[1], sizeof(hex[1]));
	same_text(row, "written", hex[0], hex[1]);
}

static void check_address(struct row *row)
{
	bool smsc = json_is_true(json_object_get(row->expect, "smsc"));
	struct qk_sms sms = { .type = QK_SMS_SUBMIT };
	struct qk_sms_address *address = smsc ? &sms.smsc : &sms.address;
	uint8_t made[QK_SMS_PDU_MAX];

	assert_int_equal(qk_sms_set_number(&sms.address, "1"), 0);
	assert_int_equal(qk_sms_set_number(address, text_of(row->expect, "address")), 0);
	assert_true(qk_sms_encode(&sms, made, sizeof(made)) > (int)row->bytes.size);
	/* the party comes behind an empty message centre, the first octet and the reference */
	if (memcmp(made + (smsc ? 0 : 3), row->bytes.data, row->bytes.size) != 0)
		note(row, "address", text_of(row->json, "pdu"), "other octets");
}

static uint8_t language(const json_t *object, const char *name)
{
	static const char *const names[] = { "", "turkish", "spanish", "portuguese" };
	const char *text = text_of(object, name);

	for (uint8_t i = 0; text && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0)
			return i;
	return QK_GSM7_DEFAULT;
}

static void check_table(struct row *row)
{
	struct qk_sms sms;
	char text[QK_SMS_TEXT_MAX];

	assert_int_equal(qk_sms_decode(row->bytes, &sms), 0);
	sms.header.tables.locking = language(row->expect, "locking_table");
	sms.header.tables.single = language(row->expect, "single_shift_table");
	assert_true(qk_sms_text(&sms, text, sizeof(text)) >= 0);
	same_text(row, "text", text_of(row->expect, "text"), text);
}

static void check_pack(struct row *row)
{
	uint8_t septets[256], packed[256];
	size_t count = from_hex(text_of(row->expect, "septets"), septets, sizeof(septets));
	json_int_t offset = json_integer_value(json_object_get(row->expect, "bit_offset"));
	size_t size = qk_gsm7_pack(septets, count, (size_t)offset, packed);
	char hex[2 * 256 + 1];

	to_hex((struct qk_span){ packed, size }, hex, sizeof(hex));
	same_text(row, "packed", text_of(row->json, "pdu"), hex);
}

static void check_unpack(struct row *row)
{
	uint8_t septets[256];
	char text[1024], hex[2 * 256 + 1];
	size_t count = strlen(text_of(row->expect, "septets")) / 2;

	assert_int_equal(qk_gsm7_unpack(row->bytes, 0, count, septets), 0);
	to_hex((struct qk_span){ septets, count }, hex, sizeof(hex));
	same_text(row, "septets", text_of(row->expect, "septets"), hex);
	assert_true(qk_gsm7_show(septets, count, NULL, text, sizeof(text)) >= 0);
	same_text(row, "text", text_of(row->expect, "text"), text);
}

static void check_ucs2(struct row *row)
{
	struct qk_sms sms = { .coding = QK_SMS_UCS2, .dcs = 8 };
	char text[QK_SMS_TEXT_MAX];

	memcpy(sms.data, row->bytes.data, row->bytes.size);
	sms.data_count = (uint8_t)row->bytes.size;
	assert_true(qk_sms_text(&sms, text, sizeof(text)) >= 0);
	same_text(row, "text", text_of(row->expect, "text"), text);
}

static void check_page(struct row *row)
{
	struct qk_cbs_page page;
	char text[QK_SMS_TEXT_MAX];

	if (qk_cbs_decode(row->bytes, &page) < 0) {
		note(row, "page", "a page", "an error");
		return;
	}
	same_number(row, "channel", page.channel);
	same_number(row, "num_parts", page.pages);
	same_number(row, "part_num", page.page);
	same_number(row, "cbm_serial_message_code", page.serial >> 4 & 0xff);
	same_number(row, "cbm_serial_message_code_update", page.serial & 0xf);
	if (qk_cbs_text(&page, text, sizeof(text)) < 0)
		note(row, "text", "text", "none");
	else
		same_text(row, "text", text_of(row->expect, "text"), text);
	if (text_of(row->expect, "language"))
		same_text(row, "language", text_of(row->expect, "language"), page.language);
}

static const struct {
	const char *direction;
	void (*check)(struct row *row);
} checks[] = {
	{ "deliver", check_pdu },
	{ "submit", check_pdu },
	{ "status-report", check_pdu },
	{ "any", check_pdu },
	{ "encode-submit", check_encode },
	{ "address-encode", check_address },
	{ "gsm7-table", check_table },
	{ "gsm7-pack", check_pack },
	{ "gsm7-unpack", check_unpack },
	{ "ucs2-be", check_ucs2 },
	{ "cbm", check_page },
};

static bool run_row(struct row *row)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (strcmp(checks[i].direction, row->direction) != 0)
			continue;
		checks[i].check(row);
		return true;
	}
	return false;
}

static void codec_agrees_with_other_projects_when_their_vectors_are_here(void **state)
{
	FILE *file = *state;
	char *line = malloc(LINE_MAX_SIZE);
	unsigned int ran = 0, others = 0, wrong = 0;

	assert_non_null(line);
	while (fgets(line, LINE_MAX_SIZE, file)) {
		struct row row = { .json = json_loads(line, 0, NULL) };
		assert_non_null(row.json);
		row.expect = json_object_get(row.json, "expect");
		row.peer = json_object_get(row.json, "oracle_modemmanager");
		row.id = text_of(row.json, "id");
		row.direction = text_of(row.json, "direction");
		row.bytes.data = row.pdu;
		row.bytes.size = from_hex(text_of(row.json, "pdu"), row.pdu, sizeof(row.pdu));
		if (run_row(&row))
			ran++;
		else
			others++;
		wrong += row.wrong;
		json_decref(row.json);
	}
	free(line);
	print_message("%u vectors, %u of other things\n", ran, others);
	assert_int_equal(wrong, 0);
	assert_true(ran > 0);
}

int main(void)
{
	return vectors_run("codec_agrees_with_other_projects_when_their_vectors_are_here",
			   codec_agrees_with_other_projects_when_their_vectors_are_here,
			   "sms.jsonl");
}
