/*
 * SIM PIN: the methods of a SIM that take its codes.
 *
 * Owns: nothing; no code is kept. Does not know: what follows from an unlocked card (card.c reads that).
 * Lifetime: const. Called from: sim.c, which puts the handlers on the bus, and simple.c.
 */
#pragma once

#include "api/object.h"
#include "operation.h"

enum { SIM_PIN_MIN = 4, SIM_PIN_MAX = 8 }; /* digits */

/* SendPin, SendPuk, EnablePin, ChangePin. */
void sim_pin_on_code(struct api_call *call, const json_t *in, void *userdata);

/* Tells the card its PIN, and reads what became of the card. `fn` hears of a refusal too. -ENOMEM. */
QK_MUST_CHECK int sim_pin_unlock(struct modem *modem, const char *pin, operation_done_fn fn,
				 void *userdata);
