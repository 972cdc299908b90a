/*
 * Intent: a connection that was asked for is to be up. Whether now is the time to ask again, and if not, why.
 *
 * Owns: what is remembered of one connection's tries. Does not know: bearers, clocks (time is given), who asked.
 * Lifetime: a struct of its owner, zeroed. Called from: bearer-intent.c.
 *
 * The rule: what drops is asked for again after `first_usec`; each try that fails doubles the wait up to
 * `longest_usec`. A connection that lasted `stable_usec` has a clean slate. A refusal of the operator holds until the
 * card, the network or the request changes, or `refused_usec` have passed. Nothing is asked while a fact forbids it;
 * such a time is no failed try.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "api/api-names.h"

/* Times of 0 in `refused_usec`, and 0 `tries`, are without limit. */
struct intent_bounds {
	bool on; /* whether connections are brought back at all */
	uint64_t first_usec, longest_usec, stable_usec, refused_usec;
	unsigned int tries;   /* in a row */
	uint64_t outage_usec; /* that a connection outlives */
};

/* On; 5 s to 10 min, 60 s, 12 h, no limit of tries; outages of 15 s. */
extern const struct intent_bounds intent_bounds_default;

/* Divides all times, for tests; by 0 is by 1. */
void intent_hurry(struct intent_bounds *bounds, unsigned int by);

struct intent {
	bool wanted, up;
	bool refused;
	uint8_t spread; /* of 255: up to a quarter of the wait more, so that not all modems ask at one time */
	unsigned int failures; /* in a row */
	uint64_t since_usec;   /* it is up */
	uint64_t due_usec;     /* not before; UINT64_MAX: never */
};

/* What has to be so. */
struct intent_facts {
	bool managed;    /* by who asked for it: no business of ours */
	bool card;       /* there, and not locked */
	bool enabled;    /* the modem, and its radio is on */
	bool registered; /* with a network that gives data */
	bool allowed;    /* to use that network: at home, or roaming is allowed */
	bool heard;      /* the network: there is a signal */
};

enum intent_state {
	INTENT_NONE, /* nobody wants it */
	INTENT_UP,
	INTENT_OFF, /* connections are not brought back here */
	INTENT_MANAGED,
	INTENT_NO_CARD,
	INTENT_DISABLED,
	INTENT_NO_NETWORK,
	INTENT_ROAMING,
	INTENT_NO_SIGNAL,
	INTENT_GIVEN_UP,
	INTENT_REFUSED,
	INTENT_WAITING, /* for the next try */
	INTENT_DUE,     /* ask now */
};

/* Somebody asks: what was before is forgotten. */
void intent_want(struct intent *intent);
/* Nobody wants it any more. */
void intent_end(struct intent *intent);
/* It came up. */
void intent_came_up(struct intent *intent, uint64_t now_usec);
/* It fell, or a try failed. `refusal`: of the operator. */
void intent_came_down(struct intent *intent, const struct intent_bounds *bounds, uint64_t now_usec,
		      bool refusal);
/* There is another card, or another network. */
void intent_renew(struct intent *intent);

/* What is to be done; `ret_wait_usec` is when to judge again if no fact changes: UINT64_MAX for never. */
enum intent_state intent_judge(const struct intent *intent, const struct intent_bounds *bounds,
			       const struct intent_facts *facts, uint64_t now_usec,
			       uint64_t *ret_wait_usec);
/* How long a connection may be up yet by the registration of its modem: 0, it is over; UINT64_MAX, there is no limit.
 * A modem that has no network and looks for none keeps it for a while; `since_usec`, at first 0, is since when it has
 * none. One that may make emergency calls alone has lost it. Source: ModemManager 1.20 to 1.24, mm-base-bearer.c. */
uint64_t intent_outage(uint64_t *since_usec, const struct intent_bounds *bounds,
		       enum mm_modem_3gpp_registration_state registration, uint64_t now_usec);
/* The state in words: "there is no card". */
const char *intent_words(enum intent_state state);
