/*
 * Fuzz target: JSON that should be a message. The first two bytes choose the message among all there are, the
 * rest is the text. What is taken must encode or be refused, and show as JSON again; what was encoded
 * decodes.
 */
#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>

#include <qmikit/json.h>

#include "nth-message.h"

#define ARENA_SIZE 65536
#define STRUCT_SIZE 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct work {
	alignas(max_align_t) uint8_t message[STRUCT_SIZE];
	alignas(max_align_t) uint8_t arena[ARENA_SIZE];
	uint8_t wire[QK_FRAME_MAX];
};

static void check_bytes(struct work *w, const struct qk_message *message, const json_t *json,
			size_t size)
{
	struct qk_arena arena = { .base = w->arena, .size = sizeof(w->arena) };
	int r = qk_decode(message, (struct qk_span){ w->wire, size }, &arena, w->message);

	if ((!size && json_object_size(json) > 1) || (r < 0 && r != -ENOBUFS))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct qk_message *message =
		size > 2 ? nth_message(data[0] | (size_t)data[1] << 8) : NULL;
	json_t *json = message ? json_loadb((const char *)data + 2, size - 2, 0, NULL) : NULL;
	struct work *w = json ? malloc(sizeof(*w)) : NULL;
	struct qk_arena arena;
	struct qk_writer writer;
	char error[64];

	if (message && message->size > STRUCT_SIZE)
		abort();
	if (w) {
		arena = (struct qk_arena){ .base = w->arena, .size = sizeof(w->arena) };
		writer = qk_writer(w->wire, sizeof(w->wire));
		if (qk_from_json(message, json, &arena, w->message, error, sizeof(error)) == 0) {
			json_decref(qk_to_json(message, w->message));
			if (qk_encode(message, w->message, &writer) == 0)
				check_bytes(w, message, json, qk_writer_used(&writer));
		}
	}
	free(w);
	json_decref(json);
	return 0;
}
