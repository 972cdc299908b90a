/*
 * USSD: a session of unstructured supplementary services with the network (TS 22.090), one at a time, by QMI or, where
 * the modem's VOICE service lacks it, by the AT port.
 *
 * Owns: the session: its state, and who waits for the network's words. Does not know: what codes mean, how words
 * travel (ussd-qmi.c, ussd-at.c).
 * Lifetime: the interface's. Called from: card.c, power.c, at.c.
 */
#pragma once

#include <stdbool.h>
#include <jansson.h>
#include <qmikit/device.h>

#include "api/api-names.h"

struct modem;
struct operation;

struct ussd {
	bool by_at;
	bool listening;       /* the AT port was told to tell */
	bool plain;           /* the AT port does not know UCS2 */
	const void *waiting;  /* the request that waits for the network's words; NULL: none does */
	struct qk_slot *news; /* of VOICE */
};

/* The network may think for so long. */
#define USSD_WAIT_USEC UINT64_C(100000000)

void ussd_add(struct modem *modem);
void ussd_end(struct modem *modem);

/* The steps of enabling and disabling: have the network's words told, and no more session. */
void ussd_listen(struct operation *operation);
void ussd_ignore(struct operation *operation);

/* For ussd-qmi.c and ussd-at.c: a request's words are on their way; the network has answered it; its own words. */
void ussd_begin(struct operation *operation);
void ussd_take_reply(struct operation *operation, bool question, json_t *take_text);
void ussd_take_words(struct modem *modem, bool question, json_t *take_text);
/* The session is over, as the network says. */
void ussd_take_end(struct modem *modem);
