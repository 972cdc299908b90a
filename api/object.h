/*
 * Object: things on the bus. An object has a path and interfaces; their properties are JSON values that are told
 * when they change, their methods are handlers that answer now or later.
 *
 * Owns: the values of properties, the calls that are not answered yet.
 * Does not know: what a property means, who may call what (a hook does).
 * Lifetime: an object from api_object_new() to api_object_free(), before its api_bus; a call until its one
 * answer, also when its object has gone.
 * Called from: the daemon. One thread, the event loop of the bus.
 *
 * A client has a limit of calls that wait; one more ends in Core.Throttled.
 *
 * A changed property is told when the loop is next idle, in one PropertiesChanged an interface; sooner before a
 * signal or an answer, so that who gets these finds the properties as they are.
 */
#pragma once

#include <jansson.h>
#include <systemd/sd-bus.h>

#include "api/api.h"

struct api_bus;
struct api_object;
struct api_call;

/* A caller wants `call`, which takes the access that its method names: ends in api_call_run() or
 * api_call_error(), now or later. */
typedef void (*api_access_fn)(struct api_call *call, void *userdata);

/* Objects on `bus`, which must have its event loop; those that are managed are listed by ObjectManager at `root`,
 * which must outlive them. `access` NULL: everybody may everything. -ENOMEM, or what
 * sd-bus says. */
int api_bus_new(sd_bus *bus, const char *root, api_access_fn access, void *userdata,
		struct api_bus **ret);
/* Behind its objects. NULL is fine; returns NULL. */
struct api_bus *api_bus_free(struct api_bus *bus);

/* Tells now what changed. */
void api_bus_flush(struct api_bus *bus);

/* A method's work. `in` are its arguments as an array, borrowed until the answer. It ends in one of the answers
 * below, now or later. */
typedef void (*api_method_fn)(struct api_call *call, const json_t *in, void *userdata);

struct api_handler {
	const struct api_method *method;
	api_method_fn fn;
};

/* Whether ObjectManager lists an object, and tells of its coming and going. */
enum api_listing { API_LISTED, API_UNLISTED };

/* An object without interfaces. -ENOMEM, -EEXIST. `userdata` is the handlers'. */
int api_object_new(struct api_bus *bus, const char *path, enum api_listing listing, void *userdata,
		   struct api_object **ret);
/* Takes it off the bus: calls that wait are answered with Core.Aborted. NULL is fine; returns NULL. */
struct api_object *api_object_free(struct api_object *object);
const char *api_object_path(const struct api_object *object);
void *api_object_userdata(const struct api_object *object);

/* Adds an interface, whose properties are "", 0, false, "/" or empty until they are set. A method without a handler
 * says Core.Unsupported. -ENOMEM, -EEXIST, or what sd-bus says. */
int api_object_add(struct api_object *object, const struct api_interface *interface,
		   const struct api_handler *handlers, size_t handler_count);
void api_object_remove(struct api_object *object, const struct api_interface *interface);
bool api_object_has(const struct api_object *object, const struct api_interface *interface);

/* Gives an object that was not told of yet another path. -EEXIST, -ENOMEM, or what sd-bus says; it is at its old path
 * then. */
int api_object_move(struct api_object *object, const char *path);

/* The object is whole: tells the bus that it is there. Until then nothing of it is told. */
void api_object_publish(struct api_object *object);

/* Sets a property; `take_value` is taken also on failure. -EINVAL: not of the property's type; -ENOENT: the object has
 * no such interface; -ENOMEM. The value must be JSON as value.h says. */
int api_object_set(struct api_object *object, const struct api_property *property,
		   json_t *take_value);
/* Borrowed; NULL: the object has no such interface. */
const json_t *api_object_get(const struct api_object *object, const struct api_property *property);

/* Emits a signal with an array of arguments, which is taken. */
int api_object_emit(struct api_object *object, const struct api_method *signal, json_t *take_args);

/* Answers, once. `take_out` is an array of the method's outputs (NULL: it has none). */
void api_call_reply(struct api_call *call, json_t *take_out);
/* `name` is an error of api-names.h. */
void api_call_error(struct api_call *call, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Access is granted: runs the handler. */
void api_call_run(struct api_call *call);

/* What is known of a call; the message is NULL once its object has gone. */
const struct api_method *api_call_method(const struct api_call *call);
sd_bus_message *api_call_message(const struct api_call *call);

/* For the generated vtables alone. */
int api_object_method(sd_bus_message *message, void *userdata, sd_bus_error *error);
int api_object_property(sd_bus *bus, const char *path, const char *interface, const char *property,
			sd_bus_message *reply, void *userdata, sd_bus_error *error);
