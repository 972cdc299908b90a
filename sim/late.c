/*
 * Late: requests that wait for their answer (see modem.h).
 */
#include <stdlib.h>
#include <string.h>

#include "modem.h"

uint16_t qk_sim_later(struct qk_sim_call *call, uint64_t due_usec, uint32_t wake, uint32_t tag)
{
	struct qk_sim *sim = call->sim;
	const struct qk_frame *frame = call->frame;

	if (sim->late_count == QK_SIM_LATE_MAX)
		return QK_ERROR_NO_MEMORY;
	uint8_t *tlvs = malloc(frame->tlvs.size + 1);
	if (!tlvs)
		return QK_ERROR_NO_MEMORY;
	if (frame->tlvs.size)
		memcpy(tlvs, frame->tlvs.data, frame->tlvs.size);
	struct qk_sim_late *late = &sim->late[sim->late_count++];
	*late = (struct qk_sim_late){
		.port = call->port,
		.frame = *frame,
		.tlvs = tlvs,
		.due_usec = due_usec,
		.wake = wake,
		.tag = tag,
	};
	late->frame.tlvs = (struct qk_span){ tlvs, frame->tlvs.size };
	return QK_SIM_LATER;
}

/* Takes the request out of the list; its TLVs are the caller's. */
static struct qk_sim_late take(struct qk_sim *sim, size_t index)
{
	struct qk_sim_late late = sim->late[index];

	memmove(&sim->late[index], &sim->late[index + 1],
		(--sim->late_count - index) * sizeof(late));
	return late;
}

struct qk_sim_late *qk_sim_late_find(struct qk_sim *sim, const struct qk_sim_client *client,
				     uint16_t transaction)
{
	for (size_t i = 0; i < sim->late_count; i++) {
		const struct qk_frame *frame = &sim->late[i].frame;
		if (frame->service == client->service && frame->client == client->id &&
		    frame->transaction == transaction)
			return &sim->late[i];
	}
	return NULL;
}

void qk_sim_late_refuse(struct qk_sim *sim, struct qk_sim_late *late, uint16_t error)
{
	struct qk_sim_late taken = take(sim, (size_t)(late - sim->late));

	qk_sim_answer_result(taken.port, &taken.frame, error);
	free(taken.tlvs);
}

void qk_sim_late_forget(struct qk_sim *sim, const struct qk_sim_port *port,
			const struct qk_sim_client *client)
{
	size_t i = 0;

	while (i < sim->late_count) {
		const struct qk_sim_late *late = &sim->late[i];
		bool other = (port && late->port != port) ||
			     (client && (late->frame.service != client->service ||
					 late->frame.client != client->id));
		if (other)
			i++;
		else
			free(take(sim, i).tlvs);
	}
}

void qk_sim_late_run(struct qk_sim *sim, uint32_t changed)
{
	/* a request that is put off once more waits for the next round; and any handler may make
	 * the list another one */
	for (size_t i = 0; i < sim->late_count; i++)
		sim->late[i].ready = sim->late[i].due_usec <= sim->state.now_usec ||
				     (sim->late[i].wake & changed);
	size_t i = 0;
	while (i < sim->late_count) {
		if (!sim->late[i].ready) {
			i++;
			continue;
		}
		struct qk_sim_late late = take(sim, i);
		qk_sim_request_again(sim, &late);
		free(late.tlvs);
		i = 0;
	}
}

uint64_t qk_sim_late_next_usec(const struct qk_sim *sim)
{
	uint64_t next = QK_SIM_NEVER;

	for (size_t i = 0; i < sim->late_count; i++)
		if (sim->late[i].due_usec < next)
			next = sim->late[i].due_usec;
	return next;
}
