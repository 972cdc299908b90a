/*
 * Bearer, inside: what is behind bearer.h, and what its files ask of each other.
 *
 * Owns: nothing by itself; bearer.c owns the bearers, bearer-call.c what a data call holds in the modem.
 * Does not know: who wants a connection.
 * Lifetime: that of the bearers. Called from: bearer.c, bearer-call.c, bearer-connect.c and bearer-resume.c alone.
 */
#pragma once

#include <qmikit/wds.h>

#include "bearer.h"

enum { BEARER_LEGS = 2 };

/* One data call. */
struct leg {
	struct bearer *bearer;
	enum qk_wds_ip_family family;
	bool wanted, up;
	struct qk_client *client;
	struct qk_slot *news;
	uint32_t handle;
};

struct bearer {
	struct modem *modem;
	struct api_object *object;
	unsigned int number; /* in its path */
	json_t *properties;
	struct leg legs[BEARER_LEGS];
	bool connected;
	unsigned int attempts, failures;
	char end_reason[96];
	bool busy;             /* on its way up or down */
	operation_done_fn job; /* of who wants that; NULL: nobody asks */
	void *job_data;
	bool failed; /* as the job goes */
	struct failure failure;
};

/* --- bearer.c */

/* A bearer at the path of this number. -ENOSPC, -ENOMEM as bearer_new(). */
QK_MUST_CHECK int bearer_make(struct modem *modem, unsigned int number, const json_t *properties,
			      struct bearer **ret);
void bearer_set(struct bearer *bearer, const struct api_property *property, json_t *take_value);
/* The network interface of the modem; NULL: it has none, as on a pty. */
const char *bearer_interface(const struct modem *modem);
/* It is up or down, as everyone may know. */
void bearer_tell(struct bearer *bearer, bool connected);

/* --- bearer-call.c: steps of an operation whose data is the bearer */

void data_call_allocate(struct operation *op);
void data_call_set_family(struct operation *op);
void data_call_start(struct operation *op);
void data_call_read_settings(struct operation *op);
void data_call_ask_status(struct operation *op);
void data_call_stop(struct operation *op);
void data_call_release(struct operation *op);
/* Takes over a client id that is the leg's already. */
QK_MUST_CHECK int data_call_listen(struct leg *leg);
/* Forgets what the data calls hold, and asks the modem nothing. */
void data_call_drop(struct bearer *bearer);
