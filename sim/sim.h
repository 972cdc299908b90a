/*
 * Sim: one virtual modem. Bytes of its QMI port go in and come out; time is told, never asked.
 *
 * Owns: the state, the client ids, late answers and what came in as half a frame.
 * Does not know: files, descriptors, event loops, clocks.
 * Lifetime: qk_sim_new() to qk_sim_free(); its ports end with it at the latest.
 * Called from: transport.c (in-process), the faces of qmi-sim, tests. One thread.
 *
 * Several ports may be attached to one modem. Each is a byte stream of its own; the client ids belong
 * to the modem, whoever speaks. An indication goes to the port on which its client spoke last.
 * Input is bounded to one frame a port. Output goes to the sink at once; the sink bounds its queue.
 */
#pragma once

#include <qmikit/wire.h>

#include "profile.h"

struct qk_sim;
struct qk_sim_port;

/* Where a port's output goes. Neither function may call into the modem. */
struct qk_sim_sink {
	/* One frame, or what a fault made of it; borrowed. */
	void (*bytes)(void *userdata, struct qk_span bytes);
	/* The modem hangs up: nothing more comes on this port until qk_sim_port_reset(). */
	void (*hang_up)(void *userdata);
};

/* A modem of `profile` (borrowed) that is up at `now_usec`. -ENOMEM. */
QK_MUST_CHECK int qk_sim_new(const struct qk_sim_profile *profile, uint64_t seed, uint64_t now_usec,
			     struct qk_sim **ret);
/* NULL is fine; returns NULL. */
struct qk_sim *qk_sim_free(struct qk_sim *sim);

/* -ENOMEM. */
QK_MUST_CHECK int qk_sim_attach(struct qk_sim *sim, const struct qk_sim_sink *sink, void *userdata,
				struct qk_sim_port **ret);
/* The port is gone; its clients keep their ids. NULL is fine; returns NULL. */
struct qk_sim_port *qk_sim_detach(struct qk_sim_port *port);

/* Somebody else opens the port: half a frame and late answers are forgotten. */
void qk_sim_port_reset(struct qk_sim_port *port);

/* Bytes from the host, in any cut. */
void qk_sim_input(struct qk_sim_port *port, struct qk_span bytes);

/* When the modem will do something by itself; QK_SIM_NEVER: not without input. */
uint64_t qk_sim_next_usec(const struct qk_sim *sim);
/* Tells the time and lets happen what is due. */
void qk_sim_advance(struct qk_sim *sim, uint64_t now_usec);

/* The model, to look at or to change by the functions of state.h; then call qk_sim_notify(). */
struct qk_sim_state *qk_sim_state(struct qk_sim *sim);
/* Tells the subscribers what has changed. */
void qk_sim_notify(struct qk_sim *sim);

/* Somebody who wants to know what changes in the model and may have a deadline of his own: an AT port, a
 * face, the control socket. He owns the struct and takes it back before the modem ends. */
struct qk_sim_watcher {
	/* QK_SIM_CHANGED_*, after the QMI clients were told. May change the model again. */
	void (*changed)(struct qk_sim_watcher *watcher, uint32_t changed);
	/* The time `due_usec` has come; it is QK_SIM_NEVER again by then. */
	void (*due)(struct qk_sim_watcher *watcher);
	uint64_t due_usec;
	struct qk_sim_watcher *next;
};

/* Sets `due_usec` to QK_SIM_NEVER. Watchers may be added and removed while watchers are called. */
void qk_sim_add_watcher(struct qk_sim *sim, struct qk_sim_watcher *watcher);
void qk_sim_remove_watcher(struct qk_sim *sim, struct qk_sim_watcher *watcher);

/* Arms a fault behind those that are armed. -ENOBUFS when QK_SIM_FAULTS_MAX are. */
QK_MUST_CHECK int qk_sim_arm(struct qk_sim *sim, const struct qk_sim_fault *fault);

/* How many client ids of `service` are allocated. */
size_t qk_sim_client_count(const struct qk_sim *sim, uint8_t service);
/* The i-th client id that is allocated, in no order; false: there are not so many. */
bool qk_sim_client_at(const struct qk_sim *sim, size_t i, uint8_t *ret_service, uint8_t *ret_id);
