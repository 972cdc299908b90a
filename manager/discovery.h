/*
 * Discovery: which modems this machine has, from udev: the ports of one USB device are one modem, and what each port
 * is for is known by a table of interfaces. No port is ever opened to find out.
 *
 * Owns: the monitor of uevents. Does not know: QMI, the bus.
 * Lifetime: discovery_open() to discovery_close(). Called from: main.c.
 */
#pragma once

#include <systemd/sd-device.h>

#include "manager.h"

struct discovery {
	struct manager *manager;
	sd_device_monitor *monitor; /* NULL: others report */
};

/* Adds what is there, and from then on what comes and goes. */
QK_MUST_CHECK int discovery_open(struct discovery *discovery, struct manager *manager);
/* Adds what is there, and nothing by itself after that: others report what comes and goes. */
void discovery_open_idle(struct discovery *discovery, struct manager *manager);
/* Adds what is there and not known. */
QK_MUST_CHECK int discovery_look_around(struct discovery *discovery);
/* A port that somebody tells of. -ENODEV: there is none. */
QK_MUST_CHECK int discovery_report(struct discovery *discovery, bool add, const char *subsystem,
				   const char *name);
void discovery_close(struct discovery *discovery);
