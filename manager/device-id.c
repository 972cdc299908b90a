/*
 * Device id: SHA-1 of some hundred bytes that are no secret: too little to need a library. FIPS 180-4, 6.1.
 */
#include "device-id.h"

#include <stdio.h>
#include <string.h>

enum { BLOCK = 64, WORDS = 80 };

struct digest {
	uint32_t state[5];
	uint8_t block[BLOCK];
	uint64_t size; /* bytes so far */
};

static uint32_t rotate(uint32_t value, unsigned int bits)
{
	return value << bits | value >> (32 - bits);
}

static uint32_t mix(unsigned int round, const uint32_t s[5])
{
	if (round < 20)
		return ((s[1] & s[2]) | (~s[1] & s[3])) + 0x5a827999;
	if (round < 40)
		return (s[1] ^ s[2] ^ s[3]) + 0x6ed9eba1;
	if (round < 60)
		return ((s[1] & s[2]) | (s[1] & s[3]) | (s[2] & s[3])) + 0x8f1bbcdc;
	return (s[1] ^ s[2] ^ s[3]) + 0xca62c1d6;
}

static void take_block(struct digest *digest)
{
	uint32_t words[WORDS], s[5];

	for (size_t i = 0; i < BLOCK / 4; i++)
		words[i] = (uint32_t)digest->block[4 * i] << 24 |
			   (uint32_t)digest->block[4 * i + 1] << 16 |
			   (uint32_t)digest->block[4 * i + 2] << 8 | digest->block[4 * i + 3];
	for (size_t i = BLOCK / 4; i < WORDS; i++)
		words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
	memcpy(s, digest->state, sizeof(s));
	for (unsigned int i = 0; i < WORDS; i++) {
		uint32_t next = rotate(s[0], 5) + mix(i, s) + s[4] + words[i];

		s[4] = s[3];
		s[3] = s[2];
		s[2] = rotate(s[1], 30);
		s[1] = s[0];
		s[0] = next;
	}
	for (size_t i = 0; i < 5; i++)
		digest->state[i] += s[i];
}

static void add(struct digest *digest, uint8_t byte)
{
	digest->block[digest->size++ % BLOCK] = byte;
	if (digest->size % BLOCK == 0)
		take_block(digest);
}

static void finish(struct digest *digest, char ret_id[DEVICE_ID_SIZE])
{
	uint64_t bits = digest->size * 8;

	add(digest, 0x80);
	while (digest->size % BLOCK != BLOCK - 8)
		add(digest, 0);
	for (unsigned int shift = 64; shift > 0; shift -= 8)
		add(digest, (uint8_t)(bits >> (shift - 8)));
	for (size_t i = 0; i < 5; i++)
		snprintf(ret_id + 8 * i, 9, "%08x", (unsigned int)digest->state[i]);
}

static void add_number(struct digest *digest, uint16_t number)
{
	char text[9];

	snprintf(text, sizeof(text), "%08x", (unsigned int)number);
	for (const char *c = text; number && *c; c++)
		add(digest, (uint8_t)*c);
}

void device_id(uint16_t vendor, uint16_t product, const char *const *answers, size_t count,
	       char ret_id[DEVICE_ID_SIZE])
{
	struct digest digest = { .state = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
					    0xc3d2e1f0 } };
	uint64_t before;

	add_number(&digest, vendor);
	add_number(&digest, product);
	before = digest.size;
	for (size_t i = 0; i < count; i++)
		for (const char *c = answers[i] ? answers[i] : ""; *c; c++)
			if (!strchr(" \t\n\v\f\r", *c) && (uint8_t)*c < 0x80)
				add(&digest, (uint8_t)*c);
	ret_id[0] = 0;
	if (digest.size > before)
		finish(&digest, ret_id);
}
