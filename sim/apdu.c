/*
 * APDU: one table of commands (see apdu.h). The class byte names the channel; a command with a wrong class, a wrong
 * length or an unknown instruction changes nothing.
 */
#include "apdu.h"
#include "state.h"

#include <string.h>

#define MF 0x3f00
#define USIM 0x7fff

enum {
	SW_CLA_CHANNEL = 0x6881,
	SW_WRONG_P1P2 = 0x6a86,
	SW_NO_REFERENCE = 0x6a88,
	SW_NO_INS = 0x6d00,
	SW_NO_CLA = 0x6e00,
	SW_MORE_CHANNELS = 0x6a81,
};

struct command {
	uint8_t channel, p1, p2;
	struct qk_span data;
	size_t expected; /* Le, 256 for 0; 0 when there is none */
	uint8_t *answer; /* of QK_SIM_APDU_MAX - 2 bytes */
	size_t answer_size;
};

static struct qk_sim_card_channel *channel_of(struct qk_sim_state *state,
					      const struct command *command)
{
	return &state->card.channels[command->channel];
}

static const struct qk_sim_file *selected(struct qk_sim_state *state, const struct command *command)
{
	const struct qk_sim_path *path = &channel_of(state, command)->selected;

	return path->count ? qk_sim_card_find(&state->card, path) : NULL;
}

static uint16_t answer(struct command *command, struct qk_span bytes)
{
	size_t size = bytes.size < QK_SIM_APDU_MAX - 2 ? bytes.size : QK_SIM_APDU_MAX - 2;

	if (command->expected && size > command->expected)
		size = command->expected;
	memcpy(command->answer, bytes.data, size);
	command->answer_size = size;
	return QK_SIM_SW_OK;
}

static uint16_t describe(struct qk_sim_state *state, struct command *command,
			 const struct qk_sim_file *file)
{
	uint8_t bytes[64];
	int size = qk_sim_card_describe(&state->card, file, bytes, sizeof(bytes));

	return size < 0 ? QK_SIM_SW_WRONG_LENGTH
			: answer(command, (struct qk_span){ bytes, (size_t)size });
}

/* A file id: below the folder that is selected, that folder's neighbour, or a child of the master file. */
static const struct qk_sim_file *find_near(struct qk_sim_state *state,
					   const struct command *command, uint16_t id)
{
	struct qk_sim_path path = channel_of(state, command)->selected;
	const struct qk_sim_file *file = selected(state, command);

	if (file && file->type != QK_SIM_FILE_FOLDER)
		path.count--;
	for (; path.count; path.count--) {
		if (path.ids[path.count - 1] == id)
			return qk_sim_card_find(&state->card, &path);
		if (path.count == QK_SIM_PATH_MAX)
			continue;
		struct qk_sim_path below = path;
		below.ids[below.count++] = id;
		file = qk_sim_card_find(&state->card, &below);
		if (file)
			return file;
	}
	return NULL;
}

/* A path from the master file (`below` false) or from the folder that is selected. */
static const struct qk_sim_file *find_path(struct qk_sim_state *state,
					   const struct command *command, bool below)
{
	const struct qk_sim_file *file = selected(state, command);
	struct qk_sim_path path = { { MF }, 1 };

	if (below && file) {
		path = file->path;
		path.count = (uint8_t)(path.count - (file->type != QK_SIM_FILE_FOLDER));
	}
	for (size_t i = 0; i + 1 < command->data.size; i += 2) {
		uint16_t id = (uint16_t)(command->data.data[i] << 8 | command->data.data[i + 1]);

		if (id == MF && path.count == 1)
			continue;
		if (path.count == QK_SIM_PATH_MAX)
			return NULL;
		path.ids[path.count++] = id;
	}
	return qk_sim_card_find(&state->card, &path);
}

/* An application by the beginning of its id. */
static const struct qk_sim_file *find_aid(struct qk_sim_state *state, struct qk_span aid)
{
	const struct qk_sim_card *card = &state->card;

	if (aid.size < 5 || aid.size > card->aid_size || memcmp(aid.data, card->aid, aid.size) != 0)
		return NULL;
	return qk_sim_card_find_id(card, USIM);
}

static uint16_t select_file(struct qk_sim_state *state, struct command *command)
{
	const struct qk_sim_file *file = NULL;

	if (command->p1 == 0x00 && command->data.size == 0) {
		file = qk_sim_card_find(&state->card, &(struct qk_sim_path){ { MF }, 1 });
	} else if (command->p1 == 0x00 && command->data.size == 2) {
		file = find_near(state, command,
				 (uint16_t)(command->data.data[0] << 8 | command->data.data[1]));
	} else if (command->p1 == 0x04) {
		file = find_aid(state, command->data);
	} else if ((command->p1 == 0x08 || command->p1 == 0x09) && command->data.size % 2 == 0) {
		file = find_path(state, command, command->p1 == 0x09);
	} else {
		return SW_WRONG_P1P2;
	}
	if (!file)
		return QK_SIM_SW_NOT_FOUND;
	channel_of(state, command)->selected = file->path;
	return (command->p2 & 0x0c) == 0x0c ? QK_SIM_SW_OK : describe(state, command, file);
}

static uint16_t status_of(struct qk_sim_state *state, struct command *command)
{
	struct qk_sim_path path = channel_of(state, command)->selected;
	const struct qk_sim_file *file = selected(state, command);

	if (file && file->type != QK_SIM_FILE_FOLDER) {
		path.count--;
		file = qk_sim_card_find(&state->card, &path);
	}
	if (!file)
		return QK_SIM_SW_NO_FILE;
	return (command->p2 & 0x0f) == 0x0c ? QK_SIM_SW_OK : describe(state, command, file);
}

static uint16_t read_binary(struct qk_sim_state *state, struct command *command)
{
	const struct qk_sim_file *file = selected(state, command);
	size_t offset = (size_t)command->p1 << 8 | command->p2;
	struct qk_span bytes;

	if (!file)
		return QK_SIM_SW_NO_FILE;
	if (command->p1 & 0x80)
		return SW_WRONG_P1P2;
	uint16_t status = qk_sim_card_read(&state->card, file, offset, 0, &bytes);
	if (status != QK_SIM_SW_OK)
		return status;
	if (command->expected != 256 && command->expected > bytes.size)
		return QK_SIM_SW_WRONG_LENGTH;
	return answer(command, bytes);
}

static uint16_t read_record(struct qk_sim_state *state, struct command *command)
{
	const struct qk_sim_file *file = selected(state, command);
	struct qk_span bytes;

	if (!file)
		return QK_SIM_SW_NO_FILE;
	if (command->p2 != 0x04)
		return SW_WRONG_P1P2;
	uint16_t status = qk_sim_card_read_record(&state->card, file, command->p1, &bytes);
	if (status != QK_SIM_SW_OK)
		return status;
	if (command->expected != 256 && command->expected != bytes.size)
		return QK_SIM_SW_WRONG_LENGTH;
	return answer(command, bytes);
}

static uint16_t update_binary(struct qk_sim_state *state, struct command *command)
{
	const struct qk_sim_file *file = selected(state, command);

	if (!file)
		return QK_SIM_SW_NO_FILE;
	if (command->p1 & 0x80)
		return SW_WRONG_P1P2;
	return qk_sim_card_write(state, file, (size_t)command->p1 << 8 | command->p2,
				 command->data);
}

static uint16_t update_record(struct qk_sim_state *state, struct command *command)
{
	const struct qk_sim_file *file = selected(state, command);

	if (!file)
		return QK_SIM_SW_NO_FILE;
	if (command->p2 == 0x03 && file->type == QK_SIM_FILE_CYCLIC)
		return qk_sim_card_write_record(state, file, 1, command->data);
	if (command->p2 != 0x04)
		return SW_WRONG_P1P2;
	return qk_sim_card_write_record(state, file, command->p1, command->data);
}

/* A code fills 8 bytes, with 0xff behind its digits. */
static bool code_at(const struct command *command, size_t at, char ret[static QK_SIM_CODE_MAX + 1])
{
	size_t size = 0;

	if (command->data.size < at + QK_SIM_CODE_MAX)
		return false;
	while (size < QK_SIM_CODE_MAX && command->data.data[at + size] != 0xff) {
		ret[size] = (char)command->data.data[at + size];
		size++;
	}
	ret[size] = 0;
	return true;
}

static bool pin_of(const struct command *command, uint32_t *ret)
{
	*ret = command->p2 == 0x81 || command->p2 == 0x02 ? QK_SIM_PIN2 : QK_SIM_PIN1;
	return command->p2 == 0x01 || command->p2 == 0x81 || command->p2 == 0x02;
}

/* Without a code, VERIFY asks how many tries are left. */
static uint16_t tries_left(struct qk_sim_state *state, uint32_t pin_id, bool unblock)
{
	const struct qk_sim_pin *pin = qk_sim_card_pin(&state->card, pin_id);
	uint8_t left = unblock ? pin->unblock_retries : pin->retries;

	if (left == 0)
		return QK_SIM_SW_BLOCKED;
	if (!unblock && pin->state == QK_SIM_PIN_VERIFIED)
		return QK_SIM_SW_OK;
	return (uint16_t)(QK_SIM_SW_WRONG_CODE | (left & 0xf));
}

static uint16_t verify(struct qk_sim_state *state, struct command *command)
{
	char code[QK_SIM_CODE_MAX + 1];
	uint32_t pin_id;

	if (!pin_of(command, &pin_id))
		return SW_NO_REFERENCE;
	if (!command->data.size)
		return tries_left(state, pin_id, false);
	return code_at(command, 0, code) ? qk_sim_card_verify(state, pin_id, code)
					 : QK_SIM_SW_WRONG_LENGTH;
}

static uint16_t change(struct qk_sim_state *state, struct command *command)
{
	char old_code[QK_SIM_CODE_MAX + 1], code[QK_SIM_CODE_MAX + 1];
	uint32_t pin_id;

	if (!pin_of(command, &pin_id))
		return SW_NO_REFERENCE;
	if (!code_at(command, 0, old_code) || !code_at(command, QK_SIM_CODE_MAX, code))
		return QK_SIM_SW_WRONG_LENGTH;
	return qk_sim_card_change(state, pin_id, old_code, code);
}

static uint16_t unblock(struct qk_sim_state *state, struct command *command)
{
	char unblock_code[QK_SIM_CODE_MAX + 1], code[QK_SIM_CODE_MAX + 1];
	uint32_t pin_id;

	if (!pin_of(command, &pin_id))
		return SW_NO_REFERENCE;
	if (!command->data.size)
		return tries_left(state, pin_id, true);
	if (!code_at(command, 0, unblock_code) || !code_at(command, QK_SIM_CODE_MAX, code))
		return QK_SIM_SW_WRONG_LENGTH;
	return qk_sim_card_unblock(state, pin_id, unblock_code, code);
}

static uint16_t protect(struct qk_sim_state *state, struct command *command, bool on)
{
	char code[QK_SIM_CODE_MAX + 1];
	uint32_t pin_id;

	if (!pin_of(command, &pin_id))
		return SW_NO_REFERENCE;
	return code_at(command, 0, code) ? qk_sim_card_protect(state, pin_id, on, code)
					 : QK_SIM_SW_WRONG_LENGTH;
}

static uint16_t disable(struct qk_sim_state *state, struct command *command)
{
	return protect(state, command, false);
}

static uint16_t enable(struct qk_sim_state *state, struct command *command)
{
	return protect(state, command, true);
}

static uint16_t open_next(struct qk_sim_state *state, uint8_t *ret_channel)
{
	struct qk_sim_card *card = &state->card;

	for (uint8_t i = 1; i < QK_SIM_CHANNELS; i++) {
		if (card->channels[i].open)
			continue;
		card->channels[i] =
			(struct qk_sim_card_channel){ .open = true, .selected = { { MF }, 1 } };
		*ret_channel = i;
		return QK_SIM_SW_OK;
	}
	return SW_MORE_CHANNELS;
}

uint16_t qk_sim_channel_close(struct qk_sim_state *state, uint8_t channel)
{
	if (!qk_sim_card_answers(&state->card))
		return QK_SIM_SW_NO_CARD;
	if (channel == 0 || channel >= QK_SIM_CHANNELS || !state->card.channels[channel].open)
		return SW_WRONG_P1P2;
	state->card.channels[channel].open = false;
	return QK_SIM_SW_OK;
}

static uint16_t manage_channel(struct qk_sim_state *state, struct command *command)
{
	uint8_t channel;

	if (command->p1 == 0x80)
		return qk_sim_channel_close(state, command->p2);
	if (command->p1 != 0x00 || command->p2 != 0x00)
		return SW_WRONG_P1P2;
	uint16_t status = open_next(state, &channel);
	return status == QK_SIM_SW_OK ? answer(command, (struct qk_span){ &channel, 1 }) : status;
}

/* A response is never kept for later: it came with its command. */
static uint16_t get_response(struct qk_sim_state *state, struct command *command)
{
	(void)state;
	(void)command;
	return 0x6985;
}

static const struct {
	uint8_t ins;
	uint16_t (*fn)(struct qk_sim_state *state, struct command *command);
} instructions[] = {
	{ 0xa4, select_file },  { 0xf2, status_of },     { 0xb0, read_binary },
	{ 0xb2, read_record },  { 0xd6, update_binary }, { 0xdc, update_record },
	{ 0x20, verify },       { 0x24, change },        { 0x26, disable },
	{ 0x28, enable },       { 0x2c, unblock },       { 0x70, manage_channel },
	{ 0xc0, get_response },
};

/* Lc and the data, Le, both or neither. */
static bool read_body(struct qk_span body, struct command *command)
{
	if (body.size == 0)
		return true;
	if (body.size == 1) {
		command->expected = body.data[0] ? body.data[0] : 256;
		return true;
	}
	size_t size = body.data[0];
	if (body.size != size + 1 && body.size != size + 2)
		return false;
	command->data = (struct qk_span){ body.data + 1, size };
	if (body.size == size + 2)
		command->expected = body.data[size + 1] ? body.data[size + 1] : 256;
	return true;
}

static uint16_t run(struct qk_sim_state *state, struct qk_span bytes, struct command *command)
{
	uint8_t class = bytes.data[0];

	if ((class & 0xf0) != 0x00 && (class & 0xf0) != 0x80 && (class & 0xf0) != 0xa0)
		return SW_NO_CLA;
	command->channel = class & 0x03;
	if (class & 0x0c || !state->card.channels[command->channel].open)
		return SW_CLA_CHANNEL;
	command->p1 = bytes.data[2];
	command->p2 = bytes.data[3];
	if (!read_body((struct qk_span){ bytes.data + 4, bytes.size - 4 }, command))
		return QK_SIM_SW_WRONG_LENGTH;
	for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++)
		if (instructions[i].ins == bytes.data[1])
			return instructions[i].fn(state, command);
	return SW_NO_INS;
}

size_t qk_sim_apdu(struct qk_sim_state *state, struct qk_span bytes, uint8_t *ret)
{
	struct command command = { .answer = ret };

	if (!qk_sim_card_answers(&state->card))
		return 0;
	uint16_t status = bytes.size < 4 ? QK_SIM_SW_WRONG_LENGTH : run(state, bytes, &command);
	ret[command.answer_size] = (uint8_t)(status >> 8);
	ret[command.answer_size + 1] = (uint8_t)status;
	return command.answer_size + 2;
}

uint16_t qk_sim_channel_open(struct qk_sim_state *state, struct qk_span aid, uint8_t *ret_channel,
			     uint8_t *ret_answer, size_t *ret_size)
{
	struct command command = { .p1 = 0x04, .data = aid, .answer = ret_answer };

	if (!qk_sim_card_answers(&state->card))
		return QK_SIM_SW_NO_CARD;
	uint16_t status = open_next(state, ret_channel);
	if (status == QK_SIM_SW_OK && aid.size) {
		command.channel = *ret_channel;
		status = select_file(state, &command);
		state->card.channels[*ret_channel].open = status == QK_SIM_SW_OK;
	}
	*ret_size = command.answer_size;
	return status;
}
