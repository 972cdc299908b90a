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

static long missing(void)
{
	errno = ENOSYS;
	return -1;
}

/* When a function is called first: to look up all of them would be a third of what the recorder costs a
 * short program. dlsym(3) takes a lock that its own thread may have already, and that fork(2) frees in
 * the child; it allocates only for what is not there. */
static void *find(struct qk_reals *reals, enum qk_real_name name)
{
	int error = errno;
	void *function = dlsym(RTLD_NEXT, names[name]);

	atomic_store_explicit(&reals->functions[name], function, memory_order_relaxed);
	errno = error;
	return function ?: (void *)missing;
}

void *qk_real(enum qk_real_name name)
{
	struct qk_reals *reals = &qk_recorder()->reals;
	void *function = atomic_load_explicit(&reals->functions[name], memory_order_relaxed);

	return function ?: find(reals, name);
}
