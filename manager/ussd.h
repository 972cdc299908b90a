/*
 * USSD: a session of unstructured supplementary services with the network (TS 22.090), one at a time.
 *
 * Owns: the news of USSD. Does not know: what codes mean.
 * Lifetime: the interface's. Called from: card.c, power.c.
 */
#pragma once

struct modem;
struct operation;

void ussd_add(struct modem *modem);
void ussd_end(struct modem *modem);

/* The steps of enabling and disabling: have the network's words told, and no more session. */
void ussd_listen(struct operation *operation);
void ussd_ignore(struct operation *operation);
