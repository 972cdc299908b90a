/*
 * Lane: a list of packets and when they are due (see lane.h).
 */
#include "lane.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "seed.h"
#include "state.h"

void qk_lane_init(struct qk_lane *lane, size_t bytes_max, uint64_t stream)
{
	*lane = (struct qk_lane){ .bytes_max = bytes_max, .stream = stream };
	lane->end = &lane->first;
}

struct qk_lane_packet *qk_lane_take(struct qk_lane *lane)
{
	struct qk_lane_packet *packet = lane->first;

	lane->first = packet->next;
	if (!lane->first)
		lane->end = &lane->first;
	lane->bytes -= packet->size;
	return packet;
}

void qk_lane_clear(struct qk_lane *lane)
{
	while (lane->first)
		free(qk_lane_take(lane));
	lane->free_usec = lane->last_usec = 0;
}

void qk_lane_forget(struct qk_lane *lane, unsigned int tag)
{
	struct qk_lane_packet **at = &lane->first;

	while (*at) {
		struct qk_lane_packet *packet = *at;

		if (packet->tag != tag) {
			at = &packet->next;
			continue;
		}
		*at = packet->next;
		lane->bytes -= packet->size;
		free(packet);
	}
	lane->end = at;
}

bool qk_lane_loses(struct qk_lane *lane, const struct qk_sim_channel *channel)
{
	return channel->loss_ppm && qk_sim_below(&lane->stream, 1000000) < channel->loss_ppm;
}

uint64_t qk_lane_schedule(struct qk_lane *lane, const struct qk_sim_channel *channel,
			  const struct qk_sim_state *state, size_t size)
{
	uint64_t delay = channel->latency_usec, busy = 0;

	if (channel->rate_bps)
		busy = (uint64_t)size * 8 * 1000000 / channel->rate_bps;
	/* what the packet waits for the ones before it is in the model's time already */
	uint64_t start = lane->free_usec > state->now_usec ? lane->free_usec : state->now_usec;
	if (start > qk_sim_after(state, QK_LANE_WAIT_USEC))
		return QK_SIM_NEVER;
	lane->free_usec = start + (qk_sim_after(state, busy) - state->now_usec);
	uint64_t due = lane->free_usec + (qk_sim_after(state, delay) - state->now_usec);
	if (due > lane->last_usec)
		lane->last_usec = due;
	return lane->last_usec;
}

int qk_lane_put(struct qk_lane *lane, uint64_t due_usec, unsigned int tag, struct qk_span bytes)
{
	struct qk_lane_packet *packet;

	if (bytes.size > lane->bytes_max - lane->bytes)
		return -ENOBUFS;
	packet = malloc(sizeof(*packet) + bytes.size);
	if (!packet)
		return -ENOMEM;
	*packet = (struct qk_lane_packet){ .due_usec = due_usec, .tag = tag, .size = bytes.size };
	if (bytes.size)
		memcpy(packet->data, bytes.data, bytes.size);
	*lane->end = packet;
	lane->end = &packet->next;
	lane->bytes += bytes.size;
	return 0;
}

const struct qk_lane_packet *qk_lane_due(const struct qk_lane *lane, uint64_t now_usec)
{
	return lane->first && lane->first->due_usec <= now_usec ? lane->first : NULL;
}
