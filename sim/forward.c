/*
 * Forward: registered commands and their answers, as QMI's AT service sees them (see forward.h).
 */
#include "forward.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "modem.h"

const struct qk_sim_forwarded *qk_sim_forward_find(const struct qk_sim *sim, const char *name,
						   size_t size)
{
	const struct qk_sim_forward *forward = &sim->forward;

	for (size_t i = 0; i < forward->count; i++)
		if (strlen(forward->commands[i].name) == size &&
		    strncasecmp(forward->commands[i].name, name, size) == 0)
			return &forward->commands[i];
	return NULL;
}

struct qk_sim_forward_ask *qk_sim_forward_answer(struct qk_sim *sim, const void *asker)
{
	for (size_t i = 0; i < QK_SIM_FORWARD_ASKS; i++)
		if (sim->forward.asks[i].asker == asker)
			return &sim->forward.asks[i];
	return NULL;
}

int qk_sim_forward_ask(struct qk_sim *sim, const void *asker,
		       const struct qk_sim_forwarded *forwarded,
		       struct qk_at_command_indication *command)
{
	struct qk_sim_forward *forward = &sim->forward;
	struct qk_sim_forward_ask *ask = qk_sim_forward_answer(sim, asker);
	const struct qk_sim_client *client =
		qk_sim_client_find(sim, QK_SERVICE_ID_AT, forwarded->client);

	if (!ask)
		ask = qk_sim_forward_answer(sim, NULL);
	if (!ask || !client)
		return -EBUSY;
	ask->asker = asker;
	ask->handle = ++forward->handle;
	ask->client = forwarded->client;
	ask->done = ask->told = false;
	ask->text_size = 0;
	command->command.handle = ask->handle;
	qk_sim_tell(sim, client, &qk_at_command_message, command);
	return 0;
}

/* What is refused, and how, is not public [U]. */

/* Names begin as extended commands do (ITU-T V.250). */
static bool is_name(struct qk_string name)
{
	if (name.size < 2 || name.size >= QK_SIM_FORWARD_NAME || !strchr("+$^*", name.data[0]) ||
	    !name.data[0])
		return false;
	for (size_t i = 1; i < name.size; i++)
		if (name.data[i] <= ' ' || name.data[i] > '~' || strchr("=?;\",", name.data[i]))
			return false;
	return true;
}

static uint16_t add(struct qk_sim *sim, uint8_t client, struct qk_string name, bool abortable)
{
	struct qk_sim_forward *forward = &sim->forward;
	const struct qk_sim_forwarded *found;

	if (!is_name(name))
		return QK_ERROR_INVALID_ARGUMENT;
	found = qk_sim_forward_find(sim, name.data, name.size);
	if (found)
		return found->client == client ? QK_ERROR_NONE : QK_ERROR_DEVICE_IN_USE;
	if (forward->count == QK_SIM_FORWARDED_MAX)
		return QK_ERROR_NO_MEMORY;
	struct qk_sim_forwarded *added = &forward->commands[forward->count++];
	*added = (struct qk_sim_forwarded){ .client = client, .abortable = abortable };
	memcpy(added->name, name.data, name.size);
	return QK_ERROR_NONE;
}

static uint16_t register_commands(struct qk_sim_call *call)
{
	const struct qk_at_register_commands_request *request = call->request;
	uint16_t error = QK_ERROR_NONE;

	for (size_t i = 0; !error && i < request->commands.count; i++)
		error = add(call->sim, call->client->id, request->commands.items[i].name,
			    request->commands.items[i].abortable);
	return error;
}

static uint16_t answer_command(struct qk_sim_call *call)
{
	const struct qk_at_answer_command_request *request = call->request;
	struct qk_sim_forward_ask *ask = NULL;

	for (size_t i = 0; i < QK_SIM_FORWARD_ASKS; i++)
		if (call->sim->forward.asks[i].asker &&
		    call->sim->forward.asks[i].handle == request->answer.handle)
			ask = &call->sim->forward.asks[i];
	if (!ask || ask->client != call->client->id || ask->done)
		return QK_ERROR_INVALID_HANDLE;
	if (request->answer.part > QK_AT_ANSWER_PART_COMPLETE ||
	    request->answer.result > QK_AT_ANSWER_RESULT_OTHER)
		return QK_ERROR_INVALID_ARGUMENT;
	size_t size = request->answer.text.size;
	if (size > sizeof(ask->text) - ask->text_size)
		size = sizeof(ask->text) - ask->text_size;
	if (size)
		memcpy(ask->text + ask->text_size, request->answer.text.data, size);
	ask->text_size += size;
	ask->told = ask->told || size;
	ask->result = request->answer.result;
	ask->done = request->answer.part == QK_AT_ANSWER_PART_END ||
		    request->answer.part == QK_AT_ANSWER_PART_COMPLETE;
	call->sim->state.changed |= QK_SIM_CHANGED_FORWARD;
	return QK_ERROR_NONE;
}

/* Its commands are nobody's; who waits for its answers gets none. */
static void released(struct qk_sim *sim, struct qk_sim_client *client)
{
	struct qk_sim_forward *forward = &sim->forward;
	size_t kept = 0;

	for (size_t i = 0; i < forward->count; i++)
		if (forward->commands[i].client != client->id)
			forward->commands[kept++] = forward->commands[i];
	forward->count = kept;
	for (size_t i = 0; i < QK_SIM_FORWARD_ASKS; i++) {
		struct qk_sim_forward_ask *ask = &forward->asks[i];
		if (!ask->asker || ask->client != client->id || ask->done)
			continue;
		ask->done = true;
		ask->result = QK_AT_ANSWER_RESULT_ERROR;
		ask->told = false;
		sim->state.changed |= QK_SIM_CHANGED_FORWARD;
	}
}

static const struct qk_sim_handler handlers[] = {
	{ "register-commands", register_commands },
	{ "answer-command", answer_command },
};

const struct qk_sim_service_table qk_sim_at = {
	.service = QK_SERVICE_ID_AT,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.released = released,
};
