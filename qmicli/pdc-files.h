/*
 * PDC, its configurations: listing those that the modem has, and loading another one.
 *
 * Owns: nothing. Does not know: devices.
 * Lifetime: one call. Called from: pdc, whose rows' functions they are.
 */
#pragma once

#include "steps.h"

/* Lists the configurations with what the modem says of each, and which are active and pending. The request
 * is List Configs; as command.h has it. */
int pdc_run_list(struct steps *steps, void *request);

/* Loads the file that the argument names, in chunks. As command.h has it. */
int pdc_run_load(struct steps *steps, void *request);
/* Whether there is such a file. As command.h has it. */
int pdc_finish_load(const struct action *action, unsigned int seen, void *request,
		    struct failure *failure);
