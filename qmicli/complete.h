/*
 * Complete: what may follow on a command line, for the completion of shells.
 *
 * Owns: nothing. Does not know: any shell; packaging/ has a script for each that asks.
 * Lifetime: one call.
 * Called from: main, for `qmicli --complete WORD...`; tests.
 */
#pragma once

#include "output.h"

/* What the last of `count` words, without the program's name, may become: a line each, the whole word, a
 * tab and what it is. A word that goes on, such as "--device=" or "apn=", ends with "=". */
void complete_print(char *const *words, size_t count, struct output *out);
