/*
 * Shell, places: what else of the modem's own Linux stands at its place for a command: the socket of its qmuxd
 * in /var, the recorder as /home/root/qmuxd_wrapper.so, the programs in the PATH.
 *
 * Owns: nothing. Does not know: the gadget, the command.
 * Lifetime: found, then made in a mount namespace of our own.
 * Called from: shell.c. One process.
 *
 * A folder that gets something is covered by an empty one in which all that was in it is mounted again; what
 * the command makes there beside that is gone with it.
 */
#pragma once

#include <limits.h>

#include "ctl-link.h"

struct qk_shell_places {
	char recorder[PATH_MAX], socket[PATH_MAX]; /* empty: there is none */
	char programs[PATH_MAX]; /* the folder of this program and those beside it */
};

/* Looks for what can be shown. 0, or an exit status after a line on standard error. */
int qk_shell_places_find(struct qk_shell_places *places, struct qk_ctl_link *link,
			 json_int_t modem);
/* Shows it; what cannot be has a line on standard error. */
void qk_shell_places_make(const struct qk_shell_places *places);

/* Puts the folder of the programs first in the PATH of this process. */
void qk_shell_places_set_path(const struct qk_shell_places *places);
