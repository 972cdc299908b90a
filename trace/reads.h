/*
 * Reads: which requests only read, by the names that the definitions give them.
 *
 * Owns: nothing. Does not know: devices, recordings.
 * Lifetime: none; const tables. Called from: the survey, which asks a modem such requests, and profile,
 * which repeats their recorded answers.
 */
#pragma once

#include <qmikit/codec.h>

/* Whether a request leaves the modem as it was, whatever its values are. */
bool qk_trace_reads(const struct qk_message *request);
