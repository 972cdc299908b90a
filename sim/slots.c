/*
 * Slots: one card is the state's, the other waits here and changes places with it (see slots.h). What is marked [C]
 * was not seen on a real modem; docs/virtual-modem.md lists it.
 */
#include "slots.h"

#include <errno.h>
#include <string.h>

#include "profile.h"
#include "seed.h"
#include "state.h"

static void swap(void *a, void *b, size_t size)
{
	uint8_t *x = a, *y = b;

	for (size_t i = 0; i < size; i++) {
		uint8_t kept = x[i];

		x[i] = y[i];
		y[i] = kept;
	}
}

/* A card, and what else the state has of whose it is. */
static void change_places(struct qk_sim_state *state)
{
	struct qk_sim_slots *slots = &state->slots;

	swap(&state->card, &slots->card, sizeof(slots->card));
	swap(state->identity.msisdn, slots->msisdn, sizeof(slots->msisdn));
	swap(state->sms.sm, slots->sms, sizeof(slots->sms));
}

/* The second card as the first, but for what the profile says of it. */
static void make_second(struct qk_sim_state *state)
{
	const struct qk_sim_profile_slot *from = &state->profile->slots[0];
	struct qk_sim_card *card = &state->card;

	change_places(state);
	*card = state->profile->card;
	card->state = from->state;
	card->error = 0;
	card->pin1.state = from->pin1;
	card->eid_size = from->eid_size;
	memcpy(card->eid, from->eid, sizeof(card->eid));
	memcpy(card->iccid, from->iccid, sizeof(card->iccid));
	memcpy(card->imsi, from->imsi, sizeof(card->imsi));
	memcpy(card->spn, from->spn, sizeof(card->spn));
	qk_sim_digits(state->seed, "iccid-2", from->iccid, 20, true, card->iccid);
	qk_sim_digits(state->seed, "imsi-2", from->imsi, 15, false, card->imsi);
	if (from->msisdn[0])
		qk_sim_digits(state->seed, "msisdn-2", from->msisdn, 12, false,
			      state->identity.msisdn);
	qk_sim_card_make(state);
	qk_sim_card_rest(card);
	change_places(state);
}

void qk_sim_slots_start(struct qk_sim_state *state)
{
	state->slots.count = (uint8_t)(1 + state->profile->slot_count);
	state->slots.active = 1;
	if (state->slots.count > 1)
		make_second(state);
	qk_sim_card_start(state);
}

int qk_sim_slots_look(const struct qk_sim_state *state, unsigned int slot,
		      struct qk_sim_slot_view *ret)
{
	bool active = slot == state->slots.active;
	const struct qk_sim_card *card = active ? &state->card : &state->slots.card;

	if (slot < 1 || slot > state->slots.count)
		return -EINVAL;
	/* A modem reads the number of every card when it starts, and keeps it [C]. */
	*ret = (struct qk_sim_slot_view){
		.card = card,
		.active = active,
		.known = active ? qk_sim_card_answers(card) : card->inserted && !card->error,
	};
	return 0;
}

int qk_sim_slots_switch(struct qk_sim_state *state, unsigned int slot)
{
	if (slot < 1 || slot > state->slots.count)
		return -EINVAL;
	if (slot == state->slots.active)
		return -EALREADY;
	qk_sim_card_rest(&state->card);
	change_places(state);
	state->slots.active = (uint8_t)slot;
	qk_sim_card_wake(state);
	state->changed |= QK_SIM_CHANGED_SLOTS;
	return 0;
}

int qk_sim_slots_set(struct qk_sim_state *state, unsigned int slot, bool inserted)
{
	if (slot < 1 || slot > state->slots.count)
		return -EINVAL;
	if (slot == state->slots.active) {
		qk_sim_card_set(state, inserted ? QK_SIM_CARD_PRESENT : QK_SIM_CARD_ABSENT, 0);
		return 0;
	}
	if (state->slots.card.inserted != inserted || state->slots.card.error)
		state->changed |= QK_SIM_CHANGED_SLOTS;
	state->slots.card.inserted = inserted;
	state->slots.card.error = 0;
	return 0;
}
