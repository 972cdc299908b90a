/*
 * Simple: Connect() goes through stages, each of which waits for something that other parts do: the modem enabled,
 * the network found, the bearer up.
 */
#include "simple.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bearer.h"
#include "modem.h"
#include "power.h"

/* How long Connect() waits for a network, and how often it looks. */
enum { REGISTER_USEC = 60000000, LOOK_USEC = 100000 };

struct connection {
	struct modem *modem; /* counted */
	struct api_call *call;
	json_t *properties; /* of the bearer: what remains without the words for the modem */
	struct bearer *bearer;
	sd_event_source *look;
	uint64_t waited;
};

static void end(struct connection *c, const struct failure *failure)
{
	if (failure)
		api_call_error(c->call, failure->name, "%s", failure->text);
	else
		api_call_reply(c->call, json_pack("[s]", bearer_path(c->bearer)));
	sd_event_source_disable_unref(c->look);
	json_decref(c->properties);
	modem_unref(c->modem);
	free(c);
}

static void on_connected(struct modem *modem, const struct failure *failure, void *userdata)
{
	(void)modem;
	end(userdata, failure);
}

/* A place for a new bearer, where there is none: that of one which is idle; one that is waited for goes last. */
static void make_place(struct modem *modem)
{
	struct bearer *idle = NULL;

	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++) {
		struct bearer *bearer = modem->bearers[i];

		if (!bearer)
			return;
		if (bearer_is_idle(bearer) && (!idle || !bearer_is_wanted(bearer)))
			idle = bearer;
	}
	bearer_free(idle);
}

/* The bearer that was asked for: one that is there already, or a new one. */
static void connect_bearer(struct connection *c)
{
	struct failure failure = { MM_CORE_ERROR_TOO_MANY, "all bearers are in use" };
	int r = 0;

	c->bearer = bearer_find_like(c->modem, c->properties);
	if (!c->bearer) {
		make_place(c->modem);
		r = bearer_new(c->modem, c->properties, &c->bearer);
	}
	if (r < 0) {
		if (r != -ENOSPC)
			failure_from(&failure, r, 0, "make a bearer");
		end(c, &failure);
		return;
	}
	bearer_connect(c->bearer, c->call, on_connected, c);
}

static int on_look(sd_event_source *source, uint64_t usec, void *userdata)
{
	static const struct failure late = { MM_CORE_ERROR_TIMEOUT, "no network took the modem" };
	static const struct failure gone = { MM_CORE_ERROR_ABORTED, "the modem has gone" };
	struct connection *c = userdata;

	(void)usec;
	c->waited += LOOK_USEC;
	if (!c->modem->object)
		end(c, &gone);
	else if (c->modem->state >= MM_MODEM_STATE_REGISTERED)
		connect_bearer(c);
	else if (c->waited >= REGISTER_USEC)
		end(c, &late);
	else
		return sd_event_source_set_time_relative(source, LOOK_USEC) < 0 ||
				       sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) < 0
			       ? -EIO
			       : 0;
	return 0;
}

static void wait_for_network(struct connection *c)
{
	struct failure failure;
	int r;

	if (c->modem->state >= MM_MODEM_STATE_REGISTERED) {
		connect_bearer(c);
		return;
	}
	r = sd_event_add_time_relative(c->modem->event, &c->look, CLOCK_MONOTONIC, LOOK_USEC, 0,
				       on_look, c);
	if (r < 0) {
		failure_from(&failure, r, 0, "wait for a network");
		end(c, &failure);
	}
}

static void on_enabled(struct modem *modem, const struct failure *failure, void *userdata)
{
	(void)modem;
	if (failure)
		end(userdata, failure);
	else
		wait_for_network(userdata);
}

static void on_connect(struct api_call *call, const json_t *in, void *userdata)
{
	struct modem *modem = userdata;
	struct connection *c = calloc(1, sizeof(*c));

	if (modem->state < MM_MODEM_STATE_DISABLED || !c) {
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the modem is %s",
			       api_value_name(&api_values_modem_state, modem->state));
		free(c);
		return;
	}
	c->modem = modem_ref(modem);
	c->call = call;
	c->properties = json_deep_copy(json_array_get(in, 0));
	json_object_del(c->properties, "pin");
	json_object_del(c->properties, "operator-id");
	if (modem->facts.enabled)
		wait_for_network(c);
	else
		power_enable(modem, true, on_enabled, c);
}

/* Takes down one bearer after the other. */
struct disconnection {
	struct modem *modem; /* counted */
	struct api_call *call;
	char path[64]; /* "/": all */
	size_t at;
};

static void disconnect_next(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct disconnection *d = userdata;

	while (!failure && modem->object && d->at < MODEM_BEARERS_MAX) {
		struct bearer *bearer = modem->bearers[d->at++];

		if (!bearer ||
		    (strcmp(d->path, "/") != 0 && strcmp(d->path, bearer_path(bearer)) != 0))
			continue;
		bearer_disconnect(bearer, disconnect_next, d);
		return;
	}
	if (failure)
		api_call_error(d->call, failure->name, "%s", failure->text);
	else
		api_call_reply(d->call, NULL);
	modem_unref(d->modem);
	free(d);
}

static void on_disconnect(struct api_call *call, const json_t *in, void *userdata)
{
	const char *path = json_string_value(json_array_get(in, 0));
	struct modem *modem = userdata;
	struct disconnection *d = calloc(1, sizeof(*d));

	if (!d || (strcmp(path, "/") != 0 && !bearer_find(modem, path))) {
		api_call_error(call, MM_CORE_ERROR_NOT_FOUND, "the modem has no bearer %s", path);
		free(d);
		return;
	}
	d->modem = modem_ref(modem);
	d->call = call;
	snprintf(d->path, sizeof(d->path), "%s", path);
	disconnect_next(modem, NULL, d);
}

/* What GetStatus() gives, and where it is. The last two only where the modem is registered. */
static const struct {
	const char *key;
	const struct api_property *property;
} status_rows[] = {
	{ "state", API_MODEM_STATE },
	{ "signal-quality", API_MODEM_SIGNAL_QUALITY },
	{ "access-technologies", API_MODEM_ACCESS_TECHNOLOGIES },
	{ "current-bands", API_MODEM_CURRENT_BANDS },
	{ "m3gpp-registration-state", API_MODEM3GPP_REGISTRATION_STATE },
	{ "m3gpp-operator-code", API_MODEM3GPP_OPERATOR_CODE },
	{ "m3gpp-operator-name", API_MODEM3GPP_OPERATOR_NAME },
};

static void on_status(struct api_call *call, const json_t *in, void *userdata)
{
	const struct modem *modem = userdata;
	json_t *status = json_object();

	(void)in;
	for (size_t i = 0; i < sizeof(status_rows) / sizeof(status_rows[0]); i++) {
		const json_t *value = api_object_get(modem->object, status_rows[i].property);

		if (value && (i == 0 || modem->facts.enabled))
			json_object_set(status, status_rows[i].key, (json_t *)value);
	}
	api_call_reply(call, json_pack("[o]", status));
}

static const struct api_handler handlers[] = {
	{ API_METHOD_SIMPLE_CONNECT, on_connect },
	{ API_METHOD_SIMPLE_DISCONNECT, on_disconnect },
	{ API_METHOD_SIMPLE_GET_STATUS, on_status },
};

void simple_add(struct modem *modem)
{
	(void)modem_add(modem, API_SIMPLE, handlers, sizeof(handlers) / sizeof(handlers[0]), 0);
}
