/*
 * Voice: the calls of a modem.
 *
 * Owns: the calls, the news of VOICE. Does not know: audio.
 * Lifetime: the interface's. Called from: card.c, power.c, call.c.
 */
#pragma once

struct call;
struct modem;
struct operation;

void voice_add(struct modem *modem);
void voice_end(struct modem *modem);

/* The step of enabling: have calls told of, and read those there are. And of disabling. */
void voice_listen(struct operation *operation);
void voice_ignore(struct operation *operation);

/* By its path; NULL: there is none. */
struct call *voice_find(const struct modem *modem, const char *path);
