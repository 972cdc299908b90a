/*
 * AT USSD: AT+CUSD (see at-ussd.h).
 */
#include "at-ussd.h"

#include <errno.h>

#include "at-charset.h"
#include "modem.h"
#include "voice.h"

/* Coding schemes of 3GPP TS 23.038 5: the default alphabet in no language, and UCS2. */
#define DCS_GSM 15
#define DCS_UCS2 72

int qk_at_ussd_send(struct qk_at_call *call, const char *text)
{
	uint32_t ticket;

	switch (qk_sim_ussd_send(call->state, text, &ticket)) {
	case 0:
		return QK_AT_OK;
	case -ENETDOWN:
		return QK_AT_CME + QK_AT_CME_NO_SERVICE;
	case -EBUSY:
		return QK_AT_CME + QK_AT_CME_NOT_ALLOWED;
	default:
		return QK_AT_ERROR;
	}
}

int qk_at_ussd_set(struct qk_at_call *call)
{
	uint32_t n = qk_at_get(call->port, QK_AT_SET_CUSD), dcs = DCS_GSM;
	char text[QK_SIM_USSD_MAX];

	if (call->parsed->arg_count > 3 || qk_at_arg_number(call->parsed, 0, 0, 2, &n) < 0 ||
	    qk_at_arg_number(call->parsed, 2, 0, 255, &dcs) < 0)
		return QK_AT_ERROR;
	if (n == 2) {
		(void)qk_sim_ussd_cancel(call->state);
		return QK_AT_OK;
	}
	qk_at_put_setting(call->port, QK_AT_SET_CUSD, n);
	if (!qk_at_has_arg(call->parsed, 1))
		return QK_AT_OK;
	const struct qk_at_arg *arg = &call->parsed->args[1];
	if (qk_at_charset_read(qk_at_get(call->port, QK_AT_SET_CSCS), arg->text, arg->size, text,
			       sizeof(text)) < 0)
		return QK_AT_ERROR;
	return qk_at_ussd_send(call, text);
}

int qk_at_ussd_read(struct qk_at_call *call)
{
	qk_at_say(call, "+CUSD: %u", qk_at_get(call->port, QK_AT_SET_CUSD));
	return QK_AT_OK;
}

void qk_at_ussd_news(struct qk_at *at)
{
	const struct qk_sim_ussd_event *event = &at->state->voice.ussd.event;
	uint32_t charset = at->settings[QK_AT_SET_CSCS];
	char text[QK_SIM_USSD_MAX * 4];

	if (!at->settings[QK_AT_SET_CUSD])
		return;
	qk_at_charset_write(charset, event->text, text, sizeof(text));
	if (text[0])
		qk_at_urc(at, "+CUSD: %u,\"%s\",%d", event->action, text,
			  charset == QK_AT_CHARSET_UCS2 ? DCS_UCS2 : DCS_GSM);
	else
		qk_at_urc(at, "+CUSD: %u", event->action);
}
