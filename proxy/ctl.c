/*
 * CTL: the requests that hand out ids. Allocations and releases are noted; Sync frees the ids of the
 * peer that asks, not those of others; everything else passes with another transaction id.
 */
#include <errno.h>
#include <string.h>
#include <qmikit/ctl.h>

#include "inside.h"

/* Where the transaction id of CTL stands in a frame. */
#define TRANSACTION_AT (QK_QMUX_HEADER + 1)

enum {
	CTL_ALLOCATE_CID = 0x0022,
	CTL_RELEASE_CID = 0x0023,
	CTL_REVOKE_CLIENT_ID = 0x0024,
	CTL_INVALID_CLIENT_ID = 0x0025,
	CTL_SYNC = 0x0027,
	CTL_INTERNAL = 0xff00, /* and above: never a modem's */
};

static uint16_t answer_error(const struct qk_frame *frame)
{
	struct qk_cursor c = qk_cursor(frame->tlvs);
	struct qk_tlv tlv;

	while (qk_cursor_tlv(&c, &tlv)) {
		struct qk_cursor value = qk_cursor(tlv.value);
		uint64_t status = qk_cursor_uint(&value, 2, false);
		uint64_t error = qk_cursor_uint(&value, 2, false);

		if (tlv.type == 0x02)
			return status || value.error ? (uint16_t)error : 0;
	}
	return QK_ERROR_MALFORMED_MESSAGE;
}

/* The first `count` bytes of TLV 0x01, which holds the service, or service and id. */
static bool first_tlv(const struct qk_frame *frame, size_t count, uint8_t ret[2])
{
	struct qk_cursor c = qk_cursor(frame->tlvs);
	struct qk_tlv tlv;

	while (qk_cursor_tlv(&c, &tlv)) {
		if (tlv.type != 0x01)
			continue;
		if (tlv.value.size < count)
			return false;
		memcpy(ret, tlv.value.data, count);
		return true;
	}
	return false;
}

/* A copy of a CTL frame with another transaction id, to the modem. */
static int send_as(struct modem *modem, struct qk_span bytes, uint8_t transaction)
{
	uint8_t copy[1024];

	if (bytes.size > sizeof(copy))
		return -EMSGSIZE;
	memcpy(copy, bytes.data, bytes.size);
	copy[TRANSACTION_AT] = transaction;
	return modem_send(modem, (struct qk_span){ copy, bytes.size });
}

static bool pass_on(struct peer *peer, const struct qk_frame *frame, struct qk_span bytes,
		    const struct ctl_request *request)
{
	struct modem *modem = peer->modem;
	uint8_t id = ctl_map_take(&modem->ctl, peer, peer->broker->now_usec);

	if (!id)
		return false;
	/* before it is sent: the modem may be gone with that */
	ctl_map_put(&modem->ctl, id, request);

	int r = send_as(modem, bytes, id);

	if (r == -EMSGSIZE || r == -ENOBUFS) {
		struct ctl_request undone;

		ctl_map_answer(&modem->ctl, id, &undone);
		peer_answer(peer, frame, QK_ERROR_ARGUMENT_TOO_LONG);
	}
	return true;
}

/* A request of the broker's own, about one id or service. */
static int send_own(struct modem *modem, uint8_t transaction, uint16_t message,
		    struct qk_span value)
{
	uint8_t buffer[64];
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));
	struct qk_frame frame = { .type = QK_REQUEST, .message = message };

	frame.transaction = transaction;

	size_t mark = qk_frame_begin(&w, &frame);
	size_t tlv = qk_write_tlv_begin(&w, 0x01);

	qk_write_bytes(&w, value.data, value.size);
	qk_write_tlv_end(&w, tlv);

	int size = qk_frame_end(&w, mark);

	return size < 0 ? size : modem_send(modem, (struct qk_span){ buffer, (size_t)size });
}

/* Allocating. */

static bool allocate(struct peer *peer, const struct qk_frame *frame, struct qk_span bytes)
{
	struct ctl_request request = {
		.peer = peer,
		.sent_usec = peer->broker->now_usec,
		.kind = CTL_ALLOCATE,
		.transaction = (uint8_t)frame->transaction,
	};
	uint8_t service[2];

	if (!first_tlv(frame, 1, service)) {
		peer_answer(peer, frame, QK_ERROR_MALFORMED_MESSAGE);
		return true;
	}
	request.service = service[0];
	return pass_on(peer, frame, bytes, &request);
}

/* Asks again for a peer, now that an id was given back. */
static void allocate_again(struct modem *modem, const struct ctl_request *waiting)
{
	struct ctl_request request = {
		.peer = waiting->peer,
		.sent_usec = modem->broker->now_usec,
		.kind = CTL_ALLOCATE,
		.transaction = waiting->transaction,
		.service = waiting->allocate,
	};
	uint8_t id = ctl_map_take(&modem->ctl, NULL, modem->broker->now_usec);

	if (!id) {
		struct qk_frame frame = { .transaction = waiting->transaction,
					  .message = CTL_ALLOCATE_CID };

		peer_answer(waiting->peer, &frame, QK_ERROR_CLIENT_IDS_EXHAUSTED);
		return;
	}
	ctl_map_put(&modem->ctl, id, &request);
	(void)!send_own(modem, id, CTL_ALLOCATE_CID, (struct qk_span){ &request.service, 1 });
}

/* The lease of an id that the modem has just given. What was known of the id before is over. */
static struct lease *given(struct modem *modem, uint8_t service, uint8_t id)
{
	struct lease *old = lease_find(&modem->leases, service, id);

	if (old) {
		broker_log(modem->broker, BROKER_NOTE,
			   "%s: the modem gave service %u client %u, which was in use", modem->path,
			   service, id);
		lease_remove(&modem->leases, old);
	}
	modem->broker->counters.allocated++;
	return lease_add(&modem->leases, service, id);
}

/* The answer to an allocation was good. False where the peer cannot have it. */
static bool note_given(struct modem *modem, struct peer *peer, const struct qk_frame *frame)
{
	uint8_t client[2];
	struct lease *lease;

	if (!first_tlv(frame, 2, client) || client[0] == QK_SERVICE_CTL)
		return true;
	lease = given(modem, client[0], client[1]);
	if (!lease)
		return true; /* without memory; the first use takes it up */
	if (peer) {
		lease_hold(lease, peer, &peer->leases, modem->broker->now_usec);
		if (lease_name(lease, peer->name) < 0)
			broker_log(modem->broker, BROKER_NOTE, "out of memory");
		return true;
	}
	lease_orphan(&modem->leases, lease, modem->broker->now_usec);
	if (!ctl_reclaim(modem, lease, NULL, 0, 0))
		modem_due_at(modem, modem->broker->now_usec + modem->broker->grace_usec);
	return false;
}

/* No id is left: an orphan goes, and the peer waits for that. False when there is none. */
static bool make_room(struct modem *modem, const struct ctl_request *request)
{
	struct lease *lease = lease_to_give_up(&modem->leases, request->service);

	if (!lease || !request->peer)
		return false;
	broker_log(modem->broker, BROKER_NOTE,
		   "%s: no ids left; the orphan service %u client %u is released early",
		   modem->path, lease->service, lease->id);
	return ctl_reclaim(modem, lease, request->peer, request->transaction, request->service);
}

/* Releasing. */

bool ctl_reclaim(struct modem *modem, struct lease *lease, struct peer *peer, uint8_t transaction,
		 uint8_t service)
{
	struct broker *broker = modem->broker;
	struct ctl_request request = {
		.peer = peer,
		.sent_usec = broker->now_usec,
		.kind = CTL_RECLAIM,
		.transaction = transaction,
		.service = lease->service,
		.id = lease->id,
		.allocate = service,
	};
	uint8_t client[2] = { lease->service, lease->id };
	uint8_t id = ctl_map_take(&modem->ctl, NULL, broker->now_usec);

	if (!id || modem_is_full(modem))
		return false;
	ctl_map_put(&modem->ctl, id, &request);
	lease_releasing(&modem->leases, lease, broker->now_usec);
	modem_due_at(modem, broker->now_usec + CTL_PATIENCE_USEC);
	broker->counters.reclaimed++;
	(void)!send_own(modem, id, CTL_RELEASE_CID, (struct qk_span){ client, sizeof(client) });
	return true;
}

static bool release(struct peer *peer, const struct qk_frame *frame, struct qk_span bytes)
{
	struct ctl_request request = {
		.peer = peer,
		.sent_usec = peer->broker->now_usec,
		.kind = CTL_RELEASE,
		.transaction = (uint8_t)frame->transaction,
	};
	struct modem *modem = peer->modem;
	struct lease *lease;
	uint8_t client[2];

	if (!first_tlv(frame, 2, client)) {
		peer_answer(peer, frame, QK_ERROR_MALFORMED_MESSAGE);
		return true;
	}
	request.service = client[0];
	request.id = client[1];
	lease = lease_find(&modem->leases, client[0], client[1]);
	if (lease && lease->owner != peer && lease->state != LEASE_ORPHAN) {
		peer_answer(peer, frame, QK_ERROR_INVALID_CLIENT_ID);
		return true;
	}
	if (!pass_on(peer, frame, bytes, &request))
		return false;
	if (!modem->closing && lease) {
		lease_releasing(&modem->leases, lease, peer->broker->now_usec);
		modem_due_at(modem, peer->broker->now_usec + CTL_PATIENCE_USEC);
	}
	return true;
}

/* The modem took the id back, or says that it is none; else the peer has it still. */
static void note_released(struct modem *modem, const struct ctl_request *request, uint16_t error)
{
	struct lease *lease = lease_find(&modem->leases, request->service, request->id);
	uint64_t now = modem->broker->now_usec;

	if (!lease || lease->state != LEASE_RELEASING)
		return;
	if (error == 0 || error == QK_ERROR_INVALID_CLIENT_ID) {
		modem->broker->counters.released++;
		lease_remove(&modem->leases, lease);
	} else if (request->kind == CTL_RELEASE && request->peer) {
		lease_hold(lease, request->peer, &request->peer->leases, now);
	} else {
		lease_orphan(&modem->leases, lease, now);
		modem_due_at(modem, now + modem->broker->grace_usec);
	}
}

/* Sync: what the peer has goes back, in the order in which the modem hears it. */
static void sync_own(struct peer *peer, const struct qk_frame *frame)
{
	struct modem *modem = peer->modem;

	while (!peer->dead && peer->leases.first) {
		struct lease *lease = peer->leases.first;

		if (ctl_reclaim(modem, lease, NULL, 0, 0))
			continue;
		lease_orphan(&modem->leases, lease, peer->broker->now_usec);
		modem_due_at(modem, peer->broker->now_usec);
	}
	if (!peer->dead)
		peer_answer(peer, frame, 0);
}

/* Both directions. */

bool ctl_request(struct peer *peer, const struct qk_frame *frame, struct qk_span bytes)
{
	struct ctl_request request = {
		.peer = peer,
		.sent_usec = peer->broker->now_usec,
		.kind = CTL_RELAY,
		.transaction = (uint8_t)frame->transaction,
	};

	switch (frame->message) {
	case CTL_ALLOCATE_CID:
		return allocate(peer, frame, bytes);
	case CTL_RELEASE_CID:
		return release(peer, frame, bytes);
	case CTL_SYNC:
		sync_own(peer, frame);
		return true;
	default:
		break;
	}
	if (frame->message < CTL_INTERNAL)
		return pass_on(peer, frame, bytes, &request);
	peer_answer(peer, frame, QK_ERROR_INVALID_QMI_COMMAND);
	return true;
}

static void answer_as(struct peer *peer, struct qk_span bytes, uint8_t transaction)
{
	struct broker *broker = peer->broker;
	uint8_t copy[4096];

	if (bytes.size > sizeof(copy))
		return;
	memcpy(copy, bytes.data, bytes.size);
	copy[TRANSACTION_AT] = transaction;
	broker->host.send(broker->host.userdata, peer, (struct qk_span){ copy, bytes.size });
}

static void take_ctl_answer(struct modem *modem, const struct qk_frame *frame, struct qk_span bytes)
{
	struct ctl_request request;
	uint16_t error;

	if (!ctl_map_answer(&modem->ctl, frame->transaction, &request)) {
		modem->broker->counters.stray++;
		return;
	}
	error = answer_error(frame);
	if (request.kind == CTL_ALLOCATE && error == QK_ERROR_CLIENT_IDS_EXHAUSTED &&
	    make_room(modem, &request))
		return;
	if (request.kind == CTL_ALLOCATE && error == 0)
		note_given(modem, request.peer, frame);
	if (request.kind == CTL_RELEASE || request.kind == CTL_RECLAIM)
		note_released(modem, &request, error);
	if (request.kind == CTL_RECLAIM && request.peer)
		allocate_again(modem, &request);
	else if (request.peer)
		answer_as(request.peer, bytes, request.transaction);
}

/* The modem took ids back by itself. Who had them is told. */
static void take_ctl_indication(struct modem *modem, const struct qk_frame *frame,
				struct qk_span bytes)
{
	struct broker *broker = modem->broker;
	uint8_t client[2];
	struct lease *lease;

	if (frame->message == CTL_SYNC) {
		broker_log(broker, BROKER_NOTE, "%s: the modem has started anew; %zu ids are void",
			   modem->path, modem->leases.count);
		lease_table_done(&modem->leases);
		for (struct peer *peer = broker->peers, *next; peer; peer = next) {
			next = peer->next;
			if (peer->modem == modem)
				broker->host.send(broker->host.userdata, peer, bytes);
		}
		return;
	}
	if ((frame->message != CTL_REVOKE_CLIENT_ID && frame->message != CTL_INVALID_CLIENT_ID) ||
	    !first_tlv(frame, 2, client))
		return;
	lease = lease_find(&modem->leases, client[0], client[1]);
	if (!lease)
		return;

	struct peer *owner = lease->owner;

	lease_remove(&modem->leases, lease);
	if (owner)
		broker->host.send(broker->host.userdata, owner, bytes);
}

void ctl_from_modem(struct modem *modem, const struct qk_frame *frame, struct qk_span bytes)
{
	if (frame->type == QK_RESPONSE)
		take_ctl_answer(modem, frame, bytes);
	else if (frame->type == QK_INDICATION)
		take_ctl_indication(modem, frame, bytes);
}
