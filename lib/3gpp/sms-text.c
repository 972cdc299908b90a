/*
 * SMS text: alphabets of user data, and a text cut into parts at whole characters.
 */
#include "sms-text.h"

#include <errno.h>
#include <string.h>

#include "utf8.h"

enum {
	HEADER_OCTETS = 6, /* its length and one element of parts */
	HEADER_SEPTETS = 7,
	UCS2_UNIT = 2,
	SURROGATES = 0x10000,
};

/* UCS2 of SMS is big endian, and telephones send UTF-16 in it. */
static int ucs2_text(const uint8_t *data, size_t count, char *buffer, size_t size)
{
	struct qk_utf8_sink sink = { .buffer = buffer, .size = size };
	struct qk_cursor c = qk_cursor((struct qk_span){ data, count & ~(size_t)1 });

	while (qk_cursor_left(&c)) {
		uint32_t character = (uint32_t)qk_cursor_uint(&c, 2, true);

		if (character >= 0xdc00 && character <= 0xdfff)
			return -EILSEQ;
		if (character >= 0xd800 && character <= 0xdbff) {
			uint32_t low = (uint32_t)qk_cursor_uint(&c, 2, true);
			if (low < 0xdc00 || low > 0xdfff)
				return -EILSEQ;
			character = SURROGATES + ((character - 0xd800) << 10) + (low - 0xdc00);
		}
		qk_utf8_append(&sink, character);
	}
	return qk_utf8_finish(&sink);
}

int qk_sms_text(const struct qk_sms *sms, char *buffer, size_t size)
{
	if (sms->dcs & 0x20 && sms->dcs < 0x80)
		return -EILSEQ;
	switch ((enum qk_sms_coding)sms->coding) {
	case QK_SMS_GSM7:
		return qk_gsm7_show(sms->data, sms->data_count, &sms->header.tables, buffer, size);
	case QK_SMS_UCS2:
		return ucs2_text(sms->data, sms->data_count, buffer, size);
	case QK_SMS_8BIT:
		break;
	}
	return -EILSEQ;
}

/* Takes one character as the units of the coding into `ret` (at most 4 octets): how many units, which are
 * septets or octets; 0 at the end and where there is none. */
static unsigned int take_character(struct qk_span *text, uint32_t coding, uint8_t ret[4])
{
	uint32_t character;

	if (coding == QK_SMS_GSM7)
		return qk_gsm7_next(text, ret);
	if (!qk_utf8_next(text, &character))
		return 0;
	uint32_t low = character;
	unsigned int size = 0;
	if (character >= SURROGATES) {
		uint32_t high = 0xd800 + ((character - SURROGATES) >> 10);
		low = 0xdc00 + (character & 0x3ff);
		ret[size++] = (uint8_t)(high >> 8);
		ret[size++] = (uint8_t)high;
	}
	ret[size++] = (uint8_t)(low >> 8);
	ret[size++] = (uint8_t)low;
	return size;
}

/* Takes as many characters as fit `room` units: the units. */
static uint8_t take_units(struct qk_span *text, uint32_t coding, size_t room, uint8_t *ret)
{
	size_t used = 0;

	while (text->size) {
		struct qk_span rest = *text;
		uint8_t units[4];
		unsigned int count = take_character(&rest, coding, units);
		if (!count || used + count > room)
			break;
		if (ret)
			memcpy(ret + used, units, count);
		used += count;
		*text = rest;
	}
	return (uint8_t)used;
}

static size_t room_of(uint32_t coding, bool header)
{
	if (coding == QK_SMS_GSM7)
		return QK_SMS_SEPTETS_MAX - (header ? HEADER_SEPTETS : 0);
	return QK_SMS_DATA_MAX - (header ? HEADER_OCTETS : 0);
}

int qk_sms_split(const char *text, uint8_t reference, struct qk_sms_split *ret)
{
	struct qk_sms_split split = {
		.text = { (const uint8_t *)text, strlen(text) },
		.coding = QK_SMS_GSM7,
		.reference = reference,
	};
	struct qk_span rest = split.text;
	uint8_t units[4];
	size_t parts = 1;

	if (qk_utf8_valid(split.text) != split.text.size)
		return -EINVAL;
	while (rest.size && qk_gsm7_next(&rest, units))
		;
	if (rest.size)
		split.coding = QK_SMS_UCS2;
	rest = split.text;
	take_units(&rest, split.coding, room_of(split.coding, false), NULL);
	if (rest.size) {
		rest = split.text;
		for (parts = 0; rest.size; parts++)
			take_units(&rest, split.coding, room_of(split.coding, true), NULL);
	}
	if (parts > QK_SMS_PARTS_MAX)
		return -EMSGSIZE;
	split.parts = (uint8_t)parts;
	*ret = split;
	return 0;
}

bool qk_sms_take_part(struct qk_sms_split *split, int message_class, struct qk_sms *sms)
{
	static const uint8_t dcs_of[] = { [QK_SMS_GSM7] = 0x00, [QK_SMS_UCS2] = 0x08 };

	if (split->next == split->parts)
		return false;
	split->next++;
	qk_sms_set_dcs(sms, (uint8_t)(dcs_of[split->coding] |
				      (message_class < 0 ? 0 : 0x10 | (message_class & 3))));
	sms->header = (struct qk_sms_header){ 0 };
	sms->has_data = true;
	if (split->parts > 1) {
		const uint8_t octets[HEADER_OCTETS] = {
			5, 0, 3, (uint8_t)split->reference, split->parts, split->next
		};
		memcpy(sms->header.octets, octets, sizeof(octets));
		sms->header.size = HEADER_OCTETS;
		sms->header.has_parts = true;
		sms->header.reference = split->reference;
		sms->header.parts = split->parts;
		sms->header.part = split->next;
	}
	sms->data_count = take_units(&split->text, split->coding,
				     room_of(split->coding, split->parts > 1), sms->data);
	return true;
}
