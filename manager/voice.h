/*
 * Voice: the calls of a modem.
 *
 * Owns: the calls, the news of VOICE. Does not know: audio.
 * Lifetime: the interface's. Called from: card.c, power.c, state.c, call.c.
 */
#pragma once

#include <stdbool.h>

struct call;
struct modem;
struct operation;

void voice_add(struct modem *modem);
void voice_end(struct modem *modem);

/* The step of enabling: have calls told of, and read those there are. And of disabling. */
void voice_listen(struct operation *operation);
/* A step: the calls there are. */
void voice_read(struct operation *operation);
void voice_ignore(struct operation *operation);

/* The same outside of enabling, where nobody listens yet. */
void voice_listen_once(struct operation *operation);

/* Whether the number may be called now: without a network, emergency numbers alone. */
bool voice_allows(const struct modem *modem, const char *number);
/* The modem's state is another one. */
void voice_tell_state(struct modem *modem);

/* By its path; NULL: there is none. */
struct call *voice_find(const struct modem *modem, const char *path);
