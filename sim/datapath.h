/*
 * Data path: the modem between the host's bulk transfers and the world outside. Takes packets out of
 * transfers and packs them in, finds their data call, lets through what a network lets through, keeps
 * the radio link's rate, latency and loss, and answers what a modem answers itself: DHCP, DNS, router
 * solicitations, pings of the gateway.
 *
 * Owns: the packets on their way, the outside's half of each data call.
 * Does not know: USB, sockets, what is outside, clocks.
 * Lifetime: qk_datapath_new() to qk_datapath_free(), before the modem ends.
 * Called from: the USB device and other faces of the network interface, tests. One thread.
 *
 * What waits for the host is bounded to QK_DATAPATH_QUEUE_MAX bytes in each direction; what comes then
 * is lost and counted as an overflow. The counters are the data call's and the model's (link.h).
 */
#pragma once

#include "inet.h"
#include "sim.h"

#define QK_DATAPATH_QUEUE_MAX ((size_t)512 * 1024)
/* The largest transfer to the host, whatever was negotiated. */
#define QK_DATAPATH_TRANSFER_MAX 32768u

struct qk_datapath;

/* The world behind the modem; all NULL, or no table at all: there is none, and only the modem answers.
 * A function may call qk_datapath_deliver() and nothing else of the data path. */
struct qk_outside {
	/* A data call is up. `flow` names it in qk_datapath_deliver(). NULL: nobody answers there. */
	void *(*open)(void *userdata, struct qk_datapath *datapath, unsigned int flow,
		      const struct qk_inet_config *config);
	/* It is down. */
	void (*close)(void *link);
	/* A packet of the host, checked and borrowed. True: it goes somewhere. */
	bool (*send)(void *link, const struct qk_ip *ip);
};

/* The host's side. `ready` says that qk_datapath_take() will give something; it may be called from it. */
struct qk_datapath_sink {
	void (*ready)(void *userdata);
};

/* `outside` and `sink` (may be NULL) are borrowed; each gets its own userdata. -ENOMEM. */
QK_MUST_CHECK int qk_datapath_new(struct qk_sim *sim, const struct qk_outside *outside,
				  void *outside_userdata, const struct qk_datapath_sink *sink,
				  void *sink_userdata, struct qk_datapath **ret);
/* NULL is fine; returns NULL. */
struct qk_datapath *qk_datapath_free(struct qk_datapath *datapath);

/* One bulk transfer from the host. */
void qk_datapath_input(struct qk_datapath *datapath, struct qk_span transfer);

/* Fills one bulk transfer to the host, which has room for `size` bytes. Its bytes; 0: nothing waits. A
 * packet that does not fit is lost, as on the bus. */
size_t qk_datapath_take(struct qk_datapath *datapath, uint8_t *transfer, size_t size);
/* Whether it would give something. */
bool qk_datapath_waits(const struct qk_datapath *datapath);

/* The host's network interface is gone or reset: what waits for it is forgotten. */
void qk_datapath_clear(struct qk_datapath *datapath);

/* A packet from outside, for the host; borrowed. */
void qk_datapath_deliver(struct qk_datapath *datapath, unsigned int flow, struct qk_span packet);
