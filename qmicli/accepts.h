/*
 * Accepts: what the argument of an option may be, piece by piece, as its row and the definitions say.
 *
 * Owns: nothing. Does not know: what was given, shells, how help looks.
 * Lifetime: pure functions.
 * Called from: help, complete, request (for its hints).
 *
 * The pieces are the values at their places and then the keys. Where a row has neither `field`, `parts`
 * nor `keys`, they are read from the form that help shows: "3gpp|3gpp2,INDEX[,name=TEXT]" has two places
 * and a key. In it capital letters stand for something, what has none is a word that may be typed.
 */
#pragma once

#include "command.h"
#include "output.h"

enum { ACCEPTS_MAX = 32 };

struct accept {
	struct qk_string key;              /* empty: a value at its place */
	struct qk_string shown;            /* its place in the form; may be empty */
	const struct qk_field *field;      /* that it fills, or NULL */
	const struct command_reading *how; /* it is read, where the field does not say; or NULL */
};

/* The pieces of a command's argument, at most ACCEPTS_MAX; how many. */
size_t accepts(const struct command *command, struct accept ret[ACCEPTS_MAX]);

/* The i-th word that a piece may be; its size is 0 past the last one. */
struct qk_string accept_word(const struct accept *accept, size_t i);

/* Whether words of a piece may be joined by "|". */
bool accept_joins(const struct accept *accept);

/* What a piece may be, on one line: "pap|chap|both", "0-255", "TEXT", "XX:XX:..". */
void accept_print(const struct accept *accept, struct output *out);
