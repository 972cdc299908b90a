/*
 * Face, QRTR: the modem's services on this kernel's AF_QIPCRTR, each a socket of the local node that the
 * name service knows (see face.h).
 *
 * The name service tells every server which ports and nodes are gone. It does so from the control port:
 * packets from another one are messages, whatever they say.
 */
#include <errno.h>
#include <linux/qrtr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "face.h"
#include "qrtr.h"

#ifndef AF_QIPCRTR
#define AF_QIPCRTR 42
#endif

#define SERVERS_MAX 255u
/* Messages of one server before others get their turn. */
#define MESSAGES_A_TURN 32u

struct qrtr;

struct server {
	struct qk_sim_source socket;
	struct qrtr *face;
	uint16_t service;
};

struct qrtr {
	struct qk_sim_face face;
	struct qk_sim_loop *loop;
	struct qk_sim *sim;
	struct qk_sim_qrtr *modem;
	struct qk_sim_timer restart;
	uint32_t local_node;
	struct server servers[SERVERS_MAX];
	size_t count;
	uint8_t buffer[QK_QRTR_MESSAGE_MAX];
};

static int send_to(int fd, uint32_t node, uint32_t port, struct qk_span bytes)
{
	const struct sockaddr_qrtr to = { .sq_family = AF_QIPCRTR,
					  .sq_node = node,
					  .sq_port = port };
	ssize_t n;

	do
		n = sendto(fd, bytes.data, bytes.size, MSG_DONTWAIT, (const struct sockaddr *)&to,
			   sizeof(to));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* A client that takes no more loses messages, and one that is gone is reported by the name service. */
static void on_message(void *userdata, uint16_t service, uint32_t node, uint32_t port,
		       struct qk_span bytes)
{
	struct qrtr *q = userdata;

	for (size_t i = 0; i < q->count; i++)
		if (q->servers[i].service == service)
			(void)send_to(q->servers[i].socket.fd, node, port, bytes);
}

static void on_restart(void *userdata)
{
	struct qrtr *q = userdata;

	q->restart.due_usec = 0;
}

static void on_control(struct qrtr *q, struct qk_span packet)
{
	struct qk_qrtr_control control;

	if (qk_qrtr_control_read(packet, &control) < 0)
		return;
	if (control.command == QK_QRTR_DEL_CLIENT)
		qk_sim_qrtr_forget(q->modem, control.node, control.port, false);
	else if (control.command == QK_QRTR_BYE)
		qk_sim_qrtr_forget(q->modem, control.node, 0, true);
}

/* Takes one message: 0, or a negative errno. */
static int take_message(struct server *server)
{
	struct qrtr *q = server->face;
	struct sockaddr_qrtr from = { 0 };
	socklen_t size = sizeof(from);
	ssize_t n = recvfrom(server->socket.fd, q->buffer, sizeof(q->buffer), MSG_DONTWAIT,
			     (struct sockaddr *)&from, &size);

	if (n < 0)
		return -errno;

	struct qk_span bytes = { q->buffer, (size_t)n };

	if (from.sq_port != QK_QRTR_CONTROL_PORT)
		qk_sim_qrtr_input(q->modem, server->service, from.sq_node, from.sq_port, bytes);
	else if (from.sq_node == q->local_node)
		on_control(q, bytes);
	return 0;
}

static void on_server(struct qk_sim_source *source, uint32_t events)
{
	struct server *server = (struct server *)((char *)source - offsetof(struct server, socket));
	int r = 0;

	(void)events;
	qk_sim_advance(server->face->sim, qk_sim_loop_now());
	for (unsigned int i = 0; r == 0 && i < MESSAGES_A_TURN; i++)
		r = take_message(server);
	/* a name service that was started anew knows nobody */
	if (r < 0 && r != -EAGAIN && r != -EINTR)
		on_restart(server->face);
}

static void withdraw(struct qrtr *q)
{
	while (q->count) {
		struct server *server = &q->servers[--q->count];

		qk_sim_loop_remove(&server->socket);
		if (server->socket.fd >= 0)
			close(server->socket.fd);
	}
}

/* A socket of the family, and the node that this machine is. */
static int open_socket(uint32_t *ret_node)
{
	int fd = socket(AF_QIPCRTR, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_qrtr address = { 0 };
	socklen_t size = sizeof(address);

	if (fd < 0)
		return -errno;
	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	*ret_node = address.sq_node;
	return fd;
}

static int publish(struct qrtr *q, uint16_t service, uint16_t version)
{
	struct server *server = &q->servers[q->count++];
	uint8_t packet[QK_QRTR_CONTROL_SIZE];
	int fd = open_socket(&q->local_node);

	*server = (struct server){
		.socket = { .fd = fd, .ready = on_server },
		.face = q,
		.service = service,
	};
	if (fd < 0)
		return fd;
	/* the port is the socket's own, which it gets with this message; the instance is 0 [U] */
	qk_qrtr_control_write(&(struct qk_qrtr_control){ .command = QK_QRTR_NEW_SERVER,
							 .service = service,
							 .instance = version & 0xff,
							 .node = q->local_node },
			      packet);
	int r = send_to(fd, q->local_node, QK_QRTR_CONTROL_PORT,
			(struct qk_span){ packet, sizeof(packet) });
	return r < 0 ? r : qk_sim_loop_add(q->loop, &server->socket, EPOLLIN);
}

static int publish_all(struct qrtr *q)
{
	uint16_t service, version;
	int r = 0;

	for (size_t i = 0;
	     r == 0 && i < SERVERS_MAX && qk_sim_qrtr_service(q->modem, i, &service, &version); i++)
		r = publish(q, service, version);
	return r;
}

static void on_restart_due(struct qk_sim_timer *timer)
{
	struct qrtr *q = (struct qrtr *)((char *)timer - offsetof(struct qrtr, restart));

	timer->due_usec = QK_SIM_NEVER;
	withdraw(q);
	if (!qk_sim_qrtr_restart(q->modem))
		return;

	int r = publish_all(q);

	if (r < 0)
		fprintf(stderr, "qrtr: the services cannot be published: %s\n", strerror(-r));
}

static void qrtr_close(struct qk_sim_face *face)
{
	struct qrtr *q = (struct qrtr *)face;

	qk_sim_loop_remove_timer(q->loop, &q->restart);
	withdraw(q);
	qk_sim_qrtr_detach(q->modem);
	free(q);
}

int qk_sim_face_qrtr_open(struct qk_sim_loop *loop, struct qk_sim *sim, struct qk_sim_face **ret,
			  char *error, size_t error_size)
{
	static const struct qk_sim_qrtr_sink sink = { on_message, on_restart };
	struct qrtr *q = calloc(1, sizeof(*q));
	int r;

	if (!q) {
		snprintf(error, error_size, "out of memory");
		return -ENOMEM;
	}
	q->face.close = qrtr_close;
	q->loop = loop;
	q->sim = sim;
	q->restart = (struct qk_sim_timer){ .due_usec = QK_SIM_NEVER, .due = on_restart_due };
	qk_sim_loop_add_timer(loop, &q->restart);
	r = qk_sim_qrtr_attach(sim, &sink, q, &q->modem);
	if (r == 0 && qk_sim_qrtr_restart(q->modem))
		r = publish_all(q);
	if (r < 0) {
		snprintf(error, error_size, "qrtr: %s",
			 r == -EAFNOSUPPORT ? "this kernel has none (modprobe qrtr)"
					    : strerror(-r));
		qrtr_close(&q->face);
		return r;
	}
	*ret = &q->face;
	return 0;
}
