/*
 * Children: objects of one kind that a modem has, as its messages: a property of the modem lists them, and signals
 * tell when one comes or goes.
 *
 * Owns: the list, and what is in it. Does not know: what the objects are.
 * Lifetime: part of what keeps them; it is empty at first, and after children_clear().
 * Called from: messaging.c, cell-broadcast.c, voice.c.
 */
#pragma once

#include <stddef.h>
#include <jansson.h>

#include "api/object.h"

struct modem;

/* The first member of what is in a list. */
struct child {
	struct child *prev, *next;
	struct api_object *object;
};

struct children_kind {
	const struct api_property *list;
	const struct api_method *added, *deleted; /* signals of the modem */
	void (*free)(struct child *child);
};

/* The newest first, as clients know them. */
struct children {
	const struct children_kind *kind;
	struct child *first;
	size_t count;
};

/* By its path; NULL: there is none. */
struct child *children_find(const struct children *children, const char *path);
/* Of all of them, as an array. */
json_t *children_paths(const struct children *children);

/* Takes it into the list, of which nobody is told yet. */
void children_add(struct children *children, struct child *take_child);
/* Tells of one that was added: it is on the bus, in the list, and there is the signal. `take_more` is an array of what
 * the signal has behind the path; NULL: nothing. */
void children_tell(struct modem *modem, const struct children *children, struct child *child,
		   json_t *take_more);
/* Ends it, and tells. */
void children_remove(struct modem *modem, struct children *children, struct child *child);
void children_clear(struct modem *modem, struct children *children);
