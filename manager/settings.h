/*
 * Settings: the methods of the interface Modem that change the modem for good: modes, bands, resets.
 *
 * Owns: nothing. Does not know: what the modem is (initialize.c reads that).
 * Lifetime: const. Called from: modem.c, which puts the handlers on the bus.
 */
#pragma once

#include "api/object.h"

struct operation;

void settings_on_set_modes(struct api_call *call, const json_t *in, void *userdata);
void settings_on_set_bands(struct api_call *call, const json_t *in, void *userdata);
void settings_on_set_capabilities(struct api_call *call, const json_t *in, void *userdata);
void settings_on_reset(struct api_call *call, const json_t *in, void *userdata);
void settings_on_factory_reset(struct api_call *call, const json_t *in, void *userdata);

/* A step: the modes and bands in use. */
void settings_read(struct operation *operation);
