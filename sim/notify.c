/*
 * Notify: what has changed in the model becomes indications to those who asked for them (see
 * modem.h). Each service says in its table what is news and to whom.
 */
#include <qmikit/ctl.h>

#include <stdlib.h>
#include <string.h>

#include "large.h"
#include "modem.h"

#define ROUNDS_MAX 16

/* What may end data calls, or let the modem start them. */
#define ENDS_CALLS \
	(QK_SIM_CHANGED_MODE | QK_SIM_CHANGED_REGISTRATION | QK_SIM_CHANGED_CARD | \
	 QK_SIM_CHANGED_SELECTION)

static bool same_form(const struct qk_field *a, const struct qk_field *b)
{
	return a->name_at == b->name_at && a->kind == b->kind &&
	       (a->kind != QK_KIND_STRUCT || a->below == b->below) && a->size == b->size &&
	       a->flags == b->flags;
}

void qk_sim_copy_tlvs(const struct qk_message *from_message, const void *from,
		      const struct qk_message *to_message, void *to)
{
	for (size_t i = 0; i < to_message->tlv_count; i++) {
		const struct qk_tlv_def *target = &to_message->tlvs[i];

		for (size_t k = 0; k < from_message->tlv_count; k++) {
			const struct qk_tlv_def *source = &from_message->tlvs[k];
			bool list = source->field.flags & QK_FIELD_LIST;

			if (!same_form(&source->field, &target->field))
				continue;
			memcpy((uint8_t *)to + target->has, (const uint8_t *)from + source->has,
			       sizeof(bool));
			memcpy((uint8_t *)to + target->field.offset,
			       (const uint8_t *)from + source->field.offset,
			       list ? sizeof(struct qk_list) : source->field.size);
		}
	}
}

/* Whether a fault keeps this indication from the host. */
static bool is_lost(struct qk_sim *sim, const struct qk_message *message)
{
	const struct qk_frame frame = { .service = (uint8_t)message->service,
					.message = message->id };
	struct qk_sim_fault fault;

	return qk_sim_take_fault(sim, QK_SIM_FAULT_NO_INDICATION, &frame, &fault) ||
	       qk_sim_take_fault(sim, QK_SIM_FAULT_QMI_SILENT, &frame, &fault);
}

void qk_sim_tell(struct qk_sim *sim, const struct qk_sim_client *client,
		 const struct qk_message *message, const void *indication)
{
	if (!client->port || is_lost(sim, message))
		return;
	int size = qk_sim_encode(sim, message, indication, client->id, 0);
	if (size > 0)
		qk_sim_send(client->port, (struct qk_span){ sim->output, (size_t)size });
}

bool qk_sim_tell_after(struct qk_sim_call *call, const struct qk_message *message,
		       const void *indication)
{
	struct qk_sim *sim = call->sim;

	if (is_lost(sim, message))
		return true;
	int size = qk_sim_encode(sim, message, indication, call->client->id, 0);
	uint8_t *data = size > 0 && sim->owed_count < QK_SIM_OWED_MAX ? malloc((size_t)size) : NULL;
	if (!data)
		return false;
	memcpy(data, sim->output, (size_t)size);
	sim->owed[sim->owed_count++] = (struct qk_sim_owed){ data, (size_t)size };
	return true;
}

void qk_sim_send_owed(struct qk_sim *sim, struct qk_sim_port *port)
{
	for (size_t i = 0; i < sim->owed_count; i++) {
		if (port)
			qk_sim_send(port, (struct qk_span){ sim->owed[i].data, sim->owed[i].size });
		free(sim->owed[i].data);
	}
	sim->owed_count = 0;
}

static void tell(struct qk_sim *sim, const struct qk_sim_client *client,
		 const struct qk_sim_news *news)
{
	const struct qk_service *service = qk_service_by_id(qk_sim_service_id(client->service));
	const struct qk_message *message =
		qk_message_by_name(service, QK_INDICATION, news->message);

	sim->arena.used = 0;
	void *indication = qk_arena_take(&sim->arena, message->size);

	if (indication && news->fill(sim, client, indication))
		qk_sim_tell(sim, client, message, indication);
}

static void tell_client(struct qk_sim *sim, struct qk_sim_client *client, uint32_t changed)
{
	const struct qk_sim_service_table *table = qk_sim_table(client->service);

	for (size_t i = 0; client->port && table && i < table->news_count; i++)
		if (table->news[i].changed & changed && table->news[i].watch & client->watch)
			tell(sim, client, &table->news[i]);
	if (table && table->told)
		table->told(sim, client);
}

/* After a reset nobody's client id is known any more; CTL Sync says so to every port [C]. */
static void tell_boot(struct qk_sim *sim)
{
	struct qk_extras nothing = { 0 };

	qk_sim_client_release_all(sim);
	if (is_lost(sim, &qk_ctl_sync_message))
		return;
	for (struct qk_sim_port *port = sim->ports; port; port = port->next) {
		int size = qk_sim_encode(sim, &qk_ctl_sync_message, &nothing, 0, 0);
		if (size > 0)
			qk_sim_send(port, (struct qk_span){ sim->output, (size_t)size });
	}
}

/* What waits for a change is answered before anybody is told of it. An answer may change something as
 * well: that is the same news. All that has changed. */
static uint32_t answer_waiting(struct qk_sim *sim)
{
	uint32_t changed = 0;

	for (unsigned int round = 0; sim->state.changed && round < ROUNDS_MAX; round++) {
		if (sim->state.changed & ENDS_CALLS)
			qk_sim_bearers_check(&sim->state);
		uint32_t fresh = sim->state.changed;
		sim->state.changed = 0;
		changed |= fresh;
		qk_sim_late_run(sim, fresh);
	}
	return changed;
}

static void tell_all(struct qk_sim *sim, uint32_t changed)
{
	for (size_t i = 0; i < sim->client_count; i++)
		tell_client(sim, &sim->clients[i], changed);
	qk_sim_tell_watchers(sim, changed);
}

void qk_sim_notify(struct qk_sim *sim)
{
	/* whoever is told may change something again, but not for ever */
	if (sim->notifying)
		return;
	sim->notifying = true;
	for (unsigned int round = 0; sim->state.changed && round < ROUNDS_MAX; round++) {
		uint32_t reached = sim->state.reached;

		if (reached & QK_SIM_BOOTED_QMI)
			tell_boot(sim);
		tell_all(sim, answer_waiting(sim));
		sim->state.reached &= ~reached;
	}
	sim->notifying = false;
}
