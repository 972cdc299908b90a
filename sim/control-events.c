/*
 * Control, events: a row an event, which change it may follow, and what it says (see control-events.h).
 */
#include "control-events.h"

#include <string.h>

enum event {
	EVENT_BUS,
	EVENT_BOOT,
	EVENT_MODE,
	EVENT_REGISTRATION,
	EVENT_SIGNAL,
	EVENT_CARD,
	EVENT_DATA,
	EVENT_SMS,
	EVENT_SMS_SENT,
	EVENT_CALL,
	EVENT_CALL_DIALLED,
	EVENT_USSD,
	EVENT_GNSS,
	EVENT_FAULT,
};

struct event_row {
	const char *name, *sentence;
	uint32_t changed; /* QK_SIM_CHANGED_*, any of them */
	void (*tell)(struct qk_control_modem *modem, size_t event);
	bool always; /* also when nobody watches: it remembers */
};

static void tell_bus(struct qk_control_modem *modem, size_t event)
{
	uint32_t guise = qk_sim_usb_guise(qk_sim_state(modem->sim));

	if (guise != modem->known.guise)
		qk_control_tell(modem, event,
				json_pack("{s:b, s:s}", "on", guise != QK_SIM_GUISE_NONE, "as",
					  qk_control_word(qk_control_guises, guise)));
}

static void tell_boot(struct qk_control_modem *modem, size_t event)
{
	const struct qk_sim_word *step = qk_control_steps;

	for (; step->name; step++)
		if (qk_sim_state(modem->sim)->reached & step->value)
			qk_control_tell(modem, event, json_pack("{s:s}", "step", step->name));
}

static void tell_mode(struct qk_control_modem *modem, size_t event)
{
	const struct qk_sim_state *state = qk_sim_state(modem->sim);

	if (state->power.mode != modem->known.mode)
		qk_control_tell(modem, event,
				json_pack("{s:s}", "mode",
					  qk_control_word(qk_control_modes, state->power.mode)));
}

static void tell_registration(struct qk_control_modem *modem, size_t event)
{
	const struct qk_sim_state *state = qk_sim_state(modem->sim);

	if (state->registration != modem->known.registration)
		qk_control_tell(modem, event, qk_control_registration(state));
}

static void tell_signal(struct qk_control_modem *modem, size_t event)
{
	const struct qk_sim_state *state = qk_sim_state(modem->sim);

	qk_control_tell(modem, event, qk_sim_write_object(&qk_sim_cell_section, &state->cell));
}

static void tell_card(struct qk_control_modem *modem, size_t event)
{
	qk_control_tell(modem, event, qk_control_card(qk_sim_state(modem->sim)));
}

static void tell_data(struct qk_control_modem *modem, size_t event)
{
	const struct qk_sim_bearer *calls = qk_sim_state(modem->sim)->bearers.calls;

	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		bool ended = calls[i].state == QK_SIM_BEARER_ENDED;
		if (calls[i].state != modem->known.bearers[i] &&
		    (ended || calls[i].state == QK_SIM_BEARER_UP))
			qk_control_tell(modem, event, qk_control_bearer(&calls[i]));
	}
}

/* The messages that left the modem are kept for who asks later. */
static void tell_sent(struct qk_control_modem *modem, size_t event)
{
	struct qk_sim_sms_sent sent;

	while (qk_sim_sms_take_sent(qk_sim_state(modem->sim), &sent)) {
		json_t *message = qk_control_pdu(&sent.pdu);
		json_array_append(modem->sent, message);
		if (json_array_size(modem->sent) > QK_CONTROL_SENT_MAX)
			json_array_remove(modem->sent, 0);
		qk_control_tell(modem, event, message);
	}
}

static void tell_sms(struct qk_control_modem *modem, size_t event)
{
	static const char *const kinds[] = {
		[QK_SIM_SMS_EVENT_NONE] = "nothing",   [QK_SIM_SMS_EVENT_STORED] = "stored",
		[QK_SIM_SMS_EVENT_TRANSFER] = "given", [QK_SIM_SMS_EVENT_REPORT] = "report",
		[QK_SIM_SMS_EVENT_FULL] = "full",      [QK_SIM_SMS_EVENT_BROADCAST] = "broadcast",
	};
	const struct qk_sim_state *state = qk_sim_state(modem->sim);
	const struct qk_sim_sms_event *news = &state->sms.event;
	bool stored = news->kind == QK_SIM_SMS_EVENT_STORED;
	const struct qk_sim_sms_slot *slot =
		stored ? qk_sim_sms_get(state, news->store, news->index) : NULL;
	json_t *members = slot ? qk_control_pdu(&slot->pdu) : qk_control_pdu(&news->pdu);

	json_object_set_new(members, "how", json_string(kinds[news->kind]));
	if (stored || news->kind == QK_SIM_SMS_EVENT_FULL)
		json_object_set_new(members, "store", json_string(qk_control_store(news->store)));
	if (stored)
		json_object_set_new(members, "index", json_integer(news->index));
	qk_control_tell(modem, event, members);
}

static void tell_calls(struct qk_control_modem *modem, size_t event)
{
	const struct qk_sim_call_info *calls = qk_sim_state(modem->sim)->voice.calls;

	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++)
		if (calls[i].state != modem->known.calls[i] && calls[i].state != QK_SIM_CALL_NONE)
			qk_control_tell(modem, event, qk_control_call(&calls[i]));
}

static void tell_dialled(struct qk_control_modem *modem, size_t event)
{
	const struct qk_sim_call_info *calls = qk_sim_state(modem->sim)->voice.calls;

	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++)
		if (calls[i].state != modem->known.calls[i] &&
		    calls[i].state == QK_SIM_CALL_DIALING)
			qk_control_tell(modem, event, qk_control_call(&calls[i]));
}

/* What the network says, and to what. */
static void tell_ussd(struct qk_control_modem *modem, size_t event)
{
	const struct qk_sim_ussd *ussd = &qk_sim_state(modem->sim)->voice.ussd;

	qk_control_tell(modem, event,
			json_pack("{s:i, s:s, s:s}", "action", (int)ussd->event.action, "text",
				  ussd->event.text, "input", ussd->input));
}

static void tell_gnss(struct qk_control_modem *modem, size_t event)
{
	const struct qk_sim_state *state = qk_sim_state(modem->sim);

	if ((state->gnss.users != 0) != modem->known.gnss_on ||
	    qk_sim_gnss_fix(state).valid != modem->known.gnss_fix)
		qk_control_tell(modem, event, qk_control_gnss(state));
}

static void tell_fault(struct qk_control_modem *modem, size_t event)
{
	const struct qk_sim_faults *faults = &qk_sim_state(modem->sim)->faults;
	const char *name, *sentence;

	for (size_t i = 0; (name = qk_sim_fault_name(i, &sentence)); i++)
		if (faults->used[i] != modem->known.fault_used[i])
			qk_control_tell(modem, event,
					json_pack("{s:s, s:I}", "name", name, "used",
						  (json_int_t)faults->used[i]));
}

static const struct event_row events[] = {
	[EVENT_BUS] = { "bus", "it left the bus or is on it again", QK_SIM_CHANGED_BUS, tell_bus },
	[EVENT_BOOT] = { "boot", "a step of its boot", QK_SIM_CHANGED_BUS | QK_SIM_CHANGED_BOOT,
			 tell_boot },
	[EVENT_MODE] = { "mode", "its operating mode", QK_SIM_CHANGED_MODE | QK_SIM_CHANGED_BUS,
			 tell_mode },
	[EVENT_REGISTRATION] = { "registration", "with the network",
				 QK_SIM_CHANGED_REGISTRATION | QK_SIM_CHANGED_BUS |
					 QK_SIM_CHANGED_BOOT,
				 tell_registration },
	[EVENT_SIGNAL] = { "signal", "the cell and how well it is heard", QK_SIM_CHANGED_SIGNAL,
			   tell_signal },
	[EVENT_CARD] = { "card", "the SIM card and its PINs", QK_SIM_CHANGED_CARD, tell_card },
	[EVENT_DATA] = { "data", "a data call is up, or ended and why", QK_SIM_CHANGED_DATA,
			 tell_data },
	[EVENT_SMS] = { "sms", "a message arrived, or has no room", QK_SIM_CHANGED_SMS, tell_sms },
	[EVENT_SMS_SENT] = { "sms-sent", "a message left it", QK_SIM_CHANGED_SMS_SENT, tell_sent,
			     .always = true },
	[EVENT_CALL] = { "call", "a call is dialled, rings, is answered, ends",
			 QK_SIM_CHANGED_CALLS, tell_calls },
	[EVENT_CALL_DIALLED] = { "call-dialled", "the first of these alone", QK_SIM_CHANGED_CALLS,
				 tell_dialled },
	[EVENT_USSD] = { "ussd", "the network spoke by USSD", QK_SIM_CHANGED_USSD, tell_ussd },
	[EVENT_GNSS] = { "gnss", "the positioning went on or off, has or lost its fix",
			 QK_SIM_CHANGED_POSITION, tell_gnss },
	[EVENT_FAULT] = { "fault", "a fault that was armed was used", QK_SIM_CHANGED_FAULT,
			  tell_fault },
};

_Static_assert(sizeof(events) / sizeof(events[0]) <= 32, "a user's events are bits of 32");

const char *qk_control_event_name(size_t i, const char **ret_sentence)
{
	if (i >= sizeof(events) / sizeof(events[0]))
		return NULL;
	*ret_sentence = events[i].sentence;
	return events[i].name;
}

void qk_control_know(struct qk_control_modem *modem)
{
	const struct qk_sim_state *state = qk_sim_state(modem->sim);

	modem->known = (struct qk_control_known){
		.guise = qk_sim_usb_guise(state),
		.mode = state->power.mode,
		.registration = state->registration,
	};
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++)
		modem->known.bearers[i] = state->bearers.calls[i].state;
	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++)
		modem->known.calls[i] = state->voice.calls[i].state;
	modem->known.gnss_on = state->gnss.users != 0;
	modem->known.gnss_fix = qk_sim_gnss_fix(state).valid;
	memcpy(modem->known.fault_used, state->faults.used, sizeof(state->faults.used));
}

void qk_control_tell_changes(struct qk_control_modem *modem, uint32_t changed)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i].changed & changed &&
		    (events[i].always || qk_control_is_watched(modem->control, i)))
			events[i].tell(modem, i);
	qk_control_know(modem);
}
