/*
 * Proxy host: the modem hands out HOST_IDS ids a service, answers every request on one that is given
 * with success, and InvalidClientId to others.
 */
#include "proxy-host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <qmikit/common.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

#define NOW_USEC ((uint64_t)1000000000)

/* The host of the broker. */

static int on_find(void *userdata, const char *path, const struct peer *peer, char **ret_path,
		   char **ret_identity, char why[BROKER_WHY_MAX])
{
	const struct host *host = userdata;

	(void)peer;
	if (strncmp(path, "/modem", 6) != 0) {
		snprintf(why, BROKER_WHY_MAX, "no modem");
		return -ENOTTY;
	}
	char *name = strdup(path), *identity = strdup(host->identity);

	if (!name || !identity) {
		free(name);
		free(identity);
		return -ENOMEM;
	}
	*ret_path = name;
	*ret_identity = identity;
	return 0;
}

static int on_open(void *userdata, struct modem *modem, char why[BROKER_WHY_MAX])
{
	struct host *host = userdata;
	int fds[2];

	(void)why;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds),
			 0);
	if (host->modem_fd >= 0)
		close(host->modem_fd);
	host->modem_fd = fds[1];
	return qk_transport_from_fd(fds[0], modem->path, &modem->transport);
}

static void on_close(void *userdata, struct modem *modem)
{
	(void)userdata;
	(void)modem;
}

static void on_send(void *userdata, struct peer *peer, struct qk_span frame)
{
	struct host_peer *to = peer->link;

	(void)userdata;
	assert_false(peer->dead);
	assert_true(to->size + frame.size <= sizeof(to->in));
	memcpy(to->in + to->size, frame.data, frame.size);
	to->size += frame.size;
}

static void on_read(void *userdata, struct peer *peer, bool on)
{
	struct host_peer *to = peer->link;

	(void)userdata;
	to->reads = on;
}

static void on_log(void *userdata, enum broker_level level, const char *line)
{
	struct host *host = userdata;
	size_t used = strlen(host->said);

	if (level == BROKER_NOTE)
		snprintf(host->said + used, sizeof(host->said) - used, "%s\n", line);
}

struct host *host_new(void)
{
	struct host *host = calloc(1, sizeof(*host));
	struct broker_host ops = { on_find, on_open, on_close, on_send, on_read, on_log, host };

	if (!host)
		return NULL;
	host->modem_fd = -1;
	host->identity = "one";
	broker_init(&host->broker, &ops, NOW_USEC);
	return host;
}

static void reap(struct host *host)
{
	struct peer *peer;

	while ((peer = broker_reap(&host->broker))) {
		struct host_peer *of = peer->link;

		of->dropped = true;
		of->peer = NULL;
		peer_free(peer);
	}
}

void host_free(struct host *host)
{
	while (host->broker.peers)
		peer_drop(host->broker.peers, NULL);
	reap(host);
	broker_done(&host->broker);
	if (host->modem_fd >= 0)
		close(host->modem_fd);
	free(host);
}

/* The modem. */

static uint16_t answer_ctl(struct host *host, const struct qk_frame *frame, uint8_t client[2])
{
	const uint8_t *value = frame->tlvs.data + 3;

	if (frame->message == 0x0022) {
		client[0] = value[0];
		for (uint8_t id = 1; id <= HOST_IDS; id++) {
			if (host->used[client[0]][id])
				continue;
			host->used[client[0]][id] = true;
			host->ids_used++;
			client[1] = id;
			return 0;
		}
		return QK_ERROR_CLIENT_IDS_EXHAUSTED;
	}
	if (frame->message == 0x0023) {
		memcpy(client, value, 2);
		if (client[1] > HOST_IDS || !host->used[client[0]][client[1]])
			return QK_ERROR_INVALID_CLIENT_ID;
		host->used[client[0]][client[1]] = false;
		host->ids_used--;
	}
	return 0;
}

static void answer(struct host *host, const struct qk_frame *request)
{
	uint8_t tlvs[32] = { 0x02, 4, 0 };
	struct qk_frame frame = *request;
	uint16_t error = 0;
	size_t size = 7;
	uint8_t client[2] = { 0 };

	if (request->service == QK_SERVICE_CTL) {
		error = answer_ctl(host, request, client);
	} else if (request->client > HOST_IDS || !host->used[request->service][request->client]) {
		error = QK_ERROR_INVALID_CLIENT_ID;
	}
	tlvs[3] = error != 0;
	tlvs[5] = (uint8_t)error;
	if (client[0] && !error) {
		memcpy(tlvs + size, (uint8_t[]){ 0x01, 2, 0, client[0], client[1] }, 5);
		size += 5;
	}
	if (request->service == 0x01 && request->message == 0x0022 && !error) {
		memcpy(tlvs + size, (uint8_t[]){ 0x01, 1, 0, host->call_up ? 2 : 1 }, 4);
		size += 4;
		host->asked_status++;
	}
	frame.type = QK_RESPONSE;
	frame.from_modem = true;
	frame.tlvs = (struct qk_span){ tlvs, size };
	host_say(host, &frame);
}

void host_say(struct host *host, const struct qk_frame *frame)
{
	uint8_t buffer[512];
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));
	int size = qk_frame_end(&w, qk_frame_begin(&w, frame));

	assert_true(size > 0);
	assert_int_equal(write(host->modem_fd, buffer, (size_t)size), size);
}

/* Whether it took anything. */
static bool play(struct host *host)
{
	ssize_t n = host->modem_fd < 0 ? 0
				       : read(host->modem_fd, host->out + host->out_size,
					      sizeof(host->out) - host->out_size);
	struct qk_frame frame;
	size_t at = 0;

	if (n <= 0)
		return false;
	host->out_size += (size_t)n;
	for (;;) {
		int size = qk_frame_read((struct qk_span){ host->out + at, host->out_size - at },
					 &frame, NULL);

		assert_true(size >= 0);
		if (size == 0)
			break;
		assert_int_equal(frame.type, QK_REQUEST);
		at += (size_t)size;
		if (!host->silent)
			answer(host, &frame);
	}
	memmove(host->out, host->out + at, host->out_size - at);
	host->out_size -= at;
	return true;
}

void host_settle(struct host *host)
{
	bool moved = true;

	while (moved) {
		moved = play(host);
		for (struct modem *modem = host->broker.modems; modem; modem = modem->next) {
			struct pollfd fd = { qk_transport_fd(modem->transport), POLLIN, 0 };
			bool writes = qk_transport_wants_write(modem->transport);

			fd.events = (short)(writes ? POLLIN | POLLOUT : POLLIN);
			if (poll(&fd, 1, 0) <= 0)
				continue;
			moved = true;
			modem_ready(modem, fd.revents & (POLLIN | POLLHUP), fd.revents & POLLOUT);
			break; /* it may be gone */
		}
		reap(host);
	}
}

/* Peers. */

struct host_peer *host_connect(struct host *host)
{
	struct host_peer *peer = &host->peers[host->peer_count++];

	assert_true(host->peer_count <= HOST_PEERS);
	peer->reads = true;
	if (broker_add_peer(&host->broker, peer, 100, 0, "test", &peer->peer) < 0)
		peer->dropped = true;
	return peer;
}

struct host_peer *host_open(struct host *host, const char *name)
{
	struct host_peer *peer = host_connect(host);
	uint8_t tlvs[128] = { 0x01, 6, 0, '/', 'm', 'o', 'd', 'e', 'm' };
	size_t size = 9;

	if (name) {
		tlvs[size++] = 0x80;
		tlvs[size++] = (uint8_t)strlen(name);
		tlvs[size++] = 0;
		memcpy(tlvs + size, name, strlen(name));
		size += strlen(name);
	}
	host_send(peer, 0, 0, 1, 0xff00, tlvs, size);
	return peer;
}

void host_send(struct host_peer *peer, uint8_t service, uint8_t client, uint16_t transaction,
	       uint16_t message, const void *tlvs, size_t size)
{
	static const uint8_t nothing[1];
	uint8_t buffer[8192];
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));
	struct qk_frame frame = {
		.service = service,
		.client = client,
		.transaction = transaction,
		.message = message,
		.tlvs = { tlvs ? tlvs : nothing, size },
	};
	int length = qk_frame_end(&w, qk_frame_begin(&w, &frame));

	assert_true(length > 0);
	if (peer->peer)
		peer_input(peer->peer, (struct qk_span){ buffer, (size_t)length });
}

void host_hang_up(struct host *host, struct host_peer *peer)
{
	peer_drop(peer->peer, NULL);
	host_settle(host);
}

void host_pass(struct host *host, uint64_t usec)
{
	host->broker.now_usec += usec;
	broker_due(&host->broker);
	host_settle(host);
}

bool host_next(struct host_peer *peer, struct qk_frame *ret)
{
	/* what was handed out lies in front until the next call */
	static const uint8_t no_bytes[1];
	static _Thread_local uint8_t frame[65536];
	int size = qk_frame_read((struct qk_span){ peer->size ? peer->in : no_bytes, peer->size },
				 ret, NULL);

	assert_true(size >= 0);
	if (size == 0)
		return false;
	memcpy(frame, peer->in, (size_t)size);
	memmove(peer->in, peer->in + size, peer->size - (size_t)size);
	peer->size -= (size_t)size;
	return qk_frame_read((struct qk_span){ frame, (size_t)size }, ret, NULL) > 0;
}

int host_error(struct host_peer *peer, uint16_t message)
{
	struct qk_frame frame;
	struct qk_cursor c;
	struct qk_tlv tlv;

	if (!host_next(peer, &frame))
		return -1;
	assert_int_equal(frame.message, message);
	assert_int_equal(frame.type, QK_RESPONSE);
	c = qk_cursor(frame.tlvs);
	while (qk_cursor_tlv(&c, &tlv)) {
		if (tlv.type == 0x02)
			return tlv.value.data[2] | tlv.value.data[3] << 8;
	}
	return -1;
}

uint8_t host_allocate(struct host *host, struct host_peer *peer, uint8_t service, int *ret_error)
{
	struct qk_frame frame;

	host_send(peer, 0, 0, 7, 0x0022, (uint8_t[]){ 0x01, 1, 0, service }, 4);
	host_settle(host);
	if (!host_next(peer, &frame)) {
		*ret_error = -1;
		return 0;
	}
	assert_int_equal(frame.transaction, 7);
	assert_int_equal(frame.message, 0x0022);
	*ret_error = frame.tlvs.data[5];
	return *ret_error ? 0 : frame.tlvs.data[11];
}

int host_release(struct host *host, struct host_peer *peer, uint8_t service, uint8_t id)
{
	host_send(peer, 0, 0, 9, 0x0023, (uint8_t[]){ 0x01, 2, 0, service, id }, 5);
	host_settle(host);
	return host_error(peer, 0x0023);
}

int host_ask(struct host *host, struct host_peer *peer, uint8_t service, uint8_t id,
	     uint16_t transaction, uint16_t message)
{
	host_send(peer, service, id, transaction, message, NULL, 0);
	host_settle(host);
	return host_error(peer, message);
}
