/*
 * Control: a device that is left alone has no modem; the description of it is kept up to date, and makes one when the
 * caller says so or has left the bus.
 */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "bearer.h"
#include "discovery.h"
#include "manager.h"
#include "power.h"

enum { INHIBITIONS_MAX = 64 };

/* A device that is left alone. */
struct inhibition {
	struct manager *manager;
	struct modem_description description;
	bool present;
	bool ready;            /* its modem has left the bus */
	struct api_call *call; /* until then */
	sd_bus_track *caller;
	struct inhibition *prev, *next;
};

static bool is_of(const struct modem_description *description, const char *uid)
{
	return strcmp(description->uid, uid) == 0 || strcmp(description->device, uid) == 0 ||
	       strcmp(description->physdev, uid) == 0;
}

static struct inhibition *find(const struct manager *manager, const char *uid)
{
	struct inhibition *inhibition;

	DL_FOREACH(manager->inhibitions, inhibition) {
		if (is_of(&inhibition->description, uid))
			return inhibition;
	}
	return NULL;
}

static void inhibition_free(struct inhibition *inhibition)
{
	DL_DELETE(inhibition->manager->inhibitions, inhibition);
	sd_bus_track_unref(inhibition->caller);
	free(inhibition);
}

/* The modem may come back. */
static void release(struct inhibition *inhibition)
{
	struct manager *manager = inhibition->manager;
	struct modem_description description = inhibition->description;
	bool present = inhibition->present;

	inhibition_free(inhibition);
	log_line(&manager->log, LOG_NOTICE, NULL, "%s is managed again", description.uid);
	if (present)
		manager_add(manager, &description);
}

static int on_caller_gone(sd_bus_track *track, void *userdata)
{
	struct inhibition *inhibition = userdata;

	(void)track;
	/* What still waits for its modem to end is released then. */
	if (inhibition->ready)
		release(inhibition);
	return 0;
}

bool control_inhibits(struct manager *manager, const struct modem_description *description)
{
	struct inhibition *inhibition = find(manager, description->uid);

	if (!inhibition || !inhibition->ready)
		return false;
	inhibition->description = *description;
	inhibition->present = true;
	return true;
}

void control_forget(struct manager *manager, const char *node)
{
	struct inhibition *inhibition;

	DL_FOREACH(manager->inhibitions, inhibition) {
		if (strcmp(inhibition->description.qmi, node) == 0)
			inhibition->present = false;
	}
}

void control_close(struct manager *manager)
{
	while (manager->inhibitions)
		inhibition_free(manager->inhibitions);
}

/* --- InhibitDevice */

static bool is_managed(const struct manager *manager, const struct modem *modem)
{
	const struct modem *at;

	DL_FOREACH(manager->modems, at) {
		if (at == modem)
			return true;
	}
	return false;
}

/* The modem was taken out of the network, as far as it let itself be; or it has gone. */
static void on_disabled(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct inhibition *inhibition = userdata;
	struct api_call *call = inhibition->call;
	struct manager *manager = inhibition->manager;

	(void)failure;
	inhibition->ready = true;
	inhibition->present = is_managed(manager, modem);
	if (inhibition->present)
		manager_end(manager, modem);
	log_line(&manager->log, LOG_NOTICE, NULL, "%s is left alone", inhibition->description.uid);
	if (sd_bus_track_count(inhibition->caller) == 0)
		release(inhibition);
	api_call_reply(call, NULL);
}

/* Takes down one bearer after the other, then the rest. */
static void take_down(struct modem *modem, const struct failure *failure, void *userdata)
{
	const struct inhibition *inhibition = userdata;

	for (size_t i = 0; !failure && i < MODEM_BEARERS_MAX; i++) {
		if (!modem->bearers[i] || !bearer_is_connected(modem->bearers[i]))
			continue;
		bearer_disconnect(modem->bearers[i], take_down, userdata);
		return;
	}
	if (is_managed(inhibition->manager, modem) && modem->facts.enabled)
		power_enable(modem, false, on_disabled, userdata);
	else
		on_disabled(modem, failure, userdata);
}

static struct inhibition *inhibition_new(struct manager *manager, const struct modem *modem,
					 struct api_call *call)
{
	struct inhibition *inhibition = calloc(1, sizeof(*inhibition)), *other;
	size_t count;

	DL_COUNT(manager->inhibitions, other, count);
	if (!inhibition || count == INHIBITIONS_MAX ||
	    sd_bus_track_new(manager->bus, &inhibition->caller, on_caller_gone, inhibition) < 0 ||
	    sd_bus_track_add_sender(inhibition->caller, api_call_message(call)) < 0) {
		if (inhibition)
			sd_bus_track_unref(inhibition->caller);
		free(inhibition);
		return NULL;
	}
	inhibition->manager = manager;
	inhibition->description = modem->description;
	inhibition->call = call;
	DL_APPEND(manager->inhibitions, inhibition);
	return inhibition;
}

static void inhibit(struct manager *manager, struct api_call *call, const char *uid)
{
	struct inhibition *inhibition;
	struct modem *modem;

	if (find(manager, uid)) {
		api_call_error(call, MM_CORE_ERROR_IN_PROGRESS, "Device '%s' is already inhibited",
			       uid);
		return;
	}
	DL_FOREACH(manager->modems, modem) {
		if (is_of(&modem->description, uid))
			break;
	}
	if (!modem) {
		api_call_error(call, MM_CORE_ERROR_NOT_FOUND, "No device found with uid '%s'", uid);
		return;
	}
	inhibition = inhibition_new(manager, modem, call);
	if (!inhibition)
		api_call_error(call, MM_CORE_ERROR_TOO_MANY, "no more than %d can be inhibited",
			       INHIBITIONS_MAX);
	else
		take_down(modem, NULL, inhibition);
}

static void uninhibit(const struct manager *manager, struct api_call *call, const char *uid)
{
	struct inhibition *inhibition = find(manager, uid);
	const char *sender = sd_bus_message_get_sender(api_call_message(call));

	if (!inhibition || !inhibition->ready ||
	    sd_bus_track_count_name(inhibition->caller, sender) <= 0) {
		api_call_error(call, MM_CORE_ERROR_NOT_FOUND, "No inhibition found for uid '%s'",
			       uid);
		return;
	}
	release(inhibition);
	api_call_reply(call, NULL);
}

static void on_inhibit(struct api_call *call, const json_t *in, void *userdata)
{
	const char *uid = json_string_value(json_array_get(in, 0));

	if (json_is_true(json_array_get(in, 1)))
		inhibit(userdata, call, uid);
	else
		uninhibit(userdata, call, uid);
}

/* --- The others */

static void on_scan(struct api_call *call, const json_t *in, void *userdata)
{
	const struct manager *manager = userdata;
	int r = manager->discovery ? discovery_look_around(manager->discovery) : -EOPNOTSUPP;

	(void)in;
	if (r < 0)
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED,
			       "Cannot request manual scan of devices: %s", strerror(-r));
	else
		api_call_reply(call, NULL);
}

static void on_set_logging(struct api_call *call, const json_t *in, void *userdata)
{
	const char *level = json_string_value(json_array_get(in, 0));
	struct manager *manager = userdata;

	if (!log_set_level(&manager->log, level)) {
		api_call_error(call, MM_CORE_ERROR_INVALID_ARGS, "Unknown log level '%s'", level);
		return;
	}
	log_line(&manager->log, LOG_NOTICE, NULL, "logging: level '%s'", level);
	api_call_reply(call, NULL);
}

static void on_report(struct api_call *call, const json_t *in, void *userdata)
{
	const struct manager *manager = userdata;
	struct kernel_event event;
	char error[128];
	int r;

	if (!manager->discovery || manager->discovery->monitor) {
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED,
			       "Cannot report kernel event: udev monitoring already in place");
		return;
	}
	if (kernel_event_read(&event, json_array_get(in, 0), error, sizeof(error)) < 0) {
		api_call_error(call, MM_CORE_ERROR_INVALID_ARGS, "%s", error);
		return;
	}
	r = discovery_report(manager->discovery, &event);
	if (r < 0)
		api_call_error(call, MM_CORE_ERROR_NOT_FOUND, "%s/%s: %s", event.subsystem,
			       event.name, strerror(-r));
	else
		api_call_reply(call, NULL);
}

const struct api_handler control_handlers[] = {
	{ API_METHOD_MANAGER_SCAN_DEVICES, on_scan },
	{ API_METHOD_MANAGER_SET_LOGGING, on_set_logging },
	{ API_METHOD_MANAGER_REPORT_KERNEL_EVENT, on_report },
	{ API_METHOD_MANAGER_INHIBIT_DEVICE, on_inhibit },
};
const size_t control_handler_count = sizeof(control_handlers) / sizeof(control_handlers[0]);
