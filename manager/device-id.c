/*
 * Device id: what is digested, and the digest in hex.
 */
#include "device-id.h"

#include <stdio.h>
#include <string.h>

#include "lib/3gpp/sha1.h"

static void add_number(struct qk_sha1 *sha1, uint16_t number)
{
	char text[9];

	snprintf(text, sizeof(text), "%08x", (unsigned int)number);
	if (number)
		qk_sha1_add(sha1, text, strlen(text));
}

static void finish(struct qk_sha1 *sha1, char ret_id[DEVICE_ID_SIZE])
{
	uint8_t bytes[QK_SHA1_SIZE];

	qk_sha1_finish(sha1, bytes);
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(ret_id + 2 * i, 3, "%02x", bytes[i]);
}

void device_id(uint16_t vendor, uint16_t product, const char *const *answers, size_t count,
	       char ret_id[DEVICE_ID_SIZE])
{
	struct qk_sha1 sha1 = QK_SHA1_INIT;
	uint64_t before;

	add_number(&sha1, vendor);
	add_number(&sha1, product);
	before = sha1.size;
	for (size_t i = 0; i < count; i++)
		for (const char *c = answers[i] ? answers[i] : ""; *c; c++)
			if (!strchr(" \t\n\v\f\r", *c) && (uint8_t)*c < 0x80)
				qk_sha1_add(&sha1, c, 1);
	ret_id[0] = 0;
	if (sha1.size > before)
		finish(&sha1, ret_id);
}
