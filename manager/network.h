/*
 * Network: the registration of a modem and its signal, from NAS.
 *
 * Owns: the interface Modem3gpp of the modem's object. Does not know: bearers.
 * Lifetime: that of the modem's object. Called from: initialize.c, power.c, news of NAS.
 */
#pragma once

#include <stdint.h>

#include "api/object.h"

struct modem;
struct operation;

/* MM_MODEM_ACCESS_TECHNOLOGY_* of a QK_NAS_RADIO_INTERFACE_*. */
uint32_t network_technology(int8_t interface);

/* Adds the interface to the modem's object. */
void network_add(struct modem *modem);

/* Steps: have the modem tell what changes; read how things are. */
void network_listen(struct operation *operation);
void network_read(struct operation *operation);
/* The signal alone. */
void network_read_signal(struct operation *operation);

/* The step that ends the listening. */
void network_ignore(struct operation *operation);

/* Nothing is known of the network any more: the radio is off, or nobody listens. */
void network_forget(struct modem *modem);

/* The method of the interface Modem. */
void network_on_cells(struct api_call *call, const json_t *in, void *userdata);
