/*
 * DMS: texts of more than a few rows.
 */
#include "dms-text.h"

#include <inttypes.h>
#include <time.h>

#include <qmikit/dms.h>

const struct text_row dms_ids_text[] = {
	TEXT_LINE("[{@device}] Device IDs retrieved:\n"
		  "\t    ESN: '{esn|unknown}'\n"
		  "\t   IMEI: '{imei|unknown}'\n"
		  "\t   MEID: '{meid|unknown}'\n"),
	TEXT_IF("imei-software-version", "\tIMEI SV: '{imei-software-version}'\n"),
	TEXT_END,
};

static const struct text_row offline_reason_text[] = {
	TEXT_IF("offline-reason", "\tReason: '{offline-reason}'\n"),
	TEXT_END,
};

const struct text_row dms_operating_mode_text[] = {
	TEXT_LINE("[{@device}] Operating mode retrieved:\n\tMode: '{mode}'\n"),
	/* libqmi's library reads the reason in this mode alone. */
	{ .when = TEXT_EQUAL,
	  .path = "mode",
	  .number = QK_DMS_OPERATING_MODE_OFFLINE,
	  .rows = offline_reason_text },
	TEXT_LINE("\tHW restricted: '{hardware-restricted-mode?yes:no}'\n"),
	TEXT_END,
};

/*
 * The time of a counter, whatever its unit, read as milliseconds since 1980-01-06: libqmi does so
 * also with the first counter, which ticks every 1.25 ms. Years past 9999 are "(null)".
 */
static void print_count_time(const struct text_scope *scope, const char *path, struct output *out)
{
	enum { GPS_EPOCH = 315964800 }; /* in Unix time */
	static const int64_t year_10000 = 253402300800;
	uint64_t count = (uint64_t)text_number(scope, path, 0);
	double seconds = (double)count / 1000.0;
	char text[32] = "(null)";
	struct tm tm;

	if (seconds < (double)(year_10000 - GPS_EPOCH)) {
		time_t t = GPS_EPOCH + (time_t)((int64_t)(seconds * 1e6) / 1000000);

		if (gmtime_r(&t, &tm))
			strftime(text, sizeof(text), "%F %T", &tm);
	}
	output_printf(out, "%s", text);
}

static void print_device_time(const struct text_scope *scope, struct output *out)
{
	output_printf(out, "\tTime count: '%" PRIu64 " (x 1.25ms): ",
		      (uint64_t)text_number(scope, "time-count", 0));
	print_count_time(scope, "time-count", out);
	output_printf(out, "'\n");
}

static void print_system_time(const struct text_scope *scope, struct output *out)
{
	print_count_time(scope, "system-time", out);
	output_printf(out, "'\n");
}

static void print_user_time(const struct text_scope *scope, struct output *out)
{
	print_count_time(scope, "user-time", out);
	output_printf(out, "'\n");
}

const struct text_row dms_time_text[] = {
	TEXT_LINE("[{@device}] Time retrieved:\n"),
	{ .when = TEXT_PRESENT, .path = "device-time", TEXT_PRINT(print_device_time) },
	TEXT_IF("device-time", "\tTime source: '{time-source}'\n"),
	{ .when = TEXT_PRESENT,
	  .path = "system-time",
	  .text = "\tSystem time: '{system-time} (ms): ",
	  TEXT_PRINT(print_system_time) },
	{ .when = TEXT_PRESENT,
	  .path = "user-time",
	  .text = "\tUser time: '{user-time} (ms): ",
	  TEXT_PRINT(print_user_time) },
	TEXT_END,
};

const struct text_row dms_band_capabilities_text[] = {
	TEXT_IF("band-capability", "[{@device}] Device band capabilities retrieved:\n"
				   "\tBands: '{band-capability}'\n"),
	TEXT_IF("lte-band-capability", "\tLTE bands: '{lte-band-capability}'\n"),
	TEXT_IF("extended-lte-band-capability",
		"\tLTE bands (extended): '{extended-lte-band-capability[]}'\n"),
	TEXT_IF("nr5g-band-capability", "\tNR5G bands: '{nr5g-band-capability[]}'\n"),
	TEXT_END,
};

/* --- PINs and keys, by the messages that were there before UIM had its own service */

const struct text_row dms_pin_status_text[] = {
	TEXT_LINE("[{@device}] PIN status retrieved successfully\n"),
	TEXT_IF("pin1-status", "[{@device}] PIN1:\n"
			       "\tStatus: {current-status}\n"
			       "\tVerify: {verify-retries-left}\n"
			       "\tUnblock: {unblock-retries-left}\n"),
	TEXT_IF("pin2-status", "[{@device}] PIN2:\n"
			       "\tStatus: {current-status}\n"
			       "\tVerify: {verify-retries-left}\n"
			       "\tUnblock: {unblock-retries-left}\n"),
	TEXT_END,
};

const struct text_row dms_ck_status_text[] = {
	TEXT_IF("ck-status", "[{@device}] UIM facility state retrieved:\n"
			     "\tState: '{facility-state}'\n"
			     "[{@device}] Retries left:\n"
			     "\tVerify: {verify-retries-left}\n"
			     "\tUnblock: {unblock-retries-left}\n"),
	TEXT_VALID("operation-blocking-facility", "[{@device}] Facility is blocking operation\n"),
	TEXT_END,
};

/* --- Sierra Wireless */

const struct text_row dms_swi_firmware_text[] = {
	TEXT_LINE("[{@device}] Successfully retrieved current firmware:\n"
		  "\tModel: {model|unknown}\n"
		  "\tBoot version: {boot-version|unknown}\n"
		  "\tAMSS version: {amss-version|unknown}\n"
		  "\tSKU ID: {sku-id|unknown}\n"
		  "\tPackage ID: {package-id|unknown}\n"
		  "\tCarrier ID: {carrier-id|unknown}\n"
		  "\tConfig version: {config-version|unknown}\n"),
	TEXT_END,
};

/* The functions of each USB composition, as AT!USBCOMP lists them. */
static const char *const swi_functions[] = {
	"HIP, DM, NMEA, AT, MDM1, MDM2, MDM3, MS",
	"HIP, DM, NMEA, AT, MDM1, MS",
	"HIP, DM, NMEA, AT, NIC1, MS",
	"HIP, DM, NMEA, AT, MDM1, NIC1, MS",
	"HIP, DM, NMEA, AT, NIC1, NIC2, NIC3, MS",
	"HIP, DM, NMEA, AT, ECM1, MS",
	"DM, NMEA, AT, QMI",
	"DM, NMEA, AT, RMNET1, RMNET2, RMNET3",
	"DM, NMEA, AT, MBIM",
	"MBIM",
	"NMEA, MBIM",
	"DM, MBIM",
	"DM, NMEA, MBIM",
};

/* Those above: the modem is first the one composition, then the other, as the host chooses. */
static const struct {
	unsigned int first, second;
} swi_pairs[] = {
	{ 6, 8 }, { 6, 9 }, { 6, 10 }, { 6, 11 }, { 6, 12 },
	{ 7, 8 }, { 7, 9 }, { 7, 10 }, { 7, 11 }, { 7, 12 },
};

static void print_swi_composition(const struct text_scope *scope, struct output *out)
{
	enum {
		PLAIN = sizeof(swi_functions) / sizeof(swi_functions[0]),
		PAIRS = sizeof(swi_pairs) / sizeof(swi_pairs[0])
	};
	uint64_t value = (uint64_t)text_number(scope, ".", 0);
	const char *name = qk_value_name(&qk_dms_swi_usb_composition_values, (int64_t)value);
	bool current = (int64_t)value == text_number(scope, "/current", -1);

	output_printf(out, "\t%sUSB composition %s: ", current ? "[*] " : "    ",
		      name ? name : "(null)");
	if (value < PLAIN)
		output_printf(out, "%s\n", swi_functions[value]);
	else if (value - PLAIN < PAIRS)
		output_printf(out,
			      "Dual configuration: USB composition %u and USB composition %u\n",
			      swi_pairs[value - PLAIN].first, swi_pairs[value - PLAIN].second);
	else
		output_printf(out, "(null)\n");
}

const struct text_row dms_swi_compositions_text[] = {
	TEXT_LINE("[{@device}] Successfully retrieved USB compositions:\n"),
	{ .when = TEXT_EACH, .path = "supported", TEXT_PRINT(print_swi_composition) },
	TEXT_END,
};
