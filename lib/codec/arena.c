/* Arena and plain numbers: memory that a decode fills, and numbers in it. */
#include <stdalign.h>
#include <stddef.h>

#include "lib/codec/engine.h"

void *qk_arena_take_bytes(struct qk_arena *arena, size_t size)
{
	uint8_t *taken;

	if (size > arena->size - arena->used)
		return NULL;
	taken = arena->base + arena->used;
	arena->used += size;
	return taken;
}

void *qk_arena_take(struct qk_arena *arena, size_t size)
{
	size_t mask = alignof(max_align_t) - 1, before = arena->used;
	size_t start = (arena->used + mask) & ~mask;
	void *taken;

	if (start < before || start > arena->size)
		return NULL;
	arena->used = start;
	taken = qk_arena_take_bytes(arena, size);
	if (!taken) {
		arena->used = before;
		return NULL;
	}
	return memset(taken, 0, size);
}

int64_t qk_load_number(const struct qk_field *field, const void *value)
{
	union {
		uint8_t u8;
		uint16_t u16;
		uint32_t u32;
		uint64_t u64;
		int8_t i8;
		int16_t i16;
		int32_t i32;
		int64_t i64;
	} n = { 0 };
	bool is_signed = field->kind == QK_KIND_INT;

	memcpy(&n, value, field->size <= sizeof(n) ? field->size : sizeof(n));
	switch (field->size) {
	case 1:
		return is_signed ? n.i8 : n.u8;
	case 2:
		return is_signed ? n.i16 : n.u16;
	case 4:
		return is_signed ? n.i32 : (int64_t)n.u32;
	default:
		return n.i64;
	}
}

void qk_store_number(const struct qk_field *field, void *value, int64_t number)
{
	uint64_t n64 = (uint64_t)number;
	uint32_t n32 = (uint32_t)n64;
	uint16_t n16 = (uint16_t)n64;
	uint8_t n8 = (uint8_t)n64;

	switch (field->size) {
	case 1:
		memcpy(value, &n8, sizeof(n8));
		break;
	case 2:
		memcpy(value, &n16, sizeof(n16));
		break;
	case 4:
		memcpy(value, &n32, sizeof(n32));
		break;
	default:
		memcpy(value, &n64, sizeof(n64));
	}
}
