/* Track: an object is there from its first interface to its last, as with the object managers of GLib. */
#include "mmcli/track.h"

#include <string.h>

#include "api/value.h"

#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define DBUS "org.freedesktop.DBus"

static void tell(const struct track *track, track_fn fn, const char *path, const json_t *object)
{
	if (fn)
		fn(track->userdata, path, object);
}

/* `interfaces` come to what the object has already. */
static void add(struct track *track, const char *path, json_t *interfaces)
{
	json_t *object = json_object_get(track->session->objects, path);

	if (object) {
		json_object_update(object, interfaces);
		return;
	}
	if (json_object_set(track->session->objects, path, interfaces) == 0)
		tell(track, track->came, path, interfaces);
}

static void drop(struct track *track, const char *path)
{
	json_t *object = json_incref(json_object_get(track->session->objects, path));

	json_object_del(track->session->objects, path);
	tell(track, track->went, path, object);
	json_decref(object);
}

static int added(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	json_t *path = NULL, *interfaces = NULL;

	(void)error;
	if (api_read(message, NULL, &path, NULL) == 0 &&
	    api_read(message, NULL, &interfaces, NULL) == 0 && json_is_string(path) &&
	    json_is_object(interfaces))
		add(userdata, json_string_value(path), interfaces);
	json_decref(path);
	json_decref(interfaces);
	return 0;
}

/* Whether nothing is left when these have gone. The bus's own interfaces, which need not be listed, do not count. */
static bool is_all(const json_t *object, const json_t *interfaces)
{
	const char *name;
	json_t *properties;

	json_object_foreach((json_t *)object, name, properties)
	{
		bool named = strncmp(name, DBUS ".", strlen(DBUS ".")) == 0;

		for (size_t i = 0; !named && i < json_array_size(interfaces); i++)
			named = json_is_string(json_array_get(interfaces, i)) &&
				strcmp(json_string_value(json_array_get(interfaces, i)), name) == 0;
		if (!named)
			return false;
	}
	return true;
}

static int removed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	struct track *track = userdata;
	json_t *path = NULL, *interfaces = NULL, *object = NULL;

	(void)error;
	if (api_read(message, NULL, &path, NULL) == 0 &&
	    api_read(message, NULL, &interfaces, NULL) == 0 && json_is_string(path))
		object = json_object_get(track->session->objects, json_string_value(path));
	if (object && is_all(object, interfaces)) {
		drop(track, json_string_value(path));
	} else if (object) {
		for (size_t i = 0; i < json_array_size(interfaces); i++)
			if (json_is_string(json_array_get(interfaces, i)))
				json_object_del(object,
						json_string_value(json_array_get(interfaces, i)));
	}
	json_decref(path);
	json_decref(interfaces);
	return 0;
}

static int changed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	const struct track *track = userdata;
	const char *path = sd_bus_message_get_path(message);
	json_t *interface = NULL, *properties = NULL;

	(void)error;
	if (path && api_read(message, NULL, &interface, NULL) == 0 &&
	    api_read(message, NULL, &properties, NULL) == 0 && json_is_string(interface) &&
	    json_is_object(properties)) {
		json_t *object = json_object_get(track->session->objects, path);
		json_t *known = json_object_get(object, json_string_value(interface));

		if (json_is_object(known))
			json_object_update(known, properties);
	}
	json_decref(interface);
	json_decref(properties);
	return 0;
}

/* What a new daemon has already. */
static int listed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	json_t *objects = NULL, *interfaces;
	const char *path;

	(void)error;
	if (sd_bus_message_is_method_error(message, NULL) ||
	    api_read(message, NULL, &objects, NULL) < 0)
		return 0;
	json_object_foreach(objects, path, interfaces)
	{
		if (json_is_object(interfaces))
			add(userdata, path, interfaces);
	}
	json_decref(objects);
	return 0;
}

/* The order is that of a list: the other way round than objects are kept. */
static void drop_all(struct track *track)
{
	json_t *paths = json_array(), *object;
	const char *path;

	json_object_foreach(track->session->objects, path, object)
	{
		json_array_insert_new(paths, 0, json_string(path));
	}
	for (size_t i = 0; i < json_array_size(paths); i++)
		drop(track, json_string_value(json_array_get(paths, i)));
	json_decref(paths);
}

static int owner_changed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	struct track *track = userdata;
	const char *before = "", *now = "";

	(void)error;
	if (sd_bus_message_read(message, "sss", NULL, &before, &now) < 0)
		return 0;
	if (before[0])
		drop_all(track);
	if (now[0])
		sd_bus_call_method_async(track->session->bus, NULL, BUS_NAME, BUS_ROOT,
					 OBJECT_MANAGER, "GetManagedObjects", listed, track, "");
	return 0;
}

int track_begin(struct track *track)
{
	sd_bus *bus = track->session->bus;
	int r = sd_bus_match_signal(bus, NULL, BUS_NAME, BUS_ROOT, OBJECT_MANAGER,
				    "InterfacesAdded", added, track);

	if (r >= 0)
		r = sd_bus_match_signal(bus, NULL, BUS_NAME, BUS_ROOT, OBJECT_MANAGER,
					"InterfacesRemoved", removed, track);
	if (r >= 0)
		r = sd_bus_match_signal(bus, NULL, BUS_NAME, NULL, DBUS ".Properties",
					"PropertiesChanged", changed, track);
	if (r >= 0)
		r = sd_bus_add_match(bus, NULL,
				     "type='signal',sender='" DBUS "',interface='" DBUS
				     "',member='NameOwnerChanged',arg0='" BUS_NAME "'",
				     owner_changed, track);
	return r < 0 ? session_fail("couldn't follow: %s", strerror(-r)) : 0;
}
