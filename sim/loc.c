/*
 * LOC: positioning sessions and what they report, as a view on the model's engine. What is set and injected is in
 * loc-settings.c.
 *
 * A client has one session. It reports once a second, or as often as it was asked to, from its start on: in
 * progress until there is a fix. Sentences and satellites come with each second of the engine, whoever has it on.
 */
#include <qmikit/loc.h>

#include <errno.h>
#include <string.h>

#include "modem.h"

#define INTERVAL_USEC 1000000
#define GPS_EPOCH_SEC 315964800
#define LEAP_SECONDS 18
#define WEEK_SEC 604800

/* Which events a client listens to: LOC's bits as the bits of `watch`. */
static const struct {
	uint64_t event;
	uint32_t watch;
} events[] = {
	{ QK_LOC_EVENT_REGISTRATION_FLAG_POSITION_REPORT, QK_SIM_LOC_WATCH_POSITION },
	{ QK_LOC_EVENT_REGISTRATION_FLAG_GNSS_SATELLITE_INFO, QK_SIM_LOC_WATCH_SATELLITES },
	{ QK_LOC_EVENT_REGISTRATION_FLAG_NMEA, QK_SIM_LOC_WATCH_NMEA },
	{ QK_LOC_EVENT_REGISTRATION_FLAG_ENGINE_STATE, QK_SIM_LOC_WATCH_ENGINE },
};

static uint16_t register_events(struct qk_sim_call *call)
{
	const struct qk_loc_register_events_request *request = call->request;

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		qk_sim_watch(call->client, events[i].watch, true,
			     request->event_registration_mask & events[i].event);
	return QK_ERROR_NONE;
}

/* --- sessions */

static bool any_session(const struct qk_sim *sim)
{
	for (size_t i = 0; i < sim->client_count; i++)
		if (sim->clients[i].service == QK_SERVICE_ID_LOC && sim->clients[i].loc.started)
			return true;
	return false;
}

static void stop_session(struct qk_sim *sim, struct qk_sim_client *client)
{
	client->loc.started = false;
	client->due_usec = QK_SIM_NEVER;
	if (!any_session(sim))
		(void)qk_sim_gnss_off(&sim->state, QK_SIM_GNSS_LOC);
}

static bool is_locked(const struct qk_sim_gnss *gnss)
{
	return gnss->lock == QK_LOC_LOCK_TYPE_MI || gnss->lock == QK_LOC_LOCK_TYPE_ALL;
}

static uint16_t start(struct qk_sim_call *call)
{
	const struct qk_loc_start_request *request = call->request;
	struct qk_sim_state *state = &call->sim->state;
	struct qk_sim_loc_client *session = &call->client->loc;
	uint64_t interval = request->has_minimum_interval_between_position_reports
				    ? request->minimum_interval_between_position_reports * 1000ull
				    : 0;

	if (is_locked(&state->gnss))
		return QK_ERROR_ACCESS_DENIED;
	session->started = true;
	session->session = request->session_id;
	session->fixes = 0;
	session->interval_usec = interval > INTERVAL_USEC ? interval : INTERVAL_USEC;
	session->single = request->has_fix_recurrence_type &&
			  request->fix_recurrence_type == QK_LOC_FIX_RECURRENCE_TYPE_SINGLE_FIX;
	session->no_intermediate =
		request->has_intermediate_report_state &&
		request->intermediate_report_state == QK_LOC_INTERMEDIATE_REPORT_STATE_DISABLE;
	call->client->due_usec = state->now_usec + INTERVAL_USEC;
	(void)qk_sim_gnss_on(state, QK_SIM_GNSS_LOC);
	return QK_ERROR_NONE;
}

static uint16_t stop(struct qk_sim_call *call)
{
	const struct qk_loc_stop_request *request = call->request;
	const struct qk_sim_loc_client *session = &call->client->loc;

	if (!session->started || session->session != request->session_id)
		return QK_ERROR_SESSION_INVALID;
	stop_session(call->sim, call->client);
	return QK_ERROR_NONE;
}

/* --- position reports */

static void fill_time(const struct qk_sim_fix *fix,
		      struct qk_loc_position_report_indication *report)
{
	uint64_t gps = fix->utc_usec / 1000000 - GPS_EPOCH_SEC + LEAP_SECONDS;

	report->has_utc_timestamp = true;
	report->utc_timestamp = fix->utc_usec / 1000;
	report->has_leap_seconds = true;
	report->leap_seconds = LEAP_SECONDS;
	report->has_gps_date_time = true;
	report->gps_date_time.gps_weeks = (uint16_t)(gps / WEEK_SEC);
	report->gps_date_time.gps_time_of_week_milliseconds = (uint32_t)(gps % WEEK_SEC) * 1000;
	report->has_time_uncertainty = true;
	report->time_uncertainty = 10;
	report->has_time_source = true;
	report->time_source = QK_LOC_TIME_SOURCE_TOW_AND_WEEK_CONFIRMED;
}

static void fill_place(const struct qk_sim_fix *fix,
		       struct qk_loc_position_report_indication *report)
{
	float accuracy = (float)fix->accuracy_mm / 1000;

	report->has_latitude = report->has_longitude = true;
	report->latitude = fix->point.latitude / 1e7;
	report->longitude = fix->point.longitude / 1e7;
	report->has_horizontal_uncertainty_circular = true;
	report->horizontal_uncertainty_circular = accuracy;
	report->has_horizontal_confidence = true;
	report->horizontal_confidence = 63;
	report->has_horizontal_reliability = true;
	report->horizontal_reliability = QK_LOC_RELIABILITY_HIGH;
	report->has_altitude_from_sealevel = report->has_altitude_from_ellipsoid = true;
	report->altitude_from_sealevel = (float)fix->altitude_dm / 10;
	report->altitude_from_ellipsoid = (float)(fix->altitude_dm + fix->geoid_dm) / 10;
	report->has_vertical_uncertainty = true;
	report->vertical_uncertainty = accuracy * 2;
	report->has_horizontal_speed = report->has_heading = true;
	report->horizontal_speed = (float)fix->speed_mm_s / 1000;
	report->heading = (float)fix->course_deg_tenth / 10;
	report->has_dop = true;
	report->dop.pdop = (float)fix->pdop_tenth / 10;
	report->dop.hdop = (float)fix->hdop_tenth / 10;
	report->dop.vdop = (float)fix->vdop_tenth / 10;
	report->has_technology_used = true;
	report->technology_used = QK_LOC_TECHNOLOGY_USED_SATELLITE;
}

static void fill_satellites_used(struct qk_sim *sim,
				 struct qk_loc_position_report_indication *report)
{
	struct qk_sim_satellite satellites[QK_SIM_GNSS_SATELLITES_MAX];
	size_t count = qk_sim_gnss_satellites(&sim->state, satellites);
	uint16_t *ids = qk_arena_take(&sim->arena, count * sizeof(*ids));

	if (!ids)
		return;
	for (size_t i = 0; i < count; i++)
		if (satellites[i].used)
			ids[report->satellites_used.count++] = satellites[i].id;
	report->has_satellites_used = true;
	report->satellites_used.items = ids;
}

/* The client's second, or what it takes for one, has come. */
static void report_due(struct qk_sim *sim, struct qk_sim_client *client)
{
	struct qk_sim_loc_client *session = &client->loc;
	struct qk_sim_fix fix = qk_sim_gnss_fix(&sim->state);

	if (!session->started)
		return;
	client->due_usec =
		sim->state.now_usec + (fix.valid ? session->interval_usec : INTERVAL_USEC);
	sim->arena.used = 0;
	struct qk_loc_position_report_indication *report =
		qk_arena_take(&sim->arena, sizeof(*report));
	if (!report || (!fix.valid && session->no_intermediate))
		return;
	report->has_session_status = report->has_session_id = true;
	report->session_status =
		fix.valid ? QK_LOC_SESSION_STATUS_SUCCESS : QK_LOC_SESSION_STATUS_IN_PROGRESS;
	report->session_id = session->session;
	if (fix.valid) {
		fill_place(&fix, report);
		fill_time(&fix, report);
		fill_satellites_used(sim, report);
		report->has_session_fix_count = true;
		report->session_fix_count = session->fixes++;
	}
	if (client->watch & QK_SIM_LOC_WATCH_POSITION)
		qk_sim_tell(sim, client, &qk_loc_position_report_message, report);
	if (fix.valid && session->single)
		stop_session(sim, client);
}

/* --- what comes with each second */

/* One indication a sentence. */
static bool nmea_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_loc_nmea_indication *nmea = indication;
	char *text = qk_arena_take(&sim->arena, QK_SIM_GNSS_NMEA_MAX);

	if (!text)
		return false;
	qk_sim_gnss_nmea(&sim->state, sim->state.gnss.nmea_types, text, QK_SIM_GNSS_NMEA_MAX);
	while (*text) {
		const char *end = strstr(text, "\r\n");
		if (!end)
			break;
		nmea->has_nmea_string = true;
		nmea->nmea_string = (struct qk_string){ text, (size_t)(end + 2 - text) };
		qk_sim_tell(sim, client, &qk_loc_nmea_message, nmea);
		text += nmea->nmea_string.size;
	}
	return false;
}

static struct qk_loc_satellite describe(const struct qk_sim_satellite *satellite)
{
	bool heard = satellite->snr_db;

	return (struct qk_loc_satellite){
		.valid_information =
			QK_LOC_SATELLITE_VALID_INFORMATION_SYSTEM |
			QK_LOC_SATELLITE_VALID_INFORMATION_GNSS_SATELLITE_ID |
			QK_LOC_SATELLITE_VALID_INFORMATION_HEALTH_STATUS |
			QK_LOC_SATELLITE_VALID_INFORMATION_PROCESS_STATUS |
			QK_LOC_SATELLITE_VALID_INFORMATION_ELEVATION |
			QK_LOC_SATELLITE_VALID_INFORMATION_AZIMUTH |
			(heard ? QK_LOC_SATELLITE_VALID_INFORMATION_SIGNAL_TO_NOISE_RATIO : 0),
		.system = QK_LOC_SYSTEM_GPS,
		.gnss_satellite_id = satellite->id,
		.health_status = QK_LOC_HEALTH_STATUS_HEALTHY,
		.satellite_status = heard ? QK_LOC_SATELLITE_STATUS_TRACKING
					  : QK_LOC_SATELLITE_STATUS_SEARCHING,
		.navigation_data =
			heard ? QK_LOC_NAVIGATION_DATA_EPHEMERIS : QK_LOC_NAVIGATION_DATA_ALMANAC,
		.elevation_degrees = satellite->elevation_deg,
		.azimuth_degrees = satellite->azimuth_deg,
		.signal_to_noise_ratio_bhz = satellite->snr_db,
	};
}

static bool satellites_news(struct qk_sim *sim, const struct qk_sim_client *client,
			    void *indication)
{
	struct qk_loc_gnss_sv_info_indication *info = indication;
	struct qk_sim_satellite satellites[QK_SIM_GNSS_SATELLITES_MAX];
	size_t count = qk_sim_gnss_satellites(&sim->state, satellites);

	(void)client;
	info->list.items = qk_arena_take(&sim->arena, count * sizeof(*info->list.items));
	if (!info->list.items)
		return false;
	for (size_t i = 0; i < count; i++)
		info->list.items[i] = describe(&satellites[i]);
	info->list.count = count;
	info->has_list = info->has_altitude_assumed = true;
	return true;
}

static bool engine_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_loc_engine_state_indication *engine = indication;
	bool on = sim->state.gnss.users;

	engine->has_engine_state = true;
	engine->engine_state = on ? QK_LOC_ENGINE_STATE_ON : QK_LOC_ENGINE_STATE_OFF;
	return on != client->loc.engine_on;
}

static void told(struct qk_sim *sim, struct qk_sim_client *client)
{
	client->loc.engine_on = sim->state.gnss.users;
}

static const struct qk_sim_handler handlers[] = {
	{ "register-events", register_events },
	{ "start", start },
	{ "stop", stop },
	{ "inject-predicted-orbits-data", qk_sim_loc_inject_orbits },
	{ "get-predicted-orbits-data-source", qk_sim_loc_get_orbits_source },
	{ "inject-position", qk_sim_loc_inject_position },
	{ "inject-utc-time", qk_sim_loc_inject_time },
	{ "set-engine-lock", qk_sim_loc_set_engine_lock },
	{ "get-engine-lock", qk_sim_loc_get_engine_lock },
	{ "set-nmea-types", qk_sim_loc_set_nmea_types },
	{ "get-nmea-types", qk_sim_loc_get_nmea_types },
	{ "set-server", qk_sim_loc_set_server },
	{ "get-server", qk_sim_loc_get_server },
	{ "delete-assistance-data", qk_sim_loc_delete_assistance },
	{ "set-operation-mode", qk_sim_loc_set_operation_mode },
	{ "get-operation-mode", qk_sim_loc_get_operation_mode },
	{ "inject-xtra-data", qk_sim_loc_inject_xtra },
};

static const struct qk_sim_news news[] = {
	{ QK_SIM_CHANGED_NMEA, QK_SIM_LOC_WATCH_NMEA, "nmea", nmea_news },
	{ QK_SIM_CHANGED_NMEA, QK_SIM_LOC_WATCH_SATELLITES, "gnss-sv-info", satellites_news },
	{ QK_SIM_CHANGED_POSITION, QK_SIM_LOC_WATCH_ENGINE, "engine-state", engine_news },
};

const struct qk_sim_service_table qk_sim_loc = {
	.service = QK_SERVICE_ID_LOC,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.news = news,
	.news_count = sizeof(news) / sizeof(news[0]),
	.told = told,
	.due = report_due,
	.released = stop_session,
};
