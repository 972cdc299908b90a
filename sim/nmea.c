/*
 * NMEA: the sentences of one second, as the EC25 writes them (see gnss.h). Without a fix they come with empty
 * fields. IEC 61162-1; the forms without a fix are those of a real EC25-EUX, whose checksum of GSA tells that it
 * has the field of NMEA 4.10 for the satellite system.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "gnss.h"
#include "state.h"

#define PER_GSV 4
#define IDS_OF_GSA 12

struct text {
	char *buffer;
	size_t size, used;
};

/* Appends one sentence: `body` is what stands between '$' and '*'. */
static void add(struct text *text, const char *body)
{
	char sentence[QK_SIM_GNSS_SENTENCE_MAX + 8];
	uint8_t sum = 0;

	for (const char *c = body; *c; c++)
		sum ^= (uint8_t)*c;
	int size = snprintf(sentence, sizeof(sentence), "$%s*%02X\r\n", body, sum);
	if (size < 0 || (size_t)size >= sizeof(sentence) || text->used + (size_t)size >= text->size)
		return;
	memcpy(text->buffer + text->used, sentence, (size_t)size + 1);
	text->used += (size_t)size;
}

/* A sentence on its way. */
struct body {
	char text[QK_SIM_GNSS_SENTENCE_MAX];
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void put(struct body *body, const char *format, ...)
{
	size_t room = sizeof(body->text) - body->used;
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(body->text + body->used, room, format, arguments);
	va_end(arguments);
	if (size > 0)
		body->used += (size_t)size < room ? (size_t)size : room - 1;
}

/* Degrees and minutes: "5231.2005,N". */
static void put_angle(struct body *body, int32_t angle, unsigned int digits, const char *letters)
{
	uint32_t size = angle < 0 ? (uint32_t) - (int64_t)angle : (uint32_t)angle;
	/* in 1/10000 minutes: 600000 a degree */
	uint64_t units = ((uint64_t)size * 6 + 50) / 100;

	put(body, "%0*u%02u.%04u,%c", (int)digits, (unsigned int)(units / 600000),
	    (unsigned int)(units % 600000 / 10000), (unsigned int)(units % 10000),
	    letters[angle < 0]);
}

static void put_place(struct body *body, const struct qk_sim_fix *fix)
{
	put_angle(body, fix->point.latitude, 2, "NS");
	put(body, ",");
	put_angle(body, fix->point.longitude, 3, "EW");
}

static void put_time(struct body *body, const struct qk_sim_fix *fix, const char *format)
{
	time_t seconds = (time_t)(fix->utc_usec / 1000000);
	struct tm utc;
	char text[32] = "";

	if (gmtime_r(&seconds, &utc))
		strftime(text, sizeof(text), format, &utc);
	put(body, "%s", text);
}

static void put_tenth(struct body *body, int64_t tenth)
{
	uint64_t size = (uint64_t)(tenth < 0 ? -tenth : tenth);

	put(body, "%s%u.%u", tenth < 0 ? "-" : "", (unsigned int)(size / 10),
	    (unsigned int)(size % 10));
}

/* In tenths: a knot is 1852 m an hour. */
static uint32_t knots_tenth(const struct qk_sim_fix *fix)
{
	return (uint32_t)(((uint64_t)fix->speed_mm_s * 36 + 926) / 1852);
}

static uint32_t km_h_tenth(const struct qk_sim_fix *fix)
{
	return (uint32_t)(((uint64_t)fix->speed_mm_s * 36 + 500) / 1000);
}

static void add_gsv(struct text *text, const struct qk_sim_state *state)
{
	struct qk_sim_satellite satellites[QK_SIM_GNSS_SATELLITES_MAX];
	size_t count = qk_sim_gnss_satellites(state, satellites);
	size_t sentences = (count + PER_GSV - 1) / PER_GSV;

	for (size_t i = 0; i < sentences; i++) {
		struct body body = { 0 };
		put(&body, "GPGSV,%zu,%zu,%02zu", sentences, i + 1, count);
		for (size_t k = i * PER_GSV; k < count && k < (i + 1) * PER_GSV; k++) {
			const struct qk_sim_satellite *satellite = &satellites[k];
			put(&body, ",%02u,%02u,%03u,", satellite->id, satellite->elevation_deg,
			    satellite->azimuth_deg);
			if (satellite->snr_db)
				put(&body, "%02u", satellite->snr_db);
		}
		add(text, body.text);
	}
}

static void add_vtg(struct text *text, const struct qk_sim_fix *fix)
{
	struct body body = { 0 };

	if (!fix->valid) {
		add(text, "GPVTG,,T,,M,,N,,K,N");
		return;
	}
	put(&body, "GPVTG,");
	put_tenth(&body, fix->course_deg_tenth);
	put(&body, ",T,,M,");
	put_tenth(&body, knots_tenth(fix));
	put(&body, ",N,");
	put_tenth(&body, km_h_tenth(fix));
	put(&body, ",K,A");
	add(text, body.text);
}

static void add_gsa(struct text *text, const struct qk_sim_state *state,
		    const struct qk_sim_fix *fix)
{
	struct qk_sim_satellite satellites[QK_SIM_GNSS_SATELLITES_MAX];
	size_t count = qk_sim_gnss_satellites(state, satellites), used = 0;
	struct body body = { 0 };

	if (!fix->valid) {
		add(text, "GPGSA,A,1,,,,,,,,,,,,,,,,");
		return;
	}
	put(&body, "GPGSA,A,%c,", fix->three_d ? '3' : '2');
	for (size_t i = 0; i < count && used < IDS_OF_GSA; i++) {
		if (!satellites[i].used)
			continue;
		put(&body, "%02u,", satellites[i].id);
		used++;
	}
	for (; used < IDS_OF_GSA; used++)
		put(&body, ",");
	put_tenth(&body, fix->pdop_tenth);
	put(&body, ",");
	put_tenth(&body, fix->hdop_tenth);
	put(&body, ",");
	put_tenth(&body, fix->vdop_tenth);
	put(&body, ",1");
	add(text, body.text);
}

static void add_gga(struct text *text, const struct qk_sim_fix *fix)
{
	struct body body = { 0 };

	if (!fix->valid) {
		add(text, "GPGGA,,,,,,0,,,,,,,,");
		return;
	}
	put(&body, "GPGGA,");
	put_time(&body, fix, "%H%M%S.00,");
	put_place(&body, fix);
	put(&body, ",1,%02u,", fix->satellites);
	put_tenth(&body, fix->hdop_tenth);
	put(&body, ",");
	put_tenth(&body, fix->altitude_dm);
	put(&body, ",M,");
	put_tenth(&body, fix->geoid_dm);
	put(&body, ",M,,");
	add(text, body.text);
}

static void add_rmc(struct text *text, const struct qk_sim_fix *fix)
{
	struct body body = { 0 };

	if (!fix->valid) {
		add(text, "GPRMC,,V,,,,,,,,,,N,V");
		return;
	}
	put(&body, "GPRMC,");
	put_time(&body, fix, "%H%M%S.00,A,");
	put_place(&body, fix);
	put(&body, ",");
	put_tenth(&body, knots_tenth(fix));
	put(&body, ",");
	put_tenth(&body, fix->course_deg_tenth);
	put_time(&body, fix, ",%d%m%y,,,A,V");
	add(text, body.text);
}

size_t qk_sim_gnss_nmea(const struct qk_sim_state *state, uint32_t types, char *buffer, size_t size)
{
	struct text text = { buffer, size, 0 };
	struct qk_sim_fix fix = qk_sim_gnss_fix(state);

	if (size)
		*buffer = 0;
	if (!state->gnss.users)
		return 0;
	if (types & QK_SIM_NMEA_GSV)
		add_gsv(&text, state);
	if (types & QK_SIM_NMEA_VTG)
		add_vtg(&text, &fix);
	if (types & QK_SIM_NMEA_GSA)
		add_gsa(&text, state, &fix);
	if (types & QK_SIM_NMEA_GGA)
		add_gga(&text, &fix);
	if (types & QK_SIM_NMEA_RMC)
		add_rmc(&text, &fix);
	return text.used;
}
