/*
 * Early ports: what the kernel tells of ports that come and go, before udev does. While the kernel enumerates what hangs
 * on a hub it holds the hub's lock, and uevent_show() of some kernels (6.1.192 of Debian 12) waits for that: of thirty
 * modems on one hub udev, which reads the uevent of each parent, tells when the last one has come.
 *
 * Owns: its netlink socket, the ports of devices that are not complete yet. Does not know: modems, rules.
 * Lifetime: early_open() to early_close(). Called from: discovery.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "uevent.h"

struct early_port {
	struct early_port *prev, *next;
	char path[256];  /* in sysfs */
	uint64_t seqnum; /* of the event that told of it */
};

struct early_events {
	/* A USB device is complete: its drivers have all their ports. `ports`: a list (utlist.h) of its nodes and
	 * network interfaces in the order in which they came, not empty, which is borrowed. */
	void (*complete)(void *userdata, const char *usb_path, const struct early_port *ports);
	/* A port is no more. */
	void (*gone)(void *userdata, const char *path, uint64_t seqnum);
};

struct early {
	sd_event_source *source; /* NULL: nothing is heard */
	struct early_port *ports;
	size_t count;
	const struct early_events *events; /* borrowed */
	void *userdata;
};

/* Zero is closed. Negative errno. */
int early_open(struct early *early, sd_event *event, const struct early_events *events,
	       void *userdata);
/* Whether all that goes is told of. */
bool early_is_heard(const struct early *early);
/* What the kernel said. */
void early_take(struct early *early, const struct uevent *event);
void early_close(struct early *early);
