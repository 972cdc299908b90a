/*
 * Rules of udev: whether any of this machine may say of a modem that it, or a port of it, is to be left alone or
 * called by a name. Who would know what a rule says of a device has to wait for udev; this tells whether that is
 * worth while.
 *
 * Owns: what it found, for as long as udev itself keeps rules without looking (3 s). Does not know: what rules mean.
 * Lifetime: zero knows nothing yet. Called from: discovery.c.
 */
#pragma once

#include <stdint.h>

struct udev_rules {
	const char *root;   /* before their folders, borrowed; NULL: "" */
	uint64_t read_usec; /* of the monotonic clock; 0: never */
	char file[256];     /* that was found; "": none */
};

/* The file of rules in force that has a tag of ModemManager's, other than what a port is for (ID_MM_PORT_TYPE_...), or the
 * folder of rules that cannot be read; the first of them, borrowed. NULL: there is none. */
const char *udev_rules_that_name_modems(struct udev_rules *rules, uint64_t now_usec);
