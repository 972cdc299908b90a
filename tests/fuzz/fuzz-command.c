/*
 * Fuzz target: the answer to a command of qmicli, as its rows show it and as JSON. The first line is the option's name
 * and, behind "=", its argument; the rest are the TLVs of the answer, or of the indication that is the answer proper.
 */
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <qmikit/json.h>

#include "qmicli/command.h"

#define ARENA_SIZE 65536
#define STRUCT_SIZE 8192
#define LINE_MAX_SIZE 128

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct work {
	alignas(max_align_t) uint8_t answer[STRUCT_SIZE];
	alignas(max_align_t) uint8_t memory[ARENA_SIZE];
};

static void show(const struct command *command, const struct text_scope *scope)
{
	struct output out = { 0 };
	json_t *json = qk_to_json(scope->message, scope->decoded);

	if (!text_missing(scope->message, scope->decoded)) {
		text_print(scope, command->text, &out);
		if (out.used && strlen(out.data) > out.used)
			abort();
	}
	if (!command->told)
		text_print(scope, command_course(command)->refused, &out);
	output_done(&out);
	json_decref(json);
}

static void decode(struct work *w, const struct command *command, const char *argument,
		   struct qk_span tlvs)
{
	struct qk_arena arena = { .base = w->memory, .size = ARENA_SIZE };
	const struct qk_message *message =
		command->told ? command_indication(command) : command_method(command)->response;
	const struct text_scope scope = {
		.message = message,
		.decoded = w->answer,
		.device = "/dev/cdc-wdm0",
		.argument = argument,
	};

	if (message->size > STRUCT_SIZE)
		abort();
	if (qk_decode(message, tlvs, &arena, w->answer) == 0)
		show(command, &scope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t length = end ? (size_t)(end - data) : 0;
	char line[LINE_MAX_SIZE] = "";

	if (!length || length >= sizeof(line))
		return 0;
	memcpy(line, data, length);

	const char *argument = strchr(line, '=');
	const struct command *command = command_find(line, strcspn(line, "="), NULL);
	struct work *w = command && command->method ? malloc(sizeof(*w)) : NULL;

	if (w)
		decode(w, command, argument ? argument + 1 : NULL,
		       (struct qk_span){ end + 1, size - length - 1 });
	free(w);
	return 0;
}
