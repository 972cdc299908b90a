/*
 * AT GNSS: the positioning engine on and off, where the modem is, what it says about it (see
 * at-modem.h). Sources: Quectel's public GNSS manual [M], lines of real modems [S].
 */
#include "at-modem.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "at-named.h"
#include "gnss.h"
#include "modem.h"

static int cme(enum qk_at_cme number)
{
	return QK_AT_CME + (int)number;
}

static int switch_on(struct qk_at_call *call)
{
	static const struct {
		uint32_t min, max;
	} ranges[] = { { 1, 4 }, { 1, 255 }, { 0, 1000 }, { 0, 1000 }, { 1, 65535 } };
	uint32_t value = 0;

	if (call->parsed->arg_count > sizeof(ranges) / sizeof(ranges[0]) ||
	    !qk_at_has_arg(call->parsed, 0))
		return cme(QK_AT_CME_GNSS_PARAMETER);
	for (size_t i = 0; i < call->parsed->arg_count; i++)
		if (qk_at_arg_number(call->parsed, i, ranges[i].min, ranges[i].max, &value) < 0)
			return cme(QK_AT_CME_GNSS_PARAMETER);
	return qk_sim_gnss_on(call->state, QK_SIM_GNSS_AT) < 0 ? cme(QK_AT_CME_GNSS_ONGOING)
							       : QK_AT_OK;
}

static int is_on(struct qk_at_call *call)
{
	qk_at_say(call, "+QGPS: %d", call->state->gnss.users != 0);
	return QK_AT_OK;
}

static int switch_off(struct qk_at_call *call)
{
	return qk_sim_gnss_off(call->state, QK_SIM_GNSS_AT) < 0 ? cme(QK_AT_CME_GNSS_OFF)
								: QK_AT_OK;
}

/* Degrees and minutes with `digits` decimals, as NMEA has them, or degrees alone (format 2). */
static void say_angle(int32_t angle_e7, uint32_t format, bool latitude, char *text, size_t size)
{
	int64_t e7 = llabs((int64_t)angle_e7);
	int64_t degrees = e7 / 10000000, rest = e7 % 10000000;
	char side = latitude ? (angle_e7 < 0 ? 'S' : 'N') : (angle_e7 < 0 ? 'W' : 'E');

	if (format == 2) {
		snprintf(text, size, "%s%lld.%05lld", angle_e7 < 0 ? "-" : "", (long long)degrees,
			 (long long)(rest / 100));
		return;
	}
	/* 1e-7 degrees are 6e-6 minutes */
	int64_t minutes_e6 = rest * 6;
	snprintf(text, size, latitude ? "%02lld%02lld.%0*lld%c" : "%03lld%02lld.%0*lld%c",
		 (long long)degrees, (long long)(minutes_e6 / 1000000), format ? 6 : 4,
		 (long long)(minutes_e6 % 1000000 / (format ? 1 : 100)), side);
}

static int say_location(struct qk_at_call *call, uint32_t format)
{
	struct qk_sim_fix fix = qk_sim_gnss_fix(call->state);
	char latitude[24], longitude[24];
	struct tm utc = { 0 };
	time_t seconds = (time_t)(fix.utc_usec / 1000000);

	if (!call->state->gnss.users)
		return cme(QK_AT_CME_GNSS_OFF);
	if (!fix.valid || !gmtime_r(&seconds, &utc))
		return cme(QK_AT_CME_GNSS_NO_FIX);
	say_angle(fix.point.latitude, format, true, latitude, sizeof(latitude));
	say_angle(fix.point.longitude, format, false, longitude, sizeof(longitude));
	double km_h = (double)fix.speed_mm_s * 0.0036;
	qk_at_say(call,
		  "+QGPSLOC: %02d%02d%02d.0,%s,%s,%.1f,%.1f,%d,%.2f,%.1f,%.1f,%02d%02d%02d,%02u",
		  utc.tm_hour, utc.tm_min, utc.tm_sec, latitude, longitude, fix.hdop_tenth / 10.0,
		  fix.altitude_dm / 10.0, fix.three_d ? 3 : 2, fix.course_deg_tenth / 10.0, km_h,
		  km_h / 1.852, utc.tm_mday, utc.tm_mon + 1, utc.tm_year % 100, fix.satellites);
	return QK_AT_OK;
}

static int read_location(struct qk_at_call *call)
{
	return say_location(call, 0);
}

static int location(struct qk_at_call *call)
{
	uint32_t format = 0;

	if (qk_at_arg_number(call->parsed, 0, 0, 2, &format) < 0)
		return cme(QK_AT_CME_GNSS_PARAMETER);
	return say_location(call, format);
}

static const char *const sentences[] = { "GGA", "RMC", "GSV", "GSA", "VTG", NULL };

static int say_sentences(struct qk_at_call *call)
{
	char text[QK_SIM_GNSS_NMEA_MAX + 1];
	uint32_t type = 0;

	if (qk_at_arg_word(call->parsed, 0, sentences, &type) < 0)
		return cme(QK_AT_CME_GNSS_PARAMETER);
	if (!call->state->gnss.users)
		return cme(QK_AT_CME_GNSS_OFF);
	size_t size = qk_sim_gnss_nmea(call->state, 1u << type, text, sizeof(text) - 1), start = 0;
	for (size_t i = 0; i < size && i < sizeof(text); i++) {
		if (text[i] != '\r')
			continue;
		qk_at_say(call, "+QGPSGNMEA: %.*s", (int)(i - start), text + start);
		start = i + 2;
	}
	return QK_AT_OK;
}

void qk_at_gnss_apply(struct qk_at *at)
{
	bool out = at->settings[QK_AT_SET_QGPS_OUTPORT] != 0;

	at->state->gnss.nmea_types = out ? at->settings[QK_AT_SET_QGPS_GPSTYPE] : 0;
}

static const char *const outports[] = { "none", "usbnmea", "uartdebug", NULL };

static const struct qk_at_named settings[] = {
	{ .name = "outport",
	  .settings = { QK_AT_SET_QGPS_OUTPORT },
	  .setting_count = 1,
	  .words = outports },
	{ .name = "nmeasrc", .settings = { QK_AT_SET_QGPS_NMEASRC }, .setting_count = 1 },
	{ .name = "gpsnmeatype", .settings = { QK_AT_SET_QGPS_GPSTYPE }, .setting_count = 1 },
	{ .name = "glonassnmeatype",
	  .settings = { QK_AT_SET_QGPS_GLONASSTYPE },
	  .setting_count = 1 },
	{ .name = "galileonmeatype",
	  .settings = { QK_AT_SET_QGPS_GALILEOTYPE },
	  .setting_count = 1 },
	{ .name = "beidounmeatype", .settings = { QK_AT_SET_QGPS_BEIDOUTYPE }, .setting_count = 1 },
	{ .name = "gsvextnmeatype", .settings = { QK_AT_SET_QGPS_GSVEXT }, .setting_count = 1 },
	{ .name = "gnssconfig", .settings = { QK_AT_SET_QGPS_GNSSCONFIG }, .setting_count = 1 },
	{ .name = "autogps", .settings = { QK_AT_SET_QGPS_AUTO }, .setting_count = 1 },
};

#define SETTING_COUNT (sizeof(settings) / sizeof(settings[0]))

static int configure(struct qk_at_call *call)
{
	int r = qk_at_named_set(call, settings, SETTING_COUNT);

	if (r == QK_AT_OK && call->parsed->arg_count > 1)
		qk_at_gnss_apply(call->at);
	return r == QK_AT_ERROR ? cme(QK_AT_CME_GNSS_PARAMETER) : r;
}

static int test_configuration(struct qk_at_call *call)
{
	return qk_at_named_test(call, settings, SETTING_COUNT);
}

/* Assistance data of the model has no content that could go: the next fix takes as long as any. */
static int delete_assistance(struct qk_at_call *call)
{
	uint32_t what = 0;

	if (qk_at_arg_number(call->parsed, 0, 0, 3, &what) < 0)
		return cme(QK_AT_CME_GNSS_PARAMETER);
	return call->state->gnss.users ? cme(QK_AT_CME_GNSS_ONGOING) : QK_AT_OK;
}

static const struct qk_at_command commands[] = {
	{ .name = "+QGPS",
	  .set = switch_on,
	  .read = is_on,
	  .test = "(1-4),(1-255),(0-1000),(0-1000),(1-65535)" },
	{ .name = "+QGPSEND", .execute = switch_off, .test = "" },
	{ .name = "+QGPSLOC",
	  .set = location,
	  .read = read_location,
	  .execute = read_location,
	  .test = "<UTC>,<latitude>,<longitude>,<hdop>,<altitude>,<fix>,<cog>,<spkm>,<spkn>,"
		  "<date>,<nsat>" },
	{ .name = "+QGPSGNMEA",
	  .set = say_sentences,
	  .test = "(\"GGA\",\"RMC\",\"GSV\",\"GSA\",\"VTG\")" },
	{ .name = "+QGPSCFG",
	  .flags = QK_AT_IS_LINUX,
	  .set = configure,
	  .test_fn = test_configuration },
	{ .name = "+QGPSDEL", .set = delete_assistance, .test = "(0-3)" },
	{ .name = "+QGPSXTRA", .settings = { QK_AT_SET_QGPSXTRA }, .setting_count = 1 },
};

const struct qk_at_table qk_at_gnss_table = { commands, sizeof(commands) / sizeof(commands[0]) };
