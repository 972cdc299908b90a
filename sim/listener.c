/*
 * Listener: accepting, and the socket's place in the file system (see listener.h).
 */
#include "listener.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long those who come wait when there is no room for them. */
#define FULL_USEC 100000

static void on_listener(struct qk_sim_source *source, uint32_t events)
{
	struct qk_sim_listener *listener =
		(struct qk_sim_listener *)((char *)source -
					   offsetof(struct qk_sim_listener, socket));
	int fd = -1;

	(void)events;
	if (listener->count < listener->limit)
		fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0 && listener->take(listener, fd) == 0)
		return;
	/* out of room, of descriptors or of memory: looking again at once would be a busy loop */
	if (qk_sim_loop_change(source, 0) == 0)
		listener->full.due_usec = qk_sim_loop_now() + FULL_USEC;
}

static void on_full_due(struct qk_sim_timer *timer)
{
	struct qk_sim_listener *listener =
		(struct qk_sim_listener *)((char *)timer - offsetof(struct qk_sim_listener, full));

	(void)qk_sim_loop_change(&listener->socket, EPOLLIN);
}

static int socket_type(const struct qk_sim_listener *listener)
{
	return listener->packets ? SOCK_SEQPACKET : SOCK_STREAM;
}

/* A socket that nobody listens on is left over from a modem that died. */
static bool is_stale(const struct sockaddr_un *address, int type)
{
	struct stat status;

	if (lstat(address->sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
		return false;
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return false;
	bool refused = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
		       errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static int bind_address(struct qk_sim_listener *listener)
{
	const struct sockaddr *address = (const struct sockaddr *)&listener->address;
	int fd = listener->socket.fd;

	if (bind(fd, address, sizeof(listener->address)) == 0)
		return 0;
	if (errno != EADDRINUSE || !is_stale(&listener->address, socket_type(listener)))
		return -errno;
	unlink(listener->address.sun_path);
	return bind(fd, address, sizeof(listener->address)) < 0 ? -errno : 0;
}

static int listen_on(struct qk_sim_listener *listener, struct qk_sim_loop *loop, const char *path)
{
	if (strlen(path) >= sizeof(listener->address.sun_path))
		return -ENAMETOOLONG;
	listener->address.sun_family = AF_UNIX;
	memcpy(listener->address.sun_path, path, strlen(path) + 1);
	listener->socket.fd =
		socket(AF_UNIX, socket_type(listener) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->socket.fd < 0)
		return -errno;
	int r = bind_address(listener);
	if (r < 0)
		return r;
	listener->bound = true;
	if (listen(listener->socket.fd, SOMAXCONN) < 0)
		return -errno;
	return qk_sim_loop_add(loop, &listener->socket, EPOLLIN);
}

int qk_sim_listener_open(struct qk_sim_listener *listener, struct qk_sim_loop *loop,
			 const char *path)
{
	listener->socket = (struct qk_sim_source){ .fd = -1, .ready = on_listener };
	listener->full = (struct qk_sim_timer){ .due_usec = QK_SIM_NEVER, .due = on_full_due };
	qk_sim_loop_add_timer(loop, &listener->full);
	return listen_on(listener, loop, path);
}

void qk_sim_listener_close(struct qk_sim_listener *listener, struct qk_sim_loop *loop)
{
	qk_sim_loop_remove_timer(loop, &listener->full);
	qk_sim_loop_remove(&listener->socket);
	if (listener->bound)
		unlink(listener->address.sun_path);
	if (listener->socket.fd >= 0)
		close(listener->socket.fd);
}
