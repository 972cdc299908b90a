/*
 * GNSS: the engine, the way along the route, the sky (see gnss.h). Sentences are in nmea.c.
 *
 * Everything follows from the time and the seed: the same question at the same time has the same answer.
 */
#include "gnss.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "profile.h"
#include "seed.h"
#include "state.h"

/* A rhythm, not something that takes time: by a shorter time scale it would be more than the bus carries. */
#define TICK_USEC 1000000
/* With what it remembers of the sky the engine needs no more than this [C]. */
#define HOT_FIX_USEC 1000000
#define UNITS_A_DEGREE 1e7
#define LATITUDE_MAX 890000000
#define LONGITUDE_MAX 1800000000
#define METRES_A_DEGREE 111194.9 /* of a sphere of 6371 km */
#define SPEED_MAX_MM_S 300000
#define IN_VIEW 11
#define USED 9
#define GEOID_DM 465 /* of western Europe, above the ellipsoid */

/* --- the engine */

static void changed(struct qk_sim_state *state)
{
	state->changed |= QK_SIM_CHANGED_POSITION;
}

static bool is_on(const struct qk_sim_state *state)
{
	return state->gnss.users;
}

static void look_for_fix(struct qk_sim_state *state)
{
	struct qk_sim_gnss *gnss = &state->gnss;
	uint64_t usec = state->profile->gnss.first_fix_usec;

	if (gnss->warm && usec > HOT_FIX_USEC)
		usec = HOT_FIX_USEC;
	gnss->fix_usec = gnss->no_sky ? QK_SIM_NEVER : qk_sim_after(state, usec);
}

int qk_sim_gnss_on(struct qk_sim_state *state, uint32_t user)
{
	struct qk_sim_gnss *gnss = &state->gnss;
	bool was_on = is_on(state);

	if (gnss->users & user)
		return -EALREADY;
	gnss->users |= user;
	if (was_on)
		return 0;
	gnss->on_usec = state->now_usec;
	gnss->tick_usec = state->now_usec + TICK_USEC;
	gnss->fix_count = 0;
	look_for_fix(state);
	changed(state);
	return 0;
}

int qk_sim_gnss_off(struct qk_sim_state *state, uint32_t user)
{
	struct qk_sim_gnss *gnss = &state->gnss;

	if (!(gnss->users & user))
		return -ENOENT;
	gnss->users &= ~user;
	if (is_on(state))
		return 0;
	gnss->tick_usec = gnss->fix_usec = QK_SIM_NEVER;
	changed(state);
	return 0;
}

void qk_sim_gnss_set_sky(struct qk_sim_state *state, bool sky)
{
	struct qk_sim_gnss *gnss = &state->gnss;

	if (gnss->no_sky == !sky)
		return;
	gnss->no_sky = !sky;
	if (!is_on(state))
		return;
	look_for_fix(state);
	changed(state);
}

void qk_sim_gnss_forget(struct qk_sim_state *state)
{
	state->gnss.warm = false;
	if (!is_on(state))
		return;
	look_for_fix(state);
	changed(state);
}

int qk_sim_gnss_set_route(struct qk_sim_state *state, const struct qk_sim_route *route)
{
	if (!route->count || route->count > QK_SIM_GNSS_POINTS_MAX ||
	    route->speed_mm_s > SPEED_MAX_MM_S)
		return -EINVAL;
	for (uint32_t i = 0; i < route->count; i++) {
		const struct qk_sim_point *point = &route->points[i];
		if (point->latitude < -LATITUDE_MAX || point->latitude > LATITUDE_MAX ||
		    point->longitude < -LONGITUDE_MAX || point->longitude > LONGITUDE_MAX)
			return -EINVAL;
	}
	state->gnss.route = *route;
	state->gnss.moving_usec = state->now_usec;
	return 0;
}

/* --- where it is */

/* A leg of the route in metres to the east and to the north. */
struct leg {
	double east, north, length;
};

static struct leg leg_of(const struct qk_sim_route *route, uint32_t from)
{
	const struct qk_sim_point *a = &route->points[from],
				  *b = &route->points[(from + 1) % route->count];
	double middle = (a->latitude + b->latitude) / 2.0 / UNITS_A_DEGREE;
	double degrees = (b->longitude - (double)a->longitude) / UNITS_A_DEGREE;
	struct leg leg;

	/* the short way round */
	if (degrees > 180)
		degrees -= 360;
	else if (degrees < -180)
		degrees += 360;
	leg.east = degrees * METRES_A_DEGREE * cos(middle * M_PI / 180);
	leg.north = (b->latitude - (double)a->latitude) / UNITS_A_DEGREE * METRES_A_DEGREE;
	leg.length = sqrt(leg.east * leg.east + leg.north * leg.north);
	return leg;
}

static int32_t between(int32_t a, int32_t b, double part)
{
	double way = (double)b - a;

	return (int32_t)lround(a + way * part);
}

static int32_t longitude_between(int32_t a, int32_t b, double part)
{
	const double round = 2.0 * LONGITUDE_MAX;
	double way = (double)b - a;

	if (way > LONGITUDE_MAX)
		way -= round;
	else if (way < -LONGITUDE_MAX)
		way += round;
	double at = a + way * part;
	if (at > LONGITUDE_MAX)
		at -= round;
	else if (at < -LONGITUDE_MAX)
		at += round;
	return (int32_t)lround(at);
}

/* Fills in place, speed and course. */
static void place(const struct qk_sim_state *state, struct qk_sim_fix *fix)
{
	const struct qk_sim_route *route = &state->gnss.route;
	double whole = 0;

	fix->point = route->points[0];
	for (uint32_t i = 0; i < route->count; i++)
		whole += leg_of(route, i).length;
	if (route->count < 2 || !route->speed_mm_s || whole < 1)
		return;
	double gone =
		(double)(state->now_usec - state->gnss.moving_usec) / 1e6 * route->speed_mm_s / 1e3;
	gone = fmod(gone, whole);
	uint32_t i = 0;
	for (; i + 1 < route->count && gone >= leg_of(route, i).length; i++)
		gone -= leg_of(route, i).length;
	struct leg leg = leg_of(route, i);
	const struct qk_sim_point *a = &route->points[i],
				  *b = &route->points[(i + 1) % route->count];
	double part = leg.length > 0 ? gone / leg.length : 0;
	fix->point.latitude = between(a->latitude, b->latitude, part);
	fix->point.longitude = longitude_between(a->longitude, b->longitude, part);
	fix->speed_mm_s = route->speed_mm_s;
	double course = atan2(leg.east, leg.north) * 180 / M_PI;
	fix->course_deg_tenth = (uint32_t)lround((course < 0 ? course + 360 : course) * 10) % 3600;
}

struct qk_sim_fix qk_sim_gnss_fix(const struct qk_sim_state *state)
{
	struct qk_sim_fix fix = { .valid =
					  is_on(state) && state->gnss.fix_usec <= state->now_usec };

	if (!fix.valid)
		return fix;
	fix.utc_usec = (uint64_t)qk_sim_state_utc_usec(state);
	fix.altitude_dm = state->gnss.route.altitude_dm;
	fix.geoid_dm = GEOID_DM;
	fix.hdop_tenth = 9;
	fix.vdop_tenth = 14;
	fix.pdop_tenth = 17;
	fix.accuracy_mm = 4500;
	fix.satellites = USED;
	fix.three_d = true;
	place(state, &fix);
	return fix;
}

size_t qk_sim_gnss_satellites(const struct qk_sim_state *state, struct qk_sim_satellite *ret)
{
	const struct qk_sim_gnss *gnss = &state->gnss;
	uint64_t stream = qk_sim_stream(state->seed, "satellites");
	bool fix = is_on(state) && gnss->fix_usec <= state->now_usec;
	size_t heard = IN_VIEW;

	if (!is_on(state) || gnss->no_sky)
		return 0;
	/* until the first fix they are found one after the other */
	if (!fix && gnss->fix_usec > gnss->on_usec)
		heard = (size_t)((state->now_usec - gnss->on_usec) * IN_VIEW /
				 (gnss->fix_usec - gnss->on_usec));
	for (size_t i = 0; i < IN_VIEW; i++) {
		uint64_t wobble = stream ^ (state->now_usec / TICK_USEC);
		ret[i] = (struct qk_sim_satellite){
			/* 32 numbers in 11 lots: no two are the same */
			.id = (uint8_t)(1 + i * 2 + qk_sim_below(&stream, 2)),
			.elevation_deg = (uint8_t)(8 + qk_sim_below(&stream, 78)),
			.azimuth_deg = (uint16_t)qk_sim_below(&stream, 360),
			.snr_db = (uint8_t)(24 + qk_sim_below(&stream, 20)),
			.used = fix && i < USED,
		};
		ret[i].snr_db = i < heard ? (uint8_t)(ret[i].snr_db + qk_sim_below(&wobble, 3)) : 0;
	}
	return IN_VIEW;
}

/* --- time */

uint64_t qk_sim_gnss_next_usec(const struct qk_sim_state *state)
{
	return is_on(state) ? state->gnss.tick_usec : QK_SIM_NEVER;
}

void qk_sim_gnss_advance(struct qk_sim_state *state)
{
	struct qk_sim_gnss *gnss = &state->gnss;

	if (!is_on(state) || gnss->tick_usec > state->now_usec)
		return;
	/* seconds that nobody saw are not said again */
	gnss->tick_usec += ((state->now_usec - gnss->tick_usec) / TICK_USEC + 1) * TICK_USEC;
	state->changed |= QK_SIM_CHANGED_NMEA;
	if (gnss->fix_usec > state->now_usec)
		return;
	gnss->fix_count++;
	gnss->warm = true;
	changed(state);
}

void qk_sim_gnss_start(struct qk_sim_state *state)
{
	const struct qk_sim_profile *profile = state->profile;
	struct qk_sim_gnss *gnss = &state->gnss;

	*gnss = (struct qk_sim_gnss){ .moving_usec = state->now_usec };
	gnss->route.count = (uint32_t)profile->route_count;
	gnss->route.speed_mm_s = (uint32_t)lround(profile->gnss.speed_km_h / 3.6 * 1000);
	gnss->route.altitude_dm = (int32_t)lround(profile->gnss.altitude_m * 10);
	for (size_t i = 0; i < profile->route_count; i++)
		gnss->route.points[i] = (struct qk_sim_point){
			(int32_t)lround(profile->route[i].latitude * UNITS_A_DEGREE),
			(int32_t)lround(profile->route[i].longitude * UNITS_A_DEGREE),
		};
	qk_sim_gnss_reboot(state);
}

void qk_sim_gnss_reboot(struct qk_sim_state *state)
{
	struct qk_sim_gnss *gnss = &state->gnss;

	gnss->users = 0;
	gnss->nmea_types = QK_SIM_NMEA_ALL;
	gnss->tick_usec = gnss->fix_usec = QK_SIM_NEVER;
	gnss->warm = false;
	gnss->lock = gnss->operation_mode = 0;
	gnss->orbit_parts = 0;
}
