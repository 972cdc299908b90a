/*
 * Port set: what is known of the ports of USB devices, as udev told it. To ask udev for the ports of one device costs
 * thousands of system calls in a tree of some eighty folders; what an event brought costs none.
 *
 * Owns: its list. Does not know: what makes a modem of ports.
 * Lifetime: zero is empty; port_set_clear(). Called from: discovery.c; describe.c reads it.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-device.h>

#include "modem.h"

/* What rules of udev said of a device, at one of its ports; at the device itself: with its QMI port. */
struct said {
	bool process, ignore;
	char name[128]; /* of the device; "": nothing */
};

/* AT_RANK_NONE: it is no AT port. The lowest of a device is its primary one. */
enum { AT_RANK_NONE = UINT_MAX };

struct port_facts {
	char path[256]; /* in sysfs, of the port */
	char usb[256];  /* of its USB device */
	char name[64];
	char node[80]; /* "": it has none */
	char driver[32];
	uint16_t vendor, product;      /* of the USB device */
	unsigned int interface_number; /* bInterfaceNumber */
	enum mm_modem_port_type type;  /* 0: nothing that is used */
	unsigned int at_rank;
	char imei[32];   /* whose it is, as udev has it; "": udev does not know */
	char told[32];   /* as udev was told */
	uint64_t seqnum; /* of the last event that told of it; 0: it was found without one */
	bool settled;    /* udev has been through its rules: it keeps its name */
	bool gone;       /* which udev has not told of yet */
	struct said said;
};

struct port_set {
	struct port_facts *ports;
	size_t count, capacity;
};

/* NULL: it is not known. Borrowed until the set changes. */
const struct port_facts *port_set_find(const struct port_set *set, const char *path);
/* Takes a port in, in place of what was known of it, but for what udev was told, and the number of a later event. */
QK_MUST_CHECK int port_set_put(struct port_set *set, const struct port_facts *port);
/* Whether an event with this number is about what was at a port's place before it. */
bool port_set_is_past(const struct port_set *set, const char *path, uint64_t seqnum);
/* Whether udev has told of the port since that event. */
bool port_set_is_settled(const struct port_set *set, const char *path, uint64_t seqnum);
/* The port has gone, by that event. It is in the set still, as what is told of it may be past. */
void port_set_bury(struct port_set *set, const char *path, uint64_t seqnum);
/* Forgets the ports of a USB device that are older than that event. */
void port_set_remove_past(struct port_set *set, const char *usb, uint64_t seqnum);
/* Forgets the port that has, or had, this path in sysfs. */
void port_set_remove(struct port_set *set, const char *path);
void port_set_clear(struct port_set *set);
