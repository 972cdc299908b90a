/*
 * ATR: AT commands in QMI, as Telit's modules have them. Each client is a port of the AT side; what that says comes as
 * indications, in the pieces it is said in.
 *
 * Only a profile that lists the service has it, and the profile `everything` has this too: an answer that never comes
 * would be no answer. No Telit was at hand: what is split how, and that a client hears unsolicited results from its
 * first command on, is [U].
 */
#include <qmikit/atr.h>

#include <stdlib.h>
#include <string.h>

#include "at.h"
#include "modem.h"

/* What waits for its turn: commands of the host, and what the modem says. What is more is lost. */
#define INPUT_MAX 4096
#define OUTPUT_MAX 16384
/* The most that one indication carries. */
#define PIECE_MAX 1024

struct qk_sim_atr {
	struct qk_sim *sim;
	struct qk_at_port *port;
	uint8_t client;
	bool inside; /* the AT side is at work for this client */
	bool gone;   /* ... and the client has gone meanwhile */
	size_t input_size, output_size;
	char input[INPUT_MAX], output[OUTPUT_MAX];
};

static struct qk_sim_client *client_of(const struct qk_sim_atr *atr)
{
	return qk_sim_client_find(atr->sim, QK_SERVICE_ID_ATR, atr->client);
}

/* The modem says something, at any time: it is told when the client is due, which is at once. */
static void on_bytes(void *userdata, struct qk_span bytes)
{
	struct qk_sim_atr *atr = userdata;
	struct qk_sim_client *client = client_of(atr);
	size_t room = OUTPUT_MAX - atr->output_size;
	size_t size = bytes.size < room ? bytes.size : room;

	if (atr->gone || !client)
		return;
	memcpy(atr->output + atr->output_size, bytes.data, size);
	atr->output_size += size;
	client->due_usec = atr->sim->state.now_usec;
}

static uint16_t open_port(struct qk_sim *sim, struct qk_sim_client *client)
{
	static const struct qk_at_sink sink = { on_bytes };
	struct qk_sim_atr *atr = calloc(1, sizeof(*atr));

	if (!atr)
		return QK_ERROR_NO_MEMORY;
	atr->sim = sim;
	atr->client = client->id;
	if (qk_at_attach(sim, QK_AT_USBAT, &sink, atr, &atr->port) < 0) {
		free(atr);
		return QK_ERROR_NO_MEMORY;
	}
	qk_at_set_open(atr->port, true);
	client->atr = atr;
	return QK_ERROR_NONE;
}

static void close_port(struct qk_sim_atr *atr)
{
	qk_at_detach(atr->port);
	free(atr);
}

/* The command is run when this request has been answered. */
static uint16_t send(struct qk_sim_call *call)
{
	const struct qk_atr_send_request *request = call->request;
	struct qk_sim_client *client = call->client;
	uint16_t error = client->atr ? QK_ERROR_NONE : open_port(call->sim, client);

	if (error)
		return error;
	if (request->message.size > INPUT_MAX - client->atr->input_size)
		return QK_ERROR_DEVICE_NOT_READY;
	memcpy(client->atr->input + client->atr->input_size, request->message.data,
	       request->message.size);
	client->atr->input_size += request->message.size;
	client->due_usec = call->sim->state.now_usec;
	return QK_ERROR_NONE;
}

/* Gives the host's bytes to the AT side, which may do anything, and restart the modem. False: the client is gone. */
static bool work(struct qk_sim_atr *atr)
{
	char input[INPUT_MAX];
	struct qk_span bytes = { (const uint8_t *)input, atr->input_size };

	if (atr->input_size)
		memcpy(input, atr->input, atr->input_size);
	atr->input_size = 0;
	atr->inside = true;
	qk_at_input(atr->port, bytes);
	atr->inside = false;
	if (!atr->gone)
		return true;
	close_port(atr);
	return false;
}

static void tell(struct qk_sim *sim, struct qk_sim_client *client)
{
	struct qk_sim_atr *atr = client->atr;

	for (size_t at = 0, size; at < atr->output_size; at += size) {
		struct qk_atr_received_indication received = { .has_message = true };

		size = atr->output_size - at < PIECE_MAX ? atr->output_size - at : PIECE_MAX;
		received.message = (struct qk_string){ atr->output + at, size };
		qk_sim_tell(sim, client, &qk_atr_received_message, &received);
	}
	atr->output_size = 0;
}

static void due(struct qk_sim *sim, struct qk_sim_client *client)
{
	struct qk_sim_atr *atr = client->atr;

	if (!atr || (atr->input_size && !work(atr)))
		return;
	/* clients may have moved in their table */
	client = client_of(atr);
	if (!client)
		return;
	client->due_usec = QK_SIM_NEVER;
	tell(sim, client);
}

static void released(struct qk_sim *sim, struct qk_sim_client *client)
{
	struct qk_sim_atr *atr = client->atr;

	(void)sim;
	client->atr = NULL;
	if (!atr)
		return;
	atr->gone = true;
	if (!atr->inside)
		close_port(atr);
}

void qk_sim_atr_done(struct qk_sim *sim)
{
	for (size_t i = 0; i < sim->client_count; i++)
		if (sim->clients[i].atr)
			released(sim, &sim->clients[i]);
}

static const struct qk_sim_handler handlers[] = {
	{ "send", send },
};

const struct qk_sim_service_table qk_sim_atr = {
	.service = QK_SERVICE_ID_ATR,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.always = true,
	.due = due,
	.released = released,
};
