/*
 * USB/IP: the messages in which a kernel's virtual host controller (vhci_hcd) hands out its transfers
 * and takes them back, and the table of those that wait.
 *
 * Owns: nothing. Does not know: what a transfer means, sockets, files.
 * Lifetime: everything is in the caller's memory. Called from: usb-device.c, face-usb.c, tests.
 *
 * A message is a header of 48 bytes, big endian but for the 8 bytes of a control transfer's setup;
 * behind it come the bytes of a transfer that goes in its direction. Which errno a status is, is the
 * kernel's matter: it is on this machine. Source: Linux Documentation/usb/usbip_protocol.rst.
 */
#pragma once

#include <qmikit/wire.h>

#define QK_USBIP_HEADER 48u
#define QK_USBIP_SETUP 8u
/* An isochronous packet: offset, length, how many bytes were moved, status. */
#define QK_USBIP_ROW 16u
#define QK_USBIP_PACKETS_MAX 1024u
/* The largest transfer to the device that is taken; drivers of a modem send some KiB at most. */
#define QK_USBIP_TRANSFER_MAX ((size_t)128 * 1024)
/* A network interface keeps 60 transfers waiting, a serial port 5. */
#define QK_USBIP_PENDING_MAX 512u

enum qk_usbip_kind { QK_USBIP_SUBMIT = 1, QK_USBIP_UNLINK = 2 };

/* What the kernel wants. */
struct qk_usbip_command {
	enum qk_usbip_kind kind;
	uint32_t number;               /* of this message; the reply repeats it */
	uint32_t unlink;               /* UNLINK: the number of the submit that is taken back */
	uint8_t address;               /* SUBMIT: of the endpoint; 0x80 is in it for IN */
	uint32_t length;               /* SUBMIT: the size of the kernel's buffer */
	uint8_t setup[QK_USBIP_SETUP]; /* SUBMIT to endpoint 0 */
	uint32_t packets;              /* SUBMIT of an isochronous transfer; else 0 */
	struct qk_span rows;           /* of them, QK_USBIP_ROW bytes each; borrowed */
	struct qk_span data;           /* SUBMIT that goes OUT: its bytes, borrowed */
};

/* Reads one message at the start of `bytes`. Returns its size; 0 when more bytes are needed; -EBADMSG
 * when this is none: the stream cannot be gone on with. */
QK_MUST_CHECK int qk_usbip_read(struct qk_span bytes, struct qk_usbip_command *ret);

/* The header of the answer to a submit; `size` bytes follow it when the transfer goes IN. */
void qk_usbip_write_submit(uint8_t ret[QK_USBIP_HEADER], uint32_t number, int status, size_t size);
/* The same of an isochronous transfer: behind the bytes, if it goes IN, stand its packets' rows. */
void qk_usbip_write_isochronous(uint8_t ret[QK_USBIP_HEADER], uint32_t number, size_t size,
				uint32_t packets);
/* The answer to an unlink: -ECONNRESET it was taken back, 0 it had been answered. */
void qk_usbip_write_unlink(uint8_t ret[QK_USBIP_HEADER], uint32_t number, int status);

/* A transfer that waits. */
struct qk_usbip_pending {
	uint32_t number, length;
	uint8_t address;
};

/* Those that wait, oldest first. Zeroed is empty. */
struct qk_usbip_table {
	struct qk_usbip_pending rows[QK_USBIP_PENDING_MAX];
	size_t count;
};

/* -ENOBUFS when too many wait, -EEXIST when one of this number does. */
QK_MUST_CHECK int qk_usbip_pend(struct qk_usbip_table *table,
				const struct qk_usbip_command *command);
/* Takes out the oldest at an endpoint. False: none waits there. */
bool qk_usbip_take_oldest(struct qk_usbip_table *table, uint8_t address,
			  struct qk_usbip_pending *ret);
/* Takes out the one of this number. False: it does not wait (any more). */
bool qk_usbip_take_number(struct qk_usbip_table *table, uint32_t number);

/* The first free high-speed port, `from` or above, in the text of a vhci_hcd `status` file; -ENOENT. */
QK_MUST_CHECK int qk_usbip_free_port(const char *status, uint32_t from);
/* The number that a high-speed port has at its hub, from 1, by such a text; -ENOENT: it is not in it. */
QK_MUST_CHECK int qk_usbip_hub_port(const char *status, uint32_t port);
/* How many high-speed ports are free in such a text. */
uint32_t qk_usbip_count_free_ports(const char *status);
