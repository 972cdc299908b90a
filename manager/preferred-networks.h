/*
 * Preferred networks: the list on the card of what its owner would rather have than other networks abroad.
 *
 * Owns: nothing. Does not know: how the list is read (sim.c).
 * Lifetime: const. Called from: sim.c, which puts the handler on the bus.
 */
#pragma once

#include <stdint.h>

#include "api/object.h"

/* MM_MODEM_ACCESS_TECHNOLOGY_* of the bits of EF_PLMNwAcT. */
uint32_t preferred_networks_technologies(uint16_t bits);

void preferred_networks_on_set(struct api_call *call, const json_t *in, void *userdata);
