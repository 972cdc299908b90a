/*
 * Modem text: what a string of a modem says, as libqmi would read it.
 *
 * Owns: nothing. Does not know: messages, paths, printing.
 * Lifetime: pure functions.
 * Called from: text-path, text-value, the commands that print descriptions.
 *
 * Modems put UTF-8, packed GSM 7-bit and UCS-2 into the same fields without saying which. libqmi
 * takes the first of the three that fits; so do we, or the same modem would have two names.
 */
#pragma once

#include <qmikit/codec.h>

#include "output.h"

/* Appends the text at `value`, a string or digits, to `out` (NULL: only looks whether it can be
 * read). 0, or -EILSEQ when it is text in none of the encodings. */
__attribute__((warn_unused_result)) int modem_text(const struct qk_field *field, const void *value,
						   struct output *out);

/* Whether every text in `value` of `field` can be read: libqmi ignores a TLV where one can't. */
bool modem_text_readable(const struct qk_field *field, const void *value);

/* The text of a network's description, whose encoding is said beside it. False, and nothing added, when
 * it cannot be read. */
bool modem_text_description(unsigned int encoding, struct qk_span bytes, struct output *out);
