/*
 * Blocks of 64 bytes, 80 rounds each; at the end a bit, zeros and the length in bits.
 */
#include "lib/3gpp/sha1.h"

#include <string.h>

enum { WORDS = 80 };

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

static void take_block(struct qk_sha1 *sha1)
{
	uint32_t words[WORDS], s[5];

	for (size_t i = 0; i < QK_SHA1_BLOCK / 4; i++)
		words[i] = (uint32_t)sha1->block[4 * i] << 24 |
			   (uint32_t)sha1->block[4 * i + 1] << 16 |
			   (uint32_t)sha1->block[4 * i + 2] << 8 | sha1->block[4 * i + 3];
	for (size_t i = QK_SHA1_BLOCK / 4; i < WORDS; i++)
		words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
	memcpy(s, sha1->state, sizeof(s));
	for (unsigned int i = 0; i < WORDS; i++) {
		uint32_t next = rotate(s[0], 5) + mix(i, s) + s[4] + words[i];

		s[4] = s[3];
		s[3] = s[2];
		s[2] = rotate(s[1], 30);
		s[1] = s[0];
		s[0] = next;
	}
	for (size_t i = 0; i < 5; i++)
		sha1->state[i] += s[i];
}

static void add(struct qk_sha1 *sha1, uint8_t byte)
{
	sha1->block[sha1->size++ % QK_SHA1_BLOCK] = byte;
	if (sha1->size % QK_SHA1_BLOCK == 0)
		take_block(sha1);
}

void qk_sha1_add(struct qk_sha1 *sha1, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++)
		add(sha1, bytes[i]);
}

void qk_sha1_finish(struct qk_sha1 *sha1, uint8_t ret[QK_SHA1_SIZE])
{
	uint64_t bits = sha1->size * 8;

	add(sha1, 0x80);
	while (sha1->size % QK_SHA1_BLOCK != QK_SHA1_BLOCK - 8)
		add(sha1, 0);
	for (unsigned int shift = 64; shift > 0; shift -= 8)
		add(sha1, (uint8_t)(bits >> (shift - 8)));
	for (size_t i = 0; i < QK_SHA1_SIZE; i++)
		ret[i] = (uint8_t)(sha1->state[i / 4] >> (24 - 8 * (i % 4)));
}
