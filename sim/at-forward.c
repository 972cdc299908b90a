/*
 * AT forward: a command leaves as an indication of QMI's AT service, its answer is said as it comes (see
 * at-forward.h).
 */
#include "at-forward.h"

#include "forward.h"
#include "modem.h"

/* How long a program may take [U]. */
#define PATIENCE_USEC 30000000

static const struct qk_sim_forwarded *find(const struct qk_at_port *port)
{
	return qk_sim_forward_find(port->at->sim, port->parsed.name, port->parsed.name_size);
}

static int result_of(const struct qk_sim_forward_ask *ask)
{
	switch (ask->result) {
	case QK_AT_ANSWER_RESULT_OK:
		return QK_AT_OK;
	default:
		/* its text is how the command ends [U] */
		return ask->told ? QK_AT_SILENT : QK_AT_ERROR;
	}
}

static int poll(struct qk_at_call *call)
{
	struct qk_sim_forward_ask *ask = qk_sim_forward_answer(call->sim, call->port);
	int r = QK_AT_LATER;

	if (!ask)
		return QK_AT_ERROR;
	qk_at_put(call->port, ask->text, ask->text_size);
	ask->text_size = 0;
	if (ask->done)
		r = result_of(ask);
	else if (call->state->now_usec >= call->port->wait.due_usec)
		r = QK_AT_ERROR;
	if (r != QK_AT_LATER)
		ask->asker = NULL;
	return r;
}

static uint32_t form_of(enum qk_at_form form)
{
	switch (form) {
	case QK_AT_EXECUTE:
		break;
	case QK_AT_READ:
		return QK_AT_COMMAND_FORM_NAME | QK_AT_COMMAND_FORM_QUESTION;
	case QK_AT_TEST:
		return QK_AT_COMMAND_FORM_NAME | QK_AT_COMMAND_FORM_EQUALS |
		       QK_AT_COMMAND_FORM_QUESTION;
	case QK_AT_SET:
		return QK_AT_COMMAND_FORM_NAME | QK_AT_COMMAND_FORM_EQUALS |
		       QK_AT_COMMAND_FORM_ARGUMENTS;
	}
	return QK_AT_COMMAND_FORM_NAME;
}

static int forward(struct qk_at_call *call)
{
	const struct qk_sim_forwarded *forwarded = find(call->port);
	const struct qk_at_parsed *parsed = call->parsed;
	struct qk_at_command_indication_arguments arguments[QK_AT_ARGS_MAX];
	struct qk_at_command_indication command = {
		.has_command = true,
		.command = { .form = form_of(parsed->form),
			     .name = { parsed->name, parsed->name_size } },
	};

	if (parsed->form == QK_AT_SET) {
		for (size_t i = 0; i < parsed->arg_count; i++)
			arguments[i].text =
				(struct qk_string){ parsed->args[i].text, parsed->args[i].size };
		command.has_arguments = true;
		command.arguments.items = arguments;
		command.arguments.count = parsed->arg_count;
	}
	if (!forwarded || qk_sim_forward_ask(call->sim, call->port, forwarded, &command) < 0)
		return QK_AT_ERROR;
	return qk_at_wait(call, poll, qk_sim_after(call->state, PATIENCE_USEC),
			  forwarded->abortable);
}

const struct qk_at_command *qk_at_forwarded(const struct qk_at_port *port)
{
	static const struct qk_at_command row = {
		.name = "forwarded",
		.flags = QK_AT_IS_LINUX,
		.read = forward,
		.set = forward,
		.execute = forward,
		.test_fn = forward,
	};

	return find(port) ? &row : NULL;
}
