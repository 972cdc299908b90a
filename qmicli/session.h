/*
 * Session: one open device, its clients, and waiting for it.
 *
 * Owns: the device, a client for each service used, the descriptor that signals arrive on.
 * Does not know: messages, how answers are shown; that is in steps.
 * Lifetime: session_open() to session_close(), which gives every client id back, also after
 * failures and signals.
 * Called from: main, steps.
 */
#pragma once

#include <signal.h>

#include <qmikit/device.h>

#include "failure.h"
#include "options.h"
#include "target.h"

/* More than there are services. */
enum { SESSION_CLIENTS = 40 };

/* The end of something asynchronous. It lives in the session, so that a late answer to something
 * that a signal ended finds it. */
struct session_wait {
	bool done;
	int status;
	uint16_t error;
	char step[48];
};

struct session {
	const struct options *options;
	const struct target *target;
	struct qk_device *device;
	struct qk_client *clients[SESSION_CLIENTS];
	struct session_wait opening, allocating, releasing;
	char refusal[160]; /* of qmi-proxy; may be empty */
	bool by_proxy;     /* which is between us and the modem */
	bool gone;         /* the modem went, as it was told to: no id can be given back */
	int signal_fd;
	int signal; /* that interrupted; 0: none */
	sigset_t old_mask;
};

/* What the connection failed with, a negative errno, while `doing`. An exit code. */
int session_failed(const struct session *session, const char *doing, int error, struct failure *f);

/* Opens the device in the way the options say. 0 or an exit code; close in either case. */
__attribute__((warn_unused_result)) int
session_open(struct session *session, const struct options *options, const struct target *target,
	     const struct qk_device_hooks *hooks, struct failure *failure);

/* The client of a service, allocated (or adopted, of the first action's service) when it is asked for
 * first. Borrowed. 0 or an exit code. */
__attribute__((warn_unused_result)) int session_client(struct session *session, uint8_t service,
						       struct qk_client **ret,
						       struct failure *failure);

/* When `usec` from now will be, by a clock of session_wait()'s; UINT64_MAX: never. */
uint64_t session_deadline(uint64_t usec);

/* Lets the device do what it has to until `wait` is done, but not beyond a deadline; once a signal
 * came, not for long. 0; -EINTR: a signal came; -ETIMEDOUT; else what ended the device. */
__attribute__((warn_unused_result)) int
session_wait(struct session *session, const struct session_wait *wait, uint64_t deadline);

/* How long an answer may take, 0: as usual. Once a signal came: not long. */
uint64_t session_timeout(const struct session *session);

/* That a signal came, as a failure. Its exit code. */
int session_interrupted(const struct session *session, struct failure *failure);

/* Calls `fn` for each client that was used, in the order of first use. */
void session_each_client(const struct session *session,
			 void (*fn)(const struct session *session, struct qk_client *client,
				    void *userdata),
			 void *userdata);

/* Releases what is to be released and closes. A client id that could not be given back fills
 * `ret_failure` (its code stays 0 otherwise). */
void session_close(struct session *session, struct failure *ret_failure);
