/*
 * Control, card: the SIM goes in and out, fails, has other PINs, or is that of another slot.
 */
#include <errno.h>
#include <string.h>

#include "control-table.h"

struct failure {
	uint8_t error;
};

struct place {
	uint8_t slot; /* 0: the one in use */
};

enum protection { ENABLED, DISABLED, BLOCKED, PERMANENTLY_BLOCKED };

struct pin {
	uint32_t id;         /* enum qk_sim_pin_id */
	uint32_t protection; /* enum protection */
	char code[QK_SIM_CODE_MAX + 1], unblock_code[QK_SIM_CODE_MAX + 1];
	uint8_t retries, unblock_retries;
};

static const struct qk_sim_word protection_words[] = {
	{ "enabled", ENABLED },
	{ "disabled", DISABLED },
	{ "blocked", BLOCKED },
	{ "permanently-blocked", PERMANENTLY_BLOCKED },
	{ NULL, 0 },
};

static const struct qk_sim_word pin_words[] = {
	{ "pin1", QK_SIM_PIN1 },
	{ "pin2", QK_SIM_PIN2 },
	{ NULL, 0 },
};

static const struct qk_sim_word personal_words[] = {
	{ "network", QK_SIM_PERSONAL_NETWORK },
	{ "network-subset", QK_SIM_PERSONAL_NETWORK_SUBSET },
	{ "service-provider", QK_SIM_PERSONAL_SERVICE_PROVIDER },
	{ "corporate", QK_SIM_PERSONAL_CORPORATE },
	{ "card", QK_SIM_PERSONAL_CARD },
	{ NULL, 0 },
};

struct binding {
	uint32_t kind; /* enum qk_sim_personal */
	char key[QK_SIM_KEY_MAX + 1];
	uint8_t retries;
};

static const struct qk_sim_member binding_members[] = {
	{ "to", WORD, QK_CONTROL_AT(binding, kind), .words = personal_words },
	{ "key", DIGITS, QK_CONTROL_AT(binding, key) },
	{ "retries", UINT, QK_CONTROL_AT(binding, retries), .max = 15, .optional = true },
};

/* A file of the card, and what the network writes there. */
struct change {
	uint32_t mode; /* enum qk_sim_refresh_mode */
	uint16_t file;
	uint8_t bytes[255]; /* their count stands behind */
	uint8_t size;
};

static const struct qk_sim_word refresh_words[] = {
	{ "reset", QK_SIM_REFRESH_RESET },
	{ "init", QK_SIM_REFRESH_INIT },
	{ "init-fcn", QK_SIM_REFRESH_INIT_FILES },
	{ "fcn", QK_SIM_REFRESH_FILES },
	{ "init-full-fcn", QK_SIM_REFRESH_INIT_ALL },
	{ "app-reset", QK_SIM_REFRESH_APPLICATION },
	{ "3g-reset", QK_SIM_REFRESH_SESSION },
	{ NULL, 0 },
};

static const struct qk_sim_member change_members[] = {
	{ "mode", WORD, QK_CONTROL_AT(change, mode), .words = refresh_words },
	{ "file", UINT, QK_CONTROL_AT(change, file), .max = UINT16_MAX, .optional = true },
	{ "bytes", HEX, QK_CONTROL_AT(change, bytes), .optional = true },
};

struct card {
	uint32_t state, pin1, pin2;
	uint8_t error;
};

/* As in a profile. */
static const struct qk_sim_member card_members[] = {
	{ "state", WORD, QK_CONTROL_AT(card, state), .words = qk_sim_card_words },
	{ "error", UINT, QK_CONTROL_AT(card, error), .max = 7 },
	{ "pin1", WORD, QK_CONTROL_AT(card, pin1), .words = qk_sim_pin_words },
	{ "pin2", WORD, QK_CONTROL_AT(card, pin2), .words = qk_sim_pin_words },
};

static const struct qk_sim_member place_members[] = {
	{ "slot", UINT, QK_CONTROL_AT(place, slot), .min = 1, .max = QK_SIM_SLOTS_MAX,
	  .optional = true },
};

static const struct qk_sim_member slot_members[] = {
	{ "slot", UINT, QK_CONTROL_AT(place, slot), .min = 1, .max = QK_SIM_SLOTS_MAX },
};

static const struct qk_sim_member failure_members[] = {
	{ "error", UINT, QK_CONTROL_AT(failure, error), .max = 7, .optional = true },
};

static const struct qk_sim_member pin_members[] = {
	{ "pin", WORD, QK_CONTROL_AT(pin, id), .words = pin_words },
	{ "state", WORD, QK_CONTROL_AT(pin, protection), .words = protection_words,
	  .optional = true },
	{ "code", DIGITS, QK_CONTROL_AT(pin, code), .optional = true },
	{ "puk", DIGITS, QK_CONTROL_AT(pin, unblock_code), .optional = true },
	{ "retries", UINT, QK_CONTROL_AT(pin, retries), .max = 15, .optional = true },
	{ "puk-retries", UINT, QK_CONTROL_AT(pin, unblock_retries), .max = 15, .optional = true },
};

static void prepare_card(const struct qk_sim_state *state, void *arguments)
{
	*(struct card *)arguments = (struct card){ .state = state->card.state };
}

/* What its owner sets on a card that is in use. One that was let in stays in: a PIN that is enabled now is
 * asked for at the next start. */
static void set_pin_state(struct qk_sim_pin *pin, uint32_t state)
{
	bool in_use = pin->state == QK_SIM_PIN_DISABLED || pin->state == QK_SIM_PIN_VERIFIED;

	if (state == QK_SIM_PIN_NOT_VERIFIED && in_use)
		state = QK_SIM_PIN_VERIFIED;
	if (pin->state == QK_SIM_PIN_BLOCKED || pin->state == QK_SIM_PIN_PERMANENTLY_BLOCKED)
		pin->retries = pin->retries_max;
	if (state == QK_SIM_PIN_BLOCKED || state == QK_SIM_PIN_PERMANENTLY_BLOCKED)
		pin->retries = 0;
	pin->state = state;
}

static int set_card(struct qk_control_call *call)
{
	const struct card *arguments = call->arguments;
	struct qk_sim_card *card = &call->state->card;

	if (call->given & 1u << 1 && arguments->state != QK_SIM_CARD_ERROR)
		return qk_control_refuse(call, "card: error goes with the state error");
	if (call->given & 1u << 0)
		qk_sim_card_set(call->state, arguments->state, arguments->error);
	if (call->given & 1u << 2)
		set_pin_state(&card->pin1, arguments->pin1);
	if (call->given & 1u << 3)
		set_pin_state(&card->pin2, arguments->pin2);
	call->state->changed |= QK_SIM_CHANGED_CARD;
	qk_sim_radio_settle(call->state, call->state->profile->timings.register_usec);
	return 0;
}

/* The slot that is spoken of, and what is in it. */
static unsigned int find_slot(const struct qk_control_call *call, struct qk_sim_slot_view *ret)
{
	const struct place *arguments = call->arguments;
	unsigned int slot = arguments->slot ? arguments->slot : call->state->slots.active;

	return qk_sim_slots_look(call->state, slot, ret) < 0 ? 0 : slot;
}

static int insert(struct qk_control_call *call)
{
	struct qk_sim_slot_view view;
	unsigned int slot = find_slot(call, &view);

	if (!slot)
		return qk_control_refuse(call, "card-insert: there is no such slot");
	if (view.card->inserted && view.card->state != QK_SIM_CARD_ERROR)
		return qk_control_refuse(call, "card-insert: the card is in");
	(void)qk_sim_slots_set(call->state, slot, true);
	return 0;
}

static int remove_card(struct qk_control_call *call)
{
	struct qk_sim_slot_view view;
	unsigned int slot = find_slot(call, &view);

	if (!slot)
		return qk_control_refuse(call, "card-remove: there is no such slot");
	if (!view.card->inserted)
		return qk_control_refuse(call, "card-remove: there is no card");
	(void)qk_sim_slots_set(call->state, slot, false);
	return 0;
}

static int use_slot(struct qk_control_call *call)
{
	const struct place *arguments = call->arguments;
	int r = qk_sim_slots_switch(call->state, arguments->slot);

	if (r == -EALREADY)
		return qk_control_refuse(call, "card-slot: it is in use");
	return r < 0 ? qk_control_refuse(call, "card-slot: there is no such slot") : 0;
}

static int fail(struct qk_control_call *call)
{
	const struct failure *arguments = call->arguments;

	qk_sim_card_set(call->state, QK_SIM_CARD_ERROR, arguments->error);
	return 0;
}

static bool is_code(const char *code, size_t min)
{
	return strlen(code) >= min;
}

/* Sets what is given, as a card with other settings has it. */
static void protect(struct qk_sim_pin *pin, const struct pin *arguments, uint32_t given)
{
	static const uint32_t states[] = {
		[ENABLED] = QK_SIM_PIN_NOT_VERIFIED,
		[DISABLED] = QK_SIM_PIN_DISABLED,
		[BLOCKED] = QK_SIM_PIN_BLOCKED,
		[PERMANENTLY_BLOCKED] = QK_SIM_PIN_PERMANENTLY_BLOCKED,
	};

	if (given & 1u << 1) {
		pin->state = states[arguments->protection];
		pin->retries = arguments->protection >= BLOCKED ? 0 : pin->retries_max;
		if (arguments->protection == PERMANENTLY_BLOCKED)
			pin->unblock_retries = 0;
	}
	if (given & 1u << 2)
		memcpy(pin->code, arguments->code, sizeof(pin->code));
	if (given & 1u << 3)
		memcpy(pin->unblock_code, arguments->unblock_code, sizeof(pin->unblock_code));
	if (given & 1u << 4)
		pin->retries = arguments->retries;
	if (given & 1u << 5)
		pin->unblock_retries = arguments->unblock_retries;
}

/* The card is another one, so it is taken out and put in; where there is none it waits for that. */
static int set_pin(struct qk_control_call *call)
{
	const struct pin *arguments = call->arguments;
	struct qk_sim_card *card = &call->state->card;

	if (call->given & 1u << 2 && !is_code(arguments->code, QK_SIM_CODE_MIN))
		return qk_control_refuse(call, "card-pin: code has %d to %d digits",
					 QK_SIM_CODE_MIN, QK_SIM_CODE_MAX);
	if (call->given & 1u << 3 && !is_code(arguments->unblock_code, QK_SIM_CODE_MAX))
		return qk_control_refuse(call, "card-pin: puk has %d digits", QK_SIM_CODE_MAX);
	bool inserted = card->inserted;
	if (inserted)
		qk_sim_card_set(call->state, QK_SIM_CARD_ABSENT, 0);
	protect(qk_sim_card_pin(card, arguments->id), arguments, call->given);
	if (inserted)
		qk_sim_card_set(call->state, QK_SIM_CARD_PRESENT, 0);
	return 0;
}

/* What the network writes needs no PIN. */
static int write_file(struct qk_control_call *call, const struct qk_sim_file *file)
{
	const struct change *arguments = call->arguments;
	struct qk_sim_card *card = &call->state->card;

	if (file->type != QK_SIM_FILE_TRANSPARENT || arguments->size > file->size)
		return qk_control_refuse(call,
					 "card-refresh: the file has no room for these bytes");
	memcpy(card->bytes + file->at, arguments->bytes, arguments->size);
	return 0;
}

static int refresh(struct qk_control_call *call)
{
	const struct change *arguments = call->arguments;
	const struct qk_sim_card *card = &call->state->card;
	const struct qk_sim_file *file = NULL;

	if (!qk_sim_card_answers(card))
		return qk_control_refuse(call, "card-refresh: there is no card that was read");
	if (call->given & 1u << 1)
		file = qk_sim_card_find_id(card, arguments->file);
	if (call->given & (1u << 1 | 1u << 2) && !file)
		return qk_control_refuse(call, "card-refresh: there is no such file");
	if (call->given & 1u << 2 && write_file(call, file) < 0)
		return -EINVAL;
	qk_sim_refresh_begin(call->state, arguments->mode, file ? &file->path : NULL);
	return 0;
}

static int bind_modem(struct qk_control_call *call)
{
	const struct binding *arguments = call->arguments;

	if (!arguments->key[0])
		return qk_control_refuse(call, "card-bind: key has 1 to %d digits", QK_SIM_KEY_MAX);
	qk_sim_personal_bind(call->state, arguments->kind, arguments->key);
	if (call->given & 1u << 2)
		call->state->personal[arguments->kind].retries = arguments->retries;
	return 0;
}

#define MEMBERS(members, type) members, QK_CONTROL_COUNT(members), sizeof(struct type)

static const struct qk_control_row rows[] = {
	{ "card",
	  "the SIM as a profile has it; a PIN that is enabled is asked for at the next start",
	  MEMBERS(card_members, card), set_card, prepare_card, .partial = true },
	{ "card-insert", "put the SIM in, where it is", MEMBERS(place_members, place), insert },
	{ "card-remove", "take it out", MEMBERS(place_members, place), remove_card },
	{ "card-slot", "use the SIM of another slot, as a program inside the modem does",
	  MEMBERS(slot_members, place), use_slot },
	{ "card-error", "let it fail, with an error in 3GPP's order of card errors",
	  MEMBERS(failure_members, failure), fail },
	{ "card-pin", "another state, code or count of tries of a PIN; the card is put in anew",
	  MEMBERS(pin_members, pin), set_pin },
	{ "card-refresh",
	  "the network changes a file (\"0x6f46\"), and the card has the modem read it anew",
	  MEMBERS(change_members, change), refresh },
	{ "card-bind",
	  "bind the modem to the cards of a network, or of another kind; its own is one of them",
	  MEMBERS(binding_members, binding), bind_modem },
};

const struct qk_control_rows qk_control_card_rows = { rows, QK_CONTROL_COUNT(rows) };
