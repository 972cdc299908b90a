/*
 * Codec tool: our codec for test programs in other languages. It reads one JSON command a line on
 * stdin and answers each with one line on stdout:
 *
 *   {"op": "decode", "frame": HEX, "vendor": NUMBER}
 *     -> {"service", "message", "type", "transaction", "client", "missing", "value": {…}}
 *   {"op": "decode", "sdu": HEX, "service", "vendor"} -> the same
 *   {"op": "encode", "service", "message", "type", "transaction", "client", "value": {…}}
 *     -> {"frame": HEX, "sdu": HEX}
 *
 * A service above 255 has no frame, but the message that QRTR carries, its "sdu". What cannot be done is answered with
 * {"error": TEXT}. "missing" is the first mandatory TLV that the message lacks, or -1.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qmikit/json.h>

#define ARENA_SIZE (1u << 22)
#define NO_FRAME 0xff /* stands in the header of a service above 255, which nobody is given */

static const char *const type_names[] = { "request", "response", "indication" };

static void free_text(char **text)
{
	free(*text);
}

static void free_bytes(uint8_t **bytes)
{
	free(*bytes);
}

static void drop_json(json_t **json)
{
	json_decref(*json);
}

static json_t *failure(const char *text)
{
	return json_pack("{s:s}", "error", text);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Fills `bytes` from `hex`; the number of bytes, or -EINVAL. */
static int bytes_from_hex(const char *hex, uint8_t *bytes, size_t size)
{
	size_t count = hex ? strlen(hex) / 2 : 0;

	if (!hex || strlen(hex) % 2 || count > size)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		int high = hex_digit(hex[i * 2]), low = hex_digit(hex[i * 2 + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return (int)count;
}

static json_t *hex_from_bytes(const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	__attribute__((cleanup(free_text))) char *hex = malloc(size * 2 + 1);

	if (!hex)
		return NULL;
	for (size_t i = 0; i < size; i++) {
		hex[i * 2] = digits[bytes[i] >> 4];
		hex[i * 2 + 1] = digits[bytes[i] & 15];
	}
	return json_stringn(hex, size * 2);
}

static json_t *decode_message(const struct qk_frame *frame, const struct qk_message *message,
			      struct qk_arena *arena)
{
	void *value = qk_arena_take(arena, message->size);
	int r;

	if (!value)
		return failure("the arena is full");
	r = qk_decode(message, frame->tlvs, arena, value);
	if (r < 0)
		return failure(strerror(-r));
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:o}", "service",
			 qk_service_name(message->service), "message", qk_message_name(message),
			 "type", type_names[frame->type], "transaction", frame->transaction,
			 "client", frame->client, "missing", qk_missing_tlv(message, value),
			 "value", qk_to_json(message, value));
}

static json_t *decode(const json_t *command, struct qk_arena *arena)
{
	uint8_t *bytes = qk_arena_take(arena, QK_FRAME_MAX);
	const char *name = json_string_value(json_object_get(command, "service"));
	const struct qk_service *service = name ? qk_service_by_name(name) : NULL;
	bool sdu = json_object_get(command, "sdu");
	const struct qk_message *message;
	struct qk_frame frame;
	int size;

	if (!bytes)
		return failure("the arena is full");
	size = bytes_from_hex(json_string_value(json_object_get(command, sdu ? "sdu" : "frame")),
			      bytes, QK_FRAME_MAX);
	if (size < 0 || (sdu && !service))
		return failure("'frame' or 'sdu' is no hex, or 'service' is unknown");
	struct qk_span span = { bytes, (size_t)size };
	if ((sdu ? qk_sdu_read(span, NO_FRAME, 0, &frame) : qk_frame_read(span, &frame, NULL)) !=
	    size)
		return failure("not one whole message");
	message = qk_message_of_vendor(
		(uint16_t)json_integer_value(json_object_get(command, "vendor")),
		sdu ? service->id : frame.service, frame.type, frame.message);
	return message ? decode_message(&frame, message, arena) : failure("unknown message");
}

/* Finds the message that the command names and fills the header of its frame. */
static const struct qk_message *find_message(const json_t *command, struct qk_frame *ret)
{
	const char *service = json_string_value(json_object_get(command, "service"));
	const char *name = json_string_value(json_object_get(command, "message"));
	const char *type = json_string_value(json_object_get(command, "type"));
	const struct qk_service *s = service ? qk_service_by_name(service) : NULL;

	for (size_t i = 0; s && name && type && i < sizeof(type_names) / sizeof(*type_names); i++) {
		enum qk_message_type t = (enum qk_message_type)i;
		const struct qk_message *m = qk_message_by_name(s, t, name);

		if (strcmp(type, type_names[i]) || !m)
			continue;
		*ret = (struct qk_frame){ .service =
						  (uint8_t)(s->id > UINT8_MAX ? NO_FRAME : s->id),
					  .type = t,
					  .from_modem = t != QK_REQUEST,
					  .message = m->id };
		ret->transaction =
			(uint16_t)json_integer_value(json_object_get(command, "transaction"));
		ret->client = (uint8_t)json_integer_value(json_object_get(command, "client"));
		return m;
	}
	return NULL;
}

static json_t *encode(const json_t *command, struct qk_arena *arena)
{
	uint8_t *bytes = qk_arena_take(arena, QK_FRAME_MAX);
	struct qk_frame frame;
	const struct qk_message *message = find_message(command, &frame);
	void *value = message ? qk_arena_take(arena, message->size) : NULL;
	struct qk_writer w;
	char error[256] = "";
	size_t mark;
	int r;

	if (!bytes || !value)
		return failure(message ? "the arena is full" : "unknown message");
	r = qk_from_json(message, json_object_get(command, "value"), arena, value, error,
			 sizeof(error));
	if (r < 0)
		return failure(error[0] ? error : strerror(-r));
	w = qk_writer(bytes, QK_FRAME_MAX);
	mark = qk_frame_begin(&w, &frame);
	r = qk_encode(message, value, &w);
	if (r == 0)
		r = qk_frame_end(&w, mark);
	if (r < 0)
		return failure(strerror(-r));
	json_t *json = json_pack(
		"{s:o}", "sdu", hex_from_bytes(bytes + QK_QMUX_HEADER, (size_t)r - QK_QMUX_HEADER));
	if (message->service <= UINT8_MAX)
		json_object_set_new(json, "frame", hex_from_bytes(bytes, (size_t)r));
	return json;
}

static json_t *answer(const char *line, struct qk_arena *arena)
{
	json_error_t error;
	__attribute__((cleanup(drop_json))) json_t *command = json_loads(line, 0, &error);
	const char *op = json_string_value(json_object_get(command, "op"));

	arena->used = 0;
	if (!command)
		return failure(error.text);
	if (op && !strcmp(op, "decode"))
		return decode(command, arena);
	if (op && !strcmp(op, "encode"))
		return encode(command, arena);
	return failure("'op' is neither decode nor encode");
}

int main(void)
{
	__attribute__((cleanup(free_bytes))) uint8_t *memory = malloc(ARENA_SIZE);
	__attribute__((cleanup(free_text))) char *line = NULL;
	struct qk_arena arena = { .base = memory, .size = ARENA_SIZE };
	size_t room = 0;

	if (!memory)
		return EXIT_FAILURE;
	while (getline(&line, &room, stdin) > 0) {
		__attribute__((cleanup(drop_json))) json_t *json = answer(line, &arena);

		if (!json || json_dumpf(json, stdout, JSON_COMPACT) < 0 || putchar('\n') == EOF ||
		    fflush(stdout))
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
