/*
 * Control host: a modem, its control and somebody who asks, for tests.
 *
 * Owns: all of them, and what was heard. Does not know: sockets.
 * Lifetime: a test. Called from: test-control*.c.
 */
#pragma once

#include "sim-host.h"

#include "sim/control-table.h"

/* A modem, its control and somebody who asks. */
struct room {
	struct host *host;
	struct qk_control *control;
	struct qk_control_user user;
	json_t *heard; /* a list of lines */
};

/* For cmocka: `*state` is a struct room. */
int room_setup(void **state);
int room_teardown(void **state);

struct qk_sim_state *room_model(struct room *room);
/* Lets time pass from deadline to deadline. */
void room_pass(struct room *room, uint64_t usec);

/* Asks; the first line that comes is the answer. Borrowed until the next question. The second one fails the
 * test when it is refused, the third when it is not, in these words. */
const json_t *room_ask_bytes(struct room *room, const char *line, size_t size);
const json_t *room_ask(struct room *room, const char *line);
void room_refuse(struct room *room, const char *line, const char *error);

/* The event of this name that was heard, or NULL. */
const json_t *room_heard(const struct room *room, const char *name);
/* A member that is text; "" where there is none. */
const char *room_text(const json_t *object, const char *name);
