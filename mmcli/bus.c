/* Bus: sd-bus, and the words that GDBus has for what goes wrong. */
#include "mmcli/bus.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/value.h"

#define DEFAULT_TIMEOUT_USEC 30000000

static void say(struct bus_failure *failure, int r, const sd_bus_error *error)
{
	bool told = error && error->name && strncmp(error->name, "System.Error.", 13) != 0;

	failure->absent = sd_bus_error_has_names(error, SD_BUS_ERROR_SERVICE_UNKNOWN,
						 SD_BUS_ERROR_NAME_HAS_NO_OWNER);
	if (r == -ETIMEDOUT &&
	    (!told || !error->message || sd_bus_error_has_name(error, SD_BUS_ERROR_TIMEOUT)))
		snprintf(failure->text, sizeof(failure->text), "Timeout was reached");
	else if (told)
		snprintf(failure->text, sizeof(failure->text), "GDBus.Error:%s: %s", error->name,
			 error->message ? error->message : "");
	else
		snprintf(failure->text, sizeof(failure->text), "%s", strerror(-r));
}

/* Sends `call`, which is taken, and reads all that is answered into an array. */
static int exchange(sd_bus *bus, sd_bus_message *take_call, uint64_t timeout_usec, json_t **ret,
		    struct bus_failure *failure)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	json_t *answer = json_array();
	int r;

	sd_bus_message_set_auto_start(take_call, 0);
	r = sd_bus_call(bus, take_call, timeout_usec, &error, &reply);
	if (r < 0)
		say(failure, r, &error);
	while (r >= 0 && (r = sd_bus_message_at_end(reply, 1)) == 0) {
		json_t *value = NULL;

		r = api_read(reply, NULL, &value, NULL);
		if (r == 0 && json_array_append_new(answer, value) < 0)
			r = -ENOMEM;
		if (r < 0)
			snprintf(failure->text, sizeof(failure->text),
				 "an answer that cannot be read: %s", strerror(-r));
	}
	sd_bus_error_free(&error);
	sd_bus_message_unref(reply);
	sd_bus_message_unref(take_call);
	if (r < 0) {
		json_decref(answer);
		return r;
	}
	*ret = answer;
	return 0;
}

int bus_call(sd_bus *bus, const char *path, const struct api_method *method,
	     const json_t *arguments, uint64_t timeout_usec, json_t **ret,
	     struct bus_failure *failure)
{
	sd_bus_message *call = NULL;
	struct api_trouble trouble = { "" };
	int r = sd_bus_message_new_method_call(bus, &call, BUS_NAME, path, method->interface->name,
					       method->name);

	for (size_t i = 0; r >= 0 && i < method->input_count; i++)
		r = api_write(call, &method->inputs[i].type, json_array_get(arguments, i),
			      &trouble);
	if (r < 0) {
		snprintf(failure->text, sizeof(failure->text), "%s",
			 trouble.text[0] ? trouble.text : strerror(-r));
		sd_bus_message_unref(call);
		return r;
	}
	return exchange(bus, call, timeout_usec, ret, failure);
}

/* A call without arguments, or with one text, that answers with one value. */
static int ask(sd_bus *bus, const char *path, const char *interface, const char *member,
	       const char *text, json_t **ret, struct bus_failure *failure)
{
	sd_bus_message *call = NULL;
	json_t *answer = NULL;
	int r = sd_bus_message_new_method_call(bus, &call, BUS_NAME, path, interface, member);

	if (r >= 0 && text)
		r = sd_bus_message_append(call, "s", text);
	if (r < 0) {
		snprintf(failure->text, sizeof(failure->text), "%s", strerror(-r));
		sd_bus_message_unref(call);
		return r;
	}
	r = exchange(bus, call, DEFAULT_TIMEOUT_USEC, &answer, failure);
	if (r < 0)
		return r;
	*ret = json_incref(json_array_get(answer, 0));
	json_decref(answer);
	if (*ret && json_is_object(*ret))
		return 0;
	snprintf(failure->text, sizeof(failure->text), "an answer of the wrong type");
	json_decref(*ret);
	return -EBADMSG;
}

int bus_objects(sd_bus *bus, json_t **ret, struct bus_failure *failure)
{
	return ask(bus, BUS_ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL,
		   ret, failure);
}

int bus_properties(sd_bus *bus, const char *path, const char *interface, json_t **ret,
		   struct bus_failure *failure)
{
	return ask(bus, path, "org.freedesktop.DBus.Properties", "GetAll", interface, ret, failure);
}
