/*
 * Fuzz target: what mmcli shows of a daemon that says anything at all, and what it reads from its command line. The
 * input is a JSON array: its items are the values of all properties of all interfaces, and of the answers of methods.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api-names.h"
#include "mmcli/arguments.h"
#include "mmcli/screens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct screen *const screens[] = {
	&screen_modem,
	&screen_bearer,
	&screen_sim,
	&screen_sms,
	&screen_call,
	&screen_location_status,
	&screen_location,
	&screen_messaging,
	&screen_voice,
	&screen_time,
	&screen_signal,
	&screen_sar,
	&screen_oma,
	&screen_firmware_status,
	&screen_firmware,
	&screen_ussd,
	&screen_profile_manager,
	&screen_profiles,
	&screen_profile,
	&screen_scan,
	&screen_cells,
};

enum { SCREENS = sizeof(screens) / sizeof(screens[0]) };

static void add_interface(json_t *object, const struct api_interface *interface,
			  const json_t *values, size_t *at)
{
	json_t *properties = json_object();

	for (size_t i = 0; i < interface->property_count; i++)
		json_object_set(properties, interface->properties[i].field.name,
				json_array_get(values, (*at)++ % json_array_size(values)));
	json_object_set_new(object, interface->name, properties);
}

/* An object that has every interface there is, whose properties are what the input has. */
static json_t *make_object(const json_t *values)
{
	const struct api_interface *const interfaces[] = {
		API_MODEM,     API_BEARER,    API_SIM,      API_SMS,  API_CALL,
		API_LOCATION,  API_MESSAGING, API_VOICE,    API_TIME, API_SIGNAL,
		API_SAR,       API_OMA,       API_FIRMWARE, API_USSD, API_PROFILE_MANAGER,
		API_MODEM3GPP, API_SIMPLE,
	};
	json_t *object = json_object();
	size_t at = 0;

	for (size_t i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++)
		add_interface(object, interfaces[i], values, &at);
	return object;
}

static void show(const json_t *values, uint8_t choice)
{
	const struct screen_style style = { (enum output_format)(choice % 3), true };
	json_t *object = make_object(values);

	screen_show(screens[choice / 3 % SCREENS], &style, "/org/freedesktop/ModemManager1/Modem/0",
		    object);
	/* What methods answer is shown as it is. */
	screen_show(screens[choice / 3 % SCREENS], &style, "/", json_array_get(values, 0));
	json_decref(object);
}

static void read_arguments(const char *text)
{
	struct trouble trouble = { "" };
	json_t *value = NULL;
	uint32_t number;

	if (arguments_dictionary(text, API_METHOD_SIMPLE_CONNECT->inputs[0].type.dict, &value,
				 &trouble) == 0)
		json_decref(value);
	if (arguments_number(text, &api_values_modem_mode, &value, &trouble) == 0)
		json_decref(value);
	if (arguments_numbers(text, &api_values_modem_band, &value, &trouble) == 0)
		json_decref(value);
	if (arguments_networks(text, &value, &trouble) == 0)
		json_decref(value);
	if (arguments_channels(text, &value, &trouble) == 0)
		json_decref(value);
	if (arguments_bytes(text, &value, &trouble) == 0)
		json_decref(value);
	(void)!arguments_unsigned(text, &number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *values = size > 1 ? json_loadb((const char *)data + 1, size - 1, 0, NULL) : NULL;
	char *text = strndup(size > 1 ? (const char *)data + 1 : "", size > 1 ? size - 1 : 0);
	FILE *out = stdout;

	stdout = fopen("/dev/null", "we");
	if (!stdout || !text)
		abort();
	if (json_array_size(values) > 0)
		show(values, data[0]);
	else
		read_arguments(text);
	fclose(stdout);
	stdout = out;
	json_decref(values);
	free(text);
	return 0;
}
