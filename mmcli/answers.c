/* Compose: what methods answer with, arrays of dictionaries: networks, firmware images, profiles, cells. */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "api-names.h"
#include "mmcli/compose.h"

#define UNUSED (void)show, (void)row, (void)value

/* Stock shows networks and cells last one first. */

/* People are told that there is nothing. */
static json_t *or_nothing(const struct show *show, json_t *array)
{
	if (json_array_size(array))
		return array;
	json_decref(array);
	return show->format == OUTPUT_HUMAN ? json_string("n/a") : json_null();
}

static const char *text_of(const json_t *dictionary, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(dictionary, key));

	return text ? text : otherwise;
}

/* For programs, by parts since 1.22. */
static json_t *network_text(const struct show *show, const char *code, const char *name,
			    const char *radio, const char *availability)
{
	if (show->format == OUTPUT_HUMAN)
		return show_format("%s - %s (%s, %s)", code, name, radio, availability);
	if (show->format == OUTPUT_JSON && show->newer)
		return json_pack("{s:s, s:s, s:s, s:s}", "operator-code", code, "operator-name",
				 name, "access-technologies", radio, "availability", availability);
	return show_format("operator-code: %s, operator-name: %s, "
			   "access-technologies: %s, availability: %s",
			   code, name, radio, availability);
}

COMPOSE(scan)
{
	const struct api_dict *dict = API_METHOD_MODEM3GPP_SCAN->outputs[0].type.dict;
	const struct api_values *radios = api_dict_type(dict, "access-technology")->values;
	const struct api_values *states = api_dict_type(dict, "status")->values;
	bool human = show->format == OUTPUT_HUMAN;
	json_t *array = json_array();

	UNUSED;
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *network = json_array_get(value, i);
		json_int_t radio =
			json_integer_value(json_object_get(network, "access-technology"));
		json_int_t state = json_integer_value(json_object_get(network, "status"));
		const char *code = text_of(network, "operator-code", human ? "code n/a" : "--");
		const char *brief = text_of(network, "operator-short", human ? "name n/a" : "--");
		const char *name = text_of(network, "operator-long", brief);
		const char *availability = api_value_name(states, state);
		char text[512];

		api_flags_text(radios, (uint64_t)radio, text, sizeof(text));
		availability = availability ? availability : "(null)";
		json_array_insert_new(array, 0, network_text(show, code, name, text, availability));
	}
	return or_nothing(show, array);
}

/* The keys of a dictionary as they are shown. */
struct part {
	const char *key, *label, *word; /* for people, in a line */
};

static const struct part gobi[] = {
	{ "gobi-pri-version", "gobi pri version", "gobi-pri-version" },
	{ "gobi-pri-info", "gobi pri info", "gobi-pri-info" },
	{ "gobi-boot-version", "gobi boot version", "gobi-boot-version" },
	{ "gobi-pri-unique-id", "gobi pri unique id", "gobi-pri-unique id" },
	{ "gobi-modem-unique-id", "gobi modem unique id", "gobi-modem-unique id" },
};

#define LINE 2048

static void add_part(char line[LINE], const char *word, const char *text)
{
	size_t used = strlen(line);

	snprintf(line + used, LINE - used, "%s%s: %s", used ? ", " : "", word, text);
}

static void add_image(const struct show *show, json_t *array, const json_t *image, bool current)
{
	bool human = show->format == OUTPUT_HUMAN;
	bool is_gobi = json_integer_value(json_object_get(image, "image-type")) ==
		       MM_FIRMWARE_IMAGE_TYPE_GOBI;
	const char *id = text_of(image, "unique-id", "");
	char line[LINE] = "";

	add_part(line, "unique-id", id);
	add_part(line, "current", current ? "yes" : "no");
	if (human) {
		json_array_append_new(array, json_string(id));
		json_array_append_new(array,
				      show_format("    current: %s", current ? "yes" : "no"));
	}
	for (size_t i = 0; is_gobi && i < sizeof(gobi) / sizeof(*gobi); i++) {
		const char *text = text_of(image, gobi[i].key, NULL);

		if (text && human)
			json_array_append_new(array,
					      show_format("    %s: %s", gobi[i].label, text));
		else if (text)
			add_part(line, gobi[i].word, text);
	}
	if (!human)
		json_array_append_new(array, json_string(line));
}

/* [SELECTED, [IMAGE…]] */
COMPOSE(firmware)
{
	const char *selected = json_string_value(json_array_get(value, 0));
	const json_t *images = json_array_get(value, 1);
	json_t *array = json_array();

	UNUSED;
	for (size_t i = 0; i < json_array_size(images); i++) {
		const json_t *image = json_array_get(images, i);

		add_image(show, array, image,
			  selected && strcmp(text_of(image, "unique-id", ""), selected) == 0);
	}
	return or_nothing(show, array);
}

/* In stock's order; what people alone are shown has no word. */
static const struct part profile_parts[] = {
	{ "profile-enabled", "profile enabled", NULL },
	{ "profile-name", "profile name", "profile-name" },
	{ "apn", "apn", "apn" },
	{ "allowed-auth", "allowed auth", "allowed-auth" },
	{ "user", "user", "user" },
	{ "password", "password", "password" },
	{ "ip-type", "ip type", "ip-type" },
	{ "apn-type", "apn type", "apn-type" },
	{ "access-type-preference", "access type preference", "access-type-preference" },
	{ "roaming-allowance", "roaming allowance", "roaming-allowance" },
	{ "profile-source", "profile source", NULL },
};

/* The text of a profile's value; NULL: there is nothing to tell. */
static const char *profile_text(const json_t *profile, const char *key, char text[512])
{
	const struct api_type *type =
		api_dict_type(API_METHOD_PROFILE_MANAGER_LIST->outputs[0].type.dict, key);
	const json_t *value = json_object_get(profile, key);

	if (json_is_string(value))
		return text_of(profile, key, NULL);
	/* A profile that does not say so is on. */
	if (strcmp(key, "profile-enabled") == 0)
		return json_is_false(value) ? "no" : "yes";
	/* Stock tells that it does not know, and does not tell that there is no authentication. */
	if (strcmp(key, "allowed-auth") == 0 ? json_integer_value(value) == 1
					     : !json_integer_value(value))
		return NULL;
	if (!type->values->flags)
		return api_value_name(type->values, json_integer_value(value));
	return api_flags_text(type->values, (uint64_t)json_integer_value(value), text, 512);
}

static void add_profile(const struct show *show, json_t *array, const json_t *profile)
{
	bool human = show->format == OUTPUT_HUMAN;
	const json_t *id = json_object_get(profile, "profile-id");
	char line[LINE] = "", number[24], text[512];

	snprintf(number, sizeof(number), "%u", (unsigned int)(id ? json_integer_value(id) : -1));
	add_part(line, "profile-id", number);
	if (human)
		json_array_append_new(array, json_string(line));
	for (size_t i = 0; i < sizeof(profile_parts) / sizeof(*profile_parts); i++) {
		const struct part *part = &profile_parts[i];
		const char *shown = profile_text(profile, part->key, text);

		if (shown && human)
			json_array_append_new(array, show_format("  %s: %s", part->label, shown));
		else if (shown && part->word)
			add_part(line, part->word, shown);
	}
	if (!human)
		json_array_append_new(array, json_string(line));
}

/* One profile, or an array of them. */
COMPOSE(profiles)
{
	json_t *array = json_array();

	UNUSED;
	if (json_is_object(value))
		add_profile(show, array, value);
	for (size_t i = 0; i < json_array_size(value); i++)
		add_profile(show, array, json_array_get(value, i));
	return or_nothing(show, array);
}

/* Which keys each type of cell shows, in stock's order; as a label a hyphen is a space. */
static const char *const cdma_keys[] = {
	"nid", "sid", "base-station-id", "ref-pn", "pilot-strength", NULL,
};
static const char *const gsm_keys[] = {
	"operator-id", "lac", "ci", "timing-advance", "arfcn", "base-station-id", "rx-level", NULL,
};
static const char *const umts_keys[] = {
	"operator-id",
	"lac",
	"ci",
	"frequency-fdd-ul",
	"frequency-fdd-dl",
	"frequency-tdd",
	"uarfcn",
	"psc",
	"rscp",
	"ecio",
	"path-loss",
	NULL,
};
static const char *const tdscdma_keys[] = {
	"operator-id",    "lac",  "ci",        "uarfcn", "cell-parameter-id",
	"timing-advance", "rscp", "path-loss", NULL,
};
static const char *const lte_keys[] = {
	"operator-id", "tac", "ci", "physical-ci", "earfcn", "rsrp", "rsrq", "timing-advance", NULL,
};
static const char *const nr5g_keys[] = {
	"operator-id", "tac",  "ci",   "physical-ci",    "nrarfcn",
	"rsrp",        "rsrq", "sinr", "timing-advance", NULL,
};
static const char *const *const cell_keys[] = {
	[MM_CELL_TYPE_CDMA] = cdma_keys, [MM_CELL_TYPE_GSM] = gsm_keys,
	[MM_CELL_TYPE_UMTS] = umts_keys, [MM_CELL_TYPE_TDSCDMA] = tdscdma_keys,
	[MM_CELL_TYPE_LTE] = lte_keys,   [MM_CELL_TYPE_5GNR] = nr5g_keys,
};

/* The least double and the greatest number are no value. */
static void add_cell_part(char line[LINE], const char *key, const json_t *value)
{
	char label[40], text[400];
	size_t length = strlen(key);

	for (size_t i = 0; i <= length && i < sizeof(label); i++)
		label[i] = key[i] == '-' ? ' ' : key[i];
	if (json_is_string(value)) {
		add_part(line, label, json_string_value(value));
	} else if (json_is_real(value) && json_real_value(value) > -DBL_MAX) {
		snprintf(text, sizeof(text), "%f", json_real_value(value));
		add_part(line, label, text);
	} else if (json_is_integer(value) && json_integer_value(value) != (json_int_t)UINT32_MAX) {
		snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		add_part(line, label, text);
	}
}

COMPOSE(cells)
{
	const struct api_dict *dict = API_METHOD_MODEM_GET_CELL_INFO->outputs[0].type.dict;
	const struct api_values *types = api_dict_type(dict, "cell-type")->values;
	json_t *array = json_array();

	UNUSED;
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *cell = json_array_get(value, i);
		json_int_t type = json_integer_value(json_object_get(cell, "cell-type"));
		bool serving = json_is_true(json_object_get(cell, "serving"));
		char line[LINE] = "";

		if (type <= 0 || type >= (json_int_t)(sizeof(cell_keys) / sizeof(*cell_keys)))
			continue;
		add_part(line, "cell type", api_value_name(types, type));
		add_part(line, "serving", serving ? "yes" : "no");
		for (const char *const *key = cell_keys[type]; *key; key++)
			add_cell_part(line, *key, json_object_get(cell, *key));
		json_array_insert_new(array, 0, json_string(line));
	}
	return or_nothing(show, array);
}
