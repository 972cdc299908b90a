/* Arena and plain numbers: memory that a decode fills, and numbers in it. */
#include <stdalign.h>
#include <stddef.h>

#include "lib/codec/engine.h"

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
	unsigned int unused = 64 - 8u * field->size;
	uint64_t bits = qk_load(value, field->size);

	/* signed: the sign bit goes to the top and back */
	return field->kind == QK_KIND_INT ? (int64_t)(bits << unused) >> unused : (int64_t)bits;
}

void qk_store_number(const struct qk_field *field, void *value, int64_t number)
{
	qk_store(value, field->size, (uint64_t)number);
}
