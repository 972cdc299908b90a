/*
 * Text: what a command prints, as rows of data over the decoded struct of its answer.
 *
 * Owns: nothing. Does not know: devices, options, any message.
 * Lifetime: rows are constants; a scope lives on the stack while its struct does.
 * Called from: session (to print an answer), the commands' own print functions, tests.
 *
 * A row prints `text`, then its `rows`, then calls `print`, when its condition on `path` holds. A
 * path is definition names joined by dots, looked up in the scope: the message, or the struct that
 * an enclosing row moved into; "/" in front starts at the message again, "." is the scope itself.
 * When `path` names a struct, it becomes the scope of what the row prints.
 *
 * In a text, {…} is replaced:
 *   {path}         as libqmi shows it: a number, text, the name of an enumerator, "a, b" for flags,
 *                  yes or no
 *   {path|word}    `word` where there is nothing, or no name, to show (else "(null)", flags "none")
 *   {path:n}       the number, also where it has a name; {path:x} in two hex digits
 *   {path:hex}     bytes as AA:BB:CC and a newline for each line
 *   {path*2}       the number times two; {path*0.1} with one decimal; {path/60} divided, with six
 *   {path?on:off}  the first word when the number is not 0
 *   {path[]}       a list's items, joined by ", "; {#path} how many it has
 *   {@} {@1}       the index of the list item we are in, from 0 or from 1
 *   {@device}      the device's name
 */
#pragma once

#include <qmikit/codec.h>

#include "output.h"

enum text_when {
	TEXT_ALWAYS,
	TEXT_PRESENT,   /* the field is there */
	TEXT_TRUE,      /* it is there and not 0 */
	TEXT_EQUAL,     /* it is there and is `number` (a list: has so many items) */
	TEXT_DIFFERENT, /* it is there and is not `number` */
	TEXT_EACH,      /* once for each item of the list, which becomes the scope */
};

/* Where paths start. */
struct text_scope {
	const struct qk_message *message;
	const void *decoded; /* NULL: rows are only checked */
	const char *device;
	const struct qk_field *field; /* NULL: the message itself */
	const void *value;            /* of `field`, or one item of it */
	size_t index;                 /* of that item */
};

struct text_row {
	enum text_when when;
	const char *path;
	const char *text;
	const struct text_row *rows; /* ends with TEXT_END */
	void (*print)(const struct text_scope *scope, struct output *out);
	int64_t number;
};

/* clang-format off */
#define TEXT_LINE(string) { .text = (string) }
#define TEXT_IF(field, string) { .when = TEXT_PRESENT, .path = (field), .text = (string) }
#define TEXT_VALID(field, string) { .when = TEXT_TRUE, .path = (field), .text = (string) }
#define TEXT_UNLESS(field, value, string) \
	{ .when = TEXT_DIFFERENT, .path = (field), .number = (value), .text = (string) }
#define TEXT_WHERE(field, value, string) \
	{ .when = TEXT_EQUAL, .path = (field), .number = (value), .text = (string) }
#define TEXT_END { 0 }
/* A text of few rows, where it is used. */
#define TEXT_ROWS(...) (const struct text_row[]){ __VA_ARGS__, TEXT_END }
/* clang-format on */

/* A value that a path led to. */
struct text_value {
	const struct qk_field *field;
	const void *data; /* NULL when only checking */
	bool item;        /* `data` is one item of the list `field` */
};

/* Follows `path` from `scope`. 0; -ENODATA when it is not in this message; -ENOENT when no such
 * field is defined. */
__attribute__((warn_unused_result)) int text_find(const struct text_scope *scope, const char *path,
						  struct text_value *ret);

/* The number at `path`, or `otherwise` when it is not there. Of a list: its count. */
int64_t text_number(const struct text_scope *scope, const char *path, int64_t otherwise);

/* The bytes at `path`, be they defined as bytes or as a list of u8; empty when not there. */
struct qk_span text_bytes(const struct text_scope *scope, const char *path);

/* Prints `rows` (NULL: nothing). */
void text_print(const struct text_scope *scope, const struct text_row *rows, struct output *out);

/* Looks at `rows` without a message: whether all paths are defined and all {…} understood. 0, or
 * -ENOENT or -EINVAL with the text at fault in `error`. */
__attribute__((warn_unused_result)) int
text_check(const struct text_scope *scope, const struct text_row *rows, struct output *error);

/* The first mandatory TLV that the answer lacks, or has in a form that cannot be read; or NULL. */
const char *text_missing(const struct qk_message *message, const void *decoded);

/* Prints what stands between { and }; `size` bytes at `words`. 0, -ENOENT or -EINVAL. */
__attribute__((warn_unused_result)) int
text_expression(const struct text_scope *scope, const char *words, size_t size, struct output *out);
