/*
 * Status: how a network is, for a person or as JSON.
 *
 * Owns: nothing. Does not know: how it came about.
 * Lifetime: of one call. Called from: main.
 */
#pragma once

#include "job.h"

/* Asks the modem and prints. 0: connected; EXIT_NOT_CONNECTED; or another exit code, with the
 * failure set. Changes nothing. */
__attribute__((warn_unused_result)) int status_print(struct job *job);
