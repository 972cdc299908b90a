/*
 * Autoconnect: the modem keeps the calls of its default context up by itself.
 *
 * Owns: struct qk_sim_autoconnect, a part of the bearers.
 * Does not know: QMI, AT, what becomes of a call: bearer.h does.
 * Lifetime: that of the state; a reboot keeps the setting.
 * Called from: bearer.c (time, a call that ended, service that is back), the handlers of WDS, tests.
 *
 * The calls are those of no mux id, one for each IP version of the context.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct qk_sim_state;

/* The numbers of WDS. */
enum qk_sim_autoconnect_setting {
	QK_SIM_AUTOCONNECT_OFF,
	QK_SIM_AUTOCONNECT_ON,
	QK_SIM_AUTOCONNECT_PAUSED, /* until the next boot */
};

struct qk_sim_autoconnect {
	uint32_t setting; /* enum qk_sim_autoconnect_setting */
	bool home_only;
	uint64_t due_usec; /* when it is tried next; QK_SIM_NEVER: it is not */
};

/* --- for bearer.c */

/* As delivered. */
void qk_sim_autoconnect_start(struct qk_sim_state *state);
/* The modem is booted. */
void qk_sim_autoconnect_boot(struct qk_sim_state *state);
/* A call ended or could start again: tries soon, if it may. */
void qk_sim_autoconnect_plan(struct qk_sim_state *state);
/* Tries where that is due. */
void qk_sim_autoconnect_advance(struct qk_sim_state *state);

/* Switches it; on, it starts a call of the default context as soon as it can. */
void qk_sim_autoconnect_set(struct qk_sim_state *state, uint32_t setting, bool home_only);
