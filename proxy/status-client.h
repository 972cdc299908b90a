/*
 * Status client: "qmi-proxy status".
 *
 * Owns: nothing. Does not know: what is in the status; it prints what the broker sends.
 * Lifetime: none. Called from: main.c.
 */
#pragma once

#include "options.h"

/* Asks the broker that runs and prints. 0, or a negative errno after a line on stderr. */
__attribute__((warn_unused_result)) int status_ask(const struct options *options);
