/*
 * Run out: the allocator that the linker puts in front of libc's (wrapped_malloc in meson.build).
 */
#include "run-out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The state of the allocator that the linker puts in front of libc's: it cannot be handed in. */
static struct {
	bool armed;
	unsigned long left; /* allocations that still work */
	unsigned long failed, live;
} memory;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void __real_free(void *pointer);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *pointer);

static bool may_allocate(void)
{
	if (!memory.armed)
		return true;
	if (memory.left == 0) {
		memory.failed++;
		return false;
	}
	memory.left--;
	return true;
}

static void *count(void *pointer)
{
	memory.live += pointer != NULL;
	return pointer;
}

void *__wrap_malloc(size_t size)
{
	return may_allocate() ? count(__real_malloc(size)) : NULL;
}

void *__wrap_calloc(size_t number, size_t size)
{
	return may_allocate() ? count(__real_calloc(number, size)) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
	if (!may_allocate())
		return NULL;
	memory.live -= old != NULL;
	return count(__real_realloc(old, size));
}

char *__wrap_strdup(const char *text)
{
	return may_allocate() ? count(__real_strdup(text)) : NULL;
}

void __wrap_free(void *pointer)
{
	memory.live -= pointer != NULL;
	__real_free(pointer);
}

void run_out_everywhere(void (*scenario)(void))
{
	unsigned long before = memory.live, rounds = 0;

	do {
		memory.left = rounds++;
		memory.failed = 0;
		memory.armed = true;
		scenario();
		memory.armed = false;
		assert_int_equal(memory.live, before);
		assert_true(rounds < 1000);
	} while (memory.failed > 0);
	assert_true(rounds > 5);
}
