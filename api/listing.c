/*
 * Listing: ObjectManager. That of sd-bus lists all that is below its path and the standard interfaces of each; the published
 * one lists modems alone, each with its own interfaces, and clients trip over more.
 */
#include <string.h>
#include <utlist.h>

#include "api/object-inside.h"
#include "api/value.h"

/* a{sv}: the properties of an interface. */
static int write_properties(sd_bus_message *message, const struct served *served)
{
	int r = sd_bus_message_open_container(message, 'a', "{sv}");

	for (size_t i = 0; r >= 0 && i < served->interface->property_count; i++) {
		const struct api_field *field = &served->interface->properties[i].field;

		r = sd_bus_message_open_container(message, 'e', "sv");
		if (r >= 0)
			r = sd_bus_message_append(message, "s", field->name);
		if (r >= 0)
			r = sd_bus_message_open_container(message, 'v', field->type.signature);
		if (r >= 0)
			r = api_write(message, &field->type, served->values[i], NULL);
		if (r >= 0)
			r = sd_bus_message_close_container(message);
		if (r >= 0)
			r = sd_bus_message_close_container(message);
	}
	return r < 0 ? r : sd_bus_message_close_container(message);
}

/* a{sa{sv}}: the interfaces of an object, or one of them. */
static int write_interfaces(sd_bus_message *message, const struct api_object *object,
			    const struct served *only)
{
	const struct served *served;
	int r = sd_bus_message_open_container(message, 'a', "{sa{sv}}");

	DL_FOREACH(object->interfaces, served) {
		if (r < 0 || (only && served != only))
			continue;
		r = sd_bus_message_open_container(message, 'e', "sa{sv}");
		if (r >= 0)
			r = sd_bus_message_append(message, "s", served->interface->name);
		if (r >= 0)
			r = write_properties(message, served);
		if (r >= 0)
			r = sd_bus_message_close_container(message);
	}
	return r < 0 ? r : sd_bus_message_close_container(message);
}

/* a{oa{sa{sv}}} */
static int write_objects(sd_bus_message *message, const struct api_bus *bus)
{
	const struct api_object *object;
	int r = sd_bus_message_open_container(message, 'a', "{oa{sa{sv}}}");

	DL_FOREACH(bus->objects, object) {
		if (r < 0 || !object->published || object->listing != API_LISTED)
			continue;
		r = sd_bus_message_open_container(message, 'e', "oa{sa{sv}}");
		if (r >= 0)
			r = sd_bus_message_append(message, "o", object->path);
		if (r >= 0)
			r = write_interfaces(message, object, NULL);
		if (r >= 0)
			r = sd_bus_message_close_container(message);
	}
	return r < 0 ? r : sd_bus_message_close_container(message);
}

int api_listing_message(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	struct api_bus *bus = userdata;
	const char *path = sd_bus_message_get_path(message);
	sd_bus_message *reply = NULL;
	int r;

	(void)error;
	/* Nobody reads a property before it is told of its change. */
	if (sd_bus_message_is_method_call(message, "org.freedesktop.DBus.Properties", NULL))
		api_bus_flush(bus);
	if (!path || strcmp(path, bus->root) != 0 ||
	    !sd_bus_message_is_method_call(message, "org.freedesktop.DBus.ObjectManager",
					   "GetManagedObjects"))
		return 0;
	api_bus_flush(bus);
	r = sd_bus_message_new_method_return(message, &reply);
	if (r >= 0)
		r = write_objects(reply, bus);
	if (r >= 0)
		r = sd_bus_send(NULL, reply, NULL);
	sd_bus_message_unref(reply);
	return r < 0 ? r : 1;
}

/* Tells of a listed object, or of one interface that came to it later. */
void api_listing_added(const struct api_object *object, const struct served *only)
{
	sd_bus_message *message = NULL;
	int r;

	if (!object->published || object->listing != API_LISTED)
		return;
	r = sd_bus_message_new_signal(object->bus->bus, &message, object->bus->root,
				      "org.freedesktop.DBus.ObjectManager", "InterfacesAdded");
	if (r >= 0)
		r = sd_bus_message_append(message, "o", object->path);
	if (r >= 0)
		r = write_interfaces(message, object, only);
	if (r >= 0)
		sd_bus_send(NULL, message, NULL);
	sd_bus_message_unref(message);
}

void api_listing_removed(const struct api_object *object, const struct served *only)
{
	const struct served *served;
	sd_bus_message *message = NULL;
	int r;

	if (!object->published || object->listing != API_LISTED)
		return;
	r = sd_bus_message_new_signal(object->bus->bus, &message, object->bus->root,
				      "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved");
	if (r >= 0)
		r = sd_bus_message_append(message, "o", object->path);
	if (r >= 0)
		r = sd_bus_message_open_container(message, 'a', "s");
	DL_FOREACH(object->interfaces, served) {
		if (r >= 0 && (!only || served == only))
			r = sd_bus_message_append(message, "s", served->interface->name);
	}
	if (r >= 0)
		r = sd_bus_message_close_container(message);
	if (r >= 0)
		sd_bus_send(NULL, message, NULL);
	sd_bus_message_unref(message);
}
