/*
 * GSM 7-bit text as UTF-8 and back: a table for each alphabet, one for what follows an escape.
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

struct row {
	uint8_t septet;
	uint16_t character;
};

static const struct row extension[] = {
	{ 0x0a, '\f' }, { 0x14, '^' }, { 0x28, '{' }, { 0x29, '}' }, { 0x2f, '\\' },
	{ 0x3c, '[' },  { 0x3d, '~' }, { 0x3e, ']' }, { 0x40, '|' }, { 0x65, 0x20ac },
};

/* National tables: where they differ from the default ones. */
static const struct row turkish_locking[] = {
	{ 0x04, 0x20ac }, { 0x07, 0x131 }, { 0x0b, 0x11e }, { 0x0c, 0x11f },
	{ 0x1c, 0x15e },  { 0x1d, 0x15f }, { 0x40, 0x130 }, { 0x60, 0xe7 },
};
static const struct row turkish_single[] = {
	{ 0x47, 0x11e }, { 0x49, 0x130 }, { 0x53, 0x15e }, { 0x63, 0xe7 },
	{ 0x67, 0x11f }, { 0x69, 0x131 }, { 0x73, 0x15f },
};
static const struct row spanish_single[] = {
	{ 0x09, 0xe7 }, { 0x41, 0xc1 }, { 0x49, 0xcd }, { 0x4f, 0xd3 }, { 0x55, 0xda },
	{ 0x61, 0xe1 }, { 0x69, 0xed }, { 0x6f, 0xf3 }, { 0x75, 0xfa },
};
static const struct row portuguese_locking[] = {
	{ 0x04, 0xea },   { 0x06, 0xfa }, { 0x07, 0xed },   { 0x08, 0xf3 }, { 0x09, 0xe7 },
	{ 0x0b, 0xd4 },   { 0x0c, 0xf4 }, { 0x0e, 0xc1 },   { 0x0f, 0xe1 }, { 0x12, 0xaa },
	{ 0x13, 0xc7 },   { 0x14, 0xc0 }, { 0x15, 0x221e }, { 0x16, '^' },  { 0x17, '\\' },
	{ 0x18, 0x20ac }, { 0x19, 0xd3 }, { 0x1a, '|' },    { 0x1c, 0xc2 }, { 0x1d, 0xe2 },
	{ 0x1e, 0xca },   { 0x24, 0xba }, { 0x40, 0xcd },   { 0x5b, 0xc3 }, { 0x5c, 0xd5 },
	{ 0x5d, 0xda },   { 0x60, '~' },  { 0x7b, 0xe3 },   { 0x7c, 0xf5 }, { 0x7d, '`' },
};
static const struct row portuguese_single[] = {
	{ 0x05, 0xea },  { 0x09, 0xe7 },  { 0x0b, 0xd4 },  { 0x0c, 0xf4 },  { 0x0e, 0xc1 },
	{ 0x0f, 0xe1 },  { 0x12, 0x3a6 }, { 0x13, 0x393 }, { 0x15, 0x3a9 }, { 0x16, 0x3a0 },
	{ 0x17, 0x3a8 }, { 0x18, 0x3a3 }, { 0x19, 0x398 }, { 0x1f, 0xca },  { 0x41, 0xc0 },
	{ 0x49, 0xcd },  { 0x4f, 0xd3 },  { 0x55, 0xda },  { 0x5b, 0xc3 },  { 0x5c, 0xd5 },
	{ 0x61, 0xc2 },  { 0x69, 0xed },  { 0x6f, 0xf3 },  { 0x75, 0xfa },  { 0x7b, 0xe3 },
	{ 0x7c, 0xf5 },  { 0x7f, 0xe2 },
};

#define ROWS(rows) rows, sizeof(rows) / sizeof((rows)[0])

/* By enum qk_gsm7_language; NULL: as the default. */
static const struct {
	const struct row *locking;
	size_t locking_count;
	const struct row *single;
	size_t single_count;
} languages[] = {
	[QK_GSM7_DEFAULT] = { NULL, 0, NULL, 0 },
	[QK_GSM7_TURKISH] = { ROWS(turkish_locking), ROWS(turkish_single) },
	[QK_GSM7_SPANISH] = { NULL, 0, ROWS(spanish_single) },
	[QK_GSM7_PORTUGUESE] = { ROWS(portuguese_locking), ROWS(portuguese_single) },
};

static uint16_t look_up(const struct row *rows, size_t count, uint8_t septet)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].septet == septet)
			return rows[i].character;
	return 0;
}

static uint8_t septet_at(struct qk_span packed, size_t bit)
{
	unsigned int value = packed.data[bit / 8];

	if (bit / 8 + 1 < packed.size)
		value |= (unsigned int)packed.data[bit / 8 + 1] << 8;
	return (uint8_t)(value >> (bit % 8) & 0x7f);
}

static uint32_t extended(uint8_t septet)
{
	return look_up(ROWS(extension), septet);
}

int qk_gsm7_to_utf8(struct qk_span packed, char *buffer, size_t size)
{
	struct qk_utf8_sink sink = { .buffer = buffer, .size = size };
	size_t count = packed.size * 8 / 7;

	while (count && !septet_at(packed, 7 * (count - 1)))
		count--;
	for (size_t i = 0; i < count; i++) {
		uint8_t septet = septet_at(packed, 7 * i);
		uint32_t character = alphabet[septet];

		if (septet == GSM7_ESCAPE)
			character = ++i < count ? extended(septet_at(packed, 7 * i)) : 0;
		if (!character)
			return -EILSEQ;
		qk_utf8_append(&sink, character);
	}
	return qk_utf8_finish(&sink);
}

int qk_gsm7_unpack(struct qk_span packed, size_t skip, size_t count, uint8_t *ret)
{
	if (skip > packed.size * 8 || count > (packed.size * 8 - skip) / 7)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++)
		ret[i] = septet_at(packed, skip + 7 * i);
	return 0;
}

size_t qk_gsm7_pack(const uint8_t *septets, size_t count, size_t skip, uint8_t *ret)
{
	size_t octets = (skip + 7 * count + 7) / 8;

	for (size_t i = 0; i < octets; i++)
		ret[i] = 0;
	for (size_t i = 0; i < count; i++) {
		size_t bit = skip + 7 * i;
		unsigned int value = (unsigned int)(septets[i] & 0x7f) << (bit % 8);

		ret[bit / 8] |= (uint8_t)value;
		if (value > UINT8_MAX)
			ret[bit / 8 + 1] |= (uint8_t)(value >> 8);
	}
	return octets;
}

static uint32_t main_character(uint8_t septet, uint8_t language)
{
	uint32_t character = 0;

	if (language < sizeof(languages) / sizeof(languages[0]))
		character = look_up(languages[language].locking, languages[language].locking_count,
				    septet);
	return character ? character : alphabet[septet];
}

static uint32_t shifted_character(uint8_t septet, const struct qk_gsm7_tables *tables)
{
	uint32_t character = 0;

	if (tables->single < sizeof(languages) / sizeof(languages[0]))
		character = look_up(languages[tables->single].single,
				    languages[tables->single].single_count, septet);
	if (!character)
		character = extended(septet);
	return character ? character : main_character(septet, tables->locking);
}

int qk_gsm7_show(const uint8_t *septets, size_t count, const struct qk_gsm7_tables *tables,
		 char *buffer, size_t size)
{
	const struct qk_gsm7_tables plain = { 0 };
	struct qk_utf8_sink sink = { .buffer = buffer, .size = size };

	if (!tables)
		tables = &plain;
	for (size_t i = 0; i < count; i++) {
		uint8_t septet = septets[i] & 0x7f;
		uint32_t character;

		if (septet != GSM7_ESCAPE)
			character = main_character(septet, tables->locking);
		else
			character =
				++i < count ? shifted_character(septets[i] & 0x7f, tables) : ' ';
		qk_utf8_append(&sink, character ? character : ' ');
	}
	return qk_utf8_finish(&sink);
}

unsigned int qk_gsm7_next(struct qk_span *text, uint8_t ret[2])
{
	struct qk_span rest = *text;
	uint32_t character;

	if (!qk_utf8_next(&rest, &character) || !character)
		return 0;
	for (uint8_t septet = 0; septet < GSM7_CHARACTERS; septet++) {
		if (alphabet[septet] != character)
			continue;
		*text = rest;
		ret[0] = septet;
		return 1;
	}
	for (size_t i = 0; i < sizeof(extension) / sizeof(extension[0]); i++) {
		if (extension[i].character != character)
			continue;
		*text = rest;
		ret[0] = GSM7_ESCAPE;
		ret[1] = extension[i].septet;
		return 2;
	}
	return 0;
}
