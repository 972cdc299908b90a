/*
 * Decoded: one QMI message as the JSON of `qmi-trace decode`: who, what, the result, and each TLV in
 * the order it came.
 *
 * Owns: nothing. Does not know: recordings, where the bytes came from.
 * Lifetime: none; what it returns is the caller's. Called from: the verb decode, its fuzz target.
 *
 * The keys are in docs/tracing.md, and stay.
 */
#pragma once

#include "decoder.h"

/* A new reference, or NULL when memory is out. `entry` holds a message. */
json_t *decoded_to_json(struct decoder *decoder, const struct entry *entry);
