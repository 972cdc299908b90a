/*
 * AT reader: a line that a modem says by itself has a name; it is an answer all the same where the command that runs
 * asked for just that name.
 */
#include "at-reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/3gpp/at-error.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { PROMPT = '>', NUMBER_MAX = 9999 };

/* --- Result codes */

/* Codes that end a command; those of calls only where the command makes one. */
static const struct code {
	const char *text;
	bool starts; /* more may follow */
	bool calls;
	enum at_result result;
} codes[] = {
	{ "OK", false, false, AT_RESULT_OK },
	{ "ERROR", false, false, AT_RESULT_ERROR },
	{ "+CME ERROR:", true, false, AT_RESULT_CME_ERROR },
	{ "+CMS ERROR:", true, false, AT_RESULT_CMS_ERROR },
	{ "COMMAND NOT SUPPORT", false, false, AT_RESULT_ERROR },
	{ "CONNECT", true, true, AT_RESULT_CONNECT },
	{ "NO CARRIER", false, true, AT_RESULT_NO_CARRIER },
	{ "BUSY", false, true, AT_RESULT_BUSY },
	{ "NO ANSWER", false, true, AT_RESULT_NO_ANSWER },
	{ "NO DIALTONE", false, true, AT_RESULT_NO_DIALTONE },
	{ "NO DIAL TONE", false, true, AT_RESULT_NO_DIALTONE },
};

/* Dialling, answering, going back to data, a context's data state. */
static bool makes_calls(const char *command)
{
	return strncasecmp(command, "ATD", 3) == 0 || strncasecmp(command, "ATA", 3) == 0 ||
	       strncasecmp(command, "ATO", 3) == 0 || strcasestr(command, "+CGDATA");
}

static const struct code *find_code(const char *line, const char *command)
{
	for (size_t i = 0; i < COUNT(codes); i++) {
		const struct code *code = &codes[i];
		bool same = code->starts ? strncmp(line, code->text, strlen(code->text)) == 0
					 : strcmp(line, code->text) == 0;

		if (same && (!code->calls || makes_calls(command)))
			return code;
	}
	return NULL;
}

static int number_of_words(enum at_result result, const char *words)
{
	if (result == AT_RESULT_CME_ERROR)
		return qk_at_error_number(QK_AT_ERROR_EQUIPMENT, words);
	if (result == AT_RESULT_CMS_ERROR)
		return qk_at_error_number(QK_AT_ERROR_MESSAGE, words);
	return -1;
}

/* Behind "+CME ERROR:"; -1: it is none that is known. */
static int number_of(const struct code *code, const char *text)
{
	char *end;
	long number;

	while (*text == ' ')
		text++;
	if (*text < '0' || *text > '9')
		return number_of_words(code->result, text);
	number = strtol(text, &end, 10);
	return *end || number > NUMBER_MAX ? -1 : (int)number;
}

/* --- What is told unasked */

/* How a command must look to be answered with a line of that name. */
enum answers {
	NEVER,
	READ,      /* "+CPIN?" or "+CPIN=?" */
	READ_MODE, /* likewise; with two numbers in front, where the news have one */
	ANY_FORM,  /* also "+CCWA=1,2" */
};

static const struct name {
	const char *text;
	enum answers answers;
	bool pdu; /* the next line belongs to it */
} names[] = {
	{ "RING", NEVER },
	{ "RDY", NEVER },
	{ "APP RDY", NEVER },
	{ "NO CARRIER", NEVER },
	{ "NORMAL POWER DOWN", NEVER },
	{ "POWERED DOWN", NEVER },
	{ "+CREG:", READ_MODE },
	{ "+CGREG:", READ_MODE },
	{ "+CEREG:", READ_MODE },
	{ "+C5GREG:", READ_MODE },
	{ "+CRING:", NEVER },
	{ "+CLIP:", READ },
	{ "+CCWA:", ANY_FORM },
	{ "+COLP:", READ },
	{ "+CMTI:", NEVER },
	{ "+CDSI:", NEVER },
	{ "+CBMI:", NEVER },
	{ "+CMT:", NEVER, true },
	{ "+CDS:", NEVER, true },
	{ "+CBM:", NEVER, true },
	{ "+CUSD:", READ },
	{ "+CTZV:", NEVER },
	{ "+CTZE:", NEVER },
	{ "+CTZDST:", NEVER },
	{ "+CGEV:", NEVER },
	{ "+CSSI:", NEVER },
	{ "+CSSU:", NEVER },
	{ "+CPIN:", READ },
	{ "+CFUN:", READ },
	{ "+QUSIM:", NEVER },
	{ "+QSIMSTAT:", READ },
	{ "+QIND:", NEVER },
	{ "+QIURC:", NEVER },
	{ "+QGPSURC:", NEVER },
	{ "+QLWURC:", NEVER },
	{ "+QTONEDET:", NEVER },
	{ "+QNETDEVSTATUS:", ANY_FORM },
};

/* "2,1,…" as AT+CREG? answers, and not "1" or "1,\"00A1\",…". */
static bool has_two_numbers(const char *text)
{
	size_t first = 0, second;

	while (text[first] == ' ')
		first++;
	second = first + strspn(text + first, "0123456789");
	return second > first && text[second] == ',' && strspn(text + second + 1, "0123456789") > 0;
}

/* Whether a command that goes on like that behind the name is answered with the line. */
static bool form_answers(const char *form, const struct name *name, const char *line)
{
	bool reads = form[0] == '?' || strncmp(form, "=?", 2) == 0;

	if (name->answers == READ_MODE && form[0] == '?')
		return has_two_numbers(line + strlen(name->text));
	return reads || name->answers == ANY_FORM;
}

static bool answers(const char *command, const struct name *name, const char *line)
{
	size_t length = strlen(name->text) - 1; /* without the colon */

	for (const char *at = command; *at && name->answers != NEVER; at++)
		if (strncasecmp(at, name->text, length) == 0 &&
		    form_answers(at + length, name, line))
			return true;
	return false;
}

static const struct name *find_news(const char *line, const char *command)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (strncmp(line, names[i].text, strlen(names[i].text)) == 0 &&
		    !answers(command, &names[i], line))
			return &names[i];
	return NULL;
}

/* --- The answer */

static void put(struct at_reader *reader, const char *data, size_t size)
{
	/* one is kept for the NUL */
	if (size >= reader->capacity - reader->used) {
		reader->cut = true;
		return;
	}
	memcpy(reader->buffer + reader->used, data, size);
	reader->used += size;
}

static void add_line(struct at_reader *reader)
{
	for (size_t i = 0; reader->used > 0 && i < reader->breaks && i < 2; i++)
		put(reader, "\r\n", 2);
	put(reader, reader->line, reader->size);
	reader->cut |= reader->too_long;
	reader->breaks = 1;
}

static void finish(struct at_reader *reader, const struct code *code,
		   const struct at_reader_events *events, void *userdata)
{
	const struct at_answer answer = {
		.result = code->result,
		.code = code->starts ? number_of(code, reader->line + strlen(code->text)) : -1,
		.text = reader->buffer,
		.size = reader->used,
		.cut = reader->cut,
	};

	reader->buffer[reader->used] = 0;
	reader->command[0] = 0;
	reader->buffer = NULL;
	events->answer(userdata, &answer);
}

/* --- Lines */

static void tell_with_pdu(struct at_reader *reader, const struct at_reader_events *events,
			  void *userdata)
{
	size_t used = strlen(reader->news);

	/* What does not fit is of no use. */
	if (used + 1 + reader->size < sizeof(reader->news)) {
		reader->news[used] = '\n';
		memcpy(reader->news + used + 1, reader->line, reader->size + 1);
		events->news(userdata, reader->news);
	}
	reader->news[0] = 0;
}

static void tell(struct at_reader *reader, const struct name *name,
		 const struct at_reader_events *events, void *userdata)
{
	/* It stood in a line of its own, with an empty one in front. */
	if (reader->breaks > 1)
		reader->breaks--;
	if (name && name->pdu)
		memcpy(reader->news, reader->line, reader->size + 1);
	else
		events->news(userdata, reader->line);
}

static void take_line(struct at_reader *reader, const struct at_reader_events *events,
		      void *userdata)
{
	const char *line = reader->line;
	const struct name *name = find_news(line, reader->command);
	const struct code *code = find_code(line, reader->command);

	if (reader->news[0])
		tell_with_pdu(reader, events, userdata);
	else if (!reader->command[0])
		tell(reader, name, events, userdata);
	else if (code && !reader->too_long)
		finish(reader, code, events, userdata);
	else if (name)
		tell(reader, name, events, userdata);
	else if (strcmp(line, reader->command) != 0) /* its echo is none */
		add_line(reader);
}

static void end_line(struct at_reader *reader, const struct at_reader_events *events,
		     void *userdata)
{
	while (reader->size > 0 && reader->line[reader->size - 1] == '\r')
		reader->size--;
	reader->line[reader->size] = 0;
	if (reader->size > 0)
		take_line(reader, events, userdata);
	else
		reader->breaks++;
	reader->size = 0;
	reader->too_long = false;
}

/* "> " at the beginning of a line, behind which there is no end of one. */
static bool is_prompt(const struct at_reader *reader)
{
	return reader->command[0] && reader->size == 2 && reader->line[0] == PROMPT &&
	       reader->line[1] == ' ';
}

static void take_byte(struct at_reader *reader, uint8_t byte, const struct at_reader_events *events,
		      void *userdata)
{
	if (byte == '\n') {
		end_line(reader, events, userdata);
		return;
	}
	if (byte == 0 || (byte == '\r' && reader->size == 0))
		return;
	if (reader->size == AT_LINE_MAX) {
		reader->too_long = true;
		return;
	}
	reader->line[reader->size++] = (char)byte;
	if (is_prompt(reader)) {
		reader->size = 0;
		events->prompt(userdata);
	}
}

int at_reader_begin(struct at_reader *reader, const char *command, char *buffer, size_t capacity)
{
	size_t length = strlen(command);

	if (length > AT_COMMAND_MAX || length == 0 || capacity == 0)
		return -EMSGSIZE;
	memcpy(reader->command, command, length + 1);
	reader->buffer = buffer;
	reader->capacity = capacity;
	reader->used = 0;
	reader->breaks = 0;
	reader->cut = false;
	return 0;
}

void at_reader_forget(struct at_reader *reader)
{
	reader->command[0] = 0;
	reader->buffer = NULL;
}

void at_reader_push(struct at_reader *reader, struct qk_span bytes,
		    const struct at_reader_events *events, void *userdata)
{
	for (size_t i = 0; i < bytes.size; i++)
		take_byte(reader, bytes.data[i], events, userdata);
}
