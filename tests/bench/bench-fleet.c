/*
 * Bench: how long a ModemManager takes with so many modems, whichever it is. To be started before they are plugged in:
 * it hears of their ports from the kernel and of their states from the bus.
 *
 *     bench-fleet COUNT PORTS [POLL_SECONDS]
 *
 * PORTS is how many port nodes all modems have together; 0: there are none. Prints "ready"; then, in seconds from the
 * last port node, or from "ready", "announced S", when udev had told of the last one; "disabled S" when all are
 * disabled; has each enabled as soon as it is; "registered S" when all are. With POLL_SECONDS it has their signals
 * polled so often, and prints "polled". 1 when it takes longer than LIMIT_SECONDS.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-device.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#define NAME "org.freedesktop.ModemManager1"
#define ROOT "/org/freedesktop/ModemManager1"

enum { MODEMS_MAX = 64, PATH_SIZE = 64, DISABLED = 3, REGISTERED = 8, LIMIT_SECONDS = 600 };

struct modem {
	char path[PATH_SIZE];
	int state;
};

struct fleet {
	sd_bus *bus;
	sd_event *event;
	size_t wanted, wanted_ports, ports, count, calls;
	sd_device_monitor *monitor;
	double last_port, last_announced, since_disabled;
	unsigned int poll_seconds;
	struct modem modems[MODEMS_MAX];
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void say(const char *what, double at)
{
	printf("%s %.3f\n", what, at);
	fflush(stdout);
}

/* --- Ports */

/* "add@/devices/…/ttyUSB3/tty/ttyUSB3"; a terminal of USB serial is announced twice, by its class it is a node. */
static bool is_port(const char *event)
{
	const char *name = strrchr(event, '/');

	return strncmp(event, "add@", 4) == 0 && name &&
	       ((strstr(event, "/tty/ttyUSB") != NULL) || strstr(event, "/usbmisc/cdc-wdm") ||
		strstr(event, "/net/wwan")) &&
	       !strstr(event, "/queues/");
}

static int on_uevent(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct fleet *fleet = userdata;
	char buffer[8192];
	ssize_t size;

	(void)source, (void)events;
	while ((size = recv(fd, buffer, sizeof(buffer) - 1, MSG_DONTWAIT)) > 0) {
		buffer[size] = 0;
		if (is_port(buffer)) {
			fleet->ports++;
			fleet->last_port = now();
		}
	}
	return 0;
}

static int watch_kernel(struct fleet *fleet)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int size = 8 << 20;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return sd_event_add_io(fleet->event, NULL, fd, EPOLLIN, on_uevent, fleet);
}

static int on_device(sd_device_monitor *monitor, sd_device *device, void *userdata)
{
	struct fleet *fleet = userdata;
	const char *path;

	(void)monitor;
	if (sd_device_get_syspath(device, &path) >= 0 &&
	    (strstr(path, "/tty/ttyUSB") || strstr(path, "/usbmisc/") || strstr(path, "/net/")))
		fleet->last_announced = now();
	return 0;
}

static int watch_udev(struct fleet *fleet)
{
	int r = sd_device_monitor_new(&fleet->monitor);

	if (r >= 0)
		r = sd_device_monitor_set_receive_buffer_size(fleet->monitor, 8 << 20);
	if (r >= 0)
		r = sd_device_monitor_attach_event(fleet->monitor, fleet->event);
	if (r >= 0)
		r = sd_device_monitor_start(fleet->monitor, on_device, fleet);
	return r;
}

/* --- Modems */

static struct modem *find(struct fleet *fleet, const char *path)
{
	for (size_t i = 0; i < fleet->count; i++)
		if (strcmp(fleet->modems[i].path, path) == 0)
			return &fleet->modems[i];
	if (fleet->count == MODEMS_MAX || strlen(path) >= PATH_SIZE)
		return NULL;
	fleet->modems[fleet->count] = (struct modem){ .state = 0 };
	strncpy(fleet->modems[fleet->count].path, path, PATH_SIZE - 1);
	return &fleet->modems[fleet->count++];
}

static size_t in_state(const struct fleet *fleet, int state)
{
	size_t count = 0;

	for (size_t i = 0; i < fleet->count; i++)
		count += fleet->modems[i].state >= state;
	return count;
}

static int on_polled(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	struct fleet *fleet = userdata;

	(void)error;
	if (sd_bus_message_is_method_error(message, NULL))
		fprintf(stderr, "bench-fleet: Setup: %s\n",
			sd_bus_message_get_error(message)->message);
	if (--fleet->calls == 0) {
		say("polled", now() - fleet->last_port);
		sd_event_exit(fleet->event, 0);
	}
	return 0;
}

static void poll_signals(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->count; i++)
		if (sd_bus_call_method_async(fleet->bus, NULL, NAME, fleet->modems[i].path,
					     NAME ".Modem.Signal", "Setup", on_polled, fleet, "u",
					     fleet->poll_seconds) >= 0)
			fleet->calls++;
}

static int on_enabled(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	(void)userdata, (void)error;
	if (sd_bus_message_is_method_error(message, NULL))
		fprintf(stderr, "bench-fleet: Enable: %s\n",
			sd_bus_message_get_error(message)->message);
	return 0;
}

static void enable(const struct fleet *fleet, const struct modem *modem)
{
	sd_bus_message *call = NULL;

	if (sd_bus_message_new_method_call(fleet->bus, &call, NAME, modem->path, NAME ".Modem",
					   "Enable") >= 0 &&
	    sd_bus_message_append(call, "b", 1) >= 0)
		sd_bus_call_async(fleet->bus, NULL, call, on_enabled, NULL, 300000000);
	sd_bus_message_unref(call);
}

static void note(struct fleet *fleet, const char *path, int state)
{
	struct modem *modem = find(fleet, path);

	if (!modem || state <= modem->state)
		return;
	if (modem->state < DISABLED && state >= DISABLED) {
		modem->state = DISABLED;
		if (in_state(fleet, DISABLED) == fleet->wanted)
			fleet->since_disabled = now();
		enable(fleet, modem);
	}
	modem->state = state;
	if (in_state(fleet, REGISTERED) < fleet->wanted)
		return;
	/* The last port may be heard of behind what was done with it. */
	say("ports", (double)fleet->ports);
	if (fleet->last_announced > 0)
		say("announced", fleet->last_announced - fleet->last_port);
	say("disabled", fleet->since_disabled - fleet->last_port);
	say("registered", now() - fleet->last_port);
	fleet->wanted = MODEMS_MAX + 1;
	if (fleet->poll_seconds)
		poll_signals(fleet);
	else
		sd_event_exit(fleet->event, 0);
}

static int on_state(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	int before, state;
	unsigned int reason;

	(void)error;
	if (sd_bus_message_read(message, "iiu", &before, &state, &reason) >= 0)
		note(userdata, sd_bus_message_get_path(message), state);
	return 0;
}

/* The state among the properties of an interface that begin behind its name; -1: there is none. */
static int read_state(sd_bus_message *message)
{
	int state = -1;

	if (sd_bus_message_enter_container(message, 'a', "{sv}") < 0)
		return -1;
	while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
		const char *name;

		if (sd_bus_message_read(message, "s", &name) < 0)
			return -1;
		if (strcmp(name, "State") == 0)
			sd_bus_message_read(message, "v", "i", &state);
		else
			sd_bus_message_skip(message, "v");
		sd_bus_message_exit_container(message);
	}
	sd_bus_message_exit_container(message);
	return state;
}

static int on_added(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	const char *path, *interface;
	int state = -1;

	(void)error;
	if (sd_bus_message_read(message, "o", &path) < 0 ||
	    sd_bus_message_enter_container(message, 'a', "{sa{sv}}") < 0)
		return 0;
	while (sd_bus_message_enter_container(message, 'e', "sa{sv}") > 0) {
		if (sd_bus_message_read(message, "s", &interface) < 0)
			return 0;
		if (strcmp(interface, NAME ".Modem") == 0)
			state = read_state(message);
		else
			sd_bus_message_skip(message, "a{sv}");
		sd_bus_message_exit_container(message);
	}
	if (strncmp(path, ROOT "/Modem/", strlen(ROOT "/Modem/")) == 0)
		note(userdata, path, state);
	return 0;
}

static int on_limit(sd_event_source *source, uint64_t usec, void *userdata)
{
	const struct fleet *fleet = userdata;

	(void)source, (void)usec;
	fprintf(stderr,
		"bench-fleet: %zu ports of %zu, %zu modems of %zu, %zu disabled, %zu registered after %d s\n",
		fleet->ports, fleet->wanted_ports, fleet->count, fleet->wanted,
		in_state(fleet, DISABLED), in_state(fleet, REGISTERED), LIMIT_SECONDS);
	return sd_event_exit(fleet->event, 1);
}

int main(int argc, char **argv)
{
	struct fleet fleet = { 0 };
	int r;

	if (argc < 3) {
		fprintf(stderr, "usage: bench-fleet COUNT PORTS [POLL_SECONDS]\n");
		return 2;
	}
	fleet.wanted = strtoul(argv[1], NULL, 10);
	fleet.wanted_ports = strtoul(argv[2], NULL, 10);
	fleet.poll_seconds = argc > 3 ? (unsigned int)strtoul(argv[3], NULL, 10) : 0;
	r = sd_event_default(&fleet.event);
	if (r >= 0)
		r = sd_bus_open_system(&fleet.bus);
	if (r >= 0)
		r = sd_bus_match_signal(fleet.bus, NULL, NAME, NULL,
					"org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
					on_added, &fleet);
	if (r >= 0)
		r = sd_bus_match_signal(fleet.bus, NULL, NAME, NULL, NAME ".Modem", "StateChanged",
					on_state, &fleet);
	if (r >= 0)
		r = watch_kernel(&fleet);
	if (r >= 0)
		r = watch_udev(&fleet);
	if (r >= 0)
		r = sd_bus_attach_event(fleet.bus, fleet.event, 0);
	if (r >= 0)
		r = sd_event_add_time_relative(fleet.event, NULL, CLOCK_MONOTONIC,
					       LIMIT_SECONDS * 1000000ULL, 0, on_limit, &fleet);
	if (r < 0) {
		fprintf(stderr, "bench-fleet: %s\n", strerror(-r));
		return 1;
	}
	printf("ready\n");
	fflush(stdout);
	fleet.last_port = now();
	r = sd_event_loop(fleet.event);
	sd_bus_flush_close_unref(fleet.bus);
	sd_device_monitor_unref(fleet.monitor);
	sd_event_unref(fleet.event);
	return r < 0 ? 1 : r;
}
