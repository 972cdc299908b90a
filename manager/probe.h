/*
 * Probe: a modem that stopped answering while it was read is failed, and asked for a sign of life from then on. When
 * one comes, it begins anew.
 *
 * Owns: the timer, in struct modem. Does not know: what is read of a modem.
 * Lifetime: probe_begin() to probe_end(). Called from: initialize.c, modem.c.
 */
#pragma once

struct modem;

void probe_begin(struct modem *modem);
void probe_end(struct modem *modem);
