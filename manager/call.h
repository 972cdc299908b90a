/*
 * Call: one voice call: its object on the bus, and what its methods ask of the modem.
 *
 * Owns: the object. Does not know: the other calls, how states come about (voice.c).
 * Lifetime: call_new() to call_free(). Called from: voice.c.
 */
#pragma once

#include <stdint.h>

#include "children.h"
#include "modem.h"

struct call {
	struct child child; /* in the list of the modem's */
	struct modem *modem;
	uint8_t id; /* the modem's; 0: it is not dialled yet */
	enum mm_call_state state;
	enum mm_call_direction direction;
	/* Tones are sent one request after the other: how many were taken, and how many have ended. */
	unsigned int tones_taken, tones_ended;
};

/* -ENOMEM, or what the bus says. */
QK_MUST_CHECK int call_new(struct modem *modem, enum mm_call_direction direction,
			   const char *number, struct call **ret);
/* Off the bus, without a word to the modem. NULL is fine; returns NULL. */
struct call *call_free(struct call *call);
const char *call_path(const struct call *call);

/* Tells it, where it is another one. */
void call_set_state(struct call *call, enum mm_call_state state, enum mm_call_state_reason reason);

/* How long each of its tones lasts: 100 to 1000 ms in steps of 100; 0: the usual 500. */
void call_set_tones(struct call *call, json_int_t milliseconds);

/* Ends one that the modem knows, as part of an operation. */
void call_hang_up(struct operation *operation, const struct call *call);
