/*
 * Proxy: the client's side of qmi-proxy, the broker that shares a modem. Finds the broker or starts
 * it, says which device is meant and whose the client ids are. Libqmi's own proxy is spoken to in
 * the same way; it has no leases.
 *
 * Owns: nothing; a connection is a transport, a device on it is the caller's.
 * Does not know: how the broker shares, environment variables, configuration.
 * Lifetime: a connection serves one device path; it ends with its transport. The ids it leaves
 * behind stay in the broker, for a while or, under a lease, for the one who gives its name again.
 * Called from: qmicli, qmi-network, the daemon; by one thread.
 *
 * The order is: qk_proxy_connect(), qk_device_new(), qk_proxy_open(), and then as with any device.
 */
#pragma once

#include <qmikit/ctl.h>
#include <qmikit/device.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where a broker listens: libqmi's abstract name, and a path that containers can share. */
#define QK_PROXY_ADDRESS "@qmi-proxy"
#define QK_PROXY_SOCKET "/run/qmi-proxy/socket"

/*
 * Connects to the broker at `address`, a path or "@name"; NULL: at QK_PROXY_ADDRESS, or else at
 * QK_PROXY_SOCKET. 0, or: -ECONNREFUSED none answers, -EPERM the one at an abstract name belongs to
 * another user, who is not root either (anybody may take such a name), -EACCES, -EAGAIN it has
 * too much to do just now, or what connect(2) says.
 */
QK_PUBLIC QK_MUST_CHECK int qk_proxy_connect(const char *address, struct qk_transport **ret);

/* How qk_proxy_connect_sync() goes about it. All may be 0. */
struct qk_proxy_connect_options {
	const char *address; /* as qk_proxy_connect() */
	/* Start a broker where none answers at all: `program`, or NULL for the one that was
	 * installed with the library. Not with an address of one's own. */
	bool start;
	const char *program;
	uint64_t timeout_usec; /* for it to answer; 0: 5 s */
};

/*
 * The same, and waits for a broker that is busy or being started. It runs in a session of its own,
 * without our descriptors, and outlives us. As qk_proxy_connect(), or what execve(2) said of the
 * program (-ENOENT, -EACCES).
 */
QK_PUBLIC QK_MUST_CHECK int qk_proxy_connect_sync(const struct qk_proxy_connect_options *options,
						  struct qk_transport **ret);

/* What a broker answered. */
struct qk_proxy_opened {
	uint32_t features; /* enum qk_ctl_proxy_features; 0: libqmi's proxy, without leases */
	/* Ids that the lease held already, for qk_client_adopt(). */
	const struct qk_ctl_client *resumed;
	size_t resumed_count;
	/* Of a refusal: what was wrong, in a sentence; empty where the broker does not say. */
	struct qk_string refusal;
};

/* The end of opening. `status` and `error` as in qk_done_fn; `opened` NULL unless `status` is 0,
 * valid during the callback. */
typedef void (*qk_proxy_open_fn)(struct qk_device *device, int status, uint16_t error,
				 const struct qk_proxy_opened *opened, void *userdata);

/*
 * Has the broker open `path` for the connection of `device`. `lease`: the name that its client ids
 * shall belong to, or NULL for none; a broker without leases passes over it, which `features` tells.
 * The connection of a broker that cannot or will not open the path ends: -EPIPE then.
 * 0, or what qk_call() says.
 */
QK_PUBLIC QK_MUST_CHECK int qk_proxy_open(struct qk_device *device, const char *path,
					  const char *lease, uint64_t timeout_usec,
					  qk_proxy_open_fn fn, void *userdata);

/* The same, waiting. `arena` holds what `ret` points to; without one there is room for none. 0; a
 * positive QMI protocol error with which the broker refused; a negative errno, -ENOBUFS when the
 * arena is too small. `ret` may be NULL; it is untouched unless the broker answered. */
QK_PUBLIC QK_MUST_CHECK int qk_proxy_open_sync(struct qk_device *device, const char *path,
					       const char *lease, uint64_t timeout_usec,
					       struct qk_arena *arena, struct qk_proxy_opened *ret);

#ifdef __cplusplus
}
#endif
