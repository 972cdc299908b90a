/*
 * Loop: the event loop of qmi-sim, on epoll. Descriptors, the modems' own time and signals.
 *
 * Owns: the epoll descriptor and that of signals. Does not know: what a face is.
 * Lifetime: qk_sim_loop_open() to qk_sim_loop_close(). Called from: main.c and the faces.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim.h"
#include "queue.h"

#define QK_SIM_MODEMS_MAX 256u

struct qk_sim_source {
	int fd;
	void (*ready)(struct qk_sim_source *source, uint32_t events);
	struct qk_sim_loop *loop;
};

/* Something that has a deadline of its own: `due` runs once after it. */
struct qk_sim_timer {
	uint64_t due_usec; /* QK_SIM_NEVER: not set */
	void (*due)(struct qk_sim_timer *timer);
	struct qk_sim_timer *next;
};

/* Somebody who has something to do after a round of events and before the next wait: to write what has
 * gathered, to ask a library what it waits for. */
struct qk_sim_hook {
	void (*before_wait)(struct qk_sim_hook *hook);
	struct qk_sim_hook *next;
};

struct epoll_event;

struct qk_sim_loop {
	int epoll_fd;
	struct qk_sim_source signals;
	bool stop;
	struct qk_sim *modems[QK_SIM_MODEMS_MAX];
	size_t modem_count;
	struct qk_sim_timer *timers, *next_timer; /* the latter: which to look at next */
	struct qk_sim_hook *hooks;
	struct epoll_event *events; /* of this round; those in front of `event_at` were handled */
	size_t event_at, event_count;
};

uint64_t qk_sim_loop_now(void);

/* Blocks SIGINT, SIGTERM and SIGHUP and takes them as the wish to end. A negative errno on failure. */
int qk_sim_loop_open(struct qk_sim_loop *loop);
void qk_sim_loop_close(struct qk_sim_loop *loop);

/* Watches `source->fd` for `events` (EPOLLIN, EPOLLOUT), or changes what is watched. The source stays
 * where it is until it is removed. */
int qk_sim_loop_add(struct qk_sim_loop *loop, struct qk_sim_source *source, uint32_t events);
int qk_sim_loop_change(struct qk_sim_source *source, uint32_t events);
void qk_sim_loop_remove(struct qk_sim_source *source);

/* Sends what waits in `queue` to a socket, as far as it takes it now. Whether some still waits; a dead
 * socket tells so when it is read. */
bool qk_sim_loop_send(const struct qk_sim_source *socket, struct qk_sim_queue *queue);

void qk_sim_loop_add_timer(struct qk_sim_loop *loop, struct qk_sim_timer *timer);
void qk_sim_loop_remove_timer(struct qk_sim_loop *loop, struct qk_sim_timer *timer);

/* A hook may not remove another one. */
void qk_sim_loop_add_hook(struct qk_sim_loop *loop, struct qk_sim_hook *hook);
void qk_sim_loop_remove_hook(struct qk_sim_loop *loop, struct qk_sim_hook *hook);

/* Runs until a signal. A negative errno on failure. */
int qk_sim_loop_run(struct qk_sim_loop *loop);
