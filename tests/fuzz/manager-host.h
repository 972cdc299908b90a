/*
 * Manager host: a modem of the daemon on a bus of its own, with a virtual one behind its port, all in one process and
 * with a clock that is told.
 *
 * Owns: the bus, the daemon's modem, the virtual one, the registry. Does not know: what is done to them.
 * Lifetime: zeroed but for `bend`, host_open() to host_close(). Called from: fuzz-manager.c, fuzz-resume.c.
 */
#pragma once

#include <stdbool.h>

#include "manager/modem.h"
#include "manager/registry.h"
#include "sim/control.h"
#include "sim/sim.h"

#define HOST_PATH "/org/freedesktop/ModemManager1"

struct host {
	/* What becomes of a frame of the modem; how often it is sent. NULL: nothing does. */
	unsigned int (*bend)(void *userdata, uint8_t *frame, size_t *size);
	void *userdata;
	sd_event *event;
	struct port_watch *watch;
	struct ticker *ticker;
	sd_bus *server, *client;
	struct api_bus *api;
	struct log log;
	struct registry registry;
	unsigned int bearers, messages, calls, pages;
	struct modem_host host;
	struct modem *modem; /* NULL: it has gone */
	struct qk_sim *sim;
	struct qk_sim_port *port;
	struct qk_control *control;
	struct qk_control_user user;
	uint64_t now_usec;
	int listener, modem_fd;
};

/* Aborts where something does not hold, or cannot be had. */
void host_check(bool holds);
/* `folder`: where what lasts is read from; NULL: nothing lasts. */
void host_open(struct host *h, const char *folder);
void host_close(struct host *h);
/* Until nothing more happens, or for some time of the modem. */
void host_settle(struct host *h);
/* Something happens to the modem: a request of the control socket. */
void host_control(struct host *h, const char *line);
/* Asks for all objects; errors are those that are published. */
void host_list_objects(struct host *h);
/* An answer on the bus whose error, if it is one, is published. */
int host_on_answer(sd_bus_message *message, void *userdata, sd_bus_error *unused);
