/*
 * qmuxd link: what a program says as QMUX frames, said in messages of qmuxd, and the other way round.
 *
 * Owns: which client ids qmuxd has given to this connection, what was asked of it, and the CTL answers that
 * are made here. Does not know: sockets, time.
 * Lifetime: zeroed, `layout`, `connection` and `buffer` set, then used; it allocates nothing.
 * Called from: qmuxd.c, tests.
 *
 * qmuxd hands out client ids by messages of its own, so CTL Allocate CID and Release CID become those. CTL
 * Sync would take the ids of every program: it is answered here, and takes those of this connection. What
 * else CTL asks goes to the modem as it is; on modems where qmuxd refuses that (seen on MDM9207: system
 * error -5) the answer is the QMI error Not Supported.
 */
#pragma once

#include <qmikit/qmuxd.h>

#define QK_QMUXD_LINK_IDS 256u
#define QK_QMUXD_LINK_ASKED 64u
#define QK_QMUXD_LINK_ANSWERS 16u

/* A request that qmuxd itself may answer or refuse. */
struct qk_qmuxd_asked {
	uint32_t number; /* the transaction in qmuxd's header; 0: nothing was asked */
	uint8_t service, client;
	uint16_t transaction, message;
	uint8_t of_service, of_client; /* of Allocate and Release: whose id it is about */
};

struct qk_qmuxd_link {
	enum qk_qmuxd_layout layout;
	uint32_t program; /* qmuxd's number for us */
	uint32_t connection;
	uint32_t buffer; /* bytes behind the header of Allocate and Release */
	uint32_t number; /* of the last message */
	struct qk_qmuxd_asked asked[QK_QMUXD_LINK_ASKED]; /* by `number` */
	struct {
		uint8_t service, client;
	} ids[QK_QMUXD_LINK_IDS];
	unsigned int id_count;
	struct {
		uint8_t transaction;
		uint16_t message, error;
	} answers[QK_QMUXD_LINK_ANSWERS]; /* made here, not yet taken */
	unsigned int answer_count;
};

/* Appends what `frame` becomes to `w`: one message, several, or none. 0, -EBADMSG: it is no whole frame,
 * -EAGAIN: take the answers first; or the writer's error. */
QK_MUST_CHECK int qk_qmuxd_link_say(struct qk_qmuxd_link *link, struct qk_span frame,
				    struct qk_writer *w);

/* Appends the frame that a message becomes to `w`. 1; 0: it becomes none; or the writer's error. */
QK_MUST_CHECK int qk_qmuxd_link_hear(struct qk_qmuxd_link *link,
				     const struct qk_qmuxd_message *message, struct qk_writer *w);

/* Appends the next answer that was made here. 1; 0: there is none; or the writer's error. */
QK_MUST_CHECK int qk_qmuxd_link_answer(struct qk_qmuxd_link *link, struct qk_writer *w);
