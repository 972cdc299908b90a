/*
 * Listener: a Unix socket that waits for connections, for the faces of qmi-sim that serve
 * several at one time.
 *
 * Owns: the listening descriptor and its path in the file system. Does not know: what is spoken.
 * Lifetime: qk_sim_listener_open() to qk_sim_listener_close(). Called from: face-unix.c,
 * control-socket.c.
 */
#pragma once

#include <sys/un.h>

#include "loop.h"

struct qk_sim_listener {
	struct qk_sim_source socket;
	struct qk_sim_timer full;
	struct sockaddr_un address;
	bool bound;
	bool packets; /* SOCK_SEQPACKET; else SOCK_STREAM. Set before it is opened */
	/* Takes a new connection and its descriptor, whatever it returns; a negative errno: not now. */
	int (*take)(struct qk_sim_listener *listener, int take_fd);
	/* How many connections there may be, and are: kept by who takes them. */
	unsigned int limit, count;
};

/* Listens at `path`, in place of a socket that nobody listens on any more. A negative errno; close it
 * in any case. */
int qk_sim_listener_open(struct qk_sim_listener *listener, struct qk_sim_loop *loop,
			 const char *path);
void qk_sim_listener_close(struct qk_sim_listener *listener, struct qk_sim_loop *loop);
