/*
 * Discovery: with each port that comes the USB device is described anew from the ports that are known, so that it does
 * not matter in which order they come.
 */
#include "discovery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"

enum { LINE_SIZE = 1024, BUFFER_SIZE = 8 << 20 };

/* Ports, then the modules that bring kinds of ports. */
static const char *const subsystems[] = { "usbmisc", "net", "tty", "module" };
enum { PORT_SUBSYSTEMS = 3 };

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void look_at(struct discovery *discovery, sd_device *usb)
{
	struct modem_description description;
	const char *name, *sysname;

	if (sd_device_get_sysname(usb, &sysname) < 0)
		return;
	name = json_string_value(json_object_get(discovery->names, sysname));
	switch (describe_usb(usb, &discovery->ports, discovery->allowlist_only, name,
			     &description)) {
	case DESCRIBED_MODEM:
		manager_add(discovery->manager, &description);
		port_names_soon(discovery);
		break;
	case DESCRIBED_IGNORED:
		manager_drop(discovery->manager, description.uid);
		break;
	case DESCRIBED_NOTHING:
		break;
	}
}

/* Notes a port that is there, or changed. Its USB device; NULL: it has none. */
static sd_device *note_port(struct discovery *discovery, sd_device *device)
{
	struct port_facts port;
	sd_device *usb = describe_port(device, &port);

	if (usb && port_set_put(&discovery->ports, &port) < 0)
		log_line(&discovery->manager->log, LOG_WARNING, NULL,
			 "out of memory: %s is not noted", port.name);
	return usb;
}

static void take_port(struct discovery *discovery, sd_device *port)
{
	sd_device *usb = note_port(discovery, port);

	if (usb)
		look_at(discovery, usb);
}

static void forget_port(struct discovery *discovery, sd_device *port)
{
	const char *path, *node;

	if (sd_device_get_syspath(port, &path) >= 0)
		port_set_remove(&discovery->ports, path);
	if (sd_device_get_devname(port, &node) >= 0)
		manager_remove(discovery->manager, node);
}

/* An interface that got another name is at another place of sysfs. */
static void forget_old_place(struct discovery *discovery, sd_device *port)
{
	const char *place;
	char path[512];

	if (sd_device_get_property_value(port, "DEVPATH_OLD", &place) < 0)
		return;
	snprintf(path, sizeof(path), "/sys%s", place);
	port_set_remove(&discovery->ports, path);
}

/* Where the kernel has it, which may be later: when the module was loaded. */
static void look_at_qrtr(struct discovery *discovery)
{
	if (!discovery->no_qrtr)
		qrtr_nodes_open(&discovery->qrtr, discovery->manager);
}

static int on_event(sd_device_monitor *monitor, sd_device *device, void *userdata)
{
	struct discovery *discovery = userdata;
	sd_device_action_t action;
	const char *subsystem = "";

	(void)monitor;
	if (sd_device_get_action(device, &action) < 0)
		return 0;
	(void)sd_device_get_subsystem(device, &subsystem);
	if (strcmp(subsystem, "module") == 0) {
		look_at_qrtr(discovery);
		return 0;
	}
	if (action == SD_DEVICE_REMOVE) {
		forget_port(discovery, device);
		return 0;
	}
	forget_old_place(discovery, device);
	take_port(discovery, device);
	return 0;
}

/* The ports that udev knows, below a USB device or all. */
static int enumerate(sd_device *usb, sd_device_enumerator **ret)
{
	int r = sd_device_enumerator_new(ret);

	if (r >= 0 && usb)
		r = sd_device_enumerator_add_match_parent(*ret, usb);
	for (size_t i = 0; r >= 0 && i < PORT_SUBSYSTEMS; i++)
		r = sd_device_enumerator_add_match_subsystem(*ret, subsystems[i], true);
	return r;
}

/* Notes them all, then looks at each device once, by its QMI port. */
static int look_at_all(struct discovery *discovery, sd_device *below)
{
	sd_device_enumerator *ports = NULL;
	int r = enumerate(below, &ports);

	for (sd_device *port = r >= 0 ? sd_device_enumerator_get_device_first(ports) : NULL; port;
	     port = sd_device_enumerator_get_device_next(ports))
		note_port(discovery, port);
	for (sd_device *port = r >= 0 ? sd_device_enumerator_get_device_first(ports) : NULL; port;
	     port = sd_device_enumerator_get_device_next(ports)) {
		const char *subsystem;

		if (sd_device_get_subsystem(port, &subsystem) >= 0 &&
		    strcmp(subsystem, "usbmisc") == 0)
			take_port(discovery, port);
	}
	sd_device_enumerator_unref(ports);
	return r < 0 ? r : 0;
}

int discovery_look_around(struct discovery *discovery)
{
	look_at_qrtr(discovery);
	if (discovery->no_udev)
		return -EOPNOTSUPP;
	port_set_clear(&discovery->ports);
	return look_at_all(discovery, NULL);
}

/* First listen, then look: nothing comes unseen. */
static int watch(struct discovery *discovery)
{
	int r = sd_device_monitor_new(&discovery->monitor);

	/* Thirty modems at once are hundreds of events; what cannot be had is no reason to fail. */
	if (r >= 0)
		(void)sd_device_monitor_set_receive_buffer_size(discovery->monitor, BUFFER_SIZE);
	for (size_t i = 0; r >= 0 && i < COUNT(subsystems); i++)
		r = sd_device_monitor_filter_add_match_subsystem_devtype(discovery->monitor,
									 subsystems[i], NULL);
	if (r >= 0)
		r = sd_device_monitor_attach_event(discovery->monitor, discovery->manager->event);
	if (r >= 0)
		r = sd_device_monitor_start(discovery->monitor, on_event, discovery);
	if (r >= 0)
		r = discovery_look_around(discovery);
	if (r < 0)
		discovery->monitor = sd_device_monitor_unref(discovery->monitor);
	return r;
}

/* --- What others report */

static int note_name(struct discovery *discovery, sd_device *port, const char *name)
{
	const char *sysname;
	sd_device *usb;

	if (!*name ||
	    sd_device_get_parent_with_subsystem_devtype(port, "usb", "usb_device", &usb) < 0 ||
	    sd_device_get_sysname(usb, &sysname) < 0)
		return 0;
	return json_object_set_new(discovery->names, sysname, json_string(name)) < 0 ? -ENOMEM : 0;
}

int discovery_report(struct discovery *discovery, const struct kernel_event *event)
{
	sd_device *device = NULL, *usb;
	char node[80];
	int r;

	if (strcmp(event->action, "remove") == 0) {
		snprintf(node, sizeof(node), "/dev/%s", event->name);
		manager_remove(discovery->manager, node);
		return 0;
	}
	r = sd_device_new_from_subsystem_sysname(&device, event->subsystem, event->name);
	if (r >= 0)
		r = note_name(discovery, device, event->uid);
	/* who reports one port need not report the others */
	if (r >= 0 &&
	    sd_device_get_parent_with_subsystem_devtype(device, "usb", "usb_device", &usb) >= 0)
		r = look_at_all(discovery, usb);
	sd_device_unref(device);
	return r < 0 ? r : 0;
}

/* One line of a file is one event; what is wrong with one does not keep the others away. */
static void report_line(struct discovery *discovery, const char *path, unsigned int number,
			const char *line)
{
	char error[128] = "";
	struct kernel_event event;
	int r = kernel_event_parse(&event, line, error, sizeof(error));

	if (r == 0) {
		r = discovery_report(discovery, &event);
		if (r < 0)
			snprintf(error, sizeof(error), "%s/%s: %s", event.subsystem, event.name,
				 strerror(-r));
	}
	if (r < 0)
		log_line(&discovery->manager->log, LOG_WARNING, NULL, "%s:%u: %s", path, number,
			 error);
}

static void report_file(struct discovery *discovery, const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned int number = 0;
	char line[LINE_SIZE];

	if (!file) {
		log_line(&discovery->manager->log, LOG_WARNING, NULL, "%s cannot be read: %s", path,
			 strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		size_t length = strcspn(line, "\n");

		number++;
		if (length == sizeof(line) - 1) {
			log_line(&discovery->manager->log, LOG_WARNING, NULL,
				 "%s:%u: the line is too long, and what follows is not read", path,
				 number);
			break;
		}
		line[length] = 0;
		if (length > 0)
			report_line(discovery, path, number, line);
	}
	fclose(file);
}

/* --- The beginning and the end */

/* Whether it is found without being named: nodes, and the names that our rules of udev give to nodes. */
static bool is_udevs(const struct discovery *discovery, const char *device)
{
	return !discovery->no_scan && (strncmp(device, "/dev/cdc-wdm", 12) == 0 ||
				       strncmp(device, "/dev/modems/", 12) == 0);
}

static void add_named(struct discovery *discovery, const struct options *options)
{
	const struct config *config = &discovery->manager->config;
	struct modem_description description;

	for (size_t i = 0; i < options->device_count; i++) {
		describe_named(options->devices[i].path, options->devices[i].at_port, &description);
		manager_add(discovery->manager, &description);
	}
	for (size_t i = 0; i < config->count; i++) {
		if (!*config->modems[i].device || is_udevs(discovery, config->modems[i].device))
			continue;
		describe_named(config->modems[i].device, NULL, &description);
		manager_add(discovery->manager, &description);
	}
}

void discovery_open(struct discovery *discovery, struct manager *manager,
		    const struct options *options)
{
	int r = 0;

	*discovery = (struct discovery){
		.manager = manager,
		.allowlist_only = options->allowlist_only,
		.no_udev = options->no_udev,
		.no_scan = options->no_scan || options->no_udev,
		.no_qrtr = options->no_qrtr || options->no_scan,
		.names = json_object(),
	};
	manager->discovery = discovery;
	add_named(discovery, options);
	if (!discovery->no_scan)
		r = watch(discovery);
	else if (options->kernel_events)
		report_file(discovery, options->kernel_events);
	look_at_qrtr(discovery);
	if (r < 0)
		log_line(&manager->log, LOG_WARNING, NULL, "devices are not looked for: %s",
			 strerror(-r));
}

void discovery_close(struct discovery *discovery)
{
	discovery->manager->discovery = NULL;
	port_names_close(&discovery->names_of_ports);
	qrtr_nodes_close(&discovery->qrtr);
	discovery->monitor = sd_device_monitor_unref(discovery->monitor);
	json_decref(discovery->names);
	port_set_clear(&discovery->ports);
}
