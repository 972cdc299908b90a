/*
 * Messaging, inside: what its two files share: the list and what comes (messaging.c), and where the modem keeps
 * messages that are to be read (message-places.c).
 *
 * Owns: the shape of what both work on. Does not know: how a message looks (sms.c).
 * Lifetime: the interface's. Called from: these two.
 */
#pragma once

#include "messaging.h"
#include "modem.h"
#include "sms.h"

/* Where a message is to be read. */
struct message_place {
	struct message_place *prev, *next;
	uint8_t storage;
	uint32_t index;
	bool received; /* now; not listed */
};

struct messaging {
	struct children messages;
	struct message_place *places;
	size_t place_count;
	struct qk_slot *news;
	bool reading;
};

static inline struct sms *messaging_sms(struct child *child)
{
	return (struct sms *)child;
}

/* What the octets say; what cannot be read is logged. */
bool messaging_decode(const struct modem *modem, struct qk_span bytes, struct qk_sms *ret);
/* A message, or a part of one. `at` NULL: the modem does not keep it. */
void messaging_take(struct modem *modem, const struct qk_sms *pdu, const struct message_place *at,
		    uint8_t tag);

void message_places_add(struct modem *modem, uint8_t storage, uint32_t index, bool received);
/* Reads them, one after the other. */
void message_places_read(struct modem *modem);
void message_places_clear(struct messaging *messaging);
