/*
 * ModemManager: the daemon. What it is made of: manager.c (the bus, the list of modems), discovery.c (how they are
 * found), control.c and access.c (what clients may do to it), modem.c and state.c (one modem), operation.c (what takes
 * several answers), initialize.c and sim.c (what is read), radio.c (tables), log.c.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery.h"

static const char help[] =
	"usage: ModemManager [OPTION]...\n"
	"\n"
	"Manages the modems of this machine for clients on the system bus.\n"
	"\n"
	"  --device=PATH        manage the QMI port at PATH, such as a pty\n"
	"  --at-port=PATH       the AT port of the --device before it\n"
	"  --no-auto-scan       look for no modems: others report their ports\n"
	"  --group=NAME         who may use modems where there is no polkit (dialout)\n"
	"  --log-level=LEVEL    ERR, WARN, MSG, INFO (the default) or DEBUG\n"
	"  --log-personal-info  log what identifies persons and SIMs, too\n"
	"  --debug              log at DEBUG, and let clients send AT commands\n"
	"  -V, --version        show the version\n"
	"  -h, --help           show this help\n"
	"\n"
	"The environment variable MM_LOGLEVEL is the level without --log-level.\n";

enum {
	OPTION_DEVICE = 256,
	OPTION_AT_PORT,
	OPTION_NO_SCAN,
	OPTION_GROUP,
	OPTION_LEVEL,
	OPTION_PERSONAL,
	OPTION_DEBUG
};

static const struct option options[] = {
	{ "device", required_argument, NULL, OPTION_DEVICE },
	{ "at-port", required_argument, NULL, OPTION_AT_PORT },
	{ "no-auto-scan", no_argument, NULL, OPTION_NO_SCAN },
	{ "group", required_argument, NULL, OPTION_GROUP },
	{ "log-level", required_argument, NULL, OPTION_LEVEL },
	{ "log-personal-info", no_argument, NULL, OPTION_PERSONAL },
	{ "debug", no_argument, NULL, OPTION_DEBUG },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

enum { DEVICES_MAX = 64 };

struct arguments {
	struct manager_options manager;
	struct {
		const char *path, *at_port;
	} devices[DEVICES_MAX];
	size_t device_count;
	bool no_scan;
};

static void add_port(struct modem_description *d, const char *path, enum mm_modem_port_type type)
{
	const char *name = strrchr(path, '/');
	struct modem_port *port = &d->ports[d->port_count++];

	snprintf(port->name, sizeof(port->name), "%.63s", name ? name + 1 : path);
	port->type = type;
}

/* A device that is named by hand: its paths are all that is known. */
static void add_device(struct manager *manager, const char *path, const char *at_port)
{
	struct modem_description d = { .plugin = "generic", .named = true };

	snprintf(d.qmi, sizeof(d.qmi), "%s", path);
	snprintf(d.device, sizeof(d.device), "%s", path);
	snprintf(d.uid, sizeof(d.uid), "%.63s", path);
	add_port(&d, path, MM_MODEM_PORT_TYPE_QMI);
	if (at_port) {
		snprintf(d.at, sizeof(d.at), "%s", at_port);
		add_port(&d, at_port, MM_MODEM_PORT_TYPE_AT);
	}
	manager_add(manager, &d);
}

/* A container without udev has the devices that are named. */
static void start_discovery(struct discovery *discovery, struct manager *manager, bool no_scan)
{
	int r;

	if (no_scan) {
		discovery_open_idle(discovery, manager);
		return;
	}
	r = discovery_open(discovery, manager);
	if (r < 0)
		log_line(&manager->log, LOG_WARNING, NULL, "devices are not looked for: %s",
			 strerror(-r));
}

static int run(const struct arguments *arguments)
{
	struct discovery discovery;
	struct manager manager;
	char error[160] = "it could not start";
	int r = manager_open(&manager, &arguments->manager, error, sizeof(error));

	if (r < 0) {
		fprintf(stderr, "ModemManager: %s\n", error);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < arguments->device_count; i++)
		add_device(&manager, arguments->devices[i].path, arguments->devices[i].at_port);
	start_discovery(&discovery, &manager, arguments->no_scan);
	r = sd_event_set_signal_exit(manager.event, true);
	/* A loop that hangs is ended by the service manager, where that asks for a sign of life. */
	if (r >= 0)
		r = sd_event_set_watchdog(manager.event, true);
	if (r >= 0)
		r = sd_event_loop(manager.event);
	if (r < 0)
		fprintf(stderr, "ModemManager: the event loop ended: %s\n", strerror(-r));
	discovery_close(&discovery);
	manager_close(&manager);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* 0, or a sentence about what is wrong was printed. */
static int take_option(struct arguments *arguments, int option, const char *value)
{
	switch (option) {
	case OPTION_DEVICE:
		if (arguments->device_count < DEVICES_MAX) {
			arguments->devices[arguments->device_count++].path = value;
			return 0;
		}
		fprintf(stderr, "ModemManager: more than %d devices\n", DEVICES_MAX);
		return -1;
	case OPTION_AT_PORT:
		if (arguments->device_count > 0) {
			arguments->devices[arguments->device_count - 1].at_port = value;
			return 0;
		}
		fprintf(stderr, "ModemManager: --at-port stands behind its --device\n");
		return -1;
	case OPTION_NO_SCAN:
		arguments->no_scan = true;
		return 0;
	case OPTION_GROUP:
		arguments->manager.group = value;
		return 0;
	case OPTION_LEVEL:
		if (log_set_level(&arguments->manager.log, value))
			return 0;
		fprintf(stderr, "ModemManager: %s is no level: ERR, WARN, MSG, INFO, DEBUG\n",
			value);
		return -1;
	case OPTION_PERSONAL:
		arguments->manager.log.personal = true;
		return 0;
	case OPTION_DEBUG:
		arguments->manager.debug = true;
		arguments->manager.log.level = LOG_DEBUG;
		return 0;
	default:
		return -1;
	}
}

int main(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	int option;

	log_open(&arguments.manager.log);
	/* systemd names the folders it has made for the service; a daemon started by hand leaves no traces. */
	arguments.manager.state_folder = getenv("STATE_DIRECTORY");
	arguments.manager.run_folder = getenv("RUNTIME_DIRECTORY");
	while ((option = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		switch (option) {
		case 'V':
			puts("ModemManager " QK_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			fputs(help, stdout);
			return EXIT_SUCCESS;
		default:
			if (take_option(&arguments, option, optarg) < 0)
				return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "ModemManager: %s is no option; --help lists them\n", argv[optind]);
		return 2;
	}
	return run(&arguments);
}
