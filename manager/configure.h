/*
 * Configure: what the administrator says of a modem, added to what was found.
 *
 * Owns: nothing; the manager has what was read. Does not know: the format of the file.
 * Lifetime: during the call. Called from: manager.c.
 */
#pragma once

#include "manager.h"

/* Reads modems.conf of the folder. What is wrong with it is logged, and the rest stands. */
void configure_read(struct manager *manager, const char *folder);
/* Adds to the description; `imei` is "" as long as it is not known. Whether the modem is to be managed at all. */
bool configure(const struct manager *manager, struct modem_description *description,
	       const char *imei);
/* The bounds within which the modem's connections are brought back. */
void configure_bounds(const struct manager *manager, struct modem *modem);
