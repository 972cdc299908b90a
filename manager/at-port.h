/*
 * AT port: one tty that speaks AT, in the daemon's event loop: commands one after the other, each with its deadline,
 * and what the modem tells unasked.
 *
 * Owns: the descriptor, the commands that wait. Does not know: what a command does, how the port was found.
 * Lifetime: at_port_new() to at_port_free(), whether the port is open or not: it is opened when it is needed, for
 * this process alone, and again when it was lost. Called from: at.c, operation.c.
 *
 * A command that took too long may still be answered: the port is then used again only when the modem has answered
 * something that nothing else is answered with.
 */
#pragma once

#include <systemd/sd-event.h>

#include "at-reader.h"

struct at_port;
struct at_call;

struct at_port_events {
	void (*news)(void *userdata, const char *line);
	/* It is closed: it has gone, or does not answer. It is listened to later. */
	void (*lost)(void *userdata);
	/* It is open, as was wanted for later. */
	void (*found)(void *userdata);
	void (*log)(void *userdata, const char *line);
};

/* -ENOMEM. */
QK_MUST_CHECK int at_port_new(sd_event *event, const char *path,
			      const struct at_port_events *events, void *userdata,
			      struct at_port **ret);
/* Closes it; calls that wait end with -ENODEV, and no other is taken. NULL is fine; returns NULL. */
struct at_port *at_port_free(struct at_port *port);

const char *at_port_path(const struct at_port *port);

/* Opens it, if it is not, to hear the news. What open(2) says; -ENOTTY, -EBUSY: another process has it. */
QK_MUST_CHECK int at_port_listen(struct at_port *port);
/* The same after 5 s, and after longer and longer (5 minutes) until the modem says something there. */
void at_port_listen_later(struct at_port *port);

/* `status` 0: `answer` (borrowed) is how the command ended. -ETIMEDOUT, -EMSGSIZE: the answer is too long, -ENODEV:
 * the port is gone, -EIO. */
typedef void (*at_call_fn)(void *userdata, int status, const struct at_answer *answer);

/* Sends a command, "AT+CSQ" without its end, when those before it have ended. As at_port_listen(); -EAGAIN: too many
 * wait; -EMSGSIZE; -EINVAL: it has characters that end a command. */
QK_MUST_CHECK int at_port_call(struct at_port *port, const char *command, uint64_t timeout_usec,
			       at_call_fn fn, void *userdata, struct at_call **ret);
/* Nobody wants to know any more; one that was sent runs on. NULL is fine; returns NULL. Not after `fn` ran. */
struct at_call *at_call_free(struct at_call *call);
