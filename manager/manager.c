/* Manager: the name on the bus, and a list. */
#include "manager.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "control.h"

#define NAME "org.freedesktop.ModemManager1"
#define PATH "/org/freedesktop/ModemManager1"

/* The version of the programming interface that clients ask for. */
#define API_VERSION "1.24.0"

static int connect_bus(struct manager *m, char *error, size_t error_size)
{
	int r = sd_bus_default_system(&m->bus);

	if (r >= 0)
		r = sd_bus_attach_event(m->bus, m->event, SD_EVENT_PRIORITY_NORMAL);
	if (r < 0)
		snprintf(error, error_size, "the system bus cannot be reached: %s", strerror(-r));
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

static void on_gone(struct modem *modem, void *userdata)
{
	manager_end(userdata, modem);
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
	r = sd_event_default(&m->event);
	if (r >= 0)
		r = connect_bus(m, error, error_size);
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
	m->host = (struct modem_host){
		.api = m->api,
		.event = m->event,
		.log = &m->log,
		.debug = options->debug,
		.gone = on_gone,
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
	access_close(&m->access);
	m->object = api_object_free(m->object);
	m->api = api_bus_free(m->api);
	m->bus = sd_bus_flush_close_unref(m->bus);
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

void manager_add(struct manager *m, const struct modem_description *description)
{
	struct modem *modem = find(m, description->uid);
	int r;

	if (modem) {
		modem_describe(modem, description);
		return;
	}
	if (control_inhibits(m, description))
		return;
	r = modem_new(&m->host, m->next_index, description, &modem);
	if (r < 0) {
		log_line(&m->log, LOG_WARNING, NULL, "%s cannot be used: %s", description->qmi,
			 strerror(-r));
		return;
	}
	m->next_index++;
	DL_APPEND(m->modems, modem);
}

void manager_remove(struct manager *m, const char *node)
{
	struct modem *modem;

	control_forget(m, node);
	DL_FOREACH(m->modems, modem) {
		if (strcmp(modem->description.qmi, node) == 0) {
			manager_end(m, modem);
			return;
		}
	}
}
