/*
 * Describe: the tags have the last word, then the tables.
 */
#include "describe.h"

#include <limits.h>
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

static const struct kind *find_kind(unsigned int vendor, unsigned int product)
{
	const struct kind *kind = kinds;

	while (kind->vendor &&
	       (kind->vendor != vendor || (kind->product && kind->product != product)))
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
static unsigned int at_rank(sd_device *port, sd_device *interface)
{
	return has_tag(port, "ID_MM_PORT_TYPE_AT_PRIMARY")
		       ? 0
		       : hex_attribute(interface, "bInterfaceNumber") + 1;
}

static void listen_to(struct said *said, sd_device *device)
{
	const char *name = tag_value(device, "ID_MM_PHYSDEV_UID");

	said->process |= has_tag(device, "ID_MM_DEVICE_PROCESS");
	said->ignore |= has_tag(device, "ID_MM_DEVICE_IGNORE");
	if (name && !*said->name)
		snprintf(said->name, sizeof(said->name), "%s", name);
}

sd_device *describe_port(sd_device *device, struct port_facts *port)
{
	const char *path, *name, *place, *imei, *driver = "", *node = "";
	sd_device *usb, *interface;

	if (sd_device_get_parent_with_subsystem_devtype(device, "usb", "usb_device", &usb) < 0 ||
	    sd_device_get_parent_with_subsystem_devtype(device, "usb", "usb_interface",
							&interface) < 0 ||
	    sd_device_get_syspath(device, &path) < 0 || sd_device_get_syspath(usb, &place) < 0 ||
	    sd_device_get_sysname(device, &name) < 0)
		return NULL;
	(void)sd_device_get_driver(interface, &driver);
	(void)sd_device_get_devname(device, &node);
	*port = (struct port_facts){ .at_rank = AT_RANK_NONE };
	snprintf(port->path, sizeof(port->path), "%s", path);
	snprintf(port->usb, sizeof(port->usb), "%s", place);
	snprintf(port->name, sizeof(port->name), "%s", name);
	snprintf(port->node, sizeof(port->node), "%s", node);
	snprintf(port->driver, sizeof(port->driver), "%s", driver);
	port->type =
		type_of(find_kind(hex_attribute(usb, "idVendor"), hex_attribute(usb, "idProduct")),
			device, interface, driver);
	if (port->type == MM_MODEM_PORT_TYPE_AT)
		port->at_rank = at_rank(device, interface);
	imei = tag_value(device, "ID_MODEM_IMEI");
	snprintf(port->imei, sizeof(port->imei), "%s", imei ? imei : "");
	listen_to(&port->said, device);
	return usb;
}

static void add_port(struct modem_description *d, const struct port_facts *port)
{
	struct modem_port *to = &d->ports[d->port_count];

	if (d->port_count == MODEM_PORTS_MAX || !port->type)
		return;
	snprintf(to->name, sizeof(to->name), "%s", port->name);
	to->type = port->type;
	d->port_count++;
	add_driver(d, port->driver);
	if (port->type == MM_MODEM_PORT_TYPE_AT && *port->node &&
	    (!d->at[0] || port->at_rank < d->at_interface)) {
		snprintf(d->at, sizeof(d->at), "%s", port->node);
		d->at_interface = port->at_rank;
	}
	if (port->type == MM_MODEM_PORT_TYPE_QMI && !d->qmi[0])
		snprintf(d->qmi, sizeof(d->qmi), "%s", port->node);
}

static void add_said(struct said *said, const struct said *more)
{
	said->process |= more->process;
	said->ignore |= more->ignore;
	if (!*said->name)
		snprintf(said->name, sizeof(said->name), "%s", more->name);
}

static int by_name(const void *a, const void *b)
{
	const struct modem_port *left = a, *right = b;

	return strverscmp(left->name, right->name);
}

/* --- Devices */

static enum described judge(const struct modem_description *d, const struct said *said,
			    bool allowlist_only)
{
	if (!d->qmi[0])
		return DESCRIBED_NOTHING;
	if (said->process)
		return DESCRIBED_MODEM;
	return said->ignore || allowlist_only ? DESCRIBED_IGNORED : DESCRIBED_MODEM;
}

enum described describe_usb(sd_device *usb, const struct port_set *ports, bool allowlist_only,
			    const char *name, struct modem_description *d)
{
	const char *syspath, *sysname;
	struct said said = { 0 };

	*d = (struct modem_description){ .vendor = (uint16_t)hex_attribute(usb, "idVendor"),
					 .product = (uint16_t)hex_attribute(usb, "idProduct") };
	if (sd_device_get_syspath(usb, &syspath) < 0 || sd_device_get_sysname(usb, &sysname) < 0)
		return DESCRIBED_NOTHING;
	snprintf(d->physdev, sizeof(d->physdev), "%s", syspath);
	snprintf(d->uid, sizeof(d->uid), "%s", sysname);
	snprintf(d->plugin, sizeof(d->plugin), "%s", find_kind(d->vendor, d->product)->plugin);
	snprintf(said.name, sizeof(said.name), "%s", name ? name : "");
	listen_to(&said, usb);
	for (size_t i = 0; i < ports->count; i++) {
		if (strcmp(ports->ports[i].usb, syspath) != 0)
			continue;
		add_said(&said, &ports->ports[i].said);
		add_port(d, &ports->ports[i]);
	}
	snprintf(d->device, sizeof(d->device), "%s", *said.name ? said.name : syspath);
	qsort(d->ports, d->port_count, sizeof(d->ports[0]), by_name);
	return judge(d, &said, allowlist_only);
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

/* The kernel's name of a node, also where it is said by the name that rules of udev gave it. */
static void name_of_node(const char *address, char ret[64])
{
	char path[PATH_MAX];
	bool is_link = strncmp(address, "/dev/modems/", 12) == 0 && realpath(address, path);

	snprintf(ret, 64, "%.63s", base_name(is_link ? path : address));
}

void describe_at_port(struct modem_description *d, const char *path)
{
	char name[64];

	name_of_node(path, name);
	snprintf(d->at, sizeof(d->at), "%s", path);
	d->at_interface = 0;
	name_port(d, name, MM_MODEM_PORT_TYPE_AT);
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
	char name[64];

	name_of_node(address, name);
	*d = (struct modem_description){ .plugin = "generic", .named = true };
	snprintf(d->qmi, sizeof(d->qmi), "%s", address);
	snprintf(d->device, sizeof(d->device), "%s", address);
	snprintf(d->physdev, sizeof(d->physdev), "%s", address);
	snprintf(d->uid, sizeof(d->uid), "%.63s", address);
	name_port(d, name, MM_MODEM_PORT_TYPE_QMI);
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
