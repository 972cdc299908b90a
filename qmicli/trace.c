/*
 * Frames as text.
 */
#include "trace.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

#include "output.h"

enum { DECODED_MAX = 16384, ARENA_SIZE = 4 * QK_FRAME_MAX };

static const char *type_name(enum qk_message_type type)
{
	static const char *const names[] = { "request", "response", "indication" };

	return (size_t)type < sizeof(names) / sizeof(names[0]) ? names[type] : "message";
}

/* Struct and arena in one block; false when there is no memory for it. */
static bool add_fields(const struct qk_message *message, const struct qk_frame *frame,
		       bool personal, struct output *out)
{
	size_t room = (message->size + alignof(max_align_t) - 1) / alignof(max_align_t) *
		      alignof(max_align_t);
	uint8_t *memory = malloc(room + ARENA_SIZE);
	struct qk_arena arena = { .base = memory ? memory + room : NULL, .size = ARENA_SIZE };
	int r;

	if (!memory)
		return false;
	r = qk_decode(message, frame->tlvs, &arena, memory);

	size_t size = qk_text(message, memory, "  ", personal, NULL, 0);
	char *text = output_room(out, size);

	if (text) {
		qk_text(message, memory, "  ", personal, text, size + 1);
		out->used += size;
	}
	if (r < 0)
		output_printf(out, "  (the rest cannot be read)\n");
	free(memory);
	return true;
}

static void add_hex(struct qk_span bytes, struct output *out)
{
	output_printf(out, "  ");
	for (size_t i = 0; i < bytes.size; i++)
		output_printf(out, "%02x%s", bytes.data[i], i + 1 < bytes.size ? " " : "");
	output_printf(out, "\n");
}

static void trace(void *userdata, bool sent, const struct qk_frame *frame, struct qk_span bytes)
{
	const struct options *options = userdata;
	const struct qk_message *message =
		qk_message_by_id(frame->service, frame->type, frame->message);
	const char *service = qk_service_name(frame->service);
	struct output out = { 0 };
	struct qk_frame whole = *frame;

	/* What is sent comes as bytes; its fields are in them. */
	if (sent && qk_frame_read(bytes, &whole, NULL) <= 0)
		whole = *frame;

	output_printf(&out, "%s %s %s", sent ? ">" : "<", service ? service : "service",
		      type_name(frame->type));
	if (!service)
		output_printf(&out, " of service 0x%02x", frame->service);
	output_printf(&out, " %s (0x%04x), client %u, transaction %u, %zu bytes\n",
		      message ? qk_message_name(message) : "unknown", frame->message, frame->client,
		      frame->transaction, bytes.size);
	/* The bytes would tell what the masks hide. */
	if (options->verbose_full)
		add_hex(bytes, &out);
	if (!message || !add_fields(message, &whole, options->verbose_full, &out))
		output_printf(&out, "  (%zu bytes of TLVs)\n", whole.tlvs.size);
	if (output_write(&out, stderr) < 0)
		clearerr(stderr);
	output_done(&out);
}

static void log_line(void *userdata, const char *line)
{
	const struct options *options = userdata;

	if (!options->silent)
		fprintf(stderr, "warning: %s\n", line);
}

struct qk_device_hooks trace_hooks(const struct options *options)
{
	return (struct qk_device_hooks){
		.trace = options->verbose || options->verbose_full ? trace : NULL,
		.log = log_line,
		.userdata = (void *)options,
	};
}
