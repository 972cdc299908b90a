/*
 * GSM 7-bit: the default alphabet of 3GPP TS 23.038 and its national tables, septets and their packing,
 * to UTF-8 and back.
 *
 * Owns: nothing; reads borrowed bytes, writes into the caller's buffer.
 * Does not know: SMS headers, SIM files, who sent the text.
 * Lifetime: pure functions.
 * Called from: whoever shows text of a modem or a SIM; sms-pdu.c, sms-text.c.
 * Sources: 3GPP TS 23.038 sections 6.1.2.1.1 and 6.1.2.2.1 (packing), 6.2.1 and 6.2.1.1 (alphabet,
 * extension), annex A (national tables).
 */
#pragma once

#include <qmikit/wire.h>

/* The national language identifiers that have tables here; others read as the default. */
enum qk_gsm7_language { QK_GSM7_DEFAULT, QK_GSM7_TURKISH, QK_GSM7_SPANISH, QK_GSM7_PORTUGUESE };

struct qk_gsm7_tables {
	uint8_t locking, single; /* enum qk_gsm7_language */
};

/*
 * Text of `packed` as UTF-8 into `buffer`, always ended by 0 when `size` is not 0. A run of zero
 * septets at the end is padding and no text. Returns the bytes the whole text needs (without the
 * final 0), as snprintf does, or -EILSEQ when an escape leads to no character.
 */
QK_PUBLIC QK_MUST_CHECK int qk_gsm7_to_utf8(struct qk_span packed, char *buffer, size_t size);

/* Takes `count` septets out of `packed`, from the bit `skip` on, one a byte of `ret`. -EBADMSG when
 * there are fewer. */
QK_PUBLIC QK_MUST_CHECK int qk_gsm7_unpack(struct qk_span packed, size_t skip, size_t count,
					   uint8_t *ret);

/* Packs `count` septets behind `skip` zero bits (below 8). The octets; `ret` has room for them:
 * (skip + 7 * count + 7) / 8. */
QK_PUBLIC size_t qk_gsm7_pack(const uint8_t *septets, size_t count, size_t skip, uint8_t *ret);

/*
 * Septets as UTF-8, as a telephone shows them: an escape that leads to no character is shown as the
 * character of the main table (3GPP TS 23.038 6.2.1.1), one at the end or before another as a blank.
 * `tables` NULL is the default. Returns as qk_gsm7_to_utf8(), without -EILSEQ.
 */
QK_PUBLIC QK_MUST_CHECK int qk_gsm7_show(const uint8_t *septets, size_t count,
					 const struct qk_gsm7_tables *tables, char *buffer,
					 size_t size);

/* Takes one character off the front of `text` as one septet or, with the escape, two: how many, in the
 * default tables. 0: the text is at its end, or the alphabet does not have the character. */
QK_PUBLIC unsigned int qk_gsm7_next(struct qk_span *text, uint8_t ret[2]);
