/*
 * Describe: the tags have the last word, then the tables.
 */
#include "describe.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

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

static const char *base_name(const char *address)
{
	const char *slash = strrchr(address, '/');

	return slash ? slash + 1 : address;
}

/* `device` NULL: udev has not told of it. */
static const char *tag_value(sd_device *device, const char *tag)
{
	const char *value;

	return !device || sd_device_get_property_value(device, tag, &value) < 0 ? NULL : value;
}

static bool has_tag(sd_device *device, const char *tag)
{
	const char *value = tag_value(device, tag);

	return value && (strcmp(value, "1") == 0 || strcasecmp(value, "true") == 0 ||
			 strcasecmp(value, "yes") == 0);
}

/* --- Ports */

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

/* The class is the folder that the port is in. */
static bool is_of_class(const struct port_facts *port, const char *class)
{
	const char *end = strrchr(port->path, '/');
	size_t size = strlen(class);

	return (size_t)(end - port->path) > size && strncmp(end - size, class, size) == 0 &&
	       end[-1 - (ptrdiff_t)size] == '/';
}

/* What a port is for; 0: nothing that is used. */
static enum mm_modem_port_type type_of(const struct port_facts *port, sd_device *device)
{
	const struct kind *kind = find_kind(port->vendor, port->product);

	/* It need not be one by name. */
	if (tag_value(device, "ID_MM_CANDIDATE") && !has_tag(device, "ID_MM_CANDIDATE"))
		return 0;
	for (size_t i = 0; i < COUNT(port_tags); i++)
		if (has_tag(device, port_tags[i].tag))
			return port_tags[i].type;
	if (is_of_class(port, "usbmisc"))
		return is_qmi_driver(port->driver) ? MM_MODEM_PORT_TYPE_QMI : 0;
	if (is_of_class(port, "net"))
		return MM_MODEM_PORT_TYPE_NET;
	return port->interface_number < COUNT(kind->ttys) ? kind->ttys[port->interface_number] : 0;
}

static void listen_to(struct said *said, sd_device *device)
{
	const char *name = tag_value(device, "ID_MM_PHYSDEV_UID");

	said->process |= has_tag(device, "ID_MM_DEVICE_PROCESS");
	said->ignore |= has_tag(device, "ID_MM_DEVICE_IGNORE");
	if (name && !*said->name)
		snprintf(said->name, sizeof(said->name), "%s", name);
}

static uint16_t hex_attribute(const char *folder, const char *name)
{
	char path[PATH_MAX], text[16];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	size = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[size < 0 ? 0 : size] = 0;
	return (uint16_t)strtoul(text, NULL, 16);
}

static void read_driver(const char *interface, char *ret, size_t size)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t length;

	snprintf(path, sizeof(path), "%s/driver", interface);
	length = readlink(path, target, sizeof(target) - 1);
	target[length < 0 ? 0 : length] = 0;
	snprintf(ret, size, "%.*s", (int)size - 1, base_name(target));
}

/* The length of the part of a path that leads to an interface of USB: "…/1-1.2/1-1.2:1.4", as its folder has the name of
 * the device's, and behind that the configuration and the number of the interface. 0: there is none. */
static size_t find_interface(const char *path, size_t *ret_usb, unsigned int *ret_number)
{
	for (const char *at = path, *next; *at && (next = strchr(at + 1, '/')); at = next) {
		size_t size = (size_t)(next - at);
		int end = 0;

		if (strncmp(next, at, size) != 0 || next[size] != ':' ||
		    sscanf(next + size, ":%*u.%u%n", ret_number, &end) != 1 ||
		    (next[size + (size_t)end] != '/' && next[size + (size_t)end]))
			continue;
		*ret_usb = (size_t)(next - path);
		return *ret_usb + size + (size_t)end;
	}
	return 0;
}

/* What stays as long as the port is there. Its path tells most: to ask sd-device costs dozens of system calls. */
static bool describe_place(const char *path, struct port_facts *port)
{
	size_t usb, interface = find_interface(path, &usb, &port->interface_number);
	char folder[sizeof(port->path)];

	if (interface == 0 || strlen(path) >= sizeof(port->path))
		return false;
	memcpy(port->path, path, strlen(path) + 1);
	snprintf(port->name, sizeof(port->name), "%.63s", base_name(path));
	snprintf(port->usb, sizeof(port->usb), "%.*s", (int)usb, path);
	snprintf(folder, sizeof(folder), "%.*s", (int)interface, path);
	read_driver(folder, port->driver, sizeof(port->driver));
	port->vendor = hex_attribute(port->usb, "idVendor");
	port->product = hex_attribute(port->usb, "idProduct");
	if (!is_of_class(port, "net"))
		snprintf(port->node, sizeof(port->node), "/dev/%s", port->name);
	return true;
}

/* What rules of udev may change. */
static void describe_tags(sd_device *device, struct port_facts *port)
{
	const char *node, *imei = tag_value(device, "ID_MODEM_IMEI");
	sd_device *usb;

	if (device && sd_device_get_devname(device, &node) >= 0)
		snprintf(port->node, sizeof(port->node), "%s", node);
	snprintf(port->imei, sizeof(port->imei), "%s", imei ? imei : "");
	port->type = type_of(port, device);
	port->at_rank = AT_RANK_NONE;
	/* What a rule calls the primary one; else Quectel's modems have their first AT port before the second one. */
	if (port->type == MM_MODEM_PORT_TYPE_AT)
		port->at_rank = has_tag(device, "ID_MM_PORT_TYPE_AT_PRIMARY")
					? 0
					: port->interface_number + 1;
	port->said = (struct said){ 0 };
	listen_to(&port->said, device);
	/* udev goes through the device's rules before those of its ports. */
	if (device && port->type == MM_MODEM_PORT_TYPE_QMI &&
	    sd_device_new_from_syspath(&usb, port->usb) >= 0) {
		listen_to(&port->said, usb);
		sd_device_unref(usb);
	}
}

bool describe_port(const char *path, sd_device *device, const struct port_facts *known,
		   struct port_facts *port)
{
	*port = known ? *known : (struct port_facts){ 0 };
	if (!known && !describe_place(path, port))
		return false;
	describe_tags(device, port);
	return true;
}

static void add_port(struct modem_description *d, const struct port_facts *port)
{
	struct modem_port *to = &d->ports[d->port_count];

	if (d->port_count == MODEM_PORTS_MAX || !port->type)
		return;
	d->unsettled |= port->type == MM_MODEM_PORT_TYPE_NET && !port->settled;
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

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* What is told is the same in whatever order the ports came. */
static void put_in_order(struct modem_description *d)
{
	size_t drivers = 0;

	while (drivers < COUNT(d->drivers) && d->drivers[drivers][0])
		drivers++;
	qsort(d->drivers, drivers, sizeof(d->drivers[0]), by_text);
	qsort(d->ports, d->port_count, sizeof(d->ports[0]), by_name);
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

enum described describe_usb(const char *usb, const struct port_set *ports, bool allowlist_only,
			    const char *name, struct modem_description *d)
{
	struct said said = { 0 };

	*d = (struct modem_description){ 0 };
	snprintf(d->physdev, sizeof(d->physdev), "%s", usb);
	snprintf(d->uid, sizeof(d->uid), "%.63s", base_name(usb));
	snprintf(said.name, sizeof(said.name), "%s", name ? name : "");
	for (size_t i = 0; i < ports->count; i++) {
		const struct port_facts *port = &ports->ports[i];

		if (port->gone || strcmp(port->usb, usb) != 0)
			continue;
		d->vendor = port->vendor;
		d->product = port->product;
		add_said(&said, &port->said);
		add_port(d, port);
	}
	snprintf(d->plugin, sizeof(d->plugin), "%s", find_kind(d->vendor, d->product)->plugin);
	snprintf(d->device, sizeof(d->device), "%s", *said.name ? said.name : usb);
	put_in_order(d);
	return judge(d, &said, allowlist_only);
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
