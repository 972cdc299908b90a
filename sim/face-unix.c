/*
 * Face, Unix socket: each connection is a port of the modem (see face.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "face.h"
#include "listener.h"
#include "queue.h"

#define CONNECTIONS_MAX 256u

struct listener {
	struct qk_sim_face face;
	struct qk_sim_listener listener;
	struct qk_sim_loop *loop;
	struct qk_sim *sim;
	struct connection *connections;
};

struct connection {
	struct listener *listener;
	struct connection *next;
	struct qk_sim_source socket;
	struct qk_sim_port *port;
	struct qk_sim_queue queue;
	bool wants_write, ending; /* ending: the modem hung up, the rest is still written */
};

static struct connection *connection_free(struct connection *connection)
{
	struct listener *listener = connection->listener;

	for (struct connection **at = &listener->connections; *at; at = &(*at)->next) {
		if (*at == connection) {
			*at = connection->next;
			break;
		}
	}
	listener->listener.count--;
	qk_sim_loop_remove(&connection->socket);
	close(connection->socket.fd);
	qk_sim_detach(connection->port);
	qk_sim_queue_done(&connection->queue);
	free(connection);
	return NULL;
}

static void write_waiting(struct connection *connection)
{
	bool wants_write = qk_sim_loop_send(&connection->socket, &connection->queue);

	if (connection->ending && !wants_write)
		shutdown(connection->socket.fd, SHUT_RDWR);
	if (wants_write != connection->wants_write &&
	    qk_sim_loop_change(&connection->socket, EPOLLIN | (wants_write ? EPOLLOUT : 0u)) == 0)
		connection->wants_write = wants_write;
}

static void on_bytes(void *userdata, struct qk_span bytes)
{
	struct connection *connection = userdata;

	qk_sim_queue_put(&connection->queue, bytes);
	write_waiting(connection);
}

static void on_hang_up(void *userdata)
{
	struct connection *connection = userdata;

	connection->ending = true;
	write_waiting(connection);
}

static void on_connection(struct qk_sim_source *source, uint32_t events)
{
	struct connection *connection =
		(struct connection *)((char *)source - offsetof(struct connection, socket));
	struct listener *listener = connection->listener;
	uint8_t buffer[16384];

	if (events & EPOLLOUT)
		write_waiting(connection);
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	ssize_t n = recv(source->fd, buffer, sizeof(buffer), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		connection_free(connection);
		return;
	}
	qk_sim_advance(listener->sim, qk_sim_loop_now());
	qk_sim_input(connection->port, (struct qk_span){ buffer, (size_t)n });
}

static int connection_new(struct qk_sim_listener *waiting, int take_fd)
{
	static const struct qk_sim_sink sink = { on_bytes, on_hang_up };
	struct listener *listener =
		(struct listener *)((char *)waiting - offsetof(struct listener, listener));
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection) {
		close(take_fd);
		return -ENOMEM;
	}
	*connection = (struct connection){
		.listener = listener,
		.next = listener->connections,
		.socket = { .fd = take_fd, .ready = on_connection },
	};
	listener->connections = connection;
	listener->listener.count++;
	int r = qk_sim_attach(listener->sim, &sink, connection, &connection->port);
	if (r == 0)
		r = qk_sim_loop_add(listener->loop, &connection->socket, EPOLLIN);
	if (r < 0)
		connection_free(connection);
	return r;
}

static void unix_close(struct qk_sim_face *face)
{
	struct listener *listener = (struct listener *)face;

	while (listener->connections)
		connection_free(listener->connections);
	qk_sim_listener_close(&listener->listener, listener->loop);
	free(listener);
}

int qk_sim_face_unix_open(struct qk_sim_loop *loop, struct qk_sim *sim, const char *path,
			  struct qk_sim_face **ret, char *error, size_t error_size)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (!listener) {
		snprintf(error, error_size, "out of memory");
		return -ENOMEM;
	}
	*listener = (struct listener){
		.face = { unix_close },
		.loop = loop,
		.sim = sim,
		.listener = { .take = connection_new, .limit = CONNECTIONS_MAX },
	};
	int r = qk_sim_listener_open(&listener->listener, loop, path);
	if (r < 0) {
		snprintf(error, error_size, "socket %.200s: %s", path, strerror(-r));
		unix_close(&listener->face);
		return r;
	}
	*ret = &listener->face;
	return 0;
}
