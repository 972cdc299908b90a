/*
 * Describe: the tags have the last word, then the tables.
 */
#include "describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

/* What udev's rules say of a port, and how published (ModemManager's API reference, "Common udev tags"). The first
 * that is set counts. */
static const struct {
	const char *tag;
	enum mm_modem_port_type type;
} port_tags[] = {
	{ "ID_MM_PORT_IGNORE", MM_MODEM_PORT_TYPE_IGNORED },
	{ "ID_MM_PORT_TYPE_QMI", MM_MODEM_PORT_TYPE_QMI },
	{ "ID_MM_PORT_TYPE_MBIM", MM_MODEM_PORT_TYPE_MBIM },
	{ "ID_MM_PORT_TYPE_QCDM", MM_MODEM_PORT_TYPE_QCDM },
	{ "ID_MM_PORT_TYPE_GPS", MM_MODEM_PORT_TYPE_GPS },
	{ "ID_MM_PORT_TYPE_AUDIO", MM_MODEM_PORT_TYPE_AUDIO },
	{ "ID_MM_PORT_TYPE_AT_PRIMARY", MM_MODEM_PORT_TYPE_AT },
	{ "ID_MM_PORT_TYPE_AT_SECONDARY", MM_MODEM_PORT_TYPE_AT },
	{ "ID_MM_PORT_TYPE_AT_PPP", MM_MODEM_PORT_TYPE_AT },
	{ "ID_MM_PORT_TYPE_AT_GPS_CONTROL", MM_MODEM_PORT_TYPE_AT },
};

static const char *const subsystems[] = { "usbmisc", "net", "tty" };

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* --- Tags */

static const char *tag_value(sd_device *device, const char *tag)
{
	const char *value;

	return sd_device_get_property_value(device, tag, &value) < 0 ? NULL : value;
}

static bool has_tag(sd_device *device, const char *tag)
{
	const char *value = tag_value(device, tag);

	return value && (strcmp(value, "1") == 0 || strcasecmp(value, "true") == 0 ||
			 strcasecmp(value, "yes") == 0);
}

/* --- Ports */

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

static bool is_qmi_driver(const char *driver)
{
	return strncmp(driver, "qmi_wwan", 8) == 0;
}

/* What a port of the device is for; 0: nothing that is used. */
static enum mm_modem_port_type type_of(const struct kind *kind, sd_device *port,
				       sd_device *interface, const char *driver)
{
	const char *subsystem = "", *candidate = tag_value(port, "ID_MM_CANDIDATE");
	unsigned int number = hex_attribute(interface, "bInterfaceNumber");

	/* It need not be one by name: udev has been through its rules when a port is looked at. */
	if (candidate && !has_tag(port, "ID_MM_CANDIDATE"))
		return 0;
	for (size_t i = 0; i < COUNT(port_tags); i++)
		if (has_tag(port, port_tags[i].tag))
			return port_tags[i].type;
	(void)sd_device_get_subsystem(port, &subsystem);
	if (strcmp(subsystem, "usbmisc") == 0)
		return is_qmi_driver(driver) ? MM_MODEM_PORT_TYPE_QMI : 0;
	if (strcmp(subsystem, "net") == 0)
		return MM_MODEM_PORT_TYPE_NET;
	return number < COUNT(kind->ttys) ? kind->ttys[number] : 0;
}

/* What a rule calls the primary one; else Quectel's modems have their first AT port before the second one. */
static void take_at_port(struct modem_description *d, sd_device *port, sd_device *interface)
{
	unsigned int number = hex_attribute(interface, "bInterfaceNumber");
	const char *node;

	number = has_tag(port, "ID_MM_PORT_TYPE_AT_PRIMARY") ? 0 : number + 1;
	if (sd_device_get_devname(port, &node) < 0 || (d->at[0] && d->at_interface <= number))
		return;
	snprintf(d->at, sizeof(d->at), "%s", node);
	d->at_interface = number;
}

static void add_port(struct modem_description *d, const struct kind *kind, sd_device *device)
{
	const char *name, *driver = "", *node;
	struct modem_port *port = &d->ports[d->port_count];
	enum mm_modem_port_type type;
	sd_device *interface;

	if (d->port_count == MODEM_PORTS_MAX || sd_device_get_sysname(device, &name) < 0 ||
	    sd_device_get_parent_with_subsystem_devtype(device, "usb", "usb_interface",
							&interface) < 0)
		return;
	(void)sd_device_get_driver(interface, &driver);
	type = type_of(kind, device, interface, driver);
	if (!type)
		return;
	snprintf(port->name, sizeof(port->name), "%s", name);
	port->type = type;
	d->port_count++;
	add_driver(d, driver);
	if (type == MM_MODEM_PORT_TYPE_AT)
		take_at_port(d, device, interface);
	if (type == MM_MODEM_PORT_TYPE_QMI && !d->qmi[0] &&
	    sd_device_get_devname(device, &node) >= 0)
		snprintf(d->qmi, sizeof(d->qmi), "%s", node);
}

static int by_name(const void *a, const void *b)
{
	const struct modem_port *left = a, *right = b;

	return strverscmp(left->name, right->name);
}

/* --- Devices */

/* What was said of the device, by itself or by one of its ports. */
struct said {
	bool process, ignore;
	const char *name; /* of the device's, whose strings live as long */
};

static void listen_to(struct said *said, sd_device *device)
{
	const char *name = tag_value(device, "ID_MM_PHYSDEV_UID");

	said->process |= has_tag(device, "ID_MM_DEVICE_PROCESS");
	said->ignore |= has_tag(device, "ID_MM_DEVICE_IGNORE");
	if (name && *name && !said->name)
		said->name = name;
}

static sd_device_enumerator *ports_of(sd_device *usb)
{
	sd_device_enumerator *ports = NULL;
	int r = sd_device_enumerator_new(&ports);

	if (r >= 0)
		r = sd_device_enumerator_add_match_parent(ports, usb);
	for (size_t i = 0; r >= 0 && i < COUNT(subsystems); i++)
		r = sd_device_enumerator_add_match_subsystem(ports, subsystems[i], true);
	return r >= 0 ? ports : sd_device_enumerator_unref(ports);
}

static enum described judge(const struct modem_description *d, const struct said *said,
			    bool allowlist_only)
{
	if (!d->qmi[0])
		return DESCRIBED_NOTHING;
	if (said->process)
		return DESCRIBED_MODEM;
	return said->ignore || allowlist_only ? DESCRIBED_IGNORED : DESCRIBED_MODEM;
}

enum described describe_usb(sd_device *usb, bool allowlist_only, const char *name,
			    struct modem_description *d)
{
	sd_device_enumerator *ports = ports_of(usb);
	struct said said = { .name = name };
	const char *syspath, *sysname;
	enum described described;
	const struct kind *kind;

	*d = (struct modem_description){ .vendor = (uint16_t)hex_attribute(usb, "idVendor"),
					 .product = (uint16_t)hex_attribute(usb, "idProduct") };
	if (sd_device_get_syspath(usb, &syspath) < 0 || sd_device_get_sysname(usb, &sysname) < 0)
		return DESCRIBED_NOTHING;
	kind = find_kind(d);
	snprintf(d->physdev, sizeof(d->physdev), "%s", syspath);
	snprintf(d->uid, sizeof(d->uid), "%s", sysname);
	snprintf(d->plugin, sizeof(d->plugin), "%s", kind->plugin);
	listen_to(&said, usb);
	for (sd_device *port = ports ? sd_device_enumerator_get_device_first(ports) : NULL; port;
	     port = sd_device_enumerator_get_device_next(ports)) {
		listen_to(&said, port);
		add_port(d, kind, port);
	}
	snprintf(d->device, sizeof(d->device), "%s", said.name ? said.name : syspath);
	described = judge(d, &said, allowlist_only);
	sd_device_enumerator_unref(ports);
	qsort(d->ports, d->port_count, sizeof(d->ports[0]), by_name);
	return described;
}

static const char *base_name(const char *address)
{
	const char *slash = strrchr(address, '/');

	return slash ? slash + 1 : address;
}

/* Once, whatever it was taken for before. */
static void name_port(struct modem_description *d, const char *name, enum mm_modem_port_type type)
{
	size_t i = 0;

	while (i < d->port_count && strcmp(d->ports[i].name, name) != 0)
		i++;
	if (i == MODEM_PORTS_MAX)
		return;
	if (i == d->port_count)
		d->port_count++;
	snprintf(d->ports[i].name, sizeof(d->ports[i].name), "%.63s", name);
	d->ports[i].type = type;
}

void describe_at_port(struct modem_description *d, const char *path)
{
	snprintf(d->at, sizeof(d->at), "%s", path);
	d->at_interface = 0;
	name_port(d, base_name(path), MM_MODEM_PORT_TYPE_AT);
}

/* There is one, and the first counts. */
void describe_net_port(struct modem_description *d, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < d->port_count; i++)
		if (d->ports[i].type != MM_MODEM_PORT_TYPE_NET)
			d->ports[count++] = d->ports[i];
	d->port_count = count;
	name_port(d, name, MM_MODEM_PORT_TYPE_NET);
}

void describe_named(const char *address, const char *at_port, struct modem_description *d)
{
	*d = (struct modem_description){ .plugin = "generic", .named = true };
	snprintf(d->qmi, sizeof(d->qmi), "%s", address);
	snprintf(d->device, sizeof(d->device), "%s", address);
	snprintf(d->physdev, sizeof(d->physdev), "%s", address);
	snprintf(d->uid, sizeof(d->uid), "%.63s", address);
	name_port(d, base_name(address), MM_MODEM_PORT_TYPE_QMI);
	if (at_port)
		describe_at_port(d, at_port);
}

void describe_qrtr(uint32_t node, struct modem_description *d)
{
	char address[32], name[16];

	*d = (struct modem_description){ .plugin = "qcom-soc", .drivers = { "qrtr" } };
	snprintf(address, sizeof(address), "qrtr://%u", node);
	snprintf(d->qmi, sizeof(d->qmi), "%s", address);
	snprintf(d->uid, sizeof(d->uid), "%s", address);
	snprintf(d->device, sizeof(d->device), "qcom-soc");
	snprintf(d->physdev, sizeof(d->physdev), "qcom-soc");
	snprintf(name, sizeof(name), "qrtr%u", node);
	name_port(d, name, MM_MODEM_PORT_TYPE_QMI);
}
