/*
 * Scrub (see scrub.h).
 */
#include "scrub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
	VALUE_MAX = 64,  /* characters of a value that is learnt */
	VALUE_LEAST = 4, /* shorter ones stand everywhere */
	SURE = 8,        /* digits that no number of another kind is by chance */
	KEPT = 5,        /* of an IMEI, an IMSI, an ICCID */
	LONG_NUMBER = 14,
	IMEI_DIGITS = 15,
	VALUES_MAX = 65536,
};

struct value {
	char text[VALUE_MAX], replacement[VALUE_MAX];
	size_t size;
};

struct scrub {
	uint64_t key[2];
	bool luhn;
	struct value *values;
	size_t count, room;
};

int scrub_new(bool luhn, struct scrub **ret)
{
	struct scrub *scrub = calloc(1, sizeof(*scrub));

	if (!scrub)
		return -ENOMEM;
	scrub->luhn = luhn;
	if (getrandom(scrub->key, sizeof(scrub->key), 0) != sizeof(scrub->key)) {
		int r = -errno;
		free(scrub);
		return r;
	}
	*ret = scrub;
	return 0;
}

struct scrub *scrub_free(struct scrub *scrub)
{
	if (!scrub)
		return NULL;
	free(scrub->values);
	free(scrub);
	return NULL;
}

/* --- A keyed hash: SipHash-2-4, by its authors' paper (Aumasson and Bernstein, 2012) */

static uint64_t rotate(uint64_t x, unsigned int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

static uint64_t hash(const struct scrub *scrub, const void *data, size_t size, uint64_t counter)
{
	uint64_t v[4] = { scrub->key[0] ^ 0x736f6d6570736575, scrub->key[1] ^ 0x646f72616e646f6d,
			  scrub->key[0] ^ 0x6c7967656e657261, scrub->key[1] ^ 0x7465646279746573 };
	const uint8_t *bytes = data;

	sip_word(v, counter);
	for (size_t at = 0; at < size; at += 8) {
		uint64_t word = 0;
		memcpy(&word, bytes + at, size - at < 8 ? size - at : 8);
		sip_word(v, word);
	}
	sip_word(v, size);
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* --- Texts */

static bool is_digit(unsigned int c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(unsigned int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char other_digit(char was, uint64_t random, bool differs)
{
	/* a value of few digits must not stay what it is by chance */
	return (char)('0' + (differs ? (unsigned int)(was - '0') + 1 + random % 9 : random) % 10);
}

/* A run of digits: what it is alone says what it becomes. */
static void replace_digits(const struct scrub *scrub, const char *was, size_t size, char *ret)
{
	size_t kept = size >= LONG_NUMBER ? KEPT : 0;

	for (size_t i = 0; i < size; i++)
		ret[i] = i < kept ? was[i]
				  : other_digit(was[i], hash(scrub, was, size, i), i == size - 1);
}

static void replace_letters(const struct scrub *scrub, const char *was, size_t size, char *ret)
{
	for (size_t i = 0; i < size; i++) {
		unsigned int first = was[i] >= 'a' ? 'a' : 'A', old = (unsigned int)was[i] - first;
		ret[i] = (char)(first + (old + 1 + hash(scrub, was, size, i) % 25) % 26);
	}
}

static char luhn_digit(const char *digits, size_t size)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned int digit = (unsigned int)(digits[size - 1 - i] - '0') * (i % 2 ? 1 : 2);
		sum += digit / 10 + digit % 10;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

/* What was learnt with a replacement of its own: an IMEI whose check digit must be right. */
static const struct value *find(const struct scrub *scrub, const char *text, size_t size)
{
	for (size_t i = 0; i < scrub->count; i++)
		if (scrub->values[i].size == size && !memcmp(scrub->values[i].text, text, size))
			return &scrub->values[i];
	return NULL;
}

static void replace_run(const struct scrub *scrub, const char *was, size_t size, char *ret)
{
	const struct value *known = scrub->luhn ? find(scrub, was, size) : NULL;

	if (known)
		memcpy(ret, known->replacement, size);
	else if (is_digit((unsigned char)*was))
		replace_digits(scrub, was, size, ret);
	else
		replace_letters(scrub, was, size, ret);
}

/* The run of one kind that begins at `text`; 0: neither digits nor letters. */
static size_t run_of(const char *text, size_t size)
{
	bool digits = is_digit((unsigned char)*text);
	size_t n = 0;

	if (!digits && !is_letter((unsigned char)*text))
		return 0;
	while (n < size &&
	       (digits ? is_digit((unsigned char)text[n]) : is_letter((unsigned char)text[n])))
		n++;
	return n;
}

void scrub_text(const struct scrub *scrub, uint8_t *text, size_t size)
{
	char was[VALUE_MAX];

	for (size_t at = 0; at < size;) {
		size_t run = run_of((char *)text + at, size - at);
		if (run > sizeof(was))
			run = sizeof(was);
		if (run) {
			memcpy(was, text + at, run);
			replace_run(scrub, was, run, (char *)text + at);
		} else if (text[at] >= 0x80) {
			/* of another script: its form is not known, and it may be a name */
			text[at] = 0x80 | (uint8_t)(hash(scrub, text, at + 1, at) & 0x7f);
		}
		at += run ? run : 1;
	}
}

static int learn_run(struct scrub *scrub, const char *value, size_t size, bool imei)
{
	struct value new = { .size = size };
	bool varies = false;

	for (size_t i = 1; i < size; i++)
		varies |= value[i] != value[0];
	if (size < VALUE_LEAST || size > VALUE_MAX || !varies || find(scrub, value, size) ||
	    scrub->count == VALUES_MAX)
		return 0;
	memcpy(new.text, value, size);
	replace_run(scrub, new.text, size, new.replacement);
	if (scrub->luhn && imei && size == IMEI_DIGITS && run_of(value, size) == size)
		new.replacement[size - 1] = luhn_digit(new.replacement, size - 1);
	if (scrub->count == scrub->room) {
		size_t room = scrub->room ? 2 * scrub->room : 64;
		struct value *grown = realloc(scrub->values, room * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		scrub->values = grown;
		scrub->room = room;
	}
	scrub->values[scrub->count++] = new;
	return 0;
}

int scrub_learn(struct scrub *scrub, const char *text, size_t size, bool imei)
{
	int r = 0;

	for (size_t at = 0; at < size && r == 0;) {
		size_t run = run_of(text + at, size - at);
		if (run)
			r = learn_run(scrub, text + at, run, imei);
		at += run ? run : 1;
	}
	return r;
}

/* --- Digits in nibbles */

static unsigned int nibble(const uint8_t *bytes, size_t at)
{
	return at % 2 ? bytes[at / 2] >> 4 : bytes[at / 2] & 15;
}

static void set_nibble(uint8_t *bytes, size_t at, unsigned int value)
{
	unsigned int shift = at % 2 ? 4 : 0;

	bytes[at / 2] = (uint8_t)((bytes[at / 2] & ~(15u << shift)) | value << shift);
}

/* The digits from nibble `start` on, until one that is none. */
static size_t read_bcd(const uint8_t *bytes, size_t size, size_t start, char ret[VALUE_MAX])
{
	size_t count = 0;

	for (size_t at = start; at < 2 * size && count < VALUE_MAX && nibble(bytes, at) < 10; at++)
		ret[count++] = (char)('0' + nibble(bytes, at));
	return count;
}

size_t scrub_count(const struct scrub *scrub)
{
	return scrub->count;
}

int scrub_learn_bcd(struct scrub *scrub, struct qk_span bytes, size_t start)
{
	char digits[VALUE_MAX];
	size_t count = read_bcd(bytes.data, bytes.size, start, digits);

	return learn_run(scrub, digits, count, false);
}

void scrub_bcd(const struct scrub *scrub, uint8_t *bytes, size_t size, size_t start)
{
	char digits[VALUE_MAX], replaced[VALUE_MAX];
	size_t count = read_bcd(bytes, size, start, digits);

	if (!count)
		return;
	replace_run(scrub, digits, count, replaced);
	for (size_t i = 0; i < count; i++)
		set_nibble(bytes, start + i, (unsigned int)(replaced[i] - '0'));
}

/* --- Bytes of no known form */

static bool is_padding(uint8_t byte)
{
	return byte == 0 || byte == 0xff;
}

/* Whether all but the padding at the end is text of ASCII. */
static bool is_text(const uint8_t *bytes, size_t size)
{
	size_t n = 0;

	while (size && is_padding(bytes[size - 1]))
		size--;
	while (n < size && bytes[n] >= 0x20 && bytes[n] < 0x7f)
		n++;
	return n == size;
}

static bool is_bcd(const uint8_t *bytes, size_t size)
{
	while (size && bytes[size - 1] == 0xff)
		size--;
	for (size_t i = 0; i < 2 * size; i++)
		if (nibble(bytes, i) >= 10 && !(i == 2 * size - 1 && nibble(bytes, i) == 15))
			return false;
	return true;
}

void scrub_number(const struct scrub *scrub, uint8_t *bytes, size_t size)
{
	uint64_t random = hash(scrub, bytes, size, 0);
	bool none = true;

	for (size_t i = 0; i < size; i++)
		none = none && is_padding(bytes[i]);
	if (none)
		return;
	/* its highest bits may say what kind of number it is */
	for (size_t i = 0; i < (3 * size + 3) / 4; i++)
		bytes[i] = (uint8_t)(bytes[i] + 1 + (random >> 8 * i) % 255);
}

void scrub_float(const struct scrub *scrub, uint8_t *bytes, size_t size)
{
	/* a degree or a metre that can be */
	double wide = (double)(hash(scrub, bytes, size, 0) % 80000) / 1000;
	float narrow = (float)wide;

	if (size == sizeof(wide))
		memcpy(bytes, &wide, size);
	else if (size == sizeof(narrow))
		memcpy(bytes, &narrow, size);
}

void scrub_bytes(const struct scrub *scrub, uint8_t *bytes, size_t size)
{
	if (is_text(bytes, size)) {
		scrub_text(scrub, bytes, size);
		return;
	}
	if (is_bcd(bytes, size)) {
		scrub_bcd(scrub, bytes, size, 0);
		return;
	}
	uint64_t whole = hash(scrub, bytes, size, 0);
	for (size_t i = 0; i < size; i++) {
		uint8_t was = bytes[i];
		uint64_t random = hash(scrub, &whole, sizeof(whole), i);
		if (!is_padding(was))
			bytes[i] = (uint8_t)(1 + (was + random % 253) % 254);
	}
}

/* --- Known values, wherever they stand */

/* How characters may stand in bytes: a position is a count of `unit` bits, a character takes `step`
 * positions. */
struct coding {
	unsigned int unit, step;
	bool digits; /* a character is a nibble */
	int (*get)(const uint8_t *bytes, size_t at);
	void (*set)(uint8_t *bytes, size_t at, char c);
};

static int get_ascii(const uint8_t *bytes, size_t at)
{
	return bytes[at];
}

static void set_ascii(uint8_t *bytes, size_t at, char c)
{
	bytes[at] = (uint8_t)c;
}

static int get_utf16_be(const uint8_t *bytes, size_t at)
{
	return bytes[at] ? -1 : bytes[at + 1];
}

static void set_utf16_be(uint8_t *bytes, size_t at, char c)
{
	bytes[at + 1] = (uint8_t)c;
}

static int get_utf16_le(const uint8_t *bytes, size_t at)
{
	return bytes[at + 1] ? -1 : bytes[at];
}

static int get_swapped(const uint8_t *bytes, size_t at)
{
	return '0' + (int)nibble(bytes, at);
}

static void set_swapped(uint8_t *bytes, size_t at, char c)
{
	set_nibble(bytes, at, (unsigned int)(c - '0'));
}

/* The higher nibble first. */
static int get_straight(const uint8_t *bytes, size_t at)
{
	return '0' + (int)nibble(bytes, at ^ 1);
}

static void set_straight(uint8_t *bytes, size_t at, char c)
{
	set_nibble(bytes, at ^ 1, (unsigned int)(c - '0'));
}

/* Seven bits from the bit `at` on, the lower ones first, as in an SMS. */
static int get_septet(const uint8_t *bytes, size_t at)
{
	unsigned int value = 0;

	for (unsigned int i = 0; i < 7; i++)
		value |= (unsigned int)(bytes[(at + i) / 8] >> (at + i) % 8 & 1) << i;
	return (int)value;
}

static void set_septet(uint8_t *bytes, size_t at, char c)
{
	for (unsigned int i = 0; i < 7; i++) {
		unsigned int bit = (unsigned int)(at + i) % 8;
		uint8_t *byte = &bytes[(at + i) / 8];
		*byte = (uint8_t)((*byte & ~(1u << bit)) | ((unsigned int)c >> i & 1u) << bit);
	}
}

static const struct coding codings[] = {
	{ 8, 1, false, get_ascii, set_ascii },      { 8, 2, false, get_utf16_be, set_utf16_be },
	{ 8, 2, false, get_utf16_le, set_ascii },   { 4, 1, true, get_swapped, set_swapped },
	{ 4, 1, true, get_straight, set_straight }, { 1, 7, false, get_septet, set_septet },
};

static bool stands_at(const struct coding *coding, const struct value *value, const uint8_t *bytes,
		      size_t at)
{
	for (size_t i = 0; i < value->size; i++)
		if (coding->get(bytes, at + i * coding->step) != value->text[i])
			return false;
	return true;
}

static void replace_in(const struct coding *coding, const struct value *value, uint8_t *bytes,
		       size_t size)
{
	size_t positions = size * 8 / coding->unit, needed = value->size * coding->step;

	if (coding->digits && !is_digit((unsigned char)value->text[0]))
		return;
	for (size_t at = 0; at + needed <= positions; at++) {
		if (!stands_at(coding, value, bytes, at))
			continue;
		for (size_t i = 0; i < value->size; i++)
			coding->set(bytes, at + i * coding->step, value->replacement[i]);
		at += needed - 1;
	}
}

void scrub_known(const struct scrub *scrub, uint8_t *bytes, size_t size, bool numbers)
{
	for (size_t i = 0; i < scrub->count; i++) {
		const struct value *value = &scrub->values[i];
		if (numbers && (value->size < SURE || !is_digit((unsigned char)value->text[0])))
			continue;
		for (size_t k = 0; k < sizeof(codings) / sizeof(codings[0]); k++)
			replace_in(&codings[k], value, bytes, size);
	}
}
