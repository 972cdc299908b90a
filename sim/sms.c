/*
 * SMS: what arrives and what is sent (see sms.h).
 *
 * The message centre keeps what it cannot deliver, in order, and tries again when the modem is back, has
 * room again, or owes an acknowledgement for too long [C].
 */
#include "sms.h"

#include <errno.h>
#include <string.h>

#include "lib/3gpp/cbs.h"
#include "lib/3gpp/sms-text.h"
#include "profile.h"
#include "state.h"

/* How long the network waits for the host's acknowledgement (TR1N of 3GPP TS 24.011). */
#define CONFIRM_USEC UINT64_C(35000000)
/* A short message of type 0: to be acknowledged and forgotten (3GPP TS 23.040 9.2.3.9). */
#define PID_TYPE_0 0x40
#define STATUS_DELIVERED 0x00

static void set_pdu(struct qk_sim_sms_pdu *to, const uint8_t *pdu, size_t size)
{
	memcpy(to->data, pdu, size);
	to->size = (uint8_t)size;
}

static struct qk_span span_of(const struct qk_sim_sms_pdu *pdu)
{
	return (struct qk_span){ pdu->data, pdu->size };
}

/* --- the network's side */

static int64_t utc_seconds(const struct qk_sim_state *state)
{
	return qk_sim_state_utc_usec(state) / 1000000;
}

static int enqueue(struct qk_sim_state *state, const struct qk_sim_sms_waiting *item)
{
	struct qk_sim_sms *sms = &state->sms;

	if (sms->queue_count == QK_SIM_SMS_QUEUE_MAX)
		return -ENOSPC;
	sms->queue[sms->queue_count++] = *item;
	return 0;
}

/* -EINVAL: the card has none. */
static int own_centre(const struct qk_sim_state *state, struct qk_sms_address *ret)
{
	char centre[QK_SIM_SMS_ADDRESS_MAX];

	qk_sim_sms_get_smsc(state, centre);
	return qk_sms_set_number(ret, centre);
}

int qk_sim_sms_receive(struct qk_sim_state *state, const uint8_t *pdu, size_t size)
{
	struct qk_sim_sms_waiting item = { .due_usec = state->now_usec };
	struct qk_sms sms;

	if (qk_sms_decode((struct qk_span){ pdu, size }, &sms) < 0 || sms.type == QK_SMS_SUBMIT)
		return -EINVAL;
	if (!sms.smsc.text[0])
		(void)own_centre(state, &sms.smsc);
	int r = qk_sms_encode(&sms, item.pdu.data, sizeof(item.pdu.data));
	if (r < 0)
		return -EINVAL;
	item.pdu.size = (uint8_t)r;
	item.report = sms.type == QK_SMS_STATUS_REPORT;
	return enqueue(state, &item);
}

int qk_sim_sms_receive_text(struct qk_sim_state *state, const char *number, const char *text,
			    uint32_t message_class)
{
	struct qk_sms sms = { .type = QK_SMS_DELIVER };
	struct qk_sms_split split;
	uint8_t pdu[QK_SMS_PDU_MAX];

	if (message_class > QK_SIM_SMS_CLASS_NONE || qk_sms_set_address(&sms.address, number) < 0 ||
	    qk_sms_split(text, state->sms.parts_reference, &split) < 0)
		return -EINVAL;
	if (split.parts > QK_SIM_SMS_QUEUE_MAX - state->sms.queue_count)
		return -ENOSPC;
	if (split.parts > 1)
		state->sms.parts_reference++;
	sms.sent = qk_sms_time_from(utc_seconds(state), qk_sim_state_zone_quarters(state));
	int class = message_class == QK_SIM_SMS_CLASS_NONE ? -1 : (int)message_class;
	while (qk_sms_take_part(&split, class, &sms)) {
		sms.no_more = split.next == split.parts;
		int r = qk_sms_encode(&sms, pdu, sizeof(pdu));
		if (r > 0)
			r = qk_sim_sms_receive(state, pdu, (size_t)r);
		if (r < 0)
			return r;
	}
	return split.parts;
}

int qk_sim_sms_broadcast(struct qk_sim_state *state, const uint8_t *page, size_t size)
{
	struct qk_sim_sms_waiting item = { .due_usec = state->now_usec, .broadcast = true };
	struct qk_cbs_page read;

	if (size > QK_CBS_PAGE_SIZE || qk_cbs_decode((struct qk_span){ page, size }, &read) < 0)
		return -EINVAL;
	set_pdu(&item.pdu, page, size);
	return enqueue(state, &item);
}

/* Takes an item out of the queue; the next one comes a little later. */
static void drop(struct qk_sim_state *state, size_t index)
{
	struct qk_sim_sms *sms = &state->sms;
	uint64_t earliest = qk_sim_after(state, state->profile->sms.gap_usec);

	memmove(&sms->queue[index], &sms->queue[index + 1],
		(--sms->queue_count - index) * sizeof(sms->queue[0]));
	for (size_t i = 0; i < sms->queue_count; i++)
		if (sms->queue[i].due_usec < earliest)
			sms->queue[i].due_usec = earliest;
}

static void say(struct qk_sim_state *state, const struct qk_sim_sms_event *event)
{
	state->sms.event = *event;
	state->changed |= QK_SIM_CHANGED_SMS;
}

static void deliver_report(struct qk_sim_state *state, const struct qk_sim_sms_waiting *item)
{
	struct qk_sim_sms *sms = &state->sms;
	struct qk_sim_sms_event event = {
		.kind = QK_SIM_SMS_EVENT_REPORT,
		.index = sms->next_report,
		.transaction = ++sms->last_transaction,
		.pdu = item->pdu,
	};

	sms->reports[sms->next_report] = item->pdu;
	sms->next_report = (uint8_t)((sms->next_report + 1) % QK_SIM_SMS_REPORTS_MAX);
	say(state, &event);
}

static bool listens_to(const struct qk_sim_sms *sms, uint16_t channel)
{
	for (size_t i = 0; sms->broadcast && i < sms->channel_count; i++)
		if (sms->channels[i].selected && channel >= sms->channels[i].first &&
		    channel <= sms->channels[i].last)
			return true;
	return false;
}

static void deliver_broadcast(struct qk_sim_state *state, const struct qk_sim_sms_waiting *item)
{
	struct qk_sim_sms_event event = {
		.kind = QK_SIM_SMS_EVENT_BROADCAST,
		.transaction = ++state->sms.last_transaction,
		.pdu = item->pdu,
	};
	struct qk_cbs_page page;

	if (qk_cbs_decode(span_of(&item->pdu), &page) == 0 && listens_to(&state->sms, page.channel))
		say(state, &event);
}

/* False: it waits where it is; who frees a slot makes it come. */
static bool deliver_stored(struct qk_sim_state *state, const struct qk_sim_sms_waiting *item,
			   uint8_t store)
{
	struct qk_sim_sms_event event = { .kind = QK_SIM_SMS_EVENT_STORED, .store = store };
	size_t index = 0;
	int r = qk_sim_sms_put(state, store, QK_SIM_SMS_UNREAD, item->pdu.data, item->pdu.size,
			       &index);

	event.index = (uint16_t)index;
	event.pdu = item->pdu;
	if (r < 0) {
		event.kind = QK_SIM_SMS_EVENT_FULL;
		state->sms.full_told = true;
	}
	say(state, &event);
	return r == 0;
}

static void deliver_transferred(struct qk_sim_state *state, const struct qk_sim_sms_waiting *item,
				bool confirm)
{
	struct qk_sim_sms *sms = &state->sms;
	struct qk_sim_sms_event event = {
		.kind = QK_SIM_SMS_EVENT_TRANSFER,
		.confirm = confirm,
		.transaction = ++sms->last_transaction,
		.pdu = item->pdu,
	};

	sms->unconfirmed = confirm;
	sms->held = item->pdu;
	sms->confirm_usec = qk_sim_after(state, CONFIRM_USEC);
	say(state, &event);
}

static bool deliver_message(struct qk_sim_state *state, const struct qk_sim_sms_waiting *item)
{
	struct qk_sms sms;

	if (qk_sms_decode(span_of(&item->pdu), &sms) < 0 || sms.pid == PID_TYPE_0)
		return true;
	const struct qk_sim_sms_route *route =
		&state->sms
			 .routes[sms.message_class < 0 ? QK_SIM_SMS_CLASS_NONE : sms.message_class];
	if (route->action == QK_SIM_SMS_STORE)
		return deliver_stored(state, item, route->store);
	if (route->action != QK_SIM_SMS_DISCARD)
		deliver_transferred(state, item, route->action == QK_SIM_SMS_TRANSFER_UNCONFIRMED);
	return true;
}

int qk_sim_sms_acknowledge(struct qk_sim_state *state, uint32_t transaction, bool success)
{
	struct qk_sim_sms *sms = &state->sms;

	/* a refusal ends it as well: the message centre gives up on a host that does not want it */
	(void)success;
	if (!sms->unconfirmed || transaction != sms->last_transaction)
		return -ENOENT;
	sms->unconfirmed = false;
	return 0;
}

/* The host said nothing: the network tries once more, if it can keep the message so long. */
static void give_up_waiting(struct qk_sim_state *state)
{
	struct qk_sim_sms_waiting item = { .due_usec = state->now_usec, .pdu = state->sms.held };

	state->sms.unconfirmed = false;
	(void)enqueue(state, &item);
}

/* --- sending */

static uint64_t last_due(const struct qk_sim_state *state)
{
	uint64_t due = state->now_usec;

	for (size_t i = 0; i < QK_SIM_SMS_OUT_MAX; i++)
		if (state->sms.out[i].ticket && state->sms.out[i].due_usec != QK_SIM_NEVER &&
		    state->sms.out[i].due_usec > due)
			due = state->sms.out[i].due_usec;
	return due;
}

/* A free place, or that of the oldest result that nobody took. */
static struct qk_sim_sms_out *free_out(struct qk_sim_sms *sms)
{
	struct qk_sim_sms_out *oldest = NULL;

	for (size_t i = 0; i < QK_SIM_SMS_OUT_MAX; i++) {
		struct qk_sim_sms_out *out = &sms->out[i];
		if (!out->ticket)
			return out;
		if (out->due_usec == QK_SIM_NEVER && (!oldest || out->ticket < oldest->ticket))
			oldest = out;
	}
	return oldest;
}

int qk_sim_sms_send(struct qk_sim_state *state, const uint8_t *pdu, size_t size,
		    uint32_t *ret_ticket)
{
	struct qk_sim_sms_out *out = free_out(&state->sms);
	struct qk_sms sms;

	if (size > QK_SIM_SMS_PDU_MAX || qk_sms_decode((struct qk_span){ pdu, size }, &sms) < 0 ||
	    sms.type != QK_SMS_SUBMIT)
		return -EINVAL;
	if (!out)
		return -EBUSY;
	uint64_t takes = qk_sim_after(state, state->profile->sms.send_usec) - state->now_usec;
	*out = (struct qk_sim_sms_out){ .ticket = ++state->sms.last_ticket,
					.due_usec = last_due(state) + takes };
	set_pdu(&out->pdu, pdu, size);
	*ret_ticket = out->ticket;
	return 0;
}

void qk_sim_sms_fail_next(struct qk_sim_state *state, uint32_t count, uint16_t rp_cause,
			  uint8_t tp_cause)
{
	state->sms.failure = (struct qk_sim_sms_failure){ count, rp_cause, tp_cause };
}

int qk_sim_sms_take_result(struct qk_sim_state *state, uint32_t ticket,
			   struct qk_sim_sms_result *ret)
{
	for (size_t i = 0; ticket && i < QK_SIM_SMS_OUT_MAX; i++) {
		struct qk_sim_sms_out *out = &state->sms.out[i];
		if (out->ticket != ticket)
			continue;
		if (out->due_usec != QK_SIM_NEVER)
			return 0;
		*ret = out->result;
		*out = (struct qk_sim_sms_out){ 0 };
		return 1;
	}
	return -ENOENT;
}

bool qk_sim_sms_take_sent(struct qk_sim_state *state, struct qk_sim_sms_sent *ret)
{
	struct qk_sim_sms *sms = &state->sms;

	if (!sms->sent_count)
		return false;
	*ret = sms->sent[sms->sent_first];
	sms->sent_first = (uint8_t)((sms->sent_first + 1) % QK_SIM_SMS_SENT_MAX);
	sms->sent_count--;
	return true;
}

/* The oldest is forgotten when nobody takes them. */
static void keep_sent(struct qk_sim_state *state, const struct qk_sim_sms_pdu *pdu)
{
	struct qk_sim_sms *sms = &state->sms;
	struct qk_sim_sms_sent dropped;

	if (sms->sent_count == QK_SIM_SMS_SENT_MAX)
		qk_sim_sms_take_sent(state, &dropped);
	size_t at = (sms->sent_first + sms->sent_count++) % (size_t)QK_SIM_SMS_SENT_MAX;
	sms->sent[at] = (struct qk_sim_sms_sent){ .usec = state->now_usec, .pdu = *pdu };
}

/* The message centre reports that the message arrived. */
static void answer_report(struct qk_sim_state *state, const struct qk_sms *submit)
{
	struct qk_sim_sms_waiting item = {
		.due_usec = qk_sim_after(state, state->profile->sms.report_usec),
		.report = true,
	};
	struct qk_sms report = {
		.type = QK_SMS_STATUS_REPORT,
		.no_more = true,
		.smsc = submit->smsc,
		.address = submit->address,
		.reference = submit->reference,
		.status = STATUS_DELIVERED,
	};
	int8_t zone = qk_sim_state_zone_quarters(state);

	report.sent = qk_sms_time_from(utc_seconds(state), zone);
	int64_t later = (int64_t)((item.due_usec - state->now_usec) / 1000000);
	report.done = qk_sms_time_from(utc_seconds(state) + later, zone);
	int r = qk_sms_encode(&report, item.pdu.data, sizeof(item.pdu.data));
	if (r < 0)
		return;
	item.pdu.size = (uint8_t)r;
	/* a message centre that is full reports nothing */
	(void)enqueue(state, &item);
}

/* A message to the modem's own number comes back. */
static void answer_own(struct qk_sim_state *state, const struct qk_sms *submit)
{
	const char *number = submit->address.text + (submit->address.text[0] == '+');
	struct qk_sms deliver = *submit;
	uint8_t pdu[QK_SMS_PDU_MAX];

	if (!state->identity.msisdn[0] || strcmp(number, state->identity.msisdn) != 0)
		return;
	deliver.type = QK_SMS_DELIVER;
	deliver.no_more = true;
	deliver.report = false;
	deliver.sent = qk_sms_time_from(utc_seconds(state), qk_sim_state_zone_quarters(state));
	int r = qk_sms_encode(&deliver, pdu, sizeof(pdu));
	if (r > 0)
		(void)qk_sim_sms_receive(state, pdu, (size_t)r);
}

static void leave(struct qk_sim_state *state, struct qk_sim_sms_out *out, struct qk_sms *sms)
{
	sms->reference = state->sms.reference++;
	out->result.reference = sms->reference;
	int r = qk_sms_encode(sms, out->pdu.data, sizeof(out->pdu.data));
	if (r > 0)
		out->pdu.size = (uint8_t)r;
	out->result.sent = true;
	keep_sent(state, &out->pdu);
	if (sms->report)
		answer_report(state, sms);
	answer_own(state, sms);
}

static void finish(struct qk_sim_state *state, struct qk_sim_sms_out *out)
{
	struct qk_sim_sms_failure *failure = &state->sms.failure;
	struct qk_sms sms;
	int r = qk_sms_decode(span_of(&out->pdu), &sms);

	out->due_usec = QK_SIM_NEVER;
	state->changed |= QK_SIM_CHANGED_SMS_SENT;
	if (r == 0 && !sms.smsc.text[0])
		r = own_centre(state, &sms.smsc);
	if (!qk_sim_radio_has_circuit(state)) {
		out->result.error = -ENETDOWN;
	} else if (r < 0) {
		out->result.error = -EDESTADDRREQ;
	} else if (failure->count) {
		failure->count--;
		out->result.rp_cause = failure->rp_cause;
		out->result.tp_cause = failure->tp_cause;
	} else {
		leave(state, out, &sms);
	}
}

static struct qk_sim_sms_out *next_out(struct qk_sim_sms *sms)
{
	struct qk_sim_sms_out *next = NULL;

	for (size_t i = 0; i < QK_SIM_SMS_OUT_MAX; i++)
		if (sms->out[i].ticket && sms->out[i].due_usec != QK_SIM_NEVER &&
		    (!next || sms->out[i].due_usec < next->due_usec))
			next = &sms->out[i];
	return next;
}

/* --- time */

/* The item that the network hands over next, or queue_count: none. */
static size_t next_waiting(const struct qk_sim_state *state)
{
	const struct qk_sim_sms *sms = &state->sms;
	size_t next = sms->queue_count;

	if (!(state->booted & QK_SIM_BOOTED_SMS) || !qk_sim_radio_has_circuit(state))
		return next;
	for (size_t i = 0; i < sms->queue_count; i++) {
		const struct qk_sim_sms_waiting *item = &sms->queue[i];
		bool kept = sms->full_told && !item->broadcast && !item->report;
		if (!kept &&
		    (next == sms->queue_count || item->due_usec < sms->queue[next].due_usec))
			next = i;
	}
	return next;
}

uint64_t qk_sim_sms_next_usec(const struct qk_sim_state *state)
{
	const struct qk_sim_sms *sms = &state->sms;
	/* nothing is changed through it */
	const struct qk_sim_sms_out *out = next_out((struct qk_sim_sms *)sms);
	uint64_t next = out ? out->due_usec : QK_SIM_NEVER, arrival = QK_SIM_NEVER;
	size_t waiting = next_waiting(state);

	if (sms->unconfirmed)
		arrival = sms->confirm_usec;
	else if (waiting < sms->queue_count)
		arrival = sms->queue[waiting].due_usec;
	return arrival < next ? arrival : next;
}

/* One at a time: who is told looks at the event. */
static void deliver_due(struct qk_sim_state *state)
{
	size_t waiting = next_waiting(state);

	if (waiting == state->sms.queue_count ||
	    state->sms.queue[waiting].due_usec > state->now_usec)
		return;
	struct qk_sim_sms_waiting item = state->sms.queue[waiting];
	bool taken = true;
	if (item.broadcast)
		deliver_broadcast(state, &item);
	else if (item.report)
		deliver_report(state, &item);
	else
		taken = deliver_message(state, &item);
	if (taken)
		drop(state, waiting);
}

void qk_sim_sms_advance(struct qk_sim_state *state)
{
	struct qk_sim_sms *sms = &state->sms;
	struct qk_sim_sms_out *out = next_out(sms);

	if (out && out->due_usec <= state->now_usec)
		finish(state, out);
	if (sms->unconfirmed && sms->confirm_usec <= state->now_usec)
		give_up_waiting(state);
	if (!sms->unconfirmed && !(state->changed & QK_SIM_CHANGED_SMS))
		deliver_due(state);
}

void qk_sim_sms_start(struct qk_sim_state *state)
{
	struct qk_sim_sms *sms = &state->sms;

	*sms = (struct qk_sim_sms){ 0 };
	for (size_t i = 0; i < QK_SIM_SMS_CLASSES; i++)
		sms->routes[i] = (struct qk_sim_sms_route){ (uint8_t)state->profile->sms.store,
							    QK_SIM_SMS_STORE };
}

void qk_sim_sms_reboot(struct qk_sim_state *state)
{
	struct qk_sim_sms *sms = &state->sms;

	memset(sms->out, 0, sizeof(sms->out));
	memset(sms->reports, 0, sizeof(sms->reports));
	sms->next_report = 0;
	sms->event = (struct qk_sim_sms_event){ 0 };
	sms->transfer_reports = false;
	sms->unconfirmed = false;
	sms->full_told = false;
	sms->reference = 0;
}
