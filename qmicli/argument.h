/*
 * Argument: what stands behind an option as "key=value,key='another value'", the way libqmi's tool
 * reads it.
 *
 * Owns: nothing; keys and values point into the argument. Does not know: requests, commands.
 * Lifetime: one call.
 * Called from: request, and the commands whose argument is more than fields.
 */
#pragma once

#include "failure.h"

/* One pair. A value may be empty. 0, or the exit code of a failure, which ends the reading. */
typedef int (*argument_pair_fn)(struct qk_string key, struct qk_string value, void *userdata,
				struct failure *failure);

/* Calls `fn` for each pair of `text`; none when it is blank. 0, or the exit code of a failure. */
__attribute__((warn_unused_result)) int argument_pairs(const char *text, argument_pair_fn fn,
						       void *userdata, struct failure *failure);

/* Whether `text` is `word`; letters of either case are the same. */
bool argument_is(struct qk_string text, const char *word);

/* The value up to `separator`, which is taken off `rest` with it (NULL then: it was the last one). Blanks
 * around it are no part of it. */
struct qk_string argument_next(const char **rest, char separator);

/* The number of a name. */
bool argument_name(struct qk_string text, const struct qk_values *values, int64_t *ret);

/* The bits of names that are joined by "|"; of none 0, as in libqmi's tool. */
bool argument_flags(struct qk_string text, const struct qk_values *values, int64_t *ret);

/* A network's number: three digits of MCC and two or three of MNC. */
struct argument_plmn {
	uint16_t mcc, mnc;
	bool three_digits; /* the MNC has them */
};

bool argument_plmn(struct qk_string text, struct argument_plmn *ret);

/* An unsigned number of decimal digits and nothing else, at most `most`. */
bool argument_number(struct qk_string text, uint64_t most, uint64_t *ret);

/* The same of hexadecimal digits behind 0x. */
bool argument_hex_number(struct qk_string text, uint64_t most, uint64_t *ret);

/* The number of a hex digit, or -1. */
int argument_hex_digit(char c);

/* Bytes in hex, two digits each, with a ":" between them or none. `ret` has room for half as many bytes as `text` has. */
bool argument_bytes(struct qk_string text, uint8_t *ret, size_t *ret_size);
