/*
 * Pairing (see pairing.h).
 */
#include "pairing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(entry) (pairing->no_memory = true)
#include <uthash.h>

/* What a response repeats of its request. Its bytes are compared: it has no padding. */
struct key {
	uint32_t pid, connection, node, port;
	uint16_t message, transaction, service;
	uint8_t client, transport;
};
_Static_assert(sizeof(struct key) == 24, "a key has no padding");

struct waiting {
	struct key key;
	UT_hash_handle hh;
	struct waiting *next; /* of those that were given up */
	uint64_t number, time_nsec;
	size_t tlvs_size, device_size;
	char process[QK_LINK_PROCESS + 1];
	uint8_t data[]; /* the device, ended by 0, then the TLVs */
};

struct pairing {
	struct waiting *waiting;          /* by key, in the order they came */
	struct waiting *lost, **lost_end; /* given up */
	struct waiting *matched;          /* what the last match borrows */
	size_t lost_count;
	bool no_memory;
};

int pairing_new(struct pairing **ret)
{
	struct pairing *pairing = calloc(1, sizeof(*pairing));

	if (!pairing)
		return -ENOMEM;
	pairing->lost_end = &pairing->lost;
	*ret = pairing;
	return 0;
}

struct pairing *pairing_free(struct pairing *pairing)
{
	struct waiting *item, *next;

	if (!pairing)
		return NULL;
	HASH_ITER(hh, pairing->waiting, item, next) {
		HASH_DEL(pairing->waiting, item);
		free(item);
	}
	for (item = pairing->lost; item; item = next) {
		next = item->next;
		free(item);
	}
	free(pairing->matched);
	free(pairing);
	return NULL;
}

static struct key key_of(const struct entry *entry)
{
	return (struct key){
		.pid = entry->pid,
		.connection = entry->connection,
		.node = entry->node,
		.port = entry->port,
		.message = entry->frame.message,
		.transaction = entry->frame.transaction,
		.service = entry->service,
		.client = entry->frame.client,
		.transport = entry->transport,
	};
}

/* Nobody will answer this one any more. Of very many the oldest are forgotten as well. */
static void give_up(struct pairing *pairing, struct waiting *item)
{
	HASH_DEL(pairing->waiting, item);
	item->next = NULL;
	*pairing->lost_end = item;
	pairing->lost_end = &item->next;
	if (++pairing->lost_count <= PAIRING_MAX)
		return;
	struct waiting *oldest = pairing->lost;
	pairing->lost = oldest->next;
	pairing->lost_count--;
	free(oldest);
}

static int add(struct pairing *pairing, const struct entry *entry)
{
	size_t device_size = strlen(entry->device) + 1, tlvs_size = entry->frame.tlvs.size;
	struct key key = key_of(entry);
	struct waiting *item = malloc(sizeof(*item) + device_size + tlvs_size), *before;

	if (!item)
		return -ENOMEM;
	*item = (struct waiting){
		.key = key,
		.number = entry->number,
		.time_nsec = entry->time_nsec,
		.tlvs_size = tlvs_size,
		.device_size = device_size,
	};
	memcpy(item->process, entry->process, sizeof(item->process));
	memcpy(item->data, entry->device, device_size);
	if (tlvs_size)
		memcpy(item->data + device_size, entry->frame.tlvs.data, tlvs_size);
	/* the ids went round: whoever asked before has no answer */
	HASH_FIND(hh, pairing->waiting, &key, sizeof(key), before);
	if (before)
		give_up(pairing, before);
	else if (HASH_COUNT(pairing->waiting) >= PAIRING_MAX)
		give_up(pairing, pairing->waiting);
	pairing->no_memory = false;
	HASH_ADD(hh, pairing->waiting, key, sizeof(key), item);
	if (!pairing->no_memory)
		return 0;
	free(item);
	return -ENOMEM;
}

static struct pairing_request request_of(const struct waiting *item)
{
	return (struct pairing_request){
		.number = item->number,
		.time_nsec = item->time_nsec,
		.pid = item->key.pid,
		.process = item->process,
		.device = (const char *)item->data,
		.service = item->key.service,
		.message = item->key.message,
		.tlvs = { item->data + item->device_size, item->tlvs_size },
	};
}

int pairing_see(struct pairing *pairing, const struct entry *entry, struct pairing_request *ret)
{
	struct waiting *item;

	free(pairing->matched);
	pairing->matched = NULL;
	if (!entry->has_frame || entry->frame.type == QK_INDICATION)
		return 0;
	if (entry->frame.type == QK_REQUEST)
		return add(pairing, entry);
	struct key key = key_of(entry);
	HASH_FIND(hh, pairing->waiting, &key, sizeof(key), item);
	if (!item)
		return 0;
	HASH_DEL(pairing->waiting, item);
	pairing->matched = item;
	*ret = request_of(item);
	return 1;
}

void pairing_unanswered(struct pairing *pairing,
			void (*each)(void *userdata, const struct pairing_request *request),
			void *userdata)
{
	struct waiting *item, *next;

	for (item = pairing->lost; item; item = item->next) {
		struct pairing_request request = request_of(item);
		each(userdata, &request);
	}
	HASH_ITER(hh, pairing->waiting, item, next) {
		struct pairing_request request = request_of(item);
		each(userdata, &request);
	}
}
