/*
 * Anonymise: a copy of a recording without what identifies a person.
 *
 * Owns: nothing. Does not know: which values are personal (personal.c) and how they are replaced (scrub.c).
 * Lifetime: one call. Called from: the verb anonymise, survey.
 */
#pragma once

#include <stdbool.h>

/* Writes the copy of `in` to the new file `out`, readable by its owner alone. `luhn`: replaced IMEIs get a
 * right check digit. The exit status; one line on stderr says what went wrong. A file that breaks is
 * copied up to there. */
int anonymise_file(const char *in, const char *out, bool luhn);
