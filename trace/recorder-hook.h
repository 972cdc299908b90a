/*
 * Recorder hook: what the files of hooks share. A hook has the name of a function of the C library,
 * calls that function and tells the recorder what happened.
 *
 * Owns: nothing. Does not know: what is done with it.
 * Lifetime: none. Called from: recorder-hooks-*.c.
 *
 * Those files are compiled without _FILE_OFFSET_BITS and _FORTIFY_SOURCE, which rename or wrap in
 * headers what is defined here under its plain name.
 */
#pragma once

#include "recorder.h"

#define QK_HOOK __attribute__((visibility("default")))
