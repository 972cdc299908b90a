/*
 * AT parse: one command of a command line as its name, its form and its arguments.
 *
 * Owns: nothing; borrows the line. Does not know: which commands exist, the modem, ports.
 * Lifetime: on the stack, valid while the line is. Called from: at-line.c; the commands take arguments.
 *
 * The grammar is that of ITU-T V.250: basic commands are a letter or '&' and a letter with a number,
 * S a register, D all that follows; extended ones begin with '+', '$', '^' or '*' and end with ';' or
 * the line. Nothing is copied, no escape is undone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qmikit/wire.h>

#define QK_AT_ARGS_MAX 24

enum qk_at_form {
	QK_AT_EXECUTE, /* +NAME */
	QK_AT_READ,    /* +NAME? */
	QK_AT_TEST,    /* +NAME=? */
	QK_AT_SET,     /* +NAME=... */
};

enum qk_at_arg_kind {
	QK_AT_OMITTED,
	QK_AT_NUMBER, /* decimal digits that fit 32 bits */
	QK_AT_WORD,   /* anything else without quotation marks */
	QK_AT_STRING, /* between quotation marks */
};

struct qk_at_arg {
	enum qk_at_arg_kind kind;
	const char *text; /* without quotation marks or blanks around */
	size_t size;
	uint32_t number;
};

struct qk_at_parsed {
	const char *name; /* "+CREG", "E", "&C", as it was typed */
	size_t name_size;
	enum qk_at_form form;
	struct qk_at_arg args[QK_AT_ARGS_MAX];
	size_t arg_count;
	size_t size; /* characters of the line that it took */
};

/* Reads the command at the start of `text`, which has at least one character. 0; -EBADMSG when it is
 * none. */
QK_MUST_CHECK int qk_at_parse(const char *text, size_t size, struct qk_at_parsed *ret);

/* Whether the name is `name`, in whatever case it was typed. */
bool qk_at_is(const struct qk_at_parsed *parsed, const char *name);

/* Whether argument `i` is the text `text`, quoted or not, in whatever case. */
bool qk_at_arg_is(const struct qk_at_parsed *parsed, size_t i, const char *text);

/* Whether argument `i` is there. */
bool qk_at_has_arg(const struct qk_at_parsed *parsed, size_t i);

/* Argument `i` as a number of `min` to `max`. 0, also when it is omitted: `value` stays as it is then;
 * -EINVAL. */
QK_MUST_CHECK int qk_at_arg_number(const struct qk_at_parsed *parsed, size_t i, uint32_t min,
				   uint32_t max, uint32_t *value);

/* Argument `i` as a hexadecimal number with or without "0x"; -EINVAL also when it is omitted. */
QK_MUST_CHECK int qk_at_arg_hex(const struct qk_at_parsed *parsed, size_t i, uint64_t *ret);

/* Copies argument `i` with a NUL into `buffer`; an omitted one is "". 0; -EINVAL when it does not fit. */
QK_MUST_CHECK int qk_at_arg_text(const struct qk_at_parsed *parsed, size_t i, char *buffer,
				 size_t buffer_size);

/* Reads `size` characters of hexadecimal digits into bytes. The number of bytes, or -EINVAL. */
QK_MUST_CHECK int qk_at_from_hex(const char *text, size_t size, uint8_t *bytes, size_t bytes_size);
