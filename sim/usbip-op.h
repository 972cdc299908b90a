/*
 * USB/IP, operations: what is said on a connection before it carries transfers: which devices there
 * are, and "give me this one".
 *
 * Owns: nothing. Does not know: sockets, modems.
 * Lifetime: none. Called from: face-usbip.c, tests.
 *
 * All numbers are big endian. Source: Linux tools/usb/usbip (usbip_network.h, usbip_common.h).
 */
#pragma once

#include "usb-model.h"

#define QK_USBIP_BUSID 32u
#define QK_USBIP_RECORD 312u
#define QK_USBIP_OP_HEADER 8u
/* The longest request: one for a device. */
#define QK_USBIP_REQUEST_MAX (QK_USBIP_OP_HEADER + QK_USBIP_BUSID)

enum qk_usbip_op { QK_USBIP_LIST, QK_USBIP_IMPORT };

/* How a request ended: the status of a reply. */
enum {
	QK_USBIP_OK = 0,
	QK_USBIP_NOT_AVAILABLE = 1,
	QK_USBIP_BUSY = 2,
	QK_USBIP_DEVICE_ERROR = 3,
	QK_USBIP_NO_DEVICE = 4,
};

struct qk_usbip_request {
	enum qk_usbip_op op;
	char busid[QK_USBIP_BUSID]; /* IMPORT: ends with 0 */
};

/* Reads the request at the start of `bytes`. Its size; 0 when more bytes are needed; -EBADMSG: it is
 * none, or of another version. */
QK_MUST_CHECK int qk_usbip_read_request(struct qk_span bytes, struct qk_usbip_request *ret);

/* Writes the head of the reply. */
void qk_usbip_write_reply(struct qk_writer *w, enum qk_usbip_op op, uint32_t status);
/* Writes the record of a device: the `number`th on bus 1, counted from 1. */
void qk_usbip_write_record(struct qk_writer *w, const struct qk_usb_model *model, uint32_t number);
/* Writes what follows a record in a list: the classes of its interfaces. */
void qk_usbip_write_interfaces(struct qk_writer *w, const struct qk_usb_model *model);
