/*
 * Port names: tells udev which modem a port belongs to, whose rules name the port by the modem's IMEI then. A name is
 * udev's alone, so it goes with its port, whatever has become of the daemon.
 *
 * Owns: a timer. Does not know: what the names are.
 * Lifetime: zero is empty; port_names_close(). Called from: discovery.c, manager.c.
 *
 * What udev is told is one synthetic uevent for a port (the kernel's Documentation/ABI/testing/sysfs-uevent), with
 * IMEI= as its argument. Thirty modems have a hundred and fifty ports, so it waits until no more is to be told.
 */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

struct discovery;

struct port_names {
	sd_event_source *timer;
	uint64_t since_usec; /* that something waits; 0: nothing does */
};

/* A modem was identified, or has another port: soon udev is told what it does not know. */
void port_names_soon(struct discovery *discovery);
void port_names_close(struct port_names *names);
