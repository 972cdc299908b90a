/*
 * Seed: streams of numbers and of digits (see seed.h).
 */
#include "seed.h"

#include <string.h>

uint64_t qk_sim_random(uint64_t *stream)
{
	uint64_t z = *stream += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t qk_sim_stream(uint64_t seed, const char *label)
{
	uint64_t stream = seed;

	/* FNV-1a over the label, stirred once with the seed */
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (; *label; label++)
		hash = (hash ^ (uint8_t)*label) * UINT64_C(0x100000001b3);
	return qk_sim_random(&stream) ^ hash;
}

uint64_t qk_sim_below(uint64_t *stream, uint64_t limit)
{
	return qk_sim_random(stream) % limit;
}

/* ITU-T E.118 and 3GPP 23.003 annex B: every second digit from the right, counted without the check
 * digit, is doubled. */
static char luhn_digit(const char *digits, size_t count)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned int digit = (unsigned int)(digits[count - 1 - i] - '0');
		if (i % 2 == 0)
			digit *= 2;
		sum += digit / 10 + digit % 10;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

void qk_sim_digits(uint64_t seed, const char *label, const char *prefix, size_t count, int luhn,
		   char *text)
{
	uint64_t stream = qk_sim_stream(seed, label);
	size_t used = strnlen(prefix, count);

	memcpy(text, prefix, used);
	for (size_t i = used; i < count; i++)
		text[i] = (char)('0' + qk_sim_below(&stream, 10));
	if (luhn && used < count)
		text[count - 1] = luhn_digit(text, count - 1);
	text[count] = 0;
}
