/*
 * qmuxd: the daemon of the modem's own Linux that shares its QMI channel among programs, as one program
 * that is connected to it sees it (include/qmikit/qmuxd.h has the bytes).
 *
 * Owns: a port of the modem, half a message, what was asked and not answered.
 * Does not know: sockets, descriptors, event loops, clocks.
 * Lifetime: qk_sim_qmuxd_attach() to qk_sim_qmuxd_detach(), which releases the client ids that the program
 * got. Called from: the face --qmuxd, tests. One thread.
 *
 * The layout of a program's messages is guessed from its first one, and kept. A program may use its own
 * client ids alone. CTL is not for it to speak, but for what only reads or belongs to its channel: all else
 * gets system error -5, as the qmuxd of an MDM9207 was seen to answer [R]. When the modem boots its Linux
 * does too, so the connection ends.
 */
#pragma once

#include "sim.h"

struct qk_sim_qmuxd;

/* A program is connected and is told its `number`. Bytes and the end go to `sink`. -ENOMEM. */
QK_MUST_CHECK int qk_sim_qmuxd_attach(struct qk_sim *sim, uint32_t number,
				      const struct qk_sim_sink *sink, void *userdata,
				      struct qk_sim_qmuxd **ret);
/* NULL is fine; returns NULL. */
struct qk_sim_qmuxd *qk_sim_qmuxd_detach(struct qk_sim_qmuxd *qmuxd);

/* Bytes from the program, in any cut. -EBADMSG: a length is wrong, and nothing behind it can be found;
 * -ENOMEM. */
QK_MUST_CHECK int qk_sim_qmuxd_input(struct qk_sim_qmuxd *qmuxd, struct qk_span bytes);
