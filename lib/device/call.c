/*
 * Calls: a request gets a transaction id and a deadline, and is sent.
 *
 * Transaction ids count up by service, so that one is not used again soon; an id whose answer may
 * still come is skipped. CTL has only 255, and there that matters: an answer that comes late must
 * not end the next call of the same kind.
 */
#include <errno.h>
#include <stdlib.h>

#include "lib/device/internal.h"

#define SEND_MIN ((size_t)4096)

static struct abandoned *find_abandoned(struct qk_device *device, uint8_t service, uint8_t client,
					uint16_t transaction)
{
	for (unsigned int i = 0; i < ABANDONED_MAX; i++) {
		struct abandoned *a = &device->abandoned[i];

		if (a->used && a->service == service && a->client == client &&
		    a->transaction == transaction)
			return a;
	}
	return NULL;
}

void qk_call_abandon(struct qk_slot *slot)
{
	struct qk_device *device = slot->device;

	if (slot->kind != SLOT_CALL)
		return;
	device->abandoned[device->abandoned_next] = (struct abandoned){
		.used = true,
		.service = slot->client->service,
		.client = slot->client->id,
		.transaction = slot->transaction,
		.message = slot->message,
	};
	device->abandoned_next = (device->abandoned_next + 1) % ABANDONED_MAX;
}

bool qk_call_take_abandoned(struct qk_device *device, const struct qk_frame *frame)
{
	struct abandoned *a =
		find_abandoned(device, frame->service, frame->client, frame->transaction);

	if (!a || a->message != frame->message)
		return false;
	a->used = false;
	return true;
}

static int next_transaction(const struct qk_client *client, uint16_t *ret)
{
	struct qk_device *device = client->device;
	uint16_t last = client->service == QK_SERVICE_CTL ? UINT8_MAX : UINT16_MAX;
	uint16_t id = device->last_transaction[client->service];

	for (unsigned int tries = 0; tries < last; tries++) {
		id = id >= last ? 1 : (uint16_t)(id + 1);
		if (qk_call_find(device, client->service, client->id, id) ||
		    find_abandoned(device, client->service, client->id, id))
			continue;
		device->last_transaction[client->service] = id;
		*ret = id;
		return 0;
	}
	return -EBUSY;
}

/* What is sent: a struct with its descriptor, or TLVs as they are. */
struct outgoing {
	const struct qk_message *by;
	const void *request;
	uint16_t message;
	struct qk_span tlvs;
};

static int grow(struct qk_device *device, size_t size)
{
	uint8_t *buffer = malloc(size);

	if (!buffer)
		return -ENOMEM;
	free(device->send_buffer);
	device->send_buffer = buffer;
	device->send_size = size;
	return 0;
}

static int build_once(struct qk_device *device, const struct qk_frame *frame,
		      const struct outgoing *out)
{
	struct qk_writer w = qk_writer(device->send_buffer, device->send_size);
	size_t mark = qk_frame_begin(&w, frame);

	if (out->request && qk_encode(out->by, out->request, &w) < 0)
		return -EINVAL;

	int size = qk_frame_end(&w, mark);

	return size < 0 ? -EINVAL : size;
}

/* Writes a frame into the send buffer, which few frames need all of. Its bytes, -EINVAL, or -ENOMEM. */
static int build(struct qk_device *device, const struct qk_frame *frame, const struct outgoing *out)
{
	int r = device->send_buffer ? 0 : grow(device, SEND_MIN);

	if (r == 0)
		r = build_once(device, frame, out);
	if (r != -EINVAL || device->send_size == QK_FRAME_MAX)
		return r;
	r = grow(device, QK_FRAME_MAX);
	return r < 0 ? r : build_once(device, frame, out);
}

static int check(const struct qk_client *client)
{
	if (client->device->error || client->device->send_error)
		return -ENODEV;
	return client->released ? -ESHUTDOWN : 0;
}

static uint64_t deadline_of(const struct qk_device *device, const struct qk_call_options *options)
{
	uint64_t now = qk_device_now(device), timeout = options ? options->timeout_usec : 0;

	if (timeout == QK_TIMEOUT_DEFAULT)
		timeout = QK_TIMEOUT_DEFAULT_USEC;
	return timeout > UINT64_MAX - now ? UINT64_MAX : now + timeout;
}

/* Gives the slot its transaction and sends. */
static int send_call(struct qk_slot *slot, const struct outgoing *out)
{
	struct qk_frame frame = {
		.service = slot->client->service,
		.client = slot->client->id,
		.type = QK_REQUEST,
		.message = out->message,
		.tlvs = out->tlvs,
	};
	int r = next_transaction(slot->client, &slot->transaction);

	if (r < 0)
		return r;
	frame.transaction = slot->transaction;
	slot->message = out->message;
	r = build(slot->device, &frame, out);
	return r < 0 ? r : qk_device_send(slot->device, &frame, (size_t)r);
}

static int refuse(const struct qk_call_options *options, int error)
{
	if (options && options->destroy)
		options->destroy(options->userdata);
	return error;
}

/* All kinds of call. `out` NULL: nothing is sent, it is due at once. */
static int start(struct qk_client *client, const struct outgoing *out,
		 const struct qk_call_options *options, const struct qk_method *decode_by,
		 union slot_fn fn)
{
	struct qk_slot *slot;
	int r = check(client);

	if (r < 0)
		return refuse(options, r);
	slot = qk_slot_new(client, out ? SLOT_CALL : SLOT_DEFERRED, options);
	if (!slot)
		return refuse(options, -ENOMEM);
	slot->method = decode_by;
	slot->fn = fn;
	slot->deadline = out ? deadline_of(client->device, options) : 0;
	r = out ? send_call(slot, out) : 0;
	if (r < 0) {
		qk_slot_unref(slot);
		return refuse(options, r);
	}
	qk_slot_attach(slot);
	if (options && options->ret_slot)
		qk_slot_hand(slot, options->ret_slot);
	return 0;
}

static int start_by(struct qk_client *client, const struct qk_method *method, const void *request,
		    const struct qk_call_options *options, const struct qk_method *decode_by,
		    union slot_fn fn)
{
	const struct outgoing out = {
		.by = method->request,
		.request = request,
		.message = method->request->id,
	};

	if (method->request->service != client->service)
		return refuse(options, -EINVAL);
	return start(client, &out, options, decode_by, fn);
}

int qk_call(struct qk_client *client, const struct qk_method *method, const void *request,
	    const struct qk_call_options *options, qk_response_fn fn)
{
	return start_by(client, method, request, options, method,
			(union slot_fn){ .response = fn });
}

int qk_call_by(struct qk_client *client, const struct qk_method *method, const void *request,
	       const struct qk_call_options *options, qk_frame_fn fn)
{
	return start_by(client, method, request, options, NULL, (union slot_fn){ .frame = fn });
}

int qk_call_raw(struct qk_client *client, uint16_t message, struct qk_span tlvs,
		const struct qk_call_options *options, qk_frame_fn fn)
{
	const struct outgoing out = { .message = message, .tlvs = tlvs };

	return start(client, &out, options, NULL, (union slot_fn){ .frame = fn });
}

int qk_call_defer(struct qk_client *client, const struct qk_call_options *options, qk_frame_fn fn)
{
	return start(client, NULL, options, NULL, (union slot_fn){ .frame = fn });
}
