/*
 * Carrier: which configuration for an operator the modem runs with (PDC), as the modem's object tells it.
 *
 * Owns: nothing. Does not know: who wants to know.
 * Lifetime: none. Called from: leisure.c.
 */
#pragma once

struct operation;

/* Steps: PDC's client, where the modem has the service; its two questions, each answered by an indication; and the
 * id is given back, as a modem has few. */
void carrier_allocate(struct operation *operation);
void carrier_read(struct operation *operation);
void carrier_release(struct operation *operation);
