/*
 * Registration: the methods of the interface Modem3gpp: choosing a network, looking for networks, packet service.
 *
 * Owns: nothing. Does not know: what is told of the network in use (network.c).
 * Lifetime: const. Called from: network.c, which puts the handlers on the bus.
 */
#pragma once

#include "api/object.h"

void registration_on_register(struct api_call *call, const json_t *in, void *userdata);
void registration_on_scan(struct api_call *call, const json_t *in, void *userdata);
void registration_on_set_packet_service(struct api_call *call, const json_t *in, void *userdata);
