/*
 * Follow: starts a data call and, if asked to, keeps it until it ends or somebody interrupts, and stops it
 * then.
 *
 * Owns: nothing. Does not know: options, how answers are printed.
 * Lifetime: one call. Called from: the row of --wds-start-network.
 */
#pragma once

#include "steps.h"

/* Starts the call of a Start Network request. With --wds-follow-network it then shows the state of the call
 * every 20 seconds and whenever the modem says that it changed, until it ended or a signal comes. As
 * command.h has it. */
int run_start_network(struct steps *steps, void *request);
