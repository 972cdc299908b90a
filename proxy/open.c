/*
 * Open: what a peer says first. Which modem it wants, the name of its leases, or what the broker
 * holds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/ctl.h>

#include "inside.h"
#include "status.h"

#define ARENA_SIZE 16384
#define ANSWER_SIZE 2048

static const struct {
	int error;
	uint16_t qmi;
} refusals[] = {
	{ -EACCES, QK_ERROR_ACCESS_DENIED },      { -EPERM, QK_ERROR_ACCESS_DENIED },
	{ -EBUSY, QK_ERROR_DEVICE_IN_USE },       { -EINVAL, QK_ERROR_INVALID_ARGUMENT },
	{ -ENOTTY, QK_ERROR_DEVICE_UNSUPPORTED }, { -ENOMEM, QK_ERROR_NO_MEMORY },
};

static uint16_t refusal_of(int r)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].error == r)
			return refusals[i].qmi;
	}
	return QK_ERROR_DEVICE_NOT_READY;
}

static void answer(struct peer *peer, const struct qk_frame *request,
		   struct qk_ctl_internal_proxy_open_response *response, void *buffer, size_t size)
{
	struct qk_writer w = qk_writer(buffer, size);
	struct qk_frame frame = {
		.type = QK_RESPONSE,
		.from_modem = true,
		.transaction = request->transaction,
		.message = request->message,
	};
	size_t mark = qk_frame_begin(&w, &frame);

	response->has_result = true;
	response->has_broker_features = true;
	response->broker_features = QK_CTL_PROXY_FEATURES_LEASES | QK_CTL_PROXY_FEATURES_STATUS;

	int r = qk_encode(qk_ctl_internal_proxy_open_method.response, response, &w);

	if (r == 0)
		r = qk_frame_end(&w, mark);
	if (r < 0)
		peer_answer(peer, request, QK_ERROR_INTERNAL);
	else
		peer->broker->host.send(peer->broker->host.userdata, peer,
					(struct qk_span){ buffer, (size_t)r });
}

static void refuse(struct peer *peer, const struct qk_frame *request, int r, const char *path,
		   const char *why)
{
	struct qk_ctl_internal_proxy_open_response response = {
		.result = { 1, refusal_of(r) },
		.has_failure = true,
		.failure = { why, strlen(why) },
	};
	uint8_t buffer[ANSWER_SIZE];

	broker_log(peer->broker, BROKER_NOTE, "%s[%d] may not have %.200s: %s", peer->process,
		   (int)peer->pid, path, why);
	answer(peer, request, &response, buffer, sizeof(buffer));
}

/* Names. */

static bool is_name(const struct qk_string *text)
{
	if (text->size < 1 || text->size > LEASE_NAME_MAX)
		return false;
	for (size_t i = 0; i < text->size; i++) {
		if (text->data[i] <= ' ' || text->data[i] > '~')
			return false;
	}
	return true;
}

static bool name_is_in_use(const struct peer *peer, const struct modem *modem, const char *name)
{
	for (const struct peer *at = peer->broker->peers; at; at = at->next) {
		if (at != peer && at->modem == modem && at->name && !strcmp(at->name, name))
			return true;
	}
	return false;
}

/* Takes up what the name has; returns how many ids, with the ids in `items` (room for `max`). */
static size_t resume(struct peer *peer, struct qk_ctl_client *items, size_t max)
{
	struct modem *modem = peer->modem;
	size_t count = 0;

	for (struct lease *at = modem->leases.orphans.first, *next; at; at = next) {
		next = at->next;
		if (!at->name || strcmp(at->name, peer->name) != 0 || count == max)
			continue;
		items[count++] = (struct qk_ctl_client){ .service = at->service, .cid = at->id };
		lease_hold(at, peer, &peer->leases, peer->broker->now_usec);
		peer->broker->counters.resumed++;
	}
	return count;
}

/* Opening. */

static int bind_modem(struct peer *peer, const char *path, char why[BROKER_WHY_MAX])
{
	struct broker *broker = peer->broker;
	char *real = NULL, *identity = NULL;
	struct modem *modem;
	int r = broker->host.find(broker->host.userdata, path, peer, &real, &identity, why);

	if (r == 0 && peer->modem && strcmp(peer->modem->path, real) != 0) {
		snprintf(why, BROKER_WHY_MAX, "this connection has another modem open");
		r = -EINVAL;
	}
	modem = r == 0 ? modem_find(broker, real) : NULL;
	if (modem && strcmp(modem->identity, identity) != 0) {
		modem_close(modem, "another modem is in its place");
		modem = NULL;
		r = peer->dead ? -ENODEV : 0;
	}
	if (modem || r < 0) {
		free(real);
		free(identity);
	} else {
		r = modem_open(broker, real, identity, &modem, why);
	}
	if (r < 0)
		return r;
	if (!peer->modem)
		modem->peers++;
	peer->modem = modem;
	return 0;
}

/* A modem that the peer got just now, and shall not have. */
static void unbind(struct peer *peer)
{
	struct modem *modem = peer->modem;

	peer->modem = NULL;
	modem->peers--;
	modem_close_if_unused(modem);
}

static int take_name(struct peer *peer, const struct qk_string *name, char why[BROKER_WHY_MAX])
{
	char *copy;

	if (!is_name(name)) {
		snprintf(why, BROKER_WHY_MAX, "%s",
			 "a lease name has 1 to 64 visible ASCII characters");
		return -EINVAL;
	}
	copy = strdup(name->data); /* it has no 0 inside */
	if (!copy)
		return -ENOMEM;
	if (name_is_in_use(peer, peer->modem, copy)) {
		free(copy);
		snprintf(why, BROKER_WHY_MAX, "%s", "another connection has this lease name");
		return -EBUSY;
	}
	free(peer->name);
	peer->name = copy;
	return 0;
}

static void open_path(struct peer *peer, const struct qk_frame *frame,
		      const struct qk_ctl_internal_proxy_open_request *request)
{
	struct qk_ctl_internal_proxy_open_response response = { 0 };
	struct qk_ctl_client resumed[256];
	uint8_t buffer[ANSWER_SIZE];
	char why[BROKER_WHY_MAX] = "";
	const char *path = request->device_path.data;
	bool fresh = !peer->modem;
	int r;

	if (memchr(path, 0, request->device_path.size)) {
		refuse(peer, frame, -EINVAL, path, "a path has no zero byte");
		return;
	}
	r = bind_modem(peer, path, why);
	if (r == 0 && request->has_lease) {
		r = take_name(peer, &request->lease, why);
		if (r < 0 && fresh)
			unbind(peer);
	}
	if (peer->dead)
		return;
	if (r < 0) {
		refuse(peer, frame, r, path, *why ? why : strerror(-r));
		return;
	}
	if (peer->name) {
		response.has_resumed = true;
		response.resumed.items = resumed;
		response.resumed.count =
			resume(peer, resumed, sizeof(resumed) / sizeof(resumed[0]));
	}
	broker_log(peer->broker, BROKER_DEBUG, "%s[%d] opens %s%s%s", peer->process, (int)peer->pid,
		   peer->modem->path, peer->name ? " as " : "", peer->name ? peer->name : "");
	answer(peer, frame, &response, buffer, sizeof(buffer));
}

static void tell_status(struct peer *peer, const struct qk_frame *frame, uint8_t format)
{
	struct qk_ctl_internal_proxy_open_response response = { .has_status = true };
	char *text = malloc(STATUS_MAX);
	uint8_t *buffer = malloc(QK_FRAME_MAX);

	if (text && buffer) {
		response.status.data = text;
		response.status.size =
			status_write(peer->broker, format == QK_CTL_PROXY_STATUS_TEXT, text);
		answer(peer, frame, &response, buffer, QK_FRAME_MAX);
	} else {
		peer_answer(peer, frame, QK_ERROR_NO_MEMORY);
	}
	free(text);
	free(buffer);
}

void peer_open(struct peer *peer, const struct qk_frame *frame)
{
	struct qk_ctl_internal_proxy_open_request request;
	_Alignas(16) uint8_t memory[ARENA_SIZE];
	struct qk_arena arena = { .base = memory, .size = sizeof(memory) };
	int r = qk_decode(qk_ctl_internal_proxy_open_method.request, frame->tlvs, &arena, &request);

	if (r < 0)
		peer_answer(peer, frame, QK_ERROR_MALFORMED_MESSAGE);
	else if (request.has_device_path)
		open_path(peer, frame, &request);
	else if (request.has_want_status)
		tell_status(peer, frame, request.want_status);
	else
		peer_answer(peer, frame, QK_ERROR_MISSING_ARGUMENT);
}
