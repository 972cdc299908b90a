/*
 * AT radio: functionality, registration, signal (see at-radio.h). Sources: 3GPP TS 27.007 7.2, 8.2, 8.5,
 * 8.69, 10.1.20, 10.1.22, 10.1.28; lines of real modems [S].
 */
#include "at-radio.h"

#include <stdio.h>

#include "card.h"
#include "modem.h"
#include "radio.h"

/* How long the modem takes to switch its radio [U]; the manual gives 15 s as the limit. */
#define SWITCH_USEC 300000

int qk_at_functionality(const struct qk_sim_state *state)
{
	if (state->power.mode == QK_SIM_MODE_ONLINE)
		return 1;
	return state->card.inserted && !state->card.powered ? 0 : 4;
}

static int read_functionality(struct qk_at_call *call)
{
	qk_at_say(call, "+CFUN: %d", qk_at_functionality(call->state));
	return QK_AT_OK;
}

static int switched(struct qk_at_call *call)
{
	return call->state->now_usec >= call->port->wait.due_usec ? QK_AT_OK : QK_AT_LATER;
}

/* 0: neither radio nor card, 1: both, 4: the card alone. With ,1 the modem restarts and is as before. */
static int set_functionality(struct qk_at_call *call)
{
	uint32_t level = 1, reset = 0;

	if (call->parsed->arg_count > 2 || qk_at_arg_number(call->parsed, 0, 0, 4, &level) < 0 ||
	    (level > 1 && level != 4) || qk_at_arg_number(call->parsed, 1, 0, 1, &reset) < 0)
		return QK_AT_ERROR;
	if (reset)
		return qk_sim_state_set_mode(call->state, QK_SIM_MODE_RESET) < 0
			       ? QK_AT_CME + QK_AT_CME_NOT_ALLOWED
			       : QK_AT_OK;
	if ((int)level == qk_at_functionality(call->state))
		return QK_AT_OK;
	if (qk_sim_state_set_mode(call->state,
				  level == 1 ? QK_SIM_MODE_ONLINE : QK_SIM_MODE_LOW_POWER) < 0)
		return QK_AT_CME + QK_AT_CME_NOT_ALLOWED;
	qk_sim_card_power(call->state, level != 0);
	return qk_at_wait(call, switched, qk_sim_after(call->state, SWITCH_USEC), false);
}

int qk_at_csq(const struct qk_sim_state *state)
{
	int rssi = (state->cell.rssi_dbm + 113) / 2;

	if (!qk_sim_state_has_signal(state))
		return 99;
	return rssi < 0 ? 0 : rssi > 31 ? 31 : rssi;
}

static int signal_quality(struct qk_at_call *call)
{
	qk_at_say(call, "+CSQ: %d,99", qk_at_csq(call->state));
	return QK_AT_OK;
}

static int between(int value, int min, int max)
{
	return value < min ? min : value > max ? max : value;
}

/* The scales of 3GPP TS 27.007 8.69: whole dB on GSM and of the RSRP, half dB of Ec/Io and RSRQ. */
static int extended_quality(struct qk_at_call *call)
{
	const struct qk_sim_cell *cell = &call->state->cell;
	int rxlev = 99, rscp = 255, ecno = 255, rsrq = 255, rsrp = 255;

	if (qk_sim_state_has_signal(call->state)) {
		if (cell->rat == QK_SIM_RAT_GSM)
			rxlev = between(cell->rssi_dbm + 111, 0, 63);
		if (cell->rat == QK_SIM_RAT_UMTS) {
			rscp = between(cell->rsrp_dbm + 121, 0, 96);
			ecno = between((cell->rsrq_db + 24) * 2 + 1, 0, 49);
		}
		if (cell->rat == QK_SIM_RAT_LTE) {
			rsrq = between((cell->rsrq_db + 20) * 2, 0, 34);
			rsrp = between(cell->rsrp_dbm + 141, 0, 97);
		}
	}
	qk_at_say(call, "+CESQ: %d,99,%d,%d,%d,%d", rxlev, rscp, ecno, rsrq, rsrp);
	return QK_AT_OK;
}

/* The SINR is raw: fifths of a dB above -20 dB [S]. Its rssi is negative dBm, as documented [U]. */
static int quectel_quality(struct qk_at_call *call)
{
	const struct qk_sim_cell *cell = &call->state->cell;

	if (!qk_sim_state_has_signal(call->state))
		qk_at_say(call, "+QCSQ: \"NOSERVICE\"");
	else if (cell->rat == QK_SIM_RAT_LTE)
		qk_at_say(call, "+QCSQ: \"LTE\",%d,%d,%d,%d", cell->rssi_dbm, cell->rsrp_dbm,
			  between((cell->snr_tenth_db + 200) / 2, 0, 250), cell->rsrq_db);
	else if (cell->rat == QK_SIM_RAT_UMTS)
		qk_at_say(call, "+QCSQ: \"WCDMA\",%d,%d,%d", cell->rssi_dbm, cell->rsrp_dbm,
			  cell->rsrq_db);
	else
		qk_at_say(call, "+QCSQ: \"GSM\",%d", cell->rssi_dbm);
	return QK_AT_OK;
}

int qk_at_act(uint32_t rat)
{
	switch (rat) {
	case QK_SIM_RAT_GSM:
		return 0;
	case QK_SIM_RAT_UMTS:
		return 2;
	case QK_SIM_RAT_LTE:
		return 7;
	default:
		return -1;
	}
}

uint32_t qk_at_rat(uint32_t act)
{
	static const uint32_t rats[] = { QK_SIM_RAT_GSM,  QK_SIM_RAT_NONE, QK_SIM_RAT_UMTS,
					 QK_SIM_RAT_GSM,  QK_SIM_RAT_UMTS, QK_SIM_RAT_UMTS,
					 QK_SIM_RAT_UMTS, QK_SIM_RAT_LTE };

	return act < sizeof(rats) / sizeof(rats[0]) ? rats[act] : (uint32_t)QK_SIM_RAT_NONE;
}

/* On LTE circuit-switched service is that of the combined attach, and +CGREG follows +CEREG [S]. */
static bool has_domain(const struct qk_sim_state *state, enum qk_at_domain domain)
{
	switch (domain) {
	case QK_AT_DOMAIN_CS:
		return qk_sim_radio_has_circuit(state);
	case QK_AT_DOMAIN_PS:
		return qk_sim_radio_has_packet(state);
	case QK_AT_DOMAIN_EPS:
		return state->cell.rat == QK_SIM_RAT_LTE && qk_sim_radio_has_packet(state);
	case QK_AT_DOMAINS:
		break;
	}
	return false;
}

/* <stat> of 3GPP TS 27.007 7.2: 0 idle, 1 home, 2 searching, 3 denied, 5 roaming. */
static int registration_of(const struct qk_sim_state *state, enum qk_at_domain domain)
{
	switch (state->registration) {
	case QK_SIM_REGISTERED:
		if (!has_domain(state, domain))
			return 0;
		return state->roaming ? 5 : 1;
	case QK_SIM_SEARCHING:
		return 2;
	case QK_SIM_DENIED:
		return 3;
	default:
		return 0;
	}
}

void qk_at_registration_text(const struct qk_sim_state *state, enum qk_at_domain domain, uint32_t n,
			     char *text, size_t size)
{
	int stat = registration_of(state, domain);

	if (n == 2 && (stat == 1 || stat == 5))
		snprintf(text, size, "%d,\"%X\",\"%X\",%d", stat, state->cell.area,
			 state->cell.cell_id, qk_at_act(state->cell.rat));
	else
		snprintf(text, size, "%d", stat);
}

static int read_registration(struct qk_at_call *call)
{
	uint8_t setting = call->command->settings[0];
	enum qk_at_domain domain = setting == QK_AT_SET_CREG    ? QK_AT_DOMAIN_CS
				   : setting == QK_AT_SET_CGREG ? QK_AT_DOMAIN_PS
								: QK_AT_DOMAIN_EPS;
	uint32_t n = qk_at_get(call->port, setting);
	char text[48];

	qk_at_registration_text(call->state, domain, n, text, sizeof(text));
	qk_at_say(call, "%s: %u,%s", call->command->name, n, text);
	return QK_AT_OK;
}

static int read_attach(struct qk_at_call *call)
{
	qk_at_say(call, "+CGATT: %d", qk_sim_radio_has_packet(call->state));
	return QK_AT_OK;
}

static int set_attach(struct qk_at_call *call)
{
	uint32_t on = 2;

	if (qk_at_arg_number(call->parsed, 0, 0, 1, &on) < 0 || on == 2)
		return QK_AT_ERROR;
	return qk_sim_radio_attach(call->state, on) < 0 ? QK_AT_CME + QK_AT_CME_NO_SERVICE
							: QK_AT_OK;
}

/* 3GPP TS 27.007 5.9: the numbers of what the modem may use. */
static const struct {
	uint32_t number, rats;
} stacks[] = {
	{ 12, QK_SIM_RAT_GSM },
	{ 22, QK_SIM_RAT_UMTS },
	{ 25, QK_SIM_RAT_ALL },
	{ 28, QK_SIM_RAT_LTE },
	{ 29, QK_SIM_RAT_GSM | QK_SIM_RAT_UMTS },
	{ 30, QK_SIM_RAT_GSM | QK_SIM_RAT_LTE },
	{ 31, QK_SIM_RAT_UMTS | QK_SIM_RAT_LTE },
};

static int read_stack(struct qk_at_call *call)
{
	for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++)
		if (stacks[i].rats == call->state->radio.selection.rats)
			qk_at_say(call, "+WS46: %u", stacks[i].number);
	return QK_AT_OK;
}

static int set_stack(struct qk_at_call *call)
{
	struct qk_sim_selection selection = call->state->radio.selection;
	uint32_t number = 0;

	if (qk_at_arg_number(call->parsed, 0, 0, 255, &number) < 0)
		return QK_AT_ERROR;
	for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
		if (stacks[i].number != number)
			continue;
		selection.rats = stacks[i].rats;
		return qk_sim_radio_select(call->state, &selection, false) < 0 ? QK_AT_ERROR
									       : QK_AT_OK;
	}
	return QK_AT_ERROR;
}

/*
 * 3GPP TS 27.007 10.1.28: how the modem operates in EPS, by the same preferences as QMI's domain and
 * usage. LTE has no circuit-switched service alone, so that domain counts as both [C].
 */
static const struct {
	uint8_t domain;
	bool voice_centric;
} eps_modes[] = {
	{ QK_SIM_DOMAIN_PS, false },
	{ QK_SIM_DOMAIN_CS_PS, true },
	{ QK_SIM_DOMAIN_CS_PS, false },
	{ QK_SIM_DOMAIN_PS, true },
};

static int read_eps_mode(struct qk_at_call *call)
{
	const struct qk_sim_selection *selection = &call->state->radio.selection;
	bool packet_alone = selection->domain == QK_SIM_DOMAIN_PS;

	for (unsigned int i = 0; i < sizeof(eps_modes) / sizeof(eps_modes[0]); i++)
		if ((eps_modes[i].domain == QK_SIM_DOMAIN_PS) == packet_alone &&
		    eps_modes[i].voice_centric == selection->voice_centric)
			qk_at_say(call, "+CEMODE: %u", i);
	return QK_AT_OK;
}

static int set_eps_mode(struct qk_at_call *call)
{
	struct qk_sim_selection selection = call->state->radio.selection;
	uint32_t mode = UINT32_MAX;

	if (call->parsed->arg_count > 1 || qk_at_arg_number(call->parsed, 0, 0, 3, &mode) < 0 ||
	    mode == UINT32_MAX)
		return QK_AT_ERROR;
	selection.domain = eps_modes[mode].domain;
	selection.voice_centric = eps_modes[mode].voice_centric;
	return qk_sim_radio_select(call->state, &selection, true) < 0 ? QK_AT_ERROR : QK_AT_OK;
}

static const struct qk_at_command commands[] = {
	{ .name = "+CFUN",
	  .flags = QK_AT_IS_LINUX,
	  .read = read_functionality,
	  .set = set_functionality,
	  .test = "(0,1,4),(0,1)" },
	{ .name = "+CSQ",
	  .execute = signal_quality,
	  .read = signal_quality,
	  .test = "(0-31,99),(0-7,99)" },
	{ .name = "+CESQ",
	  .execute = extended_quality,
	  .test = "(0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)" },
	{ .name = "+QCSQ",
	  .execute = quectel_quality,
	  .read = quectel_quality,
	  .test = "(\"NOSERVICE\",\"GSM\",\"WCDMA\",\"LTE\")" },
	{ .name = "+CREG",
	  .read = read_registration,
	  .settings = { QK_AT_SET_CREG },
	  .setting_count = 1 },
	{ .name = "+CGREG",
	  .read = read_registration,
	  .settings = { QK_AT_SET_CGREG },
	  .setting_count = 1 },
	{ .name = "+CEREG",
	  .read = read_registration,
	  .settings = { QK_AT_SET_CEREG },
	  .setting_count = 1 },
	{ .name = "+CGATT", .read = read_attach, .set = set_attach, .test = "(0,1)" },
	{ .name = "+CEMODE", .read = read_eps_mode, .set = set_eps_mode, .test = "(0-3)" },
	{ .name = "+WS46", .read = read_stack, .set = set_stack, .test = "(12,22,25,28,29,30,31)" },
};

const struct qk_at_table qk_at_radio_table = { commands, sizeof(commands) / sizeof(commands[0]) };
