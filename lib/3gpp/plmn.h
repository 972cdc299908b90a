/*
 * PLMN: the number of a mobile network, as 3 bytes of digits and in lists of SIM files.
 *
 * Owns: nothing; reads borrowed bytes, writes into the caller's buffer.
 * Does not know: names of networks, QMI, which file a list is from.
 * Lifetime: pure functions.
 * Called from: whoever reads or writes SIM files or network identities.
 * Sources: 3GPP TS 24.008 10.5.1.3 (digits), TS 31.102 4.2.5 (access technologies), TS 23.003 (numbers).
 */
#pragma once

#include <qmikit/wire.h>

struct qk_plmn {
	uint16_t mcc, mnc;
	uint8_t mnc_digits; /* 2 or 3 */
};

/* The bytes of a PLMN, of one with access technologies, and the latter's bits that are in use. */
#define QK_PLMN_SIZE 3
#define QK_PLMN_ACT_SIZE 5
enum {
	QK_PLMN_ACT_GSM_COMPACT = 0x0040,
	QK_PLMN_ACT_GSM = 0x0080,
	QK_PLMN_ACT_NGRAN = 0x0800,
	QK_PLMN_ACT_EUTRAN = 0x4000,
	QK_PLMN_ACT_UTRAN = 0x8000,
};

/* -EBADMSG when a digit is none, as in an entry that is not in use (ff ff ff). */
QK_PUBLIC QK_MUST_CHECK int qk_plmn_read(const uint8_t bytes[QK_PLMN_SIZE], struct qk_plmn *ret);
/* Of the number of digits counts only whether it is 3. */
QK_PUBLIC void qk_plmn_write(const struct qk_plmn *plmn, uint8_t ret[QK_PLMN_SIZE]);

/* The entries of a list in use, at most `max`; `acts` (the access technologies of each) is NULL for a list
 * without them. How many there are. */
QK_PUBLIC size_t qk_plmn_list_read(struct qk_span file, struct qk_plmn *ret, uint16_t *acts,
				   size_t max);

/* The same network. */
QK_PUBLIC bool qk_plmn_equal(const struct qk_plmn *a, const struct qk_plmn *b);

/* "00101": MCC and MNC as digits. */
QK_PUBLIC void qk_plmn_text(const struct qk_plmn *plmn, char ret[7]);
