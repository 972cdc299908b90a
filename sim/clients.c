/*
 * Clients: the modem's table of client ids (see modem.h). Ids go upwards from the profile's first one
 * and wrap, so that an id is reused as late as possible [R].
 */
#include "modem.h"

struct qk_sim_client *qk_sim_client_find(struct qk_sim *sim, uint8_t service, uint8_t id)
{
	for (size_t i = 0; i < sim->client_count; i++)
		if (sim->clients[i].service == service && sim->clients[i].id == id)
			return &sim->clients[i];
	return NULL;
}

bool qk_sim_client_at(const struct qk_sim *sim, size_t i, uint8_t *ret_service, uint8_t *ret_id)
{
	if (i >= sim->client_count)
		return false;
	*ret_service = sim->clients[i].service;
	*ret_id = sim->clients[i].id;
	return true;
}

size_t qk_sim_client_count(const struct qk_sim *sim, uint8_t service)
{
	size_t count = 0;

	for (size_t i = 0; i < sim->client_count; i++)
		count += sim->clients[i].service == service;
	return count;
}

/* The next free id behind the last one given out; 255 is broadcast and 0 is CTL's. */
static uint8_t next_id(struct qk_sim *sim, const struct qk_sim_service *service)
{
	uint8_t id = sim->next_client[service->id];

	for (unsigned int tries = 0; tries < 255; tries++) {
		if (id < service->first_client || id >= QK_CLIENT_BROADCAST)
			id = service->first_client;
		if (!qk_sim_client_find(sim, service->id, id)) {
			sim->next_client[service->id] = (uint8_t)(id + 1);
			return id;
		}
		id++;
	}
	return 0;
}

uint16_t qk_sim_client_allocate(struct qk_sim *sim, struct qk_sim_port *port, uint8_t service,
				uint8_t *ret_id)
{
	const struct qk_sim_service *known = qk_sim_profile_service(sim->profile, service);
	const struct qk_sim_service_table *table = qk_sim_table(service);
	const struct qk_frame frame = { .service = service };
	struct qk_sim_fault fault;

	if (!known || service == QK_SERVICE_CTL)
		return QK_ERROR_INVALID_SERVICE_TYPE;
	if (qk_sim_take_fault(sim, QK_SIM_FAULT_NO_CLIENTS, &frame, &fault) ||
	    qk_sim_client_count(sim, service) >= known->clients ||
	    sim->client_count == QK_SIM_CLIENTS_MAX)
		return QK_ERROR_CLIENT_IDS_EXHAUSTED;
	uint8_t id = next_id(sim, known);
	if (!id)
		return QK_ERROR_CLIENT_IDS_EXHAUSTED;
	sim->clients[sim->client_count++] = (struct qk_sim_client){
		.service = service,
		.id = id,
		.port = port,
		.watch = table ? table->watch : 0,
		.due_usec = QK_SIM_NEVER,
	};
	if (table && table->told)
		table->told(sim, &sim->clients[sim->client_count - 1]);
	*ret_id = id;
	return QK_ERROR_NONE;
}

/* What it has waited for and what belonged to it ends with it. */
static void release(struct qk_sim *sim, struct qk_sim_client *client)
{
	const struct qk_sim_service_table *table = qk_sim_table(client->service);

	qk_sim_late_forget(sim, NULL, client);
	if (table && table->released)
		table->released(sim, client);
}

uint16_t qk_sim_client_release(struct qk_sim *sim, uint8_t service, uint8_t id)
{
	struct qk_sim_client *client = qk_sim_client_find(sim, service, id);

	if (!qk_sim_profile_service(sim->profile, service))
		return QK_ERROR_INVALID_SERVICE_TYPE;
	if (!client)
		return QK_ERROR_INVALID_CLIENT_ID;
	release(sim, client);
	*client = sim->clients[--sim->client_count];
	return QK_ERROR_NONE;
}

void qk_sim_client_release_all(struct qk_sim *sim)
{
	while (sim->client_count) {
		release(sim, &sim->clients[sim->client_count - 1]);
		sim->client_count--;
	}
}

void qk_sim_client_release_host(struct qk_sim *sim)
{
	size_t i = 0;

	while (i < sim->client_count) {
		if (sim->clients[i].port && sim->clients[i].port->inside) {
			i++;
			continue;
		}
		release(sim, &sim->clients[i]);
		sim->clients[i] = sim->clients[--sim->client_count];
	}
}

void qk_sim_client_release_of(struct qk_sim *sim, const struct qk_sim_port *port)
{
	size_t i = 0;

	while (i < sim->client_count) {
		if (sim->clients[i].port != port) {
			i++;
			continue;
		}
		release(sim, &sim->clients[i]);
		sim->clients[i] = sim->clients[--sim->client_count];
	}
}

void qk_sim_clients_run(struct qk_sim *sim)
{
	for (size_t i = 0; i < sim->client_count; i++) {
		struct qk_sim_client *client = &sim->clients[i];
		if (client->due_usec > sim->state.now_usec)
			continue;
		client->due_usec = QK_SIM_NEVER;
		qk_sim_table(client->service)->due(sim, client);
	}
}

uint64_t qk_sim_clients_next_usec(const struct qk_sim *sim)
{
	uint64_t next = QK_SIM_NEVER;

	for (size_t i = 0; i < sim->client_count; i++)
		if (sim->clients[i].due_usec < next)
			next = sim->clients[i].due_usec;
	return next;
}

void qk_sim_watch(struct qk_sim_client *client, uint32_t bit, bool asked, bool on)
{
	if (asked && on)
		client->watch |= bit;
	else if (asked)
		client->watch &= ~bit;
}

uint16_t qk_sim_reset_client(struct qk_sim_call *call)
{
	call->client->watch = qk_sim_table(call->service)->watch;
	return QK_ERROR_NONE;
}
