/*
 * Order: in which order stock mmcli shows what it keeps in a hash table of GLib: modems, the retries of locks, the
 * sentences of NMEA. Scripts compare whole screens, so the order is part of them.
 *
 * Owns: nothing. Does not know: what is shown.
 * Lifetime: one call. Called from: compose*.c, session.c.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define ORDER_MAX 192

/* The hash of a text. */
uint32_t order_hash(const char *text);

/* Where the keys with these hashes, put in one after the other, end: their indices as the table is walked. More than
 * ORDER_MAX are left as they are. */
void order_walk(const uint32_t *hashes, size_t count, size_t *ret_indices);
