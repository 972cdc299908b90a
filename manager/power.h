/*
 * Power: the methods of the interface Modem that turn the modem on and off.
 *
 * Owns: nothing. Does not know: what else is done once it is on.
 * Lifetime: const. Called from: modem.c, which puts the handlers on the bus; simple.c, eps.c, settings.c.
 */
#pragma once

#include <qmikit/dms.h>

#include "api/object.h"
#include "operation.h"

/* Enables (or disables) as Enable() does; `fn` is told the end, once. */
void power_enable(struct modem *modem, bool enable, operation_done_fn fn, void *userdata);

/* In a step: has the modem go into a mode. */
void power_set_mode(struct operation *operation, enum qk_dms_operating_mode mode);

void power_on_enable(struct api_call *call, const json_t *in, void *userdata);
void power_on_set_state(struct api_call *call, const json_t *in, void *userdata);
