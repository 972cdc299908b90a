/*
 * AT MBN: the configurations for operators, AT+QMBNCFG, as QMI's PDC sees them (see at-modem.h). Source:
 * a real list of an EG25 [S]; the other forms from the public manual [M].
 */
#include "at-modem.h"

#include <string.h>

#include "mbn.h"
#include "modem.h"

static int list(struct qk_at_call *call)
{
	const struct qk_sim_mbn *mbn = &call->state->mbn;
	unsigned int number = 0;

	for (uint8_t i = 0; i < QK_SIM_MBN_MAX; i++) {
		const struct qk_sim_mbn_config *config = &mbn->configs[i];
		if (config->id.size)
			qk_at_say(call, "+QMBNCFG: \"List\",%u,%d,%d,\"%s\",0x%08X,%s", number++,
				  i == mbn->selected, i == mbn->active, config->name,
				  config->version, config->date);
	}
	return QK_AT_OK;
}

/* The place of the configuration with the name that argument 1 is. */
static uint8_t by_name(const struct qk_at_call *call)
{
	const struct qk_sim_mbn *mbn = &call->state->mbn;

	for (uint8_t i = 0; i < QK_SIM_MBN_MAX; i++)
		if (mbn->configs[i].id.size && qk_at_arg_is(call->parsed, 1, mbn->configs[i].name))
			return i;
	return QK_SIM_MBN_NONE;
}

static int choose(struct qk_at_call *call)
{
	struct qk_sim_mbn *mbn = &call->state->mbn;

	if (call->parsed->arg_count == 1) {
		qk_at_say(call, "+QMBNCFG: \"Select\",\"%s\"",
			  mbn->selected < QK_SIM_MBN_MAX ? mbn->configs[mbn->selected].name : "");
		return QK_AT_OK;
	}
	return qk_sim_mbn_select(mbn, by_name(call)) < 0 ? QK_AT_CME + QK_AT_CME_NOT_FOUND
							 : QK_AT_OK;
}

static int deactivate(struct qk_at_call *call)
{
	return qk_sim_mbn_deactivate(&call->state->mbn) < 0 ? QK_AT_ERROR : QK_AT_OK;
}

static int drop(struct qk_at_call *call)
{
	return qk_sim_mbn_delete(&call->state->mbn, by_name(call)) < 0
		       ? QK_AT_CME + QK_AT_CME_NOT_FOUND
		       : QK_AT_OK;
}

static int automatic(struct qk_at_call *call)
{
	uint32_t on = 0;

	if (qk_at_arg_number(call->parsed, 1, 0, 1, &on) < 0)
		return QK_AT_ERROR;
	if (call->parsed->arg_count == 1)
		qk_at_say(call, "+QMBNCFG: \"AutoSel\",%u",
			  qk_at_get(call->port, QK_AT_SET_MBN_AUTO));
	else
		qk_at_put_setting(call->port, QK_AT_SET_MBN_AUTO, on);
	return QK_AT_OK;
}

static const struct {
	const char *name;
	qk_at_fn fn;
} acts[] = {
	{ "List", list },         { "Select", choose }, { "Deactivate", deactivate },
	{ "AutoSel", automatic }, { "Delete", drop },
};

static int configurations(struct qk_at_call *call)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (call->parsed->arg_count <= 2 && qk_at_arg_is(call->parsed, 0, acts[i].name))
			return acts[i].fn(call);
	return QK_AT_ERROR;
}

static const struct qk_at_command commands[] = {
	{ .name = "+QMBNCFG",
	  .flags = QK_AT_IS_LINUX,
	  .set = configurations,
	  .test = "(\"List\",\"Select\",\"Deactivate\",\"AutoSel\",\"Delete\")" },
};

const struct qk_at_table qk_at_mbn_table = { commands, sizeof(commands) / sizeof(commands[0]) };
