/*
 * Device, inside: the objects behind include/qmikit/device.h and what its files ask of each other.
 *
 * Owns: nothing by itself; device.c owns the device, slot.c the slots, client.c the clients.
 * Does not know: file descriptors, what a message means beyond the few of CTL.
 * Lifetime: a device lives while somebody counts on it (`refs`) or it dispatches; a slot that the
 * caller was handed and a client that the caller has each count. What nobody was handed belongs to
 * the device and ends with it.
 * Called from: the files of lib/device alone.
 */
#pragma once

#include <qmikit/device.h>

#define PENDING_BUCKETS 256
#define ABANDONED_MAX 64

enum slot_kind {
	SLOT_CALL,     /* waits for an answer or its deadline */
	SLOT_DEFERRED, /* runs its callback from the next qk_device_process() */
	SLOT_SUBSCRIPTION,
};

struct qk_client {
	struct qk_device *device; /* counted once the client is the caller's */
	unsigned int refs;
	uint8_t service, id;
	bool released;
};

union slot_fn {
	qk_response_fn response; /* of calls with a method */
	qk_frame_fn frame;       /* of raw and deferred calls */
	qk_indication_fn indication;
};

struct qk_slot {
	struct qk_slot *prev, *next;         /* in device->calls or ->subscriptions, oldest first */
	struct qk_slot *due_prev, *due_next; /* in device->due */
	struct qk_slot *bucket_next;         /* in device->pending[] */

	struct qk_device *device;
	struct qk_client *client; /* NULL: the slot has ended */
	unsigned int refs;        /* of the device's list, of the caller, of who runs it */
	unsigned int running;     /* the callback of a subscription is on the stack */
	enum slot_kind kind;
	bool handed; /* the caller has it, which keeps the device */

	void *userdata;
	qk_destroy_fn destroy; /* NULL once it ran */
	union slot_fn fn;

	const struct qk_method *method; /* of a call whose answer is decoded */
	uint64_t deadline;              /* UINT64_MAX: never */
	uint64_t born;                  /* of a subscription: the indications after this one */
	uint16_t transaction, message;
};

/* A call whose answer nobody waits for any more. */
struct abandoned {
	bool used;
	uint8_t service, client;
	uint16_t transaction, message;
};

/* Memory of one decode; taken out of the device while callbacks look at it. */
struct scratch {
	uint8_t *base;
	size_t size;
};

struct service_version {
	bool known;
	uint16_t major, minor;
};

struct qk_device {
	unsigned int refs;
	unsigned int dispatching; /* qk_device_process() on the stack, how often */
	struct qk_transport *transport;
	struct qk_device_hooks hooks;
	int epoll_fd;
	int error;      /* why it is dead, or 0 */
	int send_error; /* why sending failed; the device dies in the next process */
	bool more;      /* frames may be left from the last process */
	bool polls_write;
	struct qk_client ctl;

	struct qk_slot *calls; /* in the order they were made */
	struct qk_slot *due;   /* the same, by deadline */
	struct qk_slot *subscriptions;
	struct qk_slot *pending[PENDING_BUCKETS];
	uint16_t last_transaction[256]; /* by service */
	struct abandoned abandoned[ABANDONED_MAX];
	unsigned int abandoned_next;
	uint64_t indications; /* seen so far */

	bool versions_known;
	struct service_version versions[256];

	struct qk_device_stats stats;
	struct scratch scratch;
	uint8_t *send_buffer; /* as large as the largest frame so far took */
	size_t send_size;
};

/* device.c */
uint64_t qk_device_now(const struct qk_device *device);
void qk_device_log(const struct qk_device *device, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* "nas", or "service 0x37". Returns `buffer`, or a constant. */
const char *qk_device_service_label(uint8_t service, char buffer[16]);
/* Sends one frame that is in the send buffer. As qk_call() says. */
QK_MUST_CHECK int qk_device_send(struct qk_device *device, const struct qk_frame *frame,
				 size_t size);

/* dispatch.c: one frame that arrived. Runs callbacks; the device may be dead or unwanted after. */
void qk_device_dispatch(struct qk_device *device, const struct qk_frame *frame);

/* slot.c */

/* A slot that belongs to the device's lists. `options` may be NULL. NULL when memory is out;
 * nothing of `options` is done then. */
struct qk_slot *qk_slot_new(struct qk_client *client, enum slot_kind kind,
			    const struct qk_call_options *options);
/* Puts the slot among the device's; one reference goes to the list. */
void qk_slot_attach(struct qk_slot *slot);
/* Gives the caller a reference of its own. */
void qk_slot_hand(struct qk_slot *slot, struct qk_slot **ret);
void qk_slot_unref(struct qk_slot *slot);
/* Runs the destroy function, once. */
void qk_slot_destroy_userdata(struct qk_slot *slot);
/* Ends every slot of `client`, or of the device when NULL. */
void qk_slots_cancel(struct qk_device *device, const struct qk_client *client);
/* Drops subscriptions that ended while indications were handed out. */
void qk_slots_sweep(struct qk_device *device);
/* Ends a call: its callback runs, then its destroy function. `decoded` for calls with a method,
 * `frame` for the others. */
void qk_slot_finish(struct qk_slot *slot, int status, const void *decoded,
		    const struct qk_frame *frame);

/* call.c */
struct qk_slot *qk_call_find(const struct qk_device *device, uint8_t service, uint8_t client,
			     uint16_t transaction);
/* Remembers a call that ends without its answer. */
void qk_call_abandon(struct qk_slot *slot);
/* Whether `frame` answers such a call, which is then forgotten. */
bool qk_call_take_abandoned(struct qk_device *device, const struct qk_frame *frame);
/* qk_call() whose answer comes undecoded. */
QK_MUST_CHECK int qk_call_by(struct qk_client *client, const struct qk_method *method,
			     const void *request, const struct qk_call_options *options,
			     qk_frame_fn fn);
/* Runs `fn` with status 0 and no frame from the next qk_device_process(). */
QK_MUST_CHECK int qk_call_defer(struct qk_client *client, const struct qk_call_options *options,
				qk_frame_fn fn);

/* client.c: the public call with a slot to cancel it by; `ret_slot` may be NULL. */
QK_MUST_CHECK int qk_client_release_slot(struct qk_client *client, uint64_t timeout_usec,
					 qk_done_fn fn, void *userdata, struct qk_slot **ret_slot);
/* Gives an id back that no client stands for, and only logs when that fails. */
void qk_device_release_id(struct qk_device *device, uint8_t service, uint8_t id);

/* open.c: `*slot` is always the step that runs, the caller's to drop. */
QK_MUST_CHECK int qk_device_open_slot(struct qk_device *device,
				      const struct qk_open_options *options, qk_done_fn fn,
				      void *userdata, struct qk_slot **slot);

/* The protocol error of an answer: 0 for success, -EBADMSG without a result. */
QK_MUST_CHECK int qk_response_error(const void *response, uint16_t *ret_error);
