/*
 * Carrier: which configuration for an operator the modem runs with (PDC), as the modem's object tells it.
 *
 * Owns: nothing. Does not know: who wants to know.
 * Lifetime: none. Called from: initialize.c.
 */
#pragma once

struct modem;

/* Has it read beside all else: its two questions, each answered by an indication, keep nobody waiting. */
void carrier_begin(struct modem *modem);
