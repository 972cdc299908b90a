/*
 * Listening: the abstract socket that libqmi's clients know, and the one in a folder, which
 * containers and network namespaces can share.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server.h"

#define BACKLOG 256

static int add_listener(struct server *server, int take_fd)
{
	struct server_source *source = &server->listeners[server->listener_count];
	int flags = fcntl(take_fd, F_GETFL), r;

	if (server->listener_count == SERVER_LISTENERS_MAX || flags < 0 ||
	    fcntl(take_fd, F_SETFL, flags | O_NONBLOCK) < 0) {
		close(take_fd);
		return -EINVAL;
	}
	source->fd = take_fd;
	source->ready = connection_accept;
	r = server_watch(server, source, EPOLLIN);
	if (r < 0)
		close(take_fd);
	else
		server->listener_count++;
	return r;
}

/* Whether nobody but root and us can put something into the folder: its tables say whose ids are whose. */
static int check_folder(const char *folder)
{
	struct stat st;

	if (lstat(folder, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || st.st_mode & (S_IWGRP | S_IWOTH))
		return -EPERM;
	return 0;
}

/* Whoever holds the lock has the folder: its socket is nobody else's, and so are its tables. */
static int take_folder(struct server *server)
{
	const char *folder = server->options->folder;
	char lock[PATH_MAX];
	mode_t mode = server->access.has_group ? 0750 : 0700;
	int r;

	if (mkdir(folder, mode) < 0 && errno != EEXIST)
		return -errno;
	r = check_folder(folder);
	if (r < 0)
		return r;
	if (snprintf(lock, sizeof(lock), "%s/lock", folder) >= (int)sizeof(lock) ||
	    snprintf(server->socket_path, PATH_MAX, "%s/socket", folder) >= PATH_MAX)
		return -ENAMETOOLONG;
	server->lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (server->lock_fd < 0)
		return -errno;
	if (flock(server->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	if (server->access.has_group && geteuid() == 0) {
		if (chown(folder, (uid_t)-1, server->access.group) < 0 || chmod(folder, mode) < 0)
			return -errno;
	}
	return store_open(&server->store, folder);
}

static int bind_and_listen(struct server *server, const struct sockaddr_un *address, size_t length)
{
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)address, size) < 0 || listen(fd, BACKLOG) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return add_listener(server, fd);
}

static int listen_path(struct server *server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t size = strlen(server->socket_path);
	int r;

	if (size >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, server->socket_path, size);
	unlink(server->socket_path); /* the lock is ours: nobody listens there */
	r = bind_and_listen(server, &address, size + 1);
	server->made_socket = r == 0;
	if (r == 0 && chmod(server->socket_path, 0666) < 0) /* credentials decide */
		r = -errno;
	return r;
}

static int listen_name(struct server *server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *name = server->options->name;
	size_t size = strlen(name);

	if (size >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path + 1, name, size);
	return bind_and_listen(server, &address, size + 1);
}

static int listen_folder(struct server *server, bool passed)
{
	const char *folder = server->options->folder;
	int r = take_folder(server);

	if (r == 0 && !passed)
		r = listen_path(server);
	if (r == -EWOULDBLOCK)
		server_note(server, "%s: another broker has it; doing without", folder);
	else if (r == -EPERM)
		server_note(server, "%s: others than root can write there; doing without", folder);
	else if (r < 0)
		server_note(server, "%s: doing without: %s", folder, strerror(-r));
	return r;
}

int server_listen(struct server *server)
{
	const struct options *options = server->options;
	bool passed = false;
	int r = 0, fd;

	while (r == 0 && (fd = systemd_take_listener(&server->systemd)) >= 0) {
		passed = true;
		r = add_listener(server, fd);
	}
	if (r == 0 && !passed && *options->name)
		r = listen_name(server);
	if (r == -EADDRINUSE)
		fprintf(stderr, "error: another qmi-proxy serves @%s already\n", options->name);
	else if (r < 0)
		fprintf(stderr, "error: couldn't listen on @%s: %s\n", options->name, strerror(-r));
	if (r < 0)
		return r;
	if (*options->folder)
		r = listen_folder(server, passed);
	if (server->listener_count)
		return 0;
	fprintf(stderr, "error: there is no socket to serve\n");
	return r < 0 ? r : -EINVAL;
}

void server_unlisten(struct server *server)
{
	if (server->made_socket)
		unlink(server->socket_path);
	while (server->listener_count)
		close(server->listeners[--server->listener_count].fd);
	if (server->lock_fd >= 0)
		close(server->lock_fd);
}
