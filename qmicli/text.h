/*
 * Text: what a command prints, as rows of data over the decoded struct of its answer.
 *
 * Owns: nothing. Does not know: devices, options, any message.
 * Lifetime: rows are constants.
 * Called from: main (to print an answer), the commands' own print functions, tests.
 *
 * A row prints `text`, and then its `rows` or what `print` prints, when its condition on `path` holds. When
 * `path` names a struct, it becomes the scope of what the row prints (text-path.h says what paths are).
 *
 * In a text, {…} is replaced, as text-value.h says.
 */
#pragma once

#include "output.h"
#include "text-path.h"

enum text_when {
	TEXT_ALWAYS,
	TEXT_PRESENT,   /* the field is there */
	TEXT_ABSENT,    /* it is not */
	TEXT_TRUE,      /* it is there and not 0 */
	TEXT_EQUAL,     /* it is there and is `number` (a list: has so many items) */
	TEXT_DIFFERENT, /* it is there and is not `number` */
	TEXT_ANY_BIT,   /* it is there and has a bit of `number` */
	TEXT_NO_BIT,    /* it is there and has none of them */
	TEXT_EACH,      /* once for each item of the list, which becomes the scope */
} __attribute__((packed));

typedef void (*text_print_fn)(const struct text_scope *scope, struct output *out);

struct text_row {
	const char *path;
	const char *text;
	union {
		const struct text_row *rows; /* ends with TEXT_END */
		text_print_fn print;         /* TEXT_PRINT() */
	};
	int64_t number : 48;
	bool prints;
	enum text_when when;
};

_Static_assert(sizeof(struct text_row) <= 32, "each start of qmicli writes the pages of all rows");

/* clang-format off */
#define TEXT_LINE(string) { .text = (string) }
#define TEXT_IF(field, string) { .when = TEXT_PRESENT, .path = (field), .text = (string) }
#define TEXT_WITHOUT(field, string) { .when = TEXT_ABSENT, .path = (field), .text = (string) }
#define TEXT_VALID(field, string) { .when = TEXT_TRUE, .path = (field), .text = (string) }
#define TEXT_UNLESS(field, value, string) \
	{ .when = TEXT_DIFFERENT, .path = (field), .number = (value), .text = (string) }
#define TEXT_WHERE(field, value, string) \
	{ .when = TEXT_EQUAL, .path = (field), .number = (value), .text = (string) }
#define TEXT_BIT(field, bits, string) \
	{ .when = TEXT_ANY_BIT, .path = (field), .number = (bits), .text = (string) }
#define TEXT_BIT_OFF(field, bits, string) \
	{ .when = TEXT_NO_BIT, .path = (field), .number = (bits), .text = (string) }
/* One text where the field is there, another one where it is not. */
#define TEXT_EITHER(field, string, otherwise) TEXT_IF(field, string), TEXT_WITHOUT(field, otherwise)
#define TEXT_END { 0 }
/* What a row prints itself, in place of rows. */
#define TEXT_PRINT(function) .prints = true, .print = (function)
/* A text of few rows, where it is used. */
#define TEXT_ROWS(...) (const struct text_row[]){ __VA_ARGS__, TEXT_END }
/* clang-format on */

/* Prints `rows` (NULL: nothing). */
void text_print(const struct text_scope *scope, const struct text_row *rows, struct output *out);

/* Looks at `rows` without a message: whether all paths are defined and all {…} understood. 0, or
 * -ENOENT or -EINVAL with the text at fault in `error`. */
__attribute__((warn_unused_result)) int
text_check(const struct text_scope *scope, const struct text_row *rows, struct output *error);
