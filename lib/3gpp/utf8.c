/*
 * UTF-8 and UCS-2, character by character.
 */
#include "utf8.h"

#include <errno.h>
#include <limits.h>

/* How a character of so many bytes begins, and the smallest one that needs them. */
static const struct {
	uint8_t mask, lead;
	uint32_t least;
} forms[] = {
	{ 0x80, 0x00, 0 },
	{ 0xe0, 0xc0, 0x80 },
	{ 0xf0, 0xe0, 0x800 },
	{ 0xf8, 0xf0, 0x10000 },
};

static bool is_surrogate(uint32_t character)
{
	return character >= 0xd800 && character <= 0xdfff;
}

bool qk_utf8_next(struct qk_span *text, uint32_t *ret_character)
{
	for (unsigned int extra = 0; text->size > extra && extra < 4; extra++) {
		if ((text->data[0] & forms[extra].mask) != forms[extra].lead)
			continue;

		uint32_t character = text->data[0] & (uint8_t)~forms[extra].mask;

		for (unsigned int i = 1; i <= extra; i++) {
			if ((text->data[i] & 0xc0) != 0x80)
				return false;
			character = character << 6 | (text->data[i] & 0x3f);
		}
		if (character < forms[extra].least || character > 0x10ffff ||
		    is_surrogate(character))
			return false;
		text->data += extra + 1;
		text->size -= extra + 1;
		*ret_character = character;
		return true;
	}
	return false;
}

size_t qk_utf8_valid(struct qk_span text)
{
	struct qk_span rest = text;
	uint32_t character;

	while (rest.size && rest.data[0] && qk_utf8_next(&rest, &character))
		;
	return text.size - rest.size;
}

unsigned int qk_utf8_put(uint32_t character, char ret[4])
{
	unsigned int extra = 0;

	while (extra < 3 && character >= forms[extra + 1].least)
		extra++;
	for (unsigned int i = extra; i > 0; i--, character >>= 6)
		ret[i] = (char)(0x80 | (character & 0x3f));
	ret[0] = (char)(forms[extra].lead | character);
	return extra + 1;
}

/* One character of UCS-2, or of a surrogate pair; 0 when it is broken. */
static uint32_t ucs2_next(struct qk_cursor *c)
{
	uint32_t first = (uint32_t)qk_cursor_uint(c, 2, false);

	if (!is_surrogate(first))
		return first;
	if (first >= 0xdc00 || qk_cursor_left(c) < 2)
		return 0;

	uint32_t second = (uint32_t)qk_cursor_uint(c, 2, false);

	if (second < 0xdc00 || second > 0xdfff)
		return 0;
	return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

void qk_utf8_append(struct qk_utf8_sink *sink, uint32_t character)
{
	char bytes[4];
	unsigned int length = qk_utf8_put(character, bytes);

	for (unsigned int i = 0; i < length; i++, sink->used++)
		if (sink->used + 1 < sink->size)
			sink->buffer[sink->used] = bytes[i];
}

int qk_utf8_finish(const struct qk_utf8_sink *sink)
{
	if (sink->size)
		sink->buffer[sink->used < sink->size ? sink->used : sink->size - 1] = 0;
	return sink->used > INT_MAX ? -EMSGSIZE : (int)sink->used;
}

int qk_ucs2_to_utf8(struct qk_span ucs2, char *buffer, size_t size)
{
	struct qk_utf8_sink sink = { .buffer = buffer, .size = size };
	struct qk_cursor c = qk_cursor(ucs2);

	if (ucs2.size % 2)
		return -EILSEQ;
	while (qk_cursor_left(&c)) {
		bool end = !c.pos[0] && !c.pos[1];
		uint32_t character = ucs2_next(&c);

		if (end)
			break;
		if (!character)
			return -EILSEQ;
		qk_utf8_append(&sink, character);
	}
	return qk_utf8_finish(&sink);
}
