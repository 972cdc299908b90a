/*
 * SAR: the interface of that name: the reduction of the transmit power near a body.
 *
 * Owns: nothing but the level it has read. Does not know: cards.
 * Lifetime: the interface's. Called from: initialize.c, card.c.
 */
#pragma once

struct modem;
struct operation;

/* The step that asks for the level; where the modem refuses, there will be no interface. */
void sar_read(struct operation *operation);
void sar_add(struct modem *modem);
