/*
 * Options: the command line: which options there are, what they were given, and their help.
 *
 * Owns: nothing; the values are argv's. Does not know: what an option does.
 * Lifetime: the program's. Called from: main.c, and whoever asks for a value.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_MAX 160

struct options {
	const char *value[OPTIONS_MAX]; /* by row; "" for one that takes none */
};

/* Returns 0; 1, when help was asked for and is printed; -EINVAL, and the line on stderr is printed. */
int options_parse(struct options *options, int argc, char **argv);

/* NULL: it was not given. `name` is that of a row. */
const char *options_value(const struct options *options, const char *name);

/* A whole number; `otherwise` without the option. -EINVAL, with a line on stderr. */
int options_number(const struct options *options, const char *name, int otherwise, int *ret);
