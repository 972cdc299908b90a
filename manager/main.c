/*
 * ModemManager: the daemon. What it is made of: options.c (the command line), manager.c (the bus, the list of modems),
 * discovery.c and describe.c (how they are found), retry.c (what could not be used), control.c and access.c (what
 * clients may do to it), modem.c and state.c (one modem), operation.c (what takes several answers), initialize.c and
 * sim.c (what is read), radio.c (tables), log.c.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "discovery.h"
#include "options.h"

enum { LARGE = 32 * 1024 };

static int run(const struct options *options)
{
	struct discovery discovery;
	struct manager manager;
	char error[160] = "it could not start";
	int r = manager_open(&manager, &options->manager, error, sizeof(error));

	if (r < 0) {
		fprintf(stderr, "ModemManager: %s\n", error);
		return EXIT_FAILURE;
	}
	discovery_open(&discovery, &manager, options);
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

int main(int argc, char **argv)
{
	struct options options;
	int r = options_read(&options, argc, argv);

	/* A modem takes some 100 KiB: pages of 2 MiB would be memory for nothing, and so would what an answer that was
	 * large for a moment leaves in the heap. */
	(void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
	if (r > 0)
		r = run(&options);
	else if (r < 0)
		r = 2;
	log_close(&options.manager.log);
	return r;
}
