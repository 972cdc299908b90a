/*
 * Watching: the events are registered, then told as they come.
 */
#include "loc-watch.h"

#include <stdio.h>
#include <string.h>

#include <qmikit/loc.h>

enum { TIMEOUT_SEC = 30, USEC_PER_SEC = 1000000 };

/* A line of a value, which may miss. */
#define VALUE(field, label, format) TEXT_EITHER(field, label format "\n", label "n/a\n")

static const struct text_row place_text[] = {
	VALUE("latitude", "   latitude:  ", "{latitude} degrees"),
	VALUE("longitude", "   longitude: ", "{longitude} degrees"),
	VALUE("horizontal-uncertainty-circular",
	      "   circular horizontal position uncertainty:            ",
	      "{horizontal-uncertainty-circular} meters"),
	VALUE("horizontal-uncertainty-elliptical-minor",
	      "   horizontal elliptical uncertainty (semi-minor axis): ",
	      "{horizontal-uncertainty-elliptical-minor} meters"),
	VALUE("horizontal-uncertainty-elliptical-major",
	      "   horizontal elliptical uncertainty (semi-major axis): ",
	      "{horizontal-uncertainty-elliptical-major} meters"),
	/* libqmi says meters of it, and of the heading below; both are degrees */
	VALUE("horizontal-uncertainty-elliptical-azimuth",
	      "   horizontal elliptical uncertainty azimuth:           ",
	      "{horizontal-uncertainty-elliptical-azimuth} meters"),
	VALUE("horizontal-confidence", "   horizontal confidence: ", "{horizontal-confidence}%"),
	VALUE("horizontal-reliability", "   horizontal reliability: ", "{horizontal-reliability}"),
	VALUE("horizontal-speed", "   horizontal speed: ", "{horizontal-speed} m/s"),
	VALUE("speed-uncertainty", "   speed uncertainty: ", "{speed-uncertainty} m/s"),
	VALUE("altitude-from-ellipsoid",
	      "   altitude w.r.t. ellipsoid: ", "{altitude-from-ellipsoid} meters"),
	VALUE("altitude-from-sealevel",
	      "   altitude w.r.t. mean sea level: ", "{altitude-from-sealevel} meters"),
	VALUE("vertical-uncertainty", "   vertical uncertainty: ", "{vertical-uncertainty} meters"),
	VALUE("vertical-confidence", "   vertical confidence: ", "{vertical-confidence}%"),
	VALUE("vertical-reliability", "   vertical reliability: ", "{vertical-reliability}"),
	VALUE("vertical-speed", "   vertical speed: ", "{vertical-speed} m/s"),
	VALUE("heading", "   heading: ", "{heading} degrees"),
	VALUE("heading-uncertainty", "   heading uncertainty: ", "{heading-uncertainty} meters"),
	VALUE("magnetic-deviation", "   magnetic deviation: ", "{magnetic-deviation} degrees"),
	VALUE("technology-used", "   technology: ", "{technology-used}"),
	TEXT_EITHER("dop",
		    "   position DOP:   {pdop}\n"
		    "   horizontal DOP: {hdop}\n"
		    "   vertical DOP:   {vdop}\n",
		    "   position DOP:   n/a\n"
		    "   horizontal DOP: n/a\n"
		    "   vertical DOP:   n/a\n"),
	VALUE("utc-timestamp", "   UTC timestamp: ", "{utc-timestamp} ms"),
	VALUE("leap-seconds", "   Leap seconds: ", "{leap-seconds}"),
	VALUE("gps-date-time",
	      "   GPS time: ", "{gps-weeks} weeks and {gps-time-of-week-milliseconds}ms"),
	VALUE("time-uncertainty", "   time uncertainty: ", "{time-uncertainty} ms"),
	VALUE("time-source", "   time source: ", "{time-source}"),
	VALUE("sensor-data-usage", "   sensor data usage: ", "{sensor-data-usage}"),
	VALUE("session-fix-count", "   Fix count: ", "{session-fix-count}"),
	VALUE("satellites-used", "   Satellites used: ", "{satellites-used[,]}"),
	VALUE("altitude-assumed", "   Altitude assumed: ", "{altitude-assumed}"),
	TEXT_END,
};

static const struct text_row position_text[] = {
	TEXT_LINE("[position report] status: {session-status}\n"),
	{ .when = TEXT_EQUAL,
	  .path = "session-status",
	  .number = QK_LOC_SESSION_STATUS_SUCCESS,
	  .rows = place_text },
	{ .when = TEXT_EQUAL,
	  .path = "session-status",
	  .number = QK_LOC_SESSION_STATUS_IN_PROGRESS,
	  .rows = place_text },
	TEXT_END,
};

/* A value of a satellite, which is one if a bit says so. */
/* clang-format off */
#define SATELLITE(bit, label, format) \
	TEXT_BIT("valid-information", QK_LOC_SATELLITE_VALID_INFORMATION_##bit, \
		 "      " label format "\n"), \
	TEXT_BIT_OFF("valid-information", QK_LOC_SATELLITE_VALID_INFORMATION_##bit, \
		     "      " label "n/a\n")
/* clang-format on */

static const struct text_row satellite_text[] = {
	SATELLITE(SYSTEM, "system:           ", "{system}"),
	SATELLITE(GNSS_SATELLITE_ID, "satellite id:     ", "{gnss-satellite-id}"),
	SATELLITE(HEALTH_STATUS, "health status:    ", "{health-status}"),
	SATELLITE(PROCESS_STATUS, "satellite status: ", "{satellite-status}"),
	SATELLITE(SATELLITE_INFO_MASK, "navigation data:  ", "{navigation-data}"),
	SATELLITE(ELEVATION, "elevation:        ", "{elevation-degrees}"),
	SATELLITE(AZIMUTH, "azimuth:          ", "{azimuth-degrees}"),
	SATELLITE(SIGNAL_TO_NOISE_RATIO, "SNR:              ", "{signal-to-noise-ratio-bhz}"),
	TEXT_END,
};

static const struct text_row satellites_text[] = {
	VALUE("altitude-assumed", "[gnss sv info] Altitude assumed: ", "{altitude-assumed}"),
	TEXT_EITHER("list", "[gnss sv info] {#list} satellites detected:\n",
		    "[gnss sv info] 0 satellites detected:\n"),
	{ .when = TEXT_EACH,
	  .path = "list",
	  .text = "   [satellite #{@}]\n",
	  .rows = satellite_text },
	TEXT_END,
};

/* A sentence has its own end of line. */
static const struct text_row nmea_text[] = { TEXT_IF("nmea-string", "{nmea-string}"), TEXT_END };

/* What can be watched. */
static const struct watch {
	const char *get, *follow; /* the options that ask for it; NULL: none */
	uint64_t event;
	const struct qk_message *message;
	const struct text_row *text;
} watches[] = {
	{ "loc-get-position-report", "loc-follow-position-report",
	  QK_LOC_EVENT_REGISTRATION_FLAG_POSITION_REPORT, &qk_loc_position_report_message,
	  position_text },
	{ "loc-get-gnss-sv-info", "loc-follow-gnss-sv-info",
	  QK_LOC_EVENT_REGISTRATION_FLAG_GNSS_SATELLITE_INFO, &qk_loc_gnss_sv_info_message,
	  satellites_text },
	{ NULL, "loc-follow-nmea", QK_LOC_EVENT_REGISTRATION_FLAG_NMEA, &qk_loc_nmea_message,
	  nmea_text },
};

enum { WATCHES = sizeof(watches) / sizeof(watches[0]) };

/* Listens, and has the modem tell. 0 or an exit code. */
static int register_events(struct steps *steps, uint64_t events)
{
	const struct qk_loc_register_events_request request = {
		.has_event_registration_mask = true,
		.event_registration_mask = events,
	};

	if (steps_listen(steps))
		return steps->failure->code;
	return steps_call(steps, &qk_loc_register_events_method, &request,
			  "couldn't register location tracking events")
		       ? 0
		       : steps->failure->code;
}

/* Whether a report has a position, or hope of one; else a failure is set. */
static bool is_good(struct steps *steps, const struct watch *watch, const void *decoded)
{
	const struct qk_loc_position_report_indication *report = decoded;
	const char *name;

	if (watch->message != &qk_loc_position_report_message ||
	    report->session_status == QK_LOC_SESSION_STATUS_SUCCESS ||
	    report->session_status == QK_LOC_SESSION_STATUS_IN_PROGRESS)
		return true;
	name = qk_value_name(&qk_loc_session_status_values, report->session_status);
	failure_set(steps->failure, EXIT_REFUSED, "position report: the modem says: %s (%u)",
		    name ? name : "unknown", report->session_status);
	return false;
}

static int show(struct steps *steps, const struct watch *watch, const void *decoded)
{
	bool good = is_good(steps, watch, decoded);

	/* one document: what went wrong */
	if (!good && steps->json)
		return steps->failure->code;
	steps_show(steps, watch->message, decoded, watch->text);
	return steps->failure->code;
}

int loc_run_get(struct steps *steps, void *request)
{
	const struct watch *watch = watches;
	double seconds = steps_number(steps, "loc-timeout", 0);
	const void *decoded;

	(void)request;
	while (strcmp(watch->get, steps->action->command->name))
		watch++;
	if (register_events(steps, watch->event))
		return steps->failure->code;
	if (seconds <= 0)
		seconds = TIMEOUT_SEC;
	decoded = steps_wait(steps, watch->message, (uint64_t)seconds * USEC_PER_SEC);
	return decoded ? show(steps, watch, decoded) : steps->failure->code;
}

/* The watch that an indication is of, if it is followed; NULL: none. */
static const struct watch *followed(const struct steps *steps)
{
	for (size_t i = 0; i < WATCHES; i++)
		if (watches[i].message == steps->message && steps_setting(steps, watches[i].follow))
			return &watches[i];
	return NULL;
}

/* All are followed at once, by the action that was given first. */
static bool follows(const struct steps *steps, uint64_t *ret_events)
{
	const struct action *first = NULL;

	for (size_t i = 0; i < WATCHES; i++) {
		const struct action *action =
			options_action(steps->session->options, watches[i].follow);

		if (!action)
			continue;
		*ret_events |= watches[i].event;
		first = !first || action < first ? action : first;
	}
	return first == steps->action;
}

int loc_run_follow(struct steps *steps, void *request)
{
	uint64_t events = 0;
	const void *decoded;

	(void)request;
	if (!follows(steps, &events))
		return 0;
	if (register_events(steps, events))
		return steps->failure->code;
	while ((decoded = steps_wait(steps, NULL, STEPS_FOREVER))) {
		const struct watch *watch = followed(steps);

		if (watch && show(steps, watch, decoded))
			steps_warn(steps);
		if (watch && steps_flush(steps))
			return steps->failure->code;
	}
	/* Ctrl+C is how it is meant to end. */
	if (steps_interrupted(steps))
		steps_forgive(steps);
	return steps->failure->code;
}
