/*
 * Port watch: the descriptors and the deadlines of all QMI ports, as one source and one timer of the event loop.
 * sd-event hands out one source a turn and asks each one before each wait: with a source for each of thirty modems an
 * idle daemon did little else.
 *
 * Owns: the descriptor that has them all, the source, the timer.
 * Does not know: what a port is for.
 * Lifetime: port_watch_new() to port_watch_free(); nothing is watched any more by then.
 * Called from: manager.c, which has one; qmi-port.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <qmikit/device.h>
#include <systemd/sd-event.h>

struct port_watch;

/* One of those that are watched; a part of the port. The first three are its owner's to set. */
struct watched {
	struct qk_device *device; /* borrowed */
	void (*process)(
		void *userdata); /* something arrived, or is due; it may remove any of them */
	void *userdata;
	struct watched *prev, *next;
	bool on, ready;
};

/* A negative errno. */
QK_MUST_CHECK int port_watch_new(sd_event *event, struct port_watch **ret);
/* NULL is fine; returns NULL. */
struct port_watch *port_watch_free(struct port_watch *watch);
/* The loop that it is in. */
sd_event *port_watch_event(const struct port_watch *watch);

/* A negative errno. */
QK_MUST_CHECK int port_watch_add(struct port_watch *watch, struct watched *watched);
/* Fine where it is not watched. */
void port_watch_remove(struct port_watch *watch, struct watched *watched);
