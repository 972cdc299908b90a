/* Follow: signals of the bus, of the kernel's devices and of the terminal, in one loop. */
#include "mmcli/follow.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-device.h>
#include <systemd/sd-event.h>

#include "api-names.h"
#include "api/value.h"
#include "mmcli/special.h"

/* The kernel's subsystems that modems have ports in. */
static const char *const subsystems[] = { "tty", "usbmisc", "net", "rpmsg", "wwan" };

static int interrupted(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	(void)info;
	(void)userdata;
	fprintf(stderr, "cancelling the operation...\n\n");
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

/* Runs until Ctrl+C. */
static int loop(struct run *run, sd_event *event)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t set;
	int r = 0;

	sigemptyset(&set);
	for (size_t i = 0; i < 3; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (size_t i = 0; r >= 0 && i < 3; i++)
		r = sd_event_add_signal(event, NULL, signals[i], interrupted, NULL);
	if (r >= 0)
		r = sd_bus_attach_event(run->session->bus, event, SD_EVENT_PRIORITY_NORMAL);
	/* An inhibition is ended by one more call. */
	if (r >= 0)
		r = sd_bus_set_close_on_exit(run->session->bus, 0);
	fflush(stdout);
	if (r >= 0)
		r = sd_event_loop(event);
	sd_bus_detach_event(run->session->bus);
	return r < 0 ? session_fail("couldn't wait: %s", strerror(-r)) : 0;
}

static int follow(struct run *run)
{
	sd_event *event = NULL;
	int r = sd_event_new(&event);

	if (r < 0)
		session_fail("couldn't follow: %s", strerror(-r));
	else
		r = loop(run, event);
	sd_event_unref(event);
	return r;
}

/* Modems that come and go. */

static void show_line(const struct run *run, const char *prefix, const char *path,
		      const json_t *object)
{
	json_t *list = json_array();

	json_array_append_new(list, special_modem_line(prefix, path, object));
	if (json_array_size(list))
		output_list(run->session->style.format, "modem-list", "modems", list);
	json_decref(list);
}

static void came(void *userdata, const char *path, const json_t *object)
{
	show_line(userdata, "(+) ", path, object);
}

static void went(void *userdata, const char *path, const json_t *object)
{
	show_line(userdata, "(-) ", path, object);
}

int follow_modems_watch(struct run *run)
{
	run->track = (struct track){ run->session, came, went, run };
	return track_begin(&run->track);
}

int follow_modems(struct run *run)
{
	special_list(run);
	return follow(run);
}

/* The state of one modem. */

static const char *state_name(json_int_t state)
{
	const char *name = api_value_name(API_MODEM_STATE->field.type.values, state);

	return name ? name : "(null)";
}

static int changed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	static const char *const reasons[] = { "None or unknown", "User request", "Suspend",
					       "Failure" };
	const struct run *run = userdata;
	const char *path = sd_bus_message_get_path(message);
	int32_t before, now;
	uint32_t reason;

	(void)error;
	if (!path || strcmp(path, run->path) != 0 ||
	    sd_bus_message_read(message, "iiu", &before, &now, &reason) < 0)
		return 0;
	printf("\t%s: State changed, '%s' --> '%s' (Reason: %s)\n", run->path, state_name(before),
	       state_name(now), reasons[reason < 4 ? reason : 0]);
	fflush(stdout);
	return 0;
}

static void ended(void *userdata, const char *path, const json_t *object)
{
	const struct run *run = userdata;

	(void)object;
	if (strcmp(path, run->path) != 0)
		return;
	printf("\t%s: Removed\n", path);
	sd_event_exit(sd_bus_get_event(run->session->bus), 0);
}

int follow_state_watch(struct run *run)
{
	int r = sd_bus_match_signal(run->session->bus, NULL, BUS_NAME, NULL, API_MODEM->name,
				    API_SIGNAL_MODEM_STATE_CHANGED->name, changed, run);

	if (r < 0)
		return session_fail("couldn't follow: %s", strerror(-r));
	run->track = (struct track){ run->session, NULL, ended, run };
	return track_begin(&run->track);
}

int follow_state(struct run *run)
{
	const json_t *modem = json_object_get(run->target.object, API_MODEM->name);

	printf("\t%s: Initial state, '%s'\n", run->path,
	       state_name(json_integer_value(json_object_get(modem, API_MODEM_STATE->field.name))));
	return follow(run);
}

/* The position of one modem. */

static void show_location(const struct run *run, const json_t *properties)
{
	const json_t *location = json_object_get(properties, API_LOCATION_LOCATION->field.name);

	if (location)
		screen_show(&screen_location, &run->session->style, run->path, location);
}

static int moved(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	const struct run *run = userdata;
	const char *path = sd_bus_message_get_path(message);
	json_t *interface = NULL, *properties = NULL;

	(void)error;
	if (path && strcmp(path, run->path) == 0 &&
	    api_read(message, NULL, &interface, NULL) == 0 &&
	    api_read(message, NULL, &properties, NULL) == 0 && json_is_string(interface) &&
	    strcmp(json_string_value(interface), API_LOCATION->name) == 0)
		show_location(run, properties);
	json_decref(interface);
	json_decref(properties);
	return 0;
}

int follow_location_watch(struct run *run)
{
	int r = sd_bus_match_signal(run->session->bus, NULL, BUS_NAME, NULL,
				    "org.freedesktop.DBus.Properties", "PropertiesChanged", moved,
				    run);

	return r < 0 ? session_fail("couldn't follow: %s", strerror(-r)) : 0;
}

int follow_location(struct run *run)
{
	show_location(run, json_object_get(run->target.object, API_LOCATION->name));
	return follow(run);
}

/* A device that the daemon keeps off. */

static int inhibit(struct run *run, const char *uid, bool on)
{
	struct bus_failure failure = { false, "" };
	json_t *arguments = json_pack("[s, b]", uid, (int)on), *answer = NULL;
	int r = bus_call(run->session->bus, BUS_ROOT, API_METHOD_MANAGER_INHIBIT_DEVICE, arguments,
			 session_timeout(run->session, 30), &answer, &failure);

	json_decref(arguments);
	json_decref(answer);
	if (r < 0)
		return session_fail("couldn't %s device: '%s'", on ? "inhibit" : "uninhibit",
				    failure.text);
	printf("successfully %s device with uid '%s'\n", on ? "inhibited" : "uninhibited", uid);
	return 0;
}

/* The device of a modem, or the one that was named. */
int follow_inhibition(struct run *run)
{
	const json_t *modem = json_object_get(run->target.object, API_MODEM->name);
	const char *device =
		json_string_value(json_object_get(modem, API_MODEM_DEVICE->field.name));
	const char *uid = device ? device : run->text;
	int r = inhibit(run, uid, true);

	if (r < 0)
		return r;
	printf("type Ctrl+C to abort this program and remove the inhibition\n");
	r = follow(run);
	return r < 0 ? r : inhibit(run, uid, false);
}

/* The kernel's ports, for a daemon that was told not to look for itself. */

static void report(struct run *run, const char *action, sd_device *device)
{
	const char *subsystem = NULL, *name = NULL;
	struct bus_failure failure = { false, "" };
	json_t *arguments, *answer = NULL;

	if (sd_device_get_subsystem(device, &subsystem) < 0 ||
	    sd_device_get_sysname(device, &name) < 0)
		return;
	arguments = json_pack("[{s:s, s:s, s:s}]", "action", action, "subsystem", subsystem, "name",
			      name);
	/* One port that the daemon refuses is no reason to stop. */
	if (bus_call(run->session->bus, BUS_ROOT, API_METHOD_MANAGER_REPORT_KERNEL_EVENT, arguments,
		     session_timeout(run->session, 30), &answer, &failure) < 0)
		session_fail("couldn't report kernel event: '%s'", failure.text);
	json_decref(arguments);
	json_decref(answer);
}

static int on_device(sd_device_monitor *monitor, sd_device *device, void *userdata)
{
	sd_device_action_t action;

	(void)monitor;
	if (sd_device_get_action(device, &action) < 0)
		return 0;
	if (action == SD_DEVICE_ADD || action == SD_DEVICE_REMOVE)
		report(userdata, action == SD_DEVICE_ADD ? "add" : "remove", device);
	return 0;
}

static void report_all(struct run *run)
{
	sd_device_enumerator *all = NULL;
	int r = sd_device_enumerator_new(&all);

	for (size_t i = 0; r >= 0 && i < sizeof(subsystems) / sizeof(*subsystems); i++)
		r = sd_device_enumerator_add_match_subsystem(all, subsystems[i], 1);
	if (r >= 0)
		sd_device_enumerator_allow_uninitialized(all);
	for (sd_device *device = r < 0 ? NULL : sd_device_enumerator_get_device_first(all); device;
	     device = sd_device_enumerator_get_device_next(all))
		report(run, "add", device);
	sd_device_enumerator_unref(all);
}

int follow_ports(struct run *run)
{
	sd_device_monitor *monitor = NULL;
	sd_event *event = NULL;
	int r = sd_event_new(&event);

	if (r >= 0)
		r = sd_device_monitor_new(&monitor);
	for (size_t i = 0; r >= 0 && i < sizeof(subsystems) / sizeof(*subsystems); i++)
		r = sd_device_monitor_filter_add_match_subsystem_devtype(monitor, subsystems[i],
									 NULL);
	if (r >= 0)
		r = sd_device_monitor_attach_event(monitor, event);
	if (r >= 0)
		r = sd_device_monitor_start(monitor, on_device, run);
	if (r < 0) {
		session_fail("couldn't watch the kernel's devices: %s", strerror(-r));
	} else {
		report_all(run);
		r = loop(run, event);
	}
	sd_device_monitor_unref(monitor);
	sd_event_unref(event);
	return r;
}
