/*
 * Calls: the modem's side of a network: client ids of WDS, the calls themselves, and the settings
 * that they got. One client and one call for each IP family.
 *
 * Owns: the clients of the job. Does not know: interfaces.
 * Lifetime: none of its own. Called from: the tables of steps, status.
 *
 * Steps return 0 or an exit code with the job's failure set. What undoes them goes by the state, so
 * that another process can do it; it returns 0, or an exit code when something was left, which the
 * state then still has.
 */
#pragma once

#include "job.h"

/* The clients: that of the state while it is worth something, or new ones. */
__attribute__((warn_unused_result)) int calls_get_clients(struct job *job);
__attribute__((warn_unused_result)) int calls_release_clients(struct job *job);

/* PROFILE=auto: a profile made for the start alone. */
__attribute__((warn_unused_result)) int calls_create_profile(struct job *job);
__attribute__((warn_unused_result)) int calls_delete_profile(struct job *job);

/* The calls. With two families one of them is enough. */
__attribute__((warn_unused_result)) int calls_start(struct job *job);
__attribute__((warn_unused_result)) int calls_stop(struct job *job);

/* What they got: addresses and more, into the job's plans. */
__attribute__((warn_unused_result)) int calls_read_settings(struct job *job);

/* How the call of this client is: enum qk_wds_connection_status. Errors as modem.h has them. */
__attribute__((warn_unused_result)) int calls_ask_status(struct job *job, struct qk_client *client,
							 uint8_t *ret);
/* The settings of one call, alone. */
__attribute__((warn_unused_result)) int calls_ask_settings(struct job *job, unsigned int call,
							   struct plan *ret);

/* Forgets ids and handles: the modem that gave them has started anew. */
void calls_forget(struct job *job);

/* "IPv4", "IPv6". */
const char *calls_name(unsigned int call);
