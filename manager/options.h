/*
 * Options: the command line of the daemon. It has what ModemManager's has, so that a unit or a script that starts the
 * one starts the other.
 *
 * Owns: nothing; strings are those of argv and of the environment. Does not know: what an option does.
 * Lifetime: options_read(), in main(). Called from: main.c.
 */
#pragma once

#include "manager.h"

enum { OPTIONS_DEVICES_MAX = 64 };

struct options {
	struct manager_options manager;
	struct {
		const char *path, *at_port; /* of AT: NULL: none was named */
	} devices[OPTIONS_DEVICES_MAX];
	size_t device_count;
	const char *kernel_events; /* the file of what is reported at the start */
	bool no_scan, no_udev, no_qrtr;
	bool allowlist_only; /* of what udev has, only what it says is to be managed */
};

/* 1: it is to run. 0: all was said that was asked for. -EINVAL: a sentence about what is wrong was printed. */
QK_MUST_CHECK int options_read(struct options *options, int argc, char **argv);
