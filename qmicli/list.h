/*
 * List: the QMI devices of this machine, for -L.
 *
 * Owns: nothing. Does not know: how they are found (ports does). Lifetime: one call.
 * Called from: main.
 */
#pragma once

#include "failure.h"
#include "output.h"

/* A table, or JSON. 0 or an exit code. */
__attribute__((warn_unused_result)) int list_print(bool json, struct output *out,
						   struct failure *failure);
