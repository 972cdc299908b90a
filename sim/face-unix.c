/*
 * Face, Unix socket: each connection is a port of the modem (see face.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "face.h"
#include "queue.h"

#define CONNECTIONS_MAX 256u
/* How long those who come wait when there is no room for them. */
#define FULL_USEC 100000

struct listener {
	struct qk_sim_face face;
	struct qk_sim_loop *loop;
	struct qk_sim *sim;
	struct qk_sim_source socket;
	struct qk_sim_timer full;
	struct connection *connections;
	unsigned int count;
	struct sockaddr_un address;
	bool bound;
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
	listener->count--;
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

static int connection_new(struct listener *listener, int take_fd)
{
	static const struct qk_sim_sink sink = { on_bytes, on_hang_up };
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
	listener->count++;
	int r = qk_sim_attach(listener->sim, &sink, connection, &connection->port);
	if (r == 0)
		r = qk_sim_loop_add(listener->loop, &connection->socket, EPOLLIN);
	if (r < 0)
		connection_free(connection);
	return r;
}

static void on_listener(struct qk_sim_source *source, uint32_t events)
{
	struct listener *listener =
		(struct listener *)((char *)source - offsetof(struct listener, socket));

	(void)events;
	int fd = -1;

	if (listener->count < CONNECTIONS_MAX)
		fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0 && connection_new(listener, fd) == 0)
		return;
	/* out of room, of descriptors or of memory: looking again at once would be a busy loop */
	if (qk_sim_loop_change(source, 0) == 0)
		listener->full.due_usec = qk_sim_loop_now() + FULL_USEC;
}

static void on_full_due(struct qk_sim_timer *timer)
{
	struct listener *listener =
		(struct listener *)((char *)timer - offsetof(struct listener, full));

	(void)qk_sim_loop_change(&listener->socket, EPOLLIN);
}

/* A socket that nobody listens on is left over from a modem that died. */
static bool is_stale(const struct sockaddr_un *address)
{
	struct stat status;

	if (lstat(address->sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
		return false;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return false;
	bool refused = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
		       errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static int bind_address(struct listener *listener)
{
	const struct sockaddr *address = (const struct sockaddr *)&listener->address;
	int fd = listener->socket.fd;

	if (bind(fd, address, sizeof(listener->address)) == 0)
		return 0;
	if (errno != EADDRINUSE || !is_stale(&listener->address))
		return -errno;
	unlink(listener->address.sun_path);
	return bind(fd, address, sizeof(listener->address)) < 0 ? -errno : 0;
}

static int listen_on(struct listener *listener, const char *path)
{
	if (strlen(path) >= sizeof(listener->address.sun_path))
		return -ENAMETOOLONG;
	listener->address.sun_family = AF_UNIX;
	memcpy(listener->address.sun_path, path, strlen(path) + 1);
	listener->socket.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->socket.fd < 0)
		return -errno;
	int r = bind_address(listener);
	if (r < 0)
		return r;
	listener->bound = true;
	if (listen(listener->socket.fd, SOMAXCONN) < 0)
		return -errno;
	return qk_sim_loop_add(listener->loop, &listener->socket, EPOLLIN);
}

static void unix_close(struct qk_sim_face *face)
{
	struct listener *listener = (struct listener *)face;

	while (listener->connections)
		connection_free(listener->connections);
	qk_sim_loop_remove_timer(listener->loop, &listener->full);
	qk_sim_loop_remove(&listener->socket);
	if (listener->bound)
		unlink(listener->address.sun_path);
	if (listener->socket.fd >= 0)
		close(listener->socket.fd);
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
		.socket = { .fd = -1, .ready = on_listener },
		.full = { .due_usec = QK_SIM_NEVER, .due = on_full_due },
	};
	qk_sim_loop_add_timer(loop, &listener->full);
	int r = listen_on(listener, path);
	if (r < 0) {
		snprintf(error, error_size, "socket %.200s: %s", path, strerror(-r));
		unix_close(&listener->face);
		return r;
	}
	*ret = &listener->face;
	return 0;
}
