/*
 * Server: the broker on sockets. Listens, reads, writes, watches the modems, ends when it is idle.
 *
 * Owns: the listening sockets, the connections, the epoll descriptor, the broker.
 * Does not know: what frames mean.
 * Lifetime: server_open() to server_close(), embedded.
 * Called from: main.c.
 */
#pragma once

#include <limits.h>

#include "access.h"
#include "broker.h"
#include "options.h"
#include "store.h"
#include "systemd.h"

enum {
	SERVER_LISTENERS_MAX = 8,
	SERVER_CONNECTIONS_MAX = 1024,
	SERVER_OTHERS_MAX = 512,               /* of them, of users that are not root */
	SERVER_OUTPUTS_MAX = 16 * 1024 * 1024, /* for all together */
	SERVER_OUTPUT_MAX = 128 * 1024, /* bytes that wait for one peer, beside the kernel's */
};

/* What epoll tells of. */
struct server_source {
	void (*ready)(struct server_source *source, uint32_t events);
	struct server *server;
	int fd;
};

/* How many lines were written of late. */
struct server_log {
	uint64_t since_usec, left_out;
	unsigned int used;
};

struct server {
	const struct options *options;
	struct broker broker;
	struct access_rules access;
	struct systemd systemd;
	struct server_source listeners[SERVER_LISTENERS_MAX];
	size_t listener_count, others, output;
	struct server_source signals;
	struct server_port *closed; /* modems, until nothing points to them any more */
	int epoll_fd, lock_fd;
	bool made_socket, stop, save_failed;
	struct store store;
	struct server_log log;
	uint64_t idle_usec;    /* since when nobody is connected; UINT64_MAX: somebody is */
	uint64_t refused_usec; /* when a refusal was logged last */
	char socket_path[PATH_MAX];
};

/* Opens what the options say, or takes it over from the service manager, and restores the tables. 0;
 * a negative errno after a line on stderr. Close in either case. */
QK_MUST_CHECK int server_open(struct server *server, const struct options *options);
/* Serves until a signal, or until it was idle for long enough. */
QK_MUST_CHECK int server_run(struct server *server);
void server_close(struct server *server);

/* listen.c: the sockets. */

/* Binds and listens, or takes what the service manager has bound. As server_open(). */
QK_MUST_CHECK int server_listen(struct server *server);
void server_unlisten(struct server *server);

/* connection.c: one peer's socket. */

void connection_accept(struct server_source *listener, uint32_t events);
void connection_send(void *userdata, struct peer *peer, struct qk_span frame);
void connection_read(void *userdata, struct peer *peer, bool on);
/* Ends the link of a peer that is dead. */
void connection_free(struct server *server, struct peer *peer);

/* port.c: one modem's descriptor. */

int port_find(void *userdata, const char *path, const struct peer *peer, char **ret_path,
	      char **ret_identity, char why[BROKER_WHY_MAX]);
int port_open(void *userdata, struct modem *modem, char why[BROKER_WHY_MAX]);
void port_close(void *userdata, struct modem *modem);
/* Frees the ports of modems that were closed; watches the others for what they want. */
void ports_settle(struct server *server);

/* epoll_ctl() on a source. */
QK_MUST_CHECK int server_watch(struct server *server, struct server_source *source,
			       uint32_t events);
QK_MUST_CHECK int server_change(struct server_source *source, uint32_t events);

__attribute__((format(printf, 2, 3))) void server_note(struct server *server, const char *format,
						       ...);

/* Writes the table of a modem's leases, if they have changed. */
void server_save(struct server *server, struct modem *modem);
