/*
 * Proxy host: a broker with peers in memory and one modem that the test plays.
 *
 * Owns: the broker, both ends of the modem's socket pair, what each peer was sent.
 * Does not know: what a test is about.
 * Lifetime: host_new() to host_free(). Called from: the tests of the broker.
 */
#pragma once

#include "proxy/broker.h"

enum { HOST_PEERS = 160, HOST_IDS = 4 };

struct host_peer {
	struct peer *peer; /* NULL once it is dead */
	uint8_t in[65536]; /* what it was sent */
	size_t size;
	bool reads, dropped;
};

struct host {
	struct broker broker;
	struct host_peer peers[HOST_PEERS];
	size_t peer_count;
	int modem_fd; /* the modem's end */
	uint8_t out[8192];
	size_t out_size; /* what came to the modem and was not taken */
	bool used[256][HOST_IDS + 1];
	bool call_up; /* what it says about WDS */
	bool silent;  /* it takes and does not answer */
	unsigned int ids_used, asked_status;
	const char *identity;
	char said[4096]; /* the notes in the log */
};

/* NULL when memory is out. */
struct host *host_new(void);
void host_free(struct host *host);

/* A new peer; and one that has the modem open, under a lease name (NULL: none). */
struct host_peer *host_connect(struct host *host);
struct host_peer *host_open(struct host *host, const char *name);

/* Sends one frame as the peer, if it lives; what it is answered is in `in`. Nothing else happens. */
void host_send(struct host_peer *peer, uint8_t service, uint8_t client, uint16_t transaction,
	       uint16_t message, const void *tlvs, size_t size);
/* Sends as the modem. */
void host_say(struct host *host, const struct qk_frame *frame);
/* Lets the modem read and answer, and the broker relay, until nothing moves; then reaps. */
void host_settle(struct host *host);
/* The peer hangs up. */
void host_hang_up(struct host *host, struct host_peer *peer);
/* Time passes, and what is due is done. */
void host_pass(struct host *host, uint64_t usec);

/* The next frame that the peer was sent; false when there is none. */
bool host_next(struct host_peer *peer, struct qk_frame *ret);
/* The error of the next frame, which must be an answer to this message; -1 when there is none. */
int host_error(struct host_peer *peer, uint16_t message);
/* Allocates and settles: the id, or 0 and the error in `ret_error`. */
uint8_t host_allocate(struct host *host, struct host_peer *peer, uint8_t service, int *ret_error);
int host_release(struct host *host, struct host_peer *peer, uint8_t service, uint8_t id);
/* One request on an id, settled: its error, or -1 when nothing came. */
int host_ask(struct host *host, struct host_peer *peer, uint8_t service, uint8_t id,
	     uint16_t transaction, uint16_t message);
