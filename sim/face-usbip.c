/*
 * Face, USB/IP: the modems are exported on a TCP port of the loopback, as `usbipd` exports devices of
 * its machine (see face.h). `usbip attach -r 127.0.0.1 -b 1-1` plugs the first of them in, 1-2 is the
 * second.
 *
 * A modem that leaves the bus closes its connection, which unplugs it there; it is in the list again
 * when it is back. Who connects and asks nothing is cut off after ASK_USEC.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "face.h"
#include "usb-link.h"
#include "usbip-op.h"

#define ASKING_MAX 32u
#define ASK_USEC 5000000

struct usbip;

/* A modem of the list. */
struct export
{
	struct qk_usb_link link;
	struct qk_sim_watcher watcher;
	struct usbip *usbip;
	uint32_t number; /* in its busid, from 1 */
	uint32_t left;   /* qk_sim_usb.left when it was imported */
};

/* A connection that has not asked yet. */
struct asking {
	struct qk_sim_source socket;
	struct usbip *usbip;
	uint8_t input[QK_USBIP_REQUEST_MAX];
	size_t size;
	uint64_t until_usec;
};

struct usbip {
	struct qk_sim_face face;
	struct qk_sim_loop *loop;
	struct qk_sim_source listener;
	struct qk_sim_timer timer; /* cuts off who asks nothing */
	struct asking asking[ASKING_MAX];
	struct export *exports;
	uint32_t count;
};

static void drop(struct asking *asking)
{
	qk_sim_loop_remove(&asking->socket);
	if (asking->socket.fd >= 0)
		close(asking->socket.fd);
	asking->socket.fd = -1;
}

static void set_timer(struct usbip *usbip)
{
	usbip->timer.due_usec = QK_SIM_NEVER;
	for (size_t i = 0; i < ASKING_MAX; i++)
		if (usbip->asking[i].socket.fd >= 0 &&
		    usbip->asking[i].until_usec < usbip->timer.due_usec)
			usbip->timer.due_usec = usbip->asking[i].until_usec;
}

static void on_timer(struct qk_sim_timer *timer)
{
	struct usbip *usbip = (struct usbip *)((char *)timer - offsetof(struct usbip, timer));
	uint64_t now_usec = qk_sim_loop_now();

	for (size_t i = 0; i < ASKING_MAX; i++)
		if (usbip->asking[i].socket.fd >= 0 && usbip->asking[i].until_usec <= now_usec)
			drop(&usbip->asking[i]);
	set_timer(usbip);
}

static struct export *of_link(struct qk_usb_link *link)
{
	return (struct export *)((char *)link - offsetof(struct export, link));
}

static void on_ended(struct qk_usb_link *link, const char *why)
{
	fprintf(stderr, "error: usbip 1-%u: %s; the modem is unplugged\n", of_link(link)->number,
		why);
}

/* What is there to be imported: on the bus, and nobody has it. */
static bool is_offered(const struct export *export, struct qk_usb_model *ret)
{
	return !export->link.device && qk_usb_compose(qk_sim_state(export->link.sim), ret);
}

/* All of a reply fits a fresh connection's buffer, which is made as large; else it is dropped. */
static bool send_all(int fd, const uint8_t *bytes, size_t size)
{
	int buffer = (int)size;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	return send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static void answer_list(struct usbip *usbip, int fd)
{
	size_t size = QK_USBIP_OP_HEADER + 4 +
		      usbip->count * (QK_USBIP_RECORD + 4 * QK_USB_INTERFACES_MAX);
	uint8_t *bytes = malloc(size);
	struct qk_usb_model model;
	uint32_t offered = 0;

	if (!bytes)
		return;
	struct qk_writer w = qk_writer(bytes, size);
	for (uint32_t i = 0; i < usbip->count; i++)
		offered += is_offered(&usbip->exports[i], &model);
	qk_usbip_write_reply(&w, QK_USBIP_LIST, QK_USBIP_OK);
	qk_write_uint(&w, offered, 4, true);
	for (uint32_t i = 0; i < usbip->count; i++) {
		if (!is_offered(&usbip->exports[i], &model))
			continue;
		qk_usbip_write_record(&w, &model, usbip->exports[i].number);
		qk_usbip_write_interfaces(&w, &model);
	}
	if (!w.error)
		(void)send_all(fd, bytes, qk_writer_used(&w));
	free(bytes);
}

static struct export *find_export(struct usbip *usbip, const char *busid)
{
	char name[QK_USBIP_BUSID];

	for (uint32_t i = 0; i < usbip->count; i++) {
		snprintf(name, sizeof(name), "1-%u", usbip->exports[i].number);
		if (strcmp(name, busid) == 0)
			return &usbip->exports[i];
	}
	return NULL;
}

/* Gives the connection to the modem, or refuses. True: the modem has it. */
static bool answer_import(struct usbip *usbip, int fd, const char *busid)
{
	uint8_t bytes[QK_USBIP_OP_HEADER + QK_USBIP_RECORD];
	struct qk_writer w = qk_writer(bytes, sizeof(bytes));
	struct export *export = find_export(usbip, busid);
	struct qk_usb_model model;
	uint32_t status = QK_USBIP_OK;
	int on = 1;

	if (!export)
		status = QK_USBIP_NO_DEVICE;
	else if (export->link.device)
		status = QK_USBIP_BUSY;
	else if (!is_offered(export, &model))
		status = QK_USBIP_NOT_AVAILABLE;
	qk_usbip_write_reply(&w, QK_USBIP_IMPORT, status);
	if (status == QK_USBIP_OK)
		qk_usbip_write_record(&w, &model, export->number);
	if (!send_all(fd, bytes, qk_writer_used(&w)) || status != QK_USBIP_OK)
		return false;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	export->left = qk_sim_state(export->link.sim)->usb.left;
	/* who cannot be plugged in has closed the connection by then */
	int r = qk_usb_link_plug(&export->link, fd);
	if (r < 0)
		on_ended(&export->link, strerror(-r));
	return true;
}

static void on_asking(struct qk_sim_source *source, uint32_t events)
{
	struct asking *asking = (struct asking *)((char *)source - offsetof(struct asking, socket));
	struct usbip *usbip = asking->usbip;
	struct qk_usbip_request request;

	(void)events;
	ssize_t n = recv(source->fd, asking->input + asking->size,
			 sizeof(asking->input) - asking->size, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		asking->size += (size_t)n;
	int r = n > 0 ? qk_usbip_read_request((struct qk_span){ asking->input, asking->size },
					      &request)
		      : -EPIPE;
	if (r == 0)
		return;
	/* nothing may follow a request before it is answered */
	bool fine = r > 0 && (size_t)r == asking->size;
	if (fine && request.op == QK_USBIP_LIST) {
		answer_list(usbip, source->fd);
	} else if (fine) {
		int fd = source->fd;
		qk_sim_loop_remove(source);
		if (answer_import(usbip, fd, request.busid))
			source->fd = -1;
	}
	drop(asking);
	set_timer(usbip);
}

static void on_listener(struct qk_sim_source *source, uint32_t events)
{
	struct usbip *usbip = (struct usbip *)((char *)source - offsetof(struct usbip, listener));
	struct asking *asking = NULL;

	(void)events;
	int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	for (size_t i = 0; !asking && i < ASKING_MAX; i++)
		if (usbip->asking[i].socket.fd < 0)
			asking = &usbip->asking[i];
	if (!asking) {
		close(fd);
		return;
	}
	*asking = (struct asking){
		.socket = { .fd = fd, .ready = on_asking },
		.usbip = usbip,
		.until_usec = qk_sim_loop_now() + ASK_USEC,
	};
	if (qk_sim_loop_add(usbip->loop, &asking->socket, EPOLLIN) < 0)
		drop(asking);
	set_timer(usbip);
}

static void follow(struct export *export)
{
	const struct qk_sim_state *state = qk_sim_state(export->link.sim);

	if (!export->link.device ||
	    (export->left == state->usb.left && qk_sim_usb_guise(state) != QK_SIM_GUISE_NONE))
		return;
	if (qk_usb_link_may_leave(&export->link))
		qk_usb_link_unplug(&export->link);
}

static void on_changed(struct qk_sim_watcher *watcher, uint32_t changed)
{
	struct export *export =
		(struct export *)((char *)watcher - offsetof(struct export, watcher));

	if (changed & QK_SIM_CHANGED_BUS)
		follow(export);
}

static void on_idle(struct qk_usb_link *link)
{
	follow(of_link(link));
}

static int open_listener(struct usbip *usbip, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	usbip->listener.fd = fd;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 16) < 0)
		return -errno;
	return qk_sim_loop_add(usbip->loop, &usbip->listener, EPOLLIN);
}

static void usbip_close(struct qk_sim_face *face)
{
	struct usbip *usbip = (struct usbip *)face;

	for (uint32_t i = 0; i < usbip->count; i++) {
		qk_sim_remove_watcher(usbip->exports[i].link.sim, &usbip->exports[i].watcher);
		qk_usb_link_done(&usbip->exports[i].link);
	}
	for (size_t i = 0; i < ASKING_MAX; i++)
		drop(&usbip->asking[i]);
	qk_sim_loop_remove_timer(usbip->loop, &usbip->timer);
	qk_sim_loop_remove(&usbip->listener);
	if (usbip->listener.fd >= 0)
		close(usbip->listener.fd);
	free(usbip->exports);
	free(usbip);
}

int qk_sim_face_usbip_add(struct qk_sim_face *face, struct qk_sim *sim,
			  const struct qk_usb_network *network)
{
	struct usbip *usbip = (struct usbip *)face;

	if (usbip->count == QK_SIM_MODEMS_MAX)
		return -ENOBUFS;
	struct export *export = &usbip->exports[usbip->count];
	*export = (struct export){
		.link = { .loop = usbip->loop,
			  .sim = sim,
			  .network = network,
			  .ended = on_ended,
			  .idle = on_idle },
		.watcher = { .changed = on_changed },
		.usbip = usbip,
		.number = ++usbip->count,
	};
	qk_usb_link_prepare(&export->link);
	qk_sim_add_watcher(sim, &export->watcher);
	return 0;
}

int qk_sim_face_usbip_open(struct qk_sim_loop *loop, uint16_t port, struct qk_sim_face **ret,
			   char *error, size_t error_size)
{
	struct usbip *usbip = calloc(1, sizeof(*usbip));

	if (usbip)
		usbip->exports = calloc(QK_SIM_MODEMS_MAX, sizeof(*usbip->exports));
	if (!usbip || !usbip->exports) {
		free(usbip);
		snprintf(error, error_size, "usbip: %s", strerror(ENOMEM));
		return -ENOMEM;
	}
	usbip->face.close = usbip_close;
	usbip->loop = loop;
	usbip->listener = (struct qk_sim_source){ .fd = -1, .ready = on_listener };
	usbip->timer = (struct qk_sim_timer){ .due_usec = QK_SIM_NEVER, .due = on_timer };
	for (size_t i = 0; i < ASKING_MAX; i++)
		usbip->asking[i].socket.fd = -1;
	qk_sim_loop_add_timer(loop, &usbip->timer);
	int r = open_listener(usbip, port);
	if (r < 0) {
		snprintf(error, error_size, "usbip: port %u of 127.0.0.1: %s", port, strerror(-r));
		usbip_close(&usbip->face);
		return r;
	}
	*ret = &usbip->face;
	return 0;
}
