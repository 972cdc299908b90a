/*
 * QRTR: the modem as a node of that bus, as its servers see it. A client is a node and a port, and has its
 * client id in the modem from its first message until it is forgotten.
 *
 * Owns: a port of the modem, the table of clients.
 * Does not know: sockets, descriptors, event loops, clocks, the name service.
 * Lifetime: qk_sim_qrtr_attach() to qk_sim_qrtr_detach(). Called from: the face --qrtr, tests. One thread.
 *
 * There is no CTL. When the modem goes down or boots, all its servers are gone and come back; so it is when
 * a fault makes it hang up.
 */
#pragma once

#include "sim.h"

struct qk_sim_qrtr;

/* Neither function may call into the modem. */
struct qk_sim_qrtr_sink {
	/* A message of the server of `service` to a client; borrowed. */
	void (*message)(void *userdata, uint16_t service, uint32_t node, uint32_t port,
			struct qk_span bytes);
	/* All servers are gone. qk_sim_qrtr_restart() tells whether there are new ones. */
	void (*restart)(void *userdata);
};

/* -ENOMEM. */
QK_MUST_CHECK int qk_sim_qrtr_attach(struct qk_sim *sim, const struct qk_sim_qrtr_sink *sink,
				     void *userdata, struct qk_sim_qrtr **ret);
/* Releases the ids of its clients. NULL is fine; returns NULL. */
struct qk_sim_qrtr *qk_sim_qrtr_detach(struct qk_sim_qrtr *qrtr);

/* Nobody is a client any more. Whether the modem offers its services now; if not, the sink is called when
 * it does. */
bool qk_sim_qrtr_restart(struct qk_sim_qrtr *qrtr);

/* The services that it offers, each with its version: `index` from 0; false: that was the last. */
bool qk_sim_qrtr_service(const struct qk_sim_qrtr *qrtr, size_t index, uint16_t *ret_service,
			 uint16_t *ret_version);

/* One message to the server of `service`. What is none is dropped. */
void qk_sim_qrtr_input(struct qk_sim_qrtr *qrtr, uint16_t service, uint32_t node, uint32_t port,
		       struct qk_span bytes);

/* The port is gone, or (`whole_node`) all of its node. */
void qk_sim_qrtr_forget(struct qk_sim_qrtr *qrtr, uint32_t node, uint32_t port, bool whole_node);
