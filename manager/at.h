/*
 * AT: what a modem has beside QMI: its AT port, the commands that clients send, and the news that QMI does not tell.
 *
 * Owns: the port, as the modem's. Does not know: how answers are told from news (at-reader.h).
 * Lifetime: that of the modem. Called from: modem.c, initialize.c, operation.c.
 */
#pragma once

#include "api/object.h"
#include "at-port.h"
#include "operation.h"

struct modem;

/* The discovery knows the modem's ports now. */
void at_describe(struct modem *modem);
/* It is known what the modem is: its news are of interest. */
void at_listen(struct modem *modem);
void at_end(struct modem *modem);

/* How a command ended that was no success. `answer` NULL: not at all, for the reason `status`. */
void at_failure(struct failure *failure, int status, const struct at_answer *answer);

void at_on_command(struct api_call *call, const json_t *in, void *userdata);
