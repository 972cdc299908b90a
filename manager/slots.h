/*
 * Slots: the places that a modem has for cards, of which it uses one at a time. A modem that has one alone says
 * nothing of slots.
 *
 * Owns: what is known of the slots, the objects of the cards that are not in use. Does not know: the card in use
 * (sim.c), but for what its slot tells of it.
 * Lifetime: from the first answer of the modem that has slots to slots_end(). Called from: card.c, initialize.c,
 * sim.c, modem.c.
 *
 * When another slot is in use, whoever chose it, nothing that was read of the modem holds: it leaves the bus and is
 * begun with anew, as ModemManager does.
 */
#pragma once

#include <stdbool.h>

#include "api/object.h"

struct modem;
struct operation;

/* A part of a step: asks for the slots and what is in them. */
void slots_read(struct operation *operation);
/* Behind that. False: another slot is in use, and the modem is begun with anew as soon as its card can be read; what
 * was read until now is not to be told. */
bool slots_check(struct modem *modem);
/* What the slots make of the properties. */
void slots_tell(struct modem *modem);
/* The status of a slot changed: it is read again. */
void slots_look_again(struct modem *modem);
/* The modem goes. */
void slots_end(struct modem *modem);

/* The number of the object of the card in use. */
unsigned int slots_sim_number(const struct modem *modem);
/* What the slot in use tells of the card: its kind and identity. */
void slots_describe(struct modem *modem, struct api_object *sim);

/* The method of the interface Modem. */
void slots_on_set_primary(struct api_call *call, const json_t *in, void *userdata);
