/*
 * Hooks of what a process does to itself: it gives up system calls (seccomp), or makes them without
 * the C library's functions.
 */
#include <errno.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder-hook.h"

/* From here on nothing is called but what the program calls itself: a filter may kill it for
 * anything else. In a child of vfork(2) the parent goes on. */
static bool rest(void)
{
	struct qk_recorder *recorder = qk_recorder();

	return getpid() == atomic_load(&recorder->pid) && atomic_exchange(&recorder->active, false);
}

static long wake_if(bool rested, long result)
{
	if (rested && result < 0)
		atomic_store(&qk_recorder()->active, true);
	return result;
}

QK_HOOK int prctl(int option, ...)
{
	unsigned long arguments[4];
	va_list more;

	va_start(more, option);
	for (size_t i = 0; i < 4; i++)
		arguments[i] = va_arg(more, unsigned long);
	va_end(more);
	bool rested = option == PR_SET_SECCOMP && rest();
	return (int)wake_if(rested, QK_REAL(prctl)(option, arguments[0], arguments[1], arguments[2],
						   arguments[3]));
}

static bool is_seal(long number, const long *arguments)
{
	enum { SET_MODE_STRICT = 0, SET_MODE_FILTER = 1 }; /* linux/seccomp.h */

	if (number == SYS_prctl)
		return arguments[0] == PR_SET_SECCOMP;
	return number == SYS_seccomp &&
	       (arguments[0] == SET_MODE_STRICT || arguments[0] == SET_MODE_FILTER);
}

QK_HOOK long syscall(long number, ...)
{
	long arguments[6];
	va_list more;

	va_start(more, number);
	for (size_t i = 0; i < 6; i++)
		arguments[i] = va_arg(more, long);
	va_end(more);
	if (number == SYS_close)
		return close((int)arguments[0]);
#ifdef SYS_close_range
	if (number == SYS_close_range)
		return close_range((unsigned int)arguments[0], (unsigned int)arguments[1],
				   (int)arguments[2]);
#endif
	bool rested = is_seal(number, arguments) && rest();
	return wake_if(rested, QK_REAL(syscall)(number, arguments[0], arguments[1], arguments[2],
						arguments[3], arguments[4], arguments[5]));
}
