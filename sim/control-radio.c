/*
 * Control, radio: cells and their signal, networks, registration, the network's clock.
 */
#include <string.h>

#include "control-table.h"

static void prepare_cell(const struct qk_sim_state *state, void *arguments)
{
	*(struct qk_sim_cell *)arguments = state->cell;
}

static int set_cell(struct qk_control_call *call)
{
	qk_sim_state_set_signal(call->state, call->arguments);
	return 0;
}

/* --- Registration */

enum registration_act { HOME, ROAMING, DENIED, LOST };

/* A network of 3GPP TS 23.003's test range is nobody's. */
static const struct qk_sim_plmn abroad = {
	.mcc = 901, .mnc = 99, .mnc_digits = 2, .name = "Abroad"
};

#define CAUSE_PLMN_NOT_ALLOWED 11

struct registration {
	uint32_t act; /* enum registration_act */
	uint8_t cause;
	struct qk_sim_plmn plmn;
};

static const struct qk_sim_word registration_words[] = {
	{ "home", HOME }, { "roaming", ROAMING }, { "denied", DENIED },
	{ "lost", LOST }, { "searching", LOST },  { NULL, 0 },
};

static const struct qk_sim_member registration_members[] = {
	{ "state", WORD, QK_CONTROL_AT(registration, act), .words = registration_words },
	{ "cause", UINT, QK_CONTROL_AT(registration, cause), .min = 1, .max = UINT8_MAX,
	  .optional = true },
	{ "mcc", UINT, QK_CONTROL_AT(registration, plmn.mcc), .min = 1, .max = 999,
	  .optional = true },
	{ "mnc", UINT, QK_CONTROL_AT(registration, plmn.mnc), .max = 999, .optional = true },
	{ "mnc-digits", UINT, QK_CONTROL_AT(registration, plmn.mnc_digits), .min = 2, .max = 3,
	  .optional = true },
	{ "name", TEXT, QK_CONTROL_AT(registration, plmn.name), .optional = true },
};

static void prepare_registration(const struct qk_sim_state *state, void *arguments)
{
	(void)state;
	*(struct registration *)arguments =
		(struct registration){ .cause = CAUSE_PLMN_NOT_ALLOWED, .plmn = abroad };
}

static int set_registration(struct qk_control_call *call)
{
	const struct registration *arguments = call->arguments;
	struct qk_sim_state *state = call->state;
	enum registration_act act = arguments->act;

	if (act != DENIED && call->given & 1u << 1)
		return qk_control_refuse(call, "registration: cause goes with denied");
	if (act != ROAMING && call->given >> 2)
		return qk_control_refuse(call, "registration: a network goes with roaming");
	(void)qk_sim_radio_hide(state, QK_SIM_ALL_NETWORKS, act == LOST);
	if (act == DENIED)
		return qk_sim_radio_refuse(state, QK_SIM_ALL_NETWORKS, arguments->cause);
	(void)qk_sim_radio_refuse(state, QK_SIM_ALL_NETWORKS, 0);
	if (act == ROAMING)
		qk_sim_radio_visit(state, &arguments->plmn);
	else if (act == HOME)
		qk_sim_radio_visit(state, &state->profile->network);
	return 0;
}

/* --- One of the networks */

struct network {
	uint32_t index;
	bool hidden;
	uint8_t cause;
};

static const struct qk_sim_member network_members[] = {
	{ "index", UINT, QK_CONTROL_AT(network, index), .max = QK_SIM_NETWORKS_MAX - 1 },
	{ "hidden", BOOL, QK_CONTROL_AT(network, hidden), .optional = true },
	{ "cause", UINT, QK_CONTROL_AT(network, cause), .max = UINT8_MAX, .optional = true },
};

static int set_network(struct qk_control_call *call)
{
	const struct network *arguments = call->arguments;

	if (arguments->index >= call->state->radio.network_count)
		return qk_control_refuse(call, "network: there are %u of them",
					 call->state->radio.network_count);
	if (call->given & 1u << 1)
		(void)qk_sim_radio_hide(call->state, arguments->index, arguments->hidden);
	if (call->given & 1u << 2)
		(void)qk_sim_radio_refuse(call->state, arguments->index, arguments->cause);
	return 0;
}

/* --- Time */

struct clock {
	int64_t utc_sec;
	int8_t zone_quarters;
	uint8_t saving_hours;
};

static const struct qk_sim_member clock_members[] = {
	/* from 2000 to 2099, which two digits of a year can tell */
	{ "utc", UINT, QK_CONTROL_AT(clock, utc_sec), .min = 946684800, .max = 4102444799 },
	{ "zone-quarters", INT, QK_CONTROL_AT(clock, zone_quarters), .min = -96, .max = 96,
	  .optional = true },
	{ "saving-hours", UINT, QK_CONTROL_AT(clock, saving_hours), .max = 2, .optional = true },
};

static int set_time(struct qk_control_call *call)
{
	const struct clock *arguments = call->arguments;

	qk_sim_radio_set_time(call->state, arguments->utc_sec, arguments->zone_quarters,
			      arguments->saving_hours);
	return 0;
}

#define MEMBERS(members, type) members, QK_CONTROL_COUNT(members), sizeof(struct type)
#define CELL qk_sim_cell_members, QK_SIM_CELL_MEMBERS, sizeof(struct qk_sim_cell)

static const struct qk_control_row rows[] = {
	{ "cell", "the cell it is on and how well it is heard; what is left out stays", CELL,
	  set_cell, prepare_cell, .partial = true },
	{ "signal", "the same as 'cell'", CELL, set_cell, prepare_cell, .partial = true },
	{ "registration", "at home, abroad, refused with a cause of TS 24.008, or out of coverage",
	  MEMBERS(registration_members, registration), set_registration, prepare_registration },
	{ "network", "hide one of the networks, or let it refuse with a cause (0: let in)",
	  MEMBERS(network_members, network), set_network },
	{ "network-time", "the network tells the time: seconds since 1970, zone in quarters",
	  MEMBERS(clock_members, clock), set_time },
};

const struct qk_control_rows qk_control_radio_rows = { rows, QK_CONTROL_COUNT(rows) };
