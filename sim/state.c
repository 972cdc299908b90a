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
	state->up_at_usec = QK_SIM_NEVER;
	state->boot_usec = state->now_usec;
	identify(state);
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
		state->register_at_usec = state->now_usec + delay_usec;
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
	*state = (struct qk_sim_state){ .profile = profile, .seed = seed, .now_usec = now_usec };
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
	if (mode == QK_SIM_MODE_RESET)
		state->up_at_usec = state->now_usec + state->profile->timings.boot_usec;
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

uint64_t qk_sim_state_next_usec(const struct qk_sim_state *state)
{
	if ((state->power.mode == QK_SIM_MODE_SHUTTING_DOWN ||
	     state->power.mode == QK_SIM_MODE_RESET) &&
	    qk_sim_state_is_up(state))
		return state->now_usec;
	if (!qk_sim_state_is_up(state))
		return state->up_at_usec;
	return state->register_at_usec;
}

void qk_sim_state_advance(struct qk_sim_state *state, uint64_t now_usec)
{
	if (now_usec > state->now_usec)
		state->now_usec = now_usec;
	if (qk_sim_state_is_up(state) && (state->power.mode == QK_SIM_MODE_SHUTTING_DOWN ||
					  state->power.mode == QK_SIM_MODE_RESET))
		state->boot_usec = QK_SIM_NEVER;
	if (!qk_sim_state_is_up(state) && state->now_usec >= state->up_at_usec) {
		boot(state);
		state->changed = QK_SIM_CHANGED_BOOT;
		settle(state, state->profile->timings.register_usec);
	}
	if (qk_sim_state_is_up(state) && state->now_usec >= state->register_at_usec)
		registered(state);
}
