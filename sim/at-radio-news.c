/*
 * AT radio news: registration, signal, the network's clock, data calls (see at-news.h).
 */
#include <stdio.h>
#include <string.h>

#include "at-news.h"
#include "at-radio.h"
#include "bearer.h"
#include "modem.h"
#include "radio.h"

static const struct {
	const char *name;
	uint8_t setting;
} domains[QK_AT_DOMAINS] = {
	[QK_AT_DOMAIN_CS] = { "+CREG", QK_AT_SET_CREG },
	[QK_AT_DOMAIN_PS] = { "+CGREG", QK_AT_SET_CGREG },
	[QK_AT_DOMAIN_EPS] = { "+CEREG", QK_AT_SET_CEREG },
};

/* Mode 1 tells the status alone, mode 2 the cell too. */
void qk_at_registration_news(struct qk_at *at)
{
	for (uint32_t i = 0; i < QK_AT_DOMAINS; i++) {
		for (uint32_t n = 1; n <= 2; n++) {
			char *told = at->told.registration[i][n - 1], text[QK_AT_REGISTRATION_MAX];

			qk_at_registration_text(at->state, i, n, text, sizeof(text));
			if (!strcmp(text, told))
				continue;
			memcpy(told, text, sizeof(text));
			if (at->settings[domains[i].setting] == n)
				qk_at_urc(at, "%s: %s", domains[i].name, text);
		}
	}
}

static const char *act_of(const struct qk_sim_state *state)
{
	if (!qk_sim_state_has_signal(state))
		return "NOSERVICE";
	switch (state->cell.rat) {
	case QK_SIM_RAT_GSM:
		return "EDGE";
	case QK_SIM_RAT_UMTS:
		return "HSPA+";
	default:
		return "LTE";
	}
}

void qk_at_signal_news(struct qk_at *at)
{
	const uint32_t *settings = at->settings;
	int csq = qk_at_csq(at->state);
	const char *act = act_of(at->state);

	if (csq != at->told.csq && settings[QK_AT_SET_IND_ALL] && settings[QK_AT_SET_IND_CSQ])
		qk_at_urc(at, "+QIND: \"csq\",%d,99", csq);
	if (strcmp(act, at->told.act) && settings[QK_AT_SET_IND_ALL] && settings[QK_AT_SET_IND_ACT])
		qk_at_urc(at, "+QIND: \"act\",\"%s\"", act);
	at->told.csq = csq;
	snprintf(at->told.act, sizeof(at->told.act), "%s", act);
}

void qk_at_time_news(struct qk_at *at)
{
	const struct qk_sim_radio *radio = &at->state->radio;
	struct qk_sim_time utc;
	int quarters = radio->zone_quarters;
	char sign = quarters < 0 ? '-' : '+';

	if (quarters < 0)
		quarters = -quarters;
	if (!qk_sim_radio_time(at->state, &utc))
		return;
	if (at->settings[QK_AT_SET_CTZR] == 1)
		qk_at_urc(at, "+CTZV: \"%c%02d\"", sign, quarters);
	else if (at->settings[QK_AT_SET_CTZR] == 2)
		qk_at_urc(at, "+CTZE: \"%c%02d\",%u,\"%04u/%02u/%02u,%02u:%02u:%02u\"", sign,
			  quarters, radio->saving_hours, utc.year, utc.month, utc.day, utc.hour,
			  utc.minute, utc.second);
}

/* The contexts on which a call is up, as bits. */
static uint32_t active_contexts(const struct qk_sim_state *state)
{
	uint32_t active = 0;

	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++)
		if (state->bearers.calls[i].state == QK_SIM_BEARER_UP)
			active |= UINT32_C(1) << state->bearers.calls[i].context;
	return active;
}

/* Whether the host has ended the calls of a context that is not up any more. */
static bool host_ended(const struct qk_sim_state *state, uint8_t context)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		const struct qk_sim_bearer *bearer = &state->bearers.calls[i];
		if (bearer->state == QK_SIM_BEARER_ENDED && bearer->context == context &&
		    bearer->end.type == qk_sim_end_client.type &&
		    bearer->end.reason == qk_sim_end_client.reason)
			return true;
	}
	return false;
}

void qk_at_data_news(struct qk_at *at)
{
	uint32_t active = active_contexts(at->state), differ = active ^ at->told.active;

	at->told.active = active;
	if (!at->settings[QK_AT_SET_CGEREP_MODE])
		return;
	for (uint8_t id = 1; id <= QK_SIM_CONTEXTS_MAX; id++) {
		if (!(differ & UINT32_C(1) << id))
			continue;
		if (active & UINT32_C(1) << id)
			qk_at_urc(at, "+CGEV: ME PDN ACT %u", id);
		else
			qk_at_urc(at, "+CGEV: %s PDN DEACT %u",
				  host_ended(at->state, id) ? "ME" : "NW", id);
	}
}

void qk_at_radio_told(struct qk_at *at)
{
	for (uint32_t i = 0; i < QK_AT_DOMAINS; i++)
		for (uint32_t n = 1; n <= 2; n++)
			qk_at_registration_text(at->state, i, n, at->told.registration[i][n - 1],
						QK_AT_REGISTRATION_MAX);
	at->told.csq = qk_at_csq(at->state);
	snprintf(at->told.act, sizeof(at->told.act), "%s", act_of(at->state));
	at->told.active = active_contexts(at->state);
}
