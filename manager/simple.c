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
#include "registration.h"
#include "request.h"
#include "sim-pin.h"

/* How long Connect() waits for a network and for an unlocked card, and how often it looks. A refusal may be of the
 * network before. */
enum {
	REGISTER_USEC = 60000000,
	UNLOCK_USEC = 15000000,
	DENIED_USEC = 2000000,
	LOOK_USEC = 100000,
};

struct connection {
	struct modem *modem; /* counted */
	struct api_call *call;
	json_t *properties; /* of the bearer: what remains without the words for the modem */
	char pin[SIM_PIN_MAX + 1], operator_id[8]; /* "": none was given */
	struct bearer *bearer;
	sd_event_source *look;
	const struct stage *stage;
	uint64_t waited;
};

/* What is waited for, and what comes then. */
struct stage {
	bool (*reached)(const struct connection *c);
	void (*next)(struct connection *c);
	uint64_t limit;
	struct failure late;
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

/* --- Waiting */

static bool is_denied(const struct connection *c)
{
	return c->modem->facts.enabled && c->waited >= DENIED_USEC &&
	       c->modem->facts.registration == MM_MODEM_3GPP_REGISTRATION_STATE_DENIED;
}

static int on_look(sd_event_source *source, uint64_t usec, void *userdata)
{
	static const struct failure gone = { MM_CORE_ERROR_ABORTED, "the modem has gone" };
	static const struct failure denied = { MM_MOBILE_EQUIPMENT_ERROR_NETWORK_NOT_ALLOWED,
					       "the network refused the modem" };
	struct connection *c = userdata;

	(void)usec;
	c->waited += LOOK_USEC;
	if (!c->modem->object)
		end(c, &gone);
	else if (c->stage->reached(c))
		c->stage->next(c);
	else if (is_denied(c))
		end(c, &denied);
	else if (c->waited >= c->stage->limit)
		end(c, &c->stage->late);
	else
		return sd_event_source_set_time_relative(source, LOOK_USEC) < 0 ||
				       sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) < 0
			       ? -EIO
			       : 0;
	return 0;
}

static void wait_for(struct connection *c, const struct stage *stage)
{
	struct failure failure;
	int r;

	if (stage->reached(c)) {
		stage->next(c);
		return;
	}
	c->stage = stage;
	c->waited = 0;
	c->look = sd_event_source_disable_unref(c->look);
	r = sd_event_add_time_relative(c->modem->event, &c->look, CLOCK_MONOTONIC, LOOK_USEC, 0,
				       on_look, c);
	if (r < 0) {
		failure_from(&failure, r, 0, "wait for the modem");
		end(c, &failure);
	}
}

/* --- The stages */

static bool is_registered(const struct connection *c)
{
	const char *code =
		json_string_value(api_object_get(c->modem->object, API_MODEM3GPP_OPERATOR_CODE));

	return c->modem->state >= MM_MODEM_STATE_REGISTERED &&
	       (!c->operator_id[0] || (code && strcmp(code, c->operator_id) == 0));
}

static const struct stage network = { is_registered,
				      connect_bearer,
				      REGISTER_USEC,
				      { MM_CORE_ERROR_TIMEOUT, "no network took the modem" } };

static void on_chosen(struct modem *modem, const struct failure *failure, void *userdata)
{
	(void)modem;
	if (failure)
		end(userdata, failure);
	else
		wait_for(userdata, &network);
}

static void no_memory(struct connection *c, const char *doing)
{
	struct failure failure;

	failure_from(&failure, -ENOMEM, 0, doing);
	end(c, &failure);
}

static void register_modem(struct connection *c)
{
	if (!c->operator_id[0] || is_registered(c))
		wait_for(c, &network);
	else if (registration_choose(c->modem, c->operator_id, on_chosen, c) < 0)
		no_memory(c, "choose the network");
}

static void on_enabled(struct modem *modem, const struct failure *failure, void *userdata)
{
	(void)modem;
	if (failure)
		end(userdata, failure);
	else
		register_modem(userdata);
}

static void enable(struct connection *c)
{
	if (c->modem->facts.enabled)
		register_modem(c);
	else
		power_enable(c->modem, true, on_enabled, c);
}

static bool is_unlocked(const struct connection *c)
{
	return c->modem->state >= MM_MODEM_STATE_DISABLED;
}

static void on_unlocked(struct modem *modem, const struct failure *failure, void *userdata)
{
	static const struct stage card = {
		is_unlocked, enable, UNLOCK_USEC, { MM_CORE_ERROR_TIMEOUT, "the SIM did not open" }
	};

	(void)modem;
	if (failure)
		end(userdata, failure);
	else
		wait_for(userdata, &card);
}

/* --- Connect() */

/* Takes a text out of the properties. False: it is there, and is none, or too long. */
static bool take_text(json_t *properties, const char *key, char *text, size_t size)
{
	const json_t *value = json_object_get(properties, key);
	bool good = !value || (json_is_string(value) && json_string_length(value) < size);

	if (value && good)
		memcpy(text, json_string_value(value), json_string_length(value) + 1);
	json_object_del(properties, key);
	return good;
}

static bool is_pin(const char *pin)
{
	size_t length = strlen(pin);

	return length >= SIM_PIN_MIN && strspn(pin, "0123456789") == length;
}

/* What the caller says of the modem, not of the bearer. */
static bool take_words(struct connection *c)
{
	if (!take_text(c->properties, "pin", c->pin, sizeof(c->pin)) ||
	    (c->pin[0] && !is_pin(c->pin)))
		request_invalid(c->call, "a PIN is %d to %d digits", SIM_PIN_MIN, SIM_PIN_MAX);
	else if (!take_text(c->properties, "operator-id", c->operator_id, sizeof(c->operator_id)) ||
		 (c->operator_id[0] && !registration_is_operator(c->operator_id)))
		request_invalid(c->call, "an operator's id is its MCC and MNC, as 310410");
	else
		return true;
	return false;
}

/* Whether it can be begun with; if not, the caller was told. */
static bool can_begin(const struct connection *c)
{
	const struct modem_facts *facts = &c->modem->facts;

	if (c->modem->state >= MM_MODEM_STATE_DISABLED)
		return true;
	if (c->modem->state != MM_MODEM_STATE_LOCKED)
		api_call_error(c->call, MM_CORE_ERROR_WRONG_STATE, "the modem is %s",
			       api_value_name(&api_values_modem_state, c->modem->state));
	else if (facts->lock != MM_MODEM_LOCK_SIM_PIN)
		api_call_error(c->call, MM_CORE_ERROR_UNAUTHORIZED,
			       "the modem is locked by %s, which is not opened on the way",
			       api_value_name(&api_values_modem_lock, facts->lock));
	else if (!c->pin[0])
		api_call_error(c->call, MM_CORE_ERROR_UNAUTHORIZED,
			       "the modem is locked: give its pin, or unlock it before");
	else
		return true;
	return false;
}

static void on_connect(struct api_call *call, const json_t *in, void *userdata)
{
	struct modem *modem = userdata;
	struct connection *c = calloc(1, sizeof(*c));

	if (!c) {
		api_call_error(call, MM_CORE_ERROR_FAILED, "out of memory");
		return;
	}
	c->modem = modem;
	c->call = call;
	c->properties = json_deep_copy(json_array_get(in, 0));
	if (!take_words(c) || !can_begin(c)) {
		json_decref(c->properties);
		free(c);
		return;
	}
	modem_ref(modem);
	if (modem->state != MM_MODEM_STATE_LOCKED)
		enable(c);
	else if (sim_pin_unlock(modem, c->pin, on_unlocked, c) < 0)
		no_memory(c, "unlock the SIM");
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
