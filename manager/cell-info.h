/*
 * Cell info: the cells that a modem uses and hears, as NAS has them and as the bus has them.
 *
 * Owns: nothing. Does not know: operations, who asks.
 * Lifetime: const. Called from: network.c.
 */
#pragma once

#include <jansson.h>
#include <qmikit/nas.h>

/* An array of `cell` dictionaries, those in use first. */
json_t *cell_info_read(const struct qk_nas_get_cell_location_info_response *response);
