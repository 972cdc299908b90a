/*
 * QRTR nodes: a look-up that is never taken back tells of each server that comes and goes. Only what the name service
 * itself says counts.
 */
#include "qrtr-nodes.h"

#include <errno.h>
#include <linux/qrtr.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <qmikit/common.h>
#include <qmikit/wire.h>

#include "describe.h"

#ifndef AF_QIPCRTR
#define AF_QIPCRTR 42
#endif

/* In one turn of the loop, before others have theirs. */
enum { PACKETS_A_TURN = 64 };

static bool is_there(void)
{
	FILE *file = fopen("/proc/net/protocols", "re");
	char line[256];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strncmp(line, "QIPCRTR ", 8) == 0;
	if (file)
		fclose(file);
	return found;
}

static void tell(const struct qrtr_nodes *nodes, uint32_t node)
{
	struct modem_description description;

	describe_qrtr(node, &description);
	manager_add(nodes->manager, &description);
}

static size_t find(const struct qrtr_nodes *nodes, uint32_t node)
{
	size_t i = 0;

	while (i < nodes->count && nodes->nodes[i].node != node)
		i++;
	return i;
}

static void add(struct qrtr_nodes *nodes, uint32_t node, uint32_t port)
{
	size_t i = find(nodes, node);

	if (i == QRTR_NODES_MAX)
		return;
	if (i == nodes->count)
		nodes->count++;
	nodes->nodes[i].node = node;
	nodes->nodes[i].port = port;
	tell(nodes, node);
}

/* Its DMS server, that is; `port` 0: whichever it was. */
static void forget(struct qrtr_nodes *nodes, uint32_t node, uint32_t port)
{
	size_t i = find(nodes, node);
	char address[32];

	if (i == nodes->count || (port && nodes->nodes[i].port != port))
		return;
	nodes->nodes[i] = nodes->nodes[--nodes->count];
	snprintf(address, sizeof(address), "qrtr://%u", node);
	manager_remove(nodes->manager, address);
}

static void take(struct qrtr_nodes *nodes, const struct qk_qrtr_control *packet)
{
	/* The end of the list that a look-up gives has zeros. */
	if (packet->command == QK_QRTR_NEW_SERVER && packet->service == QK_SERVICE_ID_DMS)
		add(nodes, packet->node, packet->port);
	else if (packet->command == QK_QRTR_DEL_SERVER && packet->service == QK_SERVICE_ID_DMS)
		forget(nodes, packet->node, packet->port);
	else if (packet->command == QK_QRTR_BYE)
		forget(nodes, packet->node, 0);
}

static int on_packets(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct qrtr_nodes *nodes = userdata;

	(void)source, (void)events;
	for (unsigned int i = 0; i < PACKETS_A_TURN; i++) {
		uint8_t buffer[QK_QRTR_CONTROL_SIZE];
		struct sockaddr_qrtr from = { 0 };
		socklen_t size = sizeof(from);
		struct qk_qrtr_control packet;
		ssize_t length = recvfrom(fd, buffer, sizeof(buffer), MSG_DONTWAIT,
					  (struct sockaddr *)&from, &size);

		if (length < 0)
			return 0;
		if (from.sq_node == nodes->local_node && from.sq_port == QK_QRTR_CONTROL_PORT &&
		    qk_qrtr_control_read((struct qk_span){ buffer, (size_t)length }, &packet) == 0)
			take(nodes, &packet);
	}
	return 0;
}

static int look_up(struct qrtr_nodes *nodes, int fd)
{
	const struct qk_qrtr_control question = {
		.command = QK_QRTR_NEW_LOOKUP,
		.service = QK_SERVICE_ID_DMS,
	};
	uint8_t packet[QK_QRTR_CONTROL_SIZE];
	struct sockaddr_qrtr to = { 0 };
	socklen_t size = sizeof(to);

	if (getsockname(fd, (struct sockaddr *)&to, &size) < 0)
		return -errno;
	nodes->local_node = to.sq_node;
	to.sq_port = QK_QRTR_CONTROL_PORT;
	qk_qrtr_control_write(&question, packet);
	if (sendto(fd, packet, sizeof(packet), MSG_DONTWAIT, (const struct sockaddr *)&to,
		   sizeof(to)) < 0)
		return -errno;
	return 0;
}

void qrtr_nodes_open(struct qrtr_nodes *nodes, struct manager *manager)
{
	int fd, r;

	nodes->manager = manager;
	for (size_t i = 0; i < nodes->count; i++)
		tell(nodes, nodes->nodes[i].node);
	if (nodes->source || !is_there())
		return;
	fd = socket(AF_QIPCRTR, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	r = fd < 0 ? -errno : look_up(nodes, fd);
	if (r == 0)
		r = sd_event_add_io(manager->event, &nodes->source, fd, EPOLLIN, on_packets, nodes);
	if (r >= 0)
		r = sd_event_source_set_io_fd_own(nodes->source, true);
	else if (fd >= 0)
		close(fd);
	if (r < 0)
		log_line(&manager->log, LOG_WARNING, NULL, "QRTR is not looked at: %s",
			 strerror(-r));
}

void qrtr_nodes_close(struct qrtr_nodes *nodes)
{
	nodes->source = sd_event_source_disable_unref(nodes->source);
}
