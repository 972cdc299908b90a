/*
 * SIM: the card of a modem: whether it asks for a code, and what its files say.
 *
 * Owns: the object of the SIM on the bus. Does not know: networks.
 * Lifetime: that of the modem. Called from: initialize.c, and news of UIM.
 */
#pragma once

struct modem;
struct operation;

/* Steps: the state of the card becomes facts; its files become an object. */
void sim_read_status(struct operation *operation);
void sim_read_files(struct operation *operation);
void sim_read_more(struct operation *operation);

/* The subscriber's number alone: some modems know it when they were registered. */
void sim_read_number(struct operation *operation);
/* The list of preferred networks alone. */
void sim_read_networks(struct operation *operation);

/* Tells the bus of the object, where there is one. */
void sim_publish(struct modem *modem);
/* Takes it off. */
void sim_remove(struct modem *modem);
