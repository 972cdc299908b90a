/*
 * Decode: a line of hex as a record, as the verb decode has it.
 *
 * Owns: nothing. Does not know: where lines come from.
 * Lifetime: none. Called from: the verb, its fuzz target.
 */
#pragma once

#include "options.h"
#include "print.h"

/* The most characters of a line: the longest frame, with a few between its bytes. */
#define DECODE_LINE_MAX ((size_t)512 * 1024)

/* Prints what the `size` characters of `line`, which are changed, say. What cannot be decoded is told in its
 * place, so that one line in is one record out. 1: done; 0: it cannot be decoded; -ENOMEM. */
QK_MUST_CHECK int decode_line(const struct options *options, struct printer *printer,
			      uint64_t number, char *line, size_t size);
