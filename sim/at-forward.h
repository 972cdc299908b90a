/*
 * AT forward: commands of a line that are passed on to a program of the modem's Linux (see forward.h).
 *
 * Owns: nothing. Does not know: who that program is. Lifetime: a row for all of them.
 * Called from: at-line.c.
 */
#pragma once

#include "at-modem.h"

/* The row for a command that was registered, or NULL. It comes before what the modem knows itself. */
const struct qk_at_command *qk_at_forwarded(const struct qk_at_port *port);
