/*
 * Modem: one open port. Frames from it find their peer; frames to it are sent in the order they came,
 * one at a time where it does not take more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>

#include "inside.h"

/* From the modem. */

static void to_peer(struct peer *peer, struct qk_span bytes)
{
	peer->broker->host.send(peer->broker->host.userdata, peer, bytes);
}

/* The result of a response: the error, or 0. A response without one says nothing bad. */
static uint16_t error_of(const struct qk_frame *frame)
{
	struct qk_cursor c = qk_cursor(frame->tlvs);
	struct qk_tlv tlv;

	while (qk_cursor_tlv(&c, &tlv)) {
		struct qk_cursor value = qk_cursor(tlv.value);

		if (tlv.type != 0x02)
			continue;
		uint64_t status = qk_cursor_uint(&value, 2, false);

		return status ? (uint16_t)qk_cursor_uint(&value, 2, false) : 0;
	}
	return 0;
}

/* The first answer on an id that nobody saw given tells whether it is one. */
static void prove(struct modem *modem, struct lease *lease, const struct qk_frame *frame)
{
	struct broker *broker = modem->broker;

	if (error_of(frame) != QK_ERROR_INVALID_CLIENT_ID) {
		lease->unproven = false;
		return;
	}
	broker_log(broker, BROKER_DEBUG, "%s: service %u has no client %u", modem->path,
		   lease->service, lease->id);
	lease_remove(&modem->leases, lease);
}

static void take_answer(struct modem *modem, const struct qk_frame *frame, struct qk_span bytes)
{
	struct lease *lease = lease_find(&modem->leases, frame->service, frame->client);
	struct peer *owner = lease ? lease->owner : NULL;
	enum lease_asker asker;

	if (!lease) {
		modem->broker->counters.stray++;
		return;
	}
	asker = lease_answer(lease, frame->transaction);
	if (frame->service == 0x01)
		call_answered(modem, lease, frame);
	if (asker == LEASE_ASKED_BROKER)
		orphan_answered(modem, lease, frame);
	else if (lease->unproven)
		prove(modem, lease, frame);
	if (asker == LEASE_ASKED_OWNER && owner)
		to_peer(owner, bytes);
	else if (asker != LEASE_ASKED_BROKER)
		modem->broker->counters.stray++;
}

/* One for each peer, however many ids of the service it has. */
static void broadcast(struct modem *modem, const struct qk_frame *frame, struct qk_span bytes)
{
	const struct lease_ids *ids = modem->leases.by_service[frame->service];
	uint64_t serial = ++modem->broadcasts;

	for (size_t id = 1; ids && id < ids->count; id++) {
		struct lease *lease = ids->at[id];

		if (!lease)
			continue;
		if (frame->service == 0x01)
			call_indicated(modem, lease, frame);
		if (lease->owner && lease->owner->told != serial) {
			lease->owner->told = serial;
			to_peer(lease->owner, bytes);
		}
	}
}

static void take_indication(struct modem *modem, const struct qk_frame *frame, struct qk_span bytes)
{
	struct lease *lease = lease_find(&modem->leases, frame->service, frame->client);

	if (frame->client == QK_CLIENT_BROADCAST) {
		broadcast(modem, frame, bytes);
		return;
	}
	if (!lease) {
		modem->broker->counters.stray++;
		return;
	}
	if (frame->service == 0x01)
		call_indicated(modem, lease, frame);
	if (lease->owner)
		to_peer(lease->owner, bytes);
}

static void take_frame(struct modem *modem, const struct qk_frame *frame, struct qk_span bytes)
{
	modem->from_modem++;
	modem->broker->counters.from_modems++;
	if (frame->service == QK_SERVICE_CTL)
		ctl_from_modem(modem, frame, bytes);
	else if (frame->type == QK_RESPONSE)
		take_answer(modem, frame, bytes);
	else if (frame->type == QK_INDICATION)
		take_indication(modem, frame, bytes);
}

/* To the modem. */

bool modem_is_full(const struct modem *modem)
{
	return qk_transport_wants_write(modem->transport);
}

int modem_send(struct modem *modem, struct qk_span frame)
{
	int r = qk_transport_send(modem->transport, frame);

	if (r == 0) {
		modem->to_modem++;
		modem->broker->counters.to_modems++;
		return 0;
	}
	if (r != -EMSGSIZE && r != -ENOBUFS)
		modem_close(modem, strerror(-r));
	return r;
}

void peer_wait(struct peer *peer, struct peer_line *line)
{
	if (peer->line)
		return;
	peer->line = line;
	peer->next_waiting = NULL;
	*(line->last ? &line->last->next_waiting : &line->first) = peer;
	line->last = peer;
	peer->broker->host.read(peer->broker->host.userdata, peer, false);
}

void peer_stop_waiting(struct peer *peer)
{
	struct peer_line *line = peer->line;
	struct peer *previous = NULL;

	if (!line)
		return;
	for (struct peer *at = line->first; at != peer; at = at->next_waiting)
		previous = at;
	*(previous ? &previous->next_waiting : &line->first) = peer->next_waiting;
	if (line->last == peer)
		line->last = previous;
	peer->line = NULL;
}

/* Those who stand in a line now, each once, while there is room; who cannot go on stands in one again. */
static void let_in(struct modem *modem, struct peer_line *line)
{
	size_t count = 0;

	for (const struct peer *at = line->first; at; at = at->next_waiting)
		count++;

	modem->letting_in = true;
	for (; count && line->first && !modem->closing && !modem_is_full(modem); count--) {
		struct peer *peer = line->first;
		peer_stop_waiting(peer);
		peer_resume(peer);
	}
	modem->letting_in = false;
}

void modem_let_in(struct modem *modem)
{
	if (modem->waiting.first && !modem_is_full(modem))
		let_in(modem, &modem->waiting);
	if (!modem->closing && modem->starved.first && !modem_is_full(modem))
		let_in(modem, &modem->starved);
}

/* Reads once and relays all that is whole. As qk_transport_read(). */
static int read_once(struct modem *modem)
{
	int r = qk_transport_read(modem->transport);
	struct qk_frame frame;
	struct qk_span bytes;

	while (!modem->closing && qk_transport_next(modem->transport, &frame, &bytes) > 0)
		take_frame(modem, &frame, bytes);
	return r;
}

void modem_ready(struct modem *modem, bool readable, bool writable)
{
	int r = 0;

	if (writable)
		r = qk_transport_flush(modem->transport);
	if (r == 0 && readable)
		r = read_once(modem);
	if (modem->closing)
		return;
	if (r < 0)
		modem_close(modem, r == -EPIPE ? "it hung up" : strerror(-r));
	else
		modem_let_in(modem);
	modem_close_if_unused(modem);
}

/* Its life. */

struct modem *modem_find(const struct broker *broker, const char *path)
{
	struct modem *modem = broker->modems;

	while (modem && strcmp(modem->path, path) != 0)
		modem = modem->next;
	return modem;
}

static int add(struct broker *broker, struct modem *modem, char why[BROKER_WHY_MAX])
{
	int r = broker->modem_count < BROKER_MODEMS_MAX ? 0 : -EMFILE;

	if (r == 0)
		r = broker->host.open(broker->host.userdata, modem, why);
	if (r < 0)
		return r;
	modem->next = broker->modems;
	broker->modems = modem;
	broker->modem_count++;
	broker_log(broker, BROKER_DEBUG, "%s: opened", modem->path);
	return 0;
}

int modem_open(struct broker *broker, char *take_path, char *take_identity, struct modem **ret,
	       char why[BROKER_WHY_MAX])
{
	struct modem *modem = calloc(1, sizeof(*modem));

	if (!modem) {
		free(take_path);
		free(take_identity);
		return -ENOMEM;
	}
	modem->broker = broker;
	modem->path = take_path;
	modem->identity = take_identity;
	modem->since_usec = broker->now_usec;
	modem->due_usec = UINT64_MAX;

	int r = add(broker, modem, why);

	if (r < 0)
		modem_free(modem);
	else
		*ret = modem;
	return r;
}

void modem_free(struct modem *modem)
{
	lease_table_done(&modem->leases);
	free(modem->path);
	free(modem->identity);
	free(modem);
}

void modem_close(struct modem *modem, const char *why)
{
	struct broker *broker = modem->broker;
	struct modem **at = &broker->modems;

	if (modem->closing)
		return;
	modem->closing = true;
	if (why)
		broker_log(broker, BROKER_NOTE, "%s: %s; %zu connections end, %zu ids with them",
			   modem->path, why, modem->peers, modem->leases.count);
	else
		broker_log(broker, BROKER_DEBUG, "%s: closed", modem->path);
	for (struct peer *peer = broker->peers, *next; peer; peer = next) {
		next = peer->next;
		if (peer->modem == modem)
			peer_drop(peer, NULL);
	}
	broker->host.close(broker->host.userdata, modem);
	modem->transport = qk_transport_free(modem->transport);
	while (*at != modem)
		at = &(*at)->next;
	*at = modem->next;
	modem->next = broker->gone;
	broker->gone = modem;
	broker->modem_count--;
}

void modem_close_if_unused(struct modem *modem)
{
	if (!modem->closing && !modem->peers && !modem->leases.count && !modem->ctl.used)
		modem_close(modem, NULL);
}
