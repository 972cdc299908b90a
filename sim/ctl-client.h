/*
 * Ctl: the client of the control socket, as a verb of qmi-sim.
 *
 * Owns: nothing. Does not know: modems; the rows of requests it has from control-table.h.
 * Lifetime: one call. Called from: main.c.
 */
#pragma once

/* Exit statuses besides 0. */
enum {
	QK_CTL_REFUSED = 1, /* or the socket cannot be reached */
	QK_CTL_USAGE = 2,
	QK_CTL_TIMEOUT = 3, /* what was waited for did not happen */
};

/* `qmi-sim ctl PATH REQUEST...`, argv from "ctl" on. The exit status. */
int qk_ctl_main(int argc, char **argv);
