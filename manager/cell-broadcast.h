/*
 * Cell broadcast: what cells send to everyone, such as public warnings: the channels that a modem listens to, the
 * messages that came.
 *
 * Owns: the messages. Does not know: how a message looks (cbm.c); the news of WMS are messaging.c's.
 * Lifetime: the interface's. Called from: card.c, power.c, messaging.c.
 */
#pragma once

#include <qmikit/wire.h>

struct modem;
struct operation;

void cell_broadcast_add(struct modem *modem);
void cell_broadcast_end(struct modem *modem);

/* Steps of enabling and of disabling. */
void cell_broadcast_listen(struct operation *operation);
void cell_broadcast_ignore(struct operation *operation);

/* A page came, of TS 23.041 9.4.1.2. */
void cell_broadcast_take(struct modem *modem, struct qk_span page);
