/*
 * Hook steps: steps of operations that wait for a program of the administrator.
 *
 * Owns: nothing. Does not know: how programs are run.
 * Lifetime: during the step. Called from: initialize.c and power.c, in their tables.
 */
#pragma once

#include "operation.h"

/* modem-setup.d, for a modem that came. */
void hook_steps_set_up(struct operation *operation);
/* fcc-unlock.d, where the modem refused to turn its radio on. */
void hook_steps_unlock(struct operation *operation);
