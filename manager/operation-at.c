/* Operation, AT: questions to the AT port, and its news that an operation waits for. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "api/api-names.h"
#include "ask.h"
#include "at.h"
#include "modem.h"

static void end_at(struct ask *ask, int status, const struct at_answer *answer)
{
	struct operation *operation = ask->operation;
	bool good = answer && answer->result == AT_RESULT_OK;
	struct failure failure;

	if (!good && ask->need == OPERATION_NEEDS) {
		at_failure(&failure, status, answer);
		operation_fail(operation, failure.name, "couldn't %s: %s",
			       operation_doing(operation), failure.text);
	} else if (ask->take_at && !operation->failed) {
		ask->take_at(operation, answer, ask->about);
	}
	ask_free(ask);
	if (operation->failed)
		operation_stop_waiting(operation, NULL);
	operation_go_on(operation);
}

static void on_at_answer(void *userdata, int status, const struct at_answer *answer)
{
	struct ask *ask = userdata;

	ask->at_call = NULL;
	end_at(ask, status, answer);
}

void operation_ask_at(struct operation *operation, const struct at_question *question)
{
	struct at_port *port = operation->modem->at;
	struct ask *ask = ask_new(operation, question->need);
	int r = -ENODEV;

	if (!ask)
		return;
	ask->take_at = question->take;
	ask->about = question->about;
	if (port)
		r = at_port_call(port, question->command, question->timeout_usec, on_at_answer, ask,
				 &ask->at_call);
	if (r < 0)
		end_at(ask, r, NULL);
}

/* --- News */

void operation_await_at(struct operation *operation, const struct awaited_at *awaited)
{
	struct ask *ask = ask_new(operation, OPERATION_NEEDS);

	if (!ask)
		return;
	ask->awaited_at = *awaited;
	if (sd_event_add_time_relative(operation->modem->event, &ask->timer, CLOCK_MONOTONIC,
				       awaited->usec, 0, ask_on_late, ask) >= 0)
		return;
	operation_fail(operation, MM_CORE_ERROR_FAILED, "out of memory");
	ask_free(ask);
}

/* `line` NULL: whatever it waits for. */
static struct ask *find_awaiting(const struct operation *operation, const char *line)
{
	struct ask *ask;

	DL_FOREACH(operation->asks, ask) {
		const char *name = ask->awaited_at.name;

		if (name && (!line || strncmp(line, name, strlen(name)) == 0))
			return ask;
	}
	return NULL;
}

bool operations_tell_at(struct modem *modem, const char *line)
{
	struct operation *operation;

	DL_FOREACH(modem->operations, operation) {
		struct ask *ask = find_awaiting(operation, line);

		if (ask && (operation->failed || ask->awaited_at.take(operation, line))) {
			ask_end(ask, 0, NULL, 0);
			return true;
		}
	}
	return false;
}

static struct ask *find_awaiting_any(const struct modem *modem)
{
	struct operation *operation;
	struct ask *ask = NULL;

	DL_FOREACH(modem->operations, operation) {
		ask = find_awaiting(operation, NULL);
		if (ask)
			break;
	}
	return ask;
}

void operations_lose_at(struct modem *modem)
{
	struct ask *ask;

	modem_ref(modem);
	while ((ask = find_awaiting_any(modem)))
		ask_end(ask, -ENODEV, NULL, 0);
	modem_unref(modem);
}
