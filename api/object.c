/*
 * Object: what is on the bus, its properties and its signals.
 */
#include "api/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "api/api-names.h"
#include "api/object-inside.h"
#include "api/value.h"

/* The bus. */

static void tell_changes(struct served *served)
{
	const struct api_interface *interface = served->interface;
	char **names = calloc(interface->property_count + 1, sizeof(*names));
	size_t count = 0;

	served->dirty = false;
	for (size_t i = 0; i < interface->property_count; i++) {
		if (served->changed[i] && names)
			names[count++] = (char *)interface->properties[i].field.name;
		served->changed[i] = false;
	}
	if (count > 0 && served->object->published)
		sd_bus_emit_properties_changed_strv(served->object->bus->bus, served->object->path,
						    interface->name, names);
	free(names);
}

static void tell_object(struct api_object *object)
{
	struct served *served;

	DL_FOREACH(object->interfaces, served) {
		if (served->dirty)
			tell_changes(served);
	}
}

void api_bus_flush(struct api_bus *bus)
{
	struct api_object *object;

	DL_FOREACH(bus->objects, object)
		tell_object(object);
}

static int on_idle(sd_event_source *source, void *userdata)
{
	(void)source;
	api_bus_flush(userdata);
	return 0;
}

int api_bus_new(sd_bus *bus, const char *root, api_access_fn access, void *userdata,
		struct api_bus **ret)
{
	struct api_bus *self = calloc(1, sizeof(*self));
	int r;

	if (!self)
		return -ENOMEM;
	self->bus = sd_bus_ref(bus);
	self->access = access;
	self->userdata = userdata;
	self->root = strdup(root);
	r = self->root ? sd_bus_add_object_manager(bus, &self->manager, root) : -ENOMEM;
	if (r >= 0)
		r = sd_bus_add_filter(bus, &self->filter, api_listing_message, self);
	if (r >= 0)
		r = sd_event_add_defer(sd_bus_get_event(bus), &self->idle, on_idle, self);
	if (r >= 0)
		r = sd_event_source_set_enabled(self->idle, SD_EVENT_OFF);
	/* Behind the messages that wait: changes gather meanwhile. */
	if (r >= 0)
		r = sd_event_source_set_priority(self->idle, SD_EVENT_PRIORITY_IDLE);
	if (r < 0) {
		api_bus_free(self);
		return r;
	}
	*ret = self;
	return 0;
}

struct api_bus *api_bus_free(struct api_bus *bus)
{
	if (!bus)
		return NULL;
	sd_event_source_disable_unref(bus->idle);
	sd_bus_slot_unref(bus->filter);
	sd_bus_slot_unref(bus->manager);
	sd_bus_unref(bus->bus);
	free(bus->root);
	free(bus);
	return NULL;
}

/* Objects. */

int api_object_new(struct api_bus *bus, const char *path, enum api_listing listing, void *userdata,
		   struct api_object **ret)
{
	struct api_object *object;

	DL_FOREACH(bus->objects, object) {
		if (strcmp(object->path, path) == 0)
			return -EEXIST;
	}
	object = calloc(1, sizeof(*object));
	if (object)
		object->path = strdup(path);
	if (!object || !object->path) {
		free(object);
		return -ENOMEM;
	}
	object->bus = bus;
	object->userdata = userdata;
	object->listing = listing;
	DL_APPEND(bus->objects, object);
	*ret = object;
	return 0;
}

const char *api_object_path(const struct api_object *object)
{
	return object->path;
}

void *api_object_userdata(const struct api_object *object)
{
	return object->userdata;
}

static struct served *find_served(const struct api_object *object,
				  const struct api_interface *interface)
{
	struct served *served;

	DL_FOREACH(object->interfaces, served) {
		if (served->interface == interface)
			return served;
	}
	return NULL;
}

bool api_object_has(const struct api_object *object, const struct api_interface *interface)
{
	return find_served(object, interface);
}

/* What a property is before it was set. */
static json_t *default_value(const char *signature)
{
	json_t *items;

	switch (signature[0]) {
	case 's':
		return json_string("");
	case 'o':
		return json_string("/");
	case 'b':
		return json_false();
	case 'd':
		return json_real(0);
	case 'a':
		return signature[1] == '{' ? json_object() : json_array();
	case 'v':
		return json_pack("[s, i]", "u", 0);
	case '(':
		items = json_array();
		for (const char *at = signature + 1; items && *at && *at != ')'; at++) {
			json_array_append_new(items, default_value(at));
			while (*at == 'a')
				at++;
			if (*at == '{')
				at = strchr(at, '}');
		}
		return items;
	default:
		return json_integer(0);
	}
}

static void served_free(struct served *served)
{
	if (served->values)
		for (size_t i = 0; i < served->interface->property_count; i++)
			json_decref(served->values[i]);
	sd_bus_slot_unref(served->slot);
	free(served->values);
	free(served->changed);
	free(served);
}

static struct served *served_new(struct api_object *object, const struct api_interface *interface)
{
	struct served *served = calloc(1, sizeof(*served));
	size_t count = interface->property_count + 1; /* calloc(0) may be NULL */

	if (!served)
		return NULL;
	served->object = object;
	served->interface = interface;
	served->values = calloc(count, sizeof(json_t *));
	served->changed = calloc(count, sizeof(*served->changed));
	for (size_t i = 0; served->values && i < interface->property_count; i++) {
		served->values[i] = default_value(interface->properties[i].field.type.signature);
		if (!served->values[i])
			break;
	}
	if (!served->values || !served->changed ||
	    (interface->property_count > 0 && !served->values[interface->property_count - 1])) {
		served_free(served);
		return NULL;
	}
	return served;
}

int api_object_add(struct api_object *object, const struct api_interface *interface,
		   const struct api_handler *handlers, size_t handler_count)
{
	sd_bus *bus = object->bus->bus;
	struct served *served;
	int r;

	if (find_served(object, interface))
		return -EEXIST;
	served = served_new(object, interface);
	if (!served)
		return -ENOMEM;
	served->handlers = handlers;
	served->handler_count = handler_count;
	r = sd_bus_add_object_vtable(bus, &served->slot, object->path, interface->name,
				     interface->vtable, served);
	if (r < 0) {
		served_free(served);
		return r;
	}
	DL_APPEND(object->interfaces, served);
	api_listing_added(object, served);
	return 0;
}

void api_object_remove(struct api_object *object, const struct api_interface *interface)
{
	struct served *served = find_served(object, interface);

	if (!served)
		return;
	api_listing_removed(object, served);
	DL_DELETE(object->interfaces, served);
	served_free(served);
}

/* Serves the interfaces at another path. */
static int move_interfaces(struct api_object *object, const char *path)
{
	struct served *served;

	DL_FOREACH(object->interfaces, served) {
		sd_bus_slot *slot;
		int r = sd_bus_add_object_vtable(object->bus->bus, &slot, path,
						 served->interface->name, served->interface->vtable,
						 served);

		if (r < 0)
			return r;
		sd_bus_slot_unref(served->slot);
		served->slot = slot;
	}
	return 0;
}

int api_object_move(struct api_object *object, const char *path)
{
	struct api_object *other;
	char *copy;
	int r;

	if (object->published)
		return -EBUSY;
	DL_FOREACH(object->bus->objects, other) {
		if (strcmp(other->path, path) == 0)
			return -EEXIST;
	}
	copy = strdup(path);
	r = copy ? move_interfaces(object, copy) : -ENOMEM;
	if (r < 0) {
		(void)move_interfaces(object, object->path);
		free(copy);
		return r;
	}
	free(object->path);
	object->path = copy;
	return 0;
}

void api_object_publish(struct api_object *object)
{
	struct served *served;

	if (object->published)
		return;
	object->published = true;
	DL_FOREACH(object->interfaces, served) {
		memset(served->changed, 0, served->interface->property_count);
		served->dirty = false;
	}
	api_listing_added(object, NULL);
}

struct api_object *api_object_free(struct api_object *object)
{
	struct served *served, *next;

	if (!object)
		return NULL;
	while (object->calls) {
		struct api_call *call = object->calls;

		sd_bus_reply_method_errorf(call->message, MM_CORE_ERROR_ABORTED,
					   "the object %s has gone", object->path);
		DL_DELETE(object->calls, call);
		call->object = NULL;
	}
	api_listing_removed(object, NULL);
	DL_FOREACH_SAFE(object->interfaces, served, next)
		served_free(served);
	DL_DELETE(object->bus->objects, object);
	free(object->path);
	free(object);
	return NULL;
}

/* Properties. */

static size_t row_of(const struct api_property *property)
{
	return (size_t)(property - property->interface->properties);
}

/* Whether sd-bus would take the value; tried out on a message that goes nowhere. */
static int check_value(struct api_object *object, const struct api_property *property,
		       const json_t *value)
{
	sd_bus_message *trial = NULL;
	int r = sd_bus_message_new_signal(object->bus->bus, &trial, "/", "a.b", "c");

	if (r >= 0)
		r = api_write(trial, &property->field.type, value, NULL);
	sd_bus_message_unref(trial);
	return r < 0 ? r : 0;
}

int api_object_set(struct api_object *object, const struct api_property *property,
		   json_t *take_value)
{
	struct served *served = find_served(object, property->interface);
	size_t row = row_of(property);
	int r = served ? 0 : -ENOENT;

	if (r == 0 && !take_value)
		r = -EINVAL;
	if (r == 0 && json_equal(served->values[row], take_value)) {
		json_decref(take_value);
		return 0;
	}
	if (r == 0)
		r = check_value(object, property, take_value);
	if (r < 0) {
		json_decref(take_value);
		return r;
	}
	json_decref(served->values[row]);
	served->values[row] = take_value;
	served->changed[row] = true;
	served->dirty = true;
	if (object->published)
		sd_event_source_set_enabled(object->bus->idle, SD_EVENT_ONESHOT);
	return 0;
}

const json_t *api_object_get(const struct api_object *object, const struct api_property *property)
{
	const struct served *served = find_served(object, property->interface);

	return served ? served->values[row_of(property)] : NULL;
}

int api_object_property(sd_bus *bus, const char *path, const char *interface, const char *property,
			sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
	const struct served *served = userdata;
	const struct api_interface *rows = served->interface;

	(void)bus, (void)path, (void)interface, (void)error;
	for (size_t i = 0; i < rows->property_count; i++)
		if (strcmp(rows->properties[i].field.name, property) == 0)
			return api_write(reply, &rows->properties[i].field.type, served->values[i],
					 NULL);
	return -ENOENT;
}

/* Signals. */

/* Appends the outputs of a method or a signal. */
int api_write_outputs(sd_bus_message *message, const struct api_method *method,
		      const json_t *outputs)
{
	if (json_array_size(outputs) != method->output_count)
		return -EINVAL;
	for (size_t i = 0; i < method->output_count; i++) {
		int r = api_write(message, &method->outputs[i].type, json_array_get(outputs, i),
				  NULL);

		if (r < 0)
			return r;
	}
	return 0;
}

int api_object_emit(struct api_object *object, const struct api_method *signal, json_t *take_args)
{
	sd_bus_message *message = NULL;
	int r = 0;

	if (object->published) {
		tell_object(object);
		r = sd_bus_message_new_signal(object->bus->bus, &message, object->path,
					      signal->interface->name, signal->name);
		if (r >= 0)
			r = api_write_outputs(message, signal, take_args);
		if (r >= 0)
			r = sd_bus_send(NULL, message, NULL);
	}
	sd_bus_message_unref(message);
	json_decref(take_args);
	return r < 0 ? r : 0;
}
