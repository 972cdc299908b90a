/*
 * Help: what --help and its kin print, made from the tables.
 *
 * Owns: nothing. Does not know: devices. Lifetime: pure functions. Called from: main, tests.
 */
#pragma once

#include "options.h"
#include "output.h"

/* What `options` asks for: --help, --help-all or --help-SERVICE. */
void help_print(const struct options *options, struct output *out);

void help_version(struct output *out);
