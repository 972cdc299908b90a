/*
 * Call: sd-bus dispatches by path, interface and member; here the member becomes the row of a table, the message JSON,
 * and the answer a message again.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "api/api-names.h"
#include "api/object-inside.h"
#include "api/value.h"

/* What a client may have waiting; a manager of connections may well do something to each of 30 modems. */
enum { CALLS_MAX = 64 };

/* Whether the caller has as many calls waiting as it may. */
static bool is_busy(const struct api_bus *bus, const char *sender)
{
	const struct api_object *object;
	const struct api_call *call;
	size_t count = 0;

	if (!sender)
		return false;
	DL_FOREACH(bus->objects, object) {
		DL_FOREACH(object->calls, call) {
			if (strcmp(sd_bus_message_get_sender(call->message), sender) == 0)
				count++;
		}
	}
	return count >= CALLS_MAX;
}

const struct api_method *api_call_method(const struct api_call *call)
{
	return call->method;
}

sd_bus_message *api_call_message(const struct api_call *call)
{
	return call->object ? call->message : NULL;
}

static void call_end(struct api_call *call)
{
	if (call->object)
		DL_DELETE(call->object->calls, call);
	sd_bus_message_unref(call->message);
	json_decref(call->in);
	free(call);
}

void api_call_reply(struct api_call *call, json_t *take_out)
{
	sd_bus_message *reply = NULL;
	int r;

	if (call->object) {
		api_bus_flush(call->object->bus);
		r = sd_bus_message_new_method_return(call->message, &reply);
		if (r >= 0)
			r = api_write_outputs(reply, call->method, take_out);
		if (r >= 0)
			r = sd_bus_send(NULL, reply, NULL);
		if (r < 0)
			sd_bus_reply_method_errno(call->message, r, NULL);
	}
	sd_bus_message_unref(reply);
	json_decref(take_out);
	call_end(call);
}

void api_call_error(struct api_call *call, const char *name, const char *format, ...)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	va_list args;

	if (call->object) {
		api_bus_flush(call->object->bus);
		va_start(args, format);
		sd_bus_error_setfv(&error, name, format, args);
		va_end(args);
		sd_bus_reply_method_error(call->message, &error);
		sd_bus_error_free(&error);
	}
	call_end(call);
}

void api_call_run(struct api_call *call)
{
	if (!call->object)
		call_end(call);
	else if (call->fn)
		call->fn(call, call->in, call->object->userdata);
	else
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED, "this modem has no %s",
			       call->method->name);
}

static const struct api_method *find_method(const struct api_interface *interface, const char *name)
{
	for (size_t i = 0; name && i < interface->method_count; i++)
		if (strcmp(interface->methods[i].name, name) == 0)
			return &interface->methods[i];
	return NULL;
}

static api_method_fn find_handler(const struct served *served, const struct api_method *method)
{
	for (size_t i = 0; i < served->handler_count; i++)
		if (served->handlers[i].method == method)
			return served->handlers[i].fn;
	return NULL;
}

/* The arguments as an array. */
static int read_inputs(sd_bus_message *message, const struct api_method *method, json_t **ret,
		       struct api_trouble *trouble)
{
	json_t *inputs = json_array();

	for (size_t i = 0; inputs && i < method->input_count; i++) {
		json_t *value = NULL;
		int r = api_read(message, &method->inputs[i].type, &value, trouble);

		if (r == 0 && json_array_append_new(inputs, value) < 0)
			r = -ENOMEM;
		if (r < 0) {
			json_decref(inputs);
			return r;
		}
	}
	*ret = inputs;
	return inputs ? 0 : -ENOMEM;
}

int api_object_method(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	struct served *served = userdata;
	struct api_object *object = served->object;
	const struct api_method *method =
		find_method(served->interface, sd_bus_message_get_member(message));
	struct api_trouble trouble = { "" };
	struct api_call *call;
	json_t *in = NULL;
	int r;

	if (!method)
		return -ENOENT;
	if (is_busy(object->bus, sd_bus_message_get_sender(message)))
		return sd_bus_error_setf(error, MM_CORE_ERROR_THROTTLED,
					 "%d calls of yours wait for their answers already",
					 CALLS_MAX);
	r = read_inputs(message, method, &in, &trouble);
	if (r == -EINVAL)
		return sd_bus_error_setf(error, MM_CORE_ERROR_INVALID_ARGS, "%s: %s", method->name,
					 trouble.text);
	if (r < 0)
		return r;
	call = calloc(1, sizeof(*call));
	if (!call) {
		json_decref(in);
		return -ENOMEM;
	}
	call->object = object;
	call->message = sd_bus_message_ref(message);
	call->method = method;
	call->fn = find_handler(served, method);
	call->in = in;
	DL_APPEND(object->calls, call);
	if (method->access && object->bus->access)
		object->bus->access(call, object->bus->userdata);
	else
		api_call_run(call);
	return 1;
}
