/*
 * Sim host: the other end of a virtual modem's port, for tests. Asks in structs, gets structs.
 *
 * Owns: the modem and all it said. Does not know: faces. Lifetime: a test. Called from: test-sim-*.c.
 */
#pragma once

#include <qmikit/codec.h>

#include "sim/sim.h"

#define HOST_START_USEC 1000000

struct host {
	struct qk_sim_profile *profile;
	struct qk_sim *sim;
	struct qk_sim_port *port;
	uint8_t said[4 * QK_FRAME_MAX];
	size_t said_size, read_size;
	unsigned int hang_ups;
	uint16_t transaction;
	struct qk_arena arena;
	_Alignas(16) uint8_t memory[256 * 1024];
};

/* Fails the test when the profile is bad. */
struct host *host_new(const char *profile, uint64_t seed);
void host_free(struct host *host);

/* Sends a request as bytes: the transaction is `transaction`. */
void host_send(struct host *host, uint8_t client, const struct qk_message *message,
	       const void *request, uint16_t transaction);
/* The next frame the modem said and nobody took; false: none. */
bool host_next(struct host *host, struct qk_frame *ret);
/* Forgets what was said. */
void host_drop(struct host *host);

/* Asks and decodes the answer, which must be the next frame. The QMI error (0: success), or -1 when
 * nothing was said. `response` may be NULL. */
int host_ask(struct host *host, uint8_t client, const struct qk_method *method, const void *request,
	     void *response);

/* A client id; fails the test when there is none. */
uint8_t host_allocate(struct host *host, uint8_t service);

/* Takes the next frame, which must be this indication for `client`. */
void host_expect_indication(struct host *host, uint8_t client, const struct qk_message *message,
			    void *ret);
