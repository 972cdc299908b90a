/*
 * Bus: calls to the daemon, with JSON in and out.
 *
 * Owns: nothing but the call that is under way. Does not know: what a method does.
 * Lifetime: one call. Called from: everybody who asks the daemon something.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "api/api.h"

#define BUS_NAME "org.freedesktop.ModemManager1"
#define BUS_ROOT "/org/freedesktop/ModemManager1"

/* Why a call failed, as stock says it. */
struct bus_failure {
	bool absent; /* nobody has the daemon's name */
	char text[1024];
};

/* Calls `method` at `path`. `arguments` is an array, borrowed; `ret` gets an array of what it answers. */
int bus_call(sd_bus *bus, const char *path, const struct api_method *method,
	     const json_t *arguments, uint64_t timeout_usec, json_t **ret,
	     struct bus_failure *failure);

/* All managed objects: {PATH: {INTERFACE: {PROPERTY: VALUE}}} */
int bus_objects(sd_bus *bus, json_t **ret, struct bus_failure *failure);

/* The properties of one interface, {PROPERTY: VALUE}. */
int bus_properties(sd_bus *bus, const char *path, const char *interface, json_t **ret,
		   struct bus_failure *failure);
