/*
 * Location: where the modem is: by the cell that it is on, and by satellites.
 *
 * Owns: what was told last, the news of LOC. Does not know: NMEA's meaning.
 * Lifetime: the interface's. Called from: card.c, network.c, power.c.
 */
#pragma once

struct modem;
struct operation;
struct qk_nas_get_serving_system_response;

void location_add(struct modem *modem);
void location_end(struct modem *modem);

/* The step of enabling: what tells of the cell alone is on. */
void location_begin(struct operation *operation);
/* The step of disabling: all is off. */
void location_stop(struct operation *operation);
/* The cell may be another one. NULL: there is none. */
void location_tell_cell(struct modem *modem, const struct qk_nas_get_serving_system_response *r);
