/*
 * UTF-8: checking bytes, and UCS-2 text as UTF-8.
 *
 * Owns: nothing; reads borrowed bytes, writes into the caller's buffer.
 * Does not know: locales of the user, where the text came from.
 * Lifetime: pure functions.
 * Called from: whoever shows text of a modem or a SIM.
 * Sources: RFC 3629 (which sequences are valid), RFC 2781 (surrogate pairs).
 */
#pragma once

#include <qmikit/wire.h>

/* Takes one character off the front of `text`. False when it is empty or starts with no valid
 * character; `text` then stays as it is. */
QK_PUBLIC bool qk_utf8_next(struct qk_span *text, uint32_t *ret_character);

/* How many bytes at the start of `text` are valid UTF-8 without a 0. */
QK_PUBLIC size_t qk_utf8_valid(struct qk_span text);

/* Writes `character` as UTF-8 to `ret`; returns how many bytes that took (1 to 4). */
QK_PUBLIC unsigned int qk_utf8_put(uint32_t character, char ret[4]);

/* Text on its way into a buffer that may be too small: `used` counts what it needs. */
struct qk_utf8_sink {
	char *buffer;
	size_t size, used;
};

/* Appends `character`. */
QK_PUBLIC void qk_utf8_append(struct qk_utf8_sink *sink, uint32_t character);

/* Ends the text with 0. Returns the bytes that all of it needs; -EMSGSIZE beyond INT_MAX. */
QK_PUBLIC int qk_utf8_finish(const struct qk_utf8_sink *sink);

/* Little-endian UCS-2 (surrogate pairs are understood) as UTF-8, up to its end or a 0. Returns as
 * qk_gsm7_to_utf8(); -EILSEQ for an odd count of bytes or half a pair. */
QK_PUBLIC QK_MUST_CHECK int qk_ucs2_to_utf8(struct qk_span ucs2, char *buffer, size_t size);
