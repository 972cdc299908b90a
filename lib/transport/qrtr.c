/*
 * QRTR as a transport: one socket asks the name service for the servers of the node and hears what
 * becomes of them, and each client has one of its own. Between them and the frames above there are but
 * the six bytes of the QMUX header.
 *
 * Nothing that arrives is believed for what it says alone: control packets count from the control port,
 * messages from the server that the client is one of. What others send is dropped.
 *
 * A client whose server is gone is revoked: that is said upwards, and requests of it are refused from
 * then on. With its last server the node is gone, and the transport with it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utlist.h>
#include <qmikit/common.h>

#include "lib/transport/internal.h"
#include "lib/transport/qrtr.h"

#define CLIENTS_MAX 1024
#define REQUESTS_MAX 64
/* Datagrams that are none of ours, before others get their turn. */
#define STRANGERS_A_TURN 32u
/* Transports with flow control of their own do not tell when there is room again. */
#define RETRY_NSEC 2000000
/* Padding to a word, which some carriers of QRTR do not take off. */
#define PADDING_MAX 3

struct client {
	struct client *next;
	int fd;
	uint8_t service, id;
	uint32_t port; /* of the server */
};

/* A request of CTL that waits for the look-up, or for its answer to be fetched. */
struct request {
	struct request *next;
	size_t size;
	uint8_t data[];
};

struct qrtr {
	const struct qk_qrtr_net *net;
	void *context;
	uint32_t node, local_node;
	int epoll_fd, timer_fd, control_fd;
	struct qk_qrtr_servers servers;
	bool complete;                 /* the name service has told all */
	bool was_there;                /* the node had servers once */
	unsigned int lost;             /* messages, since the last that was none of those */
	struct client *clients, *gone; /* `gone`: revoked, and not said yet */
	size_t client_count;
	uint8_t last_id[UINT8_MAX + 1]; /* by service */
	struct request *requests;
	size_t request_count;
};

/* Descriptors. */

/* Makes the descriptor readable in `nsec` from now. */
static void wake_in(const struct qrtr *q, long nsec)
{
	const struct itimerspec when = { .it_value.tv_nsec = nsec };

	(void)timerfd_settime(q->timer_fd, 0, &when, NULL);
}

static int watch(const struct qrtr *q, int fd, void *what)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = what };

	return epoll_ctl(q->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* Clients. */

/* To close a descriptor takes it from epoll, unless a child of this process has it too. */
static void client_close(const struct qrtr *q, struct client *client)
{
	if (client->fd < 0)
		return;
	(void)epoll_ctl(q->epoll_fd, EPOLL_CTL_DEL, client->fd, NULL);
	close(client->fd);
	client->fd = -1;
}

static void client_free(const struct qrtr *q, struct client *client)
{
	client_close(q, client);
	free(client);
}

static struct client *find_client(const struct qrtr *q, uint8_t service, uint8_t id)
{
	struct client *client;

	LL_FOREACH(q->clients, client) {
		if (client->service == service && client->id == id)
			return client;
	}
	return NULL;
}

/* Its socket is closed at once: the server shall know, and nothing of it is awaited. */
static void revoke_client(struct qrtr *q, struct client *client)
{
	LL_DELETE(q->clients, client);
	q->client_count--;
	client_close(q, client);
	LL_APPEND(q->gone, client);
	wake_in(q, 1);
}

/* Revokes the clients of servers that are no more. */
static void revoke_orphans(struct qrtr *q)
{
	struct client *client, *next;

	LL_FOREACH_SAFE(q->clients, client, next) {
		if (!qk_qrtr_servers_have(&q->servers, client->service, client->port))
			revoke_client(q, client);
	}
}

/* The next free id behind the last one, so that an id is used again as late as possible; or 0. */
static uint8_t next_id(struct qrtr *q, uint8_t service)
{
	uint8_t id = q->last_id[service];

	for (unsigned int tries = 0; tries < QK_CLIENT_BROADCAST; tries++) {
		id = id + 1 >= QK_CLIENT_BROADCAST ? 1 : (uint8_t)(id + 1);
		if (!find_client(q, service, id))
			return q->last_id[service] = id;
	}
	return 0;
}

static uint16_t allocate(void *self, uint16_t service, uint8_t *ret_client)
{
	struct qrtr *q = self;
	const struct qk_qrtr_server *server = qk_qrtr_servers_find(&q->servers, service);
	struct client *client;
	uint32_t local;

	if (!server || service > UINT8_MAX || service == QK_SERVICE_CTL)
		return QK_ERROR_INVALID_SERVICE_TYPE;

	uint8_t id = next_id(q, (uint8_t)service);

	if (!id || q->client_count == CLIENTS_MAX)
		return QK_ERROR_CLIENT_IDS_EXHAUSTED;
	client = calloc(1, sizeof(*client));
	if (!client)
		return QK_ERROR_NO_MEMORY;
	client->service = (uint8_t)service;
	client->id = id;
	client->port = server->port;
	client->fd = q->net->open(q->context, &local);
	if (client->fd < 0 || watch(q, client->fd, client) < 0) {
		client_free(q, client);
		return QK_ERROR_INTERNAL;
	}
	LL_PREPEND(q->clients, client);
	q->client_count++;
	*ret_client = id;
	return QK_ERROR_NONE;
}

static uint16_t release(void *self, uint16_t service, uint8_t id)
{
	struct qrtr *q = self;
	struct client *client = service <= UINT8_MAX ? find_client(q, (uint8_t)service, id) : NULL;

	if (!client)
		return QK_ERROR_INVALID_CLIENT_ID;
	LL_DELETE(q->clients, client);
	q->client_count--;
	client_free(q, client);
	return QK_ERROR_NONE;
}

static void release_all(void *self)
{
	struct qrtr *q = self;
	struct client *client, *next;

	LL_FOREACH_SAFE(q->clients, client, next) {
		client_free(q, client);
	}
	q->clients = NULL;
	q->client_count = 0;
}

/* What goes down. */

static int keep_request(struct qrtr *q, struct qk_span frame)
{
	struct request *request;

	if (q->request_count == REQUESTS_MAX)
		return -EAGAIN;
	request = malloc(sizeof(*request) + frame.size);
	if (!request)
		return -ENOMEM;
	request->size = frame.size;
	memcpy(request->data, frame.data, frame.size);
	LL_APPEND(q->requests, request);
	q->request_count++;
	if (q->complete)
		wake_in(q, 1);
	return 0;
}

static int qrtr_send(void *self, struct qk_span bytes)
{
	struct qrtr *q = self;
	struct qk_frame frame;
	struct client *client;
	int r = qk_frame_read(bytes, &frame, NULL);

	if (r <= 0 || (size_t)r != bytes.size)
		return -EINVAL;
	client = find_client(q, frame.service, frame.client);
	/* who is nobody gets told so by the same way as the rest */
	if (frame.service == QK_SERVICE_CTL || !client)
		return keep_request(q, bytes);
	r = q->net->send(
		client->fd, q->node, client->port,
		(struct qk_span){ bytes.data + QK_QMUX_HEADER, bytes.size - QK_QMUX_HEADER });
	if (r == -EAGAIN)
		wake_in(q, RETRY_NSEC);
	else if (r < 0)
		revoke_client(q, client);
	return r == -EAGAIN ? r : 0;
}

/* What comes up. */

static void look_up_again(struct qrtr *q)
{
	q->complete = false;
	q->servers.count = 0;
	/* without a name service nothing is ever complete: whoever waits for an answer gives up */
	(void)!qk_qrtr_look_up(q->net, q->control_fd, q->local_node, 0);
}

static void hear_of_server(struct qrtr *q, const struct qk_qrtr_control *control)
{
	const struct qk_qrtr_server server = { control->service, control->instance, control->port };

	if (control->command == QK_QRTR_NEW_SERVER && !control->service && !control->port) {
		q->complete = true;
	} else if (control->node == q->node && control->command == QK_QRTR_NEW_SERVER) {
		qk_qrtr_servers_add(&q->servers, &server);
		q->was_there = true;
	} else if (control->node == q->node && control->command == QK_QRTR_DEL_SERVER) {
		qk_qrtr_servers_remove(&q->servers, server.port);
	} else {
		return;
	}
	/* before the list is complete a server that is not on it may still come */
	if (q->complete)
		revoke_orphans(q);
}

/* Reads what the name service says. 0, or what ended it. */
static int read_control(struct qrtr *q, uint8_t *buffer, size_t size)
{
	struct qk_qrtr_control control;
	uint32_t node, port;

	for (unsigned int i = 0; i < STRANGERS_A_TURN; i++) {
		int r = q->net->receive(q->control_fd, buffer, size, &node, &port);

		if (r == -EAGAIN)
			return 0;
		if (r == -ENETRESET)
			look_up_again(q);
		else if (r < 0 && r != -EMSGSIZE)
			return r;
		if (r >= 0 && node == q->local_node && port == QK_QRTR_CONTROL_PORT &&
		    qk_qrtr_control_read((struct qk_span){ buffer, (size_t)r }, &control) == 0)
			hear_of_server(q, &control);
	}
	return 0;
}

/* Puts the QMUX header in front of a message that lies behind the room for it. Bytes of the frame, or
 * -EBADMSG. */
static int wrap(const struct client *client, uint8_t *buffer, size_t size)
{
	struct qk_writer writer = qk_writer(buffer, QK_QMUX_HEADER);
	struct qk_frame frame;
	int r = qk_sdu_read((struct qk_span){ buffer + QK_QMUX_HEADER, size }, client->service,
			    client->id, &frame);

	if (r < 0 || size - (size_t)r > PADDING_MAX)
		return -EBADMSG;
	qk_write_uint(&writer, QK_QMUX_MARKER, 1, false);
	qk_write_uint(&writer, (unsigned int)r + QK_QMUX_HEADER - 1, 2, false);
	qk_write_uint(&writer, 0x80, 1, false);
	qk_write_uint(&writer, client->service, 1, false);
	qk_write_uint(&writer, client->id, 1, false);
	return r + QK_QMUX_HEADER;
}

/* Reads one message of a client. Bytes of the frame; 0 when there is none for us; -ENOBUFS when one is
 * lost. */
static int read_client(struct qrtr *q, struct client *client, uint8_t *buffer, size_t size)
{
	uint32_t node, port;
	int r = q->net->receive(client->fd, buffer + QK_QMUX_HEADER, size - QK_QMUX_HEADER, &node,
				&port);

	if (r == -EAGAIN)
		return 0;
	if (r < 0 && r != -EMSGSIZE) {
		revoke_client(q, client);
		return 0;
	}
	if (r >= 0 && (node != q->node || port != client->port))
		return 0;
	if (r >= 0)
		r = wrap(client, buffer, (size_t)r);
	return r < 0 ? -ENOBUFS : r;
}

/* The answer to the oldest request, or 0. */
static int answer_request(struct qrtr *q, uint8_t *buffer, size_t size)
{
	static const struct qk_qrtr_clients clients = { allocate, release, release_all };
	struct request *request = q->requests;
	struct qk_frame frame;
	int r;

	if (!request || !q->complete)
		return 0;
	LL_DELETE(q->requests, request);
	q->request_count--;
	r = qk_frame_read((struct qk_span){ request->data, request->size }, &frame, NULL);
	if (r > 0 && frame.service == QK_SERVICE_CTL && frame.type == QK_REQUEST)
		r = qk_qrtr_answer_ctl(&frame, &q->servers, &clients, q, buffer, size);
	else if (r > 0 && frame.type == QK_REQUEST)
		r = qk_qrtr_refuse(&frame, QK_ERROR_INVALID_CLIENT_ID, buffer, size);
	else
		r = 0;
	free(request);
	return r;
}

/* What is to be said without a message from outside: bytes of a frame; 0: nothing; or a negative errno,
 * the end. */
static int say(struct qrtr *q, uint8_t *buffer, size_t size)
{
	struct client *gone = q->gone;
	int r;

	if (q->complete && !q->servers.count)
		return q->was_there ? -ENODEV : -ENOENT;
	if (gone) {
		LL_DELETE(q->gone, gone);
		r = qk_qrtr_write_revoked(gone->service, gone->id, buffer, size);
		client_free(q, gone);
		return r;
	}
	return answer_request(q, buffer, size);
}

static void read_timer(const struct qrtr *q)
{
	uint64_t times;

	(void)!read(q->timer_fd, &times, sizeof(times));
}

/* Looks after one descriptor that has something. As read_client(). */
static int serve(struct qrtr *q, uint8_t *buffer, size_t size)
{
	struct epoll_event event;
	int r = epoll_wait(q->epoll_fd, &event, 1, 0);

	if (r <= 0)
		return r < 0 && errno != EINTR ? -errno : -EAGAIN;
	if (event.data.ptr == &q->timer_fd) {
		read_timer(q);
		return 0;
	}
	if (event.data.ptr == &q->control_fd)
		return read_control(q, buffer, size);
	return read_client(q, event.data.ptr, buffer, size);
}

static int qrtr_receive(void *self, uint8_t *buffer, size_t size)
{
	struct qrtr *q = self;

	/* who lost one asks again at once: that must end, too */
	for (unsigned int i = q->lost; i < STRANGERS_A_TURN; i++) {
		int r = say(q, buffer, size);

		if (r == 0)
			r = serve(q, buffer, size);
		q->lost = r == -ENOBUFS ? i + 1 : 0;
		if (r != 0)
			return r;
	}
	q->lost = 0;
	wake_in(q, 1);
	return -EAGAIN;
}

static int qrtr_fd(void *self)
{
	const struct qrtr *q = self;

	return q->epoll_fd;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void qrtr_close(void *self)
{
	struct qrtr *q = self;
	struct client *client, *next_client;
	struct request *request, *next;

	release_all(q);
	LL_FOREACH_SAFE(q->gone, client, next_client) {
		client_free(q, client);
	}
	LL_FOREACH_SAFE(q->requests, request, next) {
		free(request);
	}
	close_fd(q->control_fd);
	close_fd(q->timer_fd);
	close_fd(q->epoll_fd);
	free(q);
}

int qk_qrtr_look_up(const struct qk_qrtr_net *net, int fd, uint32_t local_node, uint32_t service)
{
	const struct qk_qrtr_control lookup = { .command = QK_QRTR_NEW_LOOKUP, .service = service };
	uint8_t packet[QK_QRTR_CONTROL_SIZE];

	qk_qrtr_control_write(&lookup, packet);
	return net->send(fd, local_node, QK_QRTR_CONTROL_PORT,
			 (struct qk_span){ packet, sizeof(packet) });
}

static int start(struct qrtr *q)
{
	int r;

	q->control_fd = q->net->open(q->context, &q->local_node);
	if (q->control_fd < 0)
		return q->control_fd;
	q->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	q->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (q->epoll_fd < 0 || q->timer_fd < 0)
		return -errno;
	r = watch(q, q->control_fd, &q->control_fd);
	if (r == 0)
		r = watch(q, q->timer_fd, &q->timer_fd);
	return r < 0 ? r : qk_qrtr_look_up(q->net, q->control_fd, q->local_node, 0);
}

static const struct qk_transport_ops qrtr_ops = {
	.send = qrtr_send,
	.receive = qrtr_receive,
	.fd = qrtr_fd,
	.close = qrtr_close,
};

int qk_qrtr_open(const struct qk_qrtr_net *net, void *context, uint32_t node,
		 struct qk_transport **ret)
{
	struct qrtr *q = calloc(1, sizeof(*q));
	struct qk_transport *transport;
	char name[32];
	int r;

	if (!q)
		return -ENOMEM;
	q->net = net;
	q->context = context;
	q->node = node;
	q->epoll_fd = q->timer_fd = q->control_fd = -1;
	r = start(q);
	if (r < 0) {
		qrtr_close(q);
		return r;
	}
	snprintf(name, sizeof(name), "qrtr://%u", node);
	r = qk_transport_new(&qrtr_ops, q, name, &transport);
	if (r < 0)
		return r;
	transport->framed = true;
	*ret = transport;
	return 0;
}
