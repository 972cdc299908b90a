/*
 * Discovery: at each event of a port the whole USB device is looked at again, so that it does not matter in which
 * order its ports come.
 */
#include "discovery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the interfaces of known devices are for; for a tty it is all that tells. Sources: Quectel's USB
 * descriptions in the kernel's option driver, ModemManager's udev rules. */
static const struct kind {
	uint16_t vendor, product; /* product 0: any of the vendor */
	const char *plugin;
	enum mm_modem_port_type ttys[8]; /* by bInterfaceNumber; 0: nothing that is used */
} kinds[] = {
	/* EM060K-GL: its first interfaces are MBIM's */
	{ 0x2c7c,
	  0x0128,
	  "quectel",
	  { [3] = MM_MODEM_PORT_TYPE_QCDM,
	    [4] = MM_MODEM_PORT_TYPE_GPS,
	    [5] = MM_MODEM_PORT_TYPE_AT } },
	{ 0x2c7c,
	  0,
	  "quectel",
	  { MM_MODEM_PORT_TYPE_QCDM, MM_MODEM_PORT_TYPE_GPS, MM_MODEM_PORT_TYPE_AT,
	    MM_MODEM_PORT_TYPE_AT } },
	{ 0x05c6,
	  0x9215,
	  "quectel",
	  { MM_MODEM_PORT_TYPE_QCDM, MM_MODEM_PORT_TYPE_GPS, MM_MODEM_PORT_TYPE_AT,
	    MM_MODEM_PORT_TYPE_AT } },
	{ 0, 0, "generic", { 0 } },
};

static const char *const subsystems[] = { "usbmisc", "net", "tty" };

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static unsigned int hex_attribute(sd_device *device, const char *name)
{
	const char *value;

	return sd_device_get_sysattr_value(device, name, &value) < 0
		       ? 0
		       : (unsigned int)strtoul(value, NULL, 16);
}

static const struct kind *find_kind(const struct modem_description *d)
{
	const struct kind *kind = kinds;

	while (kind->vendor &&
	       (kind->vendor != d->vendor || (kind->product && kind->product != d->product)))
		kind++;
	return kind;
}

static void add_driver(struct modem_description *d, const char *driver)
{
	for (size_t i = 0; i < COUNT(d->drivers); i++) {
		if (strcmp(d->drivers[i], driver) == 0)
			return;
		if (!d->drivers[i][0]) {
			snprintf(d->drivers[i], sizeof(d->drivers[i]), "%s", driver);
			return;
		}
	}
}

/* What a port of the device is for. */
static enum mm_modem_port_type type_of(const struct kind *kind, sd_device *interface,
				       const char *subsystem)
{
	unsigned int number = hex_attribute(interface, "bInterfaceNumber");

	if (strcmp(subsystem, "usbmisc") == 0)
		return MM_MODEM_PORT_TYPE_QMI;
	if (strcmp(subsystem, "net") == 0)
		return MM_MODEM_PORT_TYPE_NET;
	return number < COUNT(kind->ttys) ? kind->ttys[number] : 0;
}

/* Quectel's modems, and Debian's rules, have their first AT port before the second one. */
static void take_at_port(struct modem_description *d, sd_device *interface, const char *node)
{
	unsigned int number = hex_attribute(interface, "bInterfaceNumber");

	if (d->at[0] && d->at_interface <= number)
		return;
	snprintf(d->at, sizeof(d->at), "%s", node);
	d->at_interface = number;
}

static void add_port(struct modem_description *d, const struct kind *kind, sd_device *device)
{
	const char *name, *subsystem, *driver = "", *node;
	struct modem_port *port = &d->ports[d->port_count];
	enum mm_modem_port_type type;
	sd_device *interface;

	if (d->port_count == MODEM_PORTS_MAX || sd_device_get_sysname(device, &name) < 0 ||
	    sd_device_get_subsystem(device, &subsystem) < 0 ||
	    sd_device_get_parent_with_subsystem_devtype(device, "usb", "usb_interface",
							&interface) < 0)
		return;
	(void)sd_device_get_driver(interface, &driver);
	type = type_of(kind, interface, subsystem);
	if (!type || (type == MM_MODEM_PORT_TYPE_QMI && strncmp(driver, "qmi_wwan", 8) != 0))
		return;
	snprintf(port->name, sizeof(port->name), "%s", name);
	port->type = type;
	d->port_count++;
	add_driver(d, driver);
	if (type == MM_MODEM_PORT_TYPE_AT && sd_device_get_devname(device, &node) >= 0)
		take_at_port(d, interface, node);
	if (type == MM_MODEM_PORT_TYPE_QMI && !d->qmi[0] &&
	    sd_device_get_devname(device, &node) >= 0)
		snprintf(d->qmi, sizeof(d->qmi), "%s", node);
}

static int by_name(const void *a, const void *b)
{
	const struct modem_port *left = a, *right = b;

	return strverscmp(left->name, right->name);
}

/* Whether the USB device has a QMI port. */
static bool describe(sd_device *usb, struct modem_description *d)
{
	sd_device_enumerator *ports = NULL;
	const char *syspath, *sysname;
	const struct kind *kind;
	int r;

	*d = (struct modem_description){ .vendor = (uint16_t)hex_attribute(usb, "idVendor"),
					 .product = (uint16_t)hex_attribute(usb, "idProduct") };
	if (sd_device_get_syspath(usb, &syspath) < 0 || sd_device_get_sysname(usb, &sysname) < 0)
		return false;
	kind = find_kind(d);
	snprintf(d->device, sizeof(d->device), "%s", syspath);
	snprintf(d->uid, sizeof(d->uid), "%s", sysname);
	snprintf(d->plugin, sizeof(d->plugin), "%s", kind->plugin);
	r = sd_device_enumerator_new(&ports);
	if (r >= 0)
		r = sd_device_enumerator_add_match_parent(ports, usb);
	for (size_t i = 0; r >= 0 && i < COUNT(subsystems); i++)
		r = sd_device_enumerator_add_match_subsystem(ports, subsystems[i], true);
	for (sd_device *port = r >= 0 ? sd_device_enumerator_get_device_first(ports) : NULL; port;
	     port = sd_device_enumerator_get_device_next(ports))
		add_port(d, kind, port);
	sd_device_enumerator_unref(ports);
	qsort(d->ports, d->port_count, sizeof(d->ports[0]), by_name);
	return d->qmi[0];
}

/* Looks at the USB device that a port belongs to. */
static void look(struct discovery *discovery, sd_device *port)
{
	struct modem_description description;
	sd_device *usb;

	if (sd_device_get_parent_with_subsystem_devtype(port, "usb", "usb_device", &usb) >= 0 &&
	    describe(usb, &description))
		manager_add(discovery->manager, &description);
}

static int on_event(sd_device_monitor *monitor, sd_device *device, void *userdata)
{
	struct discovery *discovery = userdata;
	sd_device_action_t action;
	const char *node;

	(void)monitor;
	if (sd_device_get_action(device, &action) < 0)
		return 0;
	if (action != SD_DEVICE_REMOVE)
		look(discovery, device);
	else if (sd_device_get_devname(device, &node) >= 0)
		manager_remove(discovery->manager, node);
	return 0;
}

int discovery_look_around(struct discovery *discovery)
{
	sd_device_enumerator *nodes = NULL;
	int r = sd_device_enumerator_new(&nodes);

	if (r >= 0)
		r = sd_device_enumerator_add_match_subsystem(nodes, "usbmisc", true);
	for (sd_device *node = r >= 0 ? sd_device_enumerator_get_device_first(nodes) : NULL; node;
	     node = sd_device_enumerator_get_device_next(nodes))
		look(discovery, node);
	sd_device_enumerator_unref(nodes);
	return r;
}

int discovery_open(struct discovery *discovery, struct manager *manager)
{
	int r;

	*discovery = (struct discovery){ .manager = manager };
	manager->discovery = discovery;
	r = sd_device_monitor_new(&discovery->monitor);
	for (size_t i = 0; r >= 0 && i < COUNT(subsystems); i++)
		r = sd_device_monitor_filter_add_match_subsystem_devtype(discovery->monitor,
									 subsystems[i], NULL);
	if (r >= 0)
		r = sd_device_monitor_attach_event(discovery->monitor, manager->event);
	/* First listen, then look: nothing comes unseen. */
	if (r >= 0)
		r = sd_device_monitor_start(discovery->monitor, on_event, discovery);
	if (r >= 0)
		r = discovery_look_around(discovery);
	if (r < 0)
		discovery_close(discovery);
	return r < 0 ? r : 0;
}

void discovery_open_idle(struct discovery *discovery, struct manager *manager)
{
	*discovery = (struct discovery){ .manager = manager };
	manager->discovery = discovery;
}

int discovery_report(struct discovery *discovery, bool add, const char *subsystem, const char *name)
{
	sd_device *device = NULL;
	char node[80];
	int r;

	if (!add) {
		snprintf(node, sizeof(node), "/dev/%.64s", name);
		manager_remove(discovery->manager, node);
		return 0;
	}
	r = sd_device_new_from_subsystem_sysname(&device, subsystem, name);
	if (r >= 0)
		look(discovery, device);
	sd_device_unref(device);
	return r < 0 ? r : 0;
}

void discovery_close(struct discovery *discovery)
{
	discovery->manager->discovery = NULL;
	discovery->monitor = sd_device_monitor_unref(discovery->monitor);
}
