/*
 * Special: answers that are more than a screen, and lists of objects (special.c has the arguments).
 */
#include "mmcli/special.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api-names.h"

/* Answers. */

int special_waiting(struct run *run, const json_t *answer)
{
	(void)run;
	printf("call waiting service is %s\n",
	       json_is_true(json_array_get(answer, 0)) ? "enabled" : "disabled");
	return 0;
}

/* The time, beside the zone that is a property. */
int special_time(struct run *run, const json_t *answer)
{
	json_t *object = json_copy(run->target.object);

	json_object_set(object, "time", json_array_get(answer, 0));
	screen_show(run->action->screen, &run->session->style, run->path, object);
	json_decref(object);
	return 0;
}

/* The state in short: its values have the names that they have among the properties of a modem. */
int special_status(struct run *run, const json_t *answer)
{
	static const struct {
		const char *key;
		const struct api_property *property;
	} rows[] = {
		{ "state", API_MODEM_STATE },
		{ "signal-quality", API_MODEM_SIGNAL_QUALITY },
		{ "current-bands", API_MODEM_CURRENT_BANDS },
		{ "access-technologies", API_MODEM_ACCESS_TECHNOLOGIES },
		{ "m3gpp-registration-state", API_MODEM3GPP_REGISTRATION_STATE },
		{ "m3gpp-operator-code", API_MODEM3GPP_OPERATOR_CODE },
		{ "m3gpp-operator-name", API_MODEM3GPP_OPERATOR_NAME },
	};
	json_t *modem = json_object(), *network = json_object();
	json_t *object =
		json_pack("{s:o, s:o}", API_MODEM->name, modem, API_MODEM3GPP->name, network);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct api_property *property = rows[i].property;
		json_t *value = json_object_get(json_array_get(answer, 0), rows[i].key);

		/* what the daemon leaves out is not told, as it would be of a modem without it */
		json_object_set_new(property->interface == API_MODEM ? modem : network,
				    property->field.name, value ? json_incref(value) : json_null());
	}
	screen_show(run->action->screen, &run->session->style, run->path, object);
	json_decref(object);
	return 0;
}

/* All that was answered, not its first value alone. */
int special_whole(struct run *run, const json_t *answer)
{
	screen_show(run->action->screen, &run->session->style, run->path, answer);
	return 0;
}

/* Stock takes no cells for a failure. */
int special_cells(struct run *run, const json_t *answer)
{
	const json_t *cells = json_array_get(answer, 0);

	if (json_array_size(cells) == 0)
		return session_fail("couldn't %s: 'unknown error'", run->action->failed);
	screen_show(run->action->screen, &run->session->style, run->path, cells);
	return 0;
}

/* Whole actions. */

int special_version(struct run *run)
{
	struct bus_failure failure = { false, "" };
	json_t *properties = NULL;
	const char *version;

	if (bus_properties(run->session->bus, BUS_ROOT, API_MANAGER->name, &properties, &failure) <
	    0)
		return session_fail("couldn't get the version: '%s'", failure.text);
	version = json_string_value(json_object_get(properties, API_MANAGER_VERSION->field.name));
	printf("ModemManager daemon %s running\n", version ? version : "(null)");
	json_decref(properties);
	return 0;
}

static const char *text_of(const json_t *modem, const struct api_property *property,
			   const char *otherwise)
{
	const char *text = json_string_value(json_object_get(modem, property->field.name));

	return text && text[0] ? text : otherwise;
}

json_t *special_modem_line(const char *prefix, const char *path, const json_t *object)
{
	const json_t *modem = json_object_get(object, API_MODEM->name);
	json_t *line, *text;

	if (!modem)
		return NULL;
	text = show_format("[%s] %s",
			   text_of(modem, API_MODEM_MANUFACTURER, "manufacturer unknown"),
			   text_of(modem, API_MODEM_MODEL, "model unknown"));
	line = json_pack("[s, s, o]", prefix, path, text);
	return line;
}

int special_list(struct run *run)
{
	json_t *list = json_array(), *object;
	const char *path;

	json_object_foreach(run->session->objects, path, object)
		json_array_insert_new(list, 0, special_modem_line("    ", path, object));
	output_list(run->session->style.format, "modem-list", "modems", list);
	json_decref(list);
	return 0;
}

/* A list of a modem's objects, with `property` of each in brackets, and another one before that. */
struct listing {
	const struct kind *kind;
	const char *key, *title;
	const struct api_property *state, *before;
};

static const char *name_of(const json_t *object, const struct api_property *property)
{
	const json_t *interface = json_object_get(object, property->interface->name);
	const char *name = api_value_name(
		property->field.type.values,
		json_integer_value(json_object_get(interface, property->field.name)));

	return name ? name : "(null)";
}

static int list_objects(struct run *run, const struct listing *listing)
{
	const json_t *paths = special_own(run, listing->kind->lists[0]);
	json_t *list = json_array();
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(paths); i++) {
		const char *path = json_string_value(json_array_get(paths, i));
		json_t *object = NULL, *text;

		r = session_load(run->session, listing->kind, path ? path : "/", &object);
		if (r < 0)
			break;
		text = show_format("%s%s(%s)",
				   listing->before ? name_of(object, listing->before) : "",
				   listing->before ? " " : "", name_of(object, listing->state));
		json_array_append_new(list, json_pack("[s, s, o]", "    ", path, text));
		json_decref(object);
	}
	if (r == 0)
		output_list(run->session->style.format, listing->key, listing->title, list);
	json_decref(list);
	return r;
}

int special_messages(struct run *run)
{
	static const struct listing listing = { &kind_sms, "modem.messaging.sms", "sms messages",
						API_SMS_STATE, NULL };

	return list_objects(run, &listing);
}

int special_calls(struct run *run)
{
	static const struct listing listing = { &kind_call, "modem.voice.call", "calls",
						API_CALL_STATE, API_CALL_DIRECTION };

	return list_objects(run, &listing);
}

int special_cbms(struct run *run)
{
	static const struct listing listing = { &kind_cbm, "modem.cell-broadcast.cbm",
						"cell broadcast messages", API_CBM_STATE, NULL };

	return list_objects(run, &listing);
}

/* People are told that there is nothing to show. */
int special_firmware_status(struct run *run)
{
	const json_t *settings = special_own(run, API_FIRMWARE_UPDATE_SETTINGS);

	if (!json_integer_value(json_array_get(settings, 0)) &&
	    run->session->style.format == OUTPUT_HUMAN)
		return session_fail("firmware status unsupported");
	screen_show(run->action->screen, &run->session->style, run->path, run->target.object);
	return 0;
}

static int write_bytes(FILE *file, const json_t *bytes)
{
	bool good = file;

	for (size_t i = 0; good && i < json_array_size(bytes); i++)
		good = fputc((int)json_integer_value(json_array_get(bytes, i)), file) != EOF;
	if (file && fclose(file) != 0)
		good = false;
	return good ? 0 : -errno;
}

int special_save_data(struct run *run)
{
	const json_t *data = special_own(run, API_SMS_DATA);
	int r;

	if (json_array_size(data) == 0)
		return session_fail("couldn't create file: SMS has no data");
	r = write_bytes(fopen(run->text, "we"), data);
	return r < 0 ? session_fail("cannot write to file '%s': '%s'", run->text, strerror(-r)) : 0;
}
