/*
 * Control, radio: the cell and its signal, registration.
 */
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

struct registration {
	uint32_t state;
};

static const struct qk_sim_member registration_members[] = {
	{ "state", WORD, QK_CONTROL_AT(registration, state), .words = qk_control_registrations },
};

static int set_registration(struct qk_control_call *call)
{
	const struct registration *arguments = call->arguments;

	if (!qk_sim_state_has_radio(call->state))
		return qk_control_refuse(call, "registration: the modem's radio is off");
	qk_sim_state_set_registration(call->state, arguments->state);
	return 0;
}

static const struct qk_control_row rows[] = {
	{ "cell", "the cell it is on and how well it is heard; what is left out stays",
	  qk_sim_cell_members, QK_SIM_CELL_MEMBERS, sizeof(struct qk_sim_cell), set_cell,
	  prepare_cell, .partial = true },
	{ "signal", "the same as 'cell'", qk_sim_cell_members, QK_SIM_CELL_MEMBERS,
	  sizeof(struct qk_sim_cell), set_cell, prepare_cell, .partial = true },
	{ "registration", "the network lets it in, refuses it or loses it", registration_members,
	  QK_CONTROL_COUNT(registration_members), sizeof(struct registration), set_registration },
};

const struct qk_control_rows qk_control_radio_rows = { rows, QK_CONTROL_COUNT(rows) };
