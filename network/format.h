/*
 * Format: in what form packets travel between this machine and the modem, agreed on with both sides.
 *
 * Owns: a client of WDA, for the time of the step. Does not know: calls, addresses.
 * Lifetime: of one call. Called from: the table of steps.
 */
#pragma once

#include "job.h"

/* Raw IP where kernel and modem can, else Ethernet frames. 0 or an exit code. */
__attribute__((warn_unused_result)) int format_agree(struct job *job);

/* Gives the id of WDA back that a killed start has left. 0 or an exit code. */
__attribute__((warn_unused_result)) int format_release(struct job *job);
