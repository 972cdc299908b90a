/*
 * Broker, inside: what its files call of each other.
 *
 * Owns: nothing. Does not know: what broker.h does not know. Lifetime: that of the broker.
 * Called from: broker.c, modem.c, ctl.c, orphans.c, call.c, open.c alone.
 */
#pragma once

#include "broker.h"

__attribute__((format(printf, 3, 4))) void
broker_log(const struct broker *broker, enum broker_level level, const char *format, ...);

/* modem.c */

/* The modem of a path, or NULL. */
struct modem *modem_find(const struct broker *broker, const char *path);
/* A modem that find() of the host has found; takes both texts also on failure. */
QK_MUST_CHECK int modem_open(struct broker *broker, char *take_path, char *take_identity,
			     struct modem **ret, char why[BROKER_WHY_MAX]);
/* It is gone, or not used any more: ends its peers, forgets its leases. `why` NULL: not used. */
void modem_close(struct modem *modem, const char *why);
/* Frees one that was closed. */
void modem_free(struct modem *modem);
/* Closes it if nobody uses it. */
void modem_close_if_unused(struct modem *modem);
/* Whether a frame more would have to wait. */
bool modem_is_full(const struct modem *modem);
/* Sends one frame. 0, -EMSGSIZE, or an error after which the modem is closed. */
QK_MUST_CHECK int modem_send(struct modem *modem, struct qk_span frame);
/* Lets a peer wait in a line of its modem, behind those that do. */
void peer_wait(struct peer *peer, struct peer_line *line);
void peer_stop_waiting(struct peer *peer);
/* Lets those go on that can. */
void modem_let_in(struct modem *modem);

/* broker.c */

/* Goes on with what a peer had sent when it had to wait. */
void peer_resume(struct peer *peer);
/* Answers a request by a result alone; `error` 0 is success. */
void peer_answer(struct peer *peer, const struct qk_frame *request, uint16_t error);

/* ctl.c */

/* A request to CTL. False when it has to wait: no transaction id is free for this peer. */
bool ctl_request(struct peer *peer, const struct qk_frame *frame, struct qk_span bytes);
void ctl_from_modem(struct modem *modem, const struct qk_frame *frame, struct qk_span bytes);
/* Gives an id back to the modem, and allocates one of `allocate` for `peer` then (NULL: none).
 * False when no transaction id is free now. */
bool ctl_reclaim(struct modem *modem, struct lease *lease, struct peer *peer, uint8_t transaction,
		 uint8_t allocate);

/* open.c */

void peer_open(struct peer *peer, const struct qk_frame *frame);

/* orphans.c */

void modem_due(struct modem *modem);
/* Something is to be done for the modem at this time. */
void modem_due_at(struct modem *modem, uint64_t usec);
/* The broker's own question on the orphan's id was answered. */
void orphan_answered(struct modem *modem, struct lease *lease, const struct qk_frame *frame);

/* call.c: whether there is a data call on a WDS id. */

void call_answered(struct modem *modem, struct lease *lease, const struct qk_frame *frame);
void call_indicated(struct modem *modem, struct lease *lease, const struct qk_frame *frame);
