/*
 * SMS text: the user data of messages as UTF-8, and UTF-8 as the user data of one or more.
 *
 * Owns: nothing; works in the caller's structs and buffers.
 * Does not know: how PDUs are written.
 * Lifetime: pure functions.
 * Called from: as sms-pdu.h.
 * Sources: 3GPP TS 23.040 9.2.3.24 (header, parts), 3GPP TS 23.038 (alphabets).
 */
#pragma once

#include "sms-pdu.h"

#define QK_SMS_TEXT_MAX 1024 /* UTF-8 of any one message, with room to spare */
#define QK_SMS_PARTS_MAX 255

/* The text of a message as UTF-8, ended by 0 when `size` is not 0. Returns the bytes that the whole text
 * needs, as snprintf does; -EILSEQ: the data is not text, or broken UCS2. */
QK_PUBLIC QK_MUST_CHECK int qk_sms_text(const struct qk_sms *sms, char *buffer, size_t size);

/* A text on its way into messages. */
struct qk_sms_split {
	struct qk_span text;
	uint32_t
		coding; /* enum qk_sms_coding: the default alphabet where the text fits it, or UCS2 */
	uint16_t reference;  /* of all parts */
	uint8_t parts, next; /* how many in all; how many were taken */
};

/* Looks how a text (UTF-8) goes into messages. `reference` marks the parts if they are more than one; its
 * upper byte is not used. -EINVAL: it is not UTF-8; -EMSGSIZE: it does not fit 255 parts. */
QK_PUBLIC QK_MUST_CHECK int qk_sms_split(const char *text, uint8_t reference,
					 struct qk_sms_split *ret);

/* Puts the next part into `sms`: its coding scheme (of `message_class`, -1 for none), header and data.
 * False: there is none. */
QK_PUBLIC bool qk_sms_take_part(struct qk_sms_split *split, int message_class, struct qk_sms *sms);
