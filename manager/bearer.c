/*
 * Bearer: the objects on the bus. Connecting is bearer-connect.c's; the data calls are bearer-call.c's: a bearer of
 * both families has two, and is connected when one of them is up, as a network may know one family alone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bearer-inside.h"
#include "hooks.h"
#include "modem.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Seconds that whoever configures the interface may take. */
enum { IP_TIMEOUT = 20 };

const char *bearer_path(const struct bearer *bearer)
{
	return api_object_path(bearer->object);
}

bool bearer_is_connected(const struct bearer *bearer)
{
	return bearer->connected;
}

bool bearer_uses_profile(const struct bearer *bearer, int index)
{
	const json_t *used = api_object_get(bearer->object, API_BEARER_PROFILE_ID);

	if (bearer->doing == BEARER_CONNECTING)
		return bearer_number(bearer, "profile-id", -1) == index;
	return bearer->connected && json_integer_value(used) == index;
}

bool bearer_is_idle(const struct bearer *bearer)
{
	return !bearer->connected && bearer->doing == BEARER_NOTHING;
}

bool bearer_is_wanted(const struct bearer *bearer)
{
	return bearer->intent.wanted;
}

void bearer_set(struct bearer *bearer, const struct api_property *property, json_t *take_value)
{
	(void)api_object_set(bearer->object, property, take_value);
}

json_int_t bearer_number(const struct bearer *bearer, const char *key, json_int_t other)
{
	const json_t *number = json_object_get(bearer->properties, key);

	return json_is_integer(number) ? json_integer_value(number) : other;
}

const char *bearer_text(const struct bearer *bearer, const char *key)
{
	const char *text = json_string_value(json_object_get(bearer->properties, key));

	return text && text[0] ? text : NULL;
}

uint64_t bearer_now(const struct bearer *bearer)
{
	uint64_t now = 0;

	(void)sd_event_now(bearer->modem->event, CLOCK_MONOTONIC, &now);
	return now;
}

/* --- What is told */

void bearer_tell_stats(struct bearer *bearer)
{
	bearer_set(bearer, API_BEARER_STATS, traffic_json(&bearer->traffic));
}

void bearer_tell_error(struct bearer *bearer, const char *name, const char *text)
{
	bearer_set(bearer, API_BEARER_CONNECTION_ERROR, json_pack("[s, s]", name, text));
}

/* What is so of a bearer that is down. */
static void tell_down(struct bearer *bearer)
{
	bearer_set(bearer, API_BEARER_INTERFACE, json_string(""));
	bearer_set(bearer, API_BEARER_MULTIPLEXED, json_false());
	bearer_set(bearer, API_BEARER_PROFILE_ID, json_integer(-1));
	bearer_set(bearer, API_BEARER_IP4_CONFIG, json_pack("{s: i}", "method", 0));
	bearer_set(bearer, API_BEARER_IP6_CONFIG, json_pack("{s: i}", "method", 0));
}

static void tell_up(struct bearer *bearer)
{
	const char *interface = bearer_interface(bearer->modem);

	if (bearer->link.name[0])
		interface = bearer->link.name;
	bearer_set(bearer, API_BEARER_INTERFACE, json_string(interface ? interface : ""));
	bearer_set(bearer, API_BEARER_MULTIPLEXED, json_boolean(bearer->link.multiplex));
	bearer_set(bearer, API_BEARER_PROFILE_ID,
		   json_integer(bearer_number(bearer, "profile-id", -1)));
}

/* The administrator's programs; one that is taken up again was told of already. */
static void tell_hooks(const struct bearer *bearer, bool connected)
{
	const struct modem *modem = bearer->modem;
	const char *interface =
		json_string_value(api_object_get(bearer->object, API_BEARER_INTERFACE));

	if (interface && interface[0] && modem->host->hooks && !modem->facts.starting)
		hooks_tell_connection(modem->host->hooks, api_object_path(modem->object),
				      bearer_path(bearer), interface, connected);
}

void bearer_tell(struct bearer *bearer, bool connected)
{
	struct modem *modem = bearer->modem;
	bool changed = bearer->connected != connected;

	bearer->connected = connected;
	if (changed && connected)
		modem->facts.connected++;
	else if (changed)
		modem->facts.connected--;
	if (changed && !connected)
		tell_hooks(bearer, false);
	if (connected)
		tell_up(bearer);
	else
		tell_down(bearer);
	if (changed && connected)
		tell_hooks(bearer, true);
	bearer_set(bearer, API_BEARER_CONNECTED, json_boolean(connected));
	bearer_tell_stats(bearer);
	modem_tell_state(modem);
}

/* --- The methods of a bearer */

static void on_connect(struct api_call *call, const json_t *in, void *userdata)
{
	struct bearer *bearer = userdata;

	(void)in;
	if (bearer->modem->state < MM_MODEM_STATE_REGISTERED) {
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the modem is %s, not registered",
			       api_value_name(&api_values_modem_state, bearer->modem->state));
		return;
	}
	bearer_connect(bearer, call, operation_answer, call);
}

static void on_disconnect(struct api_call *call, const json_t *in, void *userdata)
{
	struct bearer *bearer = userdata;

	(void)in;
	if (bearer->doing == BEARER_DISCONNECTING && bearer->downs)
		api_call_error(call, MM_CORE_ERROR_IN_PROGRESS, "the bearer is being disconnected");
	else
		bearer_disconnect(bearer, operation_answer, call);
}

static const struct api_handler handlers[] = {
	{ API_METHOD_BEARER_CONNECT, on_connect },
	{ API_METHOD_BEARER_DISCONNECT, on_disconnect },
};

/* --- The objects */

/* The newest one that is older than `than`; NULL: of all. */
static const struct bearer *newest_before(const struct modem *modem, const struct bearer *than)
{
	const struct bearer *found = NULL;

	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++) {
		const struct bearer *bearer = modem->bearers[i];

		if (bearer && (!than || bearer->number < than->number) &&
		    (!found || bearer->number > found->number))
			found = bearer;
	}
	return found;
}

static void tell_bearers(struct modem *modem)
{
	const struct bearer *next = NULL, *bearer;
	json_t *paths = json_array();

	/* Clients know them newest first. */
	while ((bearer = newest_before(modem, next))) {
		json_array_append_new(paths, json_string(bearer_path(bearer)));
		next = bearer;
	}
	modem_set(modem, API_MODEM_BEARERS, paths);
}

bool bearer_choose_families(struct bearer *bearer, json_int_t type)
{
	bool any = type == MM_BEARER_IP_FAMILY_NONE || type == MM_BEARER_IP_FAMILY_ANY;
	bool both = !any && type & MM_BEARER_IP_FAMILY_IPV4V6;

	/* What nobody chose is IPv4, as it always was, and the modem may take another. */
	bearer->any_family = any;
	bearer->legs[0].wanted = any || both || type & MM_BEARER_IP_FAMILY_IPV4;
	bearer->legs[1].wanted = both || (!any && type & MM_BEARER_IP_FAMILY_IPV6);
	return bearer->legs[0].wanted || bearer->legs[1].wanted;
}

/* As ModemManager tells them: a request without a profile says so. */
static json_t *told_properties(const struct bearer *bearer)
{
	json_t *properties = json_copy(bearer->properties);

	if (!json_object_get(properties, "profile-id"))
		json_object_set_new(properties, "profile-id", json_integer(-1));
	return properties;
}

static int make_object(struct bearer *bearer)
{
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/org/freedesktop/ModemManager1/Bearer/%u", bearer->number);
	r = api_object_new(bearer->modem->bus, path, API_UNLISTED, bearer, &bearer->object);
	if (r == 0)
		r = api_object_add(bearer->object, API_BEARER, handlers, COUNT(handlers));
	if (r < 0)
		return r;
	bearer_set(bearer, API_BEARER_PROPERTIES, told_properties(bearer));
	bearer_set(bearer, API_BEARER_BEARER_TYPE, json_integer(MM_BEARER_TYPE_DEFAULT));
	bearer_set(bearer, API_BEARER_IP_TIMEOUT, json_integer(IP_TIMEOUT));
	bearer_tell_stats(bearer);
	tell_down(bearer);
	api_object_publish(bearer->object);
	return 0;
}

int bearer_make(struct modem *modem, unsigned int number, const json_t *properties,
		struct bearer **ret)
{
	struct bearer *bearer;
	size_t place = 0;
	int r;

	while (place < MODEM_BEARERS_MAX && modem->bearers[place])
		place++;
	if (place == MODEM_BEARERS_MAX)
		return -ENOSPC;
	bearer = calloc(1, sizeof(*bearer));
	if (!bearer)
		return -ENOMEM;
	bearer->modem = modem;
	bearer->number = number;
	bearer->properties = json_deep_copy(properties);
	modem->bearers[place] = bearer;
	bearer->legs[0] = (struct leg){ .bearer = bearer, .family = QK_WDS_IP_FAMILY_IPV4 };
	bearer->legs[1] = (struct leg){ .bearer = bearer, .family = QK_WDS_IP_FAMILY_IPV6 };
	for (const char *digit = modem->imei; *digit; digit++)
		bearer->intent.spread = (uint8_t)(bearer->intent.spread * 31 + *digit);
	(void)bearer_choose_families(bearer, bearer_number(bearer, "ip-type", 0));
	r = bearer->properties ? make_object(bearer) : -ENOMEM;
	if (r < 0) {
		bearer_free(bearer);
		return r;
	}
	tell_bearers(modem);
	*ret = bearer;
	return 0;
}

int bearer_new(struct modem *modem, const json_t *properties, struct bearer **ret)
{
	return bearer_make(modem, (*modem->host->next_bearer)++, properties, ret);
}

/* What ends with it may end the modem, too, or ask for this once more: it is out of the list before anybody is told. */
struct bearer *bearer_free(struct bearer *bearer)
{
	static const struct failure gone = { MM_CORE_ERROR_ABORTED, "the bearer has gone" };
	struct modem *modem;

	if (!bearer)
		return NULL;
	modem = modem_ref(bearer->modem);
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		if (modem->bearers[i] == bearer)
			modem->bearers[i] = NULL;
	operations_cancel_of(modem, bearer, &gone);
	watch_end(bearer);
	intent_forget(bearer);
	data_call_drop(bearer);
	/* The next daemon takes up what is up. */
	if (!modem->leaving)
		link_end(bearer);
	modem->facts.connected -= bearer->connected ? 1 : 0;
	bearer_tell_waiting(bearer, &gone);
	api_object_free(bearer->object);
	json_decref(bearer->properties);
	free(bearer);
	if (modem->object)
		tell_bearers(modem);
	modem_unref(modem);
	return NULL;
}

bool bearer_is_there(const struct modem *modem, const struct bearer *bearer)
{
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		if (modem->bearers[i] == bearer)
			return true;
	return false;
}

struct bearer *bearer_find(const struct modem *modem, const char *path)
{
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		if (modem->bearers[i] && strcmp(bearer_path(modem->bearers[i]), path) == 0)
			return modem->bearers[i];
	return NULL;
}

struct bearer *bearer_find_like(const struct modem *modem, const json_t *properties)
{
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		if (modem->bearers[i] && json_equal(modem->bearers[i]->properties, properties))
			return modem->bearers[i];
	return NULL;
}

/* --- The methods of the modem */

void bearer_on_list(struct api_call *call, const json_t *in, void *userdata)
{
	const struct modem *modem = userdata;

	(void)in;
	api_call_reply(call, json_pack("[O]", api_object_get(modem->object, API_MODEM_BEARERS)));
}

void bearer_on_create(struct api_call *call, const json_t *in, void *userdata)
{
	struct bearer *bearer;
	int r = bearer_new(userdata, json_array_get(in, 0), &bearer);

	if (r == -ENOSPC)
		api_call_error(call, MM_CORE_ERROR_TOO_MANY, "there are %d bearers already",
			       MODEM_BEARERS_MAX);
	else if (r < 0)
		api_call_error(call, MM_CORE_ERROR_FAILED, "%s", strerror(-r));
	else
		api_call_reply(call, json_pack("[s]", bearer_path(bearer)));
}

/* A call that waits for a bearer to be down. By its path, as somebody else may have it deleted meanwhile. */
struct deletion {
	struct api_call *call;
	char path[64];
};

static void on_down(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct deletion *deletion = userdata;

	if (failure && modem->object) {
		api_call_error(deletion->call, failure->name, "%s", failure->text);
	} else {
		bearer_free(bearer_find(modem, deletion->path));
		api_call_reply(deletion->call, NULL);
	}
	free(deletion);
}

void bearer_on_delete(struct api_call *call, const json_t *in, void *userdata)
{
	const char *path = json_string_value(json_array_get(in, 0));
	struct bearer *bearer = bearer_find(userdata, path);
	struct deletion *deletion = bearer ? malloc(sizeof(*deletion)) : NULL;

	if (!bearer) {
		api_call_error(call, MM_CORE_ERROR_NOT_FOUND, "the modem has no bearer %s", path);
		return;
	}
	if (!deletion) {
		api_call_error(call, MM_CORE_ERROR_FAILED, "out of memory");
		return;
	}
	deletion->call = call;
	snprintf(deletion->path, sizeof(deletion->path), "%s", path);
	bearer_disconnect(bearer, on_down, deletion);
}
