/*
 * Device: one open modem. Client ids, transactions, deadlines, indications.
 *
 * Owns: its transport, the clients made from it and every pending call.
 * Does not know: files and sockets (transport does), D-Bus, what any message means.
 * Lifetime: qk_device_new() to the last unref; clients and slots keep it alive.
 * Called from: any event loop, by one thread. Poll qk_device_fd() for reading for at most
 * qk_device_wait_usec(), then call qk_device_process(); or use the _sync calls, which do just that.
 *
 * Nothing blocks but the _sync calls. A callback runs from qk_device_process() (or from a _sync
 * call), at most once, never from inside the call that started it. It may unref, cancel and call
 * anything here.
 * Sources: libqmi qmi-device.c for the order of opening, oFono for what a late answer may do.
 */
#pragma once

#include <qmikit/codec.h>
#include <qmikit/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

struct qk_device;
struct qk_client;
struct qk_slot;

#define QK_TIMEOUT_DEFAULT ((uint64_t)0) /* 10 s */
#define QK_TIMEOUT_DEFAULT_USEC ((uint64_t)10000000)

/* Time and log, for tests and programs. Every member may be 0. */
struct qk_device_hooks {
	uint64_t (*now_usec)(void *userdata); /* a monotonic clock; default CLOCK_MONOTONIC */
	/* Each frame that passes, after it was read or handed to the transport. */
	void (*trace)(void *userdata, bool sent, const struct qk_frame *frame,
		      struct qk_span bytes);
	/* One line without newline about something odd that was survived. */
	void (*log)(void *userdata, const char *line);
	void *userdata;
};

/* Makes a device on `take_transport` (taken also on failure). -ENOMEM, -ENOTTY when it is nothing
 * that can be polled (/dev/null), or what epoll says. */
QK_PUBLIC QK_MUST_CHECK int qk_device_new(struct qk_transport *take_transport,
					  const struct qk_device_hooks *hooks,
					  struct qk_device **ret);
QK_PUBLIC struct qk_device *qk_device_ref(struct qk_device *device);

/* Drops one reference; clients and slots that the caller has count as well. The last one ends
 * pending calls (their destroy functions run, their callbacks do not) and closes the transport.
 * Client ids that were not released stay allocated in the modem: qk_client_release() them first.
 * Returns NULL. */
QK_PUBLIC struct qk_device *qk_device_unref(struct qk_device *device);

QK_PUBLIC const char *qk_device_name(const struct qk_device *device);
QK_PUBLIC int qk_device_fd(const struct qk_device *device); /* an epoll descriptor */
QK_PUBLIC uint64_t
qk_device_wait_usec(const struct qk_device *device); /* UINT64_MAX: no deadline */

/* Reads, dispatches and times out what is due. 0, or the negative errno that killed the device:
 * -EPIPE (the modem hung up), -EPROTO (in the middle of a frame), or of read(2) or write(2).
 * Every pending call has then got that errno. */
QK_PUBLIC QK_MUST_CHECK int qk_device_process(struct qk_device *device);

/* 0, or what killed it. While the calls that it had are told of their end, it is dead already. */
QK_PUBLIC int qk_device_error(const struct qk_device *device);

/* Has a device that is dead go on by another transport to the same modem, such as a broker that started
 * again: clients and subscriptions stay as they were, and their ids count as allocated. Whether the modem
 * knows them yet is the caller's to find out. `take_transport` is taken also on failure. -EISCONN: it is not
 * dead; -EBUSY: a callback of it runs; -ENOTTY, or what epoll says: it stays dead. */
QK_PUBLIC QK_MUST_CHECK int qk_device_reconnect(struct qk_device *device,
						struct qk_transport *take_transport);

/* poll() for at most `limit_usec` more and process. As qk_device_process(); -EINTR on a signal. */
QK_PUBLIC QK_MUST_CHECK int qk_device_wait(struct qk_device *device, uint64_t limit_usec);

/* One pending call or one subscription. Dropping it cancels: the callback will not run, the destroy
 * function runs (behind the callback, if that is running). A call that has ended ran its destroy
 * function then; its slot is still the caller's to drop. Returns NULL; NULL is fine. */
QK_PUBLIC struct qk_slot *qk_slot_free(struct qk_slot *slot);

typedef void (*qk_destroy_fn)(void *userdata);

/* The end of a call. `status` 0: `response` is the decoded struct (valid during the callback), which
 * may carry a modem's refusal in its result. Else negative and `response` NULL: -ETIMEDOUT no
 * answer in time, -EBADMSG an answer that cannot be read, -ECONNRESET the modem took the client's id back
 * (its service is gone), or why the device died. */
typedef void (*qk_response_fn)(struct qk_client *client, int status, const void *response,
			       void *userdata);
/* The same, undecoded; for raw calls. */
typedef void (*qk_frame_fn)(struct qk_client *client, int status, const struct qk_frame *frame,
			    void *userdata);
/* An indication of the client's service, decoded; `message` tells which. Unknown indications come
 * with `message` and `decoded` NULL. */
typedef void (*qk_indication_fn)(struct qk_client *client, const struct qk_message *message,
				 const void *decoded, const struct qk_frame *frame, void *userdata);

/* What a call is given besides its message. All may be 0. */
struct qk_call_options {
	uint64_t timeout_usec; /* QK_TIMEOUT_DEFAULT, or microseconds */
	void *userdata;
	qk_destroy_fn destroy;     /* for userdata: exactly once, also when the call fails */
	struct qk_slot **ret_slot; /* NULL: the call lives until it ends by itself */
};

/*
 * Sends `request` (NULL: a request without TLVs) and calls `fn` with the response. 0, or: -EINVAL
 * the request cannot be encoded or is none of this service, -EBUSY no transaction id is free,
 * -EAGAIN too much waits to be sent, -EMSGSIZE the driver takes no frame that long, -ENOMEM,
 * -ENODEV the device is dead, -ESHUTDOWN the client was released. On failure `fn` is not called,
 * `destroy` is.
 */
QK_PUBLIC QK_MUST_CHECK int qk_call(struct qk_client *client, const struct qk_method *method,
				    const void *request, const struct qk_call_options *options,
				    qk_response_fn fn);

/* The same with a message by number and TLVs as bytes. */
QK_PUBLIC QK_MUST_CHECK int qk_call_raw(struct qk_client *client, uint16_t message,
					struct qk_span tlvs, const struct qk_call_options *options,
					qk_frame_fn fn);

/* Declares what codegen makes of a message: its descriptor NAME_method and the typed call
 * NAME(client, const struct NAME_request *, options, fn), which is qk_call() with the types checked. */
#define QK_METHOD(name) \
	extern QK_PUBLIC const struct qk_method name##_method; \
	static inline QK_MUST_CHECK int name( \
		struct qk_client *client, const struct name##_request *request, \
		const struct qk_call_options *options, qk_response_fn fn) \
	{ \
		return qk_call(client, &name##_method, request, options, fn); \
	} \
	struct qk_method

/* Waits for the answer. `arena` holds what `response` (may be NULL) points to. 0, or what qk_call()
 * or its callback would have said; -ENOBUFS when `arena` is too small; -EINTR when a signal came
 * (the call is cancelled). Other callbacks run meanwhile; waiting inside one is fine. */
QK_PUBLIC QK_MUST_CHECK int qk_call_sync(struct qk_client *client, const struct qk_method *method,
					 const void *request, uint64_t timeout_usec,
					 struct qk_arena *arena, void *response);

/* The client of the CTL service, id 0; borrowed, there from the start. */
QK_PUBLIC struct qk_client *qk_device_ctl(struct qk_device *device);

/* What to do when opening, in this order. */
struct qk_open_options {
	bool version_info; /* CTL Get Version Info, kept for qk_device_service_version() */
	bool sync;         /* CTL Sync: the modem forgets every client id, those of others too */
	uint16_t
		data_format; /* CTL Set Data Format: 0 none, else 1 + the QoS flag (0 absent, 1 present) */
	uint16_t link_protocol; /* of Set Data Format: 1 802.3, 2 raw IP */
	uint64_t timeout_usec;  /* of each step */
};

/* The end of opening, allocating or releasing. `status` 0 and `error` 0: done. `error`: the QMI
 * protocol error with which the modem refused. `step` names what was being done. */
typedef void (*qk_done_fn)(struct qk_device *device, int status, uint16_t error, const char *step,
			   void *userdata);

/* Opens: asks the modem what `options` says. A modem that never answers ends in -ETIMEDOUT. The
 * `step` of success is "open". */
QK_PUBLIC QK_MUST_CHECK int qk_device_open(struct qk_device *device,
					   const struct qk_open_options *options, qk_done_fn fn,
					   void *userdata);
/* 0; the positive QMI protocol error with which the modem refused; or a negative errno.
 * `*ret_error` (that protocol error, or 0) and `*ret_step` are set in every case; either may be
 * NULL. */
QK_PUBLIC QK_MUST_CHECK int qk_device_open_sync(struct qk_device *device,
						const struct qk_open_options *options,
						uint16_t *ret_error, const char **ret_step);

/* 0 and the version; -ENOENT when the modem did not list the service; -ENODATA when version info was
 * not asked. */
QK_PUBLIC QK_MUST_CHECK int qk_device_service_version(const struct qk_device *device,
						      uint8_t service, uint16_t *ret_major,
						      uint16_t *ret_minor);

typedef void (*qk_client_fn)(struct qk_device *device, int status, uint16_t error,
			     struct qk_client *client, void *userdata);

/* Allocates a client id of `service` in the modem. The callback borrows the client; ref it to keep
 * it. When nobody kept it, or the answer came after its deadline, the id is released again. */
QK_PUBLIC QK_MUST_CHECK int qk_client_allocate(struct qk_device *device, uint8_t service,
					       uint64_t timeout_usec, qk_client_fn fn,
					       void *userdata);
/* The same with a slot to cancel it by; `ret_slot` may be NULL. An id that comes after that is released again. */
QK_PUBLIC QK_MUST_CHECK int qk_client_allocate_slot(struct qk_device *device, uint8_t service,
						    uint64_t timeout_usec, qk_client_fn fn,
						    void *userdata, struct qk_slot **ret_slot);
/* 0 and a client; a positive QMI protocol error when the modem refused; a negative errno. */
QK_PUBLIC QK_MUST_CHECK int qk_client_allocate_sync(struct qk_device *device, uint8_t service,
						    uint64_t timeout_usec, struct qk_client **ret);

/* A client on an id that is allocated already (qmicli --client-cid). -EINVAL for 0 and 255. */
QK_PUBLIC QK_MUST_CHECK int qk_client_adopt(struct qk_device *device, uint8_t service, uint8_t id,
					    struct qk_client **ret);

QK_PUBLIC struct qk_client *qk_client_ref(struct qk_client *client);
/* The last unref ends the client's calls and subscriptions; it does not release the id. */
QK_PUBLIC struct qk_client *qk_client_unref(struct qk_client *client);

/* Gives the id back to the modem; the client can make no calls after that. `fn` may be NULL; then
 * a failure is logged. -ESHUTDOWN: released already. */
QK_PUBLIC QK_MUST_CHECK int qk_client_release(struct qk_client *client, uint64_t timeout_usec,
					      qk_done_fn fn, void *userdata);
/* 0, a positive QMI protocol error, or a negative errno. */
QK_PUBLIC QK_MUST_CHECK int qk_client_release_sync(struct qk_client *client, uint64_t timeout_usec);

QK_PUBLIC uint8_t qk_client_service(const struct qk_client *client);
QK_PUBLIC uint8_t qk_client_id(const struct qk_client *client);
QK_PUBLIC struct qk_device *qk_client_device(const struct qk_client *client); /* borrowed */

/* Calls `fn` for each indication to this client or to all of its service, until the slot is
 * dropped. One that cannot be read comes as an unknown one does. -ENOMEM; `destroy` runs then. */
QK_PUBLIC QK_MUST_CHECK int qk_client_subscribe(struct qk_client *client, qk_indication_fn fn,
						void *userdata, qk_destroy_fn destroy,
						struct qk_slot **ret_slot);

/* What went wrong and was survived. */
struct qk_device_stats {
	/* Answers that came when their call had timed out or was cancelled; answers to no question
	 * and requests from the modem; calls that timed out. */
	uint64_t late, unexpected, timeouts;
	struct qk_transport_stats transport;
};
QK_PUBLIC struct qk_device_stats qk_device_stats(const struct qk_device *device);

#ifdef __cplusplus
}
#endif
