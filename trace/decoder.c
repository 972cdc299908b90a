/*
 * Decoder (see decoder.h).
 */
#include "decoder.h"

#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>

#define MASK "###"
/* A decode takes at most this much of the arena for each byte of TLVs: fuzz-frame holds it to that. */
#define ARENA_PER_BYTE 64

void decoder_done(struct decoder *decoder)
{
	free(decoder->memory);
	*decoder = (struct decoder){ 0 };
}

int decoder_run(struct decoder *decoder, const struct qk_message *message, struct qk_span tlvs,
		void **ret)
{
	size_t align = alignof(max_align_t);
	size_t room = (message->size + align - 1) / align * align;
	size_t size = room + ARENA_PER_BYTE * (tlvs.size + 1);

	if (size > decoder->size) {
		uint8_t *memory = realloc(decoder->memory, size);
		if (!memory)
			return -ENOMEM;
		decoder->memory = memory;
		decoder->size = size;
	}
	decoder->arena =
		(struct qk_arena){ .base = decoder->memory + room, .size = decoder->size - room };
	int r = qk_decode(message, tlvs, &decoder->arena, decoder->memory);
	if (r < 0 && r != -EBADMSG)
		return -ENOMEM;
	*ret = decoder->memory;
	return r;
}

int decoder_print(const struct qk_message *message, const void *value, bool unmask, FILE *out)
{
	size_t size = qk_text(message, value, "  ", unmask, NULL, 0);
	char *text = malloc(size + 1);

	if (!text)
		return -ENOMEM;
	qk_text(message, value, "  ", unmask, text, size + 1);
	fwrite(text, 1, size, out);
	free(text);
	return 0;
}

static bool mask_field(const struct qk_field *field, json_t *owner);

/* The members of one struct. */
static bool mask_members(const struct qk_field *field, json_t *object)
{
	size_t count;
	const struct qk_field *members = qk_field_members(field, &count);
	bool good = true;

	for (size_t i = 0; i < count; i++)
		good = mask_field(&members[i], object) && good;
	return good;
}

static bool mask_field(const struct qk_field *field, json_t *owner)
{
	const char *name = qk_field_name(field);
	json_t *value = json_object_get(owner, name), *item;
	bool good = true;
	size_t i;

	if (!value)
		return true;
	if (field->flags & QK_FIELD_PERSONAL)
		return json_object_set_new(owner, name, json_string(MASK)) == 0;
	if (field->kind != QK_KIND_STRUCT)
		return true;
	if (!json_is_array(value))
		return mask_members(field, value);
	json_array_foreach(value, i, item) good = mask_members(field, item) && good;
	return good;
}

/* What no definition knows may hold anything. */
static bool mask_unknown(json_t *list)
{
	bool good = true;
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) good =
		json_object_set_new(item, "bytes", json_string(MASK)) == 0 && good;
	return good;
}

json_t *decoder_to_json(const struct qk_message *message, const void *value, bool unmask)
{
	json_t *object = qk_to_json(message, value);
	bool good = object;

	if (!object || unmask)
		return object;
	for (size_t i = 0; i < message->tlv_count; i++)
		good = mask_field(&message->tlvs[i].field, object) && good;
	good = mask_unknown(json_object_get(object, "unknown-tlvs")) && good;
	if (!good) {
		json_decref(object);
		return NULL;
	}
	return object;
}
