/*
 * SMS PDU: the deliver, submit and status report TPDUs of 3GPP TS 23.040 with the address of the
 * message centre before them, as modems give and take them.
 *
 * Owns: nothing; reads borrowed bytes, writes into the caller's buffer. Decoding allocates nothing: the
 * struct holds it all.
 * Does not know: QMI, AT, who stores or sends messages. The text of user data is sms-text.h.
 * Lifetime: pure functions.
 * Called from: the virtual modem's messages, the AT interpreter, the control socket; the daemon.
 * Sources: 3GPP TS 23.040 9.1.2 (addresses), 9.2.2 (TPDUs), 9.2.3 (fields); 3GPP TS 23.038 4 (coding
 * scheme); 3GPP TS 24.011 8.2.5.2 (the message centre's address); 3GPP TS 27.005 3.1 (one before the other).
 */
#pragma once

#include <qmikit/wire.h>

#include "gsm7.h"

#define QK_SMS_PDU_MAX 176 /* 12 octets of address and a TPDU of 164 */
#define QK_SMS_DATA_MAX 140
#define QK_SMS_SEPTETS_MAX 160
#define QK_SMS_ADDRESS_MAX 48 /* 20 digits, or 11 characters of the default alphabet as UTF-8 */

enum qk_sms_type { QK_SMS_DELIVER, QK_SMS_SUBMIT, QK_SMS_STATUS_REPORT };

enum qk_sms_coding { QK_SMS_GSM7, QK_SMS_8BIT, QK_SMS_UCS2 };

enum qk_sms_validity {
	QK_SMS_VALIDITY_NONE,
	QK_SMS_VALIDITY_ENHANCED, /* 7 octets, as they are */
	QK_SMS_VALIDITY_RELATIVE, /* one octet */
	QK_SMS_VALIDITY_ABSOLUTE, /* a time, in 7 octets as they are */
};

/* "+" and digits, digits (which may be '*', '#', 'a', 'b', 'c'), or text. */
struct qk_sms_address {
	char text[QK_SMS_ADDRESS_MAX];
	uint8_t type; /* its octet: 0x91 international, 0x81 unknown, 0xd0 text */
};

/* Local time of the message centre. */
struct qk_sms_time {
	bool valid;   /* every digit is one, and the date can be one */
	uint8_t year; /* since 2000 */
	uint8_t month, day, hour, minute, second;
	int8_t quarters;   /* of an hour ahead of UTC */
	uint8_t octets[7]; /* as it came */
};

/* What is in the user data header that matters. */
struct qk_sms_header {
	uint8_t octets[QK_SMS_DATA_MAX]; /* with its length */
	uint8_t size;                    /* of octets; 0: none */
	bool has_parts, has_ports;
	uint16_t reference;  /* of the parts */
	uint8_t parts, part; /* how many, and which from 1 */
	uint16_t to_port, from_port;
	struct qk_gsm7_tables tables;
};

struct qk_sms {
	uint32_t type;                 /* enum qk_sms_type */
	struct qk_sms_address smsc;    /* its text may be empty: the card's is meant */
	struct qk_sms_address address; /* who sends it, or gets it */
	bool no_more, loop;     /* deliver, report: no more messages wait; it was forwarded */
	bool reject_duplicates; /* submit */
	bool report; /* deliver: a report is returned; submit: is asked for; report: answers a command */
	bool reply_path;
	uint8_t reference; /* submit, report */
	uint8_t pid, dcs;
	bool has_pid, has_dcs, has_data; /* a report may lack these */
	uint32_t coding;                 /* enum qk_sms_coding, from dcs */
	int8_t message_class;            /* 0 to 3; -1: none */
	uint32_t validity;               /* enum qk_sms_validity */
	uint8_t validity_octets[7];
	struct qk_sms_time sent; /* deliver, report: when the message centre got it */
	struct qk_sms_time done; /* report: when it was delivered or given up */
	uint8_t status;          /* report: 3GPP TS 23.040 9.2.3.15 */
	struct qk_sms_header header;
	uint8_t data[QK_SMS_SEPTETS_MAX]; /* without the header: septets or octets */
	uint8_t data_count;
};

/* Reads a PDU with its message centre. -EBADMSG: it is none, or it ends too early. What is behind its
 * end is no part of it. */
QK_PUBLIC QK_MUST_CHECK int qk_sms_decode(struct qk_span pdu, struct qk_sms *ret);

/* The octets of the message centre's address with the length before them; 0: not even that is there. */
QK_PUBLIC size_t qk_sms_smsc_size(struct qk_span pdu);

/* Writes the PDU. Its bytes; -EINVAL: an address, a header or data that cannot be written; -ENOBUFS. */
QK_PUBLIC QK_MUST_CHECK int qk_sms_encode(const struct qk_sms *sms, uint8_t *buffer, size_t size);

/* Sets a number ("+" and digits, or digits) or, where it is neither, a text of the default alphabet.
 * -EINVAL: it is too long, empty, or has characters that neither has. */
QK_PUBLIC QK_MUST_CHECK int qk_sms_set_address(struct qk_sms_address *address, const char *text);

/* The same for numbers alone. */
QK_PUBLIC QK_MUST_CHECK int qk_sms_set_number(struct qk_sms_address *address, const char *text);

/* Sets the coding scheme with what follows from it. */
QK_PUBLIC void qk_sms_set_dcs(struct qk_sms *sms, uint8_t dcs);

/* A time from seconds since 1970, at a place `quarters` of an hour ahead of UTC. */
QK_PUBLIC struct qk_sms_time qk_sms_time_from(int64_t utc_seconds, int8_t quarters);
/* And back; 0 when it is not valid. */
QK_PUBLIC int64_t qk_sms_time_utc(const struct qk_sms_time *time);
