/*
 * The servers of a QRTR node (see qrtr.h).
 */
#include "lib/transport/qrtr.h"

static struct qk_qrtr_server *find_port(struct qk_qrtr_servers *servers, uint32_t port)
{
	for (size_t i = 0; i < servers->count; i++)
		if (servers->items[i].port == port)
			return &servers->items[i];
	return NULL;
}

void qk_qrtr_servers_add(struct qk_qrtr_servers *servers, const struct qk_qrtr_server *server)
{
	struct qk_qrtr_server *known = find_port(servers, server->port);

	if (!known && servers->count < QK_QRTR_SERVERS_MAX)
		known = &servers->items[servers->count++];
	if (known)
		*known = *server;
}

void qk_qrtr_servers_remove(struct qk_qrtr_servers *servers, uint32_t port)
{
	struct qk_qrtr_server *known = find_port(servers, port);

	if (known)
		*known = servers->items[--servers->count];
}

bool qk_qrtr_servers_have(const struct qk_qrtr_servers *servers, uint32_t service, uint32_t port)
{
	for (size_t i = 0; i < servers->count; i++)
		if (servers->items[i].port == port && servers->items[i].service == service)
			return true;
	return false;
}

/* Higher is better. */
static uint64_t rank(const struct qk_qrtr_server *server)
{
	return (uint64_t)(server->instance & 0xff) << 32 | (UINT32_MAX - (server->instance >> 8));
}

const struct qk_qrtr_server *qk_qrtr_servers_find(const struct qk_qrtr_servers *servers,
						  uint32_t service)
{
	const struct qk_qrtr_server *best = NULL;

	for (size_t i = 0; i < servers->count; i++) {
		const struct qk_qrtr_server *server = &servers->items[i];

		if (server->service == service && (!best || rank(server) > rank(best)))
			best = server;
	}
	return best;
}
