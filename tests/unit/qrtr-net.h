/*
 * A made-up QRTR: each of its sockets is one end of a pair, and the test has the other. In front of each
 * datagram is its node and port.
 *
 * Owns: the test's ends. Does not know: who offers what; the test plays the name service and the servers.
 * Lifetime: the test's, zeroed at first, qrtr_world_done() at last.
 * Called from: the unit tests of the QRTR transport.
 */
#pragma once

#include "lib/transport/qrtr.h"

#define QRTR_WORLD_MAX 300
#define QRTR_WORLD_NODE 1
/* A datagram from this node is an error of the socket, the port its errno. */
#define QRTR_WORLD_ERROR 0xffffffffu

struct qrtr_world {
	int peers[QRTR_WORLD_MAX]; /* in the order they were opened: the control socket first */
	size_t count;
	int open_error; /* negative: opening fails with it */
};

extern const struct qk_qrtr_net qrtr_world_net; /* its context is the world */

/* A datagram to the socket `socket` from a node and a port; false when it takes none. */
bool qrtr_world_try(const struct qrtr_world *world, size_t socket, uint32_t node, uint32_t port,
		    const void *bytes, size_t size);
/* The same; the test fails when it takes none. */
void qrtr_world_say(const struct qrtr_world *world, size_t socket, uint32_t node, uint32_t port,
		    const void *bytes, size_t size);
/* A packet of the name service to the control socket. */
void qrtr_world_control(const struct qrtr_world *world, const struct qk_qrtr_control *control);
/* What the socket has sent: its bytes, and whom to. The test fails when there is nothing. */
size_t qrtr_world_hear(const struct qrtr_world *world, size_t socket, uint32_t *ret_node,
		       uint32_t *ret_port, uint8_t *buffer, size_t size);
bool qrtr_world_is_closed(const struct qrtr_world *world, size_t socket);
void qrtr_world_done(struct qrtr_world *world);
