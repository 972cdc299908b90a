/*
 * Refresh: the network has changed files of the card, and the card has the modem read them anew (REFRESH of 3GPP TS
 * 31.111 6.4.7). Whoever keeps something of those files hears of it, says that it is done, and hears the end.
 *
 * Owns: struct qk_sim_refresh in the state. Does not know: QMI, who has asked to hear.
 * Lifetime: that of a modem's state; a boot forgets it. Called from: state.c, uim-refresh.c, the control socket.
 */
#pragma once

#include "card.h"

/* In the order that QMI counts them in. */
enum qk_sim_refresh_stage {
	QK_SIM_REFRESH_WAIT, /* whether it may begin; nobody is asked here [C] */
	QK_SIM_REFRESH_START,
	QK_SIM_REFRESH_DONE,
	QK_SIM_REFRESH_FAILED,
};

enum qk_sim_refresh_mode {
	QK_SIM_REFRESH_RESET, /* the card is reset, the one that does not wait for anybody */
	QK_SIM_REFRESH_INIT,
	QK_SIM_REFRESH_INIT_FILES,
	QK_SIM_REFRESH_FILES, /* only the files that are named */
	QK_SIM_REFRESH_INIT_ALL,
	QK_SIM_REFRESH_APPLICATION,
	QK_SIM_REFRESH_SESSION,
};

struct qk_sim_refresh {
	bool under_way;
	uint8_t stage, mode;     /* of the above; what was told last */
	struct qk_sim_path file; /* no ids: it names none */
};

/* The card asks for it, with a file (NULL: none) that was changed. QK_SIM_CHANGED_REFRESH. */
void qk_sim_refresh_begin(struct qk_sim_state *state, enum qk_sim_refresh_mode mode,
			  const struct qk_sim_path *file);
/* Somebody who was told is done with it, well or not. Without one under way nothing happens. */
void qk_sim_refresh_end(struct qk_sim_state *state, bool well);
