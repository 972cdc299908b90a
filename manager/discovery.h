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
	sd_device_monitor *monitor;
};

/* Adds what is there, and from then on what comes and goes. */
QK_MUST_CHECK int discovery_open(struct discovery *discovery, struct manager *manager);
void discovery_close(struct discovery *discovery);
