/*
 * Leisure: what nobody waits for is asked when the modem has nothing else to do: on the real bus each answer takes
 * 32 ms, and a modem that was just found is about to be enabled.
 *
 * Owns: the timer, in struct modem. Does not know: what the answers mean.
 * Lifetime: leisure_begin() to leisure_end(). Called from: initialize.c, location.c, modem.c.
 */
#pragma once

struct modem;

/* Once, as soon as the modem was left alone for a while; again where it is begun again. */
void leisure_begin(struct modem *modem);
void leisure_end(struct modem *modem);
