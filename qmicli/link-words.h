/*
 * Link words: what goes wrong with a network interface, in the words of a person, and which interface
 * is the modem's.
 *
 * Owns: nothing. Does not know: netlink, sysfs, what a command does.
 * Lifetime: pure functions.
 * Called from: the commands that change interfaces.
 */
#pragma once

#include "failure.h"
#include "netdev/link.h"
#include "target.h"

/* A negative errno of netdev/: "DOING: INTERFACE: what", with the words of the kernel where `netlink`
 * (may be NULL) has some, and what to do. Returns the exit code. */
int link_failure(struct failure *f, const char *doing, const char *interface, int error,
		 const struct qk_netlink *netlink);

/* The network interface beside the control port that -d names. False when it has none: no path, or
 * no port of qmi_wwan. */
bool link_of_target(const struct target *target, char ret[QK_LINK_NAME_SIZE]);
