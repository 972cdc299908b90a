/*
 * Modem: opening, the objects on the bus, the end.
 */
#include "modem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "at.h"
#include "bearer.h"
#include "card.h"
#include "eps.h"
#include "leisure.h"
#include "log.h"
#include "network.h"
#include "operation.h"
#include "power-mode.h"
#include "power.h"
#include "probe.h"
#include "rejoin.h"
#include "settings.h"
#include "slots.h"

static const struct api_handler handlers[] = {
	{ API_METHOD_MODEM_ENABLE, power_on_enable },
	{ API_METHOD_MODEM_COMMAND, at_on_command },
	{ API_METHOD_MODEM_SET_POWER_STATE, power_on_set_state },
	{ API_METHOD_MODEM_SET_PRIMARY_SIM_SLOT, slots_on_set_primary },
	{ API_METHOD_MODEM_LIST_BEARERS, bearer_on_list },
	{ API_METHOD_MODEM_CREATE_BEARER, bearer_on_create },
	{ API_METHOD_MODEM_DELETE_BEARER, bearer_on_delete },
	{ API_METHOD_MODEM_SET_CURRENT_MODES, settings_on_set_modes },
	{ API_METHOD_MODEM_SET_CURRENT_BANDS, settings_on_set_bands },
	{ API_METHOD_MODEM_SET_CURRENT_CAPABILITIES, settings_on_set_capabilities },
	{ API_METHOD_MODEM_GET_CELL_INFO, network_on_cells },
	{ API_METHOD_MODEM_RESET, settings_on_reset },
	{ API_METHOD_MODEM_FACTORY_RESET, settings_on_factory_reset },
};

json_t *json_text(const char *data, size_t size)
{
	json_t *text;

	if (size == 0)
		return NULL;
	text = json_stringn(data, size);
	return text ? text : json_string("\xef\xbf\xbd");
}

static void write_log(const struct modem *modem, int level, const char *format, va_list args)
{
	char index[16], text[256];
	const struct log_about about = {
		.modem = index,
		.imei = modem->imei,
		.port = modem->description.qmi,
	};

	snprintf(index, sizeof(index), "%u", modem->index);
	vsnprintf(text, sizeof(text), format, args);
	log_line(modem->host->log, level, &about, "%s", text);
}

void modem_log_at(const struct modem *modem, int level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_log(modem, level, format, args);
	va_end(args);
}

void modem_log(const struct modem *modem, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_log(modem, LOG_INFO, format, args);
	va_end(args);
}

void modem_set(struct modem *modem, const struct api_property *property, json_t *take_value)
{
	int r;

	if (!take_value)
		return;
	r = api_object_set(modem->object, property, take_value);
	if (r < 0)
		modem_log(modem, "%s cannot be told: %s", property->field.name, strerror(-r));
}

struct modem *modem_ref(struct modem *modem)
{
	modem->refs++;
	return modem;
}

struct modem *modem_unref(struct modem *modem)
{
	if (modem && --modem->refs == 0)
		free(modem);
	return NULL;
}

void modem_gone(struct modem *modem)
{
	static const struct failure gone = { MM_CORE_ERROR_ABORTED, "the modem has gone" };

	modem_ref(modem);
	modem->leaving = true;
	probe_end(modem);
	operations_cancel(modem, &gone);
	card_end(modem);
	eps_end(modem);
	ticker_stop(modem->host->ticker, &modem->quality_tick);
	at_end(modem);
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		bearer_free(modem->bearers[i]);
	modem->intents = sd_event_source_disable_unref(modem->intents);
	leisure_end(modem);
	power_mode_end(modem);
	modem->nas_news = qk_slot_free(modem->nas_news);
	modem->uim_news = qk_slot_free(modem->uim_news);
	modem->qmi = qmi_port_free(modem->qmi);
	modem->sim = api_object_free(modem->sim);
	slots_end(modem);
	modem->object = api_object_free(modem->object);
	modem_unref(modem);
}

static void on_opened(void *userdata, int error)
{
	struct modem *modem = userdata;

	if (error == 0) {
		modem_initialize(modem);
		return;
	}
	modem->host->gone(modem, "cannot be opened", error, modem->host->userdata);
}

static void on_lost(void *userdata, int error)
{
	struct modem *modem = userdata;

	modem->host->gone(modem, "is lost", error, modem->host->userdata);
}

/* Who is read still is read anew with the next broker. */
static bool on_away(void *userdata)
{
	struct modem *modem = userdata;

	if (!modem->facts.initialized || modem->facts.starting || modem->leaving)
		return false;
	modem_log_at(modem, LOG_NOTICE, "the broker has ended, another one is waited for");
	return true;
}

static void on_back(void *userdata)
{
	rejoin_begin(userdata);
}

static void on_restarted(void *userdata)
{
	struct modem *modem = userdata;

	modem_log_at(modem, LOG_NOTICE, "the modem started anew");
	modem->host->gone(modem, "started anew", 0, modem->host->userdata);
}

static void on_line(void *userdata, const char *line)
{
	modem_log(userdata, "%s", line);
}

static const struct qmi_port_events port_events = {
	.opened = on_opened,
	.lost = on_lost,
	.away = on_away,
	.back = on_back,
	.restarted = on_restarted,
	.log = on_line,
};

/* The port that is used: by the last part of its address, or else the first that speaks QMI (qrtr0 of qrtr://0). */
static const char *primary_port(const struct modem_description *d)
{
	const char *slash = strrchr(d->qmi, '/'), *name = slash ? slash + 1 : d->qmi;
	const char *first = NULL;

	for (size_t i = 0; i < d->port_count; i++) {
		if (strcmp(d->ports[i].name, name) == 0)
			return name;
		if (!first && d->ports[i].type == MM_MODEM_PORT_TYPE_QMI)
			first = d->ports[i].name;
	}
	return first ? first : name;
}

/* What the discovery knows. */
static void tell_description(struct modem *modem)
{
	const struct modem_description *d = &modem->description;
	json_t *drivers = json_array(), *ports = json_array();

	for (size_t i = 0; i < sizeof(d->drivers) / sizeof(d->drivers[0]) && d->drivers[i][0]; i++)
		json_array_append_new(drivers, json_string(d->drivers[i]));
	for (size_t i = 0; i < d->port_count; i++)
		json_array_append_new(ports,
				      json_pack("[s, i]", d->ports[i].name, d->ports[i].type));
	modem_set(modem, API_MODEM_DEVICE, json_string(d->device));
	modem_set(modem, API_MODEM_PHYSDEV, json_string(d->physdev));
	modem_set(modem, API_MODEM_PLUGIN, json_string(d->plugin));
	modem_set(modem, API_MODEM_DRIVERS, drivers);
	modem_set(modem, API_MODEM_PORTS, ports);
	modem_set(modem, API_MODEM_PRIMARY_PORT, json_string(primary_port(d)));
}

void modem_describe(struct modem *modem, const struct modem_description *description)
{
	/* udev tells of each of its ports: mostly nothing is new. */
	if (memcmp(&modem->description, description, sizeof(*description)) == 0)
		return;
	modem->description = *description;
	tell_description(modem);
	at_describe(modem);
}

static void set_path(char path[64], unsigned int index)
{
	snprintf(path, 64, "/org/freedesktop/ModemManager1/Modem/%u", index);
}

int modem_move(struct modem *modem, unsigned int index)
{
	char path[64];
	int r;

	if (index == modem->index)
		return 0;
	set_path(path, index);
	r = api_object_move(modem->object, path);
	if (r == 0)
		modem->index = index;
	return r;
}

void *modem_add(struct modem *modem, const struct api_interface *interface,
		const struct api_handler *served, size_t count, size_t keeps)
{
	void *kept = keeps ? calloc(1, keeps) : modem;

	if (kept && api_object_add(modem->object, interface, served, count) == 0)
		return kept;
	if (keeps)
		free(kept);
	modem_log_at(modem, LOG_WARNING, "out of memory: the modem lacks %s", interface->name);
	return NULL;
}

void modem_identify(struct modem *modem)
{
	if (modem->identified)
		return;
	modem->identified = true;
	modem->host->identified(modem, modem->host->userdata);
}

static int open_port(struct modem *modem)
{
	const struct modem_description *d = &modem->description;
	const struct qmi_port_place place = {
		.path = d->qmi,
		.lease = d->uid,
		.wait_broker = d->wait_broker,
	};

	return qmi_port_open(modem->host->watch, &place, &port_events, modem, &modem->qmi);
}

int modem_new(const struct modem_host *host, unsigned int index,
	      const struct modem_description *description, struct modem **ret)
{
	struct modem *modem = calloc(1, sizeof(*modem));
	char path[64];
	int r;

	if (!modem)
		return -ENOMEM;
	modem->refs = 1;
	modem->index = index;
	modem->host = host;
	modem->bus = host->api;
	modem->event = host->event;
	modem->description = *description;
	modem->bounds = intent_bounds_default;
	intent_hurry(&modem->bounds, host->hurry);
	modem->state = MM_MODEM_STATE_UNKNOWN;
	modem->facts.registration = MM_MODEM_3GPP_REGISTRATION_STATE_UNKNOWN;
	set_path(path, index);
	r = api_object_new(host->api, path, API_LISTED, modem, &modem->object);
	if (r == 0)
		r = api_object_add(modem->object, API_MODEM, handlers,
				   sizeof(handlers) / sizeof(handlers[0]));
	if (r == 0)
		r = open_port(modem);
	if (r < 0) {
		modem_gone(modem);
		modem_unref(modem);
		return r;
	}
	tell_description(modem);
	at_describe(modem);
	/* Published as the same number, whatever the objects that there may be. */
	modem_set(modem, API_MODEM_MAX_BEARERS, json_integer(1));
	modem_set(modem, API_MODEM_MAX_ACTIVE_BEARERS, json_integer(1));
	modem_set(modem, API_MODEM_MAX_ACTIVE_MULTIPLEXED_BEARERS, json_integer(MODEM_BEARERS_MAX));
	modem_set(modem, API_MODEM_SUPPORTED_IP_FAMILIES,
		  json_integer(MM_BEARER_IP_FAMILY_IPV4 | MM_BEARER_IP_FAMILY_IPV6 |
			       MM_BEARER_IP_FAMILY_IPV4V6));
	modem_set(modem, API_MODEM_SIGNAL_QUALITY, json_pack("[i, b]", 0, 1));
	modem_tell_state(modem);
	*ret = modem;
	return 0;
}
