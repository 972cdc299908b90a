/* A made-up QRTR (see qrtr-net.h). */
#include "tests/unit/qrtr-net.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

struct envelope {
	uint32_t node, port;
};

static int net_open(void *context, uint32_t *ret_local_node)
{
	struct qrtr_world *world = context;
	int pair[2], small = 1; /* the kernel makes the least there can be of it */

	if (world->open_error)
		return world->open_error;
	assert_true(world->count < QRTR_WORLD_MAX);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
			 0);
	assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
	world->peers[world->count++] = pair[1];
	*ret_local_node = QRTR_WORLD_NODE;
	return pair[0];
}

static int net_send(int fd, uint32_t node, uint32_t port, struct qk_span bytes)
{
	struct envelope to = { node, port };
	struct iovec parts[] = { { &to, sizeof(to) },
				 { (void *)(uintptr_t)bytes.data, bytes.size } };
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int net_receive(int fd, uint8_t *buffer, size_t size, uint32_t *ret_node, uint32_t *ret_port)
{
	struct envelope from = { 0 };
	struct iovec parts[] = { { &from, sizeof(from) }, { buffer, size } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n = recvmsg(fd, &message, 0);

	if (n < 0)
		return -errno;
	if (from.node == QRTR_WORLD_ERROR)
		return -(int)from.port;
	*ret_node = from.node;
	*ret_port = from.port;
	return message.msg_flags & MSG_TRUNC ? -EMSGSIZE : (int)n - (int)sizeof(from);
}

const struct qk_qrtr_net qrtr_world_net = { net_open, net_send, net_receive };

bool qrtr_world_try(const struct qrtr_world *world, size_t socket, uint32_t node, uint32_t port,
		    const void *bytes, size_t size)
{
	return net_send(world->peers[socket], node, port, (struct qk_span){ bytes, size }) == 0;
}

void qrtr_world_say(const struct qrtr_world *world, size_t socket, uint32_t node, uint32_t port,
		    const void *bytes, size_t size)
{
	assert_true(qrtr_world_try(world, socket, node, port, bytes, size));
}

void qrtr_world_control(const struct qrtr_world *world, const struct qk_qrtr_control *control)
{
	uint8_t packet[QK_QRTR_CONTROL_SIZE];

	qk_qrtr_control_write(control, packet);
	qrtr_world_say(world, 0, QRTR_WORLD_NODE, QK_QRTR_CONTROL_PORT, packet, sizeof(packet));
}

size_t qrtr_world_hear(const struct qrtr_world *world, size_t socket, uint32_t *ret_node,
		       uint32_t *ret_port, uint8_t *buffer, size_t size)
{
	int r = net_receive(world->peers[socket], buffer, size, ret_node, ret_port);

	assert_true(r >= 0);
	return (size_t)r;
}

bool qrtr_world_is_closed(const struct qrtr_world *world, size_t socket)
{
	static const uint8_t byte;

	return !qrtr_world_try(world, socket, 1, 1, &byte, 1);
}

void qrtr_world_done(struct qrtr_world *world)
{
	while (world->count)
		close(world->peers[--world->count]);
}
