/*
 * QRTR: messages become frames on a port of the modem, and back (see qrtr.h).
 */
#include "qrtr.h"

#include <errno.h>
#include <stdlib.h>

#include "large.h"
#include "modem.h"

struct client {
	uint8_t service, id; /* the byte of a large service: large.h */
	uint32_t node, port;
};

struct qk_sim_qrtr {
	struct qk_sim *sim;
	struct qk_sim_port *sim_port;
	struct qk_sim_watcher watcher;
	struct qk_sim_qrtr_sink sink;
	void *userdata;
	bool is_up;
	const struct client *refused; /* who asks and cannot have an id */
	struct client clients[QK_SIM_CLIENTS_MAX];
	size_t count;
	uint8_t frame[QK_FRAME_MAX];
};

static struct client *find_id(struct qk_sim_qrtr *q, uint8_t service, uint8_t id)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->clients[i].service == service && q->clients[i].id == id)
			return &q->clients[i];
	return NULL;
}

static struct client *find_port(struct qk_sim_qrtr *q, const struct client *wanted)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->clients[i].service == wanted->service &&
		    q->clients[i].node == wanted->node && q->clients[i].port == wanted->port)
			return &q->clients[i];
	return NULL;
}

/* What the modem says. */

/* One frame, or what a fault has made of it: what is behind the header goes to the client. */
static void on_bytes(void *userdata, struct qk_span bytes)
{
	struct qk_sim_qrtr *q = userdata;
	const struct client *client;

	if (bytes.size <= QK_QMUX_HEADER || bytes.data[0] != QK_QMUX_MARKER ||
	    bytes.data[4] == QK_SERVICE_CTL)
		return;
	client = q->refused ? q->refused : find_id(q, bytes.data[4], bytes.data[5]);
	if (client)
		q->sink.message(q->userdata, qk_sim_service_id(client->service), client->node,
				client->port,
				(struct qk_span){ bytes.data + QK_QMUX_HEADER,
						  bytes.size - QK_QMUX_HEADER });
}

/* The ids are void, or will be: nothing is to be sent or released by them. */
static void begin_anew(struct qk_sim_qrtr *q)
{
	q->count = 0;
	q->sink.restart(q->userdata);
}

static void on_hang_up(void *userdata)
{
	begin_anew(userdata);
}

static void on_changed(struct qk_sim_watcher *watcher, uint32_t changed)
{
	struct qk_sim_qrtr *q =
		(struct qk_sim_qrtr *)((char *)watcher - offsetof(struct qk_sim_qrtr, watcher));
	const struct qk_sim_state *state = qk_sim_state(q->sim);
	bool was_up = q->is_up;

	/* services go with the modem, and are back when QMI answers [C] */
	if (!(changed & (QK_SIM_CHANGED_BUS | QK_SIM_CHANGED_BOOT | QK_SIM_CHANGED_MODE)))
		return;
	q->is_up = qk_sim_state_is_up(state);
	if (q->is_up != was_up || state->reached & QK_SIM_BOOTED_QMI)
		begin_anew(q);
}

/* What a client says. */

/* The client that has this port, which is one from now on [U]; NULL and the QMI error when it cannot be. */
static struct client *get_client(struct qk_sim_qrtr *q, const struct client *wanted,
				 uint16_t *ret_error)
{
	struct client *client = find_port(q, wanted);
	uint8_t id;

	*ret_error = QK_ERROR_NONE;
	if (client)
		return client;
	if (q->count == QK_SIM_CLIENTS_MAX)
		*ret_error = QK_ERROR_CLIENT_IDS_EXHAUSTED;
	else
		*ret_error = qk_sim_client_allocate(q->sim, q->sim_port, wanted->service, &id);
	if (*ret_error)
		return NULL;
	client = &q->clients[q->count++];
	*client = *wanted;
	client->id = id;
	return client;
}

void qk_sim_qrtr_input(struct qk_sim_qrtr *qrtr, uint16_t service, uint32_t node, uint32_t port,
		       struct qk_span bytes)
{
	const struct client from = { .service = qk_sim_service_byte(service),
				     .node = node,
				     .port = port };
	struct qk_writer w = qk_writer(qrtr->frame, sizeof(qrtr->frame));
	struct qk_frame frame;
	uint16_t error;

	if (!qrtr->is_up || qk_sdu_read(bytes, from.service, 0, &frame) < 0 ||
	    frame.type != QK_REQUEST)
		return;

	const struct client *client = get_client(qrtr, &from, &error);

	if (!client) {
		qrtr->refused = &from;
		qk_sim_answer_result(qrtr->sim_port, &frame, error);
		qrtr->refused = NULL;
		return;
	}
	frame.client = client->id;
	size_t mark = qk_frame_begin(&w, &frame);
	int size = qk_frame_end(&w, mark);
	if (size > 0)
		qk_sim_input(qrtr->sim_port, (struct qk_span){ qrtr->frame, (size_t)size });
}

void qk_sim_qrtr_forget(struct qk_sim_qrtr *qrtr, uint32_t node, uint32_t port, bool whole_node)
{
	size_t i = 0;

	while (i < qrtr->count) {
		const struct client client = qrtr->clients[i];

		if (client.node != node || !(whole_node || client.port == port)) {
			i++;
			continue;
		}
		qrtr->clients[i] = qrtr->clients[--qrtr->count];
		/* a reset of the modem may have released it already */
		(void)qk_sim_client_release(qrtr->sim, client.service, client.id);
	}
	qk_sim_notify(qrtr->sim);
}

/* Its life. */

bool qk_sim_qrtr_restart(struct qk_sim_qrtr *qrtr)
{
	qk_sim_client_release_of(qrtr->sim, qrtr->sim_port);
	qk_sim_notify(qrtr->sim);
	qk_sim_port_reset(qrtr->sim_port);
	qrtr->count = 0;
	return qrtr->is_up;
}

bool qk_sim_qrtr_service(const struct qk_sim_qrtr *qrtr, size_t index, uint16_t *ret_service,
			 uint16_t *ret_version)
{
	const struct qk_sim_profile *profile = qrtr->sim->profile;

	for (size_t i = 0; i < profile->service_count; i++) {
		if (profile->services[i].id == QK_SERVICE_CTL || index--)
			continue;
		*ret_service = qk_sim_service_id(profile->services[i].id);
		*ret_version = profile->services[i].major;
		return true;
	}
	return false;
}

int qk_sim_qrtr_attach(struct qk_sim *sim, const struct qk_sim_qrtr_sink *sink, void *userdata,
		       struct qk_sim_qrtr **ret)
{
	static const struct qk_sim_sink port_sink = { on_bytes, on_hang_up };
	struct qk_sim_qrtr *qrtr = calloc(1, sizeof(*qrtr));

	if (!qrtr)
		return -ENOMEM;
	qrtr->sim = sim;
	qrtr->sink = *sink;
	qrtr->userdata = userdata;
	qrtr->is_up = qk_sim_state_is_up(qk_sim_state(sim));
	int r = qk_sim_attach(sim, &port_sink, qrtr, &qrtr->sim_port);
	if (r < 0) {
		free(qrtr);
		return r;
	}
	qrtr->sim_port->inside = true;
	qrtr->watcher.changed = on_changed;
	qk_sim_add_watcher(sim, &qrtr->watcher);
	*ret = qrtr;
	return 0;
}

struct qk_sim_qrtr *qk_sim_qrtr_detach(struct qk_sim_qrtr *qrtr)
{
	if (!qrtr)
		return NULL;
	qk_sim_remove_watcher(qrtr->sim, &qrtr->watcher);
	qk_sim_client_release_of(qrtr->sim, qrtr->sim_port);
	qk_sim_detach(qrtr->sim_port);
	qk_sim_notify(qrtr->sim);
	free(qrtr);
	return NULL;
}
