/*
 * Assignments: KEY=value lines as a shell reads them, without a shell: quotes, backslashes and
 * comments mean what they mean there; what a shell would carry out is an error.
 *
 * Owns: nothing; the text is the caller's. Does not know: which keys there are.
 * Lifetime: of one call. Called from: config, state.
 */
#pragma once

#include <stddef.h>

#include "failure.h"

enum { ASSIGNMENTS_FILE_MAX = 65536, ASSIGNMENT_KEY_MAX = 63, ASSIGNMENT_VALUE_MAX = 511 };

struct assignment {
	const char *file; /* for messages */
	unsigned int line;
	char key[ASSIGNMENT_KEY_MAX + 1], value[ASSIGNMENT_VALUE_MAX + 1];
};

/* Takes one assignment. 0 or an exit code. */
typedef int (*assignment_fn)(const struct assignment *assignment, void *userdata,
			     struct failure *failure);

/* Reads the assignments of `text` in order. 0; an exit code of `fn`; or EXIT_USAGE, with
 * "FILE:LINE: what is wrong". */
__attribute__((warn_unused_result)) int assignments_parse(const char *file, const char *text,
							  size_t size, assignment_fn fn,
							  void *userdata, struct failure *failure);

/* All that can be read from `take_fd`, which is closed. 0 and a text of ASSIGNMENTS_FILE_MAX bytes
 * at most, to be freed; -EFBIG when it is longer; or what read(2) says. */
__attribute__((warn_unused_result)) int assignments_read(int take_fd, char **ret_text,
							 size_t *ret_size);
