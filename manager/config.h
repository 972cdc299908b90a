/*
 * Config: what an administrator says of single modems, in /etc/ModemManager/modems.conf: a section each, whose name is
 * the modem's.
 *
 * Owns: the sections. Does not know: which modems there are.
 * Lifetime: config_read() to config_free(), in the manager's. Called from: manager.c, discovery.c; the fuzzer.
 *
 * What makes no sense is told with file and line, and left out; the rest stands.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <qmikit/wire.h>

#include "intent.h"

enum { CONFIG_MODEMS_MAX = 256, CONFIG_NAME_MAX = 40 };

struct config_modem {
	char name[CONFIG_NAME_MAX + 1];
	/* Which one; "": that does not matter. One of the three is there. */
	char imei[32], usb_path[64], device[256];
	char at_port[256], net_port[32]; /* "": as they are found */
	bool ignore;
	struct intent_bounds bounds; /* within which its connections are brought back */
	unsigned int line;           /* where it begins */
	unsigned int seen;           /* the keys, by their rows */
};

struct config {
	struct config_modem *modems;
	size_t count;
};

/* A line for the administrator, with the place that it is about. */
typedef void (*config_tell_fn)(void *userdata, const char *text);

/* Reads a file that is open; `path` is for what is told. -ENOMEM, or what reading says. */
QK_MUST_CHECK int config_read(struct config *config, FILE *file, const char *path,
			      config_tell_fn tell, void *userdata);
void config_free(struct config *config);

/* What is said of a modem; NULL: nothing. What is not known of it yet is NULL or "". A device that is said may be a
 * link to the node. */
const struct config_modem *config_find(const struct config *config, const char *imei,
				       const char *usb_path, const char *device);
