/*
 * APDU: commands to the card itself, as AT+CSIM and UIM Send APDU bring them. The card's logical channels.
 *
 * Owns: nothing; the channels are part of the card. Does not know: QMI, AT.
 * Lifetime: plain functions. Called from: uim-apdu.c, the AT commands of the SIM, tests.
 * Sources: ETSI TS 102 221 11.1 (commands), ISO 7816-4 (channels).
 *
 * SELECT, STATUS, READ and UPDATE BINARY and RECORD, VERIFY, CHANGE, DISABLE, ENABLE and UNBLOCK PIN, MANAGE
 * CHANNEL, GET RESPONSE. What the card has not is 6D00 and 6E00.
 */
#pragma once

#include <qmikit/wire.h>

struct qk_sim_state;

#define QK_SIM_APDU_MAX 260 /* of a response, with its status word */

/* Runs a command; the bytes of the response into `ret`, of QK_SIM_APDU_MAX. 0: no card answers. */
size_t qk_sim_apdu(struct qk_sim_state *state, struct qk_span command, uint8_t *ret);

/* Opens a channel and selects the application with this id (empty: none) on it. The status word; the channel's
 * number and the answer to SELECT, into `ret_answer` of QK_SIM_APDU_MAX. */
uint16_t qk_sim_channel_open(struct qk_sim_state *state, struct qk_span aid, uint8_t *ret_channel,
			     uint8_t *ret_answer, size_t *ret_size);
uint16_t qk_sim_channel_close(struct qk_sim_state *state, uint8_t channel);
