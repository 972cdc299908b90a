/*
 * Transport: where frames travel. A stream or a message pipe with one shape: a character device or
 * pty, a Unix stream socket, or a pair of functions inside the process.
 *
 * Owns: the file descriptor and what was read but is no whole frame yet.
 * Does not know: transactions, clients, deadlines.
 * Lifetime: qk_transport_*_new() to qk_transport_free(), or until a qk_device has taken it.
 * Called from: device, qmi-proxy, the virtual modem's faces.
 */
#pragma once

#include <qmikit/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

struct qk_transport;

/* What a transport is made of, for those made outside the library. All are called by the owner of
 * the transport, never at the same time. `self` is what qk_transport_new() was given. */
struct qk_transport_ops {
	/* Sends one whole frame. 0; -EAGAIN when the same frame must be offered again once
	 * writable, before any other (a part of it may be on its way); else a negative errno that
	 * ends sending. What has arrived can still be received. */
	int (*send)(void *self, struct qk_span frame);
	/* Reads bytes, at most `size`, which is 4096 or more. Their count; 0 at the end (the peer
	 * hung up); -EAGAIN when there are none now; -ENOBUFS when one message was lost (it is
	 * counted); else a negative errno. */
	int (*receive)(void *self, uint8_t *buffer, size_t size);
	/* A descriptor to poll for reading, or -1 when `wait_usec` tells. */
	int (*fd)(void *self);
	/* Time until receive() may have something, in microseconds; 0 now, UINT64_MAX not before
	 * something else happens. May be NULL when fd() tells. */
	uint64_t (*wait_usec)(void *self);
	void (*close)(void *self); /* once; frees self */
};

/* A transport of the caller's own making; takes `self` also on failure (ops->close is called).
 * `name` is for messages ("sim:ec25-eux"). -ENOMEM. */
QK_PUBLIC QK_MUST_CHECK int qk_transport_new(const struct qk_transport_ops *ops, void *take_self,
					     const char *name, struct qk_transport **ret);

/*
 * Opens whatever `address` names: a path ("/dev/cdc-wdm0", "file:///dev/cdc-wdm0") of a character
 * device or a pty, "unix:/path" ("unix:@name"), "qmuxd:/path" or "qrtr://NODE". -EPROTONOSUPPORT: the
 * address begins with a scheme that is none of these; -ENOENT: it is empty; else as the openers below.
 */
QK_PUBLIC QK_MUST_CHECK int qk_transport_open(const char *address, struct qk_transport **ret);

/*
 * Opens a character device (/dev/cdc-wdm0, /dev/wwan0qmi0) or a pty, which is set raw.
 * -ENOENT nothing there, -ENODEV the device behind it is gone, -ENOTTY (not a character device),
 * -EACCES/-EPERM not permitted, -EBUSY another program has it open for itself, or what open(2) says.
 * Exclusive use is an flock(2) of the node: it holds against whoever asks for it as we do, not
 * against programs that just open the node.
 */
QK_PUBLIC QK_MUST_CHECK int qk_transport_open_chardev(const char *path, struct qk_transport **ret);

/* The same with a node that is open already, non-blocking and for both directions; `path` is its name.
 * Taken also on failure. */
QK_PUBLIC QK_MUST_CHECK int qk_transport_take_chardev(int take_fd, const char *path,
						      struct qk_transport **ret);

/* Connects to a Unix stream socket that speaks QMUX; "@name" is an abstract socket. -ENOENT,
 * -ECONNREFUSED (nobody listens), -ENAMETOOLONG, or what connect(2) says. */
QK_PUBLIC QK_MUST_CHECK int qk_transport_connect_unix(const char *path, struct qk_transport **ret);

/*
 * Connects to the qmuxd whose sockets are in the folder `path` (or to the socket itself). Behind the path
 * may stand "?" and, with "&" between them, "layout=32" or "layout=64" (without it, that of the program
 * that listens, and 32 where that may not be looked at), "connection=N" for another channel than 0,
 * "buffer=664" for one of the release of 2012; see qmuxd.h.
 * -ENOENT, -ECONNREFUSED, -ENAMETOOLONG, -EINVAL (of what stands behind the path), or what connect(2)
 * says.
 */
QK_PUBLIC QK_MUST_CHECK int qk_transport_connect_qmuxd(const char *path, struct qk_transport **ret);

/*
 * Opens a node of QRTR, the message bus between the processors of a phone (AF_QIPCRTR). There are no
 * client ids on it, a client is a socket: CTL is answered here, Get Version Info from what the node's
 * services have told, with minor version 0. -EAFNOSUPPORT: this kernel has none, or what socket(2) says.
 * Whether the node is there shows later: receiving ends in -ENOENT when it offers nothing, in -ENODEV when
 * its last service has gone. When one service goes, its clients are revoked: CTL Revoke Client ID.
 */
QK_PUBLIC QK_MUST_CHECK int qk_transport_open_qrtr(uint32_t node, struct qk_transport **ret);

/* A stream descriptor that is open already (an accepted socket, a pty's master); taken also on
 * failure, set non-blocking. */
QK_PUBLIC QK_MUST_CHECK int qk_transport_from_fd(int take_fd, const char *name,
						 struct qk_transport **ret);

/* Closes. NULL is fine. Returns NULL. */
QK_PUBLIC struct qk_transport *qk_transport_free(struct qk_transport *transport);

QK_PUBLIC const char *qk_transport_name(const struct qk_transport *transport);

/* The descriptor to poll, or -1; whether to poll it for writing too; and the wait in microseconds
 * of a transport without one (UINT64_MAX: none). */
QK_PUBLIC int qk_transport_fd(const struct qk_transport *transport);
QK_PUBLIC bool qk_transport_wants_write(const struct qk_transport *transport);
QK_PUBLIC uint64_t qk_transport_wait_usec(const struct qk_transport *transport);

/* Queues one frame and sends what the peer takes now. 0; -ENOBUFS when 64 frames wait already;
 * -EMSGSIZE when the driver takes none that long; else the negative errno that ended it. */
QK_PUBLIC QK_MUST_CHECK int qk_transport_send(struct qk_transport *transport, struct qk_span frame);

/* Sends what waits. 0 (also when some still waits) or a negative errno. */
QK_PUBLIC QK_MUST_CHECK int qk_transport_flush(struct qk_transport *transport);

/* What arrived. `bad_frames` counts how often the stream was lost at something that began as a
 * frame, `skipped_bytes` what was passed over up to the next good one. */
struct qk_transport_stats {
	uint64_t frames, bad_frames, skipped_bytes;
};

/*
 * The next whole frame that has arrived: 1 and `*ret` (with `*ret_bytes`, the frame as it came, may
 * be NULL), valid until the next call; 0 when there is none yet; -EPIPE when the peer hung up
 * (-EPROTO when it did so in the middle of a frame); else a negative errno. Bytes that are no
 * frame are skipped up to the next one that is, and counted.
 */
QK_PUBLIC QK_MUST_CHECK int qk_transport_receive(struct qk_transport *transport,
						 struct qk_frame *ret, struct qk_span *ret_bytes);

/*
 * The two halves of it, for a loop that polls the descriptor and so need not read until there is
 * nothing: reads once (more than 0: something came; 0: nothing; or the error that ended it), then
 * takes frame by frame of what was read (1; 0: no further one is whole).
 */
QK_PUBLIC QK_MUST_CHECK int qk_transport_read(struct qk_transport *transport);
QK_PUBLIC QK_MUST_CHECK int qk_transport_next(struct qk_transport *transport, struct qk_frame *ret,
					      struct qk_span *ret_bytes);

QK_PUBLIC struct qk_transport_stats qk_transport_stats(const struct qk_transport *transport);

#ifdef __cplusplus
}
#endif
