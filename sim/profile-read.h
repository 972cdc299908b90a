/*
 * Profile, reading: rows that say what a member of a JSON object may be, and the engine that reads by
 * them.
 *
 * Owns: nothing. Does not know: which members a profile has.
 * Lifetime: none. Called from: profile-parse.c alone.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum qk_sim_kind {
	TEXT,   /* a string that fits the member */
	DIGITS, /* the same, of decimal digits */
	HEX,    /* bytes, as hex digits; their count goes to the member behind */
	UINT,
	INT, /* a number; as a string it may be hexadecimal: "0x1f" */
	BOOL,
	WORD,       /* one of a list of words */
	WORDS,      /* a list of words, as bits */
	SERVICE,    /* a service by name or number */
	ERROR_NAME, /* a QMI protocol error by name */
	NOTE,       /* a string for the reader alone */
};

struct qk_sim_word {
	const char *name;
	uint32_t value;
};

struct qk_sim_member {
	const char *name;
	enum qk_sim_kind kind;
	size_t offset, size;
	int64_t min, max;
	const struct qk_sim_word *words; /* ends with a NULL name */
	bool optional;
};

struct qk_sim_section {
	const char *name;
	const struct qk_sim_member *members;
	size_t count;
};

/* What is being read, for messages. */
struct qk_sim_context {
	const char *name;
	char *error;
	size_t error_size;
};

/* The line for a person about the value at `path`; always -EINVAL. */
int qk_sim_refuse(const struct qk_sim_context *context, const char *path, const char *what);

/* Reads one value as its row says into `at`. 0 or -EINVAL, as the next two. */
int qk_sim_read_value(const struct qk_sim_context *context, const char *path,
		      const struct qk_sim_member *member, const json_t *value, uint8_t *at);

/* Reads the members of `object` into `base`; each value must have its mark of certainty. */
int qk_sim_read_object(const struct qk_sim_context *context, const char *path, json_t *object,
		       const struct qk_sim_member *members, size_t count, void *base);

/* Reads a list of objects into an array of `limit` items of `size` bytes. */
int qk_sim_read_list(const struct qk_sim_context *context, const char *path, json_t *list,
		     const struct qk_sim_section *items, void *base, size_t size, size_t limit,
		     size_t *ret_count);
