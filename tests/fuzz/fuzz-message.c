/*
 * Fuzz target: the TLVs of one message. The first two bytes choose the message among all there are,
 * those of vendors and of services above 255 too, which no frame reaches by its numbers; the rest
 * are its TLVs.
 *
 * What was decoded must show, and encode to what decodes and encodes to the same bytes.
 */
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "nth-message.h"

#define ARENA_SIZE 65536
#define STRUCT_SIZE 8192
#define TEXT_SIZE 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct work {
	alignas(max_align_t) uint8_t value[STRUCT_SIZE];
	alignas(max_align_t) uint8_t memory[ARENA_SIZE];
	uint8_t wire[QK_FRAME_MAX], again[QK_FRAME_MAX];
	char text[TEXT_SIZE];
};

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Only these come back: malformed, second and trailing bytes are not sent again. */
static void keep_unknown(void *value)
{
	struct qk_extras extras;
	struct qk_extra *items;
	size_t kept = 0;

	memcpy(&extras, value, sizeof(extras));
	items = (struct qk_extra *)(uintptr_t)extras.items;
	for (size_t i = 0; i < extras.count; i++)
		if (items[i].kind == QK_EXTRA_UNKNOWN)
			items[kept++] = items[i];
	extras.count = kept;
	memcpy(value, &extras, sizeof(extras));
}

/* Decodes `tlvs` and encodes what came of it to `out`; the bytes of that, or a negative errno. */
static int pass(struct work *w, const struct qk_message *message, struct qk_span tlvs, uint8_t *out)
{
	struct qk_arena arena = { .base = w->memory, .size = ARENA_SIZE };
	struct qk_writer writer = qk_writer(out, QK_FRAME_MAX);
	int r = qk_decode(message, tlvs, &arena, w->value);

	if (r < 0)
		return r;
	qk_missing_tlv(message, w->value);
	qk_text(message, w->value, "", true, w->text, sizeof(w->text));
	keep_unknown(w->value);
	require(qk_encode(message, w->value, &writer) == 0);
	return (int)qk_writer_used(&writer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct qk_message *message = size >= 2 && size < QK_FRAME_MAX
						   ? nth_message(data[0] | (size_t)data[1] << 8)
						   : NULL;
	struct work *w = message ? malloc(sizeof(*w)) : NULL;

	if (w) {
		require(message->size <= STRUCT_SIZE);
		int first = pass(w, message, (struct qk_span){ data + 2, size - 2 }, w->wire);
		if (first >= 0) {
			int second = pass(w, message, (struct qk_span){ w->wire, (size_t)first },
					  w->again);
			require(second == first && !memcmp(w->wire, w->again, (size_t)first));
		}
	}
	free(w);
	return 0;
}
