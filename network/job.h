/*
 * Job: what one run of start, stop or status works on, handed from step to step.
 *
 * Owns: the connection to the modem, its clients, the netlink socket.
 * Does not know: in which order steps come.
 * Lifetime: on main's stack; job_done() closes what is open and changes nothing.
 * Called from: main and the steps.
 */
#pragma once

#include "config.h"
#include "modem.h"
#include "options.h"
#include "plan.h"
#include "store.h"

struct job {
	const struct options *options;
	const struct config *config;
	struct signals *signals;
	struct store *store;
	struct failure *failure; /* of this run */
	bool quiet;              /* stdout is for something else */
	struct state state;      /* as it is in the file, or is about to be */
	struct modem modem;
	struct qk_client *clients[CALLS]; /* of the ids in `state`, as far as they were needed */
	bool allocated[CALLS];            /* by this run */
	struct plan plans[CALLS];
	bool was_running;   /* a call was up when we came, or may have been */
	char interface[16]; /* of this device; "": none is known */
	struct qk_netlink *netlink;
};

/* The interface of the device, by the command line or by sysfs, into `job->interface`. 0, or
 * EXIT_USAGE for a name that no interface can have. */
__attribute__((warn_unused_result)) int job_find_interface(struct job *job);

/* Which incarnation of the device's node there is now: another after the modem was plugged in
 * again. "" for what is no node. */
void job_node(const struct job *job, char *ret, size_t size);

/* Opens the modem, if it is not open yet. 0 or an exit code. */
__attribute__((warn_unused_result)) int job_open(struct job *job);
/* The same without a word about it: 0, an error as modem.h has them. */
__attribute__((warn_unused_result)) int job_open_quietly(struct job *job);

/* Opens the netlink socket, if it is not open yet. 0 or an exit code. */
__attribute__((warn_unused_result)) int job_open_netlink(struct job *job);

/* What a step that waited failed with, or that a signal came. Returns the exit code. */
int job_fail(struct job *job, int code, const char *doing, int error);

/* A line on stdout, unless it is for something else; and one on stderr. */
__attribute__((format(printf, 2, 3))) void job_say(const struct job *job, const char *format, ...);
__attribute__((format(printf, 1, 2))) void job_note(const char *format, ...);

/* Writes the state to its file. 0 or an exit code. job_save_key() says so, too. */
__attribute__((warn_unused_result)) int job_save(struct job *job);
__attribute__((warn_unused_result)) int job_save_key(struct job *job, const char *key,
						     uint32_t value);

void job_done(struct job *job);
