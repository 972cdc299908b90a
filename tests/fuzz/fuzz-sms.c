/*
 * Fuzz target: SMS PDUs and cell broadcast pages. What can be read can be written and reads the same again; its
 * text is UTF-8 of the length that was promised.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/3gpp/cbs.h"
#include "lib/3gpp/sms-text.h"
#include "lib/3gpp/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_text(const char *text, int size)
{
	check(size < QK_SMS_TEXT_MAX);
	/* a NUL may be in it: it is a character of UCS2 */
	for (int at = 0; at < size; at++) {
		struct qk_span rest = { (const uint8_t *)text + at, (size_t)(size - at) };
		at += (int)qk_utf8_valid(rest);
		check(at == size || !text[at]);
	}
}

static void again(const struct qk_sms *sms)
{
	uint8_t made[QK_SMS_PDU_MAX];
	struct qk_sms read;
	int size = qk_sms_encode(sms, made, sizeof(made));

	/* a text address may hold what the alphabet shows in two ways */
	if (size < 0)
		return;
	check(qk_sms_decode((struct qk_span){ made, (size_t)size }, &read) == 0);
	check(read.type == sms->type && read.data_count == sms->data_count);
	check(memcmp(read.data, sms->data, sms->data_count) == 0);
	check(read.header.size == sms->header.size && read.dcs == sms->dcs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qk_span bytes = { data, size };
	struct qk_sms sms;
	struct qk_cbs_page page;
	char text[QK_SMS_TEXT_MAX];

	if (qk_sms_decode(bytes, &sms) == 0) {
		int r = qk_sms_text(&sms, text, sizeof(text));
		if (r >= 0)
			check_text(text, r);
		again(&sms);
	}
	if (qk_cbs_decode(bytes, &page) == 0) {
		int r = qk_cbs_text(&page, text, sizeof(text));
		if (r >= 0)
			check_text(text, r);
	}
	return 0;
}
