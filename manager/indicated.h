/*
 * Indicated: a question whose answer says only that it was taken; what was asked for comes in an indication, as with
 * PDC and LOC.
 *
 * Owns: nothing. Does not know: what is asked.
 * Lifetime: kinds are const; a question's is that of its operation. Called from: carrier.c, location*.c.
 */
#pragma once

#include "operation.h"

struct indicated {
	uint8_t service;
	/* Whether the operation fails when the question is refused, or no indication comes. */
	enum operation_need need;
	const struct qk_method *method;
	const struct qk_message *indication;
	/* Whether it is the one that was waited for. */
	operation_news_fn take;
	/* It was refused, which is no failure then; NULL: it is as `need` says. */
	void (*refused)(struct operation *operation, uint16_t error);
};

/* Another may be asked from inside `take` and `refused`. */
void indicated_ask(struct operation *operation, const struct indicated *kind, const void *request);
