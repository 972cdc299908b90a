/*
 * Registration: the methods of the interface Modem3gpp: choosing a network, looking for networks, packet service.
 *
 * Owns: nothing. Does not know: what is told of the network in use (network.c).
 * Lifetime: const. Called from: network.c, which puts the handlers on the bus, and simple.c.
 */
#pragma once

#include "api/object.h"
#include "operation.h"

void registration_on_register(struct api_call *call, const json_t *in, void *userdata);
void registration_on_scan(struct api_call *call, const json_t *in, void *userdata);
void registration_on_set_packet_service(struct api_call *call, const json_t *in, void *userdata);

/* "00101" or "310410": MCC and MNC. */
bool registration_is_operator(const char *id);
/* Has the modem look for this operator alone, and does not wait until it is there. -ENOMEM. */
QK_MUST_CHECK int registration_choose(struct modem *modem, const char *id, operation_done_fn fn,
				      void *userdata);
