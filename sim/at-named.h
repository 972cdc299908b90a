/*
 * AT named: commands that are a family of settings with names, as AT+QCFG="name" and AT+QGPSCFG="name".
 *
 * Owns: nothing. Does not know: what a setting does; a row may have a function that does.
 * Lifetime: constant tables. Called from: the tables of commands.
 */
#pragma once

#include "at-modem.h"

struct qk_at_named {
	const char *name;
	uint8_t settings[2];
	uint8_t setting_count;
	/* The values are these words in quotation marks, by their numbers. */
	const char *const *words;
	/* Does both, by the number of arguments: the name alone reads. NULL: the settings do. */
	qk_at_fn fn;
	const char *test; /* what =? says behind the name; NULL: by the settings */
	bool hidden;      /* =? does not list it */
};

/* The forms of a command whose rows these are. */
int qk_at_named_set(struct qk_at_call *call, const struct qk_at_named *rows, size_t count);
int qk_at_named_test(struct qk_at_call *call, const struct qk_at_named *rows, size_t count);

/* The i-th argument as one of `words`, which end with NULL. 0; -EINVAL. */
QK_MUST_CHECK int qk_at_arg_word(const struct qk_at_parsed *parsed, size_t i,
				 const char *const *words, uint32_t *ret);
