/*
 * Firmware: names of the device from the most exact one to the vendor alone.
 */
#include "firmware.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-device.h>

#include "at-reader.h"
#include "modem.h"
#include "operation.h"

enum {
	NAME_MAX_SIZE = 160,
	MODEL_SIZE = 7, /* EC25EUX of EC25EUXGAR08A05M1G */
	AT_USEC = 3000000,
};

static const char *text_of(const struct modem *modem, const struct api_property *property)
{
	const char *text = json_string_value(api_object_get(modem->object, property));

	return text ? text : "";
}

/* bcdDevice of the USB device; 0: it is none, or the kernel does not say. */
static unsigned int revision_of(const struct modem *modem)
{
	const char *text = "0";
	sd_device *device = NULL;
	unsigned int revision;

	if (sd_device_new_from_syspath(&device, modem->description.device) >= 0)
		(void)sd_device_get_sysattr_value(device, "bcdDevice", &text);
	revision = (unsigned int)strtoul(text, NULL, 16);
	sd_device_unref(device);
	return revision & 0xffff;
}

/* "&CARRIER_ROW_GENERIC_3GPP" */
static void carrier_part(const struct modem *modem, char part[64])
{
	const char *name = text_of(modem, API_MODEM_CARRIER_CONFIGURATION);

	part[0] = 0;
	if (name[0])
		snprintf(part, 64, "&CARRIER_%s", name);
	for (char *c = part; *c; c++)
		*c = (char)toupper((unsigned char)*c);
}

/* Quectel's updaters tell models of one USB id apart by the start of the revision. */
static void add_model(const struct modem *modem, json_t *names, const char *exact)
{
	const char *revision = text_of(modem, API_MODEM_REVISION);

	if (strcmp(modem->description.plugin, "quectel") == 0 && revision[0])
		json_array_append_new(names,
				      json_sprintf("%s&NAME_%.*s", exact, MODEL_SIZE, revision));
}

static json_t *names_of(const struct modem *modem)
{
	unsigned int vendor = modem->description.vendor, product = modem->description.product;
	char exact[NAME_MAX_SIZE], carrier[64];
	json_t *names = json_array();

	carrier_part(modem, carrier);
	snprintf(exact, sizeof(exact), "USB\\VID_%04X&PID_%04X&REV_%04X%s", vendor, product,
		 revision_of(modem), carrier);
	add_model(modem, names, exact);
	json_array_append_new(names, json_string(exact));
	if (carrier[0])
		json_array_append_new(
			names, json_sprintf("%.*s", (int)(strlen(exact) - strlen(carrier)), exact));
	json_array_append_new(names, json_sprintf("USB\\VID_%04X&PID_%04X", vendor, product));
	json_array_append_new(names, json_sprintf("USB\\VID_%04X", vendor));
	return names;
}

static json_t *version_of(const struct modem *modem)
{
	if (modem->firmware.version[0])
		return json_string(modem->firmware.version);

	const char *revision = text_of(modem, API_MODEM_REVISION);
	const char *carrier = text_of(modem, API_MODEM_CARRIER_CONFIGURATION_REVISION);

	return carrier[0] ? json_sprintf("%s - %s", revision, carrier) : json_string(revision);
}

void firmware_tell(struct modem *modem)
{
	enum mm_modem_firmware_update_method method = MM_MODEM_FIRMWARE_UPDATE_METHOD_NONE;
	json_t *settings = NULL;

	if (!modem->object || !api_object_has(modem->object, API_FIRMWARE))
		return;
	/* A device that is on no bus has no name for an updater. */
	if (modem->description.vendor && text_of(modem, API_MODEM_REVISION)[0])
		settings = json_pack("{s: o, s: o}", "device-ids", names_of(modem), "version",
				     version_of(modem));
	if (settings && modem->firmware.fastboot) {
		method = MM_MODEM_FIRMWARE_UPDATE_METHOD_FASTBOOT;
		json_object_set_new(settings, "fastboot-at", json_string("AT+QFASTBOOT"));
	}
	modem_set(modem, API_FIRMWARE_UPDATE_SETTINGS,
		  json_pack("[i, o]", method, settings ? settings : json_object()));
}

/* --- What the AT port tells */

static void take_fastboot(struct operation *op, const struct at_answer *answer, const void *about)
{
	(void)about;
	operation_modem(op)->firmware.fastboot = answer && answer->result == AT_RESULT_OK;
}

/* One line of visible characters. */
static void take_version(struct operation *op, const struct at_answer *answer, const void *about)
{
	struct modem *modem = operation_modem(op);
	size_t size = 0;

	(void)about;
	if (!answer || answer->result != AT_RESULT_OK)
		return;
	while (size < answer->size && answer->text[size] > ' ' && answer->text[size] <= '~')
		size++;
	if (size == answer->size && size < sizeof(modem->firmware.version))
		snprintf(modem->firmware.version, sizeof(modem->firmware.version), "%.*s",
			 (int)size, answer->text);
}

static void ask_port(struct operation *op)
{
	static const struct at_question questions[] = {
		{ "AT+QFASTBOOT=?", OPERATION_TRIES, take_fastboot, NULL, AT_USEC },
		{ "AT+QGMR?", OPERATION_TRIES, take_version, NULL, AT_USEC },
	};

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		operation_ask_at(op, &questions[i]);
}

static void tell_answers(struct operation *op)
{
	firmware_tell(operation_modem(op));
}

void firmware_ask(struct modem *modem)
{
	static const struct step steps[] = {
		{ "ask how the firmware is updated", ask_port },
		{ "tell how the firmware is updated", tell_answers },
	};

	if (strcmp(modem->description.plugin, "quectel") == 0 &&
	    operation_start(modem, OPERATION_ASIDE, steps, sizeof(steps) / sizeof(steps[0]), NULL,
			    NULL) < 0)
		modem_log(modem, "out of memory: it is not known how the firmware is updated");
}

/* The modem tells of no image: that is a list, as stock's, and no error. */
static void on_list(struct api_call *call, const json_t *in, void *userdata)
{
	(void)in, (void)userdata;
	api_call_reply(call, json_pack("[s, []]", ""));
}

static void on_select(struct api_call *call, const json_t *in, void *userdata)
{
	(void)userdata;
	api_call_error(call, MM_CORE_ERROR_NOT_FOUND, "the modem has no image of firmware %s",
		       json_string_value(json_array_get(in, 0)));
}

static const struct api_handler handlers[] = {
	{ API_METHOD_FIRMWARE_LIST, on_list },
	{ API_METHOD_FIRMWARE_SELECT, on_select },
};

void firmware_add(struct modem *modem)
{
	if (modem_add(modem, API_FIRMWARE, handlers, sizeof(handlers) / sizeof(handlers[0]), 0))
		firmware_tell(modem);
}
