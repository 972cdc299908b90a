/*
 * Command request: what a command of qmicli makes of its argument.
 *
 * Owns: nothing. Does not know: which command, what the request says.
 * Lifetime: request_free() takes the request.
 * Called from: tests of requests and of what is refused.
 */
#pragma once

#include "qmicli/request.h"

/* The request that "--NAME=ARGUMENT" sends; the caller frees. NULL and a failure else. */
void *request_of(const char *name, const char *argument, struct failure *failure);
