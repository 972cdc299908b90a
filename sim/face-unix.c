/*
 * Face, Unix socket: each connection is a port of the modem, or a program at the qmuxd in front of it (see
 * face.h).
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "face.h"
#include "listener.h"
#include "qmuxd.h"
#include "queue.h"

#define CONNECTIONS_MAX 256u

struct connection;

/* What is spoken on the socket. */
struct protocol {
	int (*attach)(struct connection *connection);
	/* A negative errno: nothing more can be understood. */
	int (*input)(struct connection *connection, struct qk_span bytes);
	void (*detach)(struct connection *connection);
};

struct listener {
	struct qk_sim_face face;
	const struct protocol *protocol;
	char *folder;    /* that was made for the socket, or NULL */
	uint32_t number; /* of the last connection */
	struct qk_sim_listener listener;
	struct qk_sim_loop *loop;
	struct qk_sim *sim;
	struct connection *connections;
};

struct connection {
	struct listener *listener;
	struct connection *next;
	struct qk_sim_source socket;
	struct qk_sim_port *port;   /* of QMUX */
	struct qk_sim_qmuxd *qmuxd; /* of qmuxd */
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
	listener->protocol->detach(connection);
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
	if (listener->protocol->input(connection, (struct qk_span){ buffer, (size_t)n }) < 0)
		connection_free(connection);
}

static const struct qk_sim_sink sink = { on_bytes, on_hang_up };

static int qmux_attach(struct connection *connection)
{
	return qk_sim_attach(connection->listener->sim, &sink, connection, &connection->port);
}

static int qmux_input(struct connection *connection, struct qk_span bytes)
{
	qk_sim_input(connection->port, bytes);
	return 0;
}

static void qmux_detach(struct connection *connection)
{
	qk_sim_detach(connection->port);
}

static const struct protocol qmux_protocol = { qmux_attach, qmux_input, qmux_detach };

static int qmuxd_attach(struct connection *connection)
{
	struct listener *listener = connection->listener;

	return qk_sim_qmuxd_attach(listener->sim, ++listener->number, &sink, connection,
				   &connection->qmuxd);
}

static int qmuxd_input(struct connection *connection, struct qk_span bytes)
{
	return qk_sim_qmuxd_input(connection->qmuxd, bytes);
}

static void qmuxd_detach(struct connection *connection)
{
	qk_sim_qmuxd_detach(connection->qmuxd);
}

static const struct protocol qmuxd_protocol = { qmuxd_attach, qmuxd_input, qmuxd_detach };

static int connection_new(struct qk_sim_listener *waiting, int take_fd)
{
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
	int r = qk_sim_loop_add(listener->loop, &connection->socket, EPOLLIN);
	if (r == 0)
		r = listener->protocol->attach(connection);
	if (r < 0)
		connection_free(connection);
	return r;
}

/* Takes the folder away that was made, with the names of programs that were killed. */
static void remove_folder(const char *path)
{
	static const char client[] = "qmux_client_socket";
	DIR *folder = opendir(path);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (strncmp(entry->d_name, client, sizeof(client) - 1) == 0)
			(void)unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	(void)rmdir(path);
}

static void unix_close(struct qk_sim_face *face)
{
	struct listener *listener = (struct listener *)face;

	while (listener->connections)
		connection_free(listener->connections);
	qk_sim_listener_close(&listener->listener, listener->loop);
	if (listener->folder)
		remove_folder(listener->folder);
	free(listener->folder);
	free(listener);
}

static int open_with(const struct protocol *protocol, struct qk_sim_loop *loop, struct qk_sim *sim,
		     const char *path, struct listener **ret, char *error, size_t error_size)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (!listener) {
		snprintf(error, error_size, "out of memory");
		return -ENOMEM;
	}
	*listener = (struct listener){
		.face = { unix_close },
		.protocol = protocol,
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
	*ret = listener;
	return 0;
}

int qk_sim_face_unix_open(struct qk_sim_loop *loop, struct qk_sim *sim, const char *path,
			  struct qk_sim_face **ret, char *error, size_t error_size)
{
	struct listener *listener;
	int r = open_with(&qmux_protocol, loop, sim, path, &listener, error, error_size);

	if (r == 0)
		*ret = &listener->face;
	return r;
}

int qk_sim_face_qmuxd_open(struct qk_sim_loop *loop, struct qk_sim *sim, const char *folder,
			   struct qk_sim_face **ret, char *error, size_t error_size)
{
	struct listener *listener;
	char path[PATH_MAX];
	int size = snprintf(path, sizeof(path), "%s/qmux_connect_socket", folder);

	if (size < 0 || (size_t)size >= sizeof(path)) {
		snprintf(error, error_size, "%.200s: %s", folder, strerror(ENAMETOOLONG));
		return -ENAMETOOLONG;
	}
	bool made = mkdir(folder, 0755) == 0;
	if (!made && errno != EEXIST) {
		int r = -errno;
		snprintf(error, error_size, "folder %.200s: %s", folder, strerror(-r));
		return r;
	}
	int r = open_with(&qmuxd_protocol, loop, sim, path, &listener, error, error_size);
	if (r < 0) {
		if (made)
			(void)rmdir(folder);
		return r;
	}
	listener->folder = made ? strdup(folder) : NULL;
	*ret = &listener->face;
	return 0;
}
