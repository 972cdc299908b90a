/*
 * Transport, inside: the object behind every way to send frames, and the stream over a descriptor
 * that character devices, ptys and sockets share.
 *
 * Owns: what include/qmikit/transport.h says. Does not know: devices, clients, transactions.
 * Lifetime: that of the transport.
 * Called from: the files of lib/transport alone.
 */
#pragma once

#include <qmikit/transport.h>

struct qk_transport_queued;

struct qk_transport {
	struct qk_transport_ops ops;
	void *self;
	char *name;
	int error;      /* what ended receiving; 0 while it lives */
	int send_error; /* what ended sending */

	/* What was read. [start, end) is not handed out yet; the frame that the last call gave lies
	 * in front of it. */
	uint8_t *in;
	size_t in_size, start, end;
	bool lost;    /* behind a bad frame, before the next good one */
	bool bytes;   /* a read that is not filled has taken all there is */
	bool drained; /* the last one was not */

	struct qk_transport_queued *queue, **queue_tail;
	size_t queued;

	struct qk_transport_stats stats;

	/* Of character devices that pass messages, not bytes (cdc-wdm). */
	size_t frame_limit; /* longest frame the driver takes; 0: no limit */
	bool messages;      /* a read starts where the modem started a message */

	/* Of transports that translate: a read is one whole frame, made here. When the peer takes no
	 * more, their descriptor gets readable once it may. */
	bool framed;
};

enum qk_stream_kind {
	QK_STREAM_SOCKET,
	QK_STREAM_TTY, /* EIO is a hang-up there */
	QK_STREAM_WDM, /* EIO of a write tells about the one before */
	QK_STREAM_OTHER,
};

/* A transport on `take_fd`, which is taken also on failure and must be non-blocking. */
QK_MUST_CHECK int qk_stream_new(int take_fd, enum qk_stream_kind kind, const char *name,
				struct qk_transport **ret);
