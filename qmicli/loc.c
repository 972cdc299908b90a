/*
 * LOC: where the modem is. Most answers come as an indication behind an empty response; the watching of
 * positions, satellites and NMEA is in loc-watch.c.
 */
#include <qmikit/loc.h>

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "loc-watch.h"
#include "services.h"

enum { MSEC_PER_SEC = 1000, INTERVAL_MSEC = 1000 };

static const char session_option[] = "loc-session-id";

/* Both are told with the number of the session, which the answer has not. */
static int tell_session(struct steps *steps, const struct qk_method *method, const void *response,
			const char *what, uint8_t id)
{
	if (response)
		steps_show(steps, method->response, response, NULL);
	if (response)
		steps_say(steps, "[%s] Successfully %s location tracking (session id %u)\n",
			  steps->session->target->name, what, id);
	return steps->failure->code;
}

static int run_start(struct steps *steps, void *request)
{
	struct qk_loc_start_request *start = request;
	const void *response;

	start->has_session_id = true;
	start->session_id = (uint8_t)steps_number(steps, session_option, 0);
	response =
		steps_call(steps, &qk_loc_start_method, start, "couldn't start location tracking");
	return tell_session(steps, &qk_loc_start_method, response, "started", start->session_id);
}

static int run_stop(struct steps *steps, void *request)
{
	struct qk_loc_stop_request *stop = request;
	const void *response;

	stop->has_session_id = true;
	stop->session_id = (uint8_t)steps_number(steps, session_option, 0);
	response = steps_call(steps, &qk_loc_stop_method, stop, "couldn't stop location tracking");
	return tell_session(steps, &qk_loc_stop_method, response, "stopped", stop->session_id);
}

/* --- What is injected. A host knows its place to a kilometre, and its time to a second: better is not
 * to be claimed, since the engine searches no further. */

enum { PLACE_UNCERTAINTY_M = 1000, PLACE_CONFIDENCE_PERCENT = 68, TIME_UNCERTAINTY_MSEC = 1000 };

static uint64_t now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * MSEC_PER_SEC + (uint64_t)ts.tv_nsec / 1000000;
}

static int run_inject_position(struct steps *steps, void *request)
{
	struct qk_loc_inject_position_request *inject = request;

	inject->has_longitude = true;
	inject->longitude = steps_number(steps, "loc-inject-position-longitude", 0);
	inject->has_horizontal_uncertainty_circular = true;
	inject->horizontal_uncertainty_circular = PLACE_UNCERTAINTY_M;
	inject->has_utc_timestamp = true;
	inject->utc_timestamp = now_msec();
	return steps_row(steps, inject) ? 0 : steps->failure->code;
}

static int run_inject_time(struct steps *steps, void *request)
{
	struct qk_loc_inject_utc_time_request *inject = request;

	inject->has_utc_time = true;
	inject->utc_time = now_msec();
	return steps_row(steps, inject) ? 0 : steps->failure->code;
}

static const struct command_preset inject_position_presets[] = {
	{ "position-source", QK_LOC_POSITION_SOURCE_OTHER },
	{ "horizontal-confidence", PLACE_CONFIDENCE_PERCENT },
	{ 0 },
};

static const struct command_preset inject_time_presets[] = {
	{ "time-uncertainty", TIME_UNCERTAINTY_MSEC },
	{ "time-source", QK_LOC_INJECTED_TIME_SOURCE_UNKNOWN },
	{ 0 },
};

/* As ISO 8601 has it. */
static void print_validity(const struct text_scope *scope, struct output *out)
{
	time_t start = (time_t)text_number(scope, "start-utc-timestamp", 0);
	char text[32] = "(null)";
	struct tm tm;

	if (gmtime_r(&start, &tm) && tm.tm_year < 10000 - 1900)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	output_printf(out,
		      "Successfully retrieved validity info: %s, valid for %" PRId64 " hours\n",
		      text, text_number(scope, "duration-hours", 0));
}

static const struct text_row validity_text[] = {
	{ .when = TEXT_PRESENT, .path = "validity-info", TEXT_PRINT(print_validity) },
	TEXT_END,
};

static const struct text_row data_source_text[] = {
	TEXT_LINE("[{@device}] Predicted orbits data source received:\n"),
	TEXT_IF("allowed-sizes", "\t   Allowed max file size: '{max-file-size}'\n"
				 "\t   Allowed max part size: '{max-part-size}'\n"),
	{ .when = TEXT_EACH, .path = "server-list", .text = "\t   Server {@1}: '{url}'\n" },
	TEXT_LINE("\nSuccessfully retrieved predicted orbits data source\n"),
	TEXT_END,
};

static const struct command_preset start_presets[] = {
	{ "intermediate-report-state", QK_LOC_INTERMEDIATE_REPORT_STATE_ENABLE },
	{ "minimum-interval-between-position-reports", INTERVAL_MSEC },
	{ "fix-recurrence-type", QK_LOC_FIX_RECURRENCE_TYPE_PERIODIC_FIXES },
	{ 0 },
};

static const struct command_preset delete_presets[] = { { "delete-all", true }, { 0 } };

static const struct command commands[] = {
	{ .name = "loc-session-id",
	  .setting = SETTING_NUMBER,
	  .help = "The session that --loc-start and --loc-stop are about (0)",
	  .argument = TAKES("ID", .how = RANGE(0, UINT8_MAX)) },
	{ .name = "loc-start",
	  .method = "loc/start",
	  .help = "Start positioning; give --client-no-release-cid, or it ends at once",
	  .course = COURSE(.presets = start_presets, .run = run_start) },
	{ .name = "loc-stop",
	  .method = "loc/stop",
	  .help = "Stop positioning; give --client-cid with the client that started it",
	  .course = COURSE(.run = run_stop) },
	{ .name = "loc-get-position-report",
	  .help = "Wait for one position and show it",
	  .course = COURSE(.run = loc_run_get) },
	{ .name = "loc-get-gnss-sv-info",
	  .help = "Wait for one report of the satellites and show it",
	  .course = COURSE(.run = loc_run_get) },
	{ .name = "loc-timeout",
	  .setting = SETTING_NUMBER,
	  .help = "How long these two wait (30)",
	  .argument = TAKES("SECONDS", .how = RANGE(0, INT32_MAX)),
	  .course = COURSE(.with = NAMES("loc-get-position-report", "loc-get-gnss-sv-info")) },
	{ .name = "loc-follow-position-report",
	  .help = "Show each position until Ctrl+C",
	  .course = COURSE(.run = loc_run_follow) },
	{ .name = "loc-follow-gnss-sv-info",
	  .help = "Show each report of the satellites until Ctrl+C",
	  .course = COURSE(.run = loc_run_follow) },
	{ .name = "loc-follow-nmea",
	  .help = "Show each NMEA sentence until Ctrl+C",
	  .course = COURSE(.run = loc_run_follow) },
	{ .name = "loc-delete-assistance-data",
	  .method = "loc/delete-assistance-data",
	  .told = true,
	  .help = "Have the engine forget what it knows of satellites, place and time",
	  .course = COURSE(.presets = delete_presets),
	  .failure = "couldn't delete assistance data",
	  .text = TEXT_ROWS(TEXT_LINE("Successfully deleted assistance data\n")) },
	{ .name = "loc-get-nmea-types",
	  .method = "loc/get-nmea-types",
	  .told = true,
	  .help = "Show which NMEA sentences are on",
	  .course = COURSE(.needs = NAMES("nmea-types")),
	  .failure = "couldn't get NMEA types",
	  .text = TEXT_ROWS(
		  TEXT_IF("nmea-types", "Successfully retrieved NMEA types: {nmea-types}\n")) },
	{ .name = "loc-set-nmea-types",
	  .method = "loc/set-nmea-types",
	  .told = true,
	  .help = "Set which NMEA sentences are on: gga, rmc, gsv, gsa, vtg, pqxfi, pstis, all",
	  .argument = TAKES("TYPE|TYPE|...", .field = "nmea-types"),
	  .failure = "couldn't set NMEA types",
	  .text = TEXT_ROWS(TEXT_LINE("Successfully set NMEA types\n")) },
	{ .name = "loc-get-operation-mode",
	  .method = "loc/get-operation-mode",
	  .told = true,
	  .help = "Show who helps the engine",
	  .course = COURSE(.needs = NAMES("operation-mode")),
	  .failure = "couldn't get operation mode",
	  .text = TEXT_ROWS(TEXT_IF("operation-mode", "Successfully retrieved operation mode: "
						      "{operation-mode}\n")) },
	{ .name = "loc-set-operation-mode",
	  .method = "loc/set-operation-mode",
	  .told = true,
	  .help = "Set who helps the engine",
	  .argument = TAKES("default|msb|msa|standalone|cellid|wwan", .field = "operation-mode"),
	  .failure = "couldn't set operation mode",
	  .text = TEXT_ROWS(TEXT_LINE("Successfully set operation mode\n")) },
	{ .name = "loc-get-engine-lock",
	  .method = "loc/get-engine-lock",
	  .told = true,
	  .help = "Show which sessions are locked",
	  .course = COURSE(.needs = NAMES("lock-type")),
	  .failure = "couldn't get engine lock",
	  .text = TEXT_ROWS(
		  TEXT_IF("lock-type", "Successfully retrieved engine lock: {lock-type}\n")) },
	{ .name = "loc-set-engine-lock",
	  .method = "loc/set-engine-lock",
	  .told = true,
	  .help = "Lock sessions of the modem's side (mi), of the network's (mt), or both",
	  .argument = TAKES("none|mi|mt|all", .field = "lock-type"),
	  .failure = "couldn't set engine lock",
	  .text = TEXT_ROWS(TEXT_LINE("Successfully set engine lock\n")) },
	/* From here on newer than libqmi 1.32: no peer has judged them. */
	{ .name = "loc-inject-position-latitude",
	  .method = "loc/inject-position",
	  .told = true,
	  .help = "Tell the engine where it is, to a kilometre; north is positive",
	  .argument = TAKES("DEGREES", .field = "latitude", .how = RANGE(-90, 90)),
	  .course = COURSE(.presets = inject_position_presets, .run = run_inject_position,
			   .with = NAMES("loc-inject-position-longitude")),
	  .failure = "couldn't inject position",
	  .text = TEXT_ROWS(TEXT_LINE("Successfully inject position\n")) },
	{ .name = "loc-inject-position-longitude",
	  .setting = SETTING_REAL,
	  .help = "... with this longitude; east is positive",
	  .argument = TAKES("DEGREES", .how = RANGE(-180, 180)),
	  .course = COURSE(.with = NAMES("loc-inject-position-latitude")) },
	{ .name = "loc-inject-time",
	  .method = "loc/inject-utc-time",
	  .told = true,
	  .help = "Tell the engine what time it is here",
	  .course = COURSE(.presets = inject_time_presets, .run = run_inject_time),
	  .failure = "couldn't inject time",
	  .text = TEXT_ROWS(TEXT_LINE("Successfully injected time\n")) },
	{ .name = "loc-get-predicted-orbits-data-source",
	  .method = "loc/get-predicted-orbits-data-source",
	  .told = true,
	  .help = "Show where predicted orbits are to be had",
	  .course = COURSE(.needs = NAMES("server-list")),
	  .failure = "couldn't get predicted orbits data source",
	  .text = data_source_text },
	{ .name = "loc-get-predicted-orbits-data-validity",
	  .method = "loc/get-predicted-orbits-data-validity",
	  .told = true,
	  .help = "Show for how long the predicted orbits are good",
	  .course = COURSE(.needs = NAMES("validity-info")),
	  .failure = "couldn't get predicted orbits data validity",
	  .text = validity_text },
	COMMAND_NOOP(loc),
	{ 0 },
};

const struct command_service commands_loc = { QK_SERVICE_ID_LOC, "loc", "Location Service",
					      commands };
