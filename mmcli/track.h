/*
 * Track: the daemon's objects, kept as its signals change them: a daemon that ends takes all of them along, and the
 * next one brings its own.
 *
 * Owns: the matches on the bus. Does not know: what an object is for.
 * Lifetime: that of the connection: track_begin() before the objects are read, so that nothing is missed.
 * Called from: follow.c.
 */
#pragma once

#include <jansson.h>
#include <systemd/sd-bus.h>

#include "mmcli/session.h"

/* `object` is {INTERFACE: {PROPERTY: VALUE}}, whole: as it came, as it was when it went. Borrowed. */
typedef void (*track_fn)(void *userdata, const char *path, const json_t *object);

struct track {
	struct session *session; /* borrowed; its objects are changed */
	track_fn came, went;     /* NULL: of no interest */
	void *userdata;
};

/* The structure lives as long as the connection. -EINVAL: it failed, and has said so. */
int track_begin(struct track *track);
