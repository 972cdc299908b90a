/*
 * Fuzz target: what a modem says on an AT port. A byte 0xff in the input ends one cut of it and begins a command,
 * where none runs; 0xfe gives the command up. Answers must end with a NUL and stay within their bounds, news be text.
 */
#include <stdlib.h>
#include <string.h>

#include "manager/at-reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BUFFER_SIZE = 300 };

struct host {
	struct at_reader reader;
	char buffer[BUFFER_SIZE];
	unsigned int commands;
};

static void begin(struct host *host)
{
	static const char *const commands[] = { "AT+CSQ", "AT+CREG?", "ATD1", "AT+CUSD?;+CCWA=1" };

	if (!host->reader.command[0] &&
	    at_reader_begin(&host->reader, commands[host->commands++ % 4], host->buffer,
			    sizeof(host->buffer)) < 0)
		abort();
}

static void on_answer(void *userdata, const struct at_answer *answer)
{
	struct host *host = userdata;

	if (answer->size >= BUFFER_SIZE || strlen(answer->text) != answer->size ||
	    answer->code < -1)
		abort();
	if (host->commands & 1)
		begin(host);
}

static void on_news(void *userdata, const char *line)
{
	(void)userdata;
	if (!line[0] || strlen(line) > AT_LINE_MAX)
		abort();
}

static void on_prompt(void *userdata)
{
	const struct host *host = userdata;

	if (!host->reader.command[0])
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct at_reader_events events = { on_answer, on_news, on_prompt };
	struct host *host = calloc(1, sizeof(*host));
	size_t start = 0;

	if (!host)
		return 0;
	for (size_t i = 0; i <= size; i++) {
		if (i < size && data[i] < 0xfe)
			continue;
		at_reader_push(&host->reader, (struct qk_span){ data + start, i - start }, &events,
			       host);
		start = i + 1;
		if (i < size && data[i] == 0xff)
			begin(host);
		else if (i < size)
			at_reader_forget(&host->reader);
	}
	free(host);
	return 0;
}
