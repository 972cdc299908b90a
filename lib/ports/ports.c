/*
 * Ports: which QMI devices this machine has. Some classes in sysfs list control ports; what is above
 * a port in the tree of devices tells the rest. Nodes of QRTR are in no file: its name service is asked.
 *
 * cdc-wdm registers a node of its own and a wwan port for one and the same interface, and opening one
 * makes the other busy. So an interface is listed once, by its cdc-wdm node.
 *
 * What sysfs does not have is "", never an error: a modem may leave while we look.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qmikit/ports.h>

#include "lib/transport/qrtr.h"

#define PORTS_MAX 256

struct port_list {
	struct qk_port *ports;
	char (*parents)[PATH_MAX]; /* of each port: the device it belongs to */
	size_t count, size;
	const char *only; /* the name of the one that is wanted; NULL: all are */
};

/* The drivers whose cdc-wdm nodes speak QMI; the others with such nodes speak MBIM or AT. */
static const char *const qmi_drivers[] = { "qmi_wwan", "qmi_wwan_q" };

static bool join(char path[PATH_MAX], const char *folder, const char *name)
{
	int size = snprintf(path, PATH_MAX, "%s/%s", folder, name);

	return size > 0 && size < PATH_MAX;
}

/* Copies what fits as a whole; "" otherwise. */
static void copy_whole(char *to, size_t size, const char *from)
{
	size_t length = strlen(from);

	if (length < size)
		memcpy(to, from, length + 1);
}

/* Copies what fits, cut between characters. */
static void copy_text(char *to, size_t size, const char *from)
{
	size_t length = strlen(from);

	if (length >= size) {
		length = size - 1;
		while (length > 0 && ((unsigned char)from[length] & 0xc0) == 0x80)
			length--;
	}
	memcpy(to, from, length);
	to[length] = 0;
}

/* The first line of an attribute. USB strings are the device's: no control characters pass. */
static bool read_line(const char *folder, const char *name, char *ret, size_t size)
{
	char path[PATH_MAX], line[256];
	FILE *file = join(path, folder, name) ? fopen(path, "re") : NULL;
	bool ok;

	if (!file)
		return false;
	ok = fgets(line, sizeof(line), file);
	fclose(file);
	if (!ok)
		return false;
	line[strcspn(line, "\n")] = 0;
	for (char *c = line; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = ' ';
	if (strlen(line) >= size)
		return false;
	memcpy(ret, line, strlen(line) + 1);
	return true;
}

/* The name that a link in `folder` ends with. */
static bool read_link_name(const char *folder, const char *name, char *ret, size_t size)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *base;
	ssize_t length;

	if (!join(path, folder, name))
		return false;
	length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0)
		return false;
	target[length] = 0;
	base = strrchr(target, '/');
	base = base ? base + 1 : target;
	if (!*base || strlen(base) >= size)
		return false;
	memcpy(ret, base, strlen(base) + 1);
	return true;
}

/* Cuts the last part off `path`; false at the top of the tree. */
static bool go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return false;
	*slash = 0;
	return true;
}

/* The network interface below a device: the first by name, should there be several. */
static void find_interface(const char *parent, char *ret, size_t size)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	DIR *dir = join(path, parent, "net") ? opendir(path) : NULL;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && (!*ret || strverscmp(entry->d_name, ret) < 0))
			copy_whole(ret, size, entry->d_name);
	closedir(dir);
}

static void describe_usb(struct qk_port *port, const char *parent)
{
	char path[PATH_MAX], maker[256] = "", product[256] = "", text[516];

	memcpy(path, parent, strlen(parent) + 1);
	while (!read_line(path, "idVendor", port->vendor, sizeof(port->vendor)))
		if (!go_up(path))
			return;
	read_line(path, "idProduct", port->product, sizeof(port->product));
	copy_whole(port->usb_path, sizeof(port->usb_path), strrchr(path, '/') + 1);
	read_line(path, "manufacturer", maker, sizeof(maker));
	read_line(path, "product", product, sizeof(product));
	snprintf(text, sizeof(text), "%s%s%s", maker, *maker && *product ? " " : "", product);
	copy_text(port->description, sizeof(port->description), text);
}

/* The device that a port belongs to: the nearest one above it that has a driver. */
static bool find_parent(const char *port_folder, char parent[PATH_MAX], char *driver, size_t size)
{
	char path[PATH_MAX];

	if (!join(path, port_folder, "device") || !realpath(path, parent))
		return false;
	while (!read_link_name(parent, "driver", driver, size))
		if (!go_up(parent))
			return false;
	return true;
}

static bool is_qmi_usbmisc(const char *port_folder, const char *driver)
{
	(void)port_folder;
	for (size_t i = 0; i < sizeof(qmi_drivers) / sizeof(qmi_drivers[0]); i++)
		if (strcmp(driver, qmi_drivers[i]) == 0)
			return true;
	return false;
}

static bool is_qmi_wwan(const char *port_folder, const char *driver)
{
	char type[16];

	(void)driver;
	if (read_line(port_folder, "type", type, sizeof(type)))
		return strcmp(type, "QMI") == 0;
	/* Linux 5.13 has no such attribute, and names a port wwan0p1QMI */
	return strstr(strrchr(port_folder, '/'), "QMI");
}

/* The channels of a phone's modem have names: DATA5_CNTL is QMI, DATA5 its packets. DATA40 is for USB
 * tethering. */
static bool is_qmi_rpmsg(const char *port_folder, const char *driver)
{
	static const char ending[] = "_CNTL";
	char name[32];
	size_t length;

	(void)driver;
	if (!read_line(port_folder, "name", name, sizeof(name)))
		return false;
	length = strlen(name);
	return strncmp(name, "DATA", 4) == 0 && length > sizeof(ending) &&
	       strcmp(name + length + 1 - sizeof(ending), ending) == 0 &&
	       strcmp(name, "DATA40_CNTL") != 0;
}

static bool is_any(const char *port_folder, const char *driver)
{
	(void)port_folder;
	(void)driver;
	return true;
}

static const struct port_class {
	const char *folder; /* in sysfs */
	const char *prefix; /* of a port's name */
	bool (*is_qmi)(const char *port_folder, const char *driver);
	bool alone; /* there may be no device above it */
} port_classes[] = {
	/* The order matters: of two ports of one interface the first counts. */
	{ "class/usbmisc", "cdc-wdm", is_qmi_usbmisc, false },
	{ "class/wwan", "wwan", is_qmi_wwan, false },
	/* of a phone: the mainline kernel's, and that of Android's older ones */
	{ "class/rpmsg", "rpmsg", is_qmi_rpmsg, true },
	{ "class/smdpkt", "smdcntl", is_any, true },
};

static bool is_listed(const struct port_list *list, const char *parent)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->parents[i], parent) == 0)
			return true;
	return false;
}

static bool is_of_class(const struct port_class *class, const char *name)
{
	return strncmp(name, class->prefix, strlen(class->prefix)) == 0;
}

/* Room for one more. */
static int grow(struct port_list *list)
{
	size_t size = list->size ? 2 * list->size : 4;
	void *ports, *parents;

	if (list->count < list->size)
		return 0;
	if (list->count == PORTS_MAX)
		return -E2BIG;
	ports = realloc(list->ports, size * sizeof(*list->ports));
	if (ports)
		list->ports = ports;
	parents = realloc(list->parents, size * sizeof(*list->parents));
	if (parents)
		list->parents = parents;
	if (!ports || !parents)
		return -ENOMEM;
	list->size = size;
	return 0;
}

static void add_port(struct port_list *list, const struct port_class *class, size_t of_class,
		     const char *folder, const char *name)
{
	struct qk_port *port = &list->ports[list->count];
	struct port_list others = { .parents = list->parents, .count = of_class };
	char path[PATH_MAX], parent[PATH_MAX];

	*port = (struct qk_port){ 0 };
	if (strlen(name) + sizeof("/dev/") > sizeof(port->path) || !join(path, folder, name))
		return;
	if (!find_parent(path, parent, port->driver, sizeof(port->driver)) &&
	    !(class->alone && realpath(path, parent)))
		return;
	if (!class->is_qmi(path, port->driver) || is_listed(&others, parent))
		return;
	snprintf(port->path, sizeof(port->path), "/dev/%.58s", name);
	find_interface(parent, port->interface, sizeof(port->interface));
	describe_usb(port, parent);
	memcpy(list->parents[list->count], parent, strlen(parent) + 1);
	list->count++;
}

static int add_class(struct port_list *list, const struct port_class *class, const char *sysfs)
{
	size_t before = list->count;
	const struct dirent *entry;
	/* of the classes before that of the one that is wanted all are: an interface is listed once */
	const char *only = list->only && is_of_class(class, list->only) ? list->only : NULL;
	char folder[PATH_MAX];
	DIR *dir;
	int r = 0;

	if (!join(folder, sysfs, class->folder))
		return -ENAMETOOLONG;
	dir = opendir(folder);
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (entry = readdir(dir))) {
		if (!is_of_class(class, entry->d_name) ||
		    (only && strcmp(entry->d_name, only) != 0))
			continue;
		r = grow(list);
		if (r == 0)
			add_port(list, class, before, folder, entry->d_name);
	}
	closedir(dir);
	return r == -E2BIG ? 0 : r;
}

static void add_qrtr(struct port_list *list)
{
	uint32_t nodes[PORTS_MAX];
	int count = 0;

	if (qk_qrtr_is_there())
		count = qk_qrtr_list_nodes(&qk_qrtr_kernel, NULL, nodes, PORTS_MAX);
	for (int i = 0; i < count && grow(list) == 0; i++) {
		struct qk_port *port = &list->ports[list->count++];

		*port = (struct qk_port){ .driver = "qrtr" };
		snprintf(port->path, sizeof(port->path), "qrtr://%u", nodes[i]);
	}
}

static int by_path(const void *a, const void *b)
{
	const struct qk_port *left = a, *right = b;

	return strverscmp(left->path, right->path);
}

int qk_ports_list(const char *sysfs, struct qk_port **ret, size_t *ret_count)
{
	struct port_list list = { 0 };
	bool whole = !sysfs;
	int r = 0;

	if (!sysfs)
		sysfs = "/sys";
	if (access(sysfs, R_OK | X_OK) < 0)
		return -errno;
	for (size_t i = 0; r == 0 && i < sizeof(port_classes) / sizeof(port_classes[0]); i++)
		r = add_class(&list, &port_classes[i], sysfs);
	if (r == 0 && whole)
		add_qrtr(&list);
	free(list.parents);
	if (r < 0) {
		free(list.ports);
		return r;
	}
	if (list.count)
		qsort(list.ports, list.count, sizeof(*list.ports), by_path);
	*ret = list.ports;
	*ret_count = list.count;
	return 0;
}

int qk_ports_find(const char *sysfs, const char *name, struct qk_port *ret)
{
	struct port_list list = { .only = name };
	const struct port_class *class = port_classes;
	const struct port_class *end = class + sizeof(port_classes) / sizeof(port_classes[0]);
	int r = 0;

	while (class < end && r == 0 && !is_of_class(class, name))
		r = add_class(&list, class ++, sysfs ? sysfs : "/sys");
	if (r == 0 && class == end)
		r = -ENODEV;

	size_t others = list.count;

	if (r == 0)
		r = add_class(&list, class, sysfs ? sysfs : "/sys");
	if (r == 0 && list.count == others)
		r = -ENODEV;
	if (r == 0)
		*ret = list.ports[others];
	free(list.parents);
	free(list.ports);
	return r;
}

void qk_ports_free(struct qk_port *ports)
{
	free(ports);
}
