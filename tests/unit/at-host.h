/*
 * AT host: the other end of a virtual modem's AT port, for tests. Says characters, gets characters.
 *
 * Owns: the modem and all it said. Does not know: faces. Lifetime: a test. Called from: test-at*.c.
 */
#pragma once

#include "sim/at.h"
#include "sim/sim.h"

#define AT_HOST_START_USEC 1000000

struct at_host {
	struct qk_sim_profile *profile;
	struct qk_sim *sim;
	struct qk_sim_state *state;
	struct qk_at_port *port;
	char said[131072];
	size_t said_size;
};

/* The default modem with an open AT port. Fails the test when there is none. */
struct at_host *at_host_new(void);
void at_host_free(struct at_host *host);

/* Types `text`, then looks whether the modem said `expected` and nothing else. */
void at_host_expect(struct at_host *host, const char *text, const char *expected);
/* Types a command and looks at the response without echo and framing: lines end with '\n'. */
void at_host_ask(struct at_host *host, const char *command, const char *expected);
/* Lets `usec` pass. */
void at_host_pass(struct at_host *host, uint64_t usec);
/* What the modem has said by itself, lines as above, must be `expected`. */
void at_host_expect_urc(struct at_host *host, const char *expected);
/* Types a command, forgets what is said. */
void at_host_do(struct at_host *host, const char *command);
