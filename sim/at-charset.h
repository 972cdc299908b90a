/*
 * AT charset: text between the host's character set (AT+CSCS) and UTF-8.
 *
 * Owns: nothing; writes into the caller's buffer. Does not know: ports, what the text is.
 * Lifetime: pure functions. Called from: the tables of commands with text in them.
 * Sources: 3GPP TS 27.007 5.5 (sets), 3GPP TS 23.038 6.2.1 (the default alphabet).
 */
#pragma once

#include <qmikit/wire.h>

/* The values of QK_AT_SET_CSCS. */
enum qk_at_charset {
	QK_AT_CHARSET_GSM,  /* the default alphabet, one character an octet */
	QK_AT_CHARSET_IRA,  /* ASCII */
	QK_AT_CHARSET_UCS2, /* four hexadecimal digits a character */
};

/* Text from the host as UTF-8 with a NUL. -EINVAL: not of this set, or it does not fit. */
QK_MUST_CHECK int qk_at_charset_read(uint32_t charset, const char *text, size_t size, char *ret,
				     size_t ret_size);

/* UTF-8 for the host, with a NUL behind it; what the set does not have becomes '?'. How many octets,
 * cut to what fits. */
size_t qk_at_charset_write(uint32_t charset, const char *text, char *ret, size_t ret_size);
