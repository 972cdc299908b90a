/*
 * Tally (see tally.h).
 */
#include "tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <qmikit/ctl.h>

#include "decoder.h"

/* Names of processes and devices, each once. */
struct tally_names {
	struct tally_names *next;
	char name[];
};

int tally_new(struct tally **ret)
{
	struct tally *tally = calloc(1, sizeof(*tally));
	int r = tally ? pairing_new(&tally->pairing) : -ENOMEM;

	if (r < 0) {
		free(tally);
		return r;
	}
	*ret = tally;
	return 0;
}

struct tally *tally_free(struct tally *tally)
{
	if (!tally)
		return NULL;
	for (size_t i = 0; i < tally->row_count; i++) {
		free(tally->rows[i].latencies);
		free(tally->rows[i].errors);
	}
	while (tally->names) {
		struct tally_names *next = tally->names->next;
		free(tally->names);
		tally->names = next;
	}
	free(tally->rows);
	free(tally->clients);
	pairing_free(tally->pairing);
	free(tally);
	return NULL;
}

/* Room for one more item of `size` bytes behind `count`. */
static bool grow(void *items, size_t size, size_t count, size_t *room)
{
	void *grown, **at = items;

	if (count < *room)
		return true;
	size_t wanted = *room ? 2 * *room : 16;
	grown = realloc(*at, wanted * size);
	if (!grown)
		return false;
	*at = grown;
	*room = wanted;
	return true;
}

static const char *keep(struct tally *tally, const char *name)
{
	struct tally_names *item;

	for (item = tally->names; item; item = item->next)
		if (strcmp(item->name, name) == 0)
			return item->name;
	item = malloc(sizeof(*item) + strlen(name) + 1);
	if (!item)
		return NULL;
	memcpy(item->name, name, strlen(name) + 1);
	item->next = tally->names;
	tally->names = item;
	return item->name;
}

/* The row of a message; NULL when memory is out. */
static struct tally_row *row_of(struct tally *tally, const char *process, const char *device,
				uint16_t service, uint16_t message, bool indication)
{
	struct tally_row row = { keep(tally, process), keep(tally, device), service, message,
				 indication };

	for (size_t i = 0; i < tally->row_count; i++) {
		struct tally_row *at = &tally->rows[i];
		if (at->process == row.process && at->device == row.device &&
		    at->service == service && at->message == message &&
		    at->indication == indication)
			return at;
	}
	if (!row.process || !row.device ||
	    !grow(&tally->rows, sizeof(row), tally->row_count, &tally->row_room))
		return NULL;
	tally->rows[tally->row_count] = row;
	return &tally->rows[tally->row_count++];
}

static int add_error(struct tally_row *row, uint16_t error)
{
	for (size_t i = 0; i < row->error_count; i++) {
		if (row->errors[i].error == error) {
			row->errors[i].count++;
			return 0;
		}
	}
	struct tally_error *grown =
		realloc(row->errors, (row->error_count + 1) * sizeof(*row->errors));
	if (!grown)
		return -ENOMEM;
	row->errors = grown;
	row->errors[row->error_count++] = (struct tally_error){ error, 1 };
	return 0;
}

static int add_answer(struct tally *tally, const struct entry *entry,
		      const struct pairing_request *request)
{
	struct tally_row *row = row_of(tally, request->process, request->device, request->service,
				       request->message, false);
	uint16_t error = entry_error(entry);

	if (!row ||
	    !grow(&row->latencies, sizeof(*row->latencies), row->latency_count, &row->latency_room))
		return -ENOMEM;
	row->latencies[row->latency_count++] =
		entry->time_nsec > request->time_nsec ? entry->time_nsec - request->time_nsec : 0;
	return error ? add_error(row, error) : 0;
}

/* --- Client ids */

static int add_client(struct tally *tally, const struct entry *entry, uint8_t service,
		      uint8_t client)
{
	const char *process = keep(tally, entry->process), *device = keep(tally, entry->device);

	if (!process || !device ||
	    !grow(&tally->clients, sizeof(*tally->clients), tally->client_count,
		  &tally->client_room))
		return -ENOMEM;
	tally->clients[tally->client_count++] = (struct tally_client){ entry->pid, process,
								       device,     service,
								       client,     entry->number };
	return 0;
}

/* `client` 0: all of the process, as CTL Sync does it. */
static void release(struct tally *tally, const struct entry *entry, uint8_t service, uint8_t client)
{
	for (size_t i = 0; i < tally->client_count; i++) {
		struct tally_client *at = &tally->clients[i];
		if (at->released || at->pid != entry->pid || strcmp(at->device, entry->device) != 0)
			continue;
		if (!client || (at->service == service && at->client == client))
			at->released = true;
	}
}

static int see_ctl(struct tally *tally, const struct entry *entry)
{
	struct decoder decoder = { 0 };
	void *value;
	int r = decoder_run(&decoder, entry->message, entry->frame.tlvs, &value);

	if (r == 0 && entry->frame.message == qk_ctl_allocate_cid_method.response->id) {
		const struct qk_ctl_allocate_cid_response *given = value;
		if (given->has_allocation_info)
			r = add_client(tally, entry, (uint8_t)given->allocation_info.service,
				       given->allocation_info.cid);
	} else if (r == 0 && entry->frame.message == qk_ctl_release_cid_method.response->id) {
		const struct qk_ctl_release_cid_response *taken = value;
		if (taken->has_release_info)
			release(tally, entry, (uint8_t)taken->release_info.service,
				taken->release_info.cid);
	} else if (r == 0 && entry->frame.message == qk_ctl_sync_method.response->id) {
		release(tally, entry, 0, 0);
	}
	decoder_done(&decoder);
	return r == -ENOMEM ? r : 0;
}

int tally_see(struct tally *tally, const struct entry *entry)
{
	struct pairing_request request;

	tally->entries++;
	if (!tally->first_nsec || entry->time_nsec < tally->first_nsec)
		tally->first_nsec = entry->time_nsec;
	if (entry->time_nsec > tally->last_nsec)
		tally->last_nsec = entry->time_nsec;
	if (!entry->has_frame) {
		tally->unreadable += !*entry->note;
		return 0;
	}
	int paired = pairing_see(tally->pairing, entry, &request);
	if (paired < 0)
		return paired;
	if (entry->frame.type == QK_RESPONSE) {
		int r = paired ? add_answer(tally, entry, &request) : 0;
		if (r == 0 && entry->service == QK_SERVICE_CTL && entry->message &&
		    !entry_error(entry))
			r = see_ctl(tally, entry);
		return r;
	}
	struct tally_row *row = row_of(tally, entry->process, entry->device, entry->service,
				       entry->frame.message, entry->frame.type == QK_INDICATION);
	if (!row)
		return -ENOMEM;
	row->count++;
	return 0;
}

static void see_unanswered(void *userdata, const struct pairing_request *request)
{
	struct tally *tally = userdata;
	/* it was counted when it was asked, so its row is there */
	struct tally_row *row = row_of(tally, request->process, request->device, request->service,
				       request->message, false);

	if (row)
		row->unanswered++;
}

static int compare_latencies(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int compare_rows(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;
	int r = strcmp(x->process, y->process);

	r = r ? r : strcmp(x->device, y->device);
	r = r ? r : x->indication - y->indication;
	r = r ? r : x->service - y->service;
	return r ? r : x->message - y->message;
}

void tally_end(struct tally *tally)
{
	pairing_unanswered(tally->pairing, see_unanswered, tally);
	for (size_t i = 0; i < tally->row_count; i++)
		if (tally->rows[i].latency_count)
			qsort(tally->rows[i].latencies, tally->rows[i].latency_count,
			      sizeof(*tally->rows[i].latencies), compare_latencies);
	if (tally->row_count)
		qsort(tally->rows, tally->row_count, sizeof(*tally->rows), compare_rows);
}

uint64_t tally_percentile(const struct tally_row *row, unsigned int percent)
{
	if (!row->latency_count)
		return 0;
	size_t rank = (row->latency_count * percent + 99) / 100;
	return row->latencies[rank ? rank - 1 : 0];
}
