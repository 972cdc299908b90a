/*
 * OMA: a device management session of the modem, as far as it can be seen: what a server does is said by the control
 * socket.
 *
 * Owns: the features that are on, the session, the network's wish for one. Does not know: OMA-DM itself.
 * Lifetime: part of the state. Called from: oma.c (QMI), control-oma.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct qk_sim_state;

/* Numbers of types, states and reasons are QMI's. */
struct qk_sim_oma {
	bool provisioning, prl_update, activation; /* features */
	bool has_session, has_alert;
	uint8_t type, state, reason; /* of the last session */
	uint8_t alert_type;
	uint16_t alert_id;
};

/* The server's doing, or the end. -ENOENT: there is no session. */
int qk_sim_oma_go_on(struct qk_sim_state *state, uint8_t session_state, uint8_t reason);
/* The network wants a session. */
void qk_sim_oma_alert(struct qk_sim_state *state, uint8_t type, uint16_t id);
