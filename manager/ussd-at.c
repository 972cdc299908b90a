/*
 * USSD by AT: the modem says OK when it has taken the code, and tells the network's answer unasked, which is a
 * request's as long as one waits.
 */
#include "ussd-at.h"

#include <qmikit/common.h>

#include "at-reader.h"
#include "at.h"
#include "modem.h"
#include "request.h"
#include "ussd-text.h"
#include "ussd.h"

enum { COMMAND_USEC = 10000000 };

/* The port that was opened anew, or whose modem was, has forgotten both. */
void ussd_at_forget(struct modem *modem)
{
	if (modem->ussd)
		modem->ussd->listening = false;
}

static bool is_used(const struct modem *modem)
{
	return modem->ussd && modem->ussd->by_at;
}

static void say_simply(struct operation *op, const char *command)
{
	operation_ask_at(op, &(struct at_question){ .command = command,
						    .need = OPERATION_TRIES,
						    .timeout_usec = COMMAND_USEC });
}

/* Some firmwares know no UCS2 as long as there is no card, and some none at all. */
static void take_alphabet(struct operation *op, const struct at_answer *answer, const void *about)
{
	struct ussd *ussd = operation_modem(op)->ussd;

	(void)about;
	if (ussd)
		ussd->plain = !answer || answer->result != AT_RESULT_OK;
}

void ussd_at_listen(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	if (!is_used(modem) || modem->ussd->listening)
		return;
	modem->ussd->listening = true;
	operation_ask_at(operation, &(struct at_question){ .command = "AT+CSCS=\"UCS2\"",
							   .need = OPERATION_TRIES,
							   .take = take_alphabet,
							   .timeout_usec = COMMAND_USEC });
	say_simply(operation, "AT+CUSD=1");
}

void ussd_at_ignore(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	if (!is_used(modem) || !modem->ussd->listening)
		return;
	modem->ussd->listening = false;
	say_simply(operation, "AT+CUSD=0");
	say_simply(operation, "AT+CSCS=\"GSM\"");
}

/* --- What the network says */

/* Why there are no words. */
static void refuse(struct operation *op, enum ussd_action action)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
		[USSD_DONE] = { MM_CORE_ERROR_FAILED, "the network answered without a text" },
		[USSD_QUESTION] = { MM_CORE_ERROR_FAILED, "the network asks without a text" },
		[USSD_TERMINATED] = { MM_CORE_ERROR_ABORTED, "the network has ended the session" },
		[USSD_ELSEWHERE] = { MM_CORE_ERROR_ABORTED, "another client has the session" },
		[USSD_UNSUPPORTED] = { MM_MOBILE_EQUIPMENT_ERROR_NOT_SUPPORTED,
				       "the network does not support it" },
		[USSD_TIMEOUT] = { MM_MOBILE_EQUIPMENT_ERROR_NETWORK_TIMEOUT,
				   "the network did not answer" },
	};

	request_refuse(op, rows[action].name, "%s", rows[action].text);
}

static bool take_awaited(struct operation *op, const char *line)
{
	struct ussd_told told;

	if (ussd_read_news(line, &told) < 0)
		return false;
	/* A last word is one, too. */
	if (told.has_text)
		ussd_take_reply(op, told.action == USSD_QUESTION, json_string(told.text));
	else
		refuse(op, told.action);
	return true;
}

void ussd_at_take(struct modem *modem, const char *line)
{
	struct ussd_told told;

	if (!is_used(modem) || modem->state < MM_MODEM_STATE_ENABLED ||
	    ussd_read_news(line, &told) < 0)
		return;
	if (told.has_text && told.action <= USSD_TERMINATED)
		ussd_take_words(modem, told.action == USSD_QUESTION, json_string(told.text));
	else
		ussd_take_end(modem);
}

/* --- What is said */

void ussd_at_say(struct operation *operation)
{
	static const struct awaited_at awaited = { "+CUSD:", take_awaited, USSD_WAIT_USEC };
	const struct modem *modem = operation_modem(operation);
	char command[USSD_COMMAND_SIZE];

	if (!is_used(modem))
		return;
	if (ussd_command(request_text(operation, 0), !modem->ussd->plain, command) < 0) {
		operation_fail(operation, MM_CORE_ERROR_INVALID_ARGS,
			       "the AT port's alphabet lacks characters of the text");
		return;
	}
	ussd_begin(operation);
	/* It may come before the modem says that it has taken the code. */
	operation_await_at(operation, &awaited);
	operation_ask_at(operation, &(struct at_question){ .command = command,
							   .need = OPERATION_NEEDS,
							   .timeout_usec = COMMAND_USEC });
}

void ussd_at_cancel(struct operation *operation)
{
	/* A session that is not there any more is as good as cancelled. */
	if (is_used(operation_modem(operation)))
		say_simply(operation, "AT+CUSD=2");
}
