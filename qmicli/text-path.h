/*
 * Text path: where a value stands in a decoded message, by the names of its definition.
 *
 * Owns: nothing. Does not know: rows, printing, devices, any message.
 * Lifetime: a scope lives on the stack while its struct does.
 * Called from: text, text-value, the commands' own print functions.
 *
 * A path is definition names joined by dots, looked up in the scope: the message, or the struct that
 * an enclosing row moved into; "/" in front starts at the message again, "." is the scope itself.
 */
#pragma once

#include <qmikit/codec.h>

/* Where paths start. */
struct text_scope {
	const struct qk_message *message;
	const void *decoded; /* NULL: rows are only checked */
	const char *device;
	const char *argument;         /* of the command; NULL: it had none */
	const struct qk_field *field; /* NULL: the message itself */
	const void *value;            /* of `field`, or one item of it */
	size_t index;                 /* of that item */
};

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

/* What a value is as a number: a list its count, text and structs 1, for being there. */
int64_t text_value_number(const struct text_value *value);

/* The number at `path`, or `otherwise` when it is not there. Of a list: its count. */
int64_t text_number(const struct text_scope *scope, const char *path, int64_t otherwise);

/* The bytes at `path`, be they defined as bytes or as a list of u8; empty when not there. */
struct qk_span text_bytes(const struct text_scope *scope, const char *path);

/* The first mandatory TLV that the answer lacks, or has in a form that cannot be read; or NULL. */
const char *text_missing(const struct qk_message *message, const void *decoded);
