/*
 * Control: the methods of the daemon's own object: looking for modems, leaving one alone, logging.
 *
 * Owns: which devices are left alone, and for whom. Does not know: what a modem is.
 * Lifetime: control_open() to control_close(), inside the manager's. Called from: manager.c.
 */
#pragma once

#include "modem.h"

struct manager;
struct inhibition;

/* The table of methods, for the manager's object with the struct manager as userdata. */
extern const struct api_handler control_handlers[];
extern const size_t control_handler_count;

/* Whether the device is left alone; what is known of it is kept then, for later. */
bool control_inhibits(struct manager *manager, const struct modem_description *description);
/* The node of a device that is left alone has gone. */
void control_forget(struct manager *manager, const char *node);
/* Nobody has a device left alone any more. */
void control_close(struct manager *manager);
