/*
 * ModemManager: the daemon. What it is made of: manager.c (the bus, the list of modems), discovery.c (how they are
 * found), modem.c and state.c (one
 * modem), operation.c (what takes several answers), initialize.c and sim.c (what is read), radio.c (tables).
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery.h"

static const char help[] = "usage: ModemManager [OPTION]...\n"
			   "\n"
			   "Manages the modems of this machine for clients on the system bus.\n"
			   "\n"
			   "  --device=PATH  manage the QMI port at PATH, such as a pty\n"
			   "  -V, --version  show the version\n"
			   "  -h, --help     show this help\n";

static const struct option options[] = {
	{ "device", required_argument, NULL, 'd' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* A device that is named by hand: its path is all that is known. */
static void add_device(struct manager *manager, const char *path)
{
	struct modem_description d = { .plugin = "generic", .port_count = 1 };
	const char *name = strrchr(path, '/');

	snprintf(d.qmi, sizeof(d.qmi), "%s", path);
	snprintf(d.device, sizeof(d.device), "%s", path);
	snprintf(d.uid, sizeof(d.uid), "%.63s", path);
	snprintf(d.ports[0].name, sizeof(d.ports[0].name), "%.63s", name ? name + 1 : path);
	d.ports[0].type = MM_MODEM_PORT_TYPE_QMI;
	manager_add(manager, &d);
}

static int run(const char *const *devices, size_t count)
{
	struct discovery discovery;
	struct manager manager;
	char error[160] = "it could not start";
	int r = manager_open(&manager, error, sizeof(error));

	if (r < 0) {
		fprintf(stderr, "ModemManager: %s\n", error);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < count; i++)
		add_device(&manager, devices[i]);
	/* A container without udev has the devices that are named. */
	r = discovery_open(&discovery, &manager);
	if (r < 0)
		fprintf(stderr, "ModemManager: devices are not looked for: %s\n", strerror(-r));
	r = sd_event_set_signal_exit(manager.event, true);
	if (r >= 0)
		r = sd_event_loop(manager.event);
	if (r < 0)
		fprintf(stderr, "ModemManager: the event loop ended: %s\n", strerror(-r));
	discovery_close(&discovery);
	manager_close(&manager);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	enum { DEVICES_MAX = 64 };
	const char *devices[DEVICES_MAX];
	size_t count = 0;
	int option;

	while ((option = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		switch (option) {
		case 'd':
			if (count == DEVICES_MAX) {
				fprintf(stderr, "ModemManager: more than %d devices\n",
					DEVICES_MAX);
				return 2;
			}
			devices[count++] = optarg;
			break;
		case 'V':
			puts("ModemManager " QK_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			fputs(help, stdout);
			return EXIT_SUCCESS;
		default:
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "ModemManager: %s is no option; --help lists them\n", argv[optind]);
		return 2;
	}
	return run(devices, count);
}
