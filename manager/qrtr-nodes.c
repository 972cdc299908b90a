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

#ifndef AF_QIPCRTR
#define AF_QIPCRTR 42
#endif

/* PACKETS_A_TURN: in one turn of the loop, before others have theirs. */
enum { PACKETS_A_TURN = 64, QUIET_USEC = 200000, LONGEST_USEC = 10000000 };

/* Without these a modem cannot be used: initialize.c. */
static const uint32_t needed[] = {
	QK_SERVICE_ID_DMS,
	QK_SERVICE_ID_NAS,
	QK_SERVICE_ID_WDS,
	QK_SERVICE_ID_UIM,
};

enum { NEEDED_COUNT = sizeof(needed) / sizeof(needed[0]), ALL_NEEDED = (1u << NEEDED_COUNT) - 1 };

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

static void tell(const struct qrtr_nodes *nodes, struct qrtr_node *node)
{
	node->told = true;
	nodes->found(nodes->userdata, node->node);
}

/* --- What a modem is complete with */

static uint64_t now_usec(const struct qrtr_nodes *nodes)
{
	uint64_t usec = 0;

	(void)sd_event_now(nodes->event, CLOCK_MONOTONIC, &usec);
	return usec;
}

static void wait_on(struct qrtr_nodes *nodes);

static int on_quiet(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct qrtr_nodes *nodes = userdata;
	bool more = false;

	(void)source;
	for (size_t i = 0; i < nodes->count; i++) {
		struct qrtr_node *node = &nodes->nodes[i];

		if (node->told || !node->port)
			continue;
		if (node->servers == ALL_NEEDED || usec - node->since_usec >= LONGEST_USEC)
			tell(nodes, node);
		else
			more = true;
	}
	if (more)
		wait_on(nodes);
	return 0;
}

/* Without a timer there is no waiting. */
static void wait_on(struct qrtr_nodes *nodes)
{
	uint64_t at = now_usec(nodes) + QUIET_USEC;
	int r;

	if (!nodes->timer)
		r = sd_event_add_time(nodes->event, &nodes->timer, CLOCK_MONOTONIC, at, 0, on_quiet,
				      nodes);
	else
		r = sd_event_source_set_time(nodes->timer, at);
	if (r >= 0)
		r = sd_event_source_set_enabled(nodes->timer, SD_EVENT_ONESHOT);
	for (size_t i = 0; r < 0 && i < nodes->count; i++)
		if (!nodes->nodes[i].told && nodes->nodes[i].port)
			tell(nodes, &nodes->nodes[i]);
}

/* --- Servers */

static size_t find(const struct qrtr_nodes *nodes, uint32_t node)
{
	size_t i = 0;

	while (i < nodes->count && nodes->nodes[i].node != node)
		i++;
	return i;
}

/* The bit of a service; 0: a modem may do without it. */
static uint32_t bit_of(uint32_t service)
{
	for (size_t i = 0; i < NEEDED_COUNT; i++)
		if (needed[i] == service)
			return 1u << i;
	return 0;
}

static void add(struct qrtr_nodes *nodes, const struct qk_qrtr_control *packet)
{
	size_t i = find(nodes, packet->node);
	uint32_t bit = bit_of(packet->service);
	struct qrtr_node *node = &nodes->nodes[i];

	if (i == QRTR_NODES_MAX || (i == nodes->count && !bit))
		return;
	if (i == nodes->count) {
		nodes->count++;
		*node = (struct qrtr_node){ .node = packet->node, .since_usec = now_usec(nodes) };
	}
	node->servers |= bit;
	if (packet->service == QK_SERVICE_ID_DMS)
		node->port = packet->port;
	if (!node->told)
		wait_on(nodes);
}

static void forget(struct qrtr_nodes *nodes, size_t i)
{
	struct qrtr_node gone = nodes->nodes[i];

	nodes->nodes[i] = nodes->nodes[--nodes->count];
	if (gone.told)
		nodes->gone(nodes->userdata, gone.node);
}

/* With its DMS server a modem goes; one that had another since has it still. */
static void take_away(struct qrtr_nodes *nodes, const struct qk_qrtr_control *packet)
{
	size_t i = find(nodes, packet->node);
	struct qrtr_node *node = &nodes->nodes[i];

	if (i == nodes->count)
		return;
	if (packet->service != QK_SERVICE_ID_DMS)
		node->servers &= ~bit_of(packet->service);
	else if (node->port == packet->port)
		forget(nodes, i);
}

void qrtr_nodes_take(struct qrtr_nodes *nodes, const struct qk_qrtr_control *packet)
{
	size_t i = find(nodes, packet->node);

	/* The end of the list that a look-up gives has zeros. */
	if (packet->command == QK_QRTR_NEW_SERVER && packet->service)
		add(nodes, packet);
	else if (packet->command == QK_QRTR_DEL_SERVER)
		take_away(nodes, packet);
	else if (packet->command == QK_QRTR_BYE && i < nodes->count)
		forget(nodes, i);
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
			qrtr_nodes_take(nodes, &packet);
	}
	return 0;
}

static int look_up(struct qrtr_nodes *nodes, int fd)
{
	/* Of all services: it ends the waiting when no more come. */
	const struct qk_qrtr_control question = { .command = QK_QRTR_NEW_LOOKUP };
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

int qrtr_nodes_open(struct qrtr_nodes *nodes)
{
	int fd, r;

	for (size_t i = 0; i < nodes->count; i++)
		if (nodes->nodes[i].told)
			tell(nodes, &nodes->nodes[i]);
	if (nodes->source || !is_there())
		return 0;
	fd = socket(AF_QIPCRTR, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	r = fd < 0 ? -errno : look_up(nodes, fd);
	if (r == 0)
		r = sd_event_add_io(nodes->event, &nodes->source, fd, EPOLLIN, on_packets, nodes);
	if (r >= 0)
		r = sd_event_source_set_io_fd_own(nodes->source, true);
	else if (fd >= 0)
		close(fd);
	return r < 0 ? r : 0;
}

void qrtr_nodes_close(struct qrtr_nodes *nodes)
{
	nodes->source = sd_event_source_disable_unref(nodes->source);
	nodes->timer = sd_event_source_disable_unref(nodes->timer);
}
