/*
 * QRTR nodes: the modems on this kernel's message bus between processors, as its name service tells of them: a node
 * with a DMS server is one, which every QMI modem has.
 *
 * Owns: the socket that hears of servers, the nodes. Does not know: how a node is spoken to.
 * Lifetime: qrtr_nodes_open() to qrtr_nodes_close(), in the discovery. Called from: discovery.c.
 */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "manager.h"

enum { QRTR_NODES_MAX = 16 };

struct qrtr_nodes {
	struct manager *manager;
	sd_event_source *source; /* NULL: nobody listens */
	uint32_t local_node;
	struct {
		uint32_t node, port;
	} nodes[QRTR_NODES_MAX];
	size_t count;
};

/* Listens, where the kernel has the family by now; no module is loaded for it. Again, where it listens already, tells
 * of the nodes that are there. */
void qrtr_nodes_open(struct qrtr_nodes *nodes, struct manager *manager);
void qrtr_nodes_close(struct qrtr_nodes *nodes);
