/* Manager: the name on the bus, and a list. */
#include "manager.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "configure.h"
#include "control.h"
#include "port-names.h"
#include "retry.h"

#define NAME "org.freedesktop.ModemManager1"
#define PATH "/org/freedesktop/ModemManager1"

/* The version of the programming interface that clients ask for. */
#define API_VERSION "1.24.0"

enum { SAVE_USEC = 300000 };

static int connect_bus(struct manager *m, bool session, char *error, size_t error_size)
{
	int r = session ? sd_bus_default_user(&m->bus) : sd_bus_default_system(&m->bus);

	if (r >= 0)
		r = sd_bus_attach_event(m->bus, m->event, SD_EVENT_PRIORITY_NORMAL);
	if (r < 0)
		snprintf(error, error_size, "the %s bus cannot be reached: %s",
			 session ? "session's" : "system", strerror(-r));
	return r;
}

static int take_name(struct manager *m, char *error, size_t error_size)
{
	int r = sd_bus_request_name(m->bus, NAME, 0);

	if (r == -EEXIST || r == -EALREADY)
		snprintf(error, error_size, "another ModemManager runs: " NAME " is taken");
	else if (r < 0)
		snprintf(error, error_size, "the name " NAME " cannot be had: %s", strerror(-r));
	return r;
}

/* The port may be there still. */
static void on_gone(struct modem *modem, const char *what, int error, void *userdata)
{
	struct modem_description description = modem->description;
	bool shared = modem->qmi && qmi_port_is_shared(modem->qmi);
	struct manager *m = userdata;

	manager_end(m, modem);
	retry_later(m, &description, shared, what, error);
}

static void on_again(struct modem *modem, void *userdata)
{
	struct modem_description description = modem->description;
	struct manager *m = userdata;

	manager_end(m, modem);
	manager_add(m, &description);
}

/* --- Indices */

static bool is_live(const struct manager *m, unsigned int index, const struct modem *except)
{
	const struct modem *modem;

	DL_FOREACH(m->modems, modem) {
		if (modem != except && modem->index == index)
			return true;
	}
	return false;
}

/* One that nobody has or had. */
static unsigned int new_index(const struct manager *m)
{
	unsigned int index = registry_next(&m->registry);

	while (is_live(m, index, NULL))
		index++;
	return index;
}

/* By its place, for as long as nothing else is known. */
static unsigned int first_index(const struct manager *m, const char *uid)
{
	int known = registry_index_at(&m->registry, uid);

	return known < 0 || is_live(m, (unsigned int)known, NULL) ? new_index(m)
								  : (unsigned int)known;
}

/* Where another modem is at the index only by its place, it moves on. */
static void make_room(struct manager *m, unsigned int index, const struct modem *except)
{
	struct modem *modem;

	DL_FOREACH(m->modems, modem) {
		if (modem != except && modem->index == index && !modem->identified &&
		    modem_move(modem, new_index(m)) < 0)
			log_line(&m->log, LOG_WARNING, NULL, "out of memory");
	}
}

/* What it had before, wherever it is now; else what it has by its place, unless that is another's. */
static unsigned int own_index(const struct manager *m, const struct modem *modem)
{
	int known = registry_index_of(&m->registry, modem->imei);

	if (known >= 0 && !is_live(m, (unsigned int)known, modem))
		return (unsigned int)known;
	return registry_is_taken(&m->registry, modem->index, modem->imei) ? new_index(m)
									  : modem->index;
}

static int on_saving(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct manager *m = userdata;

	(void)source, (void)usec;
	m->saving = sd_event_source_disable_unref(m->saving);
	registry_save(&m->registry);
	return 0;
}

/* Without a timer at once. */
static void save_soon(struct manager *m)
{
	if (!m->saving && sd_event_add_time_relative(m->event, &m->saving, CLOCK_MONOTONIC,
						     SAVE_USEC, 0, on_saving, m) < 0)
		registry_save(&m->registry);
}

static void on_identified(struct modem *modem, void *userdata)
{
	struct manager *m = userdata;
	int known = registry_index_of(&m->registry, modem->imei);

	/* A modem that did not say who it is is the one of its place. */
	if (!modem->imei[0])
		return;
	retry_worked(m, modem->description.uid);
	if (known >= 0)
		make_room(m, (unsigned int)known, modem);
	if (modem_move(modem, own_index(m, modem)) < 0)
		log_line(&m->log, LOG_WARNING, NULL, "modem %u keeps an index not its own",
			 modem->index);
	if (registry_note(&m->registry, modem->index, modem->description.uid, modem->imei))
		save_soon(m);
	if (m->discovery)
		port_names_soon(m->discovery);
	if (config_find(&m->config, modem->imei, modem->description.uid, modem->description.qmi)) {
		struct modem_description description = modem->description;

		(void)configure(m, &description, modem->imei);
		modem_describe(modem, &description);
		configure_bounds(m, modem);
	}
}

static int open_access(struct manager *m, const char *group, char *error, size_t error_size)
{
	int r = access_open(&m->access, m->bus, &m->log, group);

	if (r < 0)
		snprintf(error, error_size, "there is no group %s", group);
	return r;
}

int manager_open(struct manager *m, const struct manager_options *options, char *error,
		 size_t error_size)
{
	int r;

	*m = (struct manager){ .log = options->log };
	configure_read(m, options->config_folder);
	r = registry_open(&m->registry, &m->log, options->state_folder, options->run_folder);
	if (r >= 0)
		r = sd_event_default(&m->event);
	if (r >= 0)
		r = port_watch_new(m->event, &m->watch);
	if (r >= 0)
		r = ticker_new(m->event, &m->ticker);
	if (r >= 0)
		r = connect_bus(m, options->session, error, error_size);
	if (r >= 0)
		r = open_access(m, options->group, error, error_size);
	if (r >= 0)
		r = api_bus_new(m->bus, PATH, access_check, &m->access, &m->api);
	if (r >= 0)
		r = api_object_new(m->api, PATH, API_UNLISTED, m, &m->object);
	if (r >= 0)
		r = api_object_add(m->object, API_MANAGER, control_handlers, control_handler_count);
	if (r >= 0)
		r = api_object_set(m->object, API_MANAGER_VERSION, json_string(API_VERSION));
	if (r >= 0)
		hooks_open(&m->hooks, m->event, &m->log, options->config_folder);
	m->host = (struct modem_host){
		.api = m->api,
		.bus = m->bus,
		.event = m->event,
		.watch = m->watch,
		.ticker = m->ticker,
		.log = &m->log,
		.debug = options->debug,
		.multiplex = options->multiplex,
		.hurry = options->hurry,
		.registry = &m->registry,
		.hooks = &m->hooks,
		.next_bearer = &m->next_bearer,
		.next_sms = &m->next_sms,
		.next_call = &m->next_call,
		.next_cbm = &m->next_cbm,
		.identified = on_identified,
		.gone = on_gone,
		.again = on_again,
		.userdata = m,
	};
	if (r >= 0) {
		api_object_publish(m->object);
		r = take_name(m, error, error_size);
	}
	if (r < 0)
		manager_close(m);
	return r < 0 ? r : 0;
}

void manager_end(struct manager *m, struct modem *modem)
{
	DL_DELETE(m->modems, modem);
	modem_gone(modem);
	modem_unref(modem);
}

void manager_close(struct manager *m)
{
	while (m->modems)
		manager_end(m, m->modems);
	control_close(m);
	retry_close(m);
	hooks_close(&m->hooks);
	config_free(&m->config);
	access_close(&m->access);
	m->saving = sd_event_source_disable_unref(m->saving);
	registry_close(&m->registry);
	m->object = api_object_free(m->object);
	m->api = api_bus_free(m->api);
	m->bus = sd_bus_flush_close_unref(m->bus);
	m->ticker = ticker_free(m->ticker);
	m->watch = port_watch_free(m->watch);
	m->event = sd_event_unref(m->event);
}

static struct modem *find(const struct manager *m, const char *uid)
{
	struct modem *modem;

	DL_FOREACH(m->modems, modem) {
		if (strcmp(modem->description.uid, uid) == 0)
			return modem;
	}
	return NULL;
}

void manager_add(struct manager *m, const struct modem_description *known)
{
	struct modem_description description = *known;
	struct modem *modem = find(m, known->uid);
	int r;

	if (!configure(m, &description, modem ? modem->imei : "")) {
		manager_drop(m, known->uid);
		return;
	}
	if (modem) {
		modem_describe(modem, &description);
		return;
	}
	retry_stop(m, known->uid);
	if (control_inhibits(m, &description))
		return;
	description.wait_broker = retry_wants_broker(m, known->uid);
	r = modem_new(&m->host, first_index(m, known->uid), &description, &modem);
	if (r < 0) {
		retry_later(m, known, false, "cannot be used", r);
		return;
	}
	configure_bounds(m, modem);
	DL_APPEND(m->modems, modem);
}

void manager_drop(struct manager *m, const char *uid)
{
	struct modem *modem = find(m, uid);

	retry_stop(m, uid);
	if (modem)
		manager_end(m, modem);
}

void manager_remove(struct manager *m, const char *node)
{
	struct modem *modem;

	control_forget(m, node);
	retry_forget(m, node);
	DL_FOREACH(m->modems, modem) {
		if (strcmp(modem->description.qmi, node) == 0) {
			manager_end(m, modem);
			return;
		}
	}
}
