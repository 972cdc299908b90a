/*
 * AT identity: who made the modem and what it is called (see at-modem.h).
 */
#include "at-modem.h"

#include "modem.h"

static int identify(struct qk_at_call *call)
{
	const struct qk_sim_at_identity *at = &call->sim->profile->at;

	qk_at_say(call, "%s", at->manufacturer);
	qk_at_say(call, "%s", at->model);
	qk_at_say(call, "Revision: %s", call->state->identity.revision);
	return QK_AT_OK;
}

static int sub_edition(struct qk_at_call *call)
{
	qk_at_say(call, "SubEdition: %s", call->sim->profile->at.sub_edition);
	return QK_AT_OK;
}

static int manufacturer(struct qk_at_call *call)
{
	qk_at_say(call, "%s", call->sim->profile->at.manufacturer);
	return QK_AT_OK;
}

static int model(struct qk_at_call *call)
{
	qk_at_say(call, "%s", call->sim->profile->at.model);
	return QK_AT_OK;
}

static int revision(struct qk_at_call *call)
{
	qk_at_say(call, "%s", call->state->identity.revision);
	return QK_AT_OK;
}

static int firmware(struct qk_at_call *call)
{
	qk_at_say(call, "%s%s", call->state->identity.revision,
		  call->sim->profile->at.revision_suffix);
	return QK_AT_OK;
}

static int serial_number(struct qk_at_call *call)
{
	qk_at_say(call, "%s", call->state->identity.imei);
	return QK_AT_OK;
}

static int capabilities(struct qk_at_call *call)
{
	qk_at_say(call, "+GCAP: +CGSM");
	return QK_AT_OK;
}

/* What many hosts ask without need: some firmware knows it with '?' [M]. */
/* clang-format off */
#define TEXT(command, fn) { .name = command, .execute = fn, .test = "" }
/* clang-format on */

static const struct qk_at_command commands[] = {
	{ .name = "I", .execute = identify, .set = identify },
	TEXT("+CSUB", sub_edition),
	TEXT("+CGMI", manufacturer),
	TEXT("+GMI", manufacturer),
	TEXT("+CGMM", model),
	TEXT("+GMM", model),
	TEXT("+CGMR", revision),
	TEXT("+GMR", revision),
	TEXT("+CGSN", serial_number),
	TEXT("+GSN", serial_number),
	TEXT("+GCAP", capabilities),
	{ .name = "+QGMR",
	  .flags = QK_AT_IS_LINUX,
	  .execute = firmware,
	  .read = firmware,
	  .test = "" },
};

const struct qk_at_table qk_at_identity_table = {
	commands,
	sizeof(commands) / sizeof(commands[0]),
};
