/*
 * Cell broadcast: the head of a page, its coding scheme, its text.
 */
#include "cbs.h"

#include <errno.h>
#include <string.h>

#include "gsm7.h"
#include "sms-text.h"

enum {
	HEAD_SIZE = 6,
	CONTENT_MAX = QK_CBS_PAGE_SIZE - HEAD_SIZE,
	SEPTETS_MAX = CONTENT_MAX * 8 / 7,
	DCS_LANGUAGE_GSM7 = 0x10, /* the text begins with a language and CR */
	DCS_LANGUAGE_UCS2 = 0x11, /* with two septets of it */
	CARRIAGE_RETURN = 0x0d,
};

/* The languages of the coding scheme's groups 0 and 2. */
static const char *const languages[] = {
	"de", "en",          "it",          "fr",          "es",          "nl",          "sv",
	"da", "pt",          "fi",          "no",          "el",          "tr",          "hu",
	"pl", [0x20] = "cs", [0x21] = "he", [0x22] = "ar", [0x23] = "ru", [0x24] = "is",
};

static bool is_letter(uint8_t octet)
{
	return octet >= 'a' && octet <= 'z';
}

/* The language in front of the text is packed as the text is; there are pages that have it in whole octets
 * all the same, which packed letters cannot look like. */
static void take_first_letters(struct qk_cbs_page *page)
{
	const uint8_t *data = page->content.data;
	bool gsm7 = page->dcs == DCS_LANGUAGE_GSM7;
	uint8_t letters[3];

	if (qk_gsm7_unpack(page->content, 0, 3, letters) < 0)
		return;
	page->skip_bits = gsm7 ? 21 : 16;
	if (gsm7 && is_letter(data[0]) && is_letter(data[1]) && data[2] == CARRIAGE_RETURN) {
		page->skip_bits = 24;
		memcpy(letters, data, 2);
	}
	if (is_letter(letters[0]) && is_letter(letters[1]))
		memcpy(page->language, letters, 2);
}

static void take_language(struct qk_cbs_page *page)
{
	if (page->dcs == DCS_LANGUAGE_GSM7 || page->dcs == DCS_LANGUAGE_UCS2)
		take_first_letters(page);
	else if (page->dcs < sizeof(languages) / sizeof(languages[0]) && languages[page->dcs])
		memcpy(page->language, languages[page->dcs], 2);
}

static uint8_t coding_of(uint8_t dcs)
{
	static const uint8_t codings[] = { QK_SMS_GSM7, QK_SMS_8BIT, QK_SMS_UCS2, QK_SMS_GSM7 };

	if (dcs == DCS_LANGUAGE_UCS2)
		return QK_SMS_UCS2;
	if ((dcs >= 0x40 && dcs < 0x80) || dcs >> 4 == 9)
		return codings[dcs >> 2 & 3];
	if (dcs >> 4 == 15)
		return dcs & 4 ? QK_SMS_8BIT : QK_SMS_GSM7;
	return QK_SMS_GSM7;
}

int qk_cbs_decode(struct qk_span bytes, struct qk_cbs_page *ret)
{
	struct qk_cursor c = qk_cursor(bytes);
	struct qk_cbs_page page = { 0 };

	page.serial = (uint16_t)qk_cursor_uint(&c, 2, true);
	page.channel = (uint16_t)qk_cursor_uint(&c, 2, true);
	page.dcs = (uint8_t)qk_cursor_uint(&c, 1, true);
	uint8_t pages = (uint8_t)qk_cursor_uint(&c, 1, true);
	if (c.error)
		return -EBADMSG;
	/* 0 is reserved and means a message of one page */
	page.page = pages >> 4 ? pages >> 4 : 1;
	page.pages = pages & 0x0f ? pages & 0x0f : 1;
	size_t left = qk_cursor_left(&c);
	page.content = qk_cursor_take(&c, left < CONTENT_MAX ? left : CONTENT_MAX);
	page.coding = coding_of(page.dcs);
	take_language(&page);
	*ret = page;
	return 0;
}

static int gsm7_text(const struct qk_cbs_page *page, char *buffer, size_t size)
{
	uint8_t septets[SEPTETS_MAX];
	size_t bits = page->content.size * 8;
	size_t count = bits > page->skip_bits ? (bits - page->skip_bits) / 7 : 0;
	int r = qk_gsm7_unpack(page->content, bits ? page->skip_bits : 0, count, septets);

	if (r < 0)
		return r;
	while (count && septets[count - 1] == CARRIAGE_RETURN)
		count--;
	return qk_gsm7_show(septets, count, NULL, buffer, size);
}

int qk_cbs_text(const struct qk_cbs_page *page, char *buffer, size_t size)
{
	struct qk_sms sms = { .coding = QK_SMS_UCS2, .dcs = 0x08 };

	if (page->coding == QK_SMS_8BIT)
		return -EILSEQ;
	if (page->coding == QK_SMS_GSM7)
		return gsm7_text(page, buffer, size);
	size_t skip = page->skip_bits / 8u;
	size_t count = (page->content.size - skip) & ~(size_t)1;
	const uint8_t *from = page->content.data + skip;
	while (count >= 2 && !from[count - 2] && from[count - 1] == CARRIAGE_RETURN)
		count -= 2;
	if (count)
		memcpy(sms.data, from, count);
	sms.data_count = (uint8_t)count;
	return qk_sms_text(&sms, buffer, size);
}
