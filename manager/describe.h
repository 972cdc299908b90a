/*
 * Describe: one USB device and its ports as a modem, from what udev and sysfs know: a table of interfaces, and the
 * tags that rules of udev set (ID_MM_...). No port is ever opened to find out.
 *
 * Owns: nothing. Does not know: events; what is done with the description.
 * Lifetime: during the call. Called from: discovery.c.
 */
#pragma once

#include <systemd/sd-device.h>

#include "modem.h"
#include "port-set.h"

enum described {
	DESCRIBED_NOTHING, /* there is no QMI port */
	DESCRIBED_IGNORED, /* it is to be left alone */
	DESCRIBED_MODEM,
};

/* What a port is for. `path`: its own in sysfs. `device`: as udev has it; NULL: udev has not told of it. `known`: what
 * is known of it already, which spares looking for its place; or NULL. false: it is no port of a USB device. */
bool describe_port(const char *path, sd_device *device, const struct port_facts *known,
		   struct port_facts *ret);
/* `usb`: its path in sysfs. `ports`: of all devices. `allowlist_only`: what has no tag that says it shall be managed is
 * left alone. `name`: what was reported as the device's, or NULL. */
enum described describe_usb(const char *usb, const struct port_set *ports, bool allowlist_only,
			    const char *name, struct modem_description *ret);
/* A node of QRTR. Clients know it as ModemManager's do: there is one modem of the machine's own chip. */
void describe_qrtr(uint32_t node, struct modem_description *ret);
/* What somebody knows better than udev: the AT port (a path), the network interface. */
void describe_at_port(struct modem_description *description, const char *path);
void describe_net_port(struct modem_description *description, const char *name);
/* A device of which nothing is known but the address of its QMI port, and perhaps its AT port (or NULL). */
void describe_named(const char *address, const char *at_port, struct modem_description *ret);
