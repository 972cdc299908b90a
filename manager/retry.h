/*
 * Retry: devices without a modem though their port is still there: the broker ended, the port hung up, or nothing
 * answered. They are tried again, soon at first and then once a minute, until the port leaves.
 *
 * Owns: what was tried, how often, and the timers. Does not know: modems; why a port is of interest.
 * Lifetime: one for each device, from the first failure until its port leaves; all end with retry_close().
 * Called from: manager.c.
 */
#pragma once

#include "manager.h"

/* The port is in use no more. `shared`: the broker had it, and is waited for at first, since a broker that starts
 * again has kept the client ids. What went wrong is logged when it is news; `error` 0: nothing did, it begins anew. */
void retry_later(struct manager *manager, const struct modem_description *description, bool shared,
		 const char *what, int error);
/* A modem that was tried again is what it was: the next failure is news. */
void retry_worked(struct manager *manager, const char *uid);
/* Whether only the broker's way is to be tried just now. */
bool retry_wants_broker(const struct manager *manager, const char *uid);
/* Something else tries now. */
void retry_stop(struct manager *manager, const char *uid);
/* The port has left. */
void retry_forget(struct manager *manager, const char *node);
void retry_close(struct manager *manager);
