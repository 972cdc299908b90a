/*
 * Card: its presence, its initialization and its PINs (see card.h). What is marked [C] or [U] here was not
 * seen on a real modem; docs/virtual-modem.md lists it.
 */
#include "card.h"
#include "profile.h"
#include "seed.h"
#include "state.h"

#include <string.h>

#include "card-files.h"

static void forget_verified(struct qk_sim_pin *pin)
{
	if (pin->state == QK_SIM_PIN_VERIFIED)
		pin->state = QK_SIM_PIN_NOT_VERIFIED;
}

/* What happens to a card that loses its power, or is told to begin anew. */
static void reset_card(struct qk_sim_card *card)
{
	forget_verified(&card->pin1);
	forget_verified(&card->pin2);
	card->application = QK_SIM_APPLICATION_NONE;
	card->due_usec = QK_SIM_NEVER;
	memset(card->channels, 0, sizeof(card->channels));
	card->channels[0] = (struct qk_sim_card_channel){ true, { { 0x3f00 }, 1 } };
}

void qk_sim_card_make(struct qk_sim_state *state)
{
	struct qk_sim_card *card = &state->card;

	card->pin1.retries_max = card->pin1.retries;
	card->pin2.retries_max = card->pin2.retries;
	card->pin1.unblock_retries_max = card->pin1.unblock_retries;
	card->pin2.unblock_retries_max = card->pin2.unblock_retries;
	card->inserted = card->state != QK_SIM_CARD_ABSENT;
	card->powered = true;
	card->due_usec = QK_SIM_NEVER;
	card->application = card->state == QK_SIM_CARD_PRESENT ? QK_SIM_APPLICATION_INITIALIZED
							       : QK_SIM_APPLICATION_NONE;
	qk_sim_card_make_files(state);
}

void qk_sim_card_start(struct qk_sim_state *state)
{
	struct qk_sim_card *card = &state->card;

	*card = state->profile->card;
	qk_sim_digits(state->seed, "iccid", state->profile->card.iccid, 20, true, card->iccid);
	qk_sim_digits(state->seed, "imsi", state->profile->card.imsi, 15, false, card->imsi);
	qk_sim_card_make(state);
}

void qk_sim_card_boot(struct qk_sim_state *state)
{
	struct qk_sim_card *card = &state->card;

	reset_card(card);
	card->powered = true;
	if (card->state != QK_SIM_CARD_ERROR)
		card->state = card->inserted ? QK_SIM_CARD_PRESENT : QK_SIM_CARD_ABSENT;
	if (card->state == QK_SIM_CARD_PRESENT)
		card->application = QK_SIM_APPLICATION_DETECTED;
	state->refresh = (struct qk_sim_refresh){ 0 };
}

void qk_sim_card_was_read(struct qk_sim_state *state)
{
	struct qk_sim_card *card = &state->card;

	if (card->application == QK_SIM_APPLICATION_DETECTED && card->due_usec == QK_SIM_NEVER)
		card->application = QK_SIM_APPLICATION_INITIALIZED;
	state->changed |= QK_SIM_CHANGED_CARD;
}

/* The modem sees a card that has power: it looks what is on it. */
static void power_up(struct qk_sim_state *state)
{
	struct qk_sim_card *card = &state->card;

	reset_card(card);
	card->state = QK_SIM_CARD_PRESENT;
	card->due_usec = qk_sim_after(state, state->profile->sim.detect_usec);
}

static void changed(struct qk_sim_state *state)
{
	state->changed |= QK_SIM_CHANGED_CARD;
	if (!qk_sim_card_is_ready(&state->card))
		state->number_known = false;
	state->radio.card_refused = false;
	qk_sim_radio_settle(state, state->profile->timings.register_usec);
}

/* It came or went, or the modem knows now what is on it. */
static void moved(struct qk_sim_state *state)
{
	state->changed |= QK_SIM_CHANGED_SLOTS;
	changed(state);
}

void qk_sim_card_set(struct qk_sim_state *state, uint32_t card_state, uint8_t error)
{
	struct qk_sim_card *card = &state->card;

	if (card_state == card->state && error == card->error)
		return;
	card->inserted = card_state != QK_SIM_CARD_ABSENT;
	card->error = card_state == QK_SIM_CARD_ERROR ? error : 0;
	if (card_state == QK_SIM_CARD_PRESENT && card->powered) {
		power_up(state);
	} else {
		reset_card(card);
		card->state = card->powered ? card_state : QK_SIM_CARD_ABSENT;
	}
	moved(state);
}

void qk_sim_card_power(struct qk_sim_state *state, bool on)
{
	struct qk_sim_card *card = &state->card;

	if (on == card->powered)
		return;
	card->powered = on;
	card->error = 0;
	if (on && card->inserted) {
		power_up(state);
	} else {
		reset_card(card);
		card->state = QK_SIM_CARD_ABSENT;
	}
	moved(state);
}

void qk_sim_card_rest(struct qk_sim_card *card)
{
	reset_card(card);
	card->powered = false;
	card->state = QK_SIM_CARD_ABSENT;
}

void qk_sim_card_wake(struct qk_sim_state *state)
{
	struct qk_sim_card *card = &state->card;

	card->powered = true;
	if (card->error)
		card->state = QK_SIM_CARD_ERROR;
	else if (card->inserted)
		power_up(state);
	moved(state);
}

void qk_sim_card_activate(struct qk_sim_state *state, bool on)
{
	struct qk_sim_card *card = &state->card;
	bool is_on = card->application == QK_SIM_APPLICATION_INITIALIZED;

	if (card->state != QK_SIM_CARD_PRESENT || card->application == QK_SIM_APPLICATION_NONE ||
	    on == is_on)
		return;
	card->application = QK_SIM_APPLICATION_DETECTED;
	card->due_usec =
		on ? qk_sim_after(state, state->profile->sim.initialize_usec) : QK_SIM_NEVER;
	if (!on)
		moved(state);
}

uint64_t qk_sim_card_next_usec(const struct qk_sim_state *state)
{
	return state->booted & QK_SIM_BOOTED_BUS ? state->card.due_usec : QK_SIM_NEVER;
}

void qk_sim_card_advance(struct qk_sim_state *state)
{
	struct qk_sim_card *card = &state->card;

	/* one step at a time, so that each is told */
	if (state->now_usec < card->due_usec)
		return;
	card->due_usec = QK_SIM_NEVER;
	if (card->application == QK_SIM_APPLICATION_NONE) {
		card->application = QK_SIM_APPLICATION_DETECTED;
		card->due_usec = qk_sim_after(state, state->profile->sim.initialize_usec);
	} else {
		card->application = QK_SIM_APPLICATION_INITIALIZED;
	}
	moved(state);
}

bool qk_sim_card_answers(const struct qk_sim_card *card)
{
	return card->state == QK_SIM_CARD_PRESENT &&
	       card->application == QK_SIM_APPLICATION_INITIALIZED;
}

static bool is_open(const struct qk_sim_pin *pin)
{
	return pin->state == QK_SIM_PIN_VERIFIED || pin->state == QK_SIM_PIN_DISABLED;
}

bool qk_sim_card_is_ready(const struct qk_sim_card *card)
{
	return qk_sim_card_answers(card) && is_open(&card->pin1);
}

bool qk_sim_card_allows(const struct qk_sim_card *card, uint8_t access)
{
	switch ((enum qk_sim_access)access) {
	case QK_SIM_ACCESS_ALWAYS:
		return true;
	case QK_SIM_ACCESS_PIN1:
		return is_open(&card->pin1);
	case QK_SIM_ACCESS_PIN2:
		return is_open(&card->pin2);
	case QK_SIM_ACCESS_ADM:
	case QK_SIM_ACCESS_NEVER:
		return false;
	}
	return false;
}

struct qk_sim_pin *qk_sim_card_pin(struct qk_sim_card *card, uint32_t pin_id)
{
	return pin_id == QK_SIM_PIN2 ? &card->pin2 : &card->pin1;
}

/* The tries are used up; those of the PUK may be, too. */
static bool is_blocked(const struct qk_sim_pin *pin)
{
	return pin->state == QK_SIM_PIN_BLOCKED || pin->state == QK_SIM_PIN_PERMANENTLY_BLOCKED;
}

static bool is_code(const char *code, size_t min)
{
	size_t size = strlen(code);

	return size >= min && size <= QK_SIM_CODE_MAX && strspn(code, "0123456789") == size;
}

static uint16_t wrong(uint8_t left)
{
	return (uint16_t)(QK_SIM_SW_WRONG_CODE | (left & 0xf));
}

/* Compares a code; a wrong one costs a try, and the last try blocks the PIN. */
static uint16_t try_code(struct qk_sim_state *state, struct qk_sim_pin *pin, const char *code)
{
	if (is_blocked(pin))
		return QK_SIM_SW_BLOCKED;
	if (strcmp(code, pin->code) == 0) {
		pin->retries = pin->retries_max;
		return QK_SIM_SW_OK;
	}
	state->changed |= QK_SIM_CHANGED_CARD;
	if (pin->retries)
		pin->retries--;
	if (pin->retries == 0) {
		pin->state = QK_SIM_PIN_BLOCKED;
		changed(state);
	}
	return wrong(pin->retries);
}

/* The PIN is known now: what it protects is open. */
static void set_state(struct qk_sim_state *state, struct qk_sim_pin *pin, uint32_t pin_state)
{
	pin->state = pin_state;
	changed(state);
}

uint16_t qk_sim_card_verify(struct qk_sim_state *state, uint32_t pin_id, const char *code)
{
	struct qk_sim_pin *pin = qk_sim_card_pin(&state->card, pin_id);

	if (!qk_sim_card_answers(&state->card))
		return QK_SIM_SW_NO_CARD;
	if (pin->state == QK_SIM_PIN_DISABLED || pin->state == QK_SIM_PIN_NOT_INITIALIZED)
		return QK_SIM_SW_DISABLED;
	if (!is_code(code, QK_SIM_CODE_MIN))
		return QK_SIM_SW_WRONG_DATA;
	uint16_t status = try_code(state, pin, code);
	if (status == QK_SIM_SW_OK)
		set_state(state, pin, QK_SIM_PIN_VERIFIED);
	return status;
}

uint16_t qk_sim_card_change(struct qk_sim_state *state, uint32_t pin_id, const char *old_code,
			    const char *new_code)
{
	struct qk_sim_pin *pin = qk_sim_card_pin(&state->card, pin_id);

	if (!qk_sim_card_answers(&state->card))
		return QK_SIM_SW_NO_CARD;
	if (pin->state == QK_SIM_PIN_DISABLED || pin->state == QK_SIM_PIN_NOT_INITIALIZED)
		return QK_SIM_SW_DISABLED;
	if (!is_code(old_code, QK_SIM_CODE_MIN) || !is_code(new_code, QK_SIM_CODE_MIN))
		return QK_SIM_SW_WRONG_DATA;
	uint16_t status = try_code(state, pin, old_code);
	if (status != QK_SIM_SW_OK)
		return status;
	memcpy(pin->code, new_code, strlen(new_code) + 1);
	set_state(state, pin, QK_SIM_PIN_VERIFIED);
	return status;
}

uint16_t qk_sim_card_unblock(struct qk_sim_state *state, uint32_t pin_id, const char *unblock_code,
			     const char *new_code)
{
	struct qk_sim_pin *pin = qk_sim_card_pin(&state->card, pin_id);

	if (!qk_sim_card_answers(&state->card))
		return QK_SIM_SW_NO_CARD;
	if (!is_code(unblock_code, QK_SIM_CODE_MAX) || !is_code(new_code, QK_SIM_CODE_MIN))
		return QK_SIM_SW_WRONG_DATA;
	if (pin->unblock_retries == 0)
		return QK_SIM_SW_BLOCKED;
	if (strcmp(unblock_code, pin->unblock_code) != 0) {
		pin->unblock_retries--;
		state->changed |= QK_SIM_CHANGED_CARD;
		if (pin->unblock_retries == 0)
			set_state(state, pin, QK_SIM_PIN_PERMANENTLY_BLOCKED);
		return wrong(pin->unblock_retries);
	}
	memcpy(pin->code, new_code, strlen(new_code) + 1);
	pin->retries = pin->retries_max;
	pin->unblock_retries = pin->unblock_retries_max;
	/* a PIN that was disabled is asked for again [C] */
	set_state(state, pin, QK_SIM_PIN_VERIFIED);
	return QK_SIM_SW_OK;
}

uint16_t qk_sim_card_protect(struct qk_sim_state *state, uint32_t pin_id, bool on, const char *code)
{
	struct qk_sim_pin *pin = qk_sim_card_pin(&state->card, pin_id);
	bool is_on = pin->state != QK_SIM_PIN_DISABLED;

	if (!qk_sim_card_answers(&state->card))
		return QK_SIM_SW_NO_CARD;
	if (pin_id == QK_SIM_PIN2 || !is_code(code, QK_SIM_CODE_MIN))
		return QK_SIM_SW_WRONG_DATA;
	if (is_blocked(pin))
		return QK_SIM_SW_BLOCKED;
	if (on == is_on)
		return QK_SIM_SW_DISABLED;
	uint16_t status = try_code(state, pin, code);
	if (status == QK_SIM_SW_OK)
		set_state(state, pin, on ? QK_SIM_PIN_VERIFIED : QK_SIM_PIN_DISABLED);
	return status;
}
