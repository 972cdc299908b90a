/*
 * Failure: what went wrong, for a person, a script and a program: one line, an exit code, JSON.
 *
 * Owns: nothing; the text is inside. Does not know: devices, options, where the line goes.
 * Lifetime: on the stack of main; filled once, by whoever noticed.
 * Called from: everything in qmicli that can fail.
 *
 * libqmi's tool exits with 1 for every failure. Ours tells them apart; the table is in the manual
 * page, where a test looks for every row.
 */
#pragma once

#include <qmikit/codec.h>

enum exit_code {
	EXIT_OK = 0,
	EXIT_USAGE = 1,
	EXIT_REFUSED = 2,
	EXIT_NO_ANSWER = 3,
	EXIT_GONE = 4,
	EXIT_NOT_PERMITTED = 5,
	EXIT_BUSY = 6,
	EXIT_BAD_ANSWER = 7,
	EXIT_UNSUPPORTED = 8,
	EXIT_FAILED = 9,
	EXIT_SIGNAL = 128, /* and the signal's number on top */
};

struct exit_info {
	enum exit_code code;
	const char *name; /* "kind" in JSON */
	const char *meaning;
};

/* Every exit code; ends with a row without name. */
extern const struct exit_info exit_infos[];

struct failure {
	int code;                          /* enum exit_code, or 128 and a signal */
	const char *action;                /* the option at fault, or NULL */
	const struct qk_error_info *modem; /* of a refusal whose error has a name, or NULL */
	uint16_t error;                    /* of a refusal */
	char text[512], hint[256];         /* hint may be empty */
};

/* Sets code and text. Returns the code, for a tail call. Text and hint are of one line, whatever an
 * argument in them is: what a terminal would obey becomes "?". */
__attribute__((format(printf, 3, 4))) int failure_set(struct failure *f, int code,
						      const char *format, ...);

__attribute__((format(printf, 2, 3))) void failure_hint(struct failure *f, const char *format, ...);

/* Puts the option ahead of the text, with its argument (may be NULL) unless that is in the text: a wrong
 * argument is told from what it was given to. */
void failure_option(struct failure *f, const char *option, const char *argument);

/* A negative errno of the library, in the words of a person: "DOING: DEVICE: what". */
int failure_errno(struct failure *f, const char *doing, const char *device, int error);

/* A QMI protocol error: "DOING: QMI protocol error (94): 'NotSupported': sentence". */
int failure_refused(struct failure *f, const char *doing, uint16_t error);

/* The name of an exit code: "refused". */
const char *failure_kind(const struct failure *f);
