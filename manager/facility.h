/*
 * Facility: what the modem is bound to, and the locks of its card, as one set of flags.
 *
 * Owns: modem->facilities. Does not know: codes of the card.
 * Lifetime: const. Called from: sim.c for what the card says; network.c, which puts the handler on the bus.
 */
#pragma once

#include <stdint.h>

#include "api/object.h"

struct modem;
struct operation;

/* A part of a step: asks whom the modem is bound to. */
void facility_read(struct operation *operation);
/* Of the flags in `mask` those in `locked` are on. */
void facility_tell(struct modem *modem, uint32_t mask, uint32_t locked);

void facility_on_disable(struct api_call *call, const json_t *in, void *userdata);
