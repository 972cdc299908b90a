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

enum {
	DIAL_USEC = 90000000,
	TONE_STEPS = 3,
	TONES_MAX = 50, /* of one request */
	TONE_MS = 500,
	TONE_MS_MAX = 1000,
	PAUSE = ',',
	PAUSE_USEC = 2000000,
	TURN_USEC = 20000, /* between two looks whether tones before have ended */
};

static const char *number_of(const struct call *call)
{
	return json_string_value(api_object_get(call->child.object, API_CALL_NUMBER));
}

const char *call_path(const struct call *call)
{
	return api_object_path(call->child.object);
}

void call_set_state(struct call *call, enum mm_call_state state, enum mm_call_state_reason reason)
{
	enum mm_call_state before = call->state;

	if (before == state)
		return;
	call->state = state;
	(void)api_object_set(call->child.object, API_CALL_STATE, json_integer(state));
	(void)api_object_set(call->child.object, API_CALL_STATE_REASON, json_integer(reason));
	api_object_emit(call->child.object, API_SIGNAL_CALL_STATE_CHANGED,
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
};

static void refuse_state(struct api_call *call, const struct call *self)
{
	api_call_error(call, MM_CORE_ERROR_FAILED, "the call is %s",
		       api_value_name(&api_values_call_state, self->state));
}

/* A call that is made while the modem is not enabled, to an emergency number, is told of as well. */
static void listen(struct operation *op)
{
	if (api_call_method(request_of(op)->call) == API_METHOD_CALL_START)
		voice_listen_once(op);
}

static void do_it(struct operation *op)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].method == api_call_method(request_of(op)->call))
			rows[i].step.begin(op);
}

static void on_method(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct step steps[] = { { "listen to calls", listen },
					     { "ask for the call", do_it } };
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_FAILED, NULL };
	const struct api_method *method = api_call_method(call);
	const struct call *self = userdata;

	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].method == method && !(rows[i].states & 1u << self->state)) {
			refuse_state(call, self);
			return;
		}
	if (method == API_METHOD_CALL_START && !voice_allows(self->modem, number_of(self)))
		api_call_error(call, MM_CORE_ERROR_UNAUTHORIZED,
			       "emergency numbers alone can be called now");
	else
		request_start_on(call, in, self->modem, &kind, call_path(self));
}

/* --- SendDtmf() */

/* The part of the request that is sent now. */
static char tone_of(const struct operation *op)
{
	json_int_t at = json_integer_value(json_object_get(request_of(op)->notes, "at"));

	return request_text(op, 0)[at];
}

/* Requests for the same call wait for each other: who dials by hand is faster than the tones. */
static void take_turn(struct operation *op)
{
	struct call *call = call_of(op);

	if (call)
		json_object_set_new(request_of(op)->notes, "turn",
				    json_integer(call->tones_taken++));
}

static void wait_turn(struct operation *op)
{
	const struct call *call = call_of(op);
	json_int_t turn = json_integer_value(json_object_get(request_of(op)->notes, "turn"));

	if (!call || (json_int_t)call->tones_ended == turn)
		return;
	operation_wait(op, TURN_USEC);
	operation_repeat(op, 1);
}

static void begin_tone(struct operation *op)
{
	const struct call *call = call_of(op);
	const struct qk_voice_start_continuous_dtmf_request request = {
		.has_data = true,
		.data = { call ? call->id : 0, (uint8_t)tone_of(op) },
	};

	if (call && tone_of(op) != PAUSE)
		ask(op, &qk_voice_start_continuous_dtmf_method, &request, NULL);
}

static void hold_tone(struct operation *op)
{
	const struct call *call = call_of(op);

	if (call && tone_of(op) == PAUSE)
		operation_wait(op, PAUSE_USEC);
	else if (call)
		operation_wait(op,
			       1000 * (uint64_t)json_integer_value(api_object_get(
					      call->child.object, API_CALL_DTMF_TONE_DURATION)));
}

static void end_tone(struct operation *op)
{
	const struct call *call = call_of(op);
	const struct qk_voice_stop_continuous_dtmf_request request = {
		.has_data = true,
		.data = { call ? call->id : 0 },
	};
	json_t *notes = request_of(op)->notes;
	json_int_t next = json_integer_value(json_object_get(notes, "at")) + 1;

	if (call && tone_of(op) != PAUSE)
		ask(op, &qk_voice_stop_continuous_dtmf_method, &request, NULL);
	json_object_set_new(notes, "at", json_integer(next));
	if (tone_of(op))
		operation_repeat(op, TONE_STEPS);
}

static const struct step tone_steps[] = {
	{ "stand in line for tones", take_turn },
	{ "wait for the tones before", wait_turn },
	/* These are TONE_STEPS. */
	{ "begin a tone", begin_tone },
	{ "hold the tone", hold_tone },
	{ "end the tone", end_tone },
};

static void end_tones(struct request *request, const struct failure *failure)
{
	struct call *call = voice_find(request->modem, request->path);

	(void)failure;
	if (call && json_object_get(request->notes, "turn"))
		call->tones_ended++;
}

static bool are_tones(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length <= TONES_MAX && strspn(text, "0123456789ABCD*#,") == length;
}

static void on_tones(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { tone_steps, COUNT(tone_steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_FAILED, end_tones };
	const struct call *self = userdata;
	const char *text = json_string_value(json_array_get(in, 0));

	if (!text || !are_tones(text))
		request_invalid(call, "tones are up to %d of 0-9, A-D, *, # and a comma, a pause",
				TONES_MAX);
	else if (self->state != MM_CALL_STATE_ACTIVE)
		refuse_state(call, self);
	else
		request_start_on(call, in, self->modem, &kind, call_path(self));
}

void call_set_tones(struct call *call, json_int_t milliseconds)
{
	if (milliseconds <= 0)
		milliseconds = TONE_MS;
	if (milliseconds > TONE_MS_MAX)
		milliseconds = TONE_MS_MAX;
	(void)api_object_set(call->child.object, API_CALL_DTMF_TONE_DURATION,
			     json_integer((milliseconds + 99) / 100 * 100));
}

static const struct api_handler handlers[] = {
	{ API_METHOD_CALL_START, on_method },
	{ API_METHOD_CALL_ACCEPT, on_method },
	{ API_METHOD_CALL_HANGUP, on_method },
	{ API_METHOD_CALL_JOIN_MULTIPARTY, on_method },
	{ API_METHOD_CALL_LEAVE_MULTIPARTY, on_method },
	{ API_METHOD_CALL_SEND_DTMF, on_tones },
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
	r = api_object_new(modem->bus, path, API_UNLISTED, call, &call->child.object);
	if (r == 0)
		r = api_object_add(call->child.object, API_CALL, handlers, COUNT(handlers));
	if (r == 0)
		r = api_object_set(call->child.object, API_CALL_NUMBER, json_string(number));
	if (r < 0) {
		call_free(call);
		return r;
	}
	(void)api_object_set(call->child.object, API_CALL_DIRECTION, json_integer(direction));
	call_set_tones(call, TONE_MS);
	*ret = call;
	return 0;
}

struct call *call_free(struct call *call)
{
	if (!call)
		return NULL;
	api_object_free(call->child.object);
	free(call);
	return NULL;
}
