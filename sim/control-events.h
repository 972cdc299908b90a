/*
 * Control, events: what changed in a modem, told as JSON.
 *
 * Owns: what was told last, so that a change is told once. Does not know: who listens.
 * Lifetime: that of the control. Called from: control.c.
 */
#pragma once

#include "control-table.h"

#define QK_CONTROL_SENT_MAX 16u

/* What is remembered of a modem. */
struct qk_control_known {
	uint32_t guise, mode, registration, fault_used[QK_SIM_FAULT_KINDS];
	uint32_t bearers[QK_SIM_BEARERS_MAX]; /* enum qk_sim_bearer_state */
	uint32_t calls[QK_SIM_CALLS_MAX];     /* enum qk_sim_call_state */
	bool gnss_on, gnss_fix;
};

struct qk_control_modem {
	struct qk_sim_watcher watcher;
	struct qk_control *control;
	struct qk_sim *sim;
	size_t number;
	uint64_t start_usec;
	struct qk_control_known known;
	char *qmuxd;  /* the folder of its qmuxd's sockets; NULL: it has none */
	json_t *sent; /* the last messages that left it, QK_CONTROL_SENT_MAX at most */
};

/* The names of the events: the i-th and what it tells, or NULL past the end. There are 32 at most. */
const char *qk_control_event_name(size_t i, const char **ret_sentence);

/* Remembers how the modem is, without telling. */
void qk_control_know(struct qk_control_modem *modem);

/* Tells by qk_control_tell() what is new. */
void qk_control_tell_changes(struct qk_control_modem *modem, uint32_t changed);

/* control.c: the event number `event` with these members (taken; NULL: none) goes to who watches. */
void qk_control_tell(struct qk_control_modem *modem, size_t event, json_t *take_members);
/* control.c: whether anybody watches it. */
bool qk_control_is_watched(const struct qk_control *control, size_t event);
