/*
 * QMAP: the multiplexing of IP packets on one data channel, version 1. Several packets a transfer, each
 * behind a header of four bytes that names its data call.
 *
 * Owns: nothing; borrows the bytes. Does not know: IP, data calls, USB.
 * Lifetime: objects on the caller's stack. Called from: datapath.c, tests.
 *
 * The header: u8 with bit 7 a command and the low 6 bits the padding behind the packet, u8 mux id, u16
 * big endian the bytes that follow, padding among them. A command is, behind that: u8 name, u8 with its
 * kind in the low 2 bits, u16 nothing, u32 transaction, then what it is about.
 * Sources: Linux Documentation/networking/device_drivers/cellular/qualcomm/rmnet.rst,
 * include/linux/if_rmnet.h, drivers/net/ethernet/qualcomm/rmnet.
 */
#pragma once

#include <qmikit/wire.h>

#define QK_QMAP_HEADER 4u
#define QK_QMAP_COMMAND 8u
#define QK_QMAP_PACKET_MAX (UINT16_MAX - 3u)

enum qk_qmap_kind {
	QK_QMAP_REQUEST,
	QK_QMAP_ACK,
	QK_QMAP_UNSUPPORTED,
	QK_QMAP_INVALID,
};

struct qk_qmap {
	bool command;
	uint8_t mux_id;
	struct qk_span packet; /* without the padding; of a command all of it */
};

/* Takes the next packet off a transfer. False at the clean end, and where what is left holds no whole
 * packet; the latter fails the cursor with -EBADMSG. */
QK_MUST_CHECK bool qk_qmap_next(struct qk_cursor *c, struct qk_qmap *ret);

/* Appends a packet with its header, padded to a multiple of 4 bytes. Nothing is written, and false
 * returned, where it does not fit. */
QK_MUST_CHECK bool qk_qmap_append(struct qk_writer *w, uint8_t mux_id, struct qk_span packet);
/* How many bytes that takes. */
size_t qk_qmap_size(size_t packet);

/* Writes what a modem that knows no command answers to one: the same, of kind "unsupported". The
 * bytes; 0 where no answer is due: it is itself an answer, or too short to be a command. */
size_t qk_qmap_answer(const struct qk_qmap *command, uint8_t *buffer, size_t size);
