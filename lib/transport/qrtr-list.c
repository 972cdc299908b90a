/*
 * Which QRTR nodes are modems: those with a DMS server, which every QMI modem has. Other processors of a
 * phone have servers too, of file systems and the like.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <qmikit/common.h>

#include "lib/transport/qrtr.h"

/* The name service is in the kernel: it answers at once or not at all. */
#define PATIENCE_MSEC 1000
#define PACKETS_MAX 4096

static int64_t now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static size_t add_node(uint32_t *nodes, size_t count, size_t max, uint32_t node)
{
	for (size_t i = 0; i < count; i++)
		if (nodes[i] == node)
			return count;
	if (count < max)
		nodes[count++] = node;
	return count;
}

/* The next packet of the name service: 1; 0 when `end_msec` has come; or a negative errno. */
static int next_packet(const struct qk_qrtr_net *net, int fd, uint32_t local_node, int64_t end_msec,
		       struct qk_qrtr_control *ret)
{
	for (unsigned int i = 0; i < PACKETS_MAX; i++) {
		uint8_t buffer[QK_QRTR_CONTROL_SIZE];
		uint32_t node, port;
		int r = net->receive(fd, buffer, sizeof(buffer), &node, &port);

		if (r >= 0 && node == local_node && port == QK_QRTR_CONTROL_PORT &&
		    qk_qrtr_control_read((struct qk_span){ buffer, (size_t)r }, ret) == 0)
			return 1;
		if (r < 0 && r != -EAGAIN && r != -EMSGSIZE)
			return r;

		struct pollfd ready = { .fd = fd, .events = POLLIN };
		int64_t left = end_msec - now_msec();

		if (left <= 0)
			return 0;
		if (r == -EAGAIN && poll(&ready, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
	}
	return 0;
}

static int gather(const struct qk_qrtr_net *net, int fd, uint32_t local_node, uint32_t *ret,
		  size_t max)
{
	int64_t end = now_msec() + PATIENCE_MSEC;
	struct qk_qrtr_control packet;
	size_t count = 0;
	int r = qk_qrtr_look_up(net, fd, local_node, QK_SERVICE_ID_DMS);

	if (r < 0)
		return r;
	while ((r = next_packet(net, fd, local_node, end, &packet)) > 0) {
		if (packet.command != QK_QRTR_NEW_SERVER)
			continue;
		if (!packet.service && !packet.port)
			return (int)count;
		if (packet.service == QK_SERVICE_ID_DMS)
			count = add_node(ret, count, max, packet.node);
	}
	return r < 0 ? r : -ETIMEDOUT;
}

static int compare(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

int qk_qrtr_list_nodes(const struct qk_qrtr_net *net, void *context, uint32_t *ret, size_t max)
{
	uint32_t local_node;
	int r, fd = net->open(context, &local_node);

	if (fd < 0)
		return fd;
	r = gather(net, fd, local_node, ret, max);
	close(fd);
	if (r > 0)
		qsort(ret, (size_t)r, sizeof(*ret), compare);
	return r;
}
