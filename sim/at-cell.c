/*
 * AT cell: what Quectel's own commands say about the cell and its neighbours (see at-modem.h). Sources:
 * lines of real modems [S], the public AT manual for 2G, 3G and neighbours [M].
 */
#include "at-modem.h"

#include <stdio.h>

#include "at-radio.h"
#include "bearer.h"
#include "modem.h"
#include "radio.h"
#include "voice.h"

static bool is_tdd(uint16_t band)
{
	return band >= 33 && band <= 53;
}

/* The wide bands of Europe are the upper ones: 20 MHz there, 10 MHz below 1 GHz [C]. */
static int bandwidth_code(uint16_t band)
{
	return band == 8 || band == 20 || band == 28 ? 3 : 5;
}

static const char *band_name(const struct qk_sim_cell *cell, char *text, size_t size)
{
	static const struct {
		uint16_t band, mhz;
	} umts[] = { { 1, 2100 }, { 2, 1900 }, { 4, 1700 }, { 5, 850 }, { 8, 900 } };

	if (cell->rat == QK_SIM_RAT_LTE)
		snprintf(text, size, "LTE BAND %u", cell->band);
	else if (cell->rat == QK_SIM_RAT_GSM)
		snprintf(text, size, "GSM %u", cell->band);
	else
		snprintf(text, size, "WCDMA %u", cell->band);
	for (size_t i = 0; cell->rat == QK_SIM_RAT_UMTS && i < sizeof(umts) / sizeof(umts[0]); i++)
		if (umts[i].band == cell->band)
			snprintf(text, size, "WCDMA %u", umts[i].mhz);
	return text;
}

/* What AT+QNWINFO calls the cell's technology; NULL without service. */
static const char *act_name(const struct qk_sim_state *state)
{
	if (!qk_sim_state_has_signal(state))
		return NULL;
	switch (state->cell.rat) {
	case QK_SIM_RAT_GSM:
		return "EDGE";
	case QK_SIM_RAT_UMTS:
		return "HSPA+";
	case QK_SIM_RAT_LTE:
		return is_tdd(state->cell.band) ? "TDD LTE" : "FDD LTE";
	default:
		return NULL;
	}
}

static int network_info(struct qk_at_call *call)
{
	const struct qk_sim_state *state = call->state;
	const char *act = act_name(state);
	char band[24];

	if (!act) {
		qk_at_say(call, "+QNWINFO: No Service");
		return QK_AT_OK;
	}
	qk_at_say(call, "+QNWINFO: \"%s\",\"%03u%0*u\",\"%s\",%u", act, state->network.mcc,
		  state->network.mnc_digits == 3 ? 3 : 2, state->network.mnc,
		  band_name(&state->cell, band, sizeof(band)), state->cell.channel);
	return QK_AT_OK;
}

static const char *cell_state(const struct qk_sim_state *state)
{
	if (!qk_sim_state_is_registered(state))
		return "LIMSRV";
	bool connected = qk_sim_bearer_any_up(state);
	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++)
		connected |= state->voice.calls[i].state == QK_SIM_CALL_ACTIVE;
	return connected ? "CONNECT" : "NOCONN";
}

/* Srxlev is the RSRP above the level that the cell asks for, here -127 dBm [C]. */
static void say_serving(struct qk_at_call *call)
{
	const struct qk_sim_state *state = call->state;
	const struct qk_sim_cell *cell = &state->cell;
	const char *status = cell_state(state);
	int digits = state->network.mnc_digits == 3 ? 3 : 2, code = bandwidth_code(cell->band);

	if (cell->rat == QK_SIM_RAT_LTE)
		qk_at_say(
			call,
			"+QENG: \"servingcell\",\"%s\",\"LTE\",\"%s\",%03u,%0*u,%X,%u,%u,%u,%d,%d,%X,"
			"%d,%d,%d,%d,%d",
			status, is_tdd(cell->band) ? "TDD" : "FDD", state->network.mcc, digits,
			state->network.mnc, cell->cell_id, cell->pci, cell->channel, cell->band,
			code, code, cell->area, cell->rsrp_dbm, cell->rsrq_db, cell->rssi_dbm,
			cell->snr_tenth_db / 10, cell->rsrp_dbm + 127);
	else if (cell->rat == QK_SIM_RAT_UMTS)
		qk_at_say(call,
			  "+QENG: \"servingcell\",\"%s\",\"WCDMA\",%03u,%0*u,%X,%X,%u,%u,1,%d,%d,"
			  "-,-,-,-,-",
			  status, state->network.mcc, digits, state->network.mnc, cell->area,
			  cell->cell_id, cell->channel, cell->pci, cell->rsrp_dbm, cell->rsrq_db);
	else
		qk_at_say(call,
			  "+QENG: \"servingcell\",\"%s\",\"GSM\",%03u,%0*u,%X,%X,%u,%u,%u,%d,"
			  "255,255,0,0,0,0,0,0,0,\"-\"",
			  status, state->network.mcc, digits, state->network.mnc, cell->area,
			  cell->cell_id, cell->pci, cell->channel, cell->band, cell->rssi_dbm);
}

static void say_neighbour(struct qk_at_call *call, const struct qk_sim_cell *cell)
{
	if (cell->rat == QK_SIM_RAT_LTE)
		qk_at_say(call,
			  "+QENG: \"neighbourcell int%s\",\"LTE\",%u,%u,%d,%d,%d,%d,%d,5,10,4%s",
			  cell->channel == call->state->cell.channel ? "ra" : "er", cell->channel,
			  cell->pci, cell->rsrq_db, cell->rsrp_dbm, cell->rssi_dbm,
			  cell->snr_tenth_db / 10, cell->rsrp_dbm + 127,
			  cell->channel == call->state->cell.channel ? ",62" : "");
	else if (cell->rat == QK_SIM_RAT_UMTS)
		qk_at_say(call, "+QENG: \"neighbourcell\",\"WCDMA\",%u,3,10,6,%u,%d,%d,%d",
			  cell->channel, cell->pci, cell->rsrp_dbm * 10, cell->rsrq_db * 10,
			  cell->rsrp_dbm + 115);
	else
		qk_at_say(call, "+QENG: \"neighbourcell\",\"GSM\",%u,3,14,6,%u,%d,%d",
			  cell->channel, cell->pci, cell->rssi_dbm, cell->rssi_dbm + 110);
}

static int engineering(struct qk_at_call *call)
{
	const struct qk_sim_radio *radio = &call->state->radio;
	bool heard = qk_sim_state_has_signal(call->state);

	if (qk_at_arg_is(call->parsed, 0, "servingcell")) {
		if (heard)
			say_serving(call);
		else
			qk_at_say(call, "+QENG: \"servingcell\",\"SEARCH\"");
		return QK_AT_OK;
	}
	if (!qk_at_arg_is(call->parsed, 0, "neighbourcell"))
		return QK_AT_ERROR;
	for (size_t i = 0; heard && i < radio->network_count; i++)
		if (i != radio->serving && !radio->networks[i].hidden)
			say_neighbour(call, &radio->networks[i].cell);
	return QK_AT_OK;
}

/* Category 4: one carrier. */
static int carriers(struct qk_at_call *call)
{
	static const int resource_blocks[] = { 6, 15, 25, 50, 75, 100 };
	const struct qk_sim_cell *cell = &call->state->cell;

	if (qk_sim_state_has_signal(call->state) && cell->rat == QK_SIM_RAT_LTE)
		qk_at_say(call, "+QCAINFO: \"pcell\",%u,%d,\"LTE BAND %u\",%d,%u,%d,%d,%d,%d",
			  cell->channel, resource_blocks[bandwidth_code(cell->band)], cell->band,
			  qk_sim_state_is_registered(call->state), cell->pci, cell->rsrp_dbm,
			  cell->rsrq_db, cell->rssi_dbm, cell->snr_tenth_db / 10);
	return QK_AT_OK;
}

/* The last refusal, as numbers [S]: 5 is a cause of the network; without one there is nothing to say. */
static int last_error(struct qk_at_call *call)
{
	uint8_t cause = call->state->radio.reject.cause;

	qk_at_say(call, "+CEER: %d,%u", cause ? 5 : 0, cause);
	return QK_AT_OK;
}

static int temperature(struct qk_at_call *call)
{
	qk_at_say(call, "+QTEMP: 31,28,28");
	return QK_AT_OK;
}

static const struct qk_at_command commands[] = {
	{ .name = "+QNWINFO", .execute = network_info, .test = "" },
	{ .name = "+QENG", .set = engineering, .test = "(\"servingcell\",\"neighbourcell\")" },
	{ .name = "+QCAINFO", .execute = carriers, .read = carriers, .test = "" },
	{ .name = "+CEER", .execute = last_error, .test = "" },
	{ .name = "+QTEMP", .execute = temperature, .test = "" },
};

const struct qk_at_table qk_at_cell_table = { commands, sizeof(commands) / sizeof(commands[0]) };
