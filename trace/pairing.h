/*
 * Pairing: which response answers which request, and how long it took.
 *
 * Owns: the requests that wait, with a copy of their TLVs. Does not know: what a message means.
 * Lifetime: pairing_new() to pairing_free(); a match lives until the next call.
 * Called from: the verbs of qmi-trace.
 *
 * The same exchange may be recorded several times on its way, in the program and in the proxy: what
 * belongs together has one process and one connection.
 */
#pragma once

#include "entry.h"

#define PAIRING_MAX 65536 /* requests that wait at one time; the oldest are given up */

struct pairing;

/* A request. */
struct pairing_request {
	uint64_t number, time_nsec; /* of its record */
	uint32_t pid;
	const char *process; /* of its record */
	const char *device;
	uint16_t service;
	uint16_t message;
	struct qk_span tlvs;
};

QK_MUST_CHECK int pairing_new(struct pairing **ret);

/* NULL is fine; returns NULL. */
struct pairing *pairing_free(struct pairing *pairing);

/* Takes note of a record. 1: it is a response and `*ret` its request; 0: it is none, or nobody asked;
 * -ENOMEM. */
QK_MUST_CHECK int pairing_see(struct pairing *pairing, const struct entry *entry,
			      struct pairing_request *ret);

/* The requests that nobody answered, oldest first: calls `each` for every one, also for those that were
 * given up. */
void pairing_unanswered(struct pairing *pairing,
			void (*each)(void *userdata, const struct pairing_request *request),
			void *userdata);
