/*
 * Network: start and stop, which are one table of steps, forwards and backwards.
 *
 * Owns: the order of the steps. Does not know: what a step does.
 * Lifetime: of one call. Called from: main.
 */
#pragma once

#include "job.h"

/* Starts the network, or sees that one that was started is whole. When a step fails or a signal
 * comes, what was done is undone, unless the network was up before. 0 or an exit code. */
__attribute__((warn_unused_result)) int network_start(struct job *job);

/* Undoes all steps that the state tells of. 0, or an exit code when something was left, which the
 * state still has: stop can be tried again. */
__attribute__((warn_unused_result)) int network_stop(struct job *job);

/* Forgets what a modem that has started anew since cannot have any more. True: there was
 * something. */
bool network_forget_stale(struct job *job);
