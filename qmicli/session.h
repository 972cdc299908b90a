/*
 * Session: one open device, its clients, and the calls made on it, one after the other.
 *
 * Owns: the device, a client for each service used, the descriptor that signals arrive on.
 * Does not know: how answers are shown; that is in the function it is given.
 * Lifetime: session_open() to session_close(), which gives every client id back, also after
 * failures and signals.
 * Called from: main.
 */
#pragma once

#include <signal.h>

#include <qmikit/device.h>

#include "failure.h"
#include "options.h"
#include "target.h"

enum { SESSION_CLIENTS = 8 };

/* The end of something asynchronous. It lives in the session, so that a late answer to something
 * that a signal ended finds it. */
struct session_wait {
	bool done;
	int status;
	uint16_t error;
	char step[48];
};

struct session;
struct wds_profiles;

/* Shows an answer that came whole: a refusal has a result that is no success. 0 or an exit code. */
typedef int (*session_answer_fn)(struct session *session, const struct action *action,
				 const void *response, struct failure *failure);

struct session {
	const struct options *options;
	const struct target *target;
	struct qk_device *device;
	struct qk_client *clients[SESSION_CLIENTS];
	struct session_wait opening, allocating, calling, releasing;
	const struct action *action; /* of the call under way */
	session_answer_fn answer;
	/* Called before a request is sent, once there is a client; NULL: nothing is to be said. */
	void (*before)(struct session *session, const struct action *action);
	struct failure *failure;
	char refusal[160]; /* of qmi-proxy; may be empty */
	bool by_proxy;     /* which is between us and the modem */
	int signal_fd;
	int signal; /* that interrupted; 0: none */
	sigset_t old_mask;
	void *userdata;                  /* of the answer function */
	uint32_t handle;                 /* of the data call that was started last; 0: none */
	int64_t status;                  /* of the data call that is followed */
	session_answer_fn follow_answer; /* how its status is shown */
	struct wds_profiles *profiles;   /* that were listed and are to be shown; NULL: none */
};

/* What the connection failed with, a negative errno, while `doing`. An exit code. */
int session_failed(const struct session *session, const char *doing, int error, struct failure *f);

/* Opens the device in the way the options say. 0 or an exit code; close in either case. */
__attribute__((warn_unused_result)) int
session_open(struct session *session, const struct options *options, const struct target *target,
	     const struct qk_device_hooks *hooks, struct failure *failure);

/* Runs one action: a client where it needs one, the request, `answer` with the response. 0 or an
 * exit code. */
__attribute__((warn_unused_result)) int session_run(struct session *session,
						    const struct action *action,
						    session_answer_fn answer,
						    struct failure *failure);

/* The client of a service that was used; NULL: there is none. Borrowed. */
struct qk_client *session_client(const struct session *session, uint8_t service);

/* Lets time pass, and the device do what it has to, until `wait` is done. 0; -EINTR: a signal came;
 * else what ended the device. */
__attribute__((warn_unused_result)) int
session_pause(struct session *session, const struct session_wait *wait, uint64_t usec);

/* Calls `fn` for each client that was used, in the order of first use. */
void session_each_client(const struct session *session,
			 void (*fn)(const struct session *session, struct qk_client *client,
				    void *userdata),
			 void *userdata);

/* Releases what is to be released and closes. A client id that could not be given back fills
 * `ret_failure` (its code stays 0 otherwise). */
void session_close(struct session *session, struct failure *ret_failure);
