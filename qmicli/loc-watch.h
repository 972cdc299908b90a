/*
 * LOC, watching: positions, satellites and NMEA as the engine tells them.
 *
 * Owns: nothing. Does not know: devices.
 * Lifetime: one call. Called from: loc, whose rows' functions they are.
 */
#pragma once

#include "steps.h"

/* Waits for one of what the action's name says, for as long as --loc-timeout. As command.h has it. */
int loc_run_get(struct steps *steps, void *request);
/* Shows all that the --loc-follow-... options ask for until a signal comes, which is no failure. */
int loc_run_follow(struct steps *steps, void *request);
