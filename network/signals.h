/*
 * Signals: SIGINT, SIGTERM and SIGHUP end what is being waited for, and nothing else; what follows is
 * to tidy up.
 *
 * Owns: a signalfd and the mask that was. Does not know: what is being done.
 * Lifetime: signals_catch() to signals_release(), on main's stack.
 * Called from: main; modem waits for it; the runner of steps looks between them.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>

struct signals {
	int fd;
	int caught; /* the number of the first one; 0: none so far */
	sigset_t old_mask;
};

/* 0 or a negative errno. */
__attribute__((warn_unused_result)) int signals_catch(struct signals *signals);

/* Whether one came, now or before. */
bool signals_came(struct signals *signals);

void signals_release(struct signals *signals);
