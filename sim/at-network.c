/*
 * AT network: which network, its names and its clock (see at-modem.h). Sources: 3GPP TS 27.007 7.3, 7.18,
 * 8.15, 8.40, 8.41, the public AT manual [M].
 */
#include "at-modem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "at-charset.h"
#include "at-radio.h"
#include "card.h"
#include "lib/3gpp/sim-file.h"
#include "modem.h"
#include "radio.h"

#define NAME_MAX 64
#define CLOCK_MAX 96 /* more than any clock takes, for the compiler's sake */

/* The number of a network as +COPS has it. */
static void number_text(const struct qk_sim_plmn *plmn, char ret[8])
{
	snprintf(ret, 8, "%03u%0*u", plmn->mcc % 1000u, plmn->mnc_digits == 3 ? 3 : 2,
		 plmn->mnc % 1000u);
}

/* A network by one of +COPS's formats: 0 its name, 1 its short name, 2 its number. */
static void network_text(const struct qk_at_call *call, const struct qk_sim_plmn *plmn,
			 uint32_t format, char *ret, size_t size)
{
	char name[NAME_MAX];

	if (format == 2) {
		number_text(plmn, name);
		snprintf(ret, size, "%s", name);
		return;
	}
	qk_sim_radio_name(call->state, plmn, format == 1, name, sizeof(name));
	qk_at_charset_write(qk_at_get(call->port, QK_AT_SET_CSCS), name, ret, size);
}

static int read_operator(struct qk_at_call *call)
{
	const struct qk_sim_state *state = call->state;
	uint32_t format = qk_at_get(call->port, QK_AT_SET_COPS_FORMAT);
	int mode = state->radio.detached ? 2 : state->radio.selection.manual ? 1 : 0;
	char text[NAME_MAX * 4];

	if (!qk_sim_state_is_registered(state)) {
		qk_at_say(call, "+COPS: %d", mode);
		return QK_AT_OK;
	}
	if (mode == 2)
		mode = state->radio.selection.manual ? 1 : 0;
	network_text(call, &state->network, format, text, sizeof(text));
	qk_at_say(call, "+COPS: %d,%u,\"%s\",%d", mode, format, text, qk_at_act(state->cell.rat));
	return QK_AT_OK;
}

/* The search has its end: is it where the host wanted it? */
static int chosen(struct qk_at_call *call)
{
	const struct qk_sim_state *state = call->state;

	if (qk_sim_radio_is_searching(state))
		return QK_AT_LATER;
	if (qk_sim_state_is_registered(state))
		return QK_AT_OK;
	return QK_AT_CME + (state->registration == QK_SIM_DENIED ? (int)QK_AT_CME_EMERGENCY_ONLY
								 : (int)QK_AT_CME_NO_SERVICE);
}

/* The network that argument `i` names, by `format`. -ENOENT: none that the modem knows; a number may be
 * that of any network. */
static int find_network(const struct qk_at_call *call, size_t i, uint32_t format,
			struct qk_sim_plmn *ret)
{
	const struct qk_at_arg *arg = &call->parsed->args[i];
	const struct qk_sim_radio *radio = &call->state->radio;
	char text[NAME_MAX * 4];

	for (size_t k = 0; k < radio->network_count; k++) {
		network_text(call, &radio->networks[k].plmn, format, text, sizeof(text));
		if (!qk_at_arg_is(call->parsed, i, text))
			continue;
		*ret = radio->networks[k].plmn;
		return 0;
	}
	if (format != 2 || qk_at_arg_text(call->parsed, i, text, sizeof(text)) < 0 ||
	    (arg->size != 5 && arg->size != 6) || text[strspn(text, "0123456789")])
		return -ENOENT;
	unsigned long number = strtoul(text, NULL, 10), mnc = arg->size == 6 ? 1000 : 100;
	*ret = (struct qk_sim_plmn){ .mcc = (uint16_t)(number / mnc),
				     .mnc = (uint16_t)(number % mnc),
				     .mnc_digits = arg->size == 6 ? 3 : 2 };
	return 0;
}

static int choose(struct qk_at_call *call, const struct qk_sim_plmn *plmn, uint32_t rat)
{
	if (!qk_sim_state_has_radio(call->state))
		return QK_AT_CME + QK_AT_CME_NO_SERVICE;
	if (qk_sim_radio_choose(call->state, plmn, rat, true) < 0)
		return QK_AT_CME + QK_AT_CME_NOT_ALLOWED;
	return qk_at_wait(call, chosen, QK_SIM_NEVER, true);
}

/* <mode>[,<format>[,<oper>[,<AcT>]]]: 0 automatic, 1 manual, 2 no network, 3 only the format, 4 manual and
 * automatic when that fails. */
static int set_operator(struct qk_at_call *call)
{
	uint32_t mode = 0, format = qk_at_get(call->port, QK_AT_SET_COPS_FORMAT), act = 8;
	struct qk_sim_plmn plmn;

	if (call->parsed->arg_count > 4 || qk_at_arg_number(call->parsed, 0, 0, 4, &mode) < 0 ||
	    qk_at_arg_number(call->parsed, 1, 0, 2, &format) < 0 ||
	    qk_at_arg_number(call->parsed, 3, 0, 7, &act) < 0)
		return QK_AT_ERROR;
	qk_at_put_setting(call->port, QK_AT_SET_COPS_FORMAT, format);
	if (mode == 3)
		return QK_AT_OK;
	if (mode == 0) {
		/* what is automatic already is left alone */
		if (!call->state->radio.selection.manual && !call->state->radio.detached &&
		    qk_sim_state_is_registered(call->state))
			return QK_AT_OK;
		(void)qk_sim_radio_attach(call->state, true);
		return choose(call, NULL, QK_SIM_RAT_NONE);
	}
	if (mode == 2)
		return qk_sim_radio_attach(call->state, false) < 0
			       ? QK_AT_CME + QK_AT_CME_NO_SERVICE
			       : QK_AT_OK;
	if (!qk_at_has_arg(call->parsed, 2) || (act < 8 && qk_at_rat(act) == QK_SIM_RAT_NONE))
		return QK_AT_ERROR;
	if (find_network(call, 2, format, &plmn) < 0)
		return QK_AT_CME + QK_AT_CME_NO_SERVICE;
	return choose(call, &plmn, act < 8 ? qk_at_rat(act) : (uint32_t)QK_SIM_RAT_NONE);
}

/* <stat> of a network in the list: 1 there, 2 in use, 3 forbidden. */
static int found_status(const struct qk_sim_found *found)
{
	return found->serving ? 2 : found->forbidden ? 3 : 1;
}

static int say_found(struct qk_at_call *call)
{
	struct qk_sim_found found[QK_SIM_NETWORKS_MAX];
	char line[QK_AT_SAY_MAX] = "";
	size_t used = 0;
	size_t count = qk_sim_radio_scan(call->state, QK_SIM_RAT_ALL, found,
					 sizeof(found) / sizeof(found[0]));

	for (size_t i = 0; i < count; i++) {
		char name[NAME_MAX * 4], brief[NAME_MAX * 4], number[8];
		network_text(call, &found[i].plmn, 0, name, sizeof(name));
		network_text(call, &found[i].plmn, 1, brief, sizeof(brief));
		number_text(&found[i].plmn, number);
		int n = snprintf(line + used, sizeof(line) - used, "(%d,\"%s\",\"%s\",\"%s\",%d),",
				 found_status(&found[i]), name, brief, number,
				 qk_at_act(found[i].rat));
		/* a list that a line does not hold ends earlier */
		if (n < 0 || (size_t)n >= sizeof(line) - used) {
			line[used] = 0;
			break;
		}
		used += (size_t)n;
	}
	qk_at_say(call, "+COPS: %s,(0,1,2,3,4),(0,1,2)", line);
	return QK_AT_OK;
}

static int scanned(struct qk_at_call *call)
{
	if (call->state->now_usec < call->port->wait.due_usec)
		return QK_AT_LATER;
	return say_found(call);
}

static int scan(struct qk_at_call *call)
{
	if (!qk_sim_state_has_radio(call->state))
		return QK_AT_CME + QK_AT_CME_NO_SERVICE;
	return qk_at_wait(call, scanned,
			  qk_sim_after(call->state, qk_sim_radio_scan_usec(call->state)), true);
}

/* What the card's issuer calls itself; empty where the card does not say. */
static void provider_name(const struct qk_sim_state *state, char *ret, size_t size)
{
	const struct qk_sim_file *file = qk_sim_card_find_id(&state->card, 0x6f46);
	struct qk_span bytes;

	ret[0] = 0;
	if (!file || qk_sim_card_read(&state->card, file, 0, 0, &bytes) != QK_SIM_SW_OK ||
	    qk_spn_read(bytes, ret, size, NULL) < 0)
		ret[0] = 0;
}

static int names(struct qk_at_call *call)
{
	char name[NAME_MAX], brief[NAME_MAX], provider[NAME_MAX], number[8];

	if (!qk_sim_state_is_registered(call->state))
		return QK_AT_CME + QK_AT_CME_NO_SERVICE;
	qk_sim_radio_name(call->state, &call->state->network, false, name, sizeof(name));
	qk_sim_radio_name(call->state, &call->state->network, true, brief, sizeof(brief));
	provider_name(call->state, provider, sizeof(provider));
	number_text(&call->state->network, number);
	qk_at_say(call, "+QSPN: \"%s\",\"%s\",\"%s\",0,\"%s\"", name, brief, provider, number);
	return QK_AT_OK;
}

/* --- the clock */

struct clock {
	struct tm tm;
	int quarters;
};

/* A moment in UTC as the clock at a place `quarters` ahead shows it. */
static struct clock clock_of(int64_t utc_sec, int quarters)
{
	struct clock clock = { .quarters = quarters };
	time_t local = (time_t)(utc_sec + (int64_t)quarters * 900);

	(void)gmtime_r(&local, &clock.tm);
	return clock;
}

static void clock_text(const struct clock *clock, bool long_year, char *ret, size_t size)
{
	int year = clock->tm.tm_year + 1900;

	snprintf(ret, size, "%0*d/%02d/%02d,%02d:%02d:%02d%c%02d", long_year ? 4 : 2,
		 long_year ? year : year % 100, clock->tm.tm_mon + 1, clock->tm.tm_mday,
		 clock->tm.tm_hour, clock->tm.tm_min, clock->tm.tm_sec,
		 clock->quarters < 0 ? '-' : '+', abs(clock->quarters));
}

/* The modem's own clock: as the host has set it, as the network does (AT+CTZU), or 1980 since it runs. */
static int read_clock(struct qk_at_call *call)
{
	const struct qk_at *at = call->at;
	const struct qk_sim_state *state = call->state;
	uint32_t mode = qk_at_get(call->port, QK_AT_SET_CTZU);
	int64_t network = qk_sim_radio_utc_usec(state) / 1000000;
	struct clock clock;
	char text[CLOCK_MAX];

	if (mode && network)
		/* 3: the local time, 1: that of Greenwich */
		clock = clock_of(network, mode == 3 ? state->radio.zone_quarters : 0);
	else
		clock = clock_of(at->clock_utc_sec +
					 (int64_t)((state->now_usec - at->clock_usec) / 1000000),
				 at->clock_quarters);
	clock_text(&clock, false, text, sizeof(text));
	qk_at_say(call, "+CCLK: \"%s\"", text);
	return QK_AT_OK;
}

/* "yy/MM/dd,hh:mm:ss[+zz]" */
static bool take_clock(const char *text, struct clock *ret)
{
	int fields[6], used = 0;
	static const char separators[] = "//,::";

	for (size_t i = 0; i < 6; i++) {
		if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
			return false;
		fields[i] = (text[0] - '0') * 10 + text[1] - '0';
		text += 2;
		if (i < 5 && *text++ != separators[i])
			return false;
	}
	ret->quarters = 0;
	if (*text && (sscanf(text, "%3d%n", &ret->quarters, &used) != 1 || text[used] ||
		      abs(ret->quarters) > 56))
		return false;
	ret->tm = (struct tm){ .tm_year = 100 + fields[0],
			       .tm_mon = fields[1] - 1,
			       .tm_mday = fields[2],
			       .tm_hour = fields[3],
			       .tm_min = fields[4],
			       .tm_sec = fields[5] };
	return fields[1] >= 1 && fields[1] <= 12 && fields[2] >= 1 && fields[2] <= 31 &&
	       fields[3] < 24 && fields[4] < 60 && fields[5] < 60;
}

static int set_clock(struct qk_at_call *call)
{
	struct clock clock;
	char text[32];

	if (qk_at_arg_text(call->parsed, 0, text, sizeof(text)) < 0 || !take_clock(text, &clock))
		return QK_AT_ERROR;
	call->at->clock_utc_sec = (int64_t)timegm(&clock.tm) - (int64_t)clock.quarters * 900;
	call->at->clock_quarters = clock.quarters;
	call->at->clock_usec = call->state->now_usec;
	return QK_AT_OK;
}

/* 0 when the network told it, 1 in Greenwich now, 2 here now. */
static int network_time(struct qk_at_call *call)
{
	const struct qk_sim_radio *radio = &call->state->radio;
	uint32_t mode = 0;
	char text[CLOCK_MAX];

	if (qk_at_arg_number(call->parsed, 0, 0, 2, &mode) < 0)
		return QK_AT_ERROR;
	if (!radio->time_known) {
		qk_at_say(call, "+QLTS: \"\"");
		return QK_AT_OK;
	}
	struct clock clock =
		clock_of(mode == 0 ? radio->utc_sec : qk_sim_radio_utc_usec(call->state) / 1000000,
			 mode == 1 ? 0 : radio->zone_quarters);
	/* the zone is told in all three */
	clock.quarters = radio->zone_quarters;
	clock_text(&clock, true, text, sizeof(text));
	qk_at_say(call, "+QLTS: \"%s,%u\"", text, radio->saving_hours);
	return QK_AT_OK;
}

/* The networks that the profile prefers: in no file that AT could change. */
static int preferred(struct qk_at_call *call)
{
	const struct qk_sim_profile *profile = call->sim->profile;

	for (size_t i = 0; i < profile->preferred_count; i++) {
		const struct qk_sim_preferred *entry = &profile->preferred[i];
		const struct qk_sim_plmn plmn = { .mcc = entry->mcc,
						  .mnc = entry->mnc,
						  .mnc_digits = entry->mnc_digits };
		char number[8];
		number_text(&plmn, number);
		qk_at_say(call, "+CPOL: %zu,2,\"%s\",%d,0,%d,%d", i + 1, number,
			  (entry->rats & QK_SIM_RAT_GSM) != 0, (entry->rats & QK_SIM_RAT_UMTS) != 0,
			  (entry->rats & QK_SIM_RAT_LTE) != 0);
	}
	return QK_AT_OK;
}

static const struct qk_at_command commands[] = {
	{ .name = "+COPS", .read = read_operator, .set = set_operator, .test_fn = scan },
	{ .name = "+CPOL", .flags = QK_AT_NEEDS_PIN, .read = preferred },
	{ .name = "+QSPN", .execute = names, .test = "" },
	{ .name = "+CCLK", .read = read_clock, .set = set_clock, .test = "" },
	{ .name = "+QLTS", .execute = network_time, .set = network_time, .test = "(0-2)" },
	{ .name = "+CTZU", .settings = { QK_AT_SET_CTZU }, .setting_count = 1, .test = "(0,1,3)" },
	{ .name = "+CTZR", .settings = { QK_AT_SET_CTZR }, .setting_count = 1 },
};

const struct qk_at_table qk_at_network_table = {
	commands,
	sizeof(commands) / sizeof(commands[0]),
};
