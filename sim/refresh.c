/*
 * Refresh: begin and end. The first who is done ends it [C].
 */
#include "refresh.h"

#include "state.h"

void qk_sim_refresh_begin(struct qk_sim_state *state, enum qk_sim_refresh_mode mode,
			  const struct qk_sim_path *file)
{
	state->refresh = (struct qk_sim_refresh){
		.under_way = mode != QK_SIM_REFRESH_RESET,
		.stage = QK_SIM_REFRESH_START,
		.mode = (uint8_t)mode,
	};
	if (file)
		state->refresh.file = *file;
	state->changed |= QK_SIM_CHANGED_REFRESH;
	if (mode == QK_SIM_REFRESH_RESET) {
		qk_sim_card_set(state, QK_SIM_CARD_ABSENT, 0);
		qk_sim_card_set(state, QK_SIM_CARD_PRESENT, 0);
	}
}

void qk_sim_refresh_end(struct qk_sim_state *state, bool well)
{
	if (!state->refresh.under_way)
		return;
	state->refresh.under_way = false;
	state->refresh.stage = well ? QK_SIM_REFRESH_DONE : QK_SIM_REFRESH_FAILED;
	state->changed |= QK_SIM_CHANGED_REFRESH;
}
