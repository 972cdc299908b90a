/*
 * Signals as something to read.
 */
#include "signals.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

int signals_catch(struct signals *signals)
{
	sigset_t set;

	*signals = (struct signals){ .fd = -1 };
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &signals->old_mask);
	signals->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return signals->fd < 0 ? -errno : 0;
}

bool signals_came(struct signals *signals)
{
	struct signalfd_siginfo info;

	/* The first one decides; those after it do not hurry us, tidying up has its own limits. */
	while (read(signals->fd, &info, sizeof(info)) == sizeof(info))
		if (!signals->caught)
			signals->caught = (int)info.ssi_signo;
	return signals->caught;
}

void signals_release(struct signals *signals)
{
	if (signals->fd >= 0)
		close(signals->fd);
	sigprocmask(SIG_SETMASK, &signals->old_mask, NULL);
}
