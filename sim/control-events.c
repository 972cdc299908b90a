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
	EVENT_FAULT,
};

struct event_row {
	const char *name, *sentence;
	uint32_t changed; /* QK_SIM_CHANGED_*, any of them */
	void (*tell)(struct qk_control_modem *modem, size_t event);
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
	memcpy(modem->known.fault_used, state->faults.used, sizeof(state->faults.used));
}

void qk_control_tell_changes(struct qk_control_modem *modem, uint32_t changed)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i].changed & changed && qk_control_is_watched(modem->control, i))
			events[i].tell(modem, i);
	qk_control_know(modem);
}
