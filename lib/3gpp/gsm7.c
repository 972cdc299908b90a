/*
 * GSM 7-bit text as UTF-8: one table for the alphabet, one for what follows an escape.
 */
#include "gsm7.h"

#include <errno.h>
#include <limits.h>

#include "utf8.h"

enum { GSM7_ESCAPE = 0x1b, GSM7_CHARACTERS = 128 };

/* Unicode of each septet; the escape has none. */
static const uint16_t alphabet[GSM7_CHARACTERS] = {
	'@',   0xa3, '$',  0xa5,  0xe8, 0xe9,  0xf9,  0xec,  0xf2,  0xc7,  '\n',  0xd8,  0xf8,
	'\r',  0xc5, 0xe5, 0x394, '_',  0x3a6, 0x393, 0x39b, 0x3a9, 0x3a0, 0x3a8, 0x3a3, 0x398,
	0x39e, 0,    0xc6, 0xe6,  0xdf, 0xc9,  ' ',   '!',   '"',   '#',   0xa4,  '%',   '&',
	'\'',  '(',  ')',  '*',   '+',  ',',   '-',   '.',   '/',   '0',   '1',   '2',   '3',
	'4',   '5',  '6',  '7',   '8',  '9',   ':',   ';',   '<',   '=',   '>',   '?',   0xa1,
	'A',   'B',  'C',  'D',   'E',  'F',   'G',   'H',   'I',   'J',   'K',   'L',   'M',
	'N',   'O',  'P',  'Q',   'R',  'S',   'T',   'U',   'V',   'W',   'X',   'Y',   'Z',
	0xc4,  0xd6, 0xd1, 0xdc,  0xa7, 0xbf,  'a',   'b',   'c',   'd',   'e',   'f',   'g',
	'h',   'i',  'j',  'k',   'l',  'm',   'n',   'o',   'p',   'q',   'r',   's',   't',
	'u',   'v',  'w',  'x',   'y',  'z',   0xe4,  0xf6,  0xf1,  0xfc,  0xe0,
};

static const struct {
	uint8_t septet;
	uint16_t character;
} extension[] = {
	{ 0x0a, '\f' }, { 0x14, '^' }, { 0x28, '{' }, { 0x29, '}' }, { 0x2f, '\\' },
	{ 0x3c, '[' },  { 0x3d, '~' }, { 0x3e, ']' }, { 0x40, '|' }, { 0x65, 0x20ac },
};

static uint8_t septet_at(struct qk_span packed, size_t index)
{
	size_t bit = index * 7;
	unsigned int value = packed.data[bit / 8];

	if (bit / 8 + 1 < packed.size)
		value |= (unsigned int)packed.data[bit / 8 + 1] << 8;
	return (uint8_t)(value >> (bit % 8) & 0x7f);
}

static uint32_t extended(uint8_t septet)
{
	for (size_t i = 0; i < sizeof(extension) / sizeof(extension[0]); i++)
		if (extension[i].septet == septet)
			return extension[i].character;
	return 0;
}

int qk_gsm7_to_utf8(struct qk_span packed, char *buffer, size_t size)
{
	struct qk_utf8_sink sink = { .buffer = buffer, .size = size };
	size_t count = packed.size * 8 / 7;

	while (count && !septet_at(packed, count - 1))
		count--;
	for (size_t i = 0; i < count; i++) {
		uint8_t septet = septet_at(packed, i);
		uint32_t character = alphabet[septet];

		if (septet == GSM7_ESCAPE)
			character = ++i < count ? extended(septet_at(packed, i)) : 0;
		if (!character)
			return -EILSEQ;
		qk_utf8_append(&sink, character);
	}
	return qk_utf8_finish(&sink);
}
