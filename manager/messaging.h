/*
 * Messaging: the short messages of a modem: those it keeps, those that arrive, those that are made.
 *
 * Owns: the messages, the news of WMS. Does not know: how a message looks (sms.c).
 * Lifetime: the interface's. Called from: card.c, power.c, sms.c.
 */
#pragma once

struct modem;
struct operation;
struct sms;

void messaging_add(struct modem *modem);
void messaging_end(struct modem *modem);

/* Steps of enabling: have messages stored and told of; read those that are there. And of disabling. */
void messaging_listen(struct operation *operation);
void messaging_read(struct operation *operation);
/* The same where messages came of which nobody told. */
void messaging_read_new(struct operation *operation);
void messaging_read_listed(struct operation *operation);
void messaging_ignore(struct operation *operation);

/* By its path; NULL: there is none. */
struct sms *messaging_find(const struct modem *modem, const char *path);
