/*
 * Simple: the interface Modem.Simple: everything up to a connected bearer in one call.
 *
 * Owns: the interface of the modem's object. Does not know: QMI.
 * Lifetime: that of the modem's object. Called from: initialize.c.
 */
#pragma once

struct modem;

void simple_add(struct modem *modem);
