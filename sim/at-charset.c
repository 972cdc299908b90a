/*
 * AT charset: character sets of the host (see at-charset.h).
 */
#include "at-charset.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "at-parse.h"
#include "lib/3gpp/gsm7.h"
#include "lib/3gpp/utf8.h"

static int read_ascii(const char *text, size_t size, char *ret, size_t ret_size)
{
	if (size >= ret_size)
		return -EINVAL;
	for (size_t i = 0; i < size; i++)
		if ((uint8_t)text[i] > 0x7e || !text[i])
			return -EINVAL;
	if (size)
		memcpy(ret, text, size);
	ret[size] = 0;
	return 0;
}

static int read_gsm(const char *text, size_t size, char *ret, size_t ret_size)
{
	for (size_t i = 0; i < size; i++)
		if ((uint8_t)text[i] > 0x7f)
			return -EINVAL;
	int r = qk_gsm7_show((const uint8_t *)text, size, NULL, ret, ret_size);
	return r < 0 || (size_t)r >= ret_size ? -EINVAL : 0;
}

static int read_ucs2(const char *text, size_t size, char *ret, size_t ret_size)
{
	uint8_t bytes[1024];
	int count = qk_at_from_hex(text, size, bytes, sizeof(bytes));

	if (count < 0 || count % 2)
		return -EINVAL;
	for (int i = 0; i < count; i += 2) {
		uint8_t high = bytes[i];
		bytes[i] = bytes[i + 1];
		bytes[i + 1] = high;
	}
	int r = qk_ucs2_to_utf8((struct qk_span){ bytes, (size_t)count }, ret, ret_size);
	return r < 0 || (size_t)r >= ret_size ? -EINVAL : 0;
}

int qk_at_charset_read(uint32_t charset, const char *text, size_t size, char *ret, size_t ret_size)
{
	if (charset == QK_AT_CHARSET_UCS2)
		return read_ucs2(text, size, ret, ret_size);
	return charset == QK_AT_CHARSET_IRA ? read_ascii(text, size, ret, ret_size)
					    : read_gsm(text, size, ret, ret_size);
}

/* One character of the host's set: its octets, at most 8. */
static size_t write_character(uint32_t charset, struct qk_span *rest, char ret[12])
{
	uint32_t character = '?';
	uint8_t septets[2];
	struct qk_span at = *rest;

	if (!qk_utf8_next(rest, &character)) {
		rest->data++;
		rest->size--;
	}
	if (charset == QK_AT_CHARSET_IRA) {
		ret[0] = character < 0x7f ? (char)character : '?';
		return 1;
	}
	if (charset == QK_AT_CHARSET_GSM) {
		unsigned int count = qk_gsm7_next(&at, septets);
		ret[0] = count ? (char)septets[0] : '?';
		ret[1] = count == 2 ? (char)septets[1] : 0;
		return count ? count : 1;
	}
	if (character > 0xffff) {
		character -= 0x10000;
		return (size_t)snprintf(ret, 12, "%04X%04X", 0xd800 + (character >> 10),
					0xdc00 + (character & 0x3ff));
	}
	return (size_t)snprintf(ret, 12, "%04X", character);
}

size_t qk_at_charset_write(uint32_t charset, const char *text, char *ret, size_t ret_size)
{
	struct qk_span rest = { (const uint8_t *)text, strlen(text) };
	size_t used = 0;

	while (rest.size) {
		char one[12];
		size_t size = write_character(charset, &rest, one);
		if (used + size >= ret_size)
			break;
		memcpy(ret + used, one, size);
		used += size;
	}
	ret[used] = 0;
	return used;
}
