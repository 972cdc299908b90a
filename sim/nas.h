/*
 * NAS, inside: what its two halves share, registration (nas.c) and signal (nas-signal.c).
 *
 * Owns: nothing. Does not know: other services. Lifetime: none. Called from: nas*.c alone.
 */
#pragma once

#include <qmikit/nas.h>

#include "modem.h"

uint16_t qk_sim_nas_set_event_report(struct qk_sim_call *call);
uint16_t qk_sim_nas_get_signal_strength(struct qk_sim_call *call);
uint16_t qk_sim_nas_get_signal_info(struct qk_sim_call *call);
bool qk_sim_nas_event_report_news(struct qk_sim *sim, const struct qk_sim_client *client,
				  void *indication);
bool qk_sim_nas_signal_info_news(struct qk_sim *sim, const struct qk_sim_client *client,
				 void *indication);

/* The radio interface of the cell in NAS's words. */
int8_t qk_sim_nas_radio_interface(uint32_t rat);
