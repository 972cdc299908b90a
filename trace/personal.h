/*
 * Personal: the personal values of one record, learnt or replaced in its bytes.
 *
 * Owns: nothing. Does not know: files, pcapng.
 * Lifetime: struct personal is the caller's. Called from: anonymise.c, tests.
 */
#pragma once

#include "pairing.h"
#include "scrub.h"

struct personal {
	struct scrub *scrub; /* borrowed */
	bool replace;        /* else values are learnt, and no byte is changed */
};

/* `entry` is a record whose bytes may be written to; `request` is what it answers, or NULL: it tells
 * which file of the SIM was read. 0 or -ENOMEM. */
QK_MUST_CHECK int personal_see(const struct personal *personal, const struct entry *entry,
			       const struct pairing_request *request);
