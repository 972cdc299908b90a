/*
 * Hooks: programs of the administrator that are run when something happens to a modem, from the folders that
 * ModemManager has for them: connection.d (a connection went up or down), fcc-unlock.d (a modem will not turn its radio
 * on before it was unlocked) and modem-setup.d (a modem came).
 *
 * Owns: the programs that run, and those that wait for their turn. Does not know: what they do.
 * Lifetime: hooks_open() to hooks_close(), in the manager's. Called from: bearer.c, power.c, initialize.c.
 *
 * Only a regular file of root's is run that nobody else may write to, in a folder of which the same holds; one that
 * takes longer than 5 s is killed with all that it has started. Its output goes nowhere, as with ModemManager.
 */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "log.h"

struct modem;
struct hook_run;

struct hooks {
	const struct log *log;
	sd_event *event;
	const char *folders[2]; /* the administrator's, then the packages' */
	struct hook_run *runs;
};

/* How it ended. `status` is 0, or -ENOENT where there is no such program, else negative, and was told. */
typedef void (*hook_done_fn)(void *userdata, int status);

/* Blocks SIGCHLD. */
void hooks_open(struct hooks *hooks, sd_event *event, const struct log *log, const char *folder);
/* Kills what runs; no end is told. */
void hooks_close(struct hooks *hooks);

/* Runs all of connection.d, one after the other by their names. */
void hooks_tell_connection(struct hooks *hooks, const char *modem, const char *bearer,
			   const char *interface, bool connected);
/* Runs the program of `folder` (fcc-unlock.d, modem-setup.d) whose name is the modem's vid:pid, with `subject` (its
 * path on the bus, or in sysfs) and the names of its control ports. `fn` runs later, also where there is none. */
void hooks_run_for_modem(struct hooks *hooks, const struct modem *modem, const char *folder,
			 const char *subject, hook_done_fn fn, void *userdata);
