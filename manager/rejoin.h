/*
 * Rejoin: the broker ended, and another one has the modem's port and its client ids. What the modem told meanwhile
 * is asked for.
 *
 * Owns: nothing. Does not know: how a broker is found.
 * Lifetime: none. Called from: modem.c.
 */
#pragma once

struct modem;

/* Goes on where the modem was; one that has forgotten its clients is as good as lost. */
void rejoin_begin(struct modem *modem);
