/*
 * Broker: peers, and what they send.
 */
#include "broker.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>

#include "inside.h"

void broker_log(const struct broker *broker, enum broker_level level, const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	broker->host.log(broker->host.userdata, level, line);
}

void broker_init(struct broker *broker, const struct broker_host *host, uint64_t now_usec)
{
	*broker = (struct broker){
		.host = *host,
		.now_usec = now_usec,
		.start_usec = now_usec,
		.grace_usec = BROKER_GRACE_USEC,
		.due_usec = UINT64_MAX,
	};
}

void broker_done(struct broker *broker)
{
	struct peer *peer;

	while (broker->peers)
		peer_drop(broker->peers, NULL);
	while (broker->modems)
		modem_close(broker->modems, NULL);
	while ((peer = broker_reap(broker)))
		peer_free(peer);
}

int broker_add_peer(struct broker *broker, void *take_link, pid_t pid, uid_t uid,
		    const char *process, struct peer **ret)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return -ENOMEM;
	peer->broker = broker;
	peer->link = take_link;
	peer->pid = pid;
	peer->uid = uid;
	snprintf(peer->process, sizeof(peer->process), "%s", process);
	peer->number = ++broker->numbers;
	peer->since_usec = broker->now_usec;
	peer->next = broker->peers;
	if (peer->next)
		peer->next->previous = peer;
	broker->peers = peer;
	broker->peer_count++;
	broker->counters.connections++;
	*ret = peer;
	return 0;
}

static void drop_half(struct peer *peer)
{
	peer->broker->halves -= peer->half_size;
	free(peer->half);
	peer->half = NULL;
	peer->half_size = 0;
}

/* Where all peers together keep too much, those that keep most go. */
static void limit_halves(struct broker *broker)
{
	while (broker->halves > BROKER_HALVES_MAX) {
		struct peer *most = broker->peers;

		for (struct peer *at = broker->peers; at; at = at->next)
			most = at->half_size > most->half_size ? at : most;
		peer_drop(most, "too much waits for the rest of its frame");
	}
}

static void orphan_all(struct peer *peer)
{
	struct modem *modem = peer->modem;
	struct broker *broker = peer->broker;

	while (peer->leases.first) {
		struct lease *lease = peer->leases.first;

		if (modem->closing) {
			lease_remove(&modem->leases, lease);
			continue;
		}
		lease_orphan(&modem->leases, lease, broker->now_usec);
		broker->counters.orphaned++;
		modem_due_at(modem, broker->now_usec + broker->grace_usec);
	}
}

void peer_drop(struct peer *peer, const char *why)
{
	struct broker *broker = peer->broker;
	struct modem *modem = peer->modem;

	if (peer->dead)
		return;
	peer->dead = true;
	/* freed later: its frames may be looked at right now */
	broker->halves -= peer->half_size;
	peer->half_size = 0;
	*(peer->previous ? &peer->previous->next : &broker->peers) = peer->next;
	if (peer->next)
		peer->next->previous = peer->previous;
	peer->next = broker->dead;
	broker->dead = peer;
	broker->peer_count--;
	if (why) {
		broker->counters.dropped++;
		broker_log(broker, BROKER_NOTE, "%s[%d] dropped: %s", peer->process, (int)peer->pid,
			   why);
	}
	if (!modem)
		return;
	peer_stop_waiting(peer);
	ctl_map_forget(&modem->ctl, peer);
	orphan_all(peer);
	peer->modem = NULL;
	modem->peers--;
	if (modem->ctl.used)
		modem_due_at(modem, broker->now_usec + CTL_PATIENCE_USEC + 1);
	modem_close_if_unused(modem);
}

struct peer *broker_reap(struct broker *broker)
{
	struct peer *peer = broker->dead;

	while (broker->gone) {
		struct modem *modem = broker->gone;

		broker->gone = modem->next;
		modem_free(modem);
	}

	if (peer)
		broker->dead = peer->next;
	return peer;
}

void peer_free(struct peer *peer)
{
	drop_half(peer);
	free(peer->name);
	free(peer);
}

/* Answers. */

void peer_answer(struct peer *peer, const struct qk_frame *request, uint16_t error)
{
	uint8_t buffer[QK_QMUX_HEADER + 7 + 7];
	struct qk_frame answer = *request;
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));

	answer.type = QK_RESPONSE;
	answer.from_modem = true;
	answer.tlvs = (struct qk_span){ 0 };

	size_t mark = qk_frame_begin(&w, &answer);
	size_t tlv = qk_write_tlv_begin(&w, 0x02);

	qk_write_uint(&w, error != 0, 2, false);
	qk_write_uint(&w, error, 2, false);
	qk_write_tlv_end(&w, tlv);

	int size = qk_frame_end(&w, mark);

	if (size > 0)
		peer->broker->host.send(peer->broker->host.userdata, peer,
					(struct qk_span){ buffer, (size_t)size });
}

/* Requests to services. */

static struct lease *adopt(struct peer *peer, struct lease *lease)
{
	struct broker *broker = peer->broker;

	broker_log(broker, BROKER_DEBUG, "%s[%d] adopts service %u client %u", peer->process,
		   (int)peer->pid, lease->service, lease->id);
	lease_hold(lease, peer, &peer->leases, broker->now_usec);
	broker->counters.adopted++;
	return lease;
}

/* The lease by which a peer may use an id; NULL when it may not. An id that nobody is known to have
 * was given to somebody who went past the broker, or before its table was lost: the modem judges. */
static struct lease *claim(struct peer *peer, uint8_t service, uint8_t id)
{
	struct lease_table *table = &peer->modem->leases;
	struct lease *lease = lease_find(table, service, id);

	if (lease && lease->owner == peer)
		return lease;
	if (id == 0 || id == QK_CLIENT_BROADCAST)
		return NULL;
	if (lease)
		return lease->state == LEASE_ORPHAN ? adopt(peer, lease) : NULL;
	lease = lease_add(table, service, id);
	if (!lease)
		return NULL;
	lease->unproven = true;
	lease->call = service == 0x01 ? LEASE_CALL_UNSURE : LEASE_CALL_NONE;
	return adopt(peer, lease);
}

static void relay(struct peer *peer, const struct qk_frame *frame, struct qk_span bytes)
{
	struct modem *modem = peer->modem;
	struct lease *lease = claim(peer, frame->service, frame->client);

	if (!lease) {
		peer_answer(peer, frame, QK_ERROR_INVALID_CLIENT_ID);
		return;
	}
	lease_ask(lease, frame->transaction, LEASE_ASKED_OWNER);
	lease->last_message = frame->message;
	lease->last_usec = peer->broker->now_usec;
	if (modem_send(modem, bytes) == -EMSGSIZE)
		peer_answer(peer, frame, QK_ERROR_ARGUMENT_TOO_LONG);
}

/* False when it has to wait, and stands in a line for it. */
static bool take_request(struct peer *peer, const struct qk_frame *frame, struct qk_span bytes)
{
	struct modem *modem = peer->modem;
	bool opening = frame->service == QK_SERVICE_CTL && frame->message == 0xff00;

	if (modem && !opening &&
	    (modem_is_full(modem) || (modem->waiting.first && !modem->letting_in))) {
		peer_wait(peer, &modem->waiting);
		return false;
	}
	peer->requests++;
	if (opening)
		peer_open(peer, frame);
	else if (!modem)
		peer_answer(peer, frame, QK_ERROR_DEVICE_NOT_READY);
	else if (frame->service != QK_SERVICE_CTL)
		relay(peer, frame, bytes);
	else if (!ctl_request(peer, frame, bytes)) {
		peer_wait(peer, &modem->starved);
		modem_due_at(modem, peer->broker->now_usec + CTL_PATIENCE_USEC);
		return false;
	}
	return true;
}

/* The whole frames that `bytes` begin with; how many bytes they are. */
static size_t take_frames(struct peer *peer, struct qk_span bytes)
{
	size_t used = 0;

	while (!peer->dead && used < bytes.size) {
		struct qk_span rest = { bytes.data + used, bytes.size - used };
		struct qk_frame frame;
		int size = qk_frame_read(rest, &frame, NULL);

		if (size == 0)
			break;
		if (size < 0) {
			peer->broker->counters.bad_frames++;
			peer_drop(peer, "what it sent is no QMI");
			break;
		}
		rest.size = (size_t)size;
		if (frame.type == QK_REQUEST && !frame.from_modem) {
			if (!take_request(peer, &frame, rest))
				break;
		} else {
			peer->broker->counters.bad_frames++;
		}
		used += rest.size;
	}
	return used;
}

/* Keeps `rest` for later. It may lie in what is kept already. */
static void keep_half(struct peer *peer, struct qk_span rest)
{
	struct broker *broker = peer->broker;
	uint8_t *copy = NULL;

	if (rest.size && rest.data == peer->half && rest.size == peer->half_size) {
		limit_halves(broker); /* it has grown */
		return;
	}
	if (rest.size) {
		copy = malloc(rest.size);
		if (!copy) {
			peer_drop(peer, "out of memory");
			return;
		}
		memcpy(copy, rest.data, rest.size);
	}
	drop_half(peer);
	peer->half = copy;
	peer->half_size = rest.size;
	broker->halves += rest.size;
	limit_halves(broker);
}

static void take_input(struct peer *peer, struct qk_span bytes)
{
	size_t used = take_frames(peer, bytes);

	if (!peer->dead)
		keep_half(peer, (struct qk_span){ bytes.data + used, bytes.size - used });
}

/* Puts new bytes behind the half frame; false where there is no memory or no room. */
static bool join_half(struct peer *peer, struct qk_span bytes)
{
	uint8_t *grown = NULL;

	if (peer->half_size + bytes.size <= 2 * (size_t)BROKER_INPUT_MAX)
		grown = realloc(peer->half, peer->half_size + bytes.size);
	if (!grown)
		return false;
	memcpy(grown + peer->half_size, bytes.data, bytes.size);
	peer->half = grown;
	peer->half_size += bytes.size;
	peer->broker->halves += bytes.size;
	return true;
}

void peer_input(struct peer *peer, struct qk_span bytes)
{
	if (peer->dead)
		return;
	if (!peer->half) {
		take_input(peer, bytes);
		return;
	}
	if (!join_half(peer, bytes)) {
		peer_drop(peer, "out of memory");
		return;
	}
	if (!peer->line)
		take_input(peer, (struct qk_span){ peer->half, peer->half_size });
}

void peer_resume(struct peer *peer)
{
	if (peer->half)
		take_input(peer, (struct qk_span){ peer->half, peer->half_size });
	if (!peer->dead && !peer->line)
		peer->broker->host.read(peer->broker->host.userdata, peer, true);
}
