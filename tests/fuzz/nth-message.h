/*
 * Nth message: every message there is by a number, for targets whose first bytes choose one.
 *
 * Owns: nothing. Does not know: what is done with it. Lifetime: none. Called from: fuzz targets.
 */
#pragma once

#include <qmikit/codec.h>

/* The `index`-th message of all services, those of vendors and of services above 255 too, which no frame
 * reaches by its numbers; requests and responses of a service stand before its indications. NULL: there are
 * fewer. */
const struct qk_message *nth_message(size_t index);
