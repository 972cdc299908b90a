/*
 * Recorder real: looks the C library's functions up (see recorder-real.h).
 */
#include "recorder-real.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder.h"

#define NAME(name) #name,
static const char *const names[] = { QK_REALS(NAME) };
#undef NAME

/* Where to look: behind us, since another library there may hook the same. Where none was put there, in
 * the C library at once: a program with many libraries starts 1 % later otherwise. */
static void *next(void)
{
	const char *preload = getenv("LD_PRELOAD");

	if (!preload || strpbrk(preload, ": ") || access("/etc/ld.so.preload", F_OK) == 0)
		return RTLD_NEXT;
	return dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD) ?: RTLD_NEXT;
}

void qk_reals_find(struct qk_reals *reals)
{
	void *where = next();

	for (size_t i = 0; i < QK_REAL_COUNT; i++)
		atomic_store_explicit(&reals->functions[i], dlsym(where, names[i]),
				      memory_order_relaxed);
	(void)dlerror(); /* of those that are not there: the program need not hear of them */
}

static long missing(void)
{
	errno = ENOSYS;
	return -1;
}

/* A constructor of another library may be before ours. */
static void *find_early(struct qk_reals *reals, enum qk_real_name name)
{
	void *function = dlsym(RTLD_NEXT, names[name]);

	atomic_store(&reals->functions[name], function);
	return function ?: (void *)missing;
}

void *qk_real(enum qk_real_name name)
{
	struct qk_reals *reals = &qk_recorder()->reals;
	void *function = atomic_load_explicit(&reals->functions[name], memory_order_relaxed);

	return function ?: find_early(reals, name);
}
