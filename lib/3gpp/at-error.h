/*
 * AT error: the numbers and the words of +CME ERROR and +CMS ERROR.
 *
 * Owns: nothing. Does not know: what an error means, how a line is written.
 * Lifetime: pure functions.
 * Called from: who speaks AT, on either side.
 * Sources: 3GPP TS 27.007 9.2 (+CME ERROR), TS 27.005 3.2.5 (+CMS ERROR).
 */
#pragma once

#include <qmikit/wire.h>

enum qk_at_error_kind { QK_AT_ERROR_EQUIPMENT, QK_AT_ERROR_MESSAGE };

/* The number of an error that is told in words, as with AT+CMEE=2: letters and digits count, of either case. -1: no
 * such words. */
QK_PUBLIC int qk_at_error_number(enum qk_at_error_kind kind, const char *words);

/* The words of a number; NULL: it has none. Static. */
QK_PUBLIC const char *qk_at_error_words(enum qk_at_error_kind kind, int number);
