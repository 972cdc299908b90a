/*
 * GSM 7-bit: the default alphabet of 3GPP TS 23.038, packed into octets, as UTF-8.
 *
 * Owns: nothing; reads borrowed bytes, writes into the caller's buffer.
 * Does not know: SMS headers, SIM files, who sent the text. National tables are not here.
 * Lifetime: pure functions.
 * Called from: whoever shows text of a modem or a SIM.
 * Sources: 3GPP TS 23.038 sections 6.1.2.2.1 (packing), 6.2.1 and 6.2.1.1 (alphabet, extension).
 */
#pragma once

#include <qmikit/wire.h>

/*
 * Text of `packed` as UTF-8 into `buffer`, always ended by 0 when `size` is not 0. A run of zero
 * septets at the end is padding and no text. Returns the bytes the whole text needs (without the
 * final 0), as snprintf does, or -EILSEQ when an escape leads to no character.
 */
QK_PUBLIC QK_MUST_CHECK int qk_gsm7_to_utf8(struct qk_span packed, char *buffer, size_t size);
