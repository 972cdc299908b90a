/*
 * Control socket: requests and events as lines on a Unix stream socket (see face.h).
 *
 * A connection whose answers nobody reads is not read either; events that do not fit its queue are lost,
 * and it is told how many.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control.h"
#include "face.h"
#include "listener.h"
#include "queue.h"

#define CONNECTIONS_MAX 64u
/* Requests wait while so much of their answers does. */
#define ANSWERS_MAX ((size_t)64 * 1024)

struct server {
	struct qk_sim_face face;
	struct qk_sim_listener listener;
	struct qk_sim_loop *loop;
	struct qk_control *control;
	struct connection *connections;
};

struct connection {
	struct server *server;
	struct connection *next;
	struct qk_sim_source socket;
	struct qk_control_user user;
	struct qk_sim_queue queue;
	uint64_t told_lost;
	uint32_t watched;
	bool ending;  /* what it sent is no request; the rest is still written */
	bool pending; /* whole lines wait for room for their answers: nothing is read meanwhile */
	size_t size;
	char line[QK_CONTROL_LINE_MAX + 1];
};

static struct connection *connection_free(struct connection *connection)
{
	struct server *server = connection->server;

	for (struct connection **at = &server->connections; *at; at = &(*at)->next) {
		if (*at == connection) {
			*at = connection->next;
			break;
		}
	}
	server->listener.count--;
	qk_control_remove_user(server->control, &connection->user);
	qk_sim_loop_remove(&connection->socket);
	close(connection->socket.fd);
	qk_sim_queue_done(&connection->queue);
	free(connection);
	return NULL;
}

static size_t waiting(const struct connection *connection)
{
	return qk_sim_queue_waiting(&connection->queue).size;
}

/* Writes what waits and watches for what is useful now. */
static void write_waiting(struct connection *connection)
{
	bool wants_write = qk_sim_loop_send(&connection->socket, &connection->queue);
	uint32_t events = wants_write || connection->pending ? EPOLLOUT : 0u;

	if (connection->ending && !wants_write)
		shutdown(connection->socket.fd, SHUT_RDWR);
	if (!connection->ending && !connection->pending)
		events |= EPOLLIN;
	if (events != connection->watched && qk_sim_loop_change(&connection->socket, events) == 0)
		connection->watched = events;
}

static void on_line(void *userdata, const char *json, size_t size)
{
	struct connection *connection = userdata;
	struct qk_sim_queue *queue = &connection->queue;
	uint8_t *line = malloc(size + 1);

	if (!line) {
		queue->lost++;
		return;
	}
	/* one piece, or half a line could be lost */
	memcpy(line, json, size);
	line[size] = '\n';
	qk_sim_queue_put(queue, (struct qk_span){ line, size + 1 });
	free(line);
	write_waiting(connection);
}

/* What did not fit is said once there is room again. */
static void tell_lost(struct connection *connection)
{
	uint64_t lost = connection->queue.lost;
	char line[64];

	if (lost == connection->told_lost || waiting(connection))
		return;
	int size = snprintf(line, sizeof(line), "{\"event\":\"lost\",\"count\":%llu}",
			    (unsigned long long)(lost - connection->told_lost));
	connection->told_lost = lost;
	on_line(connection, line, (size_t)size);
}

/* Carries out the whole lines that came, as long as the answers are read. */
static void take_lines(struct connection *connection)
{
	size_t used = 0;

	while (!connection->ending && waiting(connection) < ANSWERS_MAX) {
		char *line = connection->line + used;
		char *end = memchr(line, '\n', connection->size - used);
		if (!end)
			break;
		used += (size_t)(end - line) + 1;
		if (end > line)
			qk_control_line(connection->server->control, &connection->user, line,
					(size_t)(end - line));
	}
	connection->size -= used;
	memmove(connection->line, connection->line + used, connection->size);
	connection->pending = memchr(connection->line, '\n', connection->size);
	if (!connection->pending && connection->size == sizeof(connection->line)) {
		connection->ending = true;
		connection->size = 0;
		qk_control_complain(&connection->user, "the line is too long");
	}
	write_waiting(connection);
}

/* The host says no more: its last line may lack an end, and what it asked for is still written. */
static void end_input(struct connection *connection)
{
	if (connection->size)
		qk_control_line(connection->server->control, &connection->user, connection->line,
				connection->size);
	connection->size = 0;
	connection->ending = true;
	write_waiting(connection);
}

static void on_connection(struct qk_sim_source *source, uint32_t events)
{
	struct connection *connection =
		(struct connection *)((char *)source - offsetof(struct connection, socket));

	if (events & EPOLLOUT) {
		write_waiting(connection);
		tell_lost(connection);
		take_lines(connection);
	}
	if (events & (EPOLLHUP | EPOLLERR)) {
		connection_free(connection);
		return;
	}
	size_t room = sizeof(connection->line) - connection->size;
	if (!(events & EPOLLIN) || connection->ending || connection->pending || !room)
		return;
	ssize_t n = recv(source->fd, connection->line + connection->size, room, 0);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		connection_free(connection);
	} else if (n == 0) {
		end_input(connection);
	} else if (n > 0) {
		connection->size += (size_t)n;
		take_lines(connection);
	}
}

static int connection_new(struct qk_sim_listener *listener, int take_fd)
{
	struct server *server =
		(struct server *)((char *)listener - offsetof(struct server, listener));
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection) {
		close(take_fd);
		return -ENOMEM;
	}
	connection->server = server;
	connection->next = server->connections;
	connection->socket = (struct qk_sim_source){ .fd = take_fd, .ready = on_connection };
	connection->user = (struct qk_control_user){ .line = on_line, .userdata = connection };
	connection->watched = EPOLLIN;
	server->connections = connection;
	server->listener.count++;
	qk_control_add_user(server->control, &connection->user);
	int r = qk_sim_loop_add(server->loop, &connection->socket, EPOLLIN);
	if (r < 0)
		connection_free(connection);
	return r;
}

static void server_close(struct qk_sim_face *face)
{
	struct server *server = (struct server *)face;

	while (server->connections)
		connection_free(server->connections);
	qk_sim_listener_close(&server->listener, server->loop);
	free(server);
}

int qk_sim_face_control_open(struct qk_sim_loop *loop, struct qk_control *control, const char *path,
			     struct qk_sim_face **ret, char *error, size_t error_size)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server) {
		snprintf(error, error_size, "out of memory");
		return -ENOMEM;
	}
	*server = (struct server){
		.face = { server_close },
		.listener = { .take = connection_new, .limit = CONNECTIONS_MAX },
		.loop = loop,
		.control = control,
	};
	int r = qk_sim_listener_open(&server->listener, loop, path);
	if (r < 0) {
		snprintf(error, error_size, "control socket %.200s: %s", path, strerror(-r));
		server_close(&server->face);
		return r;
	}
	*ret = &server->face;
	return 0;
}
