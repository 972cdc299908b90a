/*
 * Calls: whether there is a data call on a WDS id, learned from what passes.
 *
 * An id that this broker saw given has a call from a Start Network that succeeded to a Stop Network
 * or a status that says so. What every WDS id hears tells only that the state of some call changed:
 * a doubt, to be settled by asking before the id is released.
 */
#include <qmikit/wds.h>

#include "inside.h"

/* The TLVs of these messages are numbers; lists and texts of the extras are not needed. */
#define ARENA_SIZE 2048

static void set(struct modem *modem, struct lease *lease, enum lease_call call)
{
	if (lease->call == call)
		return;
	lease->call = (uint8_t)call;
	modem->leases.changed = true;
	broker_log(modem->broker, BROKER_DEBUG, "%s: wds client %u: %s", modem->path, lease->id,
		   call == LEASE_CALL_UP ? "a call is up" : "no call is up for certain");
	if (lease->state == LEASE_ORPHAN)
		modem_due_at(modem, modem->broker->now_usec + modem->broker->grace_usec);
}

static void set_by_status(struct modem *modem, struct lease *lease, uint8_t status)
{
	if (status == QK_WDS_CONNECTION_STATUS_DISCONNECTED)
		set(modem, lease, LEASE_CALL_NONE);
	else if (status == QK_WDS_CONNECTION_STATUS_CONNECTED && lease->call == LEASE_CALL_UNSURE)
		set(modem, lease, LEASE_CALL_UP);
}

static void started(struct modem *modem, struct lease *lease, const struct qk_response *response)
{
	if (!response->has_result)
		return;
	/* no effect: the client has one */
	if (response->result.status == 0 || response->result.error == QK_ERROR_NO_EFFECT)
		set(modem, lease, LEASE_CALL_UP);
}

static void stopped(struct modem *modem, struct lease *lease, const struct qk_response *response)
{
	if (response->has_result && response->result.status == 0)
		set(modem, lease, LEASE_CALL_NONE);
}

static void status_told(struct modem *modem, struct lease *lease,
			const struct qk_response *response)
{
	const struct qk_wds_get_packet_service_status_response *status = (const void *)response;

	if (status->has_connection_status)
		set_by_status(modem, lease, status->connection_status);
}

static const struct {
	const struct qk_method *method;
	void (*fn)(struct modem *modem, struct lease *lease, const struct qk_response *response);
} answers[] = {
	{ &qk_wds_start_network_method, started },
	{ &qk_wds_stop_network_method, stopped },
	{ &qk_wds_get_packet_service_status_method, status_told },
};

union decoded {
	struct qk_response response;
	struct qk_wds_start_network_response start;
	struct qk_wds_stop_network_response stop;
	struct qk_wds_get_packet_service_status_response status;
	struct qk_wds_packet_service_status_indication indication;
};

static bool decode(const struct qk_message *message, const struct qk_frame *frame,
		   union decoded *ret)
{
	_Alignas(16) uint8_t memory[ARENA_SIZE];
	struct qk_arena arena = { .base = memory, .size = sizeof(memory) };

	/* what is decoded stays good without the arena: no field of it is used that points there */
	return qk_decode(message, frame->tlvs, &arena, ret) == 0;
}

void call_answered(struct modem *modem, struct lease *lease, const struct qk_frame *frame)
{
	union decoded decoded;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct qk_message *message = answers[i].method->response;

		if (message->id == frame->message && decode(message, frame, &decoded))
			answers[i].fn(modem, lease, &decoded.response);
	}
}

void call_indicated(struct modem *modem, struct lease *lease, const struct qk_frame *frame)
{
	union decoded decoded;

	if (frame->message != qk_wds_packet_service_status_message.id ||
	    !decode(&qk_wds_packet_service_status_message, frame, &decoded) ||
	    !decoded.indication.has_connection_status)
		return;
	if (frame->client != QK_CLIENT_BROADCAST)
		set_by_status(modem, lease, decoded.indication.connection_status.status);
	else if (lease->call == LEASE_CALL_UP)
		set(modem, lease, LEASE_CALL_UNSURE);
}
