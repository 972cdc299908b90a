/*
 * Leaves: where in the bytes of a TLV the personal fields of its definition are.
 *
 * Owns: nothing. Does not know: what is done with them.
 * Lifetime: one call. Called from: anonymise.c.
 */
#pragma once

#include <qmikit/codec.h>

/* A personal field: its bytes without the length before them. */
struct leaf {
	const struct qk_field *field;
	uint8_t *data;
	size_t size;
};

/* Calls `each` for every personal leaf in `value`, which is laid out as `field`; a struct or a list that
 * is personal as a whole gives all its leaves. Returns 0, what `each` returned when that was not 0, or
 * -EBADMSG when the value is shorter than its definition: some leaves may have been given by then. */
QK_MUST_CHECK int leaves_walk(const struct qk_field *field, uint8_t *value, size_t size,
			      int (*each)(void *userdata, const struct leaf *leaf), void *userdata);
