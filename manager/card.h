/*
 * Card: what follows when the card of a modem changes: it is unlocked, taken out, put in. The interfaces that need a
 * card are there when it can be used.
 *
 * Owns: the news of UIM. Does not know: codes, files (sim.c).
 * Lifetime: that of the modem. Called from: initialize.c, sim-pin.c.
 */
#pragma once

struct modem;
struct operation;

/* The step that has the modem tell of its card. */
void card_listen(struct operation *operation);

/* A part of a step: whether there is a card, what it asks for, and in which slot it is. */
void card_read_status(struct operation *operation);

/* Steps: what is on the card, and what the modem keeps beside it; then what depends on that. */
void card_read_files(struct operation *operation);
void card_read_more(struct operation *operation);

/* Steps' end: what the facts about the card make of the modem's interfaces and bearers. */
void card_settle(struct operation *operation);

/* Something has happened to it: what has become of it is read. */
void card_look_again(struct modem *modem);

/* It has no power any more: its data calls are over. */
void card_end_calls(struct modem *modem);

/* The modem goes: ends what its interfaces keep. */
void card_end(struct modem *modem);
