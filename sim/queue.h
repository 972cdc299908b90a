/*
 * Queue: what the modem said and nobody has read yet. Bounded: what does not fit is lost and counted.
 *
 * Owns: its buffer. Does not know: frames' contents, descriptors.
 * Lifetime: zeroed to qk_sim_queue_done(). Called from: transport.c and the faces of qmi-sim.
 */
#pragma once

#include <qmikit/wire.h>

/* Room for four of the largest frames, or for thousands of usual ones. */
#define QK_SIM_QUEUE_MAX ((size_t)4 * QK_FRAME_MAX)

struct qk_sim_queue {
	uint8_t *data;
	size_t start, end, capacity;
	uint64_t lost; /* pieces that did not fit */
};

/* Appends all of `bytes` or loses them. */
void qk_sim_queue_put(struct qk_sim_queue *queue, struct qk_span bytes);
/* What waits, oldest first; borrowed until the next call. */
struct qk_span qk_sim_queue_waiting(const struct qk_sim_queue *queue);
/* The first `size` bytes were taken. */
void qk_sim_queue_drop(struct qk_sim_queue *queue, size_t size);
void qk_sim_queue_clear(struct qk_sim_queue *queue);
void qk_sim_queue_done(struct qk_sim_queue *queue);
