/*
 * Following a data call. libqmi's tool asks every 20 seconds; an indication of the modem makes us ask at
 * once, so that the end of a call is known when it happens.
 */
#include "follow.h"

#include <string.h>
#include <qmikit/wds.h>

/* The first time soon: what was told together with the answer to the start came before we listened. */
enum { ASK_EVERY_USEC = 20000000, ASK_FIRST_USEC = 2000000 };

/* How a plain command of the same message calls it and tells it. */
static const struct command *row(const char *name)
{
	return command_find(name, strlen(name), NULL);
}

/* Asks for the state and shows it. 1 when the call is over, 0 when it is not, or when the modem is too busy
 * to say; a negative number on failure. */
static int show_status(struct steps *steps)
{
	const struct command *ask = row("wds-get-packet-service-status");
	const struct qk_method *method = command_method(ask);
	const struct qk_wds_get_packet_service_status_response *status =
		steps_call(steps, method, NULL, ask->failure);

	if (!status && steps->failure->code != EXIT_NO_ANSWER &&
	    steps->failure->code != EXIT_REFUSED)
		return -1;
	steps_forgive(steps);
	if (!status)
		return 0;
	steps_show(steps, method->response, status, ask->text);
	if (steps_flush(steps))
		return -1;
	return status->has_connection_status &&
	       status->connection_status != QK_WDS_CONNECTION_STATUS_CONNECTED;
}

/* Waits until there is something to ask: the modem says so, or some time has passed. */
static bool wait_for_change(struct steps *steps, uint64_t usec)
{
	const struct qk_message *changed = &qk_wds_packet_service_status_message;

	/* What came together is one change. */
	while (steps_wait(steps, changed, usec))
		usec = 0;
	if (steps->failure->code != EXIT_NO_ANSWER)
		return false;
	steps_forgive(steps);
	return true;
}

/* Asks until the call is over. 0 when it is, else an exit code. */
static int watch(struct steps *steps)
{
	uint64_t patience = ASK_FIRST_USEC;

	while (wait_for_change(steps, patience)) {
		int r = show_status(steps);

		if (r)
			return r > 0 ? 0 : steps->failure->code;
		patience = ASK_EVERY_USEC;
	}
	return steps->failure->code;
}

/* After a signal nothing is printed but what libqmi prints, twice: it does not wait for the answer. */
static int stop(struct steps *steps, uint32_t handle)
{
	const struct command *how = row("wds-stop-network");
	const struct qk_wds_stop_network_request request = {
		.has_packet_data_handle = true,
		.packet_data_handle = handle,
	};
	const struct qk_method *method = command_method(how);
	const char *before = command_course(how)->before;
	bool interrupted = steps_interrupted(steps);
	const void *stopped;

	if (interrupted)
		steps_say(steps, "%s", before);
	else
		steps_say(steps, "[%s] Stopping after detecting disconnection\n",
			  steps->session->target->name);
	steps_say(steps, "%s", before);
	steps_forgive(steps);
	steps->timeout_sec = how->timeout_sec;
	stopped = steps_call(steps, method, &request, how->failure);
	if (stopped && !interrupted)
		steps_show(steps, method->response, stopped, how->text);
	if (!interrupted)
		return steps->failure->code;
	steps_forgive(steps);
	if (!stopped)
		failure_hint(steps->failure, "the modem did not confirm that the network stopped");
	return session_interrupted(steps->session, steps->failure);
}

int run_start_network(struct steps *steps, void *request)
{
	const struct qk_wds_start_network_response *start = steps_row(steps, request);
	uint32_t handle = start ? start->packet_data_handle : 0;

	if (!start || !steps_setting(steps, "wds-follow-network") || steps_listen(steps))
		return steps->failure->code;
	steps->timeout_sec = 0;
	steps_say(steps, "\nCtrl+C will stop the network\n");
	if (steps_flush(steps) || (watch(steps) && !steps_interrupted(steps)))
		return steps->failure->code;
	return stop(steps, handle);
}
