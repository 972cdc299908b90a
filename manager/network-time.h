/*
 * Network time: the interface Time: the network's clock, as NITZ brings it (TS 22.042).
 *
 * Owns: nothing. Does not know: this machine's clock.
 * Lifetime: the interface's. Called from: card.c, network.c, at-news.c.
 */
#pragma once

struct modem;
struct operation;
struct qk_nas_get_serving_system_response;
struct qk_nas_network_time_indication;

void network_time_add(struct modem *modem);

/* What the modem says of the zone that the network has told at some time. */
void network_time_tell_zone(struct modem *modem,
			    const struct qk_nas_get_serving_system_response *r);
/* The network told the time. */
void network_time_tell(struct modem *modem, const struct qk_nas_network_time_indication *news);
/* Steps: read what it told; tell that, unless it was told a moment ago. */
void network_time_read(struct operation *operation);
void network_time_tell_again(struct operation *operation);
