/*
 * Strings of a modem: UTF-8 where printable, else GSM 7-bit, else UCS-2.
 */
#include "modem-text.h"

#include <errno.h>
#include <locale.h>
#include <string.h>
#include <wctype.h>
#include <qmikit/nas.h>

#include "lib/3gpp/gsm7.h"
#include "lib/3gpp/utf8.h"

/* Format characters (Unicode category Cf): printable for the C library, not so for libqmi. */
static const struct {
	uint32_t first, last;
} formats[] = {
	{ 0xad, 0xad },       { 0x600, 0x605 },     { 0x61c, 0x61c },     { 0x6dd, 0x6dd },
	{ 0x70f, 0x70f },     { 0x890, 0x891 },     { 0x8e2, 0x8e2 },     { 0x180e, 0x180e },
	{ 0x200b, 0x200f },   { 0x202a, 0x202e },   { 0x2060, 0x2064 },   { 0x2066, 0x206f },
	{ 0xfeff, 0xfeff },   { 0xfff9, 0xfffb },   { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd },
	{ 0x13430, 0x13438 }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0001, 0xe0001 },
	{ 0xe0020, 0xe007f },
};

/* `unicode` is a UTF-8 locale, or 0 where the C library has none: then all counts as printable. */
static bool is_printable(uint32_t c, locale_t unicode)
{
	if (c < 0x80)
		return (c >= ' ' && c < 0x7f) || c == '\r' || c == '\n' || c == '\t';
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (c >= formats[i].first && c <= formats[i].last)
			return false;
	if (c == 0x2028 || c == 0x2029 || !unicode)
		return c >= 0xa0;
	return iswprint_l((wint_t)c, unicode);
}

static bool is_printable_utf8(struct qk_span text)
{
	locale_t unicode = (locale_t)0;
	bool good = true, loaded = false;
	uint32_t character;

	while (text.size && good) {
		if (!text.data[0] || !qk_utf8_next(&text, &character))
			good = false;
		else if (character >= 0x80 && !loaded) {
			unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
			loaded = true;
		}
		good = good && is_printable(character, unicode);
	}
	if (unicode)
		freelocale(unicode);
	return good;
}

/* What a conversion of lib/3gpp has to say, measured first. */
static int add_converted(int (*convert)(struct qk_span, char *, size_t), struct qk_span text,
			 struct output *out)
{
	int size = convert(text, NULL, 0);

	if (size < 0 || !out)
		return size < 0 ? size : 0;

	char *room = output_room(out, (size_t)size);

	if (!room)
		return 0;
	size = convert(text, room, (size_t)size + 1);
	if (size > 0)
		out->used += (size_t)size;
	return 0;
}

static void add_until_nul(struct qk_span text, struct output *out)
{
	size_t size = 0;

	while (size < text.size && text.data[size])
		size++;
	if (out)
		output_add(out, (const char *)text.data, size);
}

/* Text of a fixed size is filled up with 0xff: what is valid counts, and none is no text. */
static int add_fixed(struct qk_span text, struct output *out)
{
	size_t valid = qk_utf8_valid(text);

	add_until_nul((struct qk_span){ text.data, valid }, out);
	return valid ? 0 : -EILSEQ;
}

int modem_text(const struct qk_field *field, const void *value, struct output *out)
{
	const struct qk_string *string = value;

	if (field->kind == QK_KIND_DIGITS)
		return add_fixed((struct qk_span){ value, strnlen(value, field->fixed) }, out);

	struct qk_span text = { (const uint8_t *)string->data, string->size };

	if (field->fixed)
		return add_fixed(text, out);
	if (field->max && text.size > field->max)
		text.size = field->max;

	struct qk_span trimmed = text;

	while (trimmed.size && !trimmed.data[trimmed.size - 1])
		trimmed.size--;
	if (is_printable_utf8(trimmed)) {
		add_until_nul(trimmed, out);
		return 0;
	}
	if (!add_converted(qk_gsm7_to_utf8, text, out))
		return 0;
	return add_converted(qk_ucs2_to_utf8, text, out);
}

static bool members_readable(const struct qk_field *field, const uint8_t *value)
{
	size_t count;
	const struct qk_field *member = qk_field_members(field, &count);

	for (; count; count--, member++)
		if (!modem_text_readable(member, value + member->offset))
			return false;
	return true;
}

bool modem_text_readable(const struct qk_field *field, const void *value)
{
	const uint8_t *items = value;
	size_t count = 1;

	if (field->kind != QK_KIND_STRING && field->kind != QK_KIND_DIGITS &&
	    field->kind != QK_KIND_STRUCT)
		return true;
	if (field->flags & QK_FIELD_LIST) {
		const struct qk_list *list = value;

		items = list->items;
		count = list->count;
	}
	for (size_t i = 0; i < count; i++, items += field->size) {
		if (field->kind == QK_KIND_STRUCT ? !members_readable(field, items)
						  : modem_text(field, items, NULL))
			return false;
	}
	return true;
}

bool modem_text_description(unsigned int encoding, struct qk_span bytes, struct output *out)
{
	switch (encoding) {
	case QK_NAS_NETWORK_DESCRIPTION_ENCODING_UNSPECIFIED:
	case QK_NAS_NETWORK_DESCRIPTION_ENCODING_ASCII7:
		if (qk_utf8_valid(bytes) != bytes.size ||
		    (bytes.size && memchr(bytes.data, 0, bytes.size)))
			return false;
		output_add(out, (const char *)bytes.data, bytes.size);
		return true;
	case QK_NAS_NETWORK_DESCRIPTION_ENCODING_GSM:
		return add_converted(qk_gsm7_to_utf8, bytes, out) == 0;
	case QK_NAS_NETWORK_DESCRIPTION_ENCODING_UNICODE:
		return add_converted(qk_ucs2_to_utf8, bytes, out) == 0;
	}
	return false;
}
