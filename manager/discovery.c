/*
 * Discovery: with each port that comes the USB device is described anew from the ports that are known, so that it does
 * not matter in which order they come, nor whether the kernel or udev told of them.
 */
#include "discovery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "describe.h"

enum { LINE_SIZE = 1024, BUFFER_SIZE = 8 << 20 };

/* Ports, then the modules that bring kinds of ports. */
static const char *const subsystems[] = { "usbmisc", "net", "tty", "module" };
enum { PORT_SUBSYSTEMS = 3 };

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* `usb`: the path in sysfs of a USB device. */
static void look_at(struct discovery *discovery, const char *usb)
{
	struct modem_description description;
	const char *name =
		json_string_value(json_object_get(discovery->names, strrchr(usb, '/') + 1));

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

/* What is known of a port of which an event tells; NULL: nothing, or of one that was at its place before it. */
static const struct port_facts *known_port(const struct discovery *discovery, const char *path,
					   sd_device *device, uint64_t seqnum)
{
	const struct port_facts *known = port_set_find(&discovery->ports, path);
	sd_device_action_t action;

	if (!known || known->gone || sd_device_get_action(device, &action) < 0)
		return NULL;
	return action != SD_DEVICE_ADD || known->seqnum == seqnum ? known : NULL;
}

static void note_port(struct discovery *discovery, const struct port_facts *port)
{
	if (port_set_put(&discovery->ports, port) < 0)
		log_line(&discovery->manager->log, LOG_WARNING, NULL,
			 "out of memory: %s is not noted", port->name);
}

/* A port that is there, or changed, as udev has it: `ret` is what is known of it now. false: it is no USB device's. */
static bool take_facts(struct discovery *discovery, sd_device *device, uint64_t seqnum,
		       struct port_facts *ret)
{
	const char *path;

	if (sd_device_get_syspath(device, &path) < 0 ||
	    !describe_port(path, device, known_port(discovery, path, device, seqnum), ret))
		return false;
	ret->seqnum = seqnum;
	ret->settled = true;
	note_port(discovery, ret);
	return true;
}

static void take_port(struct discovery *discovery, sd_device *port, uint64_t seqnum)
{
	struct port_facts facts;

	if (take_facts(discovery, port, seqnum, &facts))
		look_at(discovery, facts.usb);
}

/* --- What the kernel tells of before udev does */

/* Whether it is a name that only udev makes: of all that is in /dev the kernel makes the nodes. */
static bool is_link_of_udev(const char *device)
{
	return strncmp(device, "/dev/", 5) == 0 && strncmp(device, "/dev/cdc-wdm", 12) != 0 &&
	       strncmp(device, "/dev/pts/", 9) != 0;
}

/* What may want a modem to be left alone, or to have a name, by what only udev knows of it; NULL: nothing. */
static const char *wants_udev(struct discovery *discovery)
{
	const struct config *config = &discovery->manager->config;
	uint64_t now;

	if (discovery->allowlist_only)
		return "the policy";
	for (size_t i = 0; i < config->count; i++)
		if (is_link_of_udev(config->modems[i].device))
			return config->modems[i].device;
	if (sd_event_now(discovery->manager->event, CLOCK_MONOTONIC, &now) < 0)
		return "the loop";
	return udev_rules_that_name_modems(&discovery->rules, now);
}

static bool has_qmi_port(const struct early_port *ports)
{
	const struct early_port *port;

	DL_FOREACH(ports, port) {
		if (strstr(port->path, "/usbmisc/"))
			return true;
	}
	return false;
}

static void note_early(struct discovery *discovery, const struct early_port *port)
{
	struct port_facts facts;

	if (port_set_is_settled(&discovery->ports, port->path, port->seqnum) ||
	    !describe_port(port->path, NULL, NULL, &facts))
		return;
	facts.seqnum = port->seqnum;
	note_port(discovery, &facts);
}

static void on_complete(void *userdata, const char *usb_path, const struct early_port *ports)
{
	struct discovery *discovery = userdata;
	const struct early_port *port;
	const char *why;

	if (!has_qmi_port(ports))
		return;
	why = wants_udev(discovery);
	if (why) {
		log_line(&discovery->manager->log, LOG_DEBUG, NULL,
			 "udev is waited for, which may say more of %s because of %s", usb_path,
			 why);
		return;
	}
	/* They are in the order in which they came: what is older is of what was plugged in there before. */
	port_set_remove_past(&discovery->ports, usb_path, ports->seqnum);
	DL_FOREACH(ports, port)
		note_early(discovery, port);
	look_at(discovery, usb_path);
}

/* By the time that udev says so another modem may have the node. */
static void on_gone(void *userdata, const char *path, uint64_t seqnum)
{
	struct discovery *discovery = userdata;
	char node[80];

	port_set_bury(&discovery->ports, path, seqnum);
	snprintf(node, sizeof(node), "/dev/%.63s", strrchr(path, '/') + 1);
	manager_remove(discovery->manager, node);
}

static const struct early_events early_events = { on_complete, on_gone };

/* --- What udev tells */

/* Where the kernel has told of it, nothing is left of it: the node may be another modem's. Events may be lost. */
static void forget_port(struct discovery *discovery, sd_device *port)
{
	bool told = early_is_heard(&discovery->early);
	const struct port_facts *known;
	const char *path, *node;

	if (sd_device_get_syspath(port, &path) >= 0) {
		known = port_set_find(&discovery->ports, path);
		told = known ? known->gone : told;
		port_set_remove(&discovery->ports, path);
	}
	if (!told && sd_device_get_devname(port, &node) >= 0)
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

/* --- QRTR */

static void on_node_found(void *userdata, uint32_t node)
{
	struct discovery *discovery = userdata;
	struct modem_description description;

	describe_qrtr(node, &description);
	manager_add(discovery->manager, &description);
}

static void on_node_gone(void *userdata, uint32_t node)
{
	struct discovery *discovery = userdata;
	char address[32];

	snprintf(address, sizeof(address), "qrtr://%u", node);
	manager_remove(discovery->manager, address);
}

/* Where the kernel has it, which may be later: when the module was loaded. */
static void look_at_qrtr(struct discovery *discovery)
{
	int r = discovery->no_qrtr ? 0 : qrtr_nodes_open(&discovery->qrtr);

	if (r < 0)
		log_line(&discovery->manager->log, LOG_WARNING, NULL, "QRTR is not looked at: %s",
			 strerror(-r));
}

/* --- Events of udev */

static uint64_t seqnum_of(sd_device *device)
{
	const char *value;

	return sd_device_get_property_value(device, "SEQNUM", &value) < 0
		       ? 0
		       : strtoull(value, NULL, 10);
}

/* Of what was at its place before it: that was unplugged, and udev is behind. */
static bool is_past(const struct discovery *discovery, sd_device *port)
{
	const char *path;

	return sd_device_get_syspath(port, &path) >= 0 &&
	       port_set_is_past(&discovery->ports, path, seqnum_of(port));
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
	if (is_past(discovery, device))
		return 0;
	if (action == SD_DEVICE_REMOVE) {
		forget_port(discovery, device);
		return 0;
	}
	forget_old_place(discovery, device);
	take_port(discovery, device, seqnum_of(device));
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
	struct port_facts facts;
	int r = enumerate(below, &ports);

	for (sd_device *port = r >= 0 ? sd_device_enumerator_get_device_first(ports) : NULL; port;
	     port = sd_device_enumerator_get_device_next(ports))
		take_facts(discovery, port, 0, &facts);
	for (sd_device *port = r >= 0 ? sd_device_enumerator_get_device_first(ports) : NULL; port;
	     port = sd_device_enumerator_get_device_next(ports)) {
		const char *subsystem;

		if (sd_device_get_subsystem(port, &subsystem) >= 0 &&
		    strcmp(subsystem, "usbmisc") == 0)
			take_port(discovery, port, 0);
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

/* All that it tells of udev tells, too. */
static void listen_to_kernel(struct discovery *discovery)
{
	int r = early_open(&discovery->early, discovery->manager->event, &early_events, discovery);

	if (r < 0)
		log_line(&discovery->manager->log, LOG_NOTICE, NULL,
			 "the kernel's events are not heard, modems are found by udev alone: %s",
			 strerror(-r));
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
		listen_to_kernel(discovery);
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
		.qrtr = { .event = manager->event,
			  .found = on_node_found,
			  .gone = on_node_gone,
			  .userdata = discovery },
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
	early_close(&discovery->early);
	discovery->monitor = sd_device_monitor_unref(discovery->monitor);
	json_decref(discovery->names);
	port_set_clear(&discovery->ports);
}
