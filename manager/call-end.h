/*
 * Call end: why a data call ended or was refused, in the words of the bus, and whether asking again is of any use.
 *
 * Owns: const tables. Does not know: bearers, who asks again and when.
 * Lifetime: pure functions. Called from: bearer-call.c.
 * Sources: 3GPP TS 24.008 6.1.3.1.3 and 10.5.6.6 (causes of session management), TS 24.301 9.9.3.9 (of mobility) and
 * 9.9.4.4 (of sessions), TS 27.007 9.2.2 for the names; the QMI reasons as protocol/wds.yaml has them.
 */
#pragma once

#include <stdbool.h>
#include <qmikit/wds.h>

#include "operation.h"

/* What the modem says; the first that it has counts: the verbose reason, the plain one, the error of QMI. */
struct call_end {
	bool has_verbose, has_plain;
	struct qk_wds_verbose_call_end_reason verbose;
	uint16_t plain;
	uint16_t error; /* 0: nobody refused, the call ended */
};

/* The name of an error on the bus, and a sentence. */
void call_end_tell(const struct call_end *end, struct failure *ret);

/* The operator or the subscription says no: it will be the same for this card, network and request. */
bool call_end_is_refusal(const struct call_end *end);
