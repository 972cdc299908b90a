/*
 * Host: this machine's side of a network: the interface, its addresses, default routes and name
 * servers, as the calls' settings have them.
 *
 * Owns: nothing; what it sets is written down in the state before it is set.
 * Does not know: QMI. Lifetime: of one call. Called from: the table of steps, status.
 *
 * Steps return 0 or an exit code with the job's failure set, and may be done again: what is there
 * already stays, what differs is changed. What undoes them goes by the state.
 */
#pragma once

#include "job.h"
#include "netdev/link.h"

/* Finds the interface. */
__attribute__((warn_unused_result)) int host_choose_interface(struct job *job);

__attribute__((warn_unused_result)) int host_bring_up(struct job *job);
__attribute__((warn_unused_result)) int host_take_down(struct job *job);

__attribute__((warn_unused_result)) int host_set_addresses(struct job *job);
__attribute__((warn_unused_result)) int host_remove_addresses(struct job *job);

__attribute__((warn_unused_result)) int host_set_routes(struct job *job);
__attribute__((warn_unused_result)) int host_remove_routes(struct job *job);

/* Name servers are a convenience: without them there is a note, and a network. */
__attribute__((warn_unused_result)) int host_set_dns(struct job *job);
__attribute__((warn_unused_result)) int host_clear_dns(struct job *job);
