/*
 * Uevent: what the kernel says when a device comes or goes, as it stands in a datagram of its netlink socket
 * (lib/kobject_uevent.c of the kernel): "add@/devices/…", then KEY=value, each with a zero byte behind it.
 *
 * Owns: nothing. Does not know: the socket; what devices are.
 * Lifetime: during the call; what it gives points into the datagram. Called from: early.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts that were not said are "". */
struct uevent {
	const char *action;  /* "add" */
	const char *devpath; /* below /sys: "/devices/…" */
	const char *subsystem;
	const char *devtype; /* "usb_device" */
	uint64_t seqnum;     /* counts all events of this machine; 0: it was not said */
};

/* Whether it is one: it has an action, and a path that leads to a device. */
bool uevent_parse(const char *data, size_t size, struct uevent *ret);
