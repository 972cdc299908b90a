/*
 * SIM PIN: the methods of a SIM that take its codes.
 *
 * Owns: nothing; no code is kept. Does not know: what follows from an unlocked card (card.c reads that).
 * Lifetime: const. Called from: sim.c, which puts the handlers on the bus.
 */
#pragma once

#include "api/object.h"

/* SendPin, SendPuk, EnablePin, ChangePin. */
void sim_pin_on_code(struct api_call *call, const json_t *in, void *userdata);
