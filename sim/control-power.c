/*
 * Control, power: reset, crash, off and on, loaders, the cable, operating mode and time.
 */
#include "control-table.h"

/* The time of a real modem; the time scale applies to it. */
struct span {
	uint32_t msec;
};

struct mode {
	uint32_t mode;
};

struct scale {
	double factor;
};

#define MSEC_MAX 3600000
#define USEC(msec) ((uint64_t)(msec)*1000)

static const struct qk_sim_member span_members[] = {
	{ "for-ms", UINT, QK_CONTROL_AT(span, msec), .max = MSEC_MAX, .optional = true },
};
static const struct qk_sim_member mode_members[] = {
	{ "mode", WORD, QK_CONTROL_AT(mode, mode), .words = qk_control_modes },
};
static const struct qk_sim_member scale_members[] = {
	{ "factor", REAL, QK_CONTROL_AT(scale, factor), .min = 0, .max = 1000 },
};

static int refuse_off(struct qk_control_call *call)
{
	return qk_control_refuse(call, "the modem is off ('power-on' switches it on)");
}

static bool is_off(const struct qk_control_call *call)
{
	return !(call->state->booted & QK_SIM_BOOTED_BUS);
}

static int power_off(struct qk_control_call *call)
{
	if (is_off(call) && call->state->plugged_usec == QK_SIM_NEVER)
		return refuse_off(call);
	qk_sim_state_reboot(call->state, QK_SIM_NEVER);
	return 0;
}

static int power_on(struct qk_control_call *call)
{
	if (!is_off(call))
		return qk_control_refuse(call, "the modem is on");
	qk_sim_state_reboot(call->state, 0);
	return 0;
}

/* A loader ends with it, as with the reset line of the modem. */
static int reset(struct qk_control_call *call)
{
	if (is_off(call) && call->state->loader == QK_SIM_LOADER_NONE)
		return refuse_off(call);
	qk_sim_state_reboot(call->state, call->state->profile->timings.off_bus_usec);
	return 0;
}

static int crash(struct qk_control_call *call)
{
	const struct span *arguments = call->arguments;
	uint32_t msec = 0;

	if (call->state->loader != QK_SIM_LOADER_NONE)
		return qk_control_refuse(call,
					 "a loader is there, not the firmware ('reset' ends it)");
	if (is_off(call))
		return refuse_off(call);
	(void)qk_sim_fault_by_name("crash", &msec);
	qk_sim_state_reboot(call->state, USEC(call->given ? arguments->msec : msec));
	return 0;
}

static int enter_loader(struct qk_control_call *call, uint32_t loader)
{
	const struct span *arguments = call->arguments;

	qk_sim_state_reboot_by(call->state, loader, call->state->profile->timings.off_bus_usec,
			       call->given ? USEC(arguments->msec) : QK_SIM_NEVER);
	return 0;
}

static int enter_edl(struct qk_control_call *call)
{
	return enter_loader(call, QK_SIM_LOADER_EDL);
}

static int enter_fastboot(struct qk_control_call *call)
{
	return enter_loader(call, QK_SIM_LOADER_FASTBOOT);
}

static int unplug(struct qk_control_call *call)
{
	if (call->state->unplugged)
		return qk_control_refuse(call, "unplug: the cable is out");
	qk_sim_state_set_unplugged(call->state, true);
	return 0;
}

static int plug(struct qk_control_call *call)
{
	if (!call->state->unplugged)
		return qk_control_refuse(call, "plug: the cable is in");
	qk_sim_state_set_unplugged(call->state, false);
	return 0;
}

static int set_mode(struct qk_control_call *call)
{
	const struct mode *arguments = call->arguments;

	if (!qk_sim_state_is_up(call->state))
		return qk_control_refuse(call, "mode: the modem is not up");
	if (qk_sim_state_set_mode(call->state, arguments->mode) < 0)
		return qk_control_refuse(
			call, "mode: %s cannot be reached from %s",
			qk_control_word(qk_control_modes, arguments->mode),
			qk_control_word(qk_control_modes, call->state->power.mode));
	return 0;
}

static int scale_time(struct qk_control_call *call)
{
	const struct scale *arguments = call->arguments;

	call->state->time_scale_ppm = (uint32_t)(arguments->factor * 1e6 + 0.5);
	return 0;
}

#define SPAN span_members, QK_CONTROL_COUNT(span_members), sizeof(struct span)

static const struct qk_control_row rows[] = {
	{ "power-off", "take its supply away", .fn = power_off },
	{ "power-on", "give it back: the modem boots", .fn = power_on },
	{ "reset", "let it reset: it leaves the bus and boots", .fn = reset },
	{ "crash", "let the firmware crash: off without a word, then a boot", SPAN, crash },
	{ "edl", "be in Qualcomm's download mode, for a time or until power-on or reset", SPAN,
	  enter_edl },
	{ "fastboot", "be in fastboot, likewise", SPAN, enter_fastboot },
	{ "unplug", "take the USB cable out; the modem stays on", .fn = unplug },
	{ "plug", "put the USB cable in", .fn = plug },
	{ "mode", "its operating mode, as QMI and AT set it", mode_members,
	  QK_CONTROL_COUNT(mode_members), sizeof(struct mode), set_mode },
	{ "time-scale", "how long things take from now on: 0.1 is a tenth of a real modem's time",
	  scale_members, QK_CONTROL_COUNT(scale_members), sizeof(struct scale), scale_time },
};

const struct qk_control_rows qk_control_power_rows = { rows, QK_CONTROL_COUNT(rows) };
