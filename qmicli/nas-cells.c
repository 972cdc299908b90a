/*
 * The text of NAS Get Cell Location Info: the serving cell and its neighbours, by radio technology.
 */
#include "nas.h"

enum { NOTHING_8 = 0xff, NOTHING_16 = 0xffff };
#define NOTHING_32 UINT32_MAX

/* clang-format off */
#define LOCATION(indent) \
	TEXT_WHERE("cell-id", NOTHING_32, \
		   indent "Cell ID: 'unavailable'\n" \
		   indent "PLMN: 'unavailable'\n" \
		   indent "Location Area Code: 'unavailable'\n"), \
	TEXT_UNLESS("cell-id", NOTHING_32, \
		    indent "Cell ID: '{cell-id}'\n" \
		    indent "PLMN: '{plmn:bcd}'\n" \
		    indent "Location Area Code: '{lac}'\n"), \
	TEXT_LINE(indent "GERAN Absolute RF Channel Number: '{geran-absolute-rf-channel-number}'\n" \
		  indent "Base Station Identity Code: '{base-station-identity-code}'\n")
/* A number with one value that says that there is none. */
#define UNLESS(field, nothing, label) \
	TEXT_WHERE(field, nothing, label ": 'unavailable'\n"), \
	TEXT_UNLESS(field, nothing, label ": '{" field "}'\n")
/* A carrier of LTE, and the band that it is in. */
#define EUTRA_CHANNEL(indent) \
	{ .text = indent "EUTRA Absolute RF Channel Number: '{eutra-absolute-rf-channel-number}' (", \
	  TEXT_PRINT(print_eutra_band) }, \
	TEXT_LINE(")\n")
/* clang-format on */

/* RXLEV of 3GPP TS 45.008 8.1.4: dB above -111 dBm, open at both ends. */
static void print_rx_level(const struct text_scope *scope, const char *indent, struct output *out)
{
	enum { LOWEST = 0, HIGHEST = 63, BELOW_DBM = -111 };
	int level = (int)text_number(scope, "rx-level", -1);

	if (level == LOWEST)
		output_printf(out, "%sRX Level: -110 dBm > level ('%d')\n", indent, level);
	else if (level == HIGHEST)
		output_printf(out, "%sRX Level: level > -48 dBm ('%d')\n", indent, level);
	else if (level > LOWEST && level < HIGHEST)
		output_printf(out, "%sRX Level: %d dBm > level > %d dBm ('%d')\n", indent,
			      level + BELOW_DBM, level + BELOW_DBM + 1, level);
	else
		output_printf(out, "\tRX Level: invalid ('%d')\n", level);
}

static void print_serving_level(const struct text_scope *scope, struct output *out)
{
	print_rx_level(scope, "\t", out);
}

static void print_neighbour_level(const struct text_scope *scope, struct output *out)
{
	print_rx_level(scope, "\t\t", out);
}

/* A bit of GSM takes 48/13 microseconds: 3GPP TS 45.010 5.1. */
static void print_timing_advance(const struct text_scope *scope, struct output *out)
{
	double bits = (double)text_number(scope, "timing-advance", 0);

	output_printf(out, "\tTiming Advance: '%.0f' bit periods ('%f' us)\n", bits,
		      bits * 48.0 / 13.0);
}

static const struct text_row geran_cell_text[] = {
	TEXT_LINE("\tCell [{@}]:\n"),
	LOCATION("\t\t"),
	{ TEXT_PRINT(print_neighbour_level) },
	TEXT_END,
};

static const struct text_row geran_text[] = {
	LOCATION("\t"),
	TEXT_WHERE("timing-advance", NOTHING_32, "\tTiming Advance: 'unavailable'\n"),
	{ .when = TEXT_DIFFERENT,
	  .path = "timing-advance",
	  .number = NOTHING_32,
	  TEXT_PRINT(print_timing_advance) },
	{ TEXT_PRINT(print_serving_level) },
	{ .when = TEXT_EACH, .path = "cell", .rows = geran_cell_text },
	TEXT_END,
};

/* libqmi shows the level of a neighbour in GSM as if it had no sign. */
static const struct text_row umts_geran_text[] = {
	TEXT_LINE("\tNeighboring GERAN Cell [{@}]:\n"
		  "\t\tGERAN Absolute RF Channel Number: '{geran-absolute-rf-channel-number}'\n"),
	UNLESS("network-color-code", NOTHING_8, "\t\tNetwork Color Code"),
	UNLESS("base-station-color-code", NOTHING_8, "\t\tBase Station Color Code"),
	TEXT_LINE("\t\tRSSI: '{rssi:u}'\n"),
	TEXT_END,
};

static const struct text_row umts_text[] = {
	UNLESS("cell-id", NOTHING_16, "\tCell ID"),
	TEXT_LINE("\tPLMN: '{plmn:bcd}'\n"
		  "\tLocation Area Code: '{lac}'\n"
		  "\tUTRA Absolute RF Channel Number: '{utra-absolute-rf-channel-number}'\n"
		  "\tPrimary Scrambling Code: '{primary-scrambling-code}'\n"
		  "\tRSCP: '{rscp}' dBm\n"
		  "\tECIO: '{ecio}' dBm\n"),
	{ .when = TEXT_EACH,
	  .path = "cell",
	  .text = "\tCell [{@}]:\n"
		  "\t\tUTRA Absolute RF Channel Number: '{utra-absolute-rf-channel-number}'\n"
		  "\t\tPrimary Scrambling Code: '{primary-scrambling-code}'\n"
		  "\t\tRSCP: '{rscp}' dBm\n"
		  "\t\tECIO: '{ecio}' dBm\n" },
	{ .when = TEXT_EACH, .path = "neighboring-geran", .rows = umts_geran_text },
	TEXT_END,
};

/* Downlink channels of LTE, by band: 3GPP TS 36.101 table 5.7.3-1. What lies between has no band. */
static const struct {
	uint16_t first, last;
	const char *name; /* as libqmi calls it */
} eutra_bands[] = {
	{ 0, 599, "1: 2100" },
	{ 600, 1199, "2: 1900 PCS" },
	{ 1200, 1949, "3: 1800+" },
	{ 1950, 2399, "4: AWS-1" },
	{ 2400, 2649, "5: 850" },
	{ 2650, 2749, "6: UMTS only" },
	{ 2750, 3449, "7: 2600" },
	{ 3450, 3799, "8: 900" },
	{ 3800, 4149, "9: 1800" },
	{ 4150, 4749, "10: AWS-1+" },
	{ 4750, 4999, "11: 1500 Lower" },
	{ 5000, 5179, "12: 700 a" },
	{ 5180, 5279, "13: 700 c" },
	{ 5280, 5379, "14: 700 PS" },
	{ 5730, 5849, "17: 700 b" },
	{ 5850, 5999, "18: 800 Lower" },
	{ 6000, 6149, "19: 800 Upper" },
	{ 6150, 6449, "20: 800 DD" },
	{ 6450, 6599, "21: 1500 Upper" },
	{ 6600, 7399, "22: 3500" },
	{ 7500, 7699, "23: 2000 S-band" },
	{ 7700, 8039, "24: 1600 L-band" },
	{ 8040, 8689, "25: 1900+" },
	{ 8690, 9039, "26: 850+" },
	{ 9040, 9209, "27: 800 SMR" },
	{ 9210, 9659, "28: 700 APT" },
	{ 9660, 9769, "29: 700 d" },
	{ 9770, 9869, "30: 2300 WCS" },
	{ 9870, 9919, "31: 450" },
	{ 9920, 10359, "32: 1500 L-band" },
	{ 36000, 36199, "33: TD 1900" },
	{ 36200, 36349, "34: TD 2000" },
	{ 36350, 36949, "35: TD PCS Lower" },
	{ 36950, 37549, "36: TD PCS Upper" },
	{ 37550, 37749, "37: TD PCS Center" },
	{ 37750, 38249, "38: TD 2600" },
	{ 38250, 38649, "39: TD 1900+" },
	{ 38650, 39649, "40: TD 2300" },
	{ 39650, 41589, "41: TD 2500" },
	{ 41590, 43589, "42: TD 3500" },
	{ 43590, 45589, "43: TD 3700" },
	{ 45590, 46589, "44: TD 700" },
};

static void print_eutra_band(const struct text_scope *scope, struct output *out)
{
	int64_t channel = text_number(scope, "eutra-absolute-rf-channel-number", -1);

	for (size_t i = 0; i < sizeof(eutra_bands) / sizeof(eutra_bands[0]); i++) {
		if (channel < eutra_bands[i].first || channel > eutra_bands[i].last)
			continue;
		output_printf(out, "E-UTRA band %s", eutra_bands[i].name);
		return;
	}
	output_printf(out, "unknown");
}

#define IDLE_ROW TEXT_LINE("\tUE In Idle: '{ue-in-idle}'\n")
#define LTE_LEVELS(indent) \
	indent "Physical Cell ID: '{physical-cell-id}'\n" indent "RSRQ: '{rsrq*0.1}' dB\n" indent \
	       "RSRP: '{rsrp*0.1}' dBm\n" indent "RSSI: '{rssi*0.1}' dBm\n"

static const struct text_row lte_cell_text[] = {
	TEXT_LINE("\tCell [{@}]:\n" LTE_LEVELS("\t\t")),
	TEXT_VALID("/intrafrequency-lte-info-v2.ue-in-idle",
		   "\t\tCell Selection RX Level: '{cell-selection-rx-level}'\n"),
	TEXT_END,
};

static const struct text_row lte_text[] = {
	TEXT_LINE("Intrafrequency LTE Info\n"),
	IDLE_ROW,
	TEXT_LINE("\tPLMN: '{plmn:bcd}'\n"
		  "\tTracking Area Code: '{tracking-area-code}'\n"
		  "\tGlobal Cell ID: '{global-cell-id}'\n"),
	EUTRA_CHANNEL("\t"),
	TEXT_LINE("\tServing Cell ID: '{serving-cell-id}'\n"),
	TEXT_VALID("ue-in-idle",
		   "\tCell Reselection Priority: '{cell-reselection-priority}'\n"
		   "\tS Non Intra Search Threshold: '{s-non-intra-search-threshold}'\n"
		   "\tServing Cell Low Threshold: '{serving-cell-low-threshold}'\n"
		   "\tS Intra Search Threshold: '{s-intra-search-threshold}'\n"),
	{ .when = TEXT_EACH, .path = "cell", .rows = lte_cell_text },
	TEXT_END,
};

static const struct text_row lte_frequency_text[] = {
	TEXT_LINE("\tFrequency [{@}]:\n"),
	EUTRA_CHANNEL("\t\t"),
	TEXT_LINE(
		"\t\tSelection RX Level Low Threshold: '{cell-selection-rx-level-low-threshold}'\n"
		"\t\tCell Selection RX Level High Threshold: "
		"'{cell-selection-rx-level-high-threshold}'\n"),
	TEXT_VALID("/interfrequency-lte-info.ue-in-idle",
		   "\t\tCell Reselection Priority: '{cell-reselection-priority}'\n"),
	{ .when = TEXT_EACH,
	  .path = "cell",
	  .text = "\t\tCell [{@}]:\n" LTE_LEVELS(
		  "\t\t\t") "\t\t\tCell Selection RX Level: '{cell-selection-rx-level}'\n" },
	TEXT_END,
};

static const struct text_row lte_frequencies_text[] = {
	TEXT_LINE("Interfrequency LTE Info\n"),
	IDLE_ROW,
	{ .when = TEXT_EACH, .path = "frequency", .rows = lte_frequency_text },
	TEXT_END,
};

static void print_color_codes(const struct text_scope *scope, struct output *out)
{
	output_printf(out, "'0x%2X'\n", (unsigned int)text_number(scope, "ncc-permitted", 0));
}

static const struct text_row gsm_priorities_text[] = {
	{ .text = "\t\tCell Reselection Priority: '{cell-reselection-priority}'\n"
		  "\t\tCell Reselection High Threshold: '{cell-reselection-high-threshold}'\n"
		  "\t\tCell Reselection Low Threshold: '{cell-reselection-low-threshold}'\n"
		  "\t\tNCC Permitted: ",
	  TEXT_PRINT(print_color_codes) },
	TEXT_END,
};

static const struct text_row gsm_cell_text[] = {
	TEXT_LINE("\t\tCell [{@}]:\n"
		  "\t\t\tGERAN Absolute RF Channel Number: '{geran-absolute-rf-channel-number}'\n"
		  "\t\t\tBand Is 1900: '{band-is-1900}'\n"),
	TEXT_VALID("cell-id-valid",
		   "\t\t\tBase Station Identity Code: '{base-station-identity-code}'\n"),
	TEXT_WHERE("cell-id-valid", 0, "\t\t\tBase Station Identity Code: 'unknown'\n"),
	TEXT_LINE("\t\t\tRSSI: '{rssi*0.1}' dB\n"
		  "\t\t\tCell Selection RX Level: '{cell-selection-rx-level}'\n"),
	TEXT_END,
};

static const struct text_row gsm_frequency_text[] = {
	TEXT_LINE("\tFrequency [{@}]:\n"),
	{ .when = TEXT_TRUE,
	  .path = "/lte-info-neighboring-gsm.ue-in-idle",
	  .rows = gsm_priorities_text },
	{ .when = TEXT_EACH, .path = "cell", .rows = gsm_cell_text },
	TEXT_END,
};

static const struct text_row lte_gsm_text[] = {
	TEXT_LINE("LTE Info Neighboring GSM\n"),
	IDLE_ROW,
	{ .when = TEXT_EACH, .path = "frequency", .rows = gsm_frequency_text },
	TEXT_END,
};

/* Signs as libqmi shows them: thresholds have them, the level has none. */
static const struct text_row wcdma_cell_text[] = {
	TEXT_LINE("\t\tCell [{@}]:\n"
		  "\t\t\tPrimary Scrambling Code: '{primary-scrambling-code}'\n"
		  "\t\t\tCPICH RSCP: '{cpich-rscp*0.1}' dBm\n"
		  "\t\t\tCPICH EcNo: '{cpich-ecno*0.1}' dB\n"),
	TEXT_VALID("/lte-info-neighboring-wcdma.ue-in-idle",
		   "\t\t\tCell Selection RX Level: '{cell-selection-rx-level:u}'\n"),
	TEXT_END,
};

static const struct text_row wcdma_frequency_text[] = {
	TEXT_LINE("\tFrequency [{@}]:\n"
		  "\t\tUTRA Absolute RF Channel Number: '{utra-absolute-rf-channel-number}'\n"),
	TEXT_VALID("/lte-info-neighboring-wcdma.ue-in-idle",
		   "\t\tCell Reselection Priority: '{cell-reselection-priority}'\n"
		   "\t\tCell Reselection High Threshold: '{cell-reselection-high-threshold:i}'\n"
		   "\t\tCell Reselection Low Threshold: '{cell-reselection-low-threshold:i}'\n"),
	{ .when = TEXT_EACH, .path = "cell", .rows = wcdma_cell_text },
	TEXT_END,
};

static const struct text_row lte_wcdma_text[] = {
	TEXT_LINE("LTE Info Neighboring WCDMA\n"),
	IDLE_ROW,
	{ .when = TEXT_EACH, .path = "frequency", .rows = wcdma_frequency_text },
	TEXT_END,
};

/* A modem that talks on UMTS measures what it is told to, and selects no cell. */
static const struct text_row not_dedicated_text[] = {
	TEXT_UNLESS("/umts-info-neighboring-lte.rrc-state", QK_NAS_WCDMA_RRC_STATE_CELL_DCH,
		    "\t\tCell Selection RX Level: '{cell-selection-rx-level}'\n"),
	TEXT_END,
};

static const struct text_row umts_lte_frequency_text[] = {
	TEXT_LINE("\tFrequency [{@}]:\n"),
	EUTRA_CHANNEL("\t\t"),
	TEXT_LINE("\t\tPhysical Cell ID: '{physical-cell-id}'\n"
		  "\t\tRSRP: '{rsrp}' dBm\n"
		  "\t\tRSRQ: '{rsrq}' dB\n"),
	{ .when = TEXT_DIFFERENT,
	  .path = "/umts-info-neighboring-lte.rrc-state",
	  .number = QK_NAS_WCDMA_RRC_STATE_CELL_FACH,
	  .rows = not_dedicated_text },
	TEXT_LINE("\t\tIs TDD?: '{is-tdd}'\n"),
	TEXT_END,
};

static const struct text_row umts_lte_text[] = {
	TEXT_LINE("UMTS Info Neighboring LTE\n\tRRC State: '{rrc-state}'\n"),
	{ .when = TEXT_EACH, .path = "frequency", .rows = umts_lte_frequency_text },
	TEXT_END,
};

/* 24 bits, the highest first: 3GPP TS 24.501 9.11.3.8. */
static void print_area_code(const struct text_scope *scope, struct output *out)
{
	struct qk_span bytes = text_bytes(scope, "tracking-area-code");
	unsigned int code = 0;

	for (size_t i = 0; i < bytes.size; i++)
		code = code << 8 | bytes.data[i];
	output_printf(out, "\tTracking Area Code: '%u'\n", code);
}

static const struct text_row nr5g_text[] = {
	{ .text = "5GNR cell information\n\tPLMN: '{plmn:bcd}'\n", TEXT_PRINT(print_area_code) },
	TEXT_LINE("\tGlobal Cell ID: '{global-cell-id}'\n"
		  "\tPhysical Cell ID: '{physical-cell-id}'\n"
		  "\tRSRQ: '{rsrq*0.1} dB'\n"
		  "\tRSRP: '{rsrp*0.1} dBm'\n"
		  "\tSNR: '{snr*0.1} dB'\n"),
	TEXT_END,
};

/* clang-format off */
#define INFO(tlv, table) { .when = TEXT_PRESENT, .path = (tlv), .rows = (table) }
/* clang-format on */

const struct text_row nas_cell_location_text[] = {
	TEXT_LINE("[{@device}] Successfully got cell location info\n"),
	{ .when = TEXT_PRESENT,
	  .path = "geran-info-v2",
	  .text = "GERAN Info\n",
	  .rows = geran_text },
	{ .when = TEXT_PRESENT, .path = "umts-info-v2", .text = "UMTS Info\n", .rows = umts_text },
	/* Quarters of a second of arc. */
	TEXT_IF("cdma-info", "CDMA Info\n"
			     "\tSystem ID: '{system-id}'\n"
			     "\tNetwork ID: '{network-id}'\n"
			     "\tBase Station ID: '{base-station-id}'\n"
			     "\tReference PN: '{reference-pn}'\n"
			     "\tLatitude: '{latitude/14400}'º\n"
			     "\tLongitude: '{longitude/14400}º'\n"),
	INFO("intrafrequency-lte-info-v2", lte_text),
	INFO("interfrequency-lte-info", lte_frequencies_text),
	INFO("lte-info-neighboring-gsm", lte_gsm_text),
	INFO("lte-info-neighboring-wcdma", lte_wcdma_text),
	TEXT_IF("umts-cell-id", "UMTS Cell ID: '{umts-cell-id}'\n"),
	INFO("umts-info-neighboring-lte", umts_lte_text),
	TEXT_WHERE("lte-info-timing-advance", NOTHING_32, "LTE Timing Advance: 'unavailable'\n"),
	TEXT_UNLESS("lte-info-timing-advance", NOTHING_32,
		    "LTE Timing Advance: '{lte-info-timing-advance}' us\n"),
	TEXT_IF("nr5g-arfcn", "5GNR ARFCN: '{nr5g-arfcn}'\n"),
	INFO("nr5g-cell-information", nr5g_text),
	TEXT_END,
};
