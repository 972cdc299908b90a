/*
 * AT voice: calls, and what belongs to them (see at-modem.h). USSD is at-ussd.c.
 */
#include "at-modem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "at-ussd.h"
#include "modem.h"
#include "voice.h"

/* What is no digit and only tells an old line modem how to dial. */
static bool is_decoration(char c)
{
	return c && strchr(" -()TtPpWw!@,iIgG", c);
}

/* The number of ATD without decoration. -EINVAL: it has other characters, or too many. */
static int take_number(const char *text, size_t size, char *ret, size_t ret_size)
{
	size_t used = 0;

	for (size_t i = 0; i < size; i++) {
		char c = text[i];
		if (is_decoration(c))
			continue;
		if (!c || !strchr("0123456789*#+", c) || used + 1 >= ret_size)
			return -EINVAL;
		ret[used++] = c;
	}
	ret[used] = 0;
	return used ? 0 : -EINVAL;
}

static int dial_voice(struct qk_at_call *call, const char *number)
{
	uint8_t id;
	size_t size = strlen(number);

	/* a code of the network rather than a subscriber: 3GPP TS 22.030 6.5.2 */
	if ((number[0] == '*' || number[0] == '#') && number[size - 1] == '#')
		return qk_at_ussd_send(call, number);
	switch (qk_sim_voice_dial(call->state, number, &id)) {
	case 0:
		return QK_AT_OK;
	case -EBUSY:
		return QK_AT_BUSY;
	case -ENETDOWN:
		return QK_AT_NO_CARRIER;
	default:
		return QK_AT_ERROR;
	}
}

/* With ';' it is a call; without, it is data: nothing here speaks PPP, so no carrier comes. */
static int dial(struct qk_at_call *call)
{
	const struct qk_at_arg *arg = &call->parsed->args[0];
	const char *end = memchr(arg->text, ';', arg->size);
	char number[QK_SIM_NUMBER_MAX];
	size_t size = end ? (size_t)(end - arg->text) : arg->size;

	if (take_number(arg->text, size, number, sizeof(number)) < 0)
		return QK_AT_ERROR;
	if (!end)
		return QK_AT_NO_CARRIER;
	return dial_voice(call, number);
}

static int answer(struct qk_at_call *call)
{
	return qk_sim_voice_answer(call->state, 0) < 0 ? QK_AT_NO_CARRIER : QK_AT_OK;
}

/* There is no error for "nothing to hang up". */
static int hang_up(struct qk_at_call *call)
{
	(void)qk_sim_voice_hang_up(call->state, 0);
	return QK_AT_OK;
}

static int hook(struct qk_at_call *call)
{
	uint32_t value = 0;

	if (qk_at_arg_number(call->parsed, 0, 0, 0, &value) < 0)
		return QK_AT_ERROR;
	return hang_up(call);
}

static int hold(struct qk_at_call *call)
{
	static const uint32_t acts[] = {
		QK_SIM_CALLS_RELEASE_HELD_OR_WAITING,
		QK_SIM_CALLS_RELEASE_ACTIVE_ACCEPT,
		QK_SIM_CALLS_HOLD_ACTIVE_ACCEPT,
		QK_SIM_CALLS_CONFERENCE,
		QK_SIM_CALLS_TRANSFER,
	};
	uint32_t value = 5;

	if (qk_at_arg_number(call->parsed, 0, 0, 29, &value) < 0)
		return QK_AT_ERROR;
	int r = -EINVAL;
	if (value < sizeof(acts) / sizeof(acts[0]))
		r = qk_sim_voice_manage(call->state, acts[value], 0);
	else if (value > 10 && value / 10 <= 2)
		r = qk_sim_voice_manage(call->state,
					value / 10 == 1 ? QK_SIM_CALLS_RELEASE
							: QK_SIM_CALLS_HOLD_ALL_BUT,
					(uint8_t)(value % 10));
	if (r == -EINVAL)
		return QK_AT_ERROR;
	return r < 0 ? QK_AT_CME + QK_AT_CME_NOT_ALLOWED : QK_AT_OK;
}

/* <stat> of +CLCC; -1: the call is not listed. */
static int list_state(uint32_t state)
{
	switch (state) {
	case QK_SIM_CALL_ACTIVE:
		return 0;
	case QK_SIM_CALL_HELD:
		return 1;
	case QK_SIM_CALL_DIALING:
		return 2;
	case QK_SIM_CALL_ALERTING:
		return 3;
	case QK_SIM_CALL_INCOMING:
		return 4;
	case QK_SIM_CALL_WAITING:
		return 5;
	default:
		return -1;
	}
}

static int list_calls(struct qk_at_call *call)
{
	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++) {
		const struct qk_sim_call_info *info = &call->state->voice.calls[i];
		int state = list_state(info->state);
		if (state >= 0)
			qk_at_say(call, "+CLCC: %u,%d,%d,0,%d,\"%s\",%d", info->id, info->incoming,
				  state, info->multiparty, info->number,
				  qk_at_number_type(info->number));
	}
	return QK_AT_OK;
}

static int send_tones(struct qk_at_call *call)
{
	char tones[QK_SIM_DTMF_MAX];
	size_t used = 0;

	for (size_t i = 0; i < call->parsed->arg_count; i++) {
		const struct qk_at_arg *arg = &call->parsed->args[i];
		for (size_t k = 0; k < arg->size && used + 1 < sizeof(tones); k++)
			tones[used++] = arg->text[k];
	}
	tones[used] = 0;
	int r = qk_sim_voice_dtmf(call->state, 0, tones);
	if (r == -EINVAL)
		return QK_AT_ERROR;
	return r < 0 ? QK_AT_CME + QK_AT_CME_NOT_ALLOWED : QK_AT_OK;
}

/* 0 ready, 3 ringing, 4 a call is under way. */
static int activity(struct qk_at_call *call)
{
	int status = 0;

	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++) {
		int state = list_state(call->state->voice.calls[i].state);
		if (state == 4)
			status = 3;
		else if (state >= 0 && !status)
			status = 4;
	}
	qk_at_say(call, "+CPAS: %d", status);
	return QK_AT_OK;
}

static int read_identification(struct qk_at_call *call)
{
	const struct qk_at_command *command = call->command;

	/* the network provides it: 1; of +CLIR 4: shown, unless the host says otherwise */
	qk_at_say(call, "%s: %u,%d", command->name, qk_at_get(call->port, command->settings[0]),
		  command->settings[0] == QK_AT_SET_CLIR ? 4 : 1);
	return QK_AT_OK;
}

/* +CCWA=[n[,mode[,class]]]: mode 2 asks the network, 0 and 1 switch it there. */
static int waiting(struct qk_at_call *call)
{
	uint32_t n = qk_at_get(call->port, QK_AT_SET_CCWA), mode = 3, class = 1;

	if (call->parsed->arg_count > 3 || qk_at_arg_number(call->parsed, 0, 0, 1, &n) < 0 ||
	    qk_at_arg_number(call->parsed, 1, 0, 2, &mode) < 0 ||
	    qk_at_arg_number(call->parsed, 2, 1, 255, &class) < 0)
		return QK_AT_ERROR;
	qk_at_put_setting(call->port, QK_AT_SET_CCWA, n);
	if (mode < 2)
		qk_at_put_setting(call->port, QK_AT_SET_WAITING, mode);
	if (mode == 2)
		qk_at_say(call, "+CCWA: %u,1", qk_at_get(call->port, QK_AT_SET_WAITING));
	return QK_AT_OK;
}

static int read_waiting(struct qk_at_call *call)
{
	qk_at_say(call, "+CCWA: %u", qk_at_get(call->port, QK_AT_SET_CCWA));
	return QK_AT_OK;
}

/* Nothing is forwarded: a query says so for every class, anything else is refused by the network. */
static int forwarding(struct qk_at_call *call)
{
	uint32_t reason = 0, mode = 0;

	if (!qk_at_has_arg(call->parsed, 1) ||
	    qk_at_arg_number(call->parsed, 0, 0, 5, &reason) < 0 ||
	    qk_at_arg_number(call->parsed, 1, 0, 4, &mode) < 0)
		return QK_AT_ERROR;
	if (mode != 2)
		return QK_AT_CME + QK_AT_CME_NOT_SUPPORTED;
	qk_at_say(call, "+CCFC: 0,255");
	return QK_AT_OK;
}

static const struct qk_at_command commands[] = {
	{ .name = "D", .execute = dial },
	{ .name = "A", .execute = answer },
	{ .name = "H", .execute = hook, .set = hook },
	{ .name = "+CHUP", .execute = hang_up, .test = "" },
	{ .name = "+CHLD", .set = hold, .test = "(0,1,1x,2,2x,3,4)" },
	{ .name = "+CLCC", .execute = list_calls, .test = "" },
	{ .name = "+VTS", .set = send_tones, .test = "(0-9,A-D,*,#),(0-255)" },
	{ .name = "+CPAS", .execute = activity, .test = "(0,2,3,4)" },
	{ .name = "+CLIP",
	  .read = read_identification,
	  .settings = { QK_AT_SET_CLIP },
	  .setting_count = 1 },
	{ .name = "+CLIR",
	  .read = read_identification,
	  .settings = { QK_AT_SET_CLIR },
	  .setting_count = 1 },
	{ .name = "+COLP",
	  .read = read_identification,
	  .settings = { QK_AT_SET_COLP },
	  .setting_count = 1 },
	{ .name = "+CRC", .settings = { QK_AT_SET_CRC }, .setting_count = 1 },
	{ .name = "+CCWA", .set = waiting, .read = read_waiting, .test = "(0,1)" },
	{ .name = "+CCFC", .set = forwarding, .test = "(0-5)" },
	{ .name = "+CSSN", .settings = { QK_AT_SET_CSSI, QK_AT_SET_CSSU }, .setting_count = 2 },
	{ .name = "+CVHU", .settings = { QK_AT_SET_CVHU }, .setting_count = 1 },
	{ .name = "+CMUT", .settings = { QK_AT_SET_CMUT }, .setting_count = 1 },
	{ .name = "+CLVL", .settings = { QK_AT_SET_CLVL }, .setting_count = 1 },
	{ .name = "+QPCMV",
	  .settings = { QK_AT_SET_QPCMV, QK_AT_SET_QPCMV_PORT },
	  .setting_count = 2 },
	{ .name = "+CUSD", .set = qk_at_ussd_set, .read = qk_at_ussd_read, .test = "(0,1,2)" },
};

const struct qk_at_table qk_at_voice_table = { commands, sizeof(commands) / sizeof(commands[0]) };
