/*
 * Lease: who has a client id of one modem. An id is held by one peer, or an orphan that waits to be
 * adopted or released, or on its way back to the modem; never two of these.
 *
 * Owns: the leases of one modem.
 * Does not know: frames, descriptors, time (it is told), what a service is.
 * Lifetime: lease_add() to lease_remove(); lease_table_done() ends what is left.
 * Called from: the broker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer;

enum lease_state {
	LEASE_HELD,
	LEASE_ORPHAN,
	LEASE_RELEASING, /* the modem has been asked to take it back */
};

/* What is known of a data call on the id; WDS alone has one. */
enum lease_call {
	LEASE_CALL_NONE,
	LEASE_CALL_UNSURE, /* to be asked before the id is released */
	LEASE_CALL_UP,
};

/* Who waits for an answer. */
enum lease_asker { LEASE_ASKED_NOBODY, LEASE_ASKED_OWNER, LEASE_ASKED_GONE, LEASE_ASKED_BROKER };

enum { LEASE_QUESTIONS = 8, LEASE_NAME_MAX = 64 };

struct lease_question {
	uint16_t transaction;
	uint8_t asker; /* enum lease_asker */
};

struct lease {
	struct lease *next, *previous; /* in the list that it is in */
	struct lease_list *list;       /* of its owner, or of the table, oldest first; or NULL */
	struct peer *owner;            /* of LEASE_HELD */
	char *name;                    /* under which it can be taken up again; or NULL */
	uint64_t since_usec;           /* when it got into its state */
	uint64_t retry_usec;           /* of an orphan: not to be touched by the broker before */
	uint64_t last_usec;            /* when a frame passed; 0: none did */
	uint16_t last_message;
	uint8_t service, id;
	uint8_t state; /* enum lease_state */
	uint8_t call;  /* enum lease_call */
	bool unproven; /* nobody saw the modem give it */
	uint8_t next_question;
	struct lease_question questions[LEASE_QUESTIONS];
};

struct lease_list {
	struct lease *first, *last;
};

/* By id; one that has none is NULL. A modem gives low ones. */
struct lease_ids {
	size_t count;
	struct lease *at[];
};

struct lease_table {
	struct lease_ids *by_service[256];    /* NULL: there are none */
	struct lease_list orphans, releasing; /* oldest first */
	size_t count;
	bool changed; /* which ids there are, or the call of one: not yet written by the store */
};

/* The lease of an id, or NULL. */
static inline struct lease *lease_find(const struct lease_table *table, uint8_t service, uint8_t id)
{
	const struct lease_ids *ids = table->by_service[service];

	return ids && id < ids->count ? ids->at[id] : NULL;
}

/* A lease of an id that has none, in no list; NULL when memory is out. */
struct lease *lease_add(struct lease_table *table, uint8_t service, uint8_t id);
void lease_remove(struct lease_table *table, struct lease *lease);
void lease_table_done(struct lease_table *table);

/* The same lease in another state. `name` is copied; NULL leaves none. -ENOMEM: nothing changed. */
int lease_name(struct lease *lease, const char *name);
void lease_hold(struct lease *lease, struct peer *owner, struct lease_list *owners,
		uint64_t now_usec);
/* Answers to what the last owner asked go to nobody from now on. */
void lease_orphan(struct lease_table *table, struct lease *lease, uint64_t now_usec);
void lease_releasing(struct lease_table *table, struct lease *lease, uint64_t now_usec);

/* Notes that `asker` sent a request; the oldest is forgotten where too many wait. */
void lease_ask(struct lease *lease, uint16_t transaction, enum lease_asker asker);
/* Who gets the answer. What was not noted, or is forgotten, is the owner's. */
enum lease_asker lease_answer(struct lease *lease, uint16_t transaction);

/* Whether the broker leaves an orphan where it is: it has a call up, or its name has. */
bool lease_is_kept(const struct lease_table *table, const struct lease *lease);

/* The orphan to give up when the modem has no ids left: the oldest one of `service`, else the oldest
 * of all, without those that have or may have a call. NULL: none. */
struct lease *lease_to_give_up(const struct lease_table *table, uint8_t service);
