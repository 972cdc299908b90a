/*
 * Failure: what went wrong, in one line for a person and one number for a script.
 *
 * Owns: nothing; the text is inside. Does not know: devices, where the line goes.
 * Lifetime: on the stack of main; filled once, by whoever noticed.
 * Called from: everything in qmi-network that can fail.
 *
 * libqmi's script has 1, 2, 3, 64 and 255 already; ours mean the same where both know a case. The
 * table of the manual page has every number.
 */
#pragma once

#include <stdint.h>

enum exit_code {
	EXIT_NO_CLIENT = 1,      /* the modem gave no client id, or cannot be reached at all */
	EXIT_NO_CALL = 2,        /* the call was refused, or the modem did not say how it is */
	EXIT_BUSY = 3,           /* another qmi-network is at work on this device */
	EXIT_HOST = 4,           /* this machine's side: interface, addresses, state file */
	EXIT_NOT_CONNECTED = 64, /* of status: there is no connection */
	EXIT_SIGNAL = 128,       /* and the signal's number on top */
	EXIT_USAGE = 255,        /* command line or configuration */
};

struct failure {
	int code; /* enum exit_code, or 128 and a signal */
	char text[512];
};

/* Sets code and text. Returns the code, for a tail call. */
__attribute__((format(printf, 3, 4))) int failure_set(struct failure *f, int code,
						      const char *format, ...);

/* What `error`, a negative errno or a positive QMI protocol error, means: "DOING: what; hint". */
int failure_from(struct failure *f, int code, const char *doing, int error);
