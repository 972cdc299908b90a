/*
 * Location, assistance: what helps the receiver to its first position: the mode of A-GPS, the server of SUPL, data
 * about satellites.
 *
 * Owns: the sizes that the modem takes. Does not know: positions (location.c).
 * Lifetime: the interface's. Called from: location.c, leisure.c.
 */
#pragma once

#include <stdint.h>

#include "api/object.h"

struct modem;
struct operation;

/* A step: what the modem says of servers and data is read and told. */
void location_assist_read(struct operation *operation);

/* Has the receiver work by the sources, MM_MODEM_LOCATION_SOURCE_AGPS_*. */
void location_assist_set_mode(struct operation *operation, uint32_t sources);

void location_assist_on_set_server(struct api_call *call, const json_t *in, void *userdata);
void location_assist_on_inject(struct api_call *call, const json_t *in, void *userdata);

/* The two halves of "HOST:PORT"; false: it is something else. `ret_ipv4` 0: HOST is a name; else its first number is
 * the lowest byte. */
bool location_parse_server(const char *text, uint32_t *ret_ipv4, uint16_t *ret_port);
