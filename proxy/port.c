/*
 * Ports: the descriptors of modems, in the loop and in the keeping of the service manager.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server.h"

struct server_port {
	struct server_source source;
	struct server_port *next; /* of those that are closed */
	struct modem *modem;      /* NULL: it is gone */
	dev_t kept;               /* what the service manager keeps; 0: nothing */
	uint32_t events;
};

static void on_ready(struct server_source *source, uint32_t events)
{
	struct server_port *port =
		(struct server_port *)((char *)source - offsetof(struct server_port, source));

	if (port->modem)
		modem_ready(port->modem, events & (EPOLLIN | EPOLLHUP | EPOLLERR),
			    events & EPOLLOUT);
}

int port_find(void *userdata, const char *path, const struct peer *peer, char **ret_path,
	      char **ret_identity, char why[BROKER_WHY_MAX])
{
	(void)userdata;
	return access_find(path, peer ? peer->uid : 0, ret_path, ret_identity, why, BROKER_WHY_MAX);
}

/* A character device that a broker before this one had open is taken over as it is: what the modem
 * sent meanwhile is still there, and nobody else could take the port. */
static int open_transport(struct server *server, const char *path, struct qk_transport **ret)
{
	struct stat st;

	if (*path == '/' && stat(path, &st) == 0 && S_ISCHR(st.st_mode)) {
		int fd = systemd_take_device(&server->systemd, &st);

		if (fd >= 0)
			return qk_transport_take_chardev(fd, path, ret);
	}
	return qk_transport_open(path, ret);
}

/* Whether what was opened is what was looked at. */
static bool is_same(const struct modem *modem, int fd)
{
	struct stat node, opened;

	if (*modem->path != '/')
		return true;
	return stat(modem->path, &node) == 0 && fstat(fd, &opened) == 0 &&
	       S_ISCHR(opened.st_mode) && node.st_rdev == opened.st_rdev;
}

static void keep(struct server_port *port, const char *path)
{
	struct stat st;

	if (*path != '/' || fstat(port->source.fd, &st) < 0)
		return;
	port->kept = st.st_rdev;
	systemd_keep(port->source.fd, port->kept);
}

int port_open(void *userdata, struct modem *modem, char why[BROKER_WHY_MAX])
{
	struct server *server = userdata;
	struct server_port *port = calloc(1, sizeof(*port));
	int r = port ? open_transport(server, modem->path, &modem->transport) : -ENOMEM;

	if (r == 0) {
		port->source.fd = qk_transport_fd(modem->transport);
		port->source.ready = on_ready;
		port->modem = modem;
		port->events = EPOLLIN;
		r = is_same(modem, port->source.fd) ? 0 : -ENODEV;
		if (r == 0)
			r = server_watch(server, &port->source, EPOLLIN);
		if (r < 0)
			modem->transport = qk_transport_free(modem->transport);
	}
	if (r < 0) {
		snprintf(why, BROKER_WHY_MAX, "couldn't open it: %s%s", strerror(-r),
			 r == -EBUSY ? ": a program has it open for itself" : "");
		free(port);
		return r;
	}
	modem->link = port;
	keep(port, modem->path);
	return 0;
}

void port_close(void *userdata, struct modem *modem)
{
	struct server *server = userdata;
	struct server_port *port = modem->link;

	store_forget(&server->store, modem);
	if (port->kept)
		systemd_forget(port->kept);
	/* what the service manager holds as well does not leave epoll by being closed */
	(void)epoll_ctl(server->epoll_fd, EPOLL_CTL_DEL, port->source.fd, NULL);
	port->modem = NULL;
	port->next = server->closed;
	server->closed = port;
}

void ports_settle(struct server *server)
{
	while (server->closed) {
		struct server_port *port = server->closed;

		server->closed = port->next;
		free(port);
	}
	for (struct modem *modem = server->broker.modems, *next; modem; modem = next) {
		struct server_port *port = modem->link;
		uint32_t events = EPOLLIN;

		next = modem->next;
		if (qk_transport_wants_write(modem->transport))
			events |= EPOLLOUT;
		if (events == port->events)
			continue;
		port->events = events;
		if (server_change(&port->source, events) < 0)
			server_note(server, "%s: epoll failed", modem->path);
	}
}
