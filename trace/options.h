/*
 * Options: the command line of a verb, read by rows.
 *
 * Owns: nothing. Does not know: what an option does.
 * Lifetime: none. Called from: the verbs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "filter.h"

struct options {
	bool json, follow, unmask, luhn;
	const char *output, *base, *name;
	uint8_t transport; /* QK_LINK_* */
	uint16_t service;  /* of bytes that do not tell it; QK_LINK_SERVICE_UNKNOWN */
	struct entry_vendors vendors;
	struct filter filter;
	const char *files[2];
};

/* Which options a verb takes: names with blanks between them, "filter" for all of filter.h; and how many
 * files, at least and at most. */
struct options_wanted {
	const char *verb, *names, *usage;
	int files_least, files_most;
};

/* 0; 1 when all is done (--help was printed to stdout); -EINVAL after one line on stderr. */
int options_read(const struct options_wanted *wanted, int count, char **arguments,
		 struct options *ret);
