/*
 * Discovery: which modems this machine has: the devices with a QMI port that udev knows, those that others report, and
 * those that were named. describe.c says what a device is.
 *
 * Owns: the monitor of udev's events, the ports it told of, the names that were reported. Does not know: QMI, the bus.
 * Lifetime: discovery_open() to discovery_close(). Called from: main.c, control.c.
 */
#pragma once

#include <systemd/sd-device.h>

#include "early.h"
#include "kernel-event.h"
#include "manager.h"
#include "options.h"
#include "port-names.h"
#include "port-set.h"
#include "qrtr-nodes.h"
#include "udev-rules.h"

struct discovery {
	struct manager *manager;
	sd_device_monitor *monitor; /* NULL: others report */
	bool allowlist_only, no_udev, no_scan, no_qrtr;
	struct qrtr_nodes qrtr;
	struct early early;
	struct udev_rules rules;
	struct port_set ports;
	struct port_names names_of_ports;
	json_t *names; /* {USB path: what was reported as the device's name} */
};

/* Adds what was named, and what is there; from then on what comes and goes. What cannot be done is logged: a container
 * without udev has the devices that are named. */
void discovery_open(struct discovery *discovery, struct manager *manager,
		    const struct options *options);
/* Adds what is there and not known. -EOPNOTSUPP: udev is not used, nor is QRTR looked at. */
QK_MUST_CHECK int discovery_look_around(struct discovery *discovery);
/* A port that somebody tells of. -ENODEV: there is none. */
QK_MUST_CHECK int discovery_report(struct discovery *discovery, const struct kernel_event *event);
void discovery_close(struct discovery *discovery);
