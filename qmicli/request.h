/*
 * Request: the struct a command sends, made from its row and its argument.
 *
 * Owns: what it returns, until request_free(). Does not know: devices, clients.
 * Lifetime: one call.
 * Called from: main, which tries every argument before anything is opened.
 */
#pragma once

#include "failure.h"
#include "options.h"

/* The request of `action` (NULL in `*ret` when its command sends nothing). 0, or the exit code of a
 * failure that names the argument and what would be right. */
__attribute__((warn_unused_result)) int request_new(const struct action *action, void **ret,
						    struct failure *failure);

/* Whether the argument of `action` makes a request that fits into a message. 0, or the exit code of a
 * failure, as of request_new(). */
__attribute__((warn_unused_result)) int request_check(const struct action *action,
						      struct failure *failure);

void request_free(void *request);
