/*
 * UIM, inside: what its parts share: the card's state (uim.c), slots (uim-slots.c), PINs and files
 * (uim-files.c), their changes (uim-refresh.c), commands to the card itself (uim-apdu.c).
 *
 * Owns: nothing. Does not know: other services. Lifetime: none. Called from: uim*.c alone.
 */
#pragma once

#include <qmikit/uim.h>

#include "modem.h"

uint16_t qk_sim_uim_read_transparent(struct qk_sim_call *call);
uint16_t qk_sim_uim_read_record(struct qk_sim_call *call);
uint16_t qk_sim_uim_write_transparent(struct qk_sim_call *call);
uint16_t qk_sim_uim_write_record(struct qk_sim_call *call);
uint16_t qk_sim_uim_get_file_attributes(struct qk_sim_call *call);
uint16_t qk_sim_uim_set_pin_protection(struct qk_sim_call *call);
uint16_t qk_sim_uim_verify_pin(struct qk_sim_call *call);
uint16_t qk_sim_uim_unblock_pin(struct qk_sim_call *call);
uint16_t qk_sim_uim_change_pin(struct qk_sim_call *call);
uint16_t qk_sim_uim_send_apdu(struct qk_sim_call *call);
uint16_t qk_sim_uim_logical_channel(struct qk_sim_call *call);
uint16_t qk_sim_uim_open_logical_channel(struct qk_sim_call *call);
uint16_t qk_sim_uim_get_slot_status(struct qk_sim_call *call);
uint16_t qk_sim_uim_switch_slot(struct qk_sim_call *call);
uint16_t qk_sim_uim_refresh_register(struct qk_sim_call *call);
uint16_t qk_sim_uim_refresh_register_all(struct qk_sim_call *call);
uint16_t qk_sim_uim_refresh_complete(struct qk_sim_call *call);

bool qk_sim_uim_slot_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication);
bool qk_sim_uim_refresh_news(struct qk_sim *sim, const struct qk_sim_client *client,
			     void *indication);

/* The file that a request means; NULL: the card has none such. Without a path it is looked for by its id. */
const struct qk_sim_file *qk_sim_uim_find(struct qk_sim_call *call, const struct qk_uim_file *file);

/* The QMI error for what the card answered [C]. */
uint16_t qk_sim_uim_error(uint16_t status);
