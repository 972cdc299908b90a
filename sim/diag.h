/*
 * DIAG: the diagnostic port of Qualcomm's modems. Frames in, answers out: a program that looks for this
 * port learns that it has found it; whatever else it asks is refused, as by a modem that lacks the
 * command.
 *
 * Owns: half a frame. Does not know: USB, ports, time.
 * Lifetime: plain data in the caller's memory; zeroed is fresh.
 * Called from: usb-diag.c, tests.
 *
 * A frame is a message, its CRC-16 (X.25) in little endian, both with 0x7d and 0x7e escaped, and 0x7e
 * behind. Frames that are too long or whose CRC is wrong are dropped without a word.
 * Source: ModemManager's libqcdm (numbers and layouts).
 */
#pragma once

#include <qmikit/wire.h>

struct qk_sim_state;

/* A message with its CRC. Requests have some bytes; what is longer is none. */
#define QK_DIAG_MESSAGE_MAX 1024u
/* The longest answer as a frame: every byte escaped, and the end. */
#define QK_DIAG_FRAME_MAX (2u * QK_DIAG_MESSAGE_MAX + 1u)

struct qk_diag {
	uint8_t message[QK_DIAG_MESSAGE_MAX];
	size_t size;
	bool escaped, too_long;
};

/* Takes an answer, one frame; borrowed. */
typedef void (*qk_diag_answer_fn)(void *userdata, struct qk_span frame);

/* Bytes from the host, in any cut. `state` is read, and armed faults for this port are used. */
void qk_diag_input(struct qk_diag *diag, struct qk_sim_state *state, struct qk_span bytes,
		   qk_diag_answer_fn answer, void *userdata);

/* Writes `message` as a frame. Its size; 0: it is longer than `size`. */
size_t qk_diag_frame(struct qk_span message, uint8_t *frame, size_t size);
