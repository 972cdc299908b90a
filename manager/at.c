/*
 * AT: one port a modem, the first of its AT ports: Quectel's modems tell their news there unless they are told
 * otherwise (AT+QURCCFG).
 */
#include "at.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "at-news.h"
#include "card.h"
#include "firmware.h"
#include "log.h"
#include "modem.h"
#include "request.h"
#include "ussd-at.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { SECOND_USEC = 1000000 };

/* --- The port */

static void tell_news(void *userdata, const char *line)
{
	at_news_take(userdata, line);
}

static void tell_lost(void *userdata)
{
	/* What it was told is forgotten with the next opening at the latest. */
	ussd_at_forget(userdata);
	operations_lose_at(userdata);
}

static void tell_found(void *userdata)
{
	at_news_begin_anew(userdata);
	firmware_ask(userdata);
}

static void tell_log(void *userdata, const char *line)
{
	modem_log_at(userdata, LOG_NOTICE, "%s", line);
}

static const struct at_port_events events = { tell_news, tell_lost, tell_found, tell_log };

/* Whoever is told that it is gone finds none. */
void at_end(struct modem *modem)
{
	struct at_port *port = modem->at;

	modem->at = NULL;
	at_port_free(port);
}

static void take_port(struct modem *modem)
{
	const char *path = modem->description.at;

	if (at_port_new(modem->event, path, &events, modem, &modem->at) < 0)
		modem_log_at(modem, LOG_WARNING, "out of memory: %s is not used", path);
	else if (modem->identified)
		at_listen(modem);
	/* What it lacked for want of the port. */
	if (modem->at && modem->facts.initialized && !modem->ussd)
		card_look_again(modem);
}

void at_describe(struct modem *modem)
{
	const char *path = modem->description.at;

	if (modem->at && strcmp(at_port_path(modem->at), path) == 0)
		return;
	modem_ref(modem);
	at_end(modem);
	tell_lost(modem);
	if (path[0] && !modem->leaving)
		take_port(modem);
	modem_unref(modem);
}

void at_listen(struct modem *modem)
{
	int r = modem->at ? at_port_listen(modem->at) : 0;

	if (r < 0) {
		modem_log_at(modem, LOG_NOTICE, "%s cannot be opened: %s", modem->description.at,
			     strerror(-r));
		at_port_listen_later(modem->at);
	} else if (modem->at) {
		firmware_ask(modem);
	}
}

/* --- How a command ended */

static void refuse(struct failure *failure, const char *name, const char *text)
{
	failure->name = name;
	snprintf(failure->text, sizeof(failure->text), "%s", text);
}

/* It did not end with a result code. */
static void take_status(struct failure *failure, int status)
{
	static const struct {
		int status;
		const char *name, *text;
	} rows[] = {
		{ -ETIMEDOUT, MM_SERIAL_ERROR_RESPONSE_TIMEOUT,
		  "the modem did not answer in time" },
		{ -EMSGSIZE, MM_SERIAL_ERROR_PARSE_FAILED, "the modem's answer is too long" },
		{ -EIO, MM_SERIAL_ERROR_SEND_FAILED, "the AT port was closed" },
		{ -ENODEV, MM_SERIAL_ERROR_OPEN_FAILED_NO_DEVICE, "the AT port is gone" },
		{ -ENOENT, MM_SERIAL_ERROR_OPEN_FAILED_NO_DEVICE, "there is no such AT port" },
		{ -EAGAIN, MM_CORE_ERROR_THROTTLED, "too many AT commands wait" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].status == status) {
			refuse(failure, rows[i].name, rows[i].text);
			return;
		}
	failure->name = MM_SERIAL_ERROR_OPEN_FAILED;
	snprintf(failure->text, sizeof(failure->text), "the AT port cannot be opened: %s",
		 strerror(-status));
}

static void take_number(struct failure *failure, const struct api_values *errors,
			const char *unknown, const char *kind, int code)
{
	const char *name = api_value_name(errors, code);

	failure->name = name ? name : unknown;
	if (code < 0)
		snprintf(failure->text, sizeof(failure->text), "the modem says %s", kind);
	else
		snprintf(failure->text, sizeof(failure->text), "the modem says %s: %d%s%s", kind,
			 code, name ? ", " : "", name ? strrchr(name, '.') + 1 : "");
}

void at_failure(struct failure *failure, int status, const struct at_answer *answer)
{
	if (!answer) {
		take_status(failure, status);
		return;
	}
	switch (answer->result) {
	case AT_RESULT_CME_ERROR:
		take_number(failure, &api_errors_mobile_equipment,
			    MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN, "+CME ERROR", answer->code);
		return;
	case AT_RESULT_CMS_ERROR:
		take_number(failure, &api_errors_message, MM_MESSAGE_ERROR_UNKNOWN, "+CMS ERROR",
			    answer->code);
		return;
	case AT_RESULT_CONNECT:
		refuse(failure, MM_CORE_ERROR_UNSUPPORTED,
		       "the modem wants to carry data: the AT port was closed");
		return;
	case AT_RESULT_NO_CARRIER:
		refuse(failure, MM_CONNECTION_ERROR_NO_CARRIER, "the modem says NO CARRIER");
		return;
	case AT_RESULT_BUSY:
		refuse(failure, MM_CONNECTION_ERROR_BUSY, "the modem says BUSY");
		return;
	case AT_RESULT_NO_ANSWER:
		refuse(failure, MM_CONNECTION_ERROR_NO_ANSWER, "the modem says NO ANSWER");
		return;
	case AT_RESULT_NO_DIALTONE:
		refuse(failure, MM_CONNECTION_ERROR_NO_DIALTONE, "the modem says NO DIALTONE");
		return;
	case AT_RESULT_OK:
	case AT_RESULT_ERROR:
		break;
	}
	refuse(failure, MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN, "the modem says ERROR");
}

/* --- Command() */

/* Text of a modem that may speak any alphabet; the bus carries UTF-8. */
static json_t *answer_json(const struct at_answer *answer)
{
	json_t *text = json_stringn(answer->text, answer->size);
	char *plain;

	if (text)
		return text;
	plain = strndup(answer->text, answer->size);
	for (char *at = plain; at && *at; at++)
		if ((unsigned char)*at > 0x7e)
			*at = '?';
	text = plain ? json_string(plain) : NULL;
	free(plain);
	return text;
}

static void take_answer(struct operation *op, const struct at_answer *answer, const void *about)
{
	(void)about;
	request_answer(op, json_pack("[o]", answer_json(answer)));
}

static void send_command(struct operation *op)
{
	const char *text = request_text(op, 0);
	bool whole = strncasecmp(text, "AT", 2) == 0;
	json_int_t seconds = request_number(op, 1);
	char command[AT_COMMAND_MAX + 3];
	size_t length;

	snprintf(command, sizeof(command), "%s%s", whole ? "" : "AT", text);
	length = strcspn(command, "\r\n");
	command[length] = 0;
	operation_ask_at(op,
			 &(struct at_question){
				 .command = command,
				 .need = OPERATION_NEEDS,
				 .take = take_answer,
				 .timeout_usec = (uint64_t)(seconds ? seconds : 1) * SECOND_USEC,
			 });
}

/* One line, of what can be typed. */
static bool is_command(const char *text)
{
	size_t length = strcspn(text, "\r\n");

	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return length + 2 <= AT_COMMAND_MAX && text[length + strspn(text + length, "\r\n")] == 0;
}

void at_on_command(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct step steps[] = { { "run an AT command", send_command } };
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_FAILED, NULL };
	struct modem *modem = userdata;

	if (!modem->host->debug)
		api_call_error(call, MM_CORE_ERROR_UNAUTHORIZED,
			       "AT commands can be sent when the daemon was started with --debug");
	else if (!modem->at)
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED, "the modem has no AT port");
	else if (!is_command(json_string_value(json_array_get(in, 0))))
		request_invalid(call, "a command is one line of up to %d characters",
				AT_COMMAND_MAX - 2);
	else
		request_start(call, in, modem, &kind);
}
