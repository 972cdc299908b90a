/*
 * Boot: the steps of a boot and what ends it (see boot.h). What is marked [C] here was not seen on a real
 * modem; docs/virtual-modem.md lists it.
 */
#include "boot.h"
#include "profile.h"
#include "state.h"

#include <string.h>

/* How long nothing is on the bus between a loader and the modem [C]. */
#define LOADER_GAP_USEC 2000000

void qk_sim_boot_begin(struct qk_sim_state *state)
{
	const struct qk_sim_profile *profile = state->profile;

	qk_sim_usb_boot(state);
	state->power = profile->power;
	if (state->power.fcc_lock != QK_SIM_FCC_NONE && state->power.mode == QK_SIM_MODE_ONLINE)
		state->power.mode = QK_SIM_MODE_LOW_POWER;
	qk_sim_bearers_boot(state);
	state->number_known = false;
	qk_sim_card_boot(state);
	qk_sim_radio_boot(state);
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

/* When step `i` is reached; it has been when that is in the past. */
static uint64_t step_usec(const struct qk_sim_state *state, size_t i)
{
	uint64_t usec;

	memcpy(&usec, (const uint8_t *)&state->profile->timings + steps[i].timing, sizeof(usec));
	if (steps[i].step == QK_SIM_BOOTED_RDY && state->without_rdy)
		return QK_SIM_NEVER;
	if (steps[i].step == QK_SIM_BOOTED_CARD)
		usec += state->late_card_usec;
	if (steps[i].step == QK_SIM_BOOTED_QMI)
		usec += state->late_qmi_usec;
	return qk_sim_since(state, state->plugged_usec, usec);
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

/* When a fault of `kind` acts by itself: not while the modem is off. */
static uint64_t fault_usec(const struct qk_sim_state *state, uint32_t kind)
{
	if (!(state->booted & QK_SIM_BOOTED_BUS))
		return QK_SIM_NEVER;
	return qk_sim_faults_next_usec(&state->faults, kind, state->now_usec);
}

/* The fault that takes it off the bus a while after it came. */
static uint64_t reenumerate_usec(const struct qk_sim_state *state)
{
	uint64_t from = fault_usec(state, QK_SIM_FAULT_REENUMERATE);
	const struct qk_sim_fault *fault =
		qk_sim_faults_find(&state->faults, QK_SIM_FAULT_REENUMERATE, from, NULL);

	if (!fault)
		return QK_SIM_NEVER;
	uint64_t leaves = qk_sim_since(state, state->plugged_usec, (uint64_t)fault->value * 1000);
	return leaves > from ? leaves : from;
}

/* The fault that brings it down a while after positioning went on. */
static uint64_t panic_usec(const struct qk_sim_state *state)
{
	uint64_t from = fault_usec(state, QK_SIM_FAULT_NMEA_PANIC);
	const struct qk_sim_fault *fault =
		qk_sim_faults_find(&state->faults, QK_SIM_FAULT_NMEA_PANIC, from, NULL);

	if (!fault || !state->gnss.users)
		return QK_SIM_NEVER;
	uint64_t panics = qk_sim_since(state, state->gnss.on_usec, (uint64_t)fault->value * 1000);
	return panics > from ? panics : from;
}

/* The fault after which nothing can be read from it on the bus, until it is booted. */
static uint64_t dead_usec(const struct qk_sim_state *state)
{
	return state->usb.dead ? QK_SIM_NEVER : fault_usec(state, QK_SIM_FAULT_NO_DESCRIPTOR);
}

static void leave_bus(struct qk_sim_state *state)
{
	state->usb.left++;
	state->changed |= QK_SIM_CHANGED_BUS;
	qk_sim_sms_reboot(state);
	qk_sim_voice_reboot(state);
	qk_sim_gnss_reboot(state);
	qk_sim_mbn_reboot(state);
	qk_sim_bearer_drop(state, 0, &qk_sim_end_radio_off);
	state->booted = state->reached = 0;
	state->boot_usec = QK_SIM_NEVER;
	state->register_at_usec = QK_SIM_NEVER;
	state->registration = QK_SIM_NOT_REGISTERED;
}

void qk_sim_state_reboot_by(struct qk_sim_state *state, uint32_t loader, uint64_t off_usec,
			    uint64_t loader_usec)
{
	leave_bus(state);
	state->loader = loader;
	state->loader_from_usec = qk_sim_after(state, off_usec);
	state->loader_until_usec = qk_sim_since(state, state->loader_from_usec, loader_usec);
	state->plugged_usec = qk_sim_since(state, state->loader_until_usec, LOADER_GAP_USEC);
}

void qk_sim_state_reboot(struct qk_sim_state *state, uint64_t off_usec)
{
	struct qk_sim_fault fault;

	leave_bus(state);
	state->loader = QK_SIM_LOADER_NONE;
	state->plugged_usec = qk_sim_after(state, off_usec);
	if (off_usec == QK_SIM_NEVER)
		return;
	if (qk_sim_state_take_fault(state, QK_SIM_FAULT_EDL, NULL, &fault))
		qk_sim_state_reboot_by(state, QK_SIM_LOADER_EDL, off_usec,
				       (uint64_t)fault.value * 1000);
	else if (qk_sim_state_take_fault(state, QK_SIM_FAULT_FASTBOOT, NULL, &fault))
		qk_sim_state_reboot_by(state, QK_SIM_LOADER_FASTBOOT, off_usec,
				       (uint64_t)fault.value * 1000);
}

void qk_sim_state_set_unplugged(struct qk_sim_state *state, bool unplugged)
{
	if (unplugged != state->unplugged)
		state->changed |= QK_SIM_CHANGED_BUS;
	state->usb.left += unplugged && !state->unplugged;
	state->unplugged = unplugged;
}

bool qk_sim_state_on_bus(const struct qk_sim_state *state)
{
	return state->booted & QK_SIM_BOOTED_BUS && !state->unplugged;
}

uint32_t qk_sim_state_loader(const struct qk_sim_state *state)
{
	bool there = !state->unplugged && state->loader_from_usec <= state->now_usec &&
		     state->now_usec < state->loader_until_usec;

	return there ? state->loader : QK_SIM_LOADER_NONE;
}

bool qk_sim_state_is_up(const struct qk_sim_state *state)
{
	return state->boot_usec != QK_SIM_NEVER;
}

static bool is_leaving(const struct qk_sim_state *state)
{
	return state->booted & QK_SIM_BOOTED_BUS &&
	       (state->power.mode == QK_SIM_MODE_SHUTTING_DOWN ||
		state->power.mode == QK_SIM_MODE_RESET);
}

/* When a loader comes or goes next. */
static uint64_t loader_usec(const struct qk_sim_state *state)
{
	if (state->loader == QK_SIM_LOADER_NONE)
		return QK_SIM_NEVER;
	return state->now_usec < state->loader_from_usec ? state->loader_from_usec
							 : state->loader_until_usec;
}

uint64_t qk_sim_boot_next_usec(const struct qk_sim_state *state)
{
	const uint64_t times[] = { next_step_usec(state),   fault_usec(state, QK_SIM_FAULT_CRASH),
				   reenumerate_usec(state), dead_usec(state),
				   panic_usec(state),       loader_usec(state) };
	uint64_t next = QK_SIM_NEVER;

	if (is_leaving(state))
		return state->now_usec;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i] < next)
			next = times[i];
	return next;
}

/* What goes wrong with this boot. */
static void take_boot_faults(struct qk_sim_state *state)
{
	struct qk_sim_fault fault;

	state->without_rdy = qk_sim_state_take_fault(state, QK_SIM_FAULT_NO_RDY, NULL, &fault);
	state->late_card_usec = state->late_qmi_usec = 0;
	if (qk_sim_state_take_fault(state, QK_SIM_FAULT_LATE_CARD, NULL, &fault))
		state->late_card_usec = (uint64_t)fault.value * 1000;
	if (qk_sim_state_take_fault(state, QK_SIM_FAULT_LATE_QMI, NULL, &fault))
		state->late_qmi_usec = (uint64_t)fault.value * 1000;
}

static void reach(struct qk_sim_state *state, uint32_t step)
{
	state->booted |= step;
	state->reached |= step;
	state->changed |= step == QK_SIM_BOOTED_BUS ? QK_SIM_CHANGED_BUS : QK_SIM_CHANGED_BOOT;
	if (step == QK_SIM_BOOTED_BUS) {
		qk_sim_boot_begin(state);
		take_boot_faults(state);
	}
	if (step == QK_SIM_BOOTED_CARD)
		qk_sim_card_was_read(state);
	if (step == QK_SIM_BOOTED_QMI)
		state->boot_usec = state->now_usec;
	/* the card may be read before QMI answers or after it */
	if (step & (QK_SIM_BOOTED_CARD | QK_SIM_BOOTED_QMI))
		qk_sim_radio_settle(state, state->profile->timings.register_usec);
}

static void reach_due(struct qk_sim_state *state)
{
	if (!(state->booted & QK_SIM_BOOTED_BUS) && state->now_usec >= state->plugged_usec)
		reach(state, QK_SIM_BOOTED_BUS);
	for (size_t i = 0; state->booted && i < sizeof(steps) / sizeof(steps[0]); i++)
		if (!(state->booted & steps[i].step) && state->now_usec >= step_usec(state, i))
			reach(state, steps[i].step);
}

static void leave_due(struct qk_sim_state *state)
{
	uint64_t off_usec = state->profile->timings.off_bus_usec;
	struct qk_sim_fault fault;

	if (is_leaving(state))
		qk_sim_state_reboot(state, state->power.mode == QK_SIM_MODE_RESET ? off_usec
										  : QK_SIM_NEVER);
	if (fault_usec(state, QK_SIM_FAULT_CRASH) <= state->now_usec &&
	    qk_sim_state_take_fault(state, QK_SIM_FAULT_CRASH, NULL, &fault))
		qk_sim_state_reboot(state, (uint64_t)fault.value * 1000);
	if (reenumerate_usec(state) <= state->now_usec &&
	    qk_sim_state_take_fault(state, QK_SIM_FAULT_REENUMERATE, NULL, &fault))
		qk_sim_state_reboot(state, off_usec);
	if (panic_usec(state) <= state->now_usec &&
	    qk_sim_state_take_fault(state, QK_SIM_FAULT_NMEA_PANIC, NULL, &fault))
		qk_sim_state_reboot(state, off_usec);
	if (dead_usec(state) <= state->now_usec &&
	    qk_sim_state_take_fault(state, QK_SIM_FAULT_NO_DESCRIPTOR, NULL, &fault)) {
		state->usb.dead = true;
		state->usb.left++;
		state->changed |= QK_SIM_CHANGED_BUS;
	}
}

/* A loader is there for its time. */
static void move_loader(struct qk_sim_state *state, uint64_t before_usec)
{
	uint64_t from = state->loader_from_usec, until = state->loader_until_usec;

	if (state->loader == QK_SIM_LOADER_NONE)
		return;
	if ((before_usec < from && from <= state->now_usec) ||
	    (before_usec < until && until <= state->now_usec))
		state->changed |= QK_SIM_CHANGED_BUS;
	if (until <= state->now_usec)
		state->loader = QK_SIM_LOADER_NONE;
}

void qk_sim_boot_advance(struct qk_sim_state *state, uint64_t before_usec)
{
	leave_due(state);
	move_loader(state, before_usec);
	reach_due(state);
}
