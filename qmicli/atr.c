/*
 * ATR: AT commands in QMI, as Telit's modules have them. libqmi has these commands since 1.34.
 *
 * The answer to a command comes in indications, in pieces of any size: they are put together to lines, and one of
 * these ends it. libqmi looks at each piece alone, and does not see the end in "+CME ERROR: 10".
 */
#include <qmikit/atr.h>

#include <string.h>

#include "services.h"
#include "steps.h"

enum { REPLY_USEC = 120000000, LINE_MAX_SIZE = 64, MESSAGE_MAX = 1024 };

static const char doing[] = "couldn't send AT command";

/* How the last line of an answer begins: V.250 5.7.1, 3GPP TS 27.007 9.1, TS 27.005 3.2.5; the last one is of old
 * modems. */
static bool is_final(const char *line)
{
	static const char *const finals[] = {
		"ERROR",     "+CME ERROR",  "+CMS ERROR",          "CONNECT", "NO CARRIER", "BUSY",
		"NO ANSWER", "NO DIALTONE", "COMMAND NOT SUPPORT",
	};

	for (size_t i = 0; i < sizeof(finals) / sizeof(finals[0]); i++)
		if (!strncmp(line, finals[i], strlen(finals[i])))
			return true;
	return !strcmp(line, "OK");
}

/* The line that has not ended yet: as much of it as tells whether it is final. */
struct reply {
	char line[LINE_MAX_SIZE];
	size_t size;
};

/* Whether a final line ends in `text`. */
static bool ends_in(struct reply *reply, struct qk_string text)
{
	bool final = false;

	for (size_t i = 0; i < text.size; i++) {
		bool end = text.data[i] == '\r' || text.data[i] == '\n';

		if (!end && reply->size < sizeof(reply->line) - 1)
			reply->line[reply->size++] = text.data[i];
		if (!end)
			continue;
		reply->line[reply->size] = 0;
		final = final || is_final(reply->line);
		reply->size = 0;
	}
	return final;
}

static void show(struct steps *steps, const struct qk_atr_received_indication *received)
{
	static const struct text_row rows[] = { TEXT_LINE("{message}"), TEXT_END };

	steps_show(steps, &qk_atr_received_message, received, rows);
}

/* The command and its line end: in room behind the request. */
static int finish(const struct action *action, unsigned int seen, void *request,
		  struct failure *failure)
{
	struct qk_atr_send_request *send = request;
	char *message = (char *)(send + 1);
	size_t size = strlen(action->argument);

	(void)seen;
	if (!size)
		return failure_set(failure, EXIT_USAGE, "'' is no AT command");
	if (size >= MESSAGE_MAX)
		return failure_set(failure, EXIT_USAGE, "an AT command has at most %d characters",
				   MESSAGE_MAX - 1);
	memcpy(message, action->argument, size);
	message[size] = '\r';
	send->has_message = true;
	send->message = (struct qk_string){ message, size + 1 };
	return 0;
}

static int run_send(struct steps *steps, void *request)
{
	const struct qk_atr_received_indication *received;
	struct reply reply = { 0 };

	if (steps_listen(steps) || !steps_call(steps, &qk_atr_send_method, request, doing))
		return steps->failure->code;
	do {
		received = steps_wait(steps, &qk_atr_received_message, REPLY_USEC);
		if (!received)
			return steps->failure->code;
		show(steps, received);
		if (steps_flush(steps))
			return steps->failure->code;
	} while (!ends_in(&reply, received->message));
	steps_say(steps, "Successfully received final response\n");
	return 0;
}

/* Nothing is told to a client that has sent nothing. That it echoes no commands lets another qmicli send them with
 * --atr-send-only on the client id of this one. */
static int run_monitor(struct steps *steps, void *request)
{
	static const char first[] = "ATE0\r";
	const struct qk_atr_send_request send = { .has_message = true,
						  .message = { first, strlen(first) } };
	const struct qk_atr_received_indication *received;

	(void)request;
	if (steps_listen(steps) || !steps_call(steps, &qk_atr_send_method, &send, doing))
		return steps->failure->code;
	steps_say(steps, "Monitoring unsolicited indications: press Ctrl+C to stop\n");
	while (steps_flush(steps) == 0 &&
	       (received = steps_wait(steps, &qk_atr_received_message, STEPS_FOREVER))) {
		struct reply reply = { 0 };
		bool echo = received->message.size == strlen(first) &&
			    !memcmp(received->message.data, first, strlen(first));

		if (!echo && !ends_in(&reply, received->message))
			show(steps, received);
	}
	if (steps_interrupted(steps))
		steps_forgive(steps);
	return steps->failure->code;
}

static const struct command commands[] = {
	{ .name = "atr-send",
	  .method = "atr/send",
	  .help = "Send an AT command and show the answer",
	  .argument = TAKES("AT-COMMAND", .finish = finish, .room = MESSAGE_MAX),
	  .course = COURSE(.run = run_send),
	  .failure = doing },
	{ .name = "atr-send-only",
	  .method = "atr/send",
	  .help = "Send an AT command and wait for no answer",
	  .argument = TAKES("AT-COMMAND", .finish = finish, .room = MESSAGE_MAX),
	  .failure = doing,
	  .text = TEXT_ROWS(TEXT_LINE("Successfully sent AT command\n")) },
	{ .name = "atr-monitor",
	  .method = "atr/send",
	  .help = "Show what the modem says unasked, until Ctrl+C",
	  .course = COURSE(.run = run_monitor),
	  .failure = doing },
	COMMAND_NOOP(atr),
	{ 0 },
};

const struct command_service commands_atr = { QK_SERVICE_ID_ATR, "atr", "Telit AT Relay Service",
					      commands };
