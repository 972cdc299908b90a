/*
 * Rules of udev: whether any of this machine may say of a modem that it, or a port of it, is to be left alone or
 * called by a name. Who would know what a rule says of a device has to wait for udev; this tells whether that is
 * worth while.
 *
 * Owns: what it found, for as long as udev itself keeps rules without looking (3 s). Does not know: what rules mean.
 * Lifetime: zero knows nothing yet. Called from: discovery.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct udev_rules {
	const char *root;   /* before their folders, borrowed; NULL: "" */
	uint64_t read_usec; /* of the monotonic clock; 0: never */
	bool name_modems;
};

/* Whether a rule in force has a tag of ModemManager's, other than what a port is for (ID_MM_PORT_TYPE_...); true where
 * rules cannot be read. */
bool udev_rules_name_modems(struct udev_rules *rules, uint64_t now_usec);
