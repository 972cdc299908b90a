/*
 * Tally: what a recording holds, counted: requests by message with their latencies and errors,
 * indications, and the client ids of each process.
 *
 * Owns: the counts. Does not know: files, how it is shown.
 * Lifetime: tally_new() to tally_free(). Called from: summary.c, tests.
 *
 * What passes a proxy is recorded at several points; each process on each device is counted for itself.
 */
#pragma once

#include "pairing.h"

/* A QMI protocol error and how often it came. */
struct tally_error {
	uint16_t error;
	uint64_t count;
};

/* The requests of one message, or its indications. */
struct tally_row {
	const char *process, *device; /* the names are the tally's */
	uint16_t service;
	uint16_t message;
	bool indication;
	uint64_t count, unanswered;
	uint64_t *latencies; /* in nanoseconds; in rising order once tally_end() was called */
	size_t latency_count, latency_room;
	struct tally_error *errors;
	size_t error_count;
};

/* A client id that a process has been given. */
struct tally_client {
	uint32_t pid;
	const char *process, *device;
	uint8_t service, client;
	uint64_t number; /* of the record that gave it */
	bool released;
};

struct tally {
	uint64_t entries, unreadable, first_nsec, last_nsec;
	struct tally_row
		*rows; /* by process, device, kind, service, message once tally_end() was called */
	size_t row_count, row_room;
	struct tally_client *clients; /* in the order they were given */
	size_t client_count, client_room;
	struct tally_names *names;
	struct pairing *pairing;
};

QK_MUST_CHECK int tally_new(struct tally **ret);

/* NULL is fine; returns NULL. */
struct tally *tally_free(struct tally *tally);

/* Counts one record. 0 or -ENOMEM. */
QK_MUST_CHECK int tally_see(struct tally *tally, const struct entry *entry);

/* There are no more: what waits is unanswered, and all is put in order. */
void tally_end(struct tally *tally);

/* The latency that `percent` of the answers did not pass; 0: there are none. */
uint64_t tally_percentile(const struct tally_row *row, unsigned int percent);
