/*
 * Fuzz target: what peers and the modem send the broker. The input is a run of pieces: who (a peer,
 * the modem, or the clock), a length, bytes. No id may have two owners at the end of each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/broker.h"

enum { PEERS = 4 };

struct world {
	struct broker broker;
	struct peer *peers[PEERS];
	int modem_fd;
};

static int on_find(void *userdata, const char *path, const struct peer *peer, char **ret_path,
		   char **ret_identity, char why[BROKER_WHY_MAX])
{
	(void)userdata;
	(void)why;
	(void)peer;
	*ret_path = strdup(path[0] && path[1] ? "/a" : "/b");
	*ret_identity = strdup("same");
	return *ret_path && *ret_identity ? 0 : -1;
}

static int on_open(void *userdata, struct modem *modem, char why[BROKER_WHY_MAX])
{
	struct world *world = userdata;
	int fds[2];

	(void)why;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) < 0)
		return -1;
	if (world->modem_fd >= 0)
		close(world->modem_fd);
	world->modem_fd = fds[1];
	return qk_transport_from_fd(fds[0], "fuzz", &modem->transport);
}

static void on_close(void *userdata, struct modem *modem)
{
	(void)userdata;
	(void)modem;
}

static void on_send(void *userdata, struct peer *peer, struct qk_span frame)
{
	(void)userdata;
	if (peer->dead || !frame.size)
		abort();
}

static void on_read(void *userdata, struct peer *peer, bool on)
{
	(void)userdata;
	(void)peer;
	(void)on;
}

static void on_log(void *userdata, enum broker_level level, const char *line)
{
	(void)userdata;
	(void)level;
	(void)line;
}

static void check_leases(const struct broker *broker)
{
	for (const struct modem *modem = broker->modems; modem; modem = modem->next) {
		size_t listed = 0, found = 0;

		for (const struct peer *peer = broker->peers; peer; peer = peer->next) {
			const struct lease *at = peer->modem == modem ? peer->leases.first : NULL;

			for (; at; at = at->next, listed++) {
				if (at->owner != peer || at->state != LEASE_HELD)
					abort();
			}
		}
		for (const struct lease *at = modem->leases.orphans.first; at; at = at->next)
			listed += at->state == LEASE_ORPHAN && !at->owner;
		for (const struct lease *at = modem->leases.releasing.first; at; at = at->next)
			listed += at->state == LEASE_RELEASING && !at->owner;
		for (size_t at = 0; at < 65536; at++)
			found +=
				lease_find(&modem->leases, (uint8_t)(at >> 8), (uint8_t)at) != NULL;
		if (listed != modem->leases.count || found != listed)
			abort();
	}
}

static void from_modem(struct world *world, const uint8_t *data, size_t size)
{
	uint8_t sink[4096];

	if (world->modem_fd < 0)
		return;
	while (read(world->modem_fd, sink, sizeof(sink)) > 0)
		;
	if (!size) { /* it hangs up */
		close(world->modem_fd);
		world->modem_fd = -1;
	} else if (send(world->modem_fd, data, size, MSG_NOSIGNAL) < 0) {
		return;
	}
	for (struct modem *modem = world->broker.modems, *next; modem; modem = next) {
		next = modem->next;
		modem_ready(modem, true, true);
	}
}

static void from_peer(struct world *world, size_t number, const uint8_t *data, size_t size)
{
	struct peer **peer = &world->peers[number];

	if (!*peer && broker_add_peer(&world->broker, peer, 1, 0, "fuzz", peer) < 0)
		return;
	if (size)
		peer_input(*peer, (struct qk_span){ data, size });
	else
		peer_drop(*peer, NULL);
}

static void reap(struct world *world)
{
	struct peer *peer;

	while ((peer = broker_reap(&world->broker))) {
		*(struct peer **)peer->link = NULL;
		peer_free(peer);
	}
}

static void step(struct world *world, uint8_t who, const uint8_t *data, size_t size)
{
	if (who % 8 < PEERS) {
		from_peer(world, who % 8, data, size);
	} else if (who % 8 == PEERS) {
		world->broker.now_usec += (size + 1) * 1000000;
		broker_due(&world->broker);
	} else {
		from_modem(world, data, size);
	}
	reap(world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world world = { .modem_fd = -1 };
	const struct broker_host host = { on_find, on_open, on_close, on_send,
					  on_read, on_log,  &world };

	broker_init(&world.broker, &host, 1);
	while (size >= 2) {
		size_t piece = data[1] < size - 2 ? data[1] : size - 2;

		step(&world, data[0], data + 2, piece);
		check_leases(&world.broker);
		data += 2 + piece;
		size -= 2 + piece;
	}
	while (world.broker.peers)
		peer_drop(world.broker.peers, NULL);
	reap(&world);
	broker_done(&world.broker);
	if (world.modem_fd >= 0)
		close(world.modem_fd);
	return 0;
}
