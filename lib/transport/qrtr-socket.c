/*
 * QRTR on this kernel: AF_QIPCRTR sockets, and the addresses that name a node (see qrtr.h).
 *
 * The family takes MSG_DONTWAIT and no other flag. A socket gets its port with its first message, so an
 * address is read from it before that only for the node.
 */
#include <errno.h>
#include <linux/qrtr.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/transport/qrtr.h"

#ifndef AF_QIPCRTR
#define AF_QIPCRTR 42
#endif

static int kernel_open(void *context, uint32_t *ret_local_node)
{
	struct sockaddr_qrtr address = { 0 };
	socklen_t size = sizeof(address);
	int fd = socket(AF_QIPCRTR, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	(void)context;
	if (fd < 0)
		return -errno;
	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	*ret_local_node = address.sq_node;
	return fd;
}

static int kernel_send(int fd, uint32_t node, uint32_t port, struct qk_span bytes)
{
	const struct sockaddr_qrtr address = {
		.sq_family = AF_QIPCRTR,
		.sq_node = node,
		.sq_port = port,
	};
	ssize_t n;

	do
		n = sendto(fd, bytes.data, bytes.size, MSG_DONTWAIT,
			   (const struct sockaddr *)&address, sizeof(address));
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	/* the queue of a local receiver is full, or there is no buffer for the message now */
	return errno == ENOSPC || errno == ENOBUFS || errno == ENOMEM ? -EAGAIN : -errno;
}

static int kernel_receive(int fd, uint8_t *buffer, size_t size, uint32_t *ret_node,
			  uint32_t *ret_port)
{
	struct sockaddr_qrtr address = { 0 };
	struct iovec vector = { .iov_base = buffer, .iov_len = size };
	struct msghdr message = {
		.msg_name = &address,
		.msg_namelen = sizeof(address),
		.msg_iov = &vector,
		.msg_iovlen = 1,
	};
	ssize_t n;

	do
		n = recvmsg(fd, &message, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EADDRNOTAVAIL ? -EAGAIN : -errno; /* nothing was sent yet */
	*ret_node = address.sq_node;
	*ret_port = address.sq_port;
	return message.msg_flags & MSG_TRUNC ? -EMSGSIZE : (int)n;
}

const struct qk_qrtr_net qk_qrtr_kernel = {
	.open = kernel_open,
	.send = kernel_send,
	.receive = kernel_receive,
};

bool qk_qrtr_is_there(void)
{
	FILE *file = fopen("/proc/net/protocols", "re");
	char line[256];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, "QIPCRTR ", 8);
	if (file)
		fclose(file);
	return found;
}

int qk_transport_open_qrtr(uint32_t node, struct qk_transport **ret)
{
	return qk_qrtr_open(&qk_qrtr_kernel, NULL, node, ret);
}
