/*
 * Output: text that grows in memory and leaves in one piece, in the character set of the user.
 *
 * Owns: its buffer. Does not know: commands, modems, JSON.
 * Lifetime: start with {0}; output_done() frees. Running out of memory sticks in `failed`.
 * Called from: text, help, list, trace, main.
 * Sources: GLib's g_print(), whose conversion this follows so that the bytes are libqmi's: what the
 * locale's character set cannot show becomes '?'.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct output {
	char *data; /* ended by 0 once something was added */
	size_t size, used;
	bool failed;
};

/* Room for `size` more bytes and a final 0; NULL when memory is out. `used` is not moved. */
char *output_room(struct output *out, size_t size);

void output_add(struct output *out, const char *text, size_t size);

__attribute__((format(printf, 2, 3))) void output_printf(struct output *out, const char *format,
							 ...);

void output_vprintf(struct output *out, const char *format, va_list arguments);

/* Writes all of it to `stream` and empties it. 0, -ENOMEM or what write(2) said. */
__attribute__((warn_unused_result)) int output_write(struct output *out, FILE *stream);

void output_done(struct output *out);
