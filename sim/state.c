/*
 * State: the rules of the model (see state.h). What is marked [C] or [U] here was not seen on a real
 * modem; docs/virtual-modem.md lists it.
 */
#include "state.h"
#include "profile.h"
#include "seed.h"

#include <errno.h>
#include <string.h>

static void identify(struct qk_sim_state *state)
{
	const struct qk_sim_profile *profile = state->profile;
	const struct qk_sim_identity *identity = &profile->identity;

	state->identity = *identity;
	qk_sim_digits(state->seed, "imei", identity->imei, 15, true, state->identity.imei);
	if (identity->msisdn[0])
		qk_sim_digits(state->seed, "msisdn", identity->msisdn, 12, false,
			      state->identity.msisdn);
	qk_sim_digits(state->seed, "iccid", profile->card.iccid, 20, true, state->card.iccid);
	qk_sim_digits(state->seed, "imsi", profile->card.imsi, 15, false, state->card.imsi);
}

static void boot(struct qk_sim_state *state)
{
	const struct qk_sim_profile *profile = state->profile;

	state->power = profile->power;
	state->card = profile->card;
	state->network = profile->network;
	state->cell = profile->cell;
	state->data = profile->data;
	state->roaming = profile->roaming;
	state->link_protocol = 2;
	state->number_known = false;
	state->registration = QK_SIM_NOT_REGISTERED;
	state->register_at_usec = QK_SIM_NEVER;
	identify(state);
}

/* A step of the boot and how long after coming on the bus it is reached. */
static const struct {
	uint32_t step;
	size_t timing; /* in struct qk_sim_timings */
} steps[] = {
	{ QK_SIM_BOOTED_AT, offsetof(struct qk_sim_timings, at_usec) },
	{ QK_SIM_BOOTED_RDY, offsetof(struct qk_sim_timings, rdy_usec) },
	{ QK_SIM_BOOTED_CARD, offsetof(struct qk_sim_timings, card_usec) },
	{ QK_SIM_BOOTED_QMI, offsetof(struct qk_sim_timings, boot_usec) },
	{ QK_SIM_BOOTED_SMS, offsetof(struct qk_sim_timings, sms_usec) },
	{ QK_SIM_BOOTED_PHONEBOOK, offsetof(struct qk_sim_timings, phonebook_usec) },
};

static uint64_t scaled(const struct qk_sim_state *state, uint64_t usec)
{
	/* microseconds and millionths both fit 32 bits where they meet */
	return usec / 1000000 * state->time_scale_ppm +
	       usec % 1000000 * state->time_scale_ppm / 1000000;
}

uint64_t qk_sim_after(const struct qk_sim_state *state, uint64_t usec)
{
	return usec == QK_SIM_NEVER ? QK_SIM_NEVER : state->now_usec + scaled(state, usec);
}

/* When step `i` is reached; it has been when that is in the past. */
static uint64_t step_usec(const struct qk_sim_state *state, size_t i)
{
	uint64_t usec;

	memcpy(&usec, (const uint8_t *)&state->profile->timings + steps[i].timing, sizeof(usec));
	return usec == QK_SIM_NEVER || state->plugged_usec == QK_SIM_NEVER
		       ? QK_SIM_NEVER
		       : state->plugged_usec + scaled(state, usec);
}

static uint64_t next_step_usec(const struct qk_sim_state *state)
{
	uint64_t next = QK_SIM_NEVER;

	if (!(state->booted & QK_SIM_BOOTED_BUS))
		return state->plugged_usec;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (!(state->booted & steps[i].step) && step_usec(state, i) < next)
			next = step_usec(state, i);
	return next;
}

void qk_sim_state_reboot(struct qk_sim_state *state, uint64_t off_usec)
{
	if (state->booted & QK_SIM_BOOTED_BUS)
		state->changed |= QK_SIM_CHANGED_BUS;
	qk_sim_state_set_connected(state, false);
	state->booted = state->reached = 0;
	state->boot_usec = QK_SIM_NEVER;
	state->register_at_usec = QK_SIM_NEVER;
	state->registration = QK_SIM_NOT_REGISTERED;
	state->plugged_usec = qk_sim_after(state, off_usec);
}

bool qk_sim_state_on_bus(const struct qk_sim_state *state)
{
	return state->booted & QK_SIM_BOOTED_BUS;
}

bool qk_sim_state_is_up(const struct qk_sim_state *state)
{
	return state->boot_usec != QK_SIM_NEVER;
}

bool qk_sim_state_has_radio(const struct qk_sim_state *state)
{
	return qk_sim_state_is_up(state) && state->power.mode == QK_SIM_MODE_ONLINE &&
	       !state->power.hardware_restricted;
}

bool qk_sim_state_is_registered(const struct qk_sim_state *state)
{
	return state->registration == QK_SIM_REGISTERED;
}

bool qk_sim_state_card_ready(const struct qk_sim_state *state)
{
	return state->card.state == QK_SIM_CARD_PRESENT &&
	       (state->card.pin1.state == QK_SIM_PIN_VERIFIED ||
		state->card.pin1.state == QK_SIM_PIN_DISABLED);
}

bool qk_sim_state_has_signal(const struct qk_sim_state *state)
{
	return qk_sim_state_has_radio(state) && state->cell.rat != QK_SIM_RAT_NONE &&
	       (state->registration == QK_SIM_REGISTERED || state->registration == QK_SIM_DENIED ||
		!qk_sim_state_card_ready(state));
}

/* What the radio does on its own: with power it looks for a network, with a usable card the network
 * lets it in after a while. */
static void settle(struct qk_sim_state *state, uint64_t delay_usec)
{
	bool can = qk_sim_state_has_radio(state) && qk_sim_state_card_ready(state) &&
		   state->cell.rat != QK_SIM_RAT_NONE;
	uint32_t before = state->registration;

	if (!qk_sim_state_has_radio(state)) {
		state->registration = QK_SIM_NOT_REGISTERED;
		state->register_at_usec = QK_SIM_NEVER;
	} else if (!can) {
		state->registration = QK_SIM_SEARCHING;
		state->register_at_usec = QK_SIM_NEVER;
	} else if (state->registration != QK_SIM_REGISTERED) {
		state->registration = QK_SIM_SEARCHING;
		state->register_at_usec = qk_sim_after(state, delay_usec);
	}
	if (state->registration != before)
		state->changed |= QK_SIM_CHANGED_REGISTRATION | QK_SIM_CHANGED_SIGNAL;
	if (state->registration != QK_SIM_REGISTERED)
		qk_sim_state_set_connected(state, false);
}

static void registered(struct qk_sim_state *state)
{
	state->register_at_usec = QK_SIM_NEVER;
	state->registration = QK_SIM_REGISTERED;
	state->number_known = true;
	state->changed |= QK_SIM_CHANGED_REGISTRATION | QK_SIM_CHANGED_SIGNAL;
}

void qk_sim_state_start(struct qk_sim_state *state, const struct qk_sim_profile *profile,
			uint64_t seed, uint64_t now_usec)
{
	*state = (struct qk_sim_state){ .profile = profile,
					.seed = seed,
					.now_usec = now_usec,
					.plugged_usec = now_usec,
					.time_scale_ppm = 1000000,
					.booted = QK_SIM_BOOTED_ALL,
					.boot_usec = now_usec };
	boot(state);
	settle(state, 0);
	if (state->register_at_usec != QK_SIM_NEVER)
		registered(state);
	state->changed = 0;
}

int qk_sim_state_set_mode(struct qk_sim_state *state, uint32_t mode)
{
	uint32_t before = state->power.mode;

	if (mode > QK_SIM_MODE_ONLY_LOW_POWER)
		return -EINVAL;
	if (before == QK_SIM_MODE_SHUTTING_DOWN || before == QK_SIM_MODE_RESET)
		return -EPERM;
	if (before == QK_SIM_MODE_OFFLINE && mode != QK_SIM_MODE_OFFLINE &&
	    mode != QK_SIM_MODE_RESET && mode != QK_SIM_MODE_SHUTTING_DOWN)
		return -EPERM;
	if (mode == before)
		return 0;
	state->power.mode = mode;
	state->changed |= QK_SIM_CHANGED_MODE;
	settle(state, state->profile->timings.register_usec);
	return 0;
}

void qk_sim_state_set_card(struct qk_sim_state *state, uint32_t card_state, uint8_t error)
{
	if (card_state == state->card.state && error == state->card.error)
		return;
	if (card_state == QK_SIM_CARD_PRESENT) {
		state->card = state->profile->card;
		identify(state);
	} else {
		state->number_known = false;
	}
	state->card.state = card_state;
	state->card.error = card_state == QK_SIM_CARD_ERROR ? error : 0;
	state->changed |= QK_SIM_CHANGED_CARD;
	if (state->registration == QK_SIM_REGISTERED && card_state != QK_SIM_CARD_PRESENT) {
		state->registration = QK_SIM_SEARCHING;
		state->changed |= QK_SIM_CHANGED_REGISTRATION | QK_SIM_CHANGED_SIGNAL;
	}
	settle(state, state->profile->timings.register_usec);
}

void qk_sim_state_set_signal(struct qk_sim_state *state, const struct qk_sim_cell *cell)
{
	state->cell = *cell;
	if (qk_sim_state_has_radio(state))
		state->changed |= QK_SIM_CHANGED_SIGNAL;
	if (cell->rat == QK_SIM_RAT_NONE && state->registration == QK_SIM_REGISTERED) {
		state->registration = QK_SIM_SEARCHING;
		state->changed |= QK_SIM_CHANGED_REGISTRATION;
	}
	settle(state, state->profile->timings.register_usec);
}

void qk_sim_state_set_registration(struct qk_sim_state *state, uint32_t registration)
{
	if (registration == state->registration || !qk_sim_state_has_radio(state))
		return;
	state->register_at_usec = QK_SIM_NEVER;
	state->registration = registration;
	state->number_known |= registration == QK_SIM_REGISTERED;
	state->changed |= QK_SIM_CHANGED_REGISTRATION;
	if (registration != QK_SIM_REGISTERED)
		qk_sim_state_set_connected(state, false);
}

void qk_sim_state_set_connected(struct qk_sim_state *state, bool connected)
{
	struct qk_sim_data *data = &state->data;

	if (connected == data->connected)
		return;
	if (!connected) {
		data->last_tx_bytes = data->counters.tx_bytes;
		data->last_rx_bytes = data->counters.rx_bytes;
	} else {
		data->counters = (struct qk_sim_counters){ 0 };
	}
	data->connected = connected;
	state->changed |= QK_SIM_CHANGED_DATA;
}

static bool is_leaving(const struct qk_sim_state *state)
{
	return qk_sim_state_on_bus(state) && (state->power.mode == QK_SIM_MODE_SHUTTING_DOWN ||
					      state->power.mode == QK_SIM_MODE_RESET);
}

uint64_t qk_sim_state_next_usec(const struct qk_sim_state *state)
{
	uint64_t step = next_step_usec(state);

	if (is_leaving(state))
		return state->now_usec;
	return step < state->register_at_usec ? step : state->register_at_usec;
}

static void reach(struct qk_sim_state *state, uint32_t step)
{
	state->booted |= step;
	state->reached |= step;
	state->changed |= step == QK_SIM_BOOTED_BUS ? QK_SIM_CHANGED_BUS : QK_SIM_CHANGED_BOOT;
	if (step == QK_SIM_BOOTED_BUS)
		boot(state);
	if (step != QK_SIM_BOOTED_QMI)
		return;
	state->boot_usec = state->now_usec;
	settle(state, state->profile->timings.register_usec);
}

static void reach_due(struct qk_sim_state *state)
{
	if (!qk_sim_state_on_bus(state) && state->now_usec >= state->plugged_usec)
		reach(state, QK_SIM_BOOTED_BUS);
	for (size_t i = 0; qk_sim_state_on_bus(state) && i < sizeof(steps) / sizeof(steps[0]); i++)
		if (!(state->booted & steps[i].step) && state->now_usec >= step_usec(state, i))
			reach(state, steps[i].step);
}

void qk_sim_state_advance(struct qk_sim_state *state, uint64_t now_usec)
{
	if (now_usec > state->now_usec)
		state->now_usec = now_usec;
	if (is_leaving(state))
		qk_sim_state_reboot(state, state->power.mode == QK_SIM_MODE_RESET
						   ? state->profile->timings.off_bus_usec
						   : QK_SIM_NEVER);
	reach_due(state);
	if (qk_sim_state_is_up(state) && state->now_usec >= state->register_at_usec)
		registered(state);
}
