/*
 * Face, pty: a character device at a path, whatever is spoken on it.
 *
 * Owns: the terminal, its symlink, what waits to be read.
 * Does not know: what the bytes mean; the speaker does.
 * Lifetime: opened by a face of it, closed as a face. Called from: face-pty.c (QMI) and face-at.c.
 */
#pragma once

#include "face.h"

struct qk_sim_pty;

/* The modem's side of a pty. */
struct qk_sim_pty_speaker {
	/* 0 and a port of its own kind, or a negative errno. */
	int (*attach)(struct qk_sim *sim, struct qk_sim_pty *pty, void **ret_port);
	void (*detach)(void *port);
	void (*input)(void *port, struct qk_span bytes);
	/* The last one who had it open has closed it. */
	void (*reset)(void *port);
};

/* 0, or a negative errno with one line in `error`. */
int qk_sim_pty_open(struct qk_sim_loop *loop, struct qk_sim *sim,
		    const struct qk_sim_pty_speaker *speaker, const char *path,
		    struct qk_sim_face **ret, char *error, size_t error_size);

/* The modem says something; it is lost while nobody has the pty open. */
void qk_sim_pty_say(struct qk_sim_pty *pty, struct qk_span bytes);
