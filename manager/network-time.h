/*
 * Network time: the interface Time: the network's clock, as NITZ brings it (TS 22.042).
 *
 * Owns: nothing. Does not know: this machine's clock.
 * Lifetime: the interface's. Called from: card.c, network.c.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct modem;
struct qk_nas_network_time_indication;

void network_time_add(struct modem *modem);

/* The network told the time. */
void network_time_tell(struct modem *modem, const struct qk_nas_network_time_indication *news);

/* ISO 8601: the local time of a zone so many quarters of an hour east of `utc`, seconds since 1970. Returns
 * `buffer`. */
char *network_time_text(int64_t utc, int quarters, char *buffer, size_t size);
