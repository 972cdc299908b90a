/*
 * Compose: values of several parts, in the words of stock's screens; those of places are in compose-location.c.
 */
#include "mmcli/compose.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api-names.h"
#include "mmcli/order.h"

#define UNUSED (void)show, (void)row, (void)value

static json_int_t number_at(const json_t *array, size_t index)
{
	return json_integer_value(json_array_get(array, index));
}

static const char *text_or(const char *text, const char *other)
{
	return text && text[0] ? text : other;
}

static bool is_human(const struct show *show)
{
	return show->format == OUTPUT_HUMAN;
}

/* The modem. */

static json_int_t state_of(const struct show *show)
{
	return json_integer_value(show_property(show, API_MODEM_STATE));
}

/* In colour where that says something to a person. */
COMPOSE(state)
{
	const char *name = api_value_name(API_MODEM_STATE->field.type.values, state_of(show));
	const char *colour = "";

	UNUSED;
	switch ((enum mm_modem_state)state_of(show)) {
	case MM_MODEM_STATE_FAILED:
		colour = "\x1b[31m";
		break;
	case MM_MODEM_STATE_CONNECTING:
		colour = "\x1b[33m";
		break;
	case MM_MODEM_STATE_CONNECTED:
		colour = "\x1b[32m";
		break;
	case MM_MODEM_STATE_UNKNOWN:
	case MM_MODEM_STATE_INITIALIZING:
	case MM_MODEM_STATE_LOCKED:
	case MM_MODEM_STATE_DISABLED:
	case MM_MODEM_STATE_DISABLING:
	case MM_MODEM_STATE_ENABLING:
	case MM_MODEM_STATE_ENABLED:
	case MM_MODEM_STATE_SEARCHING:
	case MM_MODEM_STATE_REGISTERED:
	case MM_MODEM_STATE_DISCONNECTING:
		break;
	}
	if (!name)
		return NULL;
	if (!is_human(show) || !colour[0])
		return json_string(name);
	return show_format("%s%s\x1b[0m", colour, name);
}

COMPOSE(failed_reason)
{
	json_t *name = NULL;

	if (state_of(show) == MM_MODEM_STATE_FAILED)
		name = show_name(show, row, value);
	if (name && is_human(show)) {
		json_t *red = show_format("\x1b[31m%s\x1b[0m", json_string_value(name));

		json_decref(name);
		name = red;
	}
	return name;
}

COMPOSE(quality)
{
	json_int_t percent = number_at(value, 0);
	bool recent = json_is_true(json_array_get(value, 1));

	UNUSED;
	if (json_is_null(value))
		return NULL;
	if (!is_human(show))
		return show_format("%" JSON_INTEGER_FORMAT, percent);
	if (state_of(show) < MM_MODEM_STATE_ENABLED)
		return NULL;
	return show_format("%" JSON_INTEGER_FORMAT "%% (%s)", percent,
			   recent ? "recent" : "cached");
}

/* People have it beside the quality. */
COMPOSE(recent)
{
	if (is_human(show) || json_is_null(value))
		return NULL;
	return show_yes_no(show, row, json_array_get(value, 1));
}

static json_t *mode_text(const json_t *modes)
{
	const struct api_values *values = API_MODEM_CURRENT_MODES->field.type.values;
	char allowed[256], preferred[256];

	if (!json_is_array(modes))
		return json_string("allowed: (null); preferred: (null)");
	return show_format(
		"allowed: %s; preferred: %s",
		api_flags_text(values, (uint64_t)number_at(modes, 0), allowed, sizeof(allowed)),
		api_flags_text(values, (uint64_t)number_at(modes, 1), preferred,
			       sizeof(preferred)));
}

COMPOSE(mode)
{
	UNUSED;
	return mode_text(value);
}

COMPOSE(modes)
{
	json_t *array = json_array();

	UNUSED;
	for (size_t i = 0; i < json_array_size(value); i++)
		json_array_append_new(array, mode_text(json_array_get(value, i)));
	/* Where nothing can be chosen, everything is allowed. */
	if (json_array_size(array) == 0)
		json_array_append_new(
			array, json_string(value ? "allowed: any; preferred: none" : "none"));
	return array;
}

/* Stock takes all ports for one text and cuts that at commas: so a name with a comma is two. */
COMPOSE(ports)
{
	json_t *array = json_array();

	UNUSED;
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *port = json_array_get(value, i);
		const char *name = json_string_value(json_array_get(port, 0));
		const char *type = api_value_name(show_values(row), number_at(port, 1));
		json_t *text = show_format("%s (%s)", text_or(name, ""), text_or(type, "(null)"));
		json_t *parts = show_split(json_string_value(text), ',');

		json_array_extend(array, parts);
		json_decref(parts);
		json_decref(text);
	}
	if (json_array_size(array) == 0)
		json_array_append_new(array, json_string("none"));
	return array;
}

COMPOSE(retries)
{
	uint32_t locks[ORDER_MAX];
	json_int_t left[ORDER_MAX];
	size_t order[ORDER_MAX], count = 0;
	json_t *array, *tries;
	const char *lock;

	UNUSED;
	json_object_foreach((json_t *)value, lock, tries)
	{
		if (count == ORDER_MAX)
			break;
		locks[count] = (uint32_t)strtoul(lock, NULL, 10);
		left[count++] = json_integer_value(tries);
	}
	if (!count)
		return json_null();
	array = json_array();
	order_walk(locks, count, order);
	for (size_t i = 0; i < count; i++) {
		const char *name = api_value_name(show_values(row), locks[order[i]]);

		json_array_append_new(array, show_format("%s (%" JSON_INTEGER_FORMAT ")",
							 text_or(name, "(null)"), left[order[i]]));
	}
	return array;
}

COMPOSE(slots)
{
	json_int_t primary = json_integer_value(show_property(show, API_MODEM_PRIMARY_SIM_SLOT));
	json_t *array;

	if (!is_human(show) || !json_is_array(value))
		return show_array(show, row, value);
	array = json_array();
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *path = text_or(json_string_value(json_array_get(value, i)), "/");

		json_array_append_new(array,
				      show_format("slot %zu: %s%s", i + 1,
						  strcmp(path, "/") == 0 ? "none" : path,
						  (json_int_t)i + 1 == primary ? " (active)" : ""));
	}
	return array;
}

/* People have it beside the slots. */
COMPOSE(slot)
{
	return is_human(show) ? NULL : show_positive(show, row, value);
}

/* 3GPP. */

/* By session, of each the last: a new array. */
static json_t *sessions_of(const json_t *pcos)
{
	json_t *sorted = json_array();

	for (size_t i = 0; i < json_array_size(pcos); i++) {
		json_t *pco = json_array_get(pcos, i);
		size_t at = 0;

		while (at < json_array_size(sorted) &&
		       number_at(json_array_get(sorted, at), 0) < number_at(pco, 0))
			at++;
		if (at < json_array_size(sorted) &&
		    number_at(json_array_get(sorted, at), 0) == number_at(pco, 0))
			json_array_set(sorted, at, pco);
		else
			json_array_insert(sorted, at, pco);
	}
	return sorted;
}

static json_t *pco_text(const struct show *show, const json_t *pco)
{
	bool complete = json_is_true(json_array_get(pco, 1));
	json_t *hex = show_bytes(json_array_get(pco, 2)), *text;
	const char *data = text_or(json_string_value(hex), "");

	/* Stock 1.20 ends each with a newline. */
	if (is_human(show))
		text = show_format("%" JSON_INTEGER_FORMAT ": (%s) '%s'\n", number_at(pco, 0),
				   complete ? "complete" : "partial", data);
	else
		text = show_format("session-id: %" JSON_INTEGER_FORMAT ", complete: %s, data: %s\n",
				   number_at(pco, 0), complete ? "yes" : "no", data);
	json_decref(hex);
	return text;
}

/* Why the network refused. */
COMPOSE(rejection)
{
	const char *name;

	(void)show;
	(void)row;
	if (!json_is_integer(value))
		return NULL;
	name = api_value_name(&api_values_network_error, json_integer_value(value));
	return name ? json_string(name)
		    : show_format("unknown network rejection error: %u",
				  (unsigned int)json_integer_value(value));
}

COMPOSE(pco)
{
	json_t *array, *sorted;

	UNUSED;
	if (json_array_size(value) == 0)
		return NULL;
	array = json_array();
	sorted = sessions_of(value);
	for (size_t i = 0; i < json_array_size(sorted); i++)
		json_array_append_new(array, pco_text(show, json_array_get(sorted, i)));
	json_decref(sorted);
	return array;
}

static bool can(const struct show *show, json_int_t capability)
{
	return json_integer_value(show_property(show, API_MODEM_CURRENT_CAPABILITIES)) & capability;
}

COMPOSE(attach_text)
{
	return can(show, MM_MODEM_CAPABILITY_LTE) ? show_text(show, row, value) : NULL;
}

COMPOSE(attach_flags)
{
	return can(show, MM_MODEM_CAPABILITY_LTE) ? show_flags(show, row, value) : NULL;
}

COMPOSE(nr5g_name)
{
	return can(show, MM_MODEM_CAPABILITY_5GNR) ? show_name(show, row, value) : NULL;
}

/* Bearers. */

COMPOSE(error_name)
{
	return show_text(show, row, json_array_get(value, 0));
}

COMPOSE(error_text)
{
	const json_t *name = json_array_get(value, 0);
	const char *text = json_string_value(json_array_get(value, 1));

	UNUSED;
	return json_string_length(name) && text ? json_string(text) : NULL;
}

static bool is_attach(const struct show *show)
{
	return json_integer_value(show_property(show, API_BEARER_BEARER_TYPE)) ==
	       MM_BEARER_TYPE_DEFAULT_ATTACH;
}

COMPOSE(roaming)
{
	UNUSED;
	if (is_attach(show))
		return NULL;
	return json_string(json_is_false(value) ? "forbidden" : "allowed");
}

COMPOSE(rm_protocol)
{
	return is_attach(show) ? NULL : show_name(show, row, value);
}

/* An address configuration without a method is none. */
static bool is_configured(const struct show *show, const struct show_row *row)
{
	return json_integer_value(json_object_get(show_property(show, row->property), "method")) !=
	       MM_BEARER_IP_METHOD_UNKNOWN;
}

COMPOSE(ip_text)
{
	return is_configured(show, row) ? show_text(show, row, value) : NULL;
}

COMPOSE(ip_number)
{
	return is_configured(show, row) ? show_number(show, row, value) : NULL;
}

COMPOSE(ip_positive)
{
	return is_configured(show, row) ? show_positive(show, row, value) : NULL;
}

COMPOSE(dns)
{
	static const char *const keys[] = { "dns1", "dns2", "dns3" };
	json_t *array = json_array();

	/* Behind one that is missing stock sees none. */
	for (size_t i = 0; is_configured(show, row) && i < sizeof(keys) / sizeof(*keys); i++) {
		const char *server = json_string_value(json_object_get(value, keys[i]));

		if (!server)
			break;
		json_array_append_new(array, json_string(server));
	}
	if (json_array_size(array))
		return array;
	json_decref(array);
	return json_null();
}

COMPOSE(start_date)
{
	time_t when = (time_t)json_integer_value(value);
	struct tm date;
	char text[40];

	if (!when)
		return json_false();
	if (!is_human(show))
		return show_number(show, row, value);
	if (!gmtime_r(&when, &date) || date.tm_year > 9999 - 1900 ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &date))
		return NULL;
	return json_string(text);
}

/* The SIM. */

static const char *radios_text(json_int_t radios, char text[512])
{
	return api_flags_text(API_MODEM_ACCESS_TECHNOLOGIES->field.type.values, (uint64_t)radios,
			      text, 512);
}

COMPOSE(networks)
{
	json_t *array;

	UNUSED;
	if (json_array_size(value) == 0)
		return json_false();
	array = json_array();
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *network = json_array_get(value, i);
		const char *operator= json_string_value(json_array_get(network, 0));
		char text[512];

		radios_text(number_at(network, 1), text);
		json_array_append_new(
			array, is_human(show)
				       ? show_format("%s (%s)", text_or(operator, ""), text)
				       : show_format("operator-code: %s, access-technologies: %s",
						     text_or(operator, ""), text));
	}
	return array;
}

/* Short messages. */

COMPOSE(validity)
{
	const json_t *variant = json_array_get(value, 1);

	if (number_at(value, 0) != MM_SMS_VALIDITY_TYPE_RELATIVE)
		return NULL;
	return show_number(show, row, json_array_get(variant, 1));
}

COMPOSE(class)
{
	return json_integer_value(value) >= 0 ? show_signed(show, row, value) : NULL;
}

COMPOSE(report)
{
	UNUSED;
	if (json_integer_value(show_property(show, API_SMS_PDU_TYPE)) != MM_SMS_PDU_TYPE_SUBMIT)
		return NULL;
	return json_string(json_is_true(value) ? "requested" : "not requested");
}

/* What is not in the table is reserved, or the operator's. */
COMPOSE(delivery)
{
	json_int_t state = json_integer_value(value);
	const char *name;

	if (state == MM_SMS_DELIVERY_STATE_UNKNOWN)
		return NULL;
	name = api_value_name(show_values(row), state);
	UNUSED;
	return json_string(text_or(name, "unknown"));
}

COMPOSE(storages)
{
	json_t *names, *text;
	char line[256] = "";
	size_t used = 0;

	if (json_array_size(value) == 0)
		return NULL;
	names = show_names(show, row, value);
	for (size_t i = 0; i < json_array_size(names) && used < sizeof(line); i++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%s", i ? ", " : "",
					 json_string_value(json_array_get(names, i)));
	text = json_string(line);
	json_decref(names);
	return text;
}

/* Firmware. */

COMPOSE(update_method)
{
	return number_at(value, 0) ? show_flags_array(show, row, json_array_get(value, 0))
				   : json_null();
}

COMPOSE(update_ids)
{
	const json_t *ids = json_object_get(json_array_get(value, 1), "device-ids");

	return number_at(value, 0) ? show_array(show, row, ids) : json_null();
}

/* The version; and the AT command of fastboot, where that is a method. */
COMPOSE(update_text)
{
	json_int_t method = number_at(value, 0);
	bool fastboot = strcmp(row->unit, "fastboot-at") == 0;

	if (!(fastboot ? method & MM_MODEM_FIRMWARE_UPDATE_METHOD_FASTBOOT : method))
		return NULL;
	return show_text(show, row, json_object_get(json_array_get(value, 1), row->unit));
}

/* OMA. */

COMPOSE(session)
{
	return json_integer_value(show_property(show, API_OMA_SESSION_TYPE))
		       ? show_name(show, row, value)
		       : NULL;
}

COMPOSE(pending)
{
	json_t *array;

	UNUSED;
	if (json_array_size(value) == 0)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *session = json_array_get(value, i);
		const char *type = api_value_name(show_values(row), number_at(session, 0));

		json_array_append_new(array,
				      show_format("id: %" JSON_INTEGER_FORMAT ", type: %s",
						  number_at(session, 1), text_or(type, "(null)")));
	}
	return array;
}

COMPOSE(channels)
{
	char text[1024] = "";
	size_t used = 0;

	UNUSED;
	for (size_t i = 0; i < json_array_size(value) && used < sizeof(text); i++) {
		const json_t *range = json_array_get(value, i);
		char last[24] = "";

		if (number_at(range, 0) != number_at(range, 1))
			snprintf(last, sizeof(last), "-%" JSON_INTEGER_FORMAT, number_at(range, 1));
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%s%" JSON_INTEGER_FORMAT "%s", i ? "," : "",
					 number_at(range, 0), last);
	}
	return text[0] ? json_string(text) : NULL;
}

/* Minutes or seconds that the network may not have told. */
COMPOSE(offset)
{
	return json_integer_value(value) == INT32_MAX ? NULL : show_signed(show, row, value);
}
