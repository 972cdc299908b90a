/*
 * Large: services whose ids do not fit the byte that frames have for a service. They are reached over QRTR
 * alone; inside the modem each goes by a byte that is no other service's.
 *
 * Owns: nothing. Does not know: what the services are for. Lifetime: none.
 * Called from: profile-parse, ctl, qmuxd, qmi, seeded, qrtr.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The id of a service by its byte, and the byte by its id; 0xff, which is nobody's: it has none. Up to 255 both
 * are the same. */
uint16_t qk_sim_service_id(uint8_t byte);
uint8_t qk_sim_service_byte(uint16_t id);

/* Whether the byte stands for an id that no frame can have. */
bool qk_sim_service_is_large(uint8_t byte);
