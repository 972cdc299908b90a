/*
 * Trace: what --verbose shows of the frames that pass, on stderr.
 *
 * Owns: nothing. Does not know: sessions. Lifetime: of the options it is given.
 * Called from: the device, through its hooks.
 */
#pragma once

#include <qmikit/device.h>

#include "options.h"

/* Hooks for a device; `options` must outlive it. */
struct qk_device_hooks trace_hooks(const struct options *options);
