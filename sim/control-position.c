/*
 * Control, position: where the modem is, which way it goes, whether it sees the sky.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control-table.h"

struct place {
	double latitude, longitude, altitude;
};

struct way {
	char points[1024];
	double speed, altitude;
};

struct sky {
	bool open;
};

#define ALTITUDE_MIN (-1000)
#define ALTITUDE_MAX 20000
#define SPEED_MAX 400

static const struct qk_sim_member place_members[] = {
	{ "latitude", REAL, QK_CONTROL_AT(place, latitude), .min = -90, .max = 90 },
	{ "longitude", REAL, QK_CONTROL_AT(place, longitude), .min = -180, .max = 180 },
	{ "altitude", REAL, QK_CONTROL_AT(place, altitude), .min = ALTITUDE_MIN,
	  .max = ALTITUDE_MAX, .optional = true },
};
static const struct qk_sim_member way_members[] = {
	{ "points", TEXT, QK_CONTROL_AT(way, points) },
	{ "speed", REAL, QK_CONTROL_AT(way, speed), .max = SPEED_MAX },
	{ "altitude", REAL, QK_CONTROL_AT(way, altitude), .min = ALTITUDE_MIN, .max = ALTITUDE_MAX,
	  .optional = true },
};
static const struct qk_sim_member sky_members[] = {
	{ "open", BOOL, QK_CONTROL_AT(sky, open) },
};

static int32_t scaled(double number, double scale)
{
	return (int32_t)(number * scale + (number < 0 ? -0.5 : 0.5));
}

static void prepare_place(const struct qk_sim_state *state, void *arguments)
{
	((struct place *)arguments)->altitude = state->gnss.route.altitude_dm / 10.0;
}

static void prepare_way(const struct qk_sim_state *state, void *arguments)
{
	((struct way *)arguments)->altitude = state->gnss.route.altitude_dm / 10.0;
}

static int set_route(struct qk_control_call *call, const struct qk_sim_route *route)
{
	if (qk_sim_gnss_set_route(call->state, route) < 0)
		return qk_control_refuse(call, "the way is none on this earth");
	return 0;
}

static int set_place(struct qk_control_call *call)
{
	const struct place *place = call->arguments;
	const struct qk_sim_route route = {
		.points = { { scaled(place->latitude, 1e7), scaled(place->longitude, 1e7) } },
		.count = 1,
		.altitude_dm = scaled(place->altitude, 10),
	};

	return set_route(call, &route);
}

/* "LATITUDE,LONGITUDE" and what ends it. */
static const char *read_point(const char *text, struct qk_sim_point *ret)
{
	char *end;
	double latitude = strtod(text, &end);

	if (end == text || *end != ',' || !(latitude >= -90 && latitude <= 90))
		return NULL;
	text = end + 1;
	double longitude = strtod(text, &end);
	if (end == text || !(longitude >= -180 && longitude <= 180))
		return NULL;
	*ret = (struct qk_sim_point){ scaled(latitude, 1e7), scaled(longitude, 1e7) };
	return end;
}

static int set_way(struct qk_control_call *call)
{
	const struct way *way = call->arguments;
	struct qk_sim_route route = { .speed_mm_s = (uint32_t)(way->speed * 1000 + 0.5),
				      .altitude_dm = scaled(way->altitude, 10) };
	const char *text = way->points;

	while (*text) {
		if (route.count == QK_SIM_GNSS_POINTS_MAX)
			return qk_control_refuse(call, "route: more than %d points",
						 QK_SIM_GNSS_POINTS_MAX);
		const char *end = read_point(text, &route.points[route.count++]);
		if (!end || (*end && *end != ' ' && *end != ';'))
			return qk_control_refuse(
				call,
				"route: points are \"LATITUDE,LONGITUDE LATITUDE,LONGITUDE ...\"");
		text = end + strspn(end, " ;");
	}
	return set_route(call, &route);
}

static int set_sky(struct qk_control_call *call)
{
	const struct sky *sky = call->arguments;

	qk_sim_gnss_set_sky(call->state, sky->open);
	return 0;
}

json_t *qk_control_gnss(const struct qk_sim_state *state)
{
	const struct qk_sim_fix fix = qk_sim_gnss_fix(state);
	json_t *object = json_pack("{s:b, s:b, s:b}", "on", state->gnss.users != 0, "sky",
				   !state->gnss.no_sky, "fix", fix.valid);

	if (fix.valid) {
		json_object_set_new(object, "latitude", json_real(fix.point.latitude / 1e7));
		json_object_set_new(object, "longitude", json_real(fix.point.longitude / 1e7));
		json_object_set_new(object, "altitude", json_real(fix.altitude_dm / 10.0));
		json_object_set_new(object, "speed", json_real(fix.speed_mm_s / 1000.0));
		json_object_set_new(object, "satellites", json_integer(fix.satellites));
	}
	return object;
}

#define MEMBERS(members, type) members, QK_CONTROL_COUNT(members), sizeof(struct type)

static const struct qk_control_row rows[] = {
	{ "position", "where it is, in degrees and metres", MEMBERS(place_members, place),
	  set_place, prepare_place },
	{ "route", "way points that it goes along with SPEED (m/s), and back to the first",
	  MEMBERS(way_members, way), set_way, prepare_way },
	{ "sky", "whether satellites are received", MEMBERS(sky_members, sky), set_sky },
};

const struct qk_control_rows qk_control_position_rows = { rows, QK_CONTROL_COUNT(rows) };
