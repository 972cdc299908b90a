/*
 * Slirp: the world behind a modem's data calls, by libslirp. Each call is a network of its own on which
 * the gateway is this machine: what the host sends to the gateway's address reaches what listens on
 * this machine's loopback. Nothing goes further unless the program was told to let it.
 *
 * Owns: a libslirp instance for each data call that is up, the sockets in it, their place in the loop.
 * Does not know: QMI, USB, which modem a call belongs to.
 * Lifetime: zeroed, qk_slirp_open() to qk_slirp_close(), which is after the last data path ends.
 * Called from: main.c; datapath.c through qk_slirp_outside.
 */
#pragma once

#include "datapath.h"
#include "loop.h"

struct qk_slirp_socket {
	struct qk_slirp_link *owner; /* NULL: nobody's */
	struct qk_slirp_link *link;  /* NULL: not watched */
	uint32_t events, ready;      /* SLIRP_POLL_* */
	uint32_t round;              /* when libslirp named it last */
};

struct qk_slirp {
	struct qk_sim_loop *loop;
	bool internet; /* packets may go further than this machine */
	struct qk_slirp_link *links;
	struct qk_sim_source source; /* the epoll descriptor of all sockets */
	struct qk_sim_hook hook;
	struct qk_slirp_socket *sockets; /* by descriptor */
	size_t socket_count;
};

/* The functions of a data path's outside; their userdata is the struct qk_slirp. */
extern const struct qk_outside qk_slirp_outside;

/* A negative errno on failure. */
QK_MUST_CHECK int qk_slirp_open(struct qk_slirp *slirp, struct qk_sim_loop *loop, bool internet);
void qk_slirp_close(struct qk_slirp *slirp);
