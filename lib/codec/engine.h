/*
 * Engine: what decoding, encoding, text and look-up share about fields and memory.
 *
 * Owns: nothing. Does not know: single messages. Lifetime: inline helpers.
 * Called from: the files of lib/codec only.
 */
#pragma once

#include <string.h>

#include <qmikit/codec.h>

#include "lib/codec/tables.h"
#include "lib/wire/cursor.h"

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

/* The bits of a member of `size` bytes. */
static inline uint64_t qk_load(const void *at, size_t size)
{
	uint64_t n64;
	uint32_t n32;
	uint16_t n16;

	switch (size) {
	case 1:
		return *(const uint8_t *)at;
	case 2:
		memcpy(&n16, at, sizeof(n16));
		return n16;
	case 4:
		memcpy(&n32, at, sizeof(n32));
		return n32;
	default:
		memcpy(&n64, at, sizeof(n64));
		return n64;
	}
}

/* A number into a member of `size` bytes, as qk_store_number(). */
static inline void qk_store(void *at, size_t size, uint64_t number)
{
	uint32_t n32 = (uint32_t)number;
	uint16_t n16 = (uint16_t)number;
	uint8_t n8 = (uint8_t)number;

	switch (size) {
	case 1:
		memcpy(at, &n8, sizeof(n8));
		break;
	case 2:
		memcpy(at, &n16, sizeof(n16));
		break;
	case 4:
		memcpy(at, &n32, sizeof(n32));
		break;
	default:
		memcpy(at, &number, sizeof(number));
	}
}

/* `size` bytes without alignment, not zeroed; NULL when the arena is full. */
static inline void *qk_arena_take_bytes(struct qk_arena *arena, size_t size)
{
	uint8_t *taken = arena->base + arena->used;

	if (size > arena->size - arena->used)
		return NULL;
	arena->used += size;
	return taken;
}
