/*
 * Call: a method asks the modem; what came of it is told by the modem's news of its calls. Dialling alone says a
 * state by itself: the modem has given the call a number then.
 */
#include "call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/voice.h>

#include "request.h"
#include "voice.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { DIAL_USEC = 90000000, DTMF_MAX = 32 };

static const char *number_of(const struct call *call)
{
	return json_string_value(api_object_get(call->object, API_CALL_NUMBER));
}

const char *call_path(const struct call *call)
{
	return api_object_path(call->object);
}

void call_set_state(struct call *call, enum mm_call_state state, enum mm_call_state_reason reason)
{
	enum mm_call_state before = call->state;

	if (before == state)
		return;
	call->state = state;
	(void)api_object_set(call->object, API_CALL_STATE, json_integer(state));
	(void)api_object_set(call->object, API_CALL_STATE_REASON, json_integer(reason));
	api_object_emit(call->object, API_SIGNAL_CALL_STATE_CHANGED,
			json_pack("[i, i, i]", before, state, reason));
}

/* The call may go while the modem is asked. */
static struct call *call_of(struct operation *op)
{
	struct call *call = voice_find(operation_modem(op), request_of(op)->path);

	if (!call)
		operation_fail(op, MM_CORE_ERROR_ABORTED, "the call has gone");
	return call;
}

static void ask(struct operation *op, const struct qk_method *method, const void *request,
		operation_answer_fn take)
{
	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_VOICE,
					      .need = take ? OPERATION_TRIES : OPERATION_NEEDS,
					      .method = method,
					      .take = take,
					      .request = request,
					      .timeout_usec = DIAL_USEC });
}

/* --- Start() */

static void take_dialled(struct operation *op, const void *response, uint16_t error,
			 const void *about)
{
	const struct qk_voice_dial_call_response *r = response;
	struct call *call = call_of(op);
	struct failure failure;

	(void)about;
	if (!call)
		return;
	if (error) {
		failure_from(&failure, 0, error, "dial");
		operation_fail(op, failure.name, "%s", failure.text);
		call_set_state(call, MM_CALL_STATE_TERMINATED, MM_CALL_STATE_REASON_ERROR);
		return;
	}
	call->id = r->call_id;
}

static void dial(struct operation *op)
{
	struct call *call = call_of(op);

	if (!call)
		return;

	const char *number = number_of(call);
	const struct qk_voice_dial_call_request request = {
		.has_calling_number = true,
		.calling_number = { number, strlen(number) },
	};

	call_set_state(call, MM_CALL_STATE_DIALING, MM_CALL_STATE_REASON_OUTGOING_STARTED);
	ask(op, &qk_voice_dial_call_method, &request, take_dialled);
}

/* --- The others */

static void accept_it(struct operation *op)
{
	const struct call *call = call_of(op);
	const struct qk_voice_answer_call_request request = { .has_call_id = true,
							      .call_id = call ? call->id : 0 };

	if (call)
		ask(op, &qk_voice_answer_call_method, &request, NULL);
}

void call_hang_up(struct operation *operation, const struct call *call)
{
	const struct qk_voice_end_call_request request = { .has_call_id = true,
							   .call_id = call->id };

	ask(operation, &qk_voice_end_call_method, &request, NULL);
}

static void hang_up(struct operation *op)
{
	const struct call *call = call_of(op);

	if (call)
		call_hang_up(op, call);
}

static void manage(struct operation *op, enum qk_voice_supplementary_service_type type)
{
	const struct call *call = call_of(op);
	const struct qk_voice_manage_calls_request request = {
		.has_service_type = true,
		.service_type = (uint8_t)type,
		.has_call_id = true,
		.call_id = call ? call->id : 0,
	};

	if (call)
		ask(op, &qk_voice_manage_calls_method, &request, NULL);
}

static void join(struct operation *op)
{
	manage(op, QK_VOICE_SUPPLEMENTARY_SERVICE_TYPE_MAKE_CONFERENCE_CALL);
}

static void leave(struct operation *op)
{
	manage(op, QK_VOICE_SUPPLEMENTARY_SERVICE_TYPE_HOLD_ALL_EXCEPT_SPECIFIED_CALL);
}

static void send_dtmf(struct operation *op)
{
	const struct call *call = call_of(op);
	const char *digits = request_text(op, 0);
	const struct qk_voice_burst_dtmf_request request = {
		.has_data = true,
		.data = { call ? call->id : 0, { digits, strlen(digits) } },
	};

	if (call)
		ask(op, &qk_voice_burst_dtmf_method, &request, NULL);
}

#define IN(state) (1u << MM_CALL_STATE_##state)

/* What each method does, and in which states of the call. */
static const struct row {
	const struct api_method *method;
	unsigned int states;
	struct step step;
} rows[] = {
	{ API_METHOD_CALL_START, IN(UNKNOWN), { "dial", dial } },
	{ API_METHOD_CALL_ACCEPT, IN(RINGING_IN) | IN(WAITING), { "accept the call", accept_it } },
	{ API_METHOD_CALL_HANGUP,
	  IN(DIALING) | IN(RINGING_OUT) | IN(RINGING_IN) | IN(ACTIVE) | IN(HELD) | IN(WAITING),
	  { "hang up", hang_up } },
	{ API_METHOD_CALL_JOIN_MULTIPARTY, IN(HELD) | IN(ACTIVE), { "join the calls", join } },
	{ API_METHOD_CALL_LEAVE_MULTIPARTY, IN(ACTIVE), { "leave the others", leave } },
	{ API_METHOD_CALL_SEND_DTMF, IN(ACTIVE), { "send tones", send_dtmf } },
};

static void do_it(struct operation *op)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].method == api_call_method(request_of(op)->call))
			rows[i].step.begin(op);
}

static bool are_tones(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length <= DTMF_MAX && strspn(text, "0123456789ABCD*#") == length;
}

static void on_method(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct step steps[] = { { "ask for the call", do_it } };
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_ENABLED, NULL };
	const struct api_method *method = api_call_method(call);
	const struct call *self = userdata;

	if (method == API_METHOD_CALL_SEND_DTMF &&
	    !are_tones(json_string_value(json_array_get(in, 0)))) {
		request_invalid(call, "tones are up to %d of 0-9, A-D, * and #", DTMF_MAX);
		return;
	}
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].method == method && !(rows[i].states & 1u << self->state)) {
			api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the call is %s",
				       api_value_name(&api_values_call_state, self->state));
			return;
		}
	request_start_on(call, in, self->modem, &kind, call_path(self));
}

static const struct api_handler handlers[] = {
	{ API_METHOD_CALL_START, on_method },
	{ API_METHOD_CALL_ACCEPT, on_method },
	{ API_METHOD_CALL_HANGUP, on_method },
	{ API_METHOD_CALL_JOIN_MULTIPARTY, on_method },
	{ API_METHOD_CALL_LEAVE_MULTIPARTY, on_method },
	{ API_METHOD_CALL_SEND_DTMF, on_method },
};

int call_new(struct modem *modem, enum mm_call_direction direction, const char *number,
	     struct call **ret)
{
	struct call *call = calloc(1, sizeof(*call));
	char path[64];
	int r;

	if (!call)
		return -ENOMEM;
	call->modem = modem;
	call->direction = direction;
	snprintf(path, sizeof(path), "/org/freedesktop/ModemManager1/Call/%u",
		 (*modem->host->next_call)++);
	r = api_object_new(modem->bus, path, API_UNLISTED, call, &call->object);
	if (r == 0)
		r = api_object_add(call->object, API_CALL, handlers, COUNT(handlers));
	if (r == 0)
		r = api_object_set(call->object, API_CALL_NUMBER, json_string(number));
	if (r < 0) {
		call_free(call);
		return r;
	}
	(void)api_object_set(call->object, API_CALL_DIRECTION, json_integer(direction));
	*ret = call;
	return 0;
}

struct call *call_free(struct call *call)
{
	if (!call)
		return NULL;
	api_object_free(call->object);
	free(call);
	return NULL;
}
