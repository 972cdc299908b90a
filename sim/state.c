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
}

uint64_t qk_sim_scale(uint32_t time_scale_ppm, uint64_t usec)
{
	/* microseconds and millionths both fit 32 bits where they meet */
	return usec / 1000000 * time_scale_ppm + usec % 1000000 * time_scale_ppm / 1000000;
}

uint64_t qk_sim_since(const struct qk_sim_state *state, uint64_t from_usec, uint64_t usec)
{
	if (from_usec == QK_SIM_NEVER || usec == QK_SIM_NEVER)
		return QK_SIM_NEVER;
	return from_usec + qk_sim_scale(state->time_scale_ppm, usec);
}

uint64_t qk_sim_after(const struct qk_sim_state *state, uint64_t usec)
{
	return qk_sim_since(state, state->now_usec, usec);
}

int64_t qk_sim_state_utc_usec(const struct qk_sim_state *state)
{
	return state->radio.utc_sec * 1000000 + (int64_t)(state->now_usec - state->radio.time_usec);
}

int8_t qk_sim_state_zone_quarters(const struct qk_sim_state *state)
{
	return state->radio.zone_quarters;
}

int qk_sim_state_arm(struct qk_sim_state *state, const struct qk_sim_fault *fault)
{
	struct qk_sim_fault armed = *fault;

	armed.used = 0;
	armed.from_usec = qk_sim_after(state, (uint64_t)fault->after_msec * 1000);
	armed.until_usec = fault->for_msec ? qk_sim_since(state, armed.from_usec,
							  (uint64_t)fault->for_msec * 1000)
					   : QK_SIM_NEVER;
	return qk_sim_faults_arm(&state->faults, &armed);
}

bool qk_sim_state_take_fault(struct qk_sim_state *state, uint32_t kind,
			     const struct qk_frame *frame, struct qk_sim_fault *ret)
{
	if (!qk_sim_faults_take(&state->faults, kind, state->now_usec, frame, ret))
		return false;
	state->changed |= QK_SIM_CHANGED_FAULT;
	return true;
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
	return qk_sim_card_is_ready(&state->card);
}

bool qk_sim_state_has_signal(const struct qk_sim_state *state)
{
	return qk_sim_state_has_radio(state) && state->cell.rat != QK_SIM_RAT_NONE &&
	       (state->registration == QK_SIM_REGISTERED || state->registration == QK_SIM_DENIED ||
		state->register_at_usec == QK_SIM_NEVER);
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
	qk_sim_usb_start(state);
	qk_sim_bearers_start(state);
	memset(state->lock.code, '0', sizeof(state->lock.code));
	identify(state);
	qk_sim_slots_start(state);
	qk_sim_radio_start(state);
	qk_sim_sms_start(state);
	qk_sim_voice_reboot(state);
	qk_sim_gnss_start(state);
	qk_sim_mbn_start(state);
	qk_sim_boot_begin(state);
	qk_sim_card_was_read(state);
	qk_sim_radio_settle(state, 0);
	if (state->register_at_usec != QK_SIM_NEVER)
		qk_sim_radio_arrive(state);
	qk_sim_bearers_check(state);
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
	if (mode == QK_SIM_MODE_ONLINE && state->power.fcc_lock != QK_SIM_FCC_NONE)
		return -EPERM;
	state->power.mode = mode;
	state->changed |= QK_SIM_CHANGED_MODE;
	qk_sim_radio_settle(state, state->profile->timings.register_usec);
	return 0;
}

uint64_t qk_sim_state_next_usec(const struct qk_sim_state *state)
{
	const uint64_t times[] = { qk_sim_boot_next_usec(state), qk_sim_radio_next_usec(state),
				   qk_sim_card_next_usec(state), qk_sim_bearers_next_usec(state),
				   qk_sim_sms_next_usec(state),  qk_sim_voice_next_usec(state),
				   qk_sim_gnss_next_usec(state) };
	uint64_t next = QK_SIM_NEVER;

	if (state->changed)
		return state->now_usec;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i] < next)
			next = times[i];
	return next;
}

void qk_sim_state_advance(struct qk_sim_state *state, uint64_t now_usec)
{
	uint64_t before_usec = state->now_usec;

	if (now_usec > state->now_usec)
		state->now_usec = now_usec;
	qk_sim_boot_advance(state, before_usec);
	if (state->booted & QK_SIM_BOOTED_BUS) {
		qk_sim_card_advance(state);
		qk_sim_radio_advance(state);
	}
	qk_sim_bearers_advance(state);
	qk_sim_sms_advance(state);
	qk_sim_voice_advance(state);
	qk_sim_gnss_advance(state);
}
