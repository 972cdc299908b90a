/* Special: the arguments of methods by their types in api/, where that is enough; files. */
#include "mmcli/special.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api-names.h"

/* Puts the one argument of a method into an array. */
static int alone(int r, json_t *take_value, json_t **ret)
{
	if (r < 0)
		return r;
	*ret = json_pack("[o]", take_value);
	return *ret ? 0 : -ENOMEM;
}

static int refuse_text(const struct run *run, struct trouble *trouble)
{
	snprintf(trouble->text, sizeof(trouble->text), "%s", run->text);
	return -EINVAL;
}

static const char *option(const struct run *run, const char *name)
{
	return options_value(&run->session->options, name);
}

int special_text(const struct run *run, json_t **ret, struct trouble *trouble)
{
	*ret = json_pack("[s]", run->text);
	if (*ret)
		return 0;
	snprintf(trouble->text, sizeof(trouble->text), "the value is not UTF-8");
	return -EINVAL;
}

int special_dictionary(const struct run *run, json_t **ret, struct trouble *trouble)
{
	json_t *dictionary = NULL;
	int r = arguments_dictionary(run->text, run->action->method->inputs[0].type.dict,
				     &dictionary, trouble);

	return alone(r, dictionary, ret);
}

int special_names(const struct run *run, json_t **ret, struct trouble *trouble)
{
	json_t *number = NULL;
	int r = arguments_number(run->text, run->action->method->inputs[0].type.values, &number,
				 trouble);

	return alone(r, number, ret);
}

int special_bands(const struct run *run, json_t **ret, struct trouble *trouble)
{
	json_t *numbers = NULL;
	int r = arguments_numbers(run->text, run->action->method->inputs[0].type.values, &numbers,
				  trouble);

	return alone(r, numbers, ret);
}

/* The allowed modes, and the one of them that another option prefers. */
int special_modes(const struct run *run, json_t **ret, struct trouble *trouble)
{
	const struct api_values *modes = run->action->method->inputs[0].type.values;
	const char *one = option(run, "set-preferred-mode");
	json_t *allowed = NULL, *preferred = NULL;
	int r = arguments_number(run->text, modes, &allowed, trouble);

	if (r == 0 && one && arguments_number(one, modes, &preferred, trouble) < 0) {
		json_decref(allowed);
		session_fail("couldn't parse preferred mode: '%s'", trouble->text);
		trouble->text[0] = 0;
		return -EINVAL;
	}
	if (r < 0)
		return r;
	*ret = json_pack("[[o, o]]", allowed,
			 preferred ? preferred : json_integer(MM_MODEM_MODE_NONE));
	return *ret ? 0 : -ENOMEM;
}

/* The modem is given a second less than the caller has. */
int special_command(const struct run *run, json_t **ret, struct trouble *trouble)
{
	int seconds = run->session->timeout_s ? run->session->timeout_s - 1 : 29;

	if (seconds <= 0) {
		snprintf(trouble->text, sizeof(trouble->text), "timeout is too short (%d)",
			 seconds);
		return -EINVAL;
	}
	*ret = json_pack("[s, i]", run->text, seconds);
	return *ret ? 0 : -EINVAL;
}

int special_number(const struct run *run, json_t **ret, struct trouble *trouble)
{
	uint32_t number;

	if (arguments_unsigned(run->text, &number) < 0)
		return refuse_text(run, trouble);
	*ret = json_pack("[I]", (json_int_t)number);
	return *ret ? 0 : -ENOMEM;
}

/* "net-pers,1234" */
int special_facility(const struct run *run, json_t **ret, struct trouble *trouble)
{
	const char *comma = strchr(run->text, ',');
	char facility[32] = "";
	json_t *number = NULL;

	if (comma && (size_t)(comma - run->text) < sizeof(facility))
		memcpy(facility, run->text, (size_t)(comma - run->text));
	if (!facility[0] || arguments_number(facility, run->action->method->inputs[0].type.values,
					     &number, trouble) < 0)
		return refuse_text(run, trouble);
	*ret = json_pack("[[o, s]]", number, comma + 1);
	return *ret ? 0 : -ENOMEM;
}

int special_bytes(const struct run *run, json_t **ret, struct trouble *trouble)
{
	json_t *bytes = NULL;
	int r = arguments_bytes(run->text, &bytes, trouble);

	return alone(r, bytes, ret);
}

int special_file(const struct run *run, json_t **ret, struct trouble *trouble)
{
	json_t *bytes = NULL;
	int r = arguments_file(run->text, false, &bytes, trouble);

	if (r == 0 && json_array_size(bytes) == 0) {
		json_decref(bytes);
		session_fail("file is empty");
		session_fail("couldn't inject assistance data: invalid parameters given: '%s'",
			     run->text);
		return -EINVAL;
	}
	return alone(r, bytes, ret);
}

/* A profile to delete: by its number alone, or by its key. */
int special_profile(const struct run *run, json_t **ret, struct trouble *trouble)
{
	uint32_t number;

	if (strchr(run->text, '='))
		return special_dictionary(run, ret, trouble);
	if (arguments_unsigned(run->text, &number) < 0) {
		snprintf(trouble->text, sizeof(trouble->text), "Failed parsing string as integer");
		return -EINVAL;
	}
	*ret = json_pack("[{s:I}]", "profile-id", (json_int_t)number);
	return *ret ? 0 : -ENOMEM;
}

/* Adds what a file holds to the properties of a message. */
static int add_file(const struct run *run, json_t *properties, const char *key, const char *name,
		    struct trouble *trouble)
{
	const char *path = option(run, name);
	json_t *contents = NULL;

	if (!path)
		return 0;
	if (arguments_file(path, strcmp(key, "text") == 0, &contents, trouble) < 0) {
		session_fail("cannot read from file '%s': '%s'", path, trouble->text);
		trouble->text[0] = 0;
		return -EINVAL;
	}
	return json_object_set_new(properties, key, contents) < 0 ? -ENOMEM : 0;
}

int special_sms(const struct run *run, json_t **ret, struct trouble *trouble)
{
	json_t *array = NULL;
	int r;

	if (option(run, "messaging-create-sms-with-data") &&
	    option(run, "messaging-create-sms-with-text"))
		return session_fail("`--messaging-create-with-data' and "
				    "`--messaging-create-with-text' cannot be used at the same "
				    "time");
	r = special_dictionary(run, &array, trouble);
	if (r == 0)
		r = add_file(run, json_array_get(array, 0), "data",
			     "messaging-create-sms-with-data", trouble);
	if (r == 0)
		r = add_file(run, json_array_get(array, 0), "text",
			     "messaging-create-sms-with-text", trouble);
	if (r < 0) {
		json_decref(array);
		return r;
	}
	*ret = array;
	return 0;
}

int special_channels(const struct run *run, json_t **ret, struct trouble *trouble)
{
	json_t *channels = NULL;
	int r = arguments_channels(run->text, &channels, trouble);

	return alone(r, channels, ret);
}

static int answer_session(const struct run *run, bool accept, json_t **ret, struct trouble *trouble)
{
	uint32_t id;

	if (arguments_unsigned(run->text, &id) < 0)
		return refuse_text(run, trouble);
	*ret = json_pack("[I, b]", (json_int_t)id, (int)accept);
	return *ret ? 0 : -ENOMEM;
}

int special_accept(const struct run *run, json_t **ret, struct trouble *trouble)
{
	return answer_session(run, true, ret, trouble);
}

int special_reject(const struct run *run, json_t **ret, struct trouble *trouble)
{
	return answer_session(run, false, ret, trouble);
}

/* The PUK, and the new PIN. */
int special_pin(const struct run *run, json_t **ret, struct trouble *trouble)
{
	(void)trouble;
	*ret = json_pack("[s, s]", run->text, option(run, "pin"));
	return *ret ? 0 : -EINVAL;
}

int special_pin_on(const struct run *run, json_t **ret, struct trouble *trouble)
{
	(void)trouble;
	*ret = json_pack("[s, b]", option(run, "pin"), 1);
	return *ret ? 0 : -EINVAL;
}

int special_pin_off(const struct run *run, json_t **ret, struct trouble *trouble)
{
	(void)trouble;
	*ret = json_pack("[s, b]", option(run, "pin"), 0);
	return *ret ? 0 : -EINVAL;
}

/* The old PIN, and the new one. */
int special_pin_change(const struct run *run, json_t **ret, struct trouble *trouble)
{
	(void)trouble;
	*ret = json_pack("[s, s]", option(run, "pin"), run->text);
	return *ret ? 0 : -EINVAL;
}

int special_networks(const struct run *run, json_t **ret, struct trouble *trouble)
{
	json_t *networks = NULL;
	int r = arguments_networks(run->text, &networks, trouble);

	return alone(r, networks, ret);
}

/* What of the target's own interface a property holds. */
const json_t *special_own(const struct run *run, const struct api_property *property)
{
	return json_object_get(json_object_get(run->target.object, property->interface->name),
			       property->field.name);
}

static const struct {
	const char *on, *off;
	json_int_t source;
} source_options[] = {
	{ "location-enable-3gpp", "location-disable-3gpp", MM_MODEM_LOCATION_SOURCE_3GPP_LAC_CI },
	{ "location-enable-agps-msa", "location-disable-agps-msa",
	  MM_MODEM_LOCATION_SOURCE_AGPS_MSA },
	{ "location-enable-agps-msb", "location-disable-agps-msb",
	  MM_MODEM_LOCATION_SOURCE_AGPS_MSB },
	{ "location-enable-gps-nmea", "location-disable-gps-nmea",
	  MM_MODEM_LOCATION_SOURCE_GPS_NMEA },
	{ "location-enable-gps-raw", "location-disable-gps-raw", MM_MODEM_LOCATION_SOURCE_GPS_RAW },
	{ "location-enable-cdma-bs", "location-disable-cdma-bs", MM_MODEM_LOCATION_SOURCE_CDMA_BS },
	{ "location-enable-gps-unmanaged", "location-disable-gps-unmanaged",
	  MM_MODEM_LOCATION_SOURCE_GPS_UNMANAGED },
};
#define SOURCE_COUNT (sizeof(source_options) / sizeof(source_options[0]))

int special_check_sources(const struct options *options)
{
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		if (options_value(options, source_options[i].on) &&
		    options_value(options, source_options[i].off))
			return session_fail("cannot enable and disable the same source");
	if (options_value(options, "location-set-enable-signal") &&
	    options_value(options, "location-set-disable-signal"))
		return session_fail("cannot enable and disable location signaling");
	return 0;
}

/* The sources that are on already, with those turned on and without those turned off. */
int special_sources(const struct run *run, json_t **ret, struct trouble *trouble)
{
	json_int_t sources = json_integer_value(special_own(run, API_LOCATION_ENABLED));
	bool signals = json_is_true(special_own(run, API_LOCATION_SIGNALS_LOCATION));

	(void)trouble;
	for (size_t i = 0; i < SOURCE_COUNT; i++) {
		if (option(run, source_options[i].on))
			sources |= source_options[i].source;
		if (option(run, source_options[i].off))
			sources &= ~source_options[i].source;
	}
	if (option(run, "location-set-enable-signal"))
		signals = true;
	if (option(run, "location-set-disable-signal"))
		signals = false;
	*ret = json_pack("[I, b]", sources, (int)signals);
	return *ret ? 0 : -ENOMEM;
}

/* The method's only argument: an object that must be the target's. */
static int owned(const struct run *run, const struct kind *kind, json_t **ret)
{
	struct target child;
	int r = session_find(run->session, kind, run->text, &child);

	if (r == 0 && strcmp(child.modem, run->path) != 0)
		r = session_fail("%s '%s' not owned by modem '%s'", kind->name, child.path,
				 run->path);
	if (r == 0)
		*ret = json_pack("[s]", child.path);
	target_close(&child);
	return r;
}

int special_bearer(const struct run *run, json_t **ret, struct trouble *trouble)
{
	(void)trouble;
	return owned(run, &kind_bearer, ret);
}

int special_message(const struct run *run, json_t **ret, struct trouble *trouble)
{
	(void)trouble;
	return owned(run, &kind_sms, ret);
}

int special_call(const struct run *run, json_t **ret, struct trouble *trouble)
{
	(void)trouble;
	return owned(run, &kind_call, ret);
}

int special_cbm(const struct run *run, json_t **ret, struct trouble *trouble)
{
	(void)trouble;
	return owned(run, &kind_cbm, ret);
}

/* CDMA. */

static const struct api_field cdma_keys[] = {
	{ "spc", { "s", NULL, NULL } },       { "sid", { "q", NULL, NULL } },
	{ "mdn", { "s", NULL, NULL } },       { "min", { "s", NULL, NULL } },
	{ "mn-ha-key", { "s", NULL, NULL } }, { "mn-aaa-key", { "s", NULL, NULL } },
	{ "prl", { "ay", NULL, NULL } },
};
static const struct api_dict cdma_dict = { "cdma-manual-activation",
					   sizeof(cdma_keys) / sizeof(cdma_keys[0]), cdma_keys };
static const struct api_field carrier_field = { "carrier_code", { "s", NULL, NULL } };
static const struct api_field settings_field = { "properties", { "a{sv}", NULL, &cdma_dict } };
static const struct api_interface cdma = {
	.name = "org.freedesktop.ModemManager1.Modem.ModemCdma",
};
const struct api_method special_cdma_activate = {
	.interface = &cdma, .name = "Activate", .input_count = 1, .inputs = &carrier_field
};
const struct api_method special_cdma_activate_manual = {
	.interface = &cdma, .name = "ActivateManual", .input_count = 1, .inputs = &settings_field
};

int special_cdma(const struct run *run, json_t **ret, struct trouble *trouble)
{
	json_t *array = NULL;
	int r = special_dictionary(run, &array, trouble);

	if (r == 0)
		r = add_file(run, json_array_get(array, 0), "prl", "cdma-activate-manual-with-prl",
			     trouble);
	if (r < 0) {
		json_decref(array);
		return r;
	}
	*ret = array;
	return 0;
}
