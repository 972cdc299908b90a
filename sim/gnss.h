/*
 * GNSS: the positioning engine, where the modem is, and the sentences it says about that.
 *
 * Owns: the engine's state. The route is the profile's unless told otherwise. Plain data, part of the
 * state.
 * Does not know: QMI, AT, the NMEA port.
 * Lifetime: that of the state; a reboot switches the engine off.
 * Called from: state.c (time), loc.c, the AT interpreter, the NMEA port, the control socket, tests.
 *
 * While the engine is on it ticks once a second: QK_SIM_CHANGED_NMEA says that the sentences of this
 * second are ready (qk_sim_gnss_nmea()), QK_SIM_CHANGED_POSITION that the engine went on or off, found
 * its first fix, or has a new one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct qk_sim_state;

#define QK_SIM_GNSS_POINTS_MAX 16
#define QK_SIM_GNSS_SATELLITES_MAX 16
#define QK_SIM_GNSS_SENTENCE_MAX 88 /* 82 of NMEA 0183, and what is longer in practice */
#define QK_SIM_GNSS_NMEA_MAX 1024   /* all sentences of one second */

/* Who has the engine on: bits. */
enum {
	QK_SIM_GNSS_AT = 1 << 0,  /* AT+QGPS=1 */
	QK_SIM_GNSS_LOC = 1 << 1, /* a session of LOC */
};

/* Which sentences: bits, in the order of LOC's NMEA types and of AT+QGPSCFG="gpsnmeatype" less one. */
enum {
	QK_SIM_NMEA_GGA = 1 << 0,
	QK_SIM_NMEA_RMC = 1 << 1,
	QK_SIM_NMEA_GSV = 1 << 2,
	QK_SIM_NMEA_GSA = 1 << 3,
	QK_SIM_NMEA_VTG = 1 << 4,
	QK_SIM_NMEA_ALL = (1 << 5) - 1,
};

/* A place, in 1e-7 degrees: north and east are positive. */
struct qk_sim_point {
	int32_t latitude, longitude;
};

/* Way points that the modem goes along, and back to the first one. One point: it stays there. */
struct qk_sim_route {
	struct qk_sim_point points[QK_SIM_GNSS_POINTS_MAX];
	uint32_t count;
	uint32_t speed_mm_s;
	int32_t altitude_dm;
};

struct qk_sim_satellite {
	uint8_t id; /* PRN of GPS */
	uint8_t elevation_deg;
	uint16_t azimuth_deg;
	uint8_t snr_db; /* 0: in view, not tracked */
	bool used;
};

/* Where the modem is. */
struct qk_sim_fix {
	bool valid;
	uint64_t utc_usec; /* since 1970 */
	struct qk_sim_point point;
	int32_t altitude_dm; /* above sea level */
	int32_t geoid_dm;    /* the geoid above the ellipsoid */
	uint32_t speed_mm_s;
	uint32_t course_deg_tenth; /* true */
	uint16_t hdop_tenth, pdop_tenth, vdop_tenth;
	uint32_t accuracy_mm;
	uint8_t satellites; /* used */
	bool three_d;
};

/* A server of assistance, as LOC's clients have set it. */
struct qk_sim_gnss_server {
	bool has_ipv4, has_ipv6;
	uint32_t ipv4; /* the first octet in the highest byte */
	uint16_t port4, ipv6[8];
	uint32_t port6;
	char url[257];
};

struct qk_sim_gnss {
	uint32_t users;       /* QK_SIM_GNSS_*; 0: off */
	uint32_t nmea_types;  /* QK_SIM_NMEA_* */
	uint64_t on_usec;     /* since when */
	uint64_t fix_usec;    /* when it has or had its first fix; QK_SIM_NEVER: no sky */
	uint64_t tick_usec;   /* the next second; QK_SIM_NEVER: off */
	uint64_t moving_usec; /* when it was at the route's first point */
	uint32_t fix_count;   /* since it is on */
	bool no_sky; /* nothing is received: no fix comes, and one that was there is lost */
	bool warm;   /* it had a fix since it came up: the next one comes sooner */
	uint8_t lock, operation_mode; /* what LOC's clients have set; 0: nothing */
	uint16_t orbit_parts;         /* of predicted orbits that were injected, so far */
	struct qk_sim_gnss_server
		servers[4]; /* by LOC's types, from CDMA PDE on; survive a reboot */
	struct qk_sim_route route;
};

/* Switches the engine on or off for one user. -EALREADY: it has it on; -ENOENT: it has not. */
int qk_sim_gnss_on(struct qk_sim_state *state, uint32_t user);
int qk_sim_gnss_off(struct qk_sim_state *state, uint32_t user);

/* Where the modem is; `valid` false while the engine is off or has no fix. */
struct qk_sim_fix qk_sim_gnss_fix(const struct qk_sim_state *state);
/* The satellites in view; how many (at most QK_SIM_GNSS_SATELLITES_MAX), 0 while the engine is off. */
size_t qk_sim_gnss_satellites(const struct qk_sim_state *state, struct qk_sim_satellite *ret);

/* All sentences of this second, each ended by CR LF, in the order in which the modem says them. The
 * bytes; `size` of QK_SIM_GNSS_NMEA_MAX is enough. */
size_t qk_sim_gnss_nmea(const struct qk_sim_state *state, uint32_t types, char *buffer,
			size_t size);

/* The modem is elsewhere, from now on. -EINVAL: a place that is not on the earth, no points or too
 * many, faster than a plane. */
int qk_sim_gnss_set_route(struct qk_sim_state *state, const struct qk_sim_route *route);
/* The engine forgets what it knew of the sky: the next fix takes as long as the first. */
void qk_sim_gnss_forget(struct qk_sim_state *state);
/* Takes the sky away or gives it back. */
void qk_sim_gnss_set_sky(struct qk_sim_state *state, bool sky);

/* For state.c. */
void qk_sim_gnss_start(struct qk_sim_state *state);
void qk_sim_gnss_reboot(struct qk_sim_state *state);
uint64_t qk_sim_gnss_next_usec(const struct qk_sim_state *state);
void qk_sim_gnss_advance(struct qk_sim_state *state);
