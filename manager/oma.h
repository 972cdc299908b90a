/*
 * OMA: device management sessions of a modem that has QMI's OMA service.
 *
 * Owns: the news of OMA. Does not know: what a session changes in the modem.
 * Lifetime: the interface's. Called from: initialize.c, card.c, power.c.
 */
#pragma once

struct modem;
struct operation;

/* The step that reads which features are on. */
void oma_read(struct operation *operation);

void oma_add(struct modem *modem);
void oma_end(struct modem *modem);

/* Steps of enabling and of disabling. */
void oma_listen(struct operation *operation);
void oma_ignore(struct operation *operation);
