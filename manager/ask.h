/*
 * Ask: one thing that an operation waits for: an answer, an indication, a line of the AT port, a client, time.
 *
 * Owns: the slot, the call or the timer of what is waited for. Does not know: what an answer means.
 * Lifetime: ask_new() to ask_end() or ask_free(); an operation that ends frees all of its own.
 * Called from: operation.c, operation-at.c.
 */
#pragma once

#include <systemd/sd-event.h>

#include "operation.h"

struct at_call;

/* One question. */
struct ask {
	struct ask *prev, *next;
	struct operation *operation;
	struct qk_slot *slot; /* NULL: the port allocates a client of a service, or by AT */
	struct at_call *at_call;
	operation_at_fn take_at;
	enum operation_need need;
	operation_answer_fn take;
	const void *about;
	const struct qk_method *method; /* to ask again; NULL: it is not */
	struct qk_client *client;
	unsigned int answers;         /* of the operation, when it was asked */
	struct awaited awaited;       /* its message NULL: an answer is */
	struct awaited_at awaited_at; /* its name NULL: the same */
	sd_event_source *timer;
	operation_client_fn take_client;
	void *about_client;
	unsigned int hold; /* 0: it is none */
};

struct operation {
	struct operation *prev, *next;
	struct modem *modem;
	const struct step *steps;
	size_t step_count, at;
	struct ask *asks;
	enum operation_turn turn;
	bool running, beginning, failed;
	bool doomed;          /* about to be cancelled */
	bool paused;          /* about to go on */
	unsigned int answers; /* counted, refusals too */
	bool asks_life;       /* a sign of life is waited for */
	struct failure failure;
	operation_done_fn done;
	void *userdata;
};

/* NULL: no memory, which fails the operation. */
struct ask *ask_new(struct operation *operation, enum operation_need need);
void ask_free(struct ask *ask);
/* An answer came, or none will. Frees it. */
void ask_end(struct ask *ask, int status, const void *response, uint16_t error);
/* Its time is over: a handler of sd-event. */
int ask_on_late(sd_event_source *source, uint64_t usec, void *userdata);

/* Begins steps until one has to wait. */
void operation_go_on(struct operation *operation);
/* What the step is doing, for a sentence. */
const char *operation_doing(const struct operation *operation);
