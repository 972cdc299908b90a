/*
 * Bearer: one packet data connection of a modem: its object, its clients of WDS (one for each family of addresses),
 * its data calls.
 *
 * Owns: the object on the bus, the clients, the handles, the link that was made for it. Does not know: how the
 * interface is used.
 * Lifetime: bearer_new() to bearer_free(); its modem's end ends it.
 * Called from: simple.c, and modem.c for the methods that make and remove bearers.
 */
#pragma once

#include "operation.h"
#include "modem.h"

struct bearer;

/* `properties` as CreateBearer takes them; kept. -ENOSPC: as many as there may be. -ENOMEM. */
QK_MUST_CHECK int bearer_new(struct modem *modem, const json_t *properties, struct bearer **ret);
/* Ends its calls without asking the modem. NULL is fine; returns NULL. */
struct bearer *bearer_free(struct bearer *bearer);

/* What reached the network is gone: it is down, without asking the modem. */
void bearer_fall(struct bearer *bearer);

const char *bearer_path(const struct bearer *bearer);
bool bearer_is_connected(const struct bearer *bearer);
/* Whether it is connected, or being connected, by the modem's profile `index`. */
bool bearer_uses_profile(const struct bearer *bearer, int index);
/* Nothing is up and nothing is being done: it may be freed. */
bool bearer_is_idle(const struct bearer *bearer);
/* Somebody asked for it, and nobody against it. */
bool bearer_is_wanted(const struct bearer *bearer);
/* One that was asked to be the same; NULL: there is none. */
struct bearer *bearer_find_like(const struct modem *modem, const json_t *properties);
/* By its path. */
struct bearer *bearer_find(const struct modem *modem, const char *path);

/* What the next daemon needs to take it up; NULL: it is not connected, and nobody wants it to be. */
json_t *bearer_record(const struct bearer *bearer);
/* The bearer of a record whose client ids are still there, under the path it had, or one that is still wanted; NULL:
 * it is of no use. `calls` false: whatever was up is not. */
struct bearer *bearer_resume(struct modem *modem, const json_t *record, bool calls);
/* Whether a resumed one has data calls to ask the modem about. */
bool bearer_has_calls(const struct bearer *bearer);
/* Begins to ask the modem whether it is up; ends connected or not. */
void bearer_verify(struct bearer *bearer);

/* Another broker has the modem: what it does not have of the bearers' calls is over. */
void bearers_claim(struct modem *modem);
/* The modem has forgotten the ids of all: so shall the broker. */
void bearers_drop_ids(struct modem *modem);
/* Those that are up are looked at now. */
void bearers_look(struct modem *modem);

/* Brings it up or down; `fn` is told the end, once. Whoever sent `call` wants it up; who brings it down wants it down. */
void bearer_connect(struct bearer *bearer, const struct api_call *call, operation_done_fn fn,
		    void *userdata);
void bearer_disconnect(struct bearer *bearer, operation_done_fn fn, void *userdata);

/* Nobody wants any bearer of the modem any more; those that are being connected are given up. */
void bearers_give_up(struct modem *modem);
/* Steps: all that are up go down, and what they hold is given back. */
void bearers_stop(struct operation *operation);
void bearers_release(struct operation *operation);
/* The facts changed: what is wanted and down may be tried now. */
void bearers_consider(struct modem *modem);

/* The methods of the interface Modem. */
void bearer_on_list(struct api_call *call, const json_t *in, void *userdata);
void bearer_on_create(struct api_call *call, const json_t *in, void *userdata);
void bearer_on_delete(struct api_call *call, const json_t *in, void *userdata);
