/*
 * QRTR nodes: the modems on this kernel's message bus between processors, as its name service tells of them: a node
 * with a DMS server is one, which every QMI modem has. Servers are announced one by one: a node is told of when it has
 * what no modem does without and nothing more has come for a moment, or after ten seconds with what there is.
 *
 * Owns: the socket that hears of servers, the nodes. Does not know: how a node is spoken to, what is done with it.
 * Lifetime: zero is closed; qrtr_nodes_open() to qrtr_nodes_close(), in the discovery. Called from: discovery.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>
#include <qmikit/wire.h>

enum { QRTR_NODES_MAX = 16 };

struct qrtr_node {
	uint32_t node, port; /* of its DMS server; 0: it has none */
	uint32_t servers;    /* bits: which of those that a modem needs */
	uint64_t since_usec; /* of its first one */
	bool told;
};

struct qrtr_nodes {
	sd_event *event;         /* borrowed */
	sd_event_source *source; /* NULL: nobody listens */
	sd_event_source *timer;  /* until nothing more has come; NULL: there was no node yet */
	uint32_t local_node;
	struct qrtr_node nodes[QRTR_NODES_MAX];
	size_t count;
	void (*found)(void *userdata, uint32_t node);
	void (*gone)(void *userdata, uint32_t node);
	void *userdata;
};

/* Listens, where the kernel has the family by now; no module is loaded for it. Where it listens already, tells of the
 * nodes that are there once more. `event`, `found`, `gone` and `userdata` are set. Negative errno. */
int qrtr_nodes_open(struct qrtr_nodes *nodes);
/* What the name service said. */
void qrtr_nodes_take(struct qrtr_nodes *nodes, const struct qk_qrtr_control *packet);
void qrtr_nodes_close(struct qrtr_nodes *nodes);
