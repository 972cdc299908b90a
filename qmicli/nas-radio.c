/*
 * The text of NAS about the radio itself: antennas, carriers, bands; and what Sierra Wireless tells of it.
 */
#include "nas.h"

#include <string.h>

/* Of what an antenna measures, each radio technology has some. */
enum { HAS_RSCP = 1 << 0, HAS_RSRP = 1 << 1, HAS_NOTHING = 1 << 2 };

static unsigned int measures(const char *interface)
{
	static const struct {
		const char *interface;
		unsigned int measures;
	} rows[] = {
		{ "umts", HAS_RSCP },        { "lte", HAS_RSRP },     { "5gnr", HAS_RSRP },
		{ "unknown", HAS_NOTHING },  { "none", HAS_NOTHING }, { "amps", HAS_NOTHING },
		{ "td-scdma", HAS_NOTHING },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (interface && !strcmp(interface, rows[i].interface))
			return rows[i].measures;
	return 0;
}

static const struct text_row rsrp_text[] = {
	TEXT_LINE("\tRSRP: '{rsrp*0.1} dBm'\n"),
	TEXT_WHERE("phase", UINT32_MAX, "\tPhase: 'unknown'\n"),
	TEXT_UNLESS("phase", UINT32_MAX, "\tPhase: '{phase*0.01} degrees'\n"),
	TEXT_END,
};

/* The radio technology is what was asked for: the answer does not say. */
static void print_measures(const struct text_scope *scope, struct output *out)
{
	unsigned int has = measures(scope->argument);

	if (!(has & HAS_NOTHING))
		text_print(scope, TEXT_ROWS(TEXT_LINE("\tECIO: '{ecio*0.1} dB'\n")), out);
	if (has & HAS_RSCP)
		text_print(scope, TEXT_ROWS(TEXT_LINE("\tRSCP: '{rscp*0.1} dBm'\n")), out);
	if (has & HAS_RSRP)
		text_print(scope, rsrp_text, out);
}

static const struct text_row tx_text[] = {
	TEXT_VALID("is-in-traffic",
		   "\tIn traffic: 'yes'\n\tPower: '{/tx-info.tx-power*0.1} dBm'\n"),
	TEXT_WHERE("is-in-traffic", 0, "\tIn traffic: 'no'\n"),
	TEXT_END,
};

/* clang-format off */
#define RX_CHAIN(number) \
	{ .when = TEXT_PRESENT, \
	  .path = "rx-chain-" number "-info", \
	  .text = "RX Chain " number ":\n" \
		  "\tRadio tuned: '{is-radio-tuned}'\n" \
		  "\tPower: '{rx-power*0.1} dBm'\n", \
	  TEXT_PRINT(print_measures) }
/* clang-format on */

const struct text_row nas_tx_rx_text[] = {
	TEXT_LINE("[{@device}] Successfully got TX/RX info\n"),
	RX_CHAIN("0"),
	RX_CHAIN("1"),
	RX_CHAIN("2"),
	RX_CHAIN("3"),
	{ .when = TEXT_PRESENT, .path = "tx-info", .text = "TX:\n", .rows = tx_text },
	TEXT_END,
};

#define CARRIER \
	"\tPhysical Cell ID: '{physical-cell-id}'\n" \
	"\tRX Channel: '{rx-channel}'\n" \
	"\tDL Bandwidth: '{dl-bandwidth}'\n" \
	"\tLTE Band: '{lte-band}'\n"

/* Older firmware tells of one secondary cell, in two TLVs. */
static const struct text_row one_secondary_text[] = {
	TEXT_IF("phy-ca-agg-scell-info", "Secondary Cell Info\n" CARRIER "\tState: '{state}'\n"),
	TEXT_IF("scell-index", "Secondary Cell index: '{scell-index}'\n"),
	TEXT_END,
};

const struct text_row nas_carrier_aggregation_text[] = {
	TEXT_LINE("[{@device}] Successfully got carrier aggregation info\n"),
	TEXT_IF("dl-bandwidth", "DL Bandwidth: '{dl-bandwidth}'\n"),
	TEXT_IF("phy-ca-agg-pcell-info", "Primary Cell Info\n" CARRIER),
	TEXT_WHERE("phy-ca-agg-secondary-cells", 0, "No Secondary Cells\n"),
	{ .when = TEXT_EACH,
	  .path = "phy-ca-agg-secondary-cells",
	  .text = "Secondary Cell {@1} Info\n" CARRIER "\tState: '{state}'\n"
		  "\tCell index: '{cell-index}'\n" },
	{ .when = TEXT_ABSENT, .path = "phy-ca-agg-secondary-cells", .rows = one_secondary_text },
	TEXT_END,
};

#define BAND \
	"\tRadio Interface:   '{radio-interface}'\n" \
	"\tActive Band Class: '{active-band-class}'\n" \
	"\tActive Channel:    '{active-channel}'\n"

const struct text_row nas_rf_band_text[] = {
	TEXT_LINE("[{@device}] Successfully got RF band info\nBand Information:\n"),
	{ .when = TEXT_EACH, .path = "list", .text = BAND },
	TEXT_IF("extended-list", "Band Information (Extended):\n"),
	{ .when = TEXT_EACH, .path = "extended-list", .text = BAND },
	TEXT_IF("bandwidth-list", "Bandwidth:\n"),
	{ .when = TEXT_EACH,
	  .path = "bandwidth-list",
	  .text = "\tRadio Interface:   '{radio-interface}'\n"
		  "\tBandwidth:         '{bandwidth}'\n" },
	TEXT_END,
};

const struct text_row nas_swi_status_text[] = {
	TEXT_LINE("[{@device}] Successfully got status:\n"),
	TEXT_IF("common-info-v2", "Common Info:\n"
				  "\tTemperature: '{temperature}'\n"
				  "\tModem mode: '{modem-mode}'\n"
				  "\tSystem mode: '{system-mode}'\n"
				  "\tIMS registration state: '{ims-registration-state}'\n"
				  "\tPacket service state: '{packet-service-state}'\n"),
	TEXT_IF("lte-info", "LTE info:\n"
			    "\tBand: '{band}'\n"
			    "\tBandwidth: '{bandwidth}'\n"
			    "\tRX channel: '{rx-channel}'\n"
			    "\tTX channel: '{tx-channel}'\n"
			    "\tEMM state: '{emm-state}'\n"
			    "\tEMM sub state: '{emm-sub-state}'\n"
			    "\tEMM connection state: '{emm-connection-state}'\n"),
	TEXT_END,
};
