/*
 * Manager: the daemon's own object, and the modems.
 *
 * Owns: the connection to the bus, the modems, their indices.
 * Does not know: what a modem says.
 * Lifetime: manager_open() to manager_close(), in main(). Called from: main.c, the discovery.
 */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "access.h"
#include "config.h"
#include "hooks.h"
#include "log.h"
#include "modem.h"
#include "registry.h"

struct discovery;
struct inhibition;
struct retry;

struct manager {
	struct log log;
	struct access access;
	struct modem_host host;
	struct registry registry;
	sd_event_source
		*saving; /* of the registry: many modems that come at once are written once */
	struct config config;
	struct hooks hooks;
	sd_event *event;
	struct port_watch *watch;
	struct ticker *ticker;
	sd_bus *bus;
	struct api_bus *api;
	struct api_object *object;
	struct modem *modems;
	struct inhibition *inhibitions;
	struct retry *retries;       /* devices that are tried again */
	struct discovery *discovery; /* NULL: nobody looks */
	unsigned int next_bearer, next_sms, next_call, next_cbm;
};

/* As the command line says. */
struct manager_options {
	struct log log;
	const char *state_folder, *run_folder; /* what lasts is kept there */
	const char *config_folder;             /* what the administrator says */
	bool debug;                            /* what is for developers may be used */
	bool session;                          /* the session's bus, not the system's */
	bool multiplex;                        /* see struct modem_host, as the next */
	unsigned int hurry;
	const char *
		group; /* who may do what concerns modems, where there is no polkit; NULL: the usual one */
};

/* Connects and takes the name. A negative errno with a sentence in `error`. */
QK_MUST_CHECK int manager_open(struct manager *manager, const struct manager_options *options,
			       char *error, size_t error_size);
void manager_close(struct manager *manager);

/* A device with a QMI port is there; one that is known may have other ports now. What cannot be used is tried again. */
void manager_add(struct manager *manager, const struct modem_description *description);
/* The node of a QMI port has gone, and the modem with it. */
void manager_remove(struct manager *manager, const char *node);
/* A device is not to be managed any more. */
void manager_drop(struct manager *manager, const char *uid);
/* Takes a modem off the bus. */
void manager_end(struct manager *manager, struct modem *modem);
