/*
 * Connections: one socket for each peer. A frame is written at once where the peer takes it; what it
 * does not take waits up to a limit, and past that the peer is dropped.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "server.h"

/* One read takes no more: a peer that sends without end is one of many. */
#define READ_SIZE 4096
#define ACCEPT_AT_ONCE 64
#define REFUSALS_USEC 1000000

struct connection {
	struct server_source source;
	struct peer *peer;
	uint8_t *out; /* what the peer has not taken yet */
	size_t out_size, out_sent;
	uint32_t events;
	bool no_input, counted;
};

/* Tells epoll what is wanted, if that is something else than before. */
static void update(struct connection *connection)
{
	uint32_t events = (connection->no_input ? 0 : EPOLLIN) | (connection->out ? EPOLLOUT : 0);

	if (events == connection->events)
		return;
	if (server_change(&connection->source, events) < 0)
		peer_drop(connection->peer, "epoll failed");
	connection->events = events;
}

/* Writing. */

static ssize_t write_some(int fd, const uint8_t *data, size_t size)
{
	ssize_t n;

	do
		n = send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	return n < 0 ? -errno : n;
}

static void keep(struct connection *connection, struct qk_span bytes)
{
	size_t waiting = connection->out_size - connection->out_sent;
	struct server *server = connection->source.server;
	uint8_t *grown;

	if (waiting + bytes.size > SERVER_OUTPUT_MAX ||
	    server->output + bytes.size > SERVER_OUTPUTS_MAX) {
		peer_drop(connection->peer, "it does not read what it is sent");
		return;
	}
	if (connection->out_sent) {
		memmove(connection->out, connection->out + connection->out_sent, waiting);
		connection->out_size = waiting;
		connection->out_sent = 0;
	}
	grown = realloc(connection->out, waiting + bytes.size);
	if (!grown) {
		peer_drop(connection->peer, "out of memory");
		return;
	}
	memcpy(grown + waiting, bytes.data, bytes.size);
	connection->out = grown;
	connection->out_size = waiting + bytes.size;
	server->output += bytes.size;
	update(connection);
}

void connection_send(void *userdata, struct peer *peer, struct qk_span frame)
{
	struct connection *connection = peer->link;
	ssize_t n = 0;

	if (peer->dead)
		return;
	/* what a peer was told outlives us: an id that it has is in the table of its modem */
	if (peer->modem)
		server_save(userdata, peer->modem);
	if (!connection->out)
		n = write_some(connection->source.fd, frame.data, frame.size);
	if (n < 0) {
		peer_drop(peer, NULL);
		return;
	}
	if ((size_t)n < frame.size)
		keep(connection, (struct qk_span){ frame.data + n, frame.size - (size_t)n });
}

static void flush(struct connection *connection)
{
	size_t left = connection->out_size - connection->out_sent;
	ssize_t n = write_some(connection->source.fd, connection->out + connection->out_sent, left);

	if (n < 0) {
		peer_drop(connection->peer, NULL);
		return;
	}
	connection->out_sent += (size_t)n;
	connection->source.server->output -= (size_t)n;
	if (connection->out_sent < connection->out_size)
		return;
	free(connection->out);
	connection->out = NULL;
	connection->out_size = connection->out_sent = 0;
	update(connection);
}

/* Reading. */

void connection_read(void *userdata, struct peer *peer, bool on)
{
	struct connection *connection = peer->link;

	(void)userdata;
	connection->no_input = !on;
	update(connection);
}

static void on_ready(struct server_source *source, uint32_t events)
{
	struct connection *connection =
		(struct connection *)((char *)source - offsetof(struct connection, source));
	struct peer *peer = connection->peer;
	uint8_t buffer[READ_SIZE];
	ssize_t n;

	if (peer->dead)
		return;
	if (events & EPOLLOUT && connection->out)
		flush(connection);
	if (peer->dead || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	/* one that hung up has no use for answers, and epoll would not stop telling of it */
	if (connection->no_input) {
		if (events & (EPOLLHUP | EPOLLERR))
			peer_drop(peer, NULL);
		return;
	}
	n = recv(source->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
	if (n > 0)
		peer_input(peer, (struct qk_span){ buffer, (size_t)n });
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		peer_drop(peer, NULL);
}

/* Coming and going. */

static void process_name(pid_t pid, char ret[16])
{
	char path[64];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, ret, 15);
		close(fd);
	}
	ret[n > 0 ? n : 0] = 0;
	ret[strcspn(ret, "\n")] = 0;
	if (!*ret)
		snprintf(ret, 16, "unknown");
}

/* Why a new connection is not wanted; NULL: it is. */
static const char *objection(struct server *server, int fd, struct ucred *ret_who)
{
	if (!access_allows(&server->access, fd, ret_who))
		return "only root and the group of the broker may connect";
	if (server->broker.peer_count >= SERVER_CONNECTIONS_MAX ||
	    (ret_who->uid != 0 && server->others >= SERVER_OTHERS_MAX))
		return "there are too many connections";
	return NULL;
}

/* One line a second at most says so: a thousand that are refused shall not fill the log. */
static void refuse(struct server *server, int take_fd, const struct ucred *who, const char *why)
{
	uint64_t now = server->broker.now_usec;

	close(take_fd);
	server->broker.counters.refused++;
	if (server->refused_usec && now - server->refused_usec < REFUSALS_USEC)
		return;
	server->refused_usec = now;
	server_note(server, "process %d of user %u refused: %s (%llu refused so far)",
		    (int)who->pid, (unsigned int)who->uid, why,
		    (unsigned long long)server->broker.counters.refused);
}

static int connect_peer(struct server *server, int fd, const struct ucred *who)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	char process[16];
	int r;

	if (!connection)
		return -ENOMEM;
	process_name(who->pid, process);
	connection->source.fd = fd;
	connection->source.ready = on_ready;
	connection->events = EPOLLIN;
	r = server_watch(server, &connection->source, EPOLLIN);
	if (r == 0)
		r = broker_add_peer(&server->broker, connection, who->pid, who->uid, process,
				    &connection->peer);
	if (r < 0) {
		free(connection);
		return r;
	}
	connection->counted = who->uid != 0;
	server->others += connection->counted;
	return 0;
}

void connection_accept(struct server_source *listener, uint32_t events)
{
	struct server *server = listener->server;

	(void)events;
	for (size_t i = 0; i < ACCEPT_AT_ONCE; i++) {
		int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		struct ucred who;
		const char *why;

		if (fd < 0)
			return;
		why = objection(server, fd, &who);
		if (!why && connect_peer(server, fd, &who) < 0)
			why = "out of memory";
		if (why)
			refuse(server, fd, &who, why);
	}
}

void connection_free(struct server *server, struct peer *peer)
{
	struct connection *connection = peer->link;

	server->others -= connection->counted;
	server->output -= connection->out_size - connection->out_sent;
	close(connection->source.fd);
	free(connection->out);
	free(connection);
	peer_free(peer);
}
