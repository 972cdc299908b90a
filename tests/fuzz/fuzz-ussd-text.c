/*
 * Fuzz target: USSD as a modem tells it on an AT port, and what a client has said there. What is read must be text
 * within its bounds, what is written one line.
 */
#include <stdlib.h>
#include <string.h>

#include "manager/at-reader.h"
#include "manager/ussd-text.h"

#include "lib/3gpp/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	if (length == size ||
	    qk_utf8_valid((struct qk_span){ (const uint8_t *)text, length }) != length)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char line[AT_LINE_MAX + 1], command[USSD_COMMAND_SIZE];
	struct ussd_told told;

	if (size > AT_LINE_MAX)
		size = AT_LINE_MAX;
	if (size)
		memcpy(line, data, size);
	line[size] = 0;
	if (ussd_read_news(line, &told) == 0) {
		check_text(told.text, sizeof(told.text));
		if (told.has_text != (told.text[0] != 0))
			abort();
	}
	for (int ucs2 = 0; ucs2 < 2; ucs2++)
		if (ussd_command(line, ucs2, command) == 0 &&
		    (strlen(command) > AT_COMMAND_MAX || strpbrk(command, "\r\n")))
			abort();
	return 0;
}
