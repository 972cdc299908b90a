/*
 * Face, network: the modem's packets on a Unix socket, one transfer a message (see face.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datapath.h"
#include "face.h"
#include "listener.h"

/* Transfers that are read before others have their turn. */
#define TRANSFERS_A_ROUND 64

struct net {
	struct qk_sim_face face;
	struct qk_sim_loop *loop;
	struct qk_sim *sim;
	struct qk_datapath *path;
	struct qk_sim_listener listener;
	struct qk_sim_source socket; /* of the one user; -1: nobody */
	bool wants_write;
	size_t held; /* bytes of a transfer that the socket did not take */
	uint8_t transfer[QK_DATAPATH_TRANSFER_MAX];
};

static void set_events(struct net *net, bool wants_write)
{
	if (wants_write != net->wants_write &&
	    qk_sim_loop_change(&net->socket, EPOLLIN | (wants_write ? EPOLLOUT : 0u)) == 0)
		net->wants_write = wants_write;
}

static void hang_up(struct net *net)
{
	if (net->socket.fd < 0)
		return;
	qk_sim_loop_remove(&net->socket);
	close(net->socket.fd);
	net->socket.fd = -1;
	net->wants_write = false;
	net->held = 0;
	net->listener.count = 0;
	qk_datapath_clear(net->path);
}

/* Whether the transfer at hand is with the user; false: it waits for room. */
static bool write_held(struct net *net)
{
	if (net->held && send(net->socket.fd, net->transfer, net->held, MSG_NOSIGNAL) < 0 &&
	    errno == EAGAIN)
		return false;
	net->held = 0;
	return true;
}

static void pump(void *userdata)
{
	struct net *net = userdata;

	if (net->socket.fd < 0 || net->wants_write)
		return;
	while (write_held(net) && qk_datapath_waits(net->path))
		net->held = qk_datapath_take(net->path, net->transfer, sizeof(net->transfer));
	set_events(net, net->held);
}

static void on_socket(struct qk_sim_source *source, uint32_t events)
{
	struct net *net = (struct net *)((char *)source - offsetof(struct net, socket));
	uint8_t transfer[UINT16_MAX];

	if (events & EPOLLOUT) {
		set_events(net, false);
		pump(net);
	}
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	qk_sim_advance(net->sim, qk_sim_loop_now());
	for (int i = 0; i < TRANSFERS_A_ROUND && source->fd >= 0; i++) {
		ssize_t size = recv(source->fd, transfer, sizeof(transfer), 0);
		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (size <= 0) {
			hang_up(net);
			return;
		}
		qk_datapath_input(net->path, (struct qk_span){ transfer, (size_t)size });
	}
}

static int take(struct qk_sim_listener *listener, int take_fd)
{
	struct net *net = (struct net *)((char *)listener - offsetof(struct net, listener));

	net->socket.fd = take_fd;
	int r = qk_sim_loop_add(net->loop, &net->socket, EPOLLIN);
	if (r < 0) {
		close(take_fd);
		net->socket.fd = -1;
		return r;
	}
	listener->count = 1;
	return 0;
}

static void net_close(struct qk_sim_face *face)
{
	struct net *net = (struct net *)face;

	if (net->path)
		hang_up(net);
	qk_sim_listener_close(&net->listener, net->loop);
	qk_datapath_free(net->path);
	free(net);
}

int qk_sim_face_net_open(struct qk_sim_loop *loop, struct qk_sim *sim, const char *path,
			 const struct qk_outside *outside, void *outside_userdata,
			 struct qk_sim_face **ret, char *error, size_t error_size)
{
	static const struct qk_datapath_sink sink = { pump };
	struct net *net = calloc(1, sizeof(*net));

	if (!net) {
		snprintf(error, error_size, "out of memory");
		return -ENOMEM;
	}
	*net = (struct net){
		.face = { net_close },
		.loop = loop,
		.sim = sim,
		.listener = { .packets = true, .take = take, .limit = 1 },
		.socket = { .fd = -1, .ready = on_socket },
	};
	int r = qk_sim_listener_open(&net->listener, loop, path);
	if (r == 0)
		r = qk_datapath_new(sim, outside, outside_userdata, &sink, net, &net->path);
	if (r < 0) {
		snprintf(error, error_size, "net %.200s: %s", path, strerror(-r));
		net_close(&net->face);
		return r;
	}
	*ret = &net->face;
	return 0;
}
