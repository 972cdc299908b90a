/*
 * Operation: counts what it asked, and goes on when all of it has ended.
 */
#include "ask.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include <qmikit/common.h>
#include <qmikit/dms.h>

#include "api/api-names.h"
#include "api/object.h"
#include "at.h"
#include "log.h"
#include "modem.h"

struct modem *operation_modem(const struct operation *operation)
{
	return operation->modem;
}

void *operation_data(const struct operation *operation)
{
	return operation->userdata;
}

void failure_from(struct failure *failure, int status, uint16_t error, const char *doing)
{
	const char *name = qk_value_name(&qk_error_values, error);

	if (error == OPERATION_NO_ANSWER && status == 0)
		status = -ETIMEDOUT;
	failure->name = MM_CORE_ERROR_FAILED;
	if (status == -ETIMEDOUT)
		failure->name = MM_CORE_ERROR_TIMEOUT;
	else if (status == -EPIPE || status == -ENODEV || status == -EPROTO)
		failure->name = MM_CORE_ERROR_ABORTED;
	if (status < 0)
		snprintf(failure->text, sizeof(failure->text), "couldn't %s: %s", doing,
			 strerror(-status));
	else
		snprintf(failure->text, sizeof(failure->text),
			 "couldn't %s: QMI protocol error (%u): '%s'", doing, error,
			 name ? name : "unknown");
}

void operation_answer(struct modem *modem, const struct failure *failure, void *userdata)
{
	(void)modem;
	if (failure)
		api_call_error(userdata, failure->name, "%s", failure->text);
	else
		api_call_reply(userdata, NULL);
}

void operation_fail(struct operation *operation, const char *name, const char *format, ...)
{
	va_list args;

	if (operation->failed)
		return;
	operation->failed = true;
	operation->failure.name = name;
	va_start(args, format);
	vsnprintf(operation->failure.text, sizeof(operation->failure.text), format, args);
	va_end(args);
}

/* Nothing is begun while the port is away. */
static bool is_away(const struct modem *modem)
{
	return modem->qmi && qmi_port_is_away(modem->qmi);
}

static void run_next(struct modem *modem);

/* Takes it out of the modem's queue, tells its end, and begins the one behind it. */
static void finish(struct operation *operation)
{
	struct modem *modem = operation->modem;
	struct operation ended = *operation;

	DL_DELETE(modem->operations, operation);
	free(operation);
	modem_ref(modem);
	if (ended.done)
		ended.done(modem, ended.failed ? &ended.failure : NULL, ended.userdata);
	run_next(modem);
	modem_unref(modem);
}

void operation_go_on(struct operation *operation)
{
	if (operation->beginning || operation->asks)
		return;
	while (!operation->asks && !operation->failed && operation->at < operation->step_count) {
		if (is_away(operation->modem))
			return;
		const struct step *step = &operation->steps[operation->at++];

		modem_log_at(operation->modem, LOG_DEBUG, "%s", step->name);
		operation->beginning = true;
		step->begin(operation);
		operation->beginning = false;
	}
	if (!operation->asks)
		finish(operation);
}

static struct operation *first_in_turn(const struct modem *modem)
{
	struct operation *operation;

	DL_FOREACH(modem->operations, operation) {
		if (operation->turn == OPERATION_IN_TURN)
			break;
	}
	return operation;
}

bool operations_have_turn(const struct modem *modem)
{
	return first_in_turn(modem);
}

static void run_next(struct modem *modem)
{
	struct operation *first = first_in_turn(modem);

	if (!first || first->running || is_away(modem))
		return;
	first->running = true;
	operation_go_on(first);
}

int operation_start(struct modem *modem, enum operation_turn turn, const struct step *steps,
		    size_t count, operation_done_fn fn, void *userdata)
{
	struct operation *operation = calloc(1, sizeof(*operation));

	if (!operation)
		return -ENOMEM;
	operation->modem = modem;
	operation->turn = turn;
	operation->steps = steps;
	operation->step_count = count;
	operation->done = fn;
	operation->userdata = userdata;
	DL_APPEND(modem->operations, operation);
	if (turn == OPERATION_IN_TURN) {
		run_next(modem);
	} else {
		operation->running = true;
		operation_go_on(operation);
	}
	return 0;
}

void operations_go_on(struct modem *modem)
{
	struct operation *operation;

	modem_ref(modem);
	/* Those that an end begins go on by themselves. */
	DL_FOREACH(modem->operations, operation) {
		operation->paused = operation->running && !operation->asks;
	}
	do {
		DL_SEARCH_SCALAR(modem->operations, operation, paused, true);
		if (operation) {
			operation->paused = false;
			operation_go_on(operation);
		}
	} while (operation);
	run_next(modem);
	modem_unref(modem);
}

struct ask *ask_new(struct operation *operation, enum operation_need need)
{
	struct ask *ask = calloc(1, sizeof(*ask));

	if (!ask) {
		operation_fail(operation, MM_CORE_ERROR_FAILED, "out of memory");
		return NULL;
	}
	ask->operation = operation;
	ask->need = need;
	DL_APPEND(operation->asks, ask);
	return ask;
}

void ask_free(struct ask *ask)
{
	DL_DELETE(ask->operation->asks, ask);
	qk_slot_free(ask->slot);
	at_call_free(ask->at_call);
	sd_event_source_disable_unref(ask->timer);
	free(ask);
}

const char *operation_doing(const struct operation *operation)
{
	return operation->steps[operation->at - 1].name;
}

/* What is done without, or asked once more. */
static void miss(struct ask *ask, int status);

static bool can_be_missed(const struct ask *ask, int status)
{
	return ask->need == OPERATION_SPARES && !ask->operation->failed &&
	       (status == -ETIMEDOUT || status == -EBADMSG);
}

void ask_end(struct ask *ask, int status, const void *response, uint16_t error)
{
	struct operation *operation = ask->operation;
	struct failure failure;

	if (status < 0 || (error && ask->need == OPERATION_NEEDS)) {
		failure_from(&failure, status, error, operation_doing(operation));
		operation_fail(operation, failure.name, "%s", failure.text);
	} else if (ask->take && !operation->failed) {
		ask->take(operation, response, error, ask->about);
	}
	ask_free(ask);
	/* What ends in a failure waits for nothing more. */
	if (operation->failed)
		operation_stop_waiting(operation, NULL);
	operation_go_on(operation);
}

static void on_response(struct qk_client *client, int status, const void *response, void *userdata)
{
	const struct qk_response *answer = response;
	struct ask *ask = userdata;
	uint16_t error = 0;

	(void)client;
	if (status == 0 && !answer->has_result)
		status = -EBADMSG;
	else if (status == 0 && answer->result.status)
		error = answer->result.error ? answer->result.error : QK_ERROR_INTERNAL;
	ask->operation->answers += status == 0;
	if (can_be_missed(ask, status))
		miss(ask, status);
	else
		ask_end(ask, status, response, error);
}

static void send(struct operation *operation, struct qk_client *client,
		 const struct question *question)
{
	struct ask *ask = ask_new(operation, question->need);
	struct failure failure;
	int r;

	if (!ask)
		return;
	ask->take = question->take;
	ask->about = question->about;
	ask->method = question->request ? NULL : question->method;
	ask->client = client;
	ask->answers = operation->answers;

	const struct qk_call_options options = { .timeout_usec = question->timeout_usec,
						 .userdata = ask,
						 .ret_slot = &ask->slot };

	r = qk_call(client, question->method, question->request, &options, on_response);
	if (r < 0) {
		failure_from(&failure, r, 0, operation_doing(operation));
		operation_fail(operation, failure.name, "%s", failure.text);
		ask_free(ask);
	}
}

static void note_life(struct operation *operation, const void *response, uint16_t error,
		      const void *about)
{
	(void)response, (void)error, (void)about;
	operation->asks_life = false;
}

/* A refusal is one, too. */
static void ask_for_life(struct operation *operation)
{
	static const struct question question = { QK_SERVICE_ID_DMS, OPERATION_TRIES,
						  &qk_dms_get_operating_mode_method, note_life };

	if (operation->asks_life)
		return;
	operation->asks_life = true;
	operation_ask(operation, &question);
}

static bool ask_again(struct ask *ask)
{
	const struct qk_method *method = ask->method;
	const struct qk_call_options options = { .userdata = ask, .ret_slot = &ask->slot };

	ask->method = NULL;
	ask->slot = qk_slot_free(ask->slot);
	return method && qk_call(ask->client, method, NULL, &options, on_response) == 0;
}

static void miss(struct ask *ask, int status)
{
	struct operation *operation = ask->operation;

	modem_log_at(operation->modem, LOG_NOTICE, "couldn't %s in all: %s",
		     operation_doing(operation), strerror(-status));
	/* What was answered meanwhile was a sign of life. */
	if (status == -ETIMEDOUT && ask->answers == operation->answers)
		ask_for_life(operation);
	if (!ask_again(ask))
		ask_end(ask, 0, NULL, OPERATION_NO_ANSWER);
}

void operation_ask(struct operation *operation, const struct question *question)
{
	struct qk_client *client = question->client;

	if (!client)
		client = qmi_port_client(operation->modem->qmi, question->service);
	if (client)
		send(operation, client, question);
	else if (question->need == OPERATION_NEEDS)
		operation_fail(operation, MM_CORE_ERROR_UNSUPPORTED,
			       "couldn't %s: the modem lacks the service",
			       operation_doing(operation));
	else if (question->take)
		question->take(operation, NULL, QK_ERROR_INVALID_SERVICE_TYPE, question->about);
}

static void on_news(struct qk_client *client, const struct qk_message *message, const void *decoded,
		    const struct qk_frame *frame, void *userdata)
{
	struct ask *ask = userdata;
	struct operation *operation = ask->operation;

	(void)client, (void)frame;
	if (message == ask->awaited.message && decoded &&
	    (operation->failed || ask->awaited.take(operation, decoded, ask->awaited.about)))
		ask_end(ask, 0, NULL, 0);
}

int ask_on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct ask *ask = userdata;

	(void)source, (void)usec;
	ask_end(ask, ask->need == OPERATION_NEEDS ? -ETIMEDOUT : 0, NULL, 0);
	return 0;
}

void operation_await(struct operation *operation, const struct awaited *awaited)
{
	struct modem *modem = operation->modem;
	struct qk_client *client = qmi_port_client(modem->qmi, awaited->service);
	struct ask *ask = client ? ask_new(operation, awaited->need) : NULL;
	int r;

	if (!ask)
		return;
	ask->awaited = *awaited;
	r = qk_client_subscribe(client, on_news, ask, NULL, &ask->slot);
	if (r == 0)
		r = sd_event_add_time_relative(modem->event, &ask->timer, CLOCK_MONOTONIC,
					       awaited->usec, 0, ask_on_late, ask);
	if (r < 0) {
		operation_fail(operation, MM_CORE_ERROR_FAILED, "couldn't %s: %s",
			       operation_doing(operation), strerror(-r));
		ask_free(ask);
	}
}

void operation_wait(struct operation *operation, uint64_t usec)
{
	struct ask *ask = ask_new(operation, OPERATION_TRIES);

	if (ask && sd_event_add_time_relative(operation->modem->event, &ask->timer, CLOCK_MONOTONIC,
					      usec, 0, ask_on_late, ask) < 0) {
		operation_fail(operation, MM_CORE_ERROR_FAILED, "out of memory");
		ask_free(ask);
	}
}

void operation_repeat(struct operation *operation, size_t steps)
{
	operation->at -= steps < operation->at ? steps : operation->at;
}

void operation_stop_waiting(struct operation *operation, const struct qk_message *message)
{
	struct ask *ask, *next;

	DL_FOREACH_SAFE(operation->asks, ask, next) {
		if (ask->timer && (!message || ask->awaited.message == message))
			ask_free(ask);
	}
}

static void on_allocated(void *userdata, int status, uint16_t error)
{
	struct ask *ask = userdata;

	/* A modem may list a service and give no client of it: it is as if it had none. */
	if (ask->need != OPERATION_NEEDS && error)
		error = 0;
	if (can_be_missed(ask, status))
		miss(ask, status);
	else
		ask_end(ask, status, NULL, error);
}

void operation_allocate(struct operation *operation, uint8_t service, enum operation_need need)
{
	struct qmi_port *port = operation->modem->qmi;
	uint16_t major, minor;
	struct ask *ask;

	if (qmi_port_client(port, service))
		return;
	if (need != OPERATION_NEEDS &&
	    qk_device_service_version(qmi_port_device(port), service, &major, &minor) == -ENOENT)
		return;
	ask = ask_new(operation, need);
	if (!ask)
		return;

	int r = qmi_port_allocate(port, service, on_allocated, ask);

	if (r < 0)
		ask_end(ask, r, NULL, 0);
}

static void on_own_client(struct qk_device *device, int status, uint16_t error,
			  struct qk_client *client, void *userdata)
{
	struct ask *ask = userdata;

	(void)device;
	if (client && !ask->operation->failed)
		ask->take_client(ask->operation, client, ask->about_client);
	ask_end(ask, status, NULL, error);
}

void operation_allocate_own(struct operation *operation, uint8_t service, operation_client_fn take,
			    void *about)
{
	struct qk_device *device = qmi_port_device(operation->modem->qmi);
	struct ask *ask = ask_new(operation, OPERATION_NEEDS);
	int r;

	if (!ask)
		return;
	ask->take_client = take;
	ask->about_client = about;
	r = qk_client_allocate_slot(device, service, 0, on_own_client, ask, &ask->slot);
	if (r < 0)
		ask_end(ask, r, NULL, 0);
}

unsigned int operation_hold(struct operation *operation)
{
	struct ask *ask = ask_new(operation, OPERATION_NEEDS);

	if (!ask)
		return 0;
	ask->hold = ++operation->modem->holds;
	return ask->hold;
}

void operation_end_hold(struct modem *modem, unsigned int hold)
{
	struct operation *operation;
	struct ask *ask;

	DL_FOREACH(modem->operations, operation) {
		DL_FOREACH(operation->asks, ask) {
			if (!hold || ask->hold != hold)
				continue;
			ask_end(ask, 0, NULL, 0);
			return;
		}
	}
}

/* Takes it out of the modem's queue with all that it asked, and tells its end. */
static void cancel(struct operation *operation, const struct failure *failure)
{
	struct operation ended = *operation;

	while (operation->asks)
		ask_free(operation->asks);
	DL_DELETE(ended.modem->operations, operation);
	free(operation);
	if (ended.done)
		ended.done(ended.modem, failure, ended.userdata);
}

void operations_cancel_of(struct modem *modem, const void *userdata, const struct failure *failure)
{
	struct operation *operation;
	bool had_turn = false;

	modem_ref(modem);
	/* Those that an end begins are none of them. */
	DL_FOREACH(modem->operations, operation) {
		operation->doomed = operation->userdata == userdata;
	}
	do {
		DL_SEARCH_SCALAR(modem->operations, operation, doomed, true);
		if (operation) {
			had_turn |= operation->turn == OPERATION_IN_TURN && operation->running;
			cancel(operation, failure);
		}
	} while (operation);
	/* Else whoever has ended, or will, begins the next one: this may be called on its way. */
	if (had_turn)
		run_next(modem);
	modem_unref(modem);
}

void operations_cancel(struct modem *modem, const struct failure *failure)
{
	struct operation *operation;

	modem_ref(modem);
	while ((operation = modem->operations))
		cancel(operation, failure);
	modem_unref(modem);
}
