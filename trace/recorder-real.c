/*
 * Recorder real: looks the C library's functions up (see recorder-real.h).
 */
#include "recorder-real.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

#include "recorder.h"

#define NAME(name) #name,
static const char *const names[] = { QK_REALS(NAME) };
#undef NAME

void qk_reals_find(struct qk_reals *reals)
{
	for (size_t i = 0; i < QK_REAL_COUNT; i++)
		atomic_store(&reals->functions[i], dlsym(RTLD_NEXT, names[i]));
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
