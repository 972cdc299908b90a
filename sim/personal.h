/*
 * Personalisation: whom the modem is bound to, and the keys that take that away. The card in it is one that it takes.
 *
 * Owns: the locks in struct qk_sim_state. Does not know: QMI, cards.
 * Lifetime: those of a modem's state; a reboot keeps them.
 * Called from: UIM, the control socket. Source: 3GPP TS 22.022.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define QK_SIM_KEY_MAX 16

/* In the order that QMI counts them in. */
enum qk_sim_personal {
	QK_SIM_PERSONAL_NETWORK,
	QK_SIM_PERSONAL_NETWORK_SUBSET,
	QK_SIM_PERSONAL_SERVICE_PROVIDER,
	QK_SIM_PERSONAL_CORPORATE,
	QK_SIM_PERSONAL_CARD,
	QK_SIM_PERSONAL_COUNT,
};

struct qk_sim_personal_lock {
	bool on;
	char key[QK_SIM_KEY_MAX + 1];
	uint8_t retries, unblock_retries;
};

struct qk_sim_state;

/* Binds it, with all tries. */
void qk_sim_personal_bind(struct qk_sim_state *state, enum qk_sim_personal kind, const char *key);
/* 0; -ENOENT: it is not bound; -EACCES: the key is wrong, and a try is gone; -EPERM: no try is left. */
int qk_sim_personal_free(struct qk_sim_state *state, enum qk_sim_personal kind, const char *key);
