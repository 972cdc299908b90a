/*
 * Entry: what one packet of a recording says: who, where, which way, and the QMI message in it,
 * whatever carried it.
 *
 * Owns: nothing; borrows the bytes of the packet.
 * Does not know: files, what came before, how it is shown.
 * Lifetime: as long as the packet's bytes. Called from: every verb of qmi-trace.
 *
 * The layout of the link header is in link-header.h, what is inside in wire.h and qmuxd.h.
 */
#pragma once

#include <qmikit/codec.h>

#include "link-header.h"

#define ENTRY_VENDORS_MAX 8

/* Whose messages to expect beside everyone's: USB vendor ids. */
struct entry_vendors {
	uint16_t ids[ENTRY_VENDORS_MAX];
	size_t count;
};

struct entry {
	uint64_t number;    /* in the recording, from 1 */
	uint64_t time_nsec; /* since 1970 */
	uint8_t transport;  /* QK_LINK_* */
	uint16_t service;   /* QK_LINK_SERVICE_UNKNOWN: the record does not tell */
	bool from_modem;
	uint32_t pid, connection, node, port;
	char process[QK_LINK_PROCESS + 1];
	const char *device;
	struct qk_span bytes; /* as they passed */

	bool has_frame; /* `bytes` are one QMI message, which is `frame` */
	struct qk_frame frame;
	size_t tlvs_at;                   /* where its TLVs begin in `bytes` */
	const struct qk_message *message; /* its definition, or NULL */
	char note[96];                    /* what else is known of bytes that are no QMI message */
};

/* Reads a packet of LINKTYPE_USER0; sets all but `number` and `time_nsec`. -EBADMSG: it has no link
 * header of ours. Bytes that are no QMI message are no error. */
QK_MUST_CHECK int entry_read(struct qk_span packet, struct entry *ret);

/* The same without a recording: one message as `transport` carries it, for `service` where the
 * message itself does not tell it. */
void entry_of_bytes(uint8_t transport, uint16_t service, struct qk_span bytes, struct entry *ret);

/* Names the message by the definitions of the first vendor that has its number, if one has. */
void entry_of_vendors(struct entry *entry, const struct entry_vendors *vendors);

/* "qmux", "qrtr", "qmuxd" or "msm-ipc"; NULL for others. */
const char *entry_transport_name(uint8_t transport);

/* The QMI protocol error of a response that failed; 0: it did not, or is no response. */
uint16_t entry_error(const struct entry *entry);
