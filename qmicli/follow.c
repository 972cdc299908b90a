/*
 * Following a data call. libqmi's tool asks every 20 seconds; an indication of the modem makes us ask at
 * once, so that the end of a call is known when it happens.
 */
#include "follow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <qmikit/wds.h>

/* The first time soon: what was told together with the answer to the start came before we listened. */
enum { ASK_EVERY_USEC = 20000000, ASK_FIRST_USEC = 2000000 };

struct following {
	struct session *session;
	struct session_wait changed; /* done when the modem says that the call changed */
	session_answer_fn answer;
};

static void say(const struct session *session, const char *text)
{
	struct output *out = session->userdata;

	if (!session->options->json)
		output_printf(out, "%s", text);
}

/* What was said so far, at once: whoever follows is looking. */
static int flush(const struct session *session, struct failure *f)
{
	int r = output_write(session->userdata, stdout);

	return r < 0 ? failure_set(f, EXIT_FAILED, "couldn't write to stdout: %s", strerror(-r))
		     : 0;
}

static void on_indication(struct qk_client *client, const struct qk_message *message,
			  const void *decoded, const struct qk_frame *frame, void *userdata)
{
	struct following *following = userdata;

	(void)client;
	(void)decoded;
	(void)frame;
	if (message == &qk_wds_packet_service_status_message)
		following->changed.done = true;
}

static struct action action_of(const char *name, const char *argument)
{
	struct action action = { .argument = argument };

	action.command = command_find(name, strlen(name), &action.service);
	return action;
}

/* Shows the state and sets `session->status`. */
static int show_status(struct session *session, const struct action *action, const void *response,
		       struct failure *f)
{
	const struct qk_wds_get_packet_service_status_response *status = response;

	if (status->has_connection_status)
		session->status = status->connection_status;
	return session->follow_answer(session, action, response, f);
}

/* Asks until the call is over. 0 when it is, or a signal came; else an exit code. */
static int watch(struct following *following, struct failure *f)
{
	struct action ask = action_of("wds-get-packet-service-status", NULL);
	struct session *session = following->session;
	uint64_t patience = ASK_FIRST_USEC;
	int r;

	session->status = QK_WDS_CONNECTION_STATUS_CONNECTED;
	while (session->status == QK_WDS_CONNECTION_STATUS_CONNECTED) {
		struct failure failure = { 0 };

		following->changed.done = false;
		r = session_pause(session, &following->changed, patience);
		patience = ASK_EVERY_USEC;
		if (r == -EINTR)
			return 0;
		if (r < 0)
			return session_failed(session, "operation failed", r, f);
		r = session_run(session, &ask, show_status, &failure);
		if (session->signal)
			return 0;
		/* A modem that is too busy to answer now may answer the next time. */
		if (r && r != EXIT_NO_ANSWER && r != EXIT_REFUSED) {
			*f = failure;
			return r;
		}
		r = flush(session, f);
		if (r)
			return r;
	}
	return 0;
}

/* After a signal nothing is printed but what libqmi prints, which does not wait for the answer. */
static int say_nothing(struct session *session, const struct action *action, const void *response,
		       struct failure *f)
{
	(void)session;
	(void)action;
	(void)response;
	(void)f;
	return 0;
}

static int stop(struct following *following, uint32_t handle, struct failure *f)
{
	struct session *session = following->session;
	struct failure ignored = { 0 };
	char argument[16];
	struct action action = action_of("wds-stop-network", argument);

	snprintf(argument, sizeof(argument), "%" PRIu32, handle);
	if (!session->signal) {
		struct output *out = session->userdata;

		if (!session->options->json)
			output_printf(out, "[%s] Stopping after detecting disconnection\n",
				      session->target->name);
		return session_run(session, &action, following->answer, f);
	}
	say(session, action.command->before);
	if (session_run(session, &action, say_nothing, &ignored))
		failure_hint(f, "the modem did not confirm that the network stopped");
	return failure_set(f, EXIT_SIGNAL + session->signal, "cancelled by %s",
			   strsignal(session->signal));
}

int follow_network(struct session *session, uint32_t handle, session_answer_fn answer,
		   struct failure *failure)
{
	struct following following = { .session = session, .answer = answer };
	struct qk_slot *slot = NULL;
	int r = qk_client_subscribe(session_client(session, QK_SERVICE_ID_WDS), on_indication,
				    &following, NULL, &slot);

	if (r < 0)
		return session_failed(session, "operation failed", r, failure);
	session->follow_answer = answer;
	say(session, "\nCtrl+C will stop the network\n");
	r = flush(session, failure);
	if (r == 0)
		r = watch(&following, failure);
	if (r == 0)
		r = stop(&following, handle, failure);
	qk_slot_free(slot);
	return r;
}
