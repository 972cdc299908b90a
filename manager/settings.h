/*
 * Settings: the methods of the interface Modem that change the modem for good: modes, bands, resets.
 *
 * Owns: nothing. Does not know: what the modem is (initialize.c reads that).
 * Lifetime: const. Called from: modem.c, which puts the handlers on the bus.
 */
#pragma once

#include "api/object.h"

struct operation;
struct qk_nas_set_system_selection_preference_request;

void settings_on_set_modes(struct api_call *call, const json_t *in, void *userdata);
void settings_on_set_bands(struct api_call *call, const json_t *in, void *userdata);
void settings_on_set_capabilities(struct api_call *call, const json_t *in, void *userdata);
void settings_on_reset(struct api_call *call, const json_t *in, void *userdata);
void settings_on_factory_reset(struct api_call *call, const json_t *in, void *userdata);

/* A part of a step: the modem is told what to use. A refusal ends the operation. */
void settings_set_selection(struct operation *operation,
			    const struct qk_nas_set_system_selection_preference_request *request);
/* A step: the modes and bands in use. */
void settings_read(struct operation *operation);
