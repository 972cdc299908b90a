/*
 * Request: what the steps leave behind becomes the one answer.
 */
#include "request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct request *request_free(struct request *request)
{
	if (!request)
		return NULL;
	json_decref(request->out);
	json_decref(request->notes);
	free(request);
	return NULL;
}

static void on_done(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct request *request = userdata;

	if (!failure && request->refusal.name)
		failure = &request->refusal;
	if (request->kind->end && modem->object && modem->qmi)
		request->kind->end(request, failure);
	if (failure) {
		api_call_error(request->call, failure->name, "%s", failure->text);
	} else {
		api_call_reply(request->call, request->out);
		request->out = NULL;
	}
	request_free(request);
}

void request_start(struct api_call *call, const json_t *in, struct modem *modem,
		   const struct request_kind *kind)
{
	request_start_on(call, in, modem, kind, "");
}

void request_start_on(struct api_call *call, const json_t *in, struct modem *modem,
		      const struct request_kind *kind, const char *path)
{
	struct request *request;

	if (modem->state < kind->least) {
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the modem is %s",
			       api_value_name(&api_values_modem_state, modem->state));
		return;
	}
	request = calloc(1, sizeof(*request));
	if (request)
		*request = (struct request){
			.modem = modem, .call = call, .in = in, .notes = json_object(), .kind = kind
		};
	if (request)
		snprintf(request->path, sizeof(request->path), "%s", path);
	if (!request || !request->notes ||
	    operation_start(modem, kind->turn, kind->steps, kind->count, on_done, request) < 0) {
		api_call_error(call, MM_CORE_ERROR_FAILED, "out of memory");
		request_free(request);
	}
}

struct request *request_of(const struct operation *operation)
{
	return operation_data(operation);
}

const json_t *request_in(const struct operation *operation, size_t index)
{
	return json_array_get(request_of(operation)->in, index);
}

const char *request_text(const struct operation *operation, size_t index)
{
	const char *text = json_string_value(request_in(operation, index));

	return text ? text : "";
}

json_int_t request_number(const struct operation *operation, size_t index)
{
	return json_integer_value(request_in(operation, index));
}

void request_answer(struct operation *operation, json_t *take_out)
{
	struct request *request = request_of(operation);

	json_decref(request->out);
	request->out = take_out;
}

void request_refuse(struct operation *operation, const char *name, const char *format, ...)
{
	struct failure *refusal = &request_of(operation)->refusal;
	va_list args;

	if (refusal->name)
		return;
	refusal->name = name;
	va_start(args, format);
	vsnprintf(refusal->text, sizeof(refusal->text), format, args);
	va_end(args);
}

void request_invalid(struct api_call *call, const char *format, ...)
{
	char text[160];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	api_call_error(call, MM_CORE_ERROR_INVALID_ARGS, "%s", text);
}
