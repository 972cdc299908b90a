/*
 * AT call news: calls that ring, end or wait, and USSD (see at-news.h).
 */
#include "at-news.h"
#include "at-ussd.h"
#include "modem.h"
#include "voice.h"

/* Between two RINGs [C]. */
#define RING_USEC 5000000

static void ring(struct qk_at *at, const struct qk_sim_call_info *info)
{
	qk_at_urc(at, at->settings[QK_AT_SET_CRC] ? "+CRING: VOICE" : "RING");
	/* <CLI validity> 1: withheld, 2: not to be had */
	if (at->settings[QK_AT_SET_CLIP])
		qk_at_urc(at, "+CLIP: \"%s\",%d,,,,%u", info->presentation ? "" : info->number,
			  info->presentation ? 128 : qk_at_number_type(info->number),
			  info->presentation);
	at->rings++;
	at->ring_usec = qk_sim_after(at->state, RING_USEC);
}

/* How the end of a call is told; NULL: it is not, the host has hung up itself. */
static const char *end_text(const struct qk_sim_call_info *info)
{
	switch ((enum qk_sim_call_end)info->end) {
	case QK_SIM_CALL_END_LOCAL:
		return NULL;
	case QK_SIM_CALL_END_BUSY:
		return "BUSY";
	case QK_SIM_CALL_END_NO_ANSWER:
		return info->incoming ? "NO CARRIER" : "NO ANSWER";
	case QK_SIM_CALL_END_NORMAL:
	case QK_SIM_CALL_END_REJECTED:
	case QK_SIM_CALL_END_NO_SERVICE:
	case QK_SIM_CALL_END_UNASSIGNED:
		break;
	}
	return "NO CARRIER";
}

static void tell_call(struct qk_at *at, const struct qk_sim_call_info *info, uint32_t before)
{
	const char *end;

	switch ((enum qk_sim_call_state)info->state) {
	case QK_SIM_CALL_WAITING:
		if (at->settings[QK_AT_SET_CCWA])
			qk_at_urc(at, "+CCWA: \"%s\",%d,1", info->number,
				  qk_at_number_type(info->number));
		break;
	case QK_SIM_CALL_ACTIVE:
		if (at->settings[QK_AT_SET_COLP] && !info->incoming && before != QK_SIM_CALL_HELD)
			qk_at_urc(at, "+COLP: \"%s\",%d,,,", info->number,
				  qk_at_number_type(info->number));
		break;
	case QK_SIM_CALL_ENDED:
		end = end_text(info);
		if (end)
			qk_at_urc(at, "%s", end);
		break;
	case QK_SIM_CALL_NONE:
	case QK_SIM_CALL_DIALING:
	case QK_SIM_CALL_ALERTING:
	case QK_SIM_CALL_INCOMING:
	case QK_SIM_CALL_HELD:
	case QK_SIM_CALL_DISCONNECTING:
		break;
	}
}

void qk_at_call_news(struct qk_at *at)
{
	const struct qk_sim_call_info *incoming = NULL;

	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++) {
		const struct qk_sim_call_info *info = &at->state->voice.calls[i];
		uint32_t before = at->told.calls[i];

		at->told.calls[i] = (uint8_t)info->state;
		if (info->state == QK_SIM_CALL_INCOMING)
			incoming = info;
		if (info->state != before)
			tell_call(at, info, before);
	}
	if (!incoming) {
		at->rings = 0;
		at->ring_usec = QK_SIM_NEVER;
	} else if (!at->rings) {
		ring(at, incoming);
	}
}

void qk_at_ring_due(struct qk_at *at)
{
	if (at->state->now_usec < at->ring_usec)
		return;
	at->ring_usec = QK_SIM_NEVER;
	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++) {
		const struct qk_sim_call_info *info = &at->state->voice.calls[i];
		if (info->state != QK_SIM_CALL_INCOMING)
			continue;
		/* S0 rings have passed: the modem answers by itself */
		if (at->settings[QK_AT_SET_S0] && at->rings >= at->settings[QK_AT_SET_S0])
			(void)qk_sim_voice_answer(at->state, info->id);
		else
			ring(at, info);
		return;
	}
}
