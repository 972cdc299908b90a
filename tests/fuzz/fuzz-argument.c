/*
 * Fuzz target: "NAME=ARGUMENT" as qmicli takes it on its command line, for whichever command has that name. The
 * argument becomes a request that can be sent, or a failure in words; nothing is read behind its end.
 */
#include <stdlib.h>
#include <string.h>

#include <qmikit/codec.h>

#include "qmicli/request.h"

enum { ARGUMENT_MAX = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy that is as long as the text, so that a sanitizer sees what reads on. */
static char *copy(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = 0;
	return text;
}

static void send_request(const struct command *command, const void *request)
{
	uint8_t *buffer = malloc(QK_FRAME_MAX);
	struct qk_writer writer = qk_writer(buffer, QK_FRAME_MAX);

	if (!buffer || qk_encode(command_method(command)->request, request, &writer) < 0)
		abort();
	free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
	const uint8_t *equals;
	struct failure failure = { 0 };
	struct action action = { 0 };
	void *request = NULL;
	char *argument;

	/* no word of a command line has a 0 in it */
	size = zero ? (size_t)(zero - data) : size;
	equals = size ? memchr(data, '=', size) : NULL;
	if (!equals || size > ARGUMENT_MAX)
		return 0;
	action.command = command_find((const char *)data, (size_t)(equals - data), &action.service);
	if (!action.command || !action.command->argument || command_course(action.command)->local)
		return 0;
	argument = copy(equals + 1, size - (size_t)(equals + 1 - data));
	action.argument = argument;
	if (request_new(&action, &request, &failure)) {
		if (failure.code != EXIT_USAGE || !*failure.text)
			abort();
	} else if (request) {
		send_request(action.command, request);
		request_free(request);
	}
	free(argument);
	return 0;
}
