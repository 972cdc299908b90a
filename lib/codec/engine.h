/*
 * Engine: what decoding, encoding, text and look-up share about fields and memory.
 *
 * Owns: nothing. Does not know: single messages. Lifetime: inline helpers.
 * Called from: the files of lib/codec only.
 */
#pragma once

#include <string.h>

#include <qmikit/codec.h>

/* The member at `offset` of the struct at `base`. */
static inline void *qk_at(void *base, size_t offset)
{
	return (uint8_t *)base + offset;
}

static inline const void *qk_at_const(const void *base, size_t offset)
{
	return (const uint8_t *)base + offset;
}

static inline bool qk_has(const struct qk_tlv_def *def, const void *decoded)
{
	bool has;

	memcpy(&has, qk_at_const(decoded, def->has), sizeof(has));
	return has;
}

/* A list member. Its `items` has another pointer type in the generated struct, so it is copied. */
static inline struct qk_list qk_load_list(const void *at)
{
	struct qk_list list;

	memcpy(&list, at, sizeof(list));
	return list;
}

/* The extras of any message struct: its first member. */
static inline struct qk_extras qk_load_extras(const void *decoded)
{
	struct qk_extras extras;

	memcpy(&extras, decoded, sizeof(extras));
	return extras;
}

/* `size` bytes without alignment, not zeroed; NULL when the arena is full. */
void *qk_arena_take_bytes(struct qk_arena *arena, size_t size);
