/*
 * Lane: packets that wait for their time, in order: on their way through the air, or for the host to
 * fetch them. Bounded by bytes.
 *
 * Owns: copies of the packets. Does not know: what is in them, data calls, clocks.
 * Lifetime: qk_lane_init() to qk_lane_clear(). Called from: datapath.c, tests.
 */
#pragma once

#include <qmikit/wire.h>

#include "link.h"

/* Of the model's time. So a channel that was slow is soon rid of what waits for it. */
#define QK_LANE_WAIT_USEC 4000000u

struct qk_sim_state;

struct qk_lane_packet {
	struct qk_lane_packet *next;
	uint64_t due_usec;
	unsigned int tag; /* the caller's */
	size_t size;
	uint8_t data[];
};

struct qk_lane {
	struct qk_lane_packet *first, **end;
	size_t bytes, bytes_max;
	uint64_t free_usec; /* when the channel has sent what it was given */
	uint64_t last_usec; /* none of the packets to come is due before */
	uint64_t stream;    /* which packets are lost */
};

void qk_lane_init(struct qk_lane *lane, size_t bytes_max, uint64_t stream);
/* Forgets all packets. */
void qk_lane_clear(struct qk_lane *lane);
/* Forgets those of one tag. */
void qk_lane_forget(struct qk_lane *lane, unsigned int tag);

/* Whether the next packet gets lost on `channel`. The answer costs a number of the seed's stream
 * where it is not always the same. */
bool qk_lane_loses(struct qk_lane *lane, const struct qk_sim_channel *channel);
/* When a packet of `size` bytes that is sent now comes out of `channel`, which is busy with it until
 * then but for the latency. QK_SIM_NEVER: it would wait for more than QK_LANE_WAIT_USEC to be sent, so
 * it is not. */
uint64_t qk_lane_schedule(struct qk_lane *lane, const struct qk_sim_channel *channel,
			  const struct qk_sim_state *state, size_t size);

/* Appends a copy. -ENOBUFS: there is no room; -ENOMEM. */
QK_MUST_CHECK int qk_lane_put(struct qk_lane *lane, uint64_t due_usec, unsigned int tag,
			      struct qk_span packet);
/* The first packet if it is due at `now_usec`, or NULL. */
const struct qk_lane_packet *qk_lane_due(const struct qk_lane *lane, uint64_t now_usec);
/* Takes the first packet, which there is, out. The caller frees it. */
struct qk_lane_packet *qk_lane_take(struct qk_lane *lane);
