/*
 * AT power: off, loaders, what the modem's Linux side does, and small things about the board (see
 * at-modem.h).
 */
#include "at-modem.h"

#include "modem.h"
#include "seed.h"

/* From the answer to "POWERED DOWN": at once, or after leaving the network [U]. The manual's limit is 60 s. */
#define POWER_OFF_USEC 100000
#define POWER_DOWN_USEC 2000000
/* From the command to the loader on the bus, and how long a crash takes [R]. */
#define FASTBOOT_USEC 4000000
#define CRASH_USEC 15000000
/* A value of +QIMSCFG that no firmware of this time checks overruns its stack (CVE-2024-37816). How long
 * it must be is not public [U]. */
#define IMS_VALUE_MAX 64

static int power_down(struct qk_at_call *call)
{
	uint32_t mode = 1;

	if (call->parsed->arg_count > 1 || qk_at_arg_number(call->parsed, 0, 0, 1, &mode) < 0)
		return QK_AT_ERROR;
	call->at->power_down_usec =
		qk_sim_after(call->state, mode ? POWER_DOWN_USEC : POWER_OFF_USEC);
	return QK_AT_OK;
}

static int fastboot(struct qk_at_call *call)
{
	call->at->fastboot = true;
	return QK_AT_OK;
}

static int ims_configuration(struct qk_at_call *call)
{
	for (size_t i = 0; i < call->parsed->arg_count; i++) {
		if (call->parsed->args[i].size <= IMS_VALUE_MAX)
			continue;
		call->at->crash = true;
		return QK_AT_SILENT;
	}
	return QK_AT_ERROR;
}

void qk_at_power_due(struct qk_at *at)
{
	if (at->crash)
		qk_sim_state_reboot(at->state, CRASH_USEC);
	else if (at->fastboot)
		qk_sim_state_reboot_by(at->state, QK_SIM_LOADER_FASTBOOT, FASTBOOT_USEC,
				       QK_SIM_NEVER);
	at->crash = at->fastboot = false;
	if (at->state->now_usec < at->power_down_usec)
		return;
	at->power_down_usec = QK_SIM_NEVER;
	at->state->changed |= QK_SIM_CHANGED_POWER_DOWN;
	qk_at_urc(at, "POWERED DOWN");
	(void)qk_sim_state_set_mode(at->state, QK_SIM_MODE_SHUTTING_DOWN);
}

static int read_debug_key(struct qk_at_call *call)
{
	char digits[24];

	qk_sim_digits(call->state->seed, "adb", "", 8, false, digits);
	qk_at_say(call, "+QADBKEY: %s", digits);
	return QK_AT_OK;
}

/* Which key belongs to a number is not public: none does here. Nothing waits for it either. */
static int set_debug_key(struct qk_at_call *call)
{
	(void)call;
	return QK_AT_ERROR;
}

static int parameters(struct qk_at_call *call)
{
	uint32_t mode = 0;

	if (call->parsed->arg_count != 1 || qk_at_arg_number(call->parsed, 0, 1, 3, &mode) < 0)
		return QK_AT_ERROR;
	if (mode == 3) {
		qk_at_settings_factory(call->at);
		qk_at_settings_restore(call->at);
	}
	return QK_AT_OK;
}

/* Charging, percent and millivolts. */
static int battery(struct qk_at_call *call)
{
	const struct qk_sim_power *power = &call->state->power;

	qk_at_say(call, "+CBC: %d,%u,3850", power->charging, power->battery_percent);
	return QK_AT_OK;
}

static const struct qk_at_command commands[] = {
	{ .name = "+QPOWD",
	  .flags = QK_AT_IS_LINUX,
	  .execute = power_down,
	  .set = power_down,
	  .test = "(0,1)" },
	{ .name = "+QFASTBOOT", .flags = QK_AT_IS_LINUX, .execute = fastboot, .test = "" },
	{ .name = "+QADBKEY",
	  .flags = QK_AT_IS_LINUX,
	  .read = read_debug_key,
	  .set = set_debug_key },
	{ .name = "+QIMSCFG", .set = ims_configuration },
	{ .name = "+QPRTPARA", .set = parameters, .test = "(1,3)" },
	{ .name = "+QSCLK", .settings = { QK_AT_SET_QSCLK }, .setting_count = 1 },
	{ .name = "+CBC", .execute = battery, .test = "(0,1),(0-100),(0-5000)" },
};

const struct qk_at_table qk_at_power_table = { commands, sizeof(commands) / sizeof(commands[0]) };
