/*
 * Fuzz target: bytes from a port, as a stream of QMUX frames: every frame is decoded by its
 * definition, encoded again and shown.
 *
 * What must hold for any bytes: no read outside them; a frame that is read is not larger than the
 * bytes; skipping always goes on; what a decode takes of the arena is bounded by the bytes that came;
 * what was decoded encodes to something that decodes to the same text.
 */
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <qmikit/codec.h>

#define ARENA_SIZE 65536
#define STRUCT_SIZE 4096
#define TEXT_SIZE 65536
#define ARENA_PER_BYTE 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct work {
	alignas(max_align_t) uint8_t one[STRUCT_SIZE], two[STRUCT_SIZE];
	alignas(max_align_t) uint8_t arena_one[ARENA_SIZE], arena_two[ARENA_SIZE];
	uint8_t wire[QK_FRAME_MAX];
	char text_one[TEXT_SIZE], text_two[TEXT_SIZE];
};

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Only what passes through: malformed, second and trailing bytes are not sent again. */
static void keep_unknown(void *message)
{
	struct qk_extras extras;
	struct qk_extra *items;
	size_t kept = 0;

	memcpy(&extras, message, sizeof(extras));
	items = (struct qk_extra *)(uintptr_t)extras.items;
	for (size_t i = 0; i < extras.count; i++)
		if (items[i].kind == QK_EXTRA_UNKNOWN)
			items[kept++] = items[i];
	extras.count = kept;
	memcpy(message, &extras, sizeof(extras));
}

static void decode(struct work *w, const struct qk_frame *frame)
{
	const struct qk_message *message =
		qk_message_by_id(frame->service, frame->type, frame->message);
	struct qk_arena one = { .base = w->arena_one, .size = ARENA_SIZE };
	struct qk_arena two = { .base = w->arena_two, .size = ARENA_SIZE };
	struct qk_writer writer = qk_writer(w->wire, sizeof(w->wire));
	size_t size;

	if (!message)
		return;
	require(message->size <= STRUCT_SIZE);
	if (qk_decode(message, frame->tlvs, &one, w->one) < 0)
		return;
	require(one.used <= ARENA_PER_BYTE * (frame->tlvs.size + 1));
	qk_missing_tlv(message, w->one);
	keep_unknown(w->one);
	require(qk_encode(message, w->one, &writer) == 0);
	require(qk_decode(message, (struct qk_span){ w->wire, qk_writer_used(&writer) }, &two,
			  w->two) == 0);
	keep_unknown(w->two);
	size = qk_text(message, w->one, "", true, w->text_one, TEXT_SIZE);
	require(qk_text(message, w->two, "", true, w->text_two, TEXT_SIZE) == size);
	require(!strcmp(w->text_one, w->text_two));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct work *w = malloc(sizeof(*w));
	struct qk_frame frame;
	size_t at = 0, skip = 0;
	int r;

	require(w);
	while (at < size) {
		r = qk_frame_read((struct qk_span){ data + at, size - at }, &frame, &skip);
		if (r == 0)
			break;
		require(r < 0 ? skip > 0 && skip <= size - at : (size_t)r <= size - at);
		if (r > 0)
			decode(w, &frame);
		at += r > 0 ? (size_t)r : skip;
	}
	free(w);
	return 0;
}
