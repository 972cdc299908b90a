/*
 * Recorder names: what a device or a socket is by its name.
 *
 * Owns: nothing. Does not know: descriptors, files, whether anything of that name exists.
 * Lifetime: one call each; no allocation, no locale, so that a signal handler may ask.
 * Called from: recorder-watch.c.
 */
#pragma once

#include <stdbool.h>

enum qk_recorder_kind {
	QK_KIND_OTHER,
	QK_KIND_PERHAPS, /* QMUX if the first bytes are a frame */
	QK_KIND_QMUX,
	QK_KIND_QMUXD,
};

struct qk_recorder_name {
	enum qk_recorder_kind kind;
	bool modem_end; /* who opens it stands where the modem stands: what is read goes to the modem */
};

/* A character device by the last part of its path. `globs` are the user's own, separated by colons
 * (NULL: none), which match the whole path. */
struct qk_recorder_name qk_recorder_device(const char *path, const char *globs);

/* A Unix socket by the address that a server is bound to, "@name" for an abstract one. */
struct qk_recorder_name qk_recorder_socket(const char *address, const char *globs);
