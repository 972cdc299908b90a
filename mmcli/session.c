/* Session: how objects are named on the command line, and found. */
#include "mmcli/session.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api-names.h"
#include "mmcli/order.h"

const struct kind kind_modem = { "modem", BUS_ROOT "/Modem", API_MODEM, { NULL }, true };
const struct kind kind_bearer = { "bearer",
				  BUS_ROOT "/Bearer",
				  API_BEARER,
				  { API_MODEM_BEARERS, API_MODEM3GPP_INITIAL_EPS_BEARER },
				  false };
const struct kind kind_sim = {
	"SIM", BUS_ROOT "/SIM", API_SIM, { API_MODEM_SIM, API_MODEM_SIM_SLOTS }, true
};
const struct kind kind_sms = { "SMS", BUS_ROOT "/SMS", API_SMS, { API_MESSAGING_MESSAGES }, false };
const struct kind kind_call = { "call", BUS_ROOT "/Call", API_CALL, { API_VOICE_CALLS }, false };
const struct kind kind_cbm = {
	"CBM", BUS_ROOT "/CBM", API_CBM, { API_CELL_BROADCAST_CELL_BROADCASTS }, false
};

int session_fail(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "error: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n");
	return -EINVAL;
}

/*
 * Brings the objects into the order in which stock looks for one: the other way round than its hash table is walked.
 * Lists are shown the right way round.
 */
static json_t *in_order(json_t *take_objects)
{
	uint32_t hashes[ORDER_MAX];
	const char *paths[ORDER_MAX], *path;
	size_t order[ORDER_MAX], count = 0;
	json_t *sorted, *object;

	if (json_object_size(take_objects) > ORDER_MAX)
		return take_objects;
	json_object_foreach(take_objects, path, object)
	{
		paths[count] = path;
		hashes[count++] = order_hash(path);
	}
	order_walk(hashes, count, order);
	sorted = json_object();
	while (count-- > 0) {
		path = paths[order[count]];
		json_object_set(sorted, path, json_object_get(take_objects, path));
	}
	json_decref(take_objects);
	return sorted;
}

int session_open(struct session *session, bool user_bus)
{
	int r = user_bus ? sd_bus_open_user(&session->bus) : sd_bus_open_system(&session->bus);

	return r < 0 ? session_fail("couldn't get bus: %s", strerror(-r)) : 0;
}

int session_read(struct session *session)
{
	struct bus_failure failure = { false, "" };
	int r = bus_objects(session->bus, &session->objects, &failure);

	if (r < 0 && failure.absent)
		return session_fail("couldn't find the ModemManager process in the bus");
	if (r < 0)
		return session_fail("couldn't create manager: %s", failure.text);
	session->objects = in_order(session->objects);
	return 0;
}

void session_close(struct session *session)
{
	json_decref(session->objects);
	sd_bus_flush_close_unref(session->bus);
}

uint64_t session_timeout(const struct session *session, int usual_s)
{
	return (uint64_t)(session->timeout_s ? session->timeout_s : usual_s) * 1000000;
}

static const char *property_text(const json_t *object, const struct api_property *property)
{
	const char *text = json_string_value(json_object_get(
		json_object_get(object, property->interface->name), property->field.name));

	return text ? text : "";
}

static bool is_number(const char *text)
{
	return text[0] && text[strspn(text, "0123456789")] == 0;
}

/* "any", or the beginning of it. */
static bool is_any(const struct kind *kind, const char *text)
{
	return kind->any && strncasecmp(text, "any", strlen(text)) == 0;
}

/* What tells one modem from others, beside its path. */
static bool is_modem_called(const json_t *object, const char *text)
{
	static const struct api_property *const names[] = {
		API_MODEM_DEVICE,
		API_MODEM_PHYSDEV,
		API_MODEM_EQUIPMENT_IDENTIFIER,
		API_MODEM_DEVICE_IDENTIFIER,
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(property_text(object, names[i]), text) == 0)
			return true;
	return false;
}

/* The path that `text` spells; false: it is no path and no index. */
static bool spelled_path(const struct kind *kind, const char *text, char path[256])
{
	if (strncmp(text, kind->prefix, strlen(kind->prefix)) == 0)
		snprintf(path, 256, "%s", text);
	else if (is_number(text))
		snprintf(path, 256, "%s/%s", kind->prefix, text);
	else
		return false;
	return true;
}

static int find_modem(struct session *session, const char *text, struct target *ret)
{
	json_t *object;
	const char *path;
	bool spelled = spelled_path(&kind_modem, text, ret->path), any = is_any(&kind_modem, text);

	json_object_foreach(session->objects, path, object)
	{
		if (!json_object_get(object, API_MODEM->name))
			continue;
		if (!any && !(spelled && strcmp(path, ret->path) == 0) &&
		    !is_modem_called(object, text))
			continue;
		snprintf(ret->path, sizeof(ret->path), "%s", path);
		ret->modem = path;
		ret->home = object;
		ret->object = json_incref(object);
		return 0;
	}
	return session_fail("couldn't find modem");
}

static bool names_path(const json_t *value, const char *path)
{
	if (json_is_string(value))
		return strcmp(json_string_value(value), path) == 0;
	for (size_t i = 0; i < json_array_size(value); i++)
		if (names_path(json_array_get(value, i), path))
			return true;
	return false;
}

static bool owns(const struct kind *kind, const json_t *modem, const char *path)
{
	const json_t *state = json_object_get(json_object_get(modem, API_MODEM->name),
					      API_MODEM_STATE->field.name);

	/* A modem that is not ready yet has no bearers that could be asked. */
	if (kind == &kind_bearer && json_integer_value(state) < MM_MODEM_STATE_DISABLED)
		return false;
	for (size_t i = 0; i < 2 && kind->lists[i]; i++) {
		const struct api_property *list = kind->lists[i];
		const json_t *interface = json_object_get(modem, list->interface->name);

		if (names_path(json_object_get(interface, list->field.name), path))
			return true;
	}
	return false;
}

int session_load(struct session *session, const struct kind *kind, const char *path, json_t **ret)
{
	struct bus_failure failure = { false, "" };
	json_t *properties;
	int r = bus_properties(session->bus, path, kind->interface->name, &properties, &failure);

	if (r < 0)
		return session_fail("couldn't get %s '%s': '%s'", kind->name, path, failure.text);
	*ret = json_pack("{s:o}", kind->interface->name, properties);
	return *ret ? 0 : -ENOMEM;
}

/* The first modem, or the one that is called so, names its SIM. -EINVAL: it has none. */
static int path_by_modem(struct session *session, const struct kind *kind, const char *text,
			 char ret_path[256])
{
	json_t *object;
	const char *path;

	ret_path[0] = 0;
	json_object_foreach(session->objects, path, object)
	{
		const char *found = property_text(object, kind->lists[0]);

		if (!found[0] || (!is_any(kind, text) && !is_modem_called(object, text)))
			continue;
		if (strcmp(found, "/") == 0)
			return session_fail(
				"couldn't get %s '/' in modem '%s': 'No %s object available'",
				kind->name, path, kind->name);
		snprintf(ret_path, 256, "%s", found);
		break;
	}
	return 0;
}

/* Stock says it in other words of SIMs. */
static int not_found(const struct session *session, const struct kind *kind, const char *path)
{
	if (json_object_size(session->objects) == 0)
		return session_fail("couldn't find %s at '%s': 'no modems found'", kind->name,
				    path[0] ? path : "(null)");
	if (kind == &kind_sim)
		return session_fail("couldn't find SIM");
	return session_fail("couldn't find %s at '%s': 'not found in any modem'", kind->name, path);
}

static int find_child(struct session *session, const struct kind *kind, const char *text,
		      struct target *ret)
{
	json_t *object;
	const char *path;

	if (!spelled_path(kind, text, ret->path)) {
		if (!kind->any)
			return session_fail("invalid %s string specified: '%s'", kind->name, text);
		if (path_by_modem(session, kind, text, ret->path) < 0)
			return -EINVAL;
	}
	json_object_foreach(session->objects, path, object)
	{
		if (strcmp(ret->path, "/") == 0 || !owns(kind, object, ret->path))
			continue;
		ret->modem = path;
		ret->home = object;
		return session_load(session, kind, ret->path, &ret->object);
	}
	return not_found(session, kind, ret->path);
}

int session_find(struct session *session, const struct kind *kind, const char *text,
		 struct target *ret)
{
	*ret = (struct target){ 0 };
	if (!text || !text[0])
		return session_fail("no %s was specified", kind->name);
	return kind == &kind_modem ? find_modem(session, text, ret)
				   : find_child(session, kind, text, ret);
}

void target_close(struct target *target)
{
	json_decref(target->object);
	target->object = NULL;
}
