/*
 * AT APDU: the card's files and commands to it, AT+CRSM and AT+CSIM (see at-modem.h). Sources: 3GPP
 * TS 27.007 8.17 and 8.18, ETSI TS 102 221 11.1.
 */
#include "at-modem.h"

#include <stdio.h>
#include <string.h>

#include "apdu.h"
#include "modem.h"

/* A file's id, the path to its folder (at most four ids), and the longest piece that one command moves. */
#define PATH_MAX_BYTES 8
#define DATA_MAX 255

static void say_bytes_as_hex(const uint8_t *bytes, size_t size, char *ret)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < size; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret[2 * size] = 0;
}

static int raw(struct qk_at_call *call)
{
	uint8_t command[DATA_MAX + 6], answer[QK_SIM_APDU_MAX];
	char text[2 * QK_SIM_APDU_MAX + 1];
	uint32_t length = 0;

	if (call->parsed->arg_count != 2 ||
	    qk_at_arg_number(call->parsed, 0, 8, 2 * sizeof(command), &length) < 0 ||
	    call->parsed->args[1].size != length)
		return QK_AT_CME + QK_AT_CME_PARAMETERS;
	int size = qk_at_from_hex(call->parsed->args[1].text, length, command, sizeof(command));
	if (size < 0)
		return QK_AT_CME + QK_AT_CME_PARAMETERS;
	size_t answered =
		qk_sim_apdu(call->state, (struct qk_span){ command, (size_t)size }, answer);
	if (!answered)
		return QK_AT_CME + QK_AT_CME_SIM_FAILURE;
	say_bytes_as_hex(answer, answered, text);
	qk_at_say(call, "+CSIM: %zu,\"%s\"", 2 * answered, text);
	return QK_AT_OK;
}

/* Runs a command on the card: the status word, and how many bytes of `answer` stand before it. 0: no card
 * answered. */
static uint16_t run(struct qk_at_call *call, const uint8_t *command, size_t size, uint8_t *answer,
		    size_t *ret_size)
{
	size_t answered = qk_sim_apdu(call->state, (struct qk_span){ command, size }, answer);

	*ret_size = answered < 2 ? 0 : answered - 2;
	if (answered < 2)
		return 0;
	return (uint16_t)(answer[answered - 2] << 8 | answer[answered - 1]);
}

/* Below which folders a file is looked for when no path is given: the USIM, the master file, TELECOM. */
static const struct {
	uint8_t size, ids[4];
} folders[] = {
	{ 2, { 0x7f, 0xff } },
	{ 0, { 0 } },
	{ 2, { 0x7f, 0x10 } },
	{ 4, { 0x7f, 0x10, 0x5f, 0x3a } },
};

static uint16_t select_below(struct qk_at_call *call, const uint8_t *path, size_t path_size,
			     uint16_t file, uint8_t *answer, size_t *ret_size)
{
	/* SELECT from the master file, with the file control parameters in the answer */
	uint8_t command[5 + PATH_MAX_BYTES + 3] = { 0x00, 0xa4, 0x08, 0x04 };
	size_t used = 5;

	/* the master file itself is not part of a path from it */
	if (path_size >= 2 && path[0] == 0x3f && path[1] == 0x00) {
		path += 2;
		path_size -= 2;
	}
	if (path_size)
		memcpy(command + used, path, path_size);
	used += path_size;
	command[used++] = (uint8_t)(file >> 8);
	command[used++] = (uint8_t)file;
	command[4] = (uint8_t)(used - 5);
	command[used++] = 0;
	return run(call, command, used, answer, ret_size);
}

static uint16_t select_file(struct qk_at_call *call, uint16_t file, uint8_t *answer,
			    size_t *ret_size)
{
	uint8_t path[PATH_MAX_BYTES];
	uint16_t status = 0;

	if (qk_at_has_arg(call->parsed, 6)) {
		int size = qk_at_from_hex(call->parsed->args[6].text, call->parsed->args[6].size,
					  path, sizeof(path));
		return size < 0 ? 0x6a82
				: select_below(call, path, (size_t)size, file, answer, ret_size);
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		status =
			select_below(call, folders[i].ids, folders[i].size, file, answer, ret_size);
		if (status == 0x9000)
			break;
	}
	return status;
}

static int say_answer(struct qk_at_call *call, uint16_t status, const uint8_t *answer, size_t size)
{
	char text[2 * QK_SIM_APDU_MAX + 1];

	if (!status)
		return QK_AT_CME + QK_AT_CME_SIM_FAILURE;
	say_bytes_as_hex(answer, size, text);
	qk_at_say(call, "+CRSM: %u,%u,\"%s\"", status >> 8, status & 0xffu, text);
	return QK_AT_OK;
}

/* The numbers of +CRSM's commands, and the instructions that they are on a UICC. */
enum {
	READ_BINARY = 176,
	READ_RECORD = 178,
	GET_RESPONSE = 192,
	UPDATE_BINARY = 214,
	UPDATE_RECORD = 220,
	STATUS = 242
};

/* <command>[,<file>[,<P1>,<P2>,<P3>[,<data>[,<path>]]]] */
static int restricted(struct qk_at_call *call)
{
	const struct qk_at_parsed *parsed = call->parsed;
	uint32_t number = 0, file = 0x3f00, p[3] = { 0 };
	uint8_t command[5 + DATA_MAX], answer[QK_SIM_APDU_MAX];
	size_t size = 0;

	if (parsed->arg_count > 7 || qk_at_arg_number(parsed, 0, 0, 255, &number) < 0 ||
	    qk_at_arg_number(parsed, 1, 0, UINT16_MAX, &file) < 0)
		return QK_AT_CME + QK_AT_CME_PARAMETERS;
	for (size_t i = 0; i < 3; i++)
		if (qk_at_arg_number(parsed, i + 2, 0, 255, &p[i]) < 0)
			return QK_AT_CME + QK_AT_CME_PARAMETERS;
	bool update = number == UPDATE_BINARY || number == UPDATE_RECORD;
	if (!update && number != READ_BINARY && number != READ_RECORD && number != GET_RESPONSE &&
	    number != STATUS)
		return QK_AT_CME + QK_AT_CME_NOT_SUPPORTED;
	uint16_t status = select_file(call, (uint16_t)file, answer, &size);
	if (status != 0x9000 || number == GET_RESPONSE || number == STATUS)
		return say_answer(call, status, answer, status == 0x9000 ? size : 0);
	memcpy(command,
	       (const uint8_t[]){ 0x00, (uint8_t)number, (uint8_t)p[0], (uint8_t)p[1],
				  (uint8_t)p[2] },
	       5);
	if (update &&
	    (!qk_at_has_arg(parsed, 5) || qk_at_from_hex(parsed->args[5].text, parsed->args[5].size,
							 command + 5, DATA_MAX) != (int)p[2]))
		return QK_AT_CME + QK_AT_CME_PARAMETERS;
	status = run(call, command, update ? 5 + p[2] : 5, answer, &size);
	return say_answer(call, status, answer, size);
}

static const struct qk_at_command commands[] = {
	{ .name = "+CRSM", .flags = QK_AT_NEEDS_CARD, .set = restricted, .test = "" },
	{ .name = "+CSIM", .flags = QK_AT_NEEDS_CARD, .set = raw, .test = "" },
};

const struct qk_at_table qk_at_apdu_table = { commands, sizeof(commands) / sizeof(commands[0]) };
