/*
 * Bearer, inside: what is behind bearer.h, and what its files ask of each other.
 *
 * Owns: nothing by itself. bearer.c owns the bearers, bearer-call.c what a data call holds in the modem, bearer-link.c
 * the link, bearer-connect.c whoever waits for it to be up or down, bearer-watch.c the timer of what passes,
 * bearer-intent.c who asked for it.
 * Does not know: what a connection is used for.
 * Lifetime: that of the bearers. Called from: the files bearer-*.c alone.
 */
#pragma once

#include <qmikit/wds.h>
#include <systemd/sd-bus.h>

#include "bearer.h"
#include "call-end.h"
#include "intent.h"
#include "netdev/link.h"
#include "traffic.h"

enum { BEARER_LEGS = 2 };

/* One data call. */
struct leg {
	struct bearer *bearer;
	enum qk_wds_ip_family family;
	bool wanted, up;
	struct qk_client *client;
	struct qk_slot *news;
	uint32_t handle;
	bool counted; /* the next two are of it, and new */
	struct traffic_counters counters;
};

enum bearer_doing {
	BEARER_NOTHING,
	BEARER_CONNECTING,
	BEARER_DISCONNECTING, /* also what is left of a connection that did not come up */
};

/* Somebody who waits for it to be up or down. */
struct bearer_waiter {
	struct bearer_waiter *prev, *next;
	operation_done_fn fn;
	void *userdata;
};

/* What carries its packets. */
struct bearer_path {
	bool multiplex; /* it shares the modem's link */
	uint8_t mux_id;
	uint32_t size; /* of what the modem packs; the link below must take as much */
	bool made;     /* `name` is a link that is to be deleted */
	bool plain;    /* the modem wants Ethernet frames */
	char name[QK_LINK_NAME_SIZE];
};

struct bearer {
	struct modem *modem;
	struct api_object *object;
	unsigned int number; /* in its path */
	json_t *properties;
	struct leg legs[BEARER_LEGS];
	bool any_family; /* the modem may choose */
	struct bearer_path link;
	bool connected;
	enum bearer_doing doing;
	struct bearer_waiter *ups, *downs;
	struct call_end end;    /* what the modem said last of a call that is not up */
	bool ended;             /* and it did */
	struct failure failure; /* of the try; its name NULL: none */
	/* What passes. */
	struct traffic traffic;
	enum traffic_verdict verdict;
	struct tick watch;
	bool watching;
	/* Who wants it. */
	struct intent intent;
	enum intent_state told; /* of the log */
	uint64_t outage_usec;   /* since when its modem has no network; 0: it has one */
	bool trying;            /* by itself: nobody asked for this try */
	unsigned int waits;     /* of this try, for the name of its interface */
	bool asked;             /* somebody did */
	char asker[64];         /* on the bus; "": nobody, or gone */
	sd_bus_track *track;
	char card[32], network[16]; /* for which it was asked or refused */
};

/* --- bearer.c */

/* A bearer at the path of this number. -ENOSPC, -ENOMEM as bearer_new(). */
QK_MUST_CHECK int bearer_make(struct modem *modem, unsigned int number, const json_t *properties,
			      struct bearer **ret);
void bearer_set(struct bearer *bearer, const struct api_property *property, json_t *take_value);
/* A number of its properties; `other` where it is not there. */
json_int_t bearer_number(const struct bearer *bearer, const char *key, json_int_t other);
/* A text of its properties; NULL: none, or an empty one. */
const char *bearer_text(const struct bearer *bearer, const char *key);
/* The families that `type` (MM_BEARER_IP_FAMILY_*) asks for. false: no modem has them. */
bool bearer_choose_families(struct bearer *bearer, json_int_t type);
/* It is up or down, as everyone may know. */
void bearer_tell(struct bearer *bearer, bool connected);
void bearer_tell_stats(struct bearer *bearer);
/* Why it is not up, or passes nothing; an empty text: all is well. */
void bearer_tell_error(struct bearer *bearer, const char *name, const char *text);
uint64_t bearer_now(const struct bearer *bearer);

/* Whether the modem has it; false: it is being freed, or has been. */
bool bearer_is_there(const struct modem *modem, const struct bearer *bearer);

/* --- bearer-call.c: steps of an operation whose data is the bearer */

void data_call_read_profile(struct operation *op);
void data_call_allocate(struct operation *op);
void data_call_prepare(struct operation *op);
void data_call_start(struct operation *op);
void data_call_read_settings(struct operation *op);
/* The same of one that was up: what is not up now is no failure. */
void data_call_read_again(struct operation *op);
void data_call_ask_status(struct operation *op);
void data_call_stop(struct operation *op, struct bearer *bearer);
void data_call_release(struct bearer *bearer);
/* Takes over a client id that is the leg's already. */
QK_MUST_CHECK int data_call_listen(struct leg *leg);
/* Forgets what the data calls hold, and asks the modem nothing. */
void data_call_drop(struct bearer *bearer);
/* The broker does not have the ids of the calls that it ought to have. Whether all were there. */
bool data_call_claim(struct bearer *bearer);
bool data_call_is_up(const struct bearer *bearer);

/* --- bearer-link.c: steps as above */

/* The network interface of the modem; NULL: it has none, as on a pty. */
const char *bearer_interface(const struct modem *modem);
void link_agree(struct operation *op);
void link_set_up(struct operation *op);
/* Binds the clients to the link, where it is one of several. */
void link_bind(struct operation *op);
/* The format is the same on both sides now; else the operation fails. */
void link_verify(struct operation *op);
/* Deletes what was made. */
void link_end(struct bearer *bearer);
/* Packets that passed the link. false: it cannot be told. */
bool link_count(const struct bearer *bearer, uint64_t *ret_rx, uint64_t *ret_tx);

/* --- bearer-connect.c */

/* Begins to try it, by itself. */
void bearer_try(struct bearer *bearer);
/* Tells those who wait for it to be up that it failed, and those who wait for its end that it is down. */
void bearer_tell_waiting(struct bearer *bearer, const struct failure *failure);
/* Begins to take it down, and who wants it still does. */
void bearer_let_go(struct bearer *bearer);

/* --- bearer-watch.c */

/* In a step: what passed so far. */
void watch_read(struct operation *op, const struct bearer *bearer);
/* Counts what was read before it goes down. */
void watch_last(struct bearer *bearer);
void watch_begin(struct bearer *bearer);
void watch_end(struct bearer *bearer);
/* Looks now, not when it is time. */
void watch_look(struct bearer *bearer);
/* Its settings changed: they are read. */
void watch_settings(struct bearer *bearer);

/* --- bearer-intent.c */

/* Whoever sent the call asks for it. */
void intent_ask(struct bearer *bearer, const struct api_call *call);
/* It came up, or fell, or a try failed. */
void intent_note_up(struct bearer *bearer);
void intent_note_down(struct bearer *bearer);
/* Nobody wants it any more. */
void intent_forget(struct bearer *bearer);
/* Whether the network may be used: roaming is a property of the request. */
bool intent_may_use_network(const struct bearer *bearer);
/* What the next daemon is told, and back. */
json_t *intent_record(const struct bearer *bearer);
void intent_resume(struct bearer *bearer, const json_t *record);
