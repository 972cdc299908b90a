/*
 * DMS: the device itself.
 */
#include <qmikit/dms.h>

#include <inttypes.h>
#include <time.h>

#include "services.h"

static const struct text_row ids_text[] = {
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

static const struct text_row operating_mode_text[] = {
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

static const struct text_row time_text[] = {
	TEXT_LINE("[{@device}] Time retrieved:\n"),
	{ .when = TEXT_PRESENT, .path = "device-time", .print = print_device_time },
	TEXT_IF("device-time", "\tTime source: '{time-source}'\n"),
	{ .when = TEXT_PRESENT,
	  .path = "system-time",
	  .text = "\tSystem time: '{system-time} (ms): ",
	  .print = print_system_time },
	{ .when = TEXT_PRESENT,
	  .path = "user-time",
	  .text = "\tUser time: '{user-time} (ms): ",
	  .print = print_user_time },
	TEXT_END,
};

static const struct text_row band_capabilities_text[] = {
	TEXT_IF("band-capability", "[{@device}] Device band capabilities retrieved:\n"
				   "\tBands: '{band-capability}'\n"),
	TEXT_IF("lte-band-capability", "\tLTE bands: '{lte-band-capability}'\n"),
	TEXT_IF("extended-lte-band-capability",
		"\tLTE bands (extended): '{extended-lte-band-capability[]}'\n"),
	TEXT_IF("nr5g-band-capability", "\tNR5G bands: '{nr5g-band-capability[]}'\n"),
	TEXT_END,
};

static const struct command commands[] = {
	{ .name = "dms-get-ids",
	  .method = &qk_dms_get_ids_method,
	  .help = "Show the device's identities: ESN, IMEI, MEID",
	  .failure = "couldn't get IDs",
	  .text = ids_text },
	{ .name = "dms-get-capabilities",
	  .method = &qk_dms_get_capabilities_method,
	  .help = "Show channel rates, services and radio technologies",
	  .failure = "couldn't get capabilities",
	  .text = TEXT_ROWS(TEXT_IF("info",
				    "[{@device}] Device capabilities retrieved:\n"
				    "\tMax TX channel rate: '{max-tx-channel-rate}'\n"
				    "\tMax RX channel rate: '{max-rx-channel-rate}'\n"
				    "\t       Data Service: '{data-service-capability}'\n"
				    "\t                SIM: '{sim-capability}'\n"
				    "\t           Networks: '{radio-interface-list[]|}'\n")) },
	{ .name = "dms-get-manufacturer",
	  .method = &qk_dms_get_manufacturer_method,
	  .help = "Show who made the device",
	  .failure = "couldn't get manufacturer",
	  .text = TEXT_ROWS(TEXT_LINE(
		  "[{@device}] Device manufacturer retrieved:\n\tManufacturer: '{manufacturer}'\n")) },
	{ .name = "dms-get-model",
	  .method = &qk_dms_get_model_method,
	  .help = "Show the model",
	  .failure = "couldn't get model",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] Device model retrieved:\n\tModel: '{model}'\n")) },
	{ .name = "dms-get-revision",
	  .method = &qk_dms_get_revision_method,
	  .help = "Show the firmware's revision",
	  .failure = "couldn't get revision",
	  .text = TEXT_ROWS(TEXT_LINE(
		  "[{@device}] Device revision retrieved:\n\tRevision: '{revision}'\n")) },
	{ .name = "dms-get-msisdn",
	  .method = &qk_dms_get_msisdn_method,
	  .help = "Show the phone number that the SIM holds",
	  .failure = "couldn't get MSISDN",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] Device MSISDN retrieved:\n\tMSISDN: '{msisdn}'\n")) },
	{ .name = "dms-get-power-state",
	  .method = &qk_dms_get_power_state_method,
	  .help = "Show where power comes from, and the battery",
	  .failure = "couldn't get power state",
	  .text = TEXT_ROWS(TEXT_IF("info", "[{@device}] Device power state retrieved:\n"
					    "\tPower state: '{power-state-flags}'\n"
					    "\tBattery level: '{battery-level} %'\n")) },
	{ .name = "dms-uim-get-iccid",
	  .method = &qk_dms_uim_get_iccid_method,
	  .help = "Show the SIM's serial number; newer modems refuse",
	  .failure = "couldn't get ICCID",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] UIM ICCID retrieved:\n\tICCID: '{iccid}'\n")) },
	{ .name = "dms-uim-get-imsi",
	  .method = &qk_dms_uim_get_imsi_method,
	  .help = "Show the subscriber's identity; newer modems refuse",
	  .failure = "couldn't get IMSI",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] UIM IMSI retrieved:\n\tIMSI: '{imsi}'\n")) },
	{ .name = "dms-get-hardware-revision",
	  .method = &qk_dms_get_hardware_revision_method,
	  .help = "Show the hardware's revision",
	  .failure = "couldn't get the HW revision",
	  .text = TEXT_ROWS(TEXT_LINE(
		  "[{@device}] Hardware revision retrieved:\n\tRevision: '{revision}'\n")) },
	{ .name = "dms-get-operating-mode",
	  .method = &qk_dms_get_operating_mode_method,
	  .help = "Show whether the radio is on",
	  .failure = "couldn't get the HW revision",
	  .text = operating_mode_text },
	{ .name = "dms-set-operating-mode",
	  .method = &qk_dms_set_operating_mode_method,
	  .help = "Turn the radio on or off, or reset the modem",
	  .argument = "online|low-power|factory-test|offline|reset|shutting-down|"
		      "persistent-low-power|mode-only-low-power",
	  .takes = "mode",
	  .failure = "couldn't set operating mode",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Operating mode set successfully\n")) },
	{ .name = "dms-get-time",
	  .method = &qk_dms_get_time_method,
	  .help = "Show the device's clocks",
	  .failure = "couldn't get the device time",
	  .text = time_text },
	{ .name = "dms-get-band-capabilities",
	  .method = &qk_dms_get_band_capabilities_method,
	  .help = "Show the bands that the device can use",
	  .failure = "couldn't get band capabilities",
	  .text = band_capabilities_text },
	COMMAND_SUPPORTED_MESSAGES(dms, DMS),
	COMMAND_RESET(dms, DMS),
	COMMAND_NOOP(dms),
	{ 0 },
};

const struct command_service commands_dms = { QK_SERVICE_ID_DMS, "dms", "Device Management Service",
					      commands };
