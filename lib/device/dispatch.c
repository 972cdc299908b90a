/*
 * Dispatch: where a frame that arrived belongs. An answer to its call, an indication to those who
 * subscribed, anything else into the counts and the log.
 *
 * What a callback gets is decoded into memory that is the callback's until it returns, even if it
 * waits for another answer of the same device meanwhile: the memory is out of the device then, and a
 * dispatch inside it makes its own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include <qmikit/ctl.h>

#include "lib/device/internal.h"

#define SCRATCH_MIN ((size_t)4 << 10)
#define SCRATCH_MAX ((size_t)1 << 20)

static struct scratch scratch_steal(struct qk_device *device)
{
	struct scratch scratch = device->scratch;

	device->scratch = (struct scratch){ 0 };
	return scratch;
}

static void scratch_return(struct qk_device *device, struct scratch *scratch)
{
	free(device->scratch.base);
	device->scratch = *scratch;
}

static int scratch_grow(struct scratch *scratch, size_t size)
{
	if (scratch->size >= size)
		return 0;
	free(scratch->base);
	scratch->size = 0;
	scratch->base = malloc(size);
	if (!scratch->base)
		return -ENOMEM;
	scratch->size = size;
	return 0;
}

/* Copies the TLVs of `frame` into the scratch and, if `message` is set, decodes them there. */
static int decode_once(const struct scratch *scratch, const struct qk_message *message,
		       struct qk_frame *frame, void **ret)
{
	struct qk_arena arena = { .base = scratch->base, .size = scratch->size };
	size_t size = frame->tlvs.size;
	uint8_t *copy = qk_arena_take(&arena, size);
	void *decoded;

	if (!copy)
		return -ENOBUFS;
	if (message) {
		decoded = qk_arena_take(&arena, message->size);
		if (!decoded)
			return -ENOBUFS;

		int r = qk_decode(message, frame->tlvs, &arena, decoded);

		if (r < 0)
			return r;
		*ret = decoded;
	}
	if (size > 0)
		memcpy(copy, frame->tlvs.data, size);
	frame->tlvs.data = copy;
	return 0;
}

/* Puts what a callback gets into the scratch, which grows as needed. A message that does not fit
 * its limit is one that nobody can have meant. */
static int decode(struct scratch *scratch, const struct qk_message *message, struct qk_frame *frame,
		  void **ret)
{
	for (size_t size = SCRATCH_MIN; size <= SCRATCH_MAX; size *= 4) {
		int r = scratch_grow(scratch, size);

		if (r == 0)
			r = decode_once(scratch, message, frame, ret);
		if (r != -ENOBUFS)
			return r;
	}
	return -EBADMSG;
}

static void finish_call(struct qk_device *device, struct qk_slot *slot,
			const struct qk_frame *frame)
{
	struct scratch scratch = scratch_steal(device);
	struct qk_frame copy = *frame;
	void *decoded = NULL;
	int status =
		decode(&scratch, slot->method ? slot->method->response : NULL, &copy, &decoded);

	if (status < 0)
		qk_slot_finish(slot, status, NULL, NULL);
	else
		qk_slot_finish(slot, 0, decoded, &copy);
	scratch_return(device, &scratch);
}

/* An Allocate CID that nobody waits for: the id goes back, or it is lost until the modem restarts. */
static void give_back(struct qk_device *device, const struct qk_frame *frame)
{
	struct qk_ctl_allocate_cid_response answer;
	uint8_t space[256] __attribute__((aligned(16)));
	struct qk_arena arena = { .base = space, .size = sizeof(space) };
	uint16_t error = 0;

	if (qk_decode(qk_ctl_allocate_cid_method.response, frame->tlvs, &arena, &answer) < 0 ||
	    qk_response_error(&answer, &error) < 0 || error || !answer.has_allocation_info)
		return;
	qk_device_release_id(device, answer.allocation_info.service, answer.allocation_info.cid);
}

static void survive(struct qk_device *device, const struct qk_frame *frame, const char *what)
{
	char label[16];

	qk_device_log(device, "%s/%u: %s: message 0x%04x, transaction %u",
		      qk_device_service_label(frame->service, label), frame->client, what,
		      frame->message, frame->transaction);
}

static void dispatch_response(struct qk_device *device, const struct qk_frame *frame)
{
	struct qk_slot *slot =
		qk_call_find(device, frame->service, frame->client, frame->transaction);

	if (slot && slot->message == frame->message) {
		finish_call(device, slot, frame);
		return;
	}
	if (!qk_call_take_abandoned(device, frame)) {
		device->stats.unexpected++;
		survive(device, frame, "an answer to no question");
		return;
	}
	device->stats.late++;
	survive(device, frame, "a late answer");
	if (frame->service == QK_SERVICE_CTL &&
	    frame->message == qk_ctl_allocate_cid_method.request->id)
		give_back(device, frame);
}

static bool wants(const struct qk_slot *slot, const struct qk_frame *frame)
{
	return slot->client && slot->client->service == frame->service &&
	       (frame->client == QK_CLIENT_BROADCAST || frame->client == slot->client->id);
}

static bool has_subscriber(const struct qk_device *device, const struct qk_frame *frame)
{
	const struct qk_slot *slot;

	DL_FOREACH(device->subscriptions, slot) {
		if (wants(slot, frame))
			return true;
	}
	return false;
}

/* Hands an indication to those who had subscribed before it came. */
static void hand_out(struct qk_device *device, const struct qk_message *message,
		     const void *decoded, const struct qk_frame *frame)
{
	uint64_t number = ++device->indications;
	struct qk_slot *slot;

	DL_FOREACH(device->subscriptions, slot) {
		if (slot->born >= number || !wants(slot, frame))
			continue;
		slot->running++;
		slot->fn.indication(slot->client, message, decoded, frame, slot->userdata);
		slot->running--;
		if (!slot->client && slot->running == 0)
			qk_slot_destroy_userdata(slot);
	}
}

static bool is_of(const struct qk_slot *call, const struct qk_ctl_client *client)
{
	return call->client->service == client->service && call->client->id == client->cid;
}

/* Ends what was asked with a client id that is void now: nobody will answer. What a callback asks with it
 * is none of that. */
static void end_calls(struct qk_device *device, const struct qk_ctl_client *client)
{
	struct qk_slot *call;
	size_t count = 0;

	DL_FOREACH(device->calls, call) {
		count += is_of(call, client);
	}
	while (count-- > 0) {
		DL_FOREACH(device->calls, call) {
			if (is_of(call, client))
				break;
		}
		if (!call)
			return;
		qk_slot_finish(call, -ECONNRESET, NULL, NULL);
	}
}

static void take_back(struct qk_device *device, const struct qk_frame *frame)
{
	struct qk_ctl_revoke_client_id_indication indication;
	uint8_t space[256] __attribute__((aligned(16)));
	struct qk_arena arena = { .base = space, .size = sizeof(space) };

	if (qk_decode(&qk_ctl_revoke_client_id_message, frame->tlvs, &arena, &indication) < 0 ||
	    !indication.has_client || indication.client.service == QK_SERVICE_CTL)
		return;
	survive(device, frame, "the modem took a client id back");
	end_calls(device, &indication.client);
}

static void dispatch_indication(struct qk_device *device, const struct qk_frame *frame)
{
	const struct qk_message *message =
		qk_message_by_id(frame->service, QK_INDICATION, frame->message);
	struct qk_frame copy = *frame;
	struct scratch scratch;
	void *decoded = NULL;
	int r;

	if (frame->service == QK_SERVICE_CTL && frame->message == qk_ctl_sync_method.request->id)
		survive(device, frame, "the modem started anew, client ids are void");
	if (frame->service == QK_SERVICE_CTL &&
	    frame->message == qk_ctl_revoke_client_id_message.id)
		take_back(device, frame);
	if (!has_subscriber(device, frame))
		return;
	scratch = scratch_steal(device);
	r = decode(&scratch, message, &copy, &decoded);
	if (r == -EBADMSG && message) {
		survive(device, frame, "an indication that cannot be read");
		message = NULL;
		decoded = NULL;
		r = decode(&scratch, NULL, &copy, &decoded);
	}
	if (r < 0)
		survive(device, frame, "an indication for which there is no memory");
	else
		hand_out(device, message, decoded, &copy);
	scratch_return(device, &scratch);
}

void qk_device_dispatch(struct qk_device *device, const struct qk_frame *frame)
{
	switch (frame->type) {
	case QK_RESPONSE:
		dispatch_response(device, frame);
		break;
	case QK_INDICATION:
		dispatch_indication(device, frame);
		break;
	case QK_REQUEST:
		device->stats.unexpected++;
		survive(device, frame, "a request from the modem");
		break;
	}
}
