/*
 * AT radio: how AT says where the modem is registered and how well it hears.
 *
 * Owns: nothing. Does not know: QMI, ports. Lifetime: pure functions on the model.
 * Called from: the tables of commands and at-urc.c.
 */
#pragma once

#include "at-modem.h"

/* The domains of +CREG, +CGREG and +CEREG. */
enum qk_at_domain { QK_AT_DOMAIN_CS, QK_AT_DOMAIN_PS, QK_AT_DOMAIN_EPS, QK_AT_DOMAINS };

/* <AcT> of the cell: 0 GSM, 2 UTRAN, 7 E-UTRAN; -1 of none. */
int qk_at_act(uint32_t rat);
/* The other way round: QK_SIM_RAT_*; QK_SIM_RAT_NONE for what this modem does not have. */
uint32_t qk_at_rat(uint32_t act);
/* <rssi> of +CSQ: 0 to 31, or 99. */
int qk_at_csq(const struct qk_sim_state *state);
/* The line of a domain without its name, as the unsolicited result of mode `n` has it. */
void qk_at_registration_text(const struct qk_sim_state *state, enum qk_at_domain domain, uint32_t n,
			     char *text, size_t size);
/* Which of +CFUN's it is: 0, 1 or 4. */
int qk_at_functionality(const struct qk_sim_state *state);
