/*
 * Slots: one pending call or one subscription each, from its making to the one run of its destroy
 * function.
 *
 * A call leaves every list before its callback runs, so the callback may do anything to any slot. A
 * subscription that ends while indications are handed out stays linked, ended, until nobody walks
 * the list any more.
 */
#include <stdlib.h>
#include <utlist.h>

#include "lib/device/internal.h"

struct qk_slot *qk_slot_new(struct qk_client *client, enum slot_kind kind,
			    const struct qk_call_options *options)
{
	struct qk_slot *slot = calloc(1, sizeof(*slot));

	if (!slot)
		return NULL;
	slot->device = client->device;
	slot->client = client;
	slot->kind = kind;
	slot->deadline = UINT64_MAX;
	slot->refs = 1;
	if (options) {
		slot->userdata = options->userdata;
		slot->destroy = options->destroy;
	}
	return slot;
}

static unsigned int bucket_of(uint8_t service, uint8_t client, uint16_t transaction)
{
	return (transaction + client * 7U + service * 31U) % PENDING_BUCKETS;
}

static struct qk_slot **bucket_of_slot(const struct qk_slot *slot)
{
	return &slot->device->pending[bucket_of(slot->client->service, slot->client->id,
						slot->transaction)];
}

struct qk_slot *qk_call_find(const struct qk_device *device, uint8_t service, uint8_t client,
			     uint16_t transaction)
{
	struct qk_slot *slot = device->pending[bucket_of(service, client, transaction)];

	for (; slot; slot = slot->bucket_next)
		if (slot->client->service == service && slot->client->id == client &&
		    slot->transaction == transaction)
			return slot;
	return NULL;
}

/* Most calls have the same timeout, so the right place is at the end or near it. */
static void insert_by_deadline(struct qk_device *device, struct qk_slot *slot)
{
	struct qk_slot *before = device->due ? device->due->due_prev : NULL;

	while (before && before->deadline > slot->deadline)
		before = before == device->due ? NULL : before->due_prev;
	DL_APPEND_ELEM2(device->due, before, slot, due_prev, due_next);
}

void qk_slot_attach(struct qk_slot *slot)
{
	struct qk_device *device = slot->device;
	struct qk_slot **bucket;

	if (slot->kind == SLOT_SUBSCRIPTION) {
		DL_APPEND(device->subscriptions, slot);
		return;
	}
	DL_APPEND(device->calls, slot);
	insert_by_deadline(device, slot);
	if (slot->kind == SLOT_CALL) {
		bucket = bucket_of_slot(slot);
		LL_PREPEND2(*bucket, slot, bucket_next);
	}
}

void qk_slot_hand(struct qk_slot *slot, struct qk_slot **ret)
{
	slot->refs++;
	slot->handed = true;
	qk_device_ref(slot->device);
	*ret = slot;
}

/* Takes a call off every list; their reference of it is the caller's then. */
static void detach(struct qk_slot *slot)
{
	struct qk_device *device = slot->device;
	struct qk_slot **bucket;

	DL_DELETE(device->calls, slot);
	DL_DELETE2(device->due, slot, due_prev, due_next);
	if (slot->kind == SLOT_CALL) {
		bucket = bucket_of_slot(slot);
		LL_DELETE2(*bucket, slot, bucket_next);
	}
	slot->client = NULL;
}

void qk_slot_unref(struct qk_slot *slot)
{
	if (--slot->refs == 0)
		free(slot);
}

void qk_slot_destroy_userdata(struct qk_slot *slot)
{
	qk_destroy_fn destroy = slot->destroy;

	slot->destroy = NULL;
	if (destroy)
		destroy(slot->userdata);
}

static void end_subscription(struct qk_slot *slot)
{
	slot->client = NULL;
	if (slot->device->dispatching == 0)
		DL_DELETE(slot->device->subscriptions, slot);
}

/* Ends a slot without its callback. */
static void cancel(struct qk_slot *slot)
{
	bool linked = false;

	if (slot->kind == SLOT_SUBSCRIPTION) {
		end_subscription(slot);
		linked = slot->device->dispatching > 0;
	} else {
		qk_call_abandon(slot);
		detach(slot);
	}
	if (slot->running == 0) {
		slot->refs++; /* the destroy function may drop the caller's */
		qk_slot_destroy_userdata(slot);
		qk_slot_unref(slot);
	}
	if (!linked)
		qk_slot_unref(slot);
}

static struct qk_slot *first_of(struct qk_slot *list, const struct qk_client *client)
{
	struct qk_slot *slot;

	DL_FOREACH(list, slot) {
		if (slot->client && (!client || slot->client == client))
			return slot;
	}
	return NULL;
}

void qk_slots_cancel(struct qk_device *device, const struct qk_client *client)
{
	struct qk_slot *slot;

	while ((slot = first_of(device->calls, client)))
		cancel(slot);
	while ((slot = first_of(device->subscriptions, client)))
		cancel(slot);
}

void qk_slots_sweep(struct qk_device *device)
{
	struct qk_slot *slot, *next;

	DL_FOREACH_SAFE(device->subscriptions, slot, next) {
		if (slot->client)
			continue;
		DL_DELETE(device->subscriptions, slot);
		qk_slot_unref(slot);
	}
}

void qk_slot_finish(struct qk_slot *slot, int status, const void *decoded,
		    const struct qk_frame *frame)
{
	struct qk_client *client = slot->client;

	detach(slot);
	if (slot->method)
		slot->fn.response(client, status, decoded, slot->userdata);
	else
		slot->fn.frame(client, status, frame, slot->userdata);
	qk_slot_destroy_userdata(slot);
	qk_slot_unref(slot);
}

struct qk_slot *qk_slot_free(struct qk_slot *slot)
{
	struct qk_device *device;

	if (!slot)
		return NULL;
	device = slot->device;
	slot->handed = false;
	if (slot->client)
		cancel(slot);
	qk_slot_unref(slot);
	qk_device_unref(device);
	return NULL;
}
