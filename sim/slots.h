/*
 * Slots: the places for cards that a modem has beside the one in use. It uses one card at a time; switching to
 * another slot takes the power from the card before and gives it to the other.
 *
 * Owns: struct qk_sim_slots in the state: the card that is not in use, with the number and the messages on it.
 * Does not know: QMI, AT.
 * Lifetime: qk_sim_slots_start() fills it by the profile; a reboot of the modem keeps which slot is in use.
 * Called from: state.c, uim-slots.c, the control socket.
 *
 * The card in use is always state->card, whatever slot it is in. Slots count from 1, as QMI's do.
 */
#pragma once

#include "card.h"
#include "sms.h"

/* Modems with more are rare, and differ in nothing but the number. */
#define QK_SIM_SLOTS_MAX 2

/* A card in its slot, as the slot's status tells of it. */
struct qk_sim_slot_view {
	const struct qk_sim_card *card; /* borrowed until the state changes */
	bool active;
	bool known; /* the modem knows what is on it: it answers, or it did */
};

struct qk_sim_slots {
	uint8_t count; /* 1: this modem knows nothing of slots */
	uint8_t active;
	/* What is in the other slot. */
	struct qk_sim_card card;
	char msisdn[24];
	struct qk_sim_sms_slot sms[QK_SIM_SMS_SM_SIZE];
};

/* The cards of the profile are in their slots, the first is in use. Needs state->identity. */
void qk_sim_slots_start(struct qk_sim_state *state);

/* What is in a slot. -EINVAL: there is no such slot. */
int qk_sim_slots_look(const struct qk_sim_state *state, unsigned int slot,
		      struct qk_sim_slot_view *ret);

/* Uses another slot. -EINVAL: there is none; -EALREADY: it is in use. QK_SIM_CHANGED_SLOTS and QK_SIM_CHANGED_CARD. */
int qk_sim_slots_switch(struct qk_sim_state *state, unsigned int slot);

/* Takes the card out of a slot, or puts it back. -EINVAL: there is no such slot. */
int qk_sim_slots_set(struct qk_sim_state *state, unsigned int slot, bool inserted);
