/*
 * AT line: runs the commands of a line one after the other and says how it ended (see at-modem.h).
 */
#include "at-forward.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "card.h"
#include "lib/3gpp/at-error.h"
#include "modem.h"

static const struct qk_at_table *const tables[] = {
	&qk_at_line_table,   &qk_at_identity_table, &qk_at_sim_table,  &qk_at_phonebook_table,
	&qk_at_radio_table,  &qk_at_network_table,  &qk_at_cell_table, &qk_at_packet_table,
	&qk_at_config_table, &qk_at_power_table,    &qk_at_sms_table,  &qk_at_sms_send_table,
	&qk_at_voice_table,  &qk_at_gnss_table,     &qk_at_apdu_table, &qk_at_mbn_table,
};

void qk_at_each_command(void (*fn)(void *userdata, const struct qk_at_command *command),
			void *userdata)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (size_t k = 0; k < tables[i]->count; k++)
			fn(userdata, &tables[i]->commands[k]);
}

static const struct qk_at_command *find(const struct qk_at_parsed *parsed)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (size_t k = 0; k < tables[i]->count; k++)
			if (qk_at_is(parsed, tables[i]->commands[k].name))
				return &tables[i]->commands[k];
	return NULL;
}

static struct qk_at_call call_of(struct qk_at_port *port)
{
	return (struct qk_at_call){
		.at = port->at,
		.port = port,
		.sim = port->at->sim,
		.state = port->at->state,
		.command = port->command,
		.parsed = &port->parsed,
	};
}

static void put_end(struct qk_at_port *port)
{
	const char end[] = { (char)qk_at_get(port, QK_AT_SET_S3),
			     (char)qk_at_get(port, QK_AT_SET_S4) };

	qk_at_put(port, end, sizeof(end));
}

void qk_at_say_bytes(struct qk_at_call *call, const char *text, size_t size)
{
	struct qk_at_port *port = call->port;

	if (!port->said && qk_at_get(port, QK_AT_SET_VERBOSE))
		put_end(port);
	port->said = true;
	port->response_size += size;
	qk_at_put(port, text, size);
	put_end(port);
}

void qk_at_say(struct qk_at_call *call, const char *format, ...)
{
	char line[QK_AT_SAY_MAX];
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (size < 0)
		return;
	qk_at_say_bytes(call, line, (size_t)size < sizeof(line) ? (size_t)size : sizeof(line) - 1);
}

static const char *result_text(int result)
{
	switch (result) {
	case QK_AT_OK:
		return "OK";
	case QK_AT_CONNECT:
		return "CONNECT";
	case QK_AT_NO_CARRIER:
		return "NO CARRIER";
	case QK_AT_NO_DIALTONE:
		return "NO DIALTONE";
	case QK_AT_BUSY:
		return "BUSY";
	case QK_AT_NO_ANSWER:
		return "NO ANSWER";
	default:
		return "ERROR";
	}
}

static void put_line(struct qk_at_port *port, const char *text)
{
	put_end(port);
	qk_at_put(port, text, strlen(text));
	put_end(port);
}

/* +CME ERROR and +CMS ERROR by AT+CMEE; false: it wants ERROR. */
static bool put_error(struct qk_at_port *port, int result)
{
	uint32_t mode = qk_at_get(port, QK_AT_SET_CMEE);
	bool sms = result >= QK_AT_CMS;
	int number = result - (sms ? QK_AT_CMS : QK_AT_CME);
	const char *words =
		qk_at_error_words(sms ? QK_AT_ERROR_MESSAGE : QK_AT_ERROR_EQUIPMENT, number);
	char text[96];

	if (mode == 0)
		return false;
	if (mode == 2 && words)
		snprintf(text, sizeof(text), "+CM%c ERROR: %s", sms ? 'S' : 'E', words);
	else
		snprintf(text, sizeof(text), "+CM%c ERROR: %d", sms ? 'S' : 'E', number);
	put_line(port, text);
	return true;
}

static void put_result(struct qk_at_port *port, int result)
{
	char digits[8];

	if (qk_at_get(port, QK_AT_SET_QUIET))
		return;
	if (result >= QK_AT_CME && put_error(port, result))
		return;
	if (result >= QK_AT_CME)
		result = QK_AT_ERROR;
	if (qk_at_get(port, QK_AT_SET_VERBOSE)) {
		put_line(port, result_text(result));
		return;
	}
	int size = snprintf(digits, sizeof(digits), "%d%c", result,
			    (char)qk_at_get(port, QK_AT_SET_S3));
	qk_at_put(port, digits, (size_t)size);
}

static void finish(struct qk_at_port *port, int result)
{
	port->wait = (struct qk_at_wait){ 0 };
	port->prompt = (struct qk_at_prompt){ 0 };
	/* who gets no answer gives up one day, and his next line is a line again */
	if (result != QK_AT_SILENT)
		put_result(port, result);
	port->running = false;
	qk_at_release_held(port);
}

int qk_at_card_error(const struct qk_sim_state *state, uint32_t flags)
{
	static const struct {
		int cme, cms;
	} errors[] = {
		{ QK_AT_CME + QK_AT_CME_SIM_BUSY, QK_AT_CMS + QK_AT_CMS_SIM_BUSY },
		{ QK_AT_CME + QK_AT_CME_NOT_INSERTED, QK_AT_CMS + QK_AT_CMS_NO_CARD },
		{ QK_AT_CME + QK_AT_CME_SIM_FAILURE, QK_AT_CMS + QK_AT_CMS_SIM_FAILURE },
		{ QK_AT_CME + QK_AT_CME_PUK, QK_AT_CMS + QK_AT_CMS_PUK },
		{ QK_AT_CME + QK_AT_CME_PIN, QK_AT_CMS + QK_AT_CMS_PIN },
	};
	const struct qk_sim_pin *pin = &state->card.pin1;
	size_t i;

	if (!(flags & (QK_AT_NEEDS_CARD | QK_AT_NEEDS_PIN)))
		return QK_AT_OK;
	if (!(state->booted & QK_SIM_BOOTED_CARD))
		i = 0;
	else if (state->card.state == QK_SIM_CARD_ABSENT)
		/* without power it is as if it did not answer [U] */
		i = state->card.inserted ? 2 : 1;
	else if (state->card.state == QK_SIM_CARD_ERROR ||
		 pin->state == QK_SIM_PIN_PERMANENTLY_BLOCKED)
		i = 2;
	else if (!qk_sim_card_answers(&state->card))
		i = 0;
	else if (!(flags & QK_AT_NEEDS_PIN) || qk_sim_state_card_ready(state))
		return QK_AT_OK;
	else
		i = pin->state == QK_SIM_PIN_BLOCKED ? 3 : 4;
	return flags & QK_AT_IS_SMS ? errors[i].cms : errors[i].cme;
}

static int test(struct qk_at_call *call)
{
	const struct qk_at_command *command = call->command;

	if (command->test_fn)
		return command->test_fn(call);
	if (!command->test)
		return command->setting_count ? qk_at_settings_test(call) : QK_AT_ERROR;
	if (*command->test)
		qk_at_say(call, "%s: %s", command->name, command->test);
	return QK_AT_OK;
}

static qk_at_fn function_of(const struct qk_at_command *command, enum qk_at_form form)
{
	bool plain = command->setting_count;

	switch (form) {
	case QK_AT_TEST:
		return test;
	case QK_AT_READ:
		return command->read ? command->read : plain ? qk_at_settings_read : NULL;
	case QK_AT_SET:
		return command->set ? command->set : plain ? qk_at_settings_set : NULL;
	case QK_AT_EXECUTE:
		return command->execute;
	}
	return NULL;
}

static bool is_hung(struct qk_sim_state *state)
{
	struct qk_sim_fault fault;

	return qk_sim_state_take_fault(state, QK_SIM_FAULT_LINUX_HUNG, NULL, &fault);
}

static int run_command(struct qk_at_port *port)
{
	port->command = qk_at_forwarded(port);
	if (!port->command)
		port->command = find(&port->parsed);
	port->said = false;
	if (!port->command)
		return QK_AT_ERROR;
	if (port->command->flags & QK_AT_IS_LINUX && is_hung(port->at->state))
		return QK_AT_SILENT;
	struct qk_at_call call = call_of(port);
	qk_at_fn fn = function_of(port->command, port->parsed.form);
	if (!fn)
		return QK_AT_ERROR;
	int r = port->parsed.form == QK_AT_TEST
			? QK_AT_OK
			: qk_at_card_error(port->at->state, port->command->flags);
	return r == QK_AT_OK ? fn(&call) : r;
}

/* Runs what is left of the line. */
static void go_on(struct qk_at_port *port)
{
	int r = QK_AT_OK;

	while (r == QK_AT_OK) {
		while (port->position < port->line_size &&
		       (port->line[port->position] == ' ' || port->line[port->position] == ';'))
			port->position++;
		if (port->position == port->line_size)
			break;
		if (port->response_size > QK_AT_RESPONSE_MAX ||
		    qk_at_parse(port->line + port->position, port->line_size - port->position,
				&port->parsed) < 0) {
			r = QK_AT_ERROR;
			break;
		}
		port->position += port->parsed.size;
		r = run_command(port);
	}
	if (r != QK_AT_LATER)
		finish(port, r);
}

void qk_at_run_line(struct qk_at_port *port)
{
	struct qk_sim_fault fault;

	port->running = true;
	port->position = 0;
	port->response_size = 0;
	if (qk_sim_state_take_fault(port->at->state, QK_SIM_FAULT_AT_SILENT, NULL, &fault)) {
		/* not even its echo */
		port->out_size = 0;
		finish(port, QK_AT_SILENT);
	} else if (port->too_long)
		finish(port, QK_AT_ERROR);
	else
		go_on(port);
}

int qk_at_wait(struct qk_at_call *call, qk_at_fn poll, uint64_t due_usec, bool abortable)
{
	struct qk_at_wait *wait = &call->port->wait;

	wait->poll = poll;
	wait->due_usec = due_usec;
	wait->abortable = abortable;
	return QK_AT_LATER;
}

/* A command that took its time has an end: the rest of the line has its turn. */
static void resume(struct qk_at_port *port, int result)
{
	if (result == QK_AT_LATER)
		return;
	port->wait = (struct qk_at_wait){ 0 };
	port->prompt = (struct qk_at_prompt){ 0 };
	if (result == QK_AT_OK)
		go_on(port);
	else
		finish(port, result);
}

void qk_at_poll(struct qk_at_port *port)
{
	struct qk_at_call call = call_of(port);

	if (port->wait.poll)
		resume(port, port->wait.poll(&call));
}

void qk_at_abort(struct qk_at_port *port)
{
	if (port->wait.poll && port->wait.abortable)
		finish(port, QK_AT_ERROR);
}

int qk_at_prompt(struct qk_at_call *call, qk_at_fn done, bool lines)
{
	struct qk_at_port *port = call->port;

	port->prompt.done = done;
	port->prompt.lines = lines;
	port->text_size = 0;
	qk_at_put(port, "\r\n> ", 4);
	return QK_AT_LATER;
}

void qk_at_prompt_done(struct qk_at_port *port, bool cancelled)
{
	struct qk_at_call call = call_of(port);
	qk_at_fn done = port->prompt.done;

	port->prompt.done = NULL;
	resume(port, cancelled ? QK_AT_OK : done(&call));
}
