/*
 * Leases: the table by service and id, and the lists by owner.
 */
#include "lease.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { IDS_STEP = 8 };

static void leave_list(struct lease *lease)
{
	struct lease_list *list = lease->list;

	if (!list)
		return;
	*(lease->previous ? &lease->previous->next : &list->first) = lease->next;
	*(lease->next ? &lease->next->previous : &list->last) = lease->previous;
	lease->next = lease->previous = NULL;
	lease->list = NULL;
}

static void join_list(struct lease *lease, struct lease_list *list)
{
	leave_list(lease);
	lease->previous = list->last;
	*(list->last ? &list->last->next : &list->first) = lease;
	list->last = lease;
	lease->list = list;
}

/* Has room for an id. */
static struct lease_ids *make_room(struct lease_ids **ids, uint8_t id)
{
	size_t had = *ids ? (*ids)->count : 0, count = ((size_t)id / IDS_STEP + 1) * IDS_STEP;
	struct lease_ids *grown;

	if (count <= had)
		return *ids;
	grown = realloc(*ids, sizeof(*grown) + count * sizeof(struct lease *));
	if (!grown)
		return NULL;
	for (size_t i = had; i < count; i++)
		grown->at[i] = NULL;
	grown->count = count;
	return *ids = grown;
}

struct lease *lease_add(struct lease_table *table, uint8_t service, uint8_t id)
{
	struct lease_ids *ids = make_room(&table->by_service[service], id);
	struct lease *lease = ids ? calloc(1, sizeof(*lease)) : NULL;

	if (!lease)
		return NULL;
	lease->service = service;
	lease->id = id;
	ids->at[id] = lease;
	table->count++;
	table->changed = true;
	return lease;
}

void lease_remove(struct lease_table *table, struct lease *lease)
{
	leave_list(lease);
	table->by_service[lease->service]->at[lease->id] = NULL;
	table->count--;
	table->changed = true;
	free(lease->name);
	free(lease);
}

void lease_table_done(struct lease_table *table)
{
	for (size_t service = 0; service < 256; service++) {
		struct lease_ids *ids = table->by_service[service];

		for (size_t id = 0; ids && id < ids->count; id++) {
			if (ids->at[id])
				lease_remove(table, ids->at[id]);
		}
		free(ids);
		table->by_service[service] = NULL;
	}
}

int lease_name(struct lease *lease, const char *name)
{
	char *copy = name ? strdup(name) : NULL;

	if (name && !copy)
		return -ENOMEM;
	free(lease->name);
	lease->name = copy;
	return 0;
}

static void enter(struct lease *lease, enum lease_state state, struct peer *owner,
		  uint64_t now_usec)
{
	lease->state = (uint8_t)state;
	lease->owner = owner;
	lease->since_usec = now_usec;
	lease->retry_usec = 0;
}

void lease_hold(struct lease *lease, struct peer *owner, struct lease_list *owners,
		uint64_t now_usec)
{
	enter(lease, LEASE_HELD, owner, now_usec);
	join_list(lease, owners);
}

void lease_orphan(struct lease_table *table, struct lease *lease, uint64_t now_usec)
{
	enter(lease, LEASE_ORPHAN, NULL, now_usec);
	join_list(lease, &table->orphans);
	for (size_t i = 0; i < LEASE_QUESTIONS; i++) {
		if (lease->questions[i].asker == LEASE_ASKED_OWNER)
			lease->questions[i].asker = LEASE_ASKED_GONE;
	}
}

void lease_releasing(struct lease_table *table, struct lease *lease, uint64_t now_usec)
{
	enter(lease, LEASE_RELEASING, NULL, now_usec);
	join_list(lease, &table->releasing);
}

void lease_ask(struct lease *lease, uint16_t transaction, enum lease_asker asker)
{
	lease->questions[lease->next_question] =
		(struct lease_question){ transaction, (uint8_t)asker };
	lease->next_question = (uint8_t)((lease->next_question + 1) % LEASE_QUESTIONS);
}

enum lease_asker lease_answer(struct lease *lease, uint16_t transaction)
{
	/* from the oldest on: where an owner uses the number that the one before used, the modem's
	 * first answer is for that one */
	for (size_t n = 0; n < LEASE_QUESTIONS; n++) {
		struct lease_question *question =
			&lease->questions[(lease->next_question + n) % LEASE_QUESTIONS];
		enum lease_asker asker = (enum lease_asker)question->asker;

		if (asker == LEASE_ASKED_NOBODY || question->transaction != transaction)
			continue;
		question->asker = LEASE_ASKED_NOBODY;
		return asker;
	}
	return LEASE_ASKED_OWNER;
}

bool lease_is_kept(const struct lease_table *table, const struct lease *lease)
{
	if (lease->call == LEASE_CALL_UP)
		return true;
	for (const struct lease *at = table->orphans.first; lease->name && at; at = at->next) {
		if (at->call == LEASE_CALL_UP && at->name && !strcmp(at->name, lease->name))
			return true;
	}
	return false;
}

struct lease *lease_to_give_up(const struct lease_table *table, uint8_t service)
{
	struct lease *oldest = NULL;

	for (struct lease *at = table->orphans.first; at; at = at->next) {
		if (at->call != LEASE_CALL_NONE)
			continue;
		if (at->service == service)
			return at;
		if (!oldest)
			oldest = at;
	}
	return oldest;
}
