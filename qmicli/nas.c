/*
 * NAS: the commands, and the text of signal and registration. nas.h says where the others stand.
 */
#include <qmikit/nas.h>

#include "modem-text.h"
#include "nas.h"
#include "services.h"

enum { NOT_MEASURED = -32768, SCAN_SEC = 300 };

/* Signal to interference of HDR comes as one of nine steps. */
static void print_sinr(const struct text_scope *scope, const char *path, const char *indent,
		       struct output *out)
{
	static const double levels[] = { -9.0, -6.0, -4.5, -3.0, -2.0, 1.0, 3.0, 6.0, 9.0 };
	int64_t level = text_number(scope, path, -1);

	output_printf(out, "%sSINR (%u): ", indent, (unsigned int)level);
	if (level >= 0 && level < (int64_t)(sizeof(levels) / sizeof(levels[0])))
		output_printf(out, "'%.1f dB'\n", levels[level]);
	else
		output_printf(out, "N/A'\n");
}

static void print_strength_sinr(const struct text_scope *scope, struct output *out)
{
	print_sinr(scope, "sinr", "", out);
}

static void print_hdr_sinr(const struct text_scope *scope, struct output *out)
{
	print_sinr(scope, "sinr", "\t", out);
}

/* clang-format off */
#define NETWORK_EACH(list, string) \
	{ .when = TEXT_EACH, .path = (list), .text = "\tNetwork '{radio-interface}': '" string "'\n" }
/* clang-format on */

static const struct text_row signal_strength_text[] = {
	TEXT_LINE("[{@device}] Successfully got signal strength\nCurrent:\n"),
	TEXT_IF("signal-strength", "\tNetwork '{radio-interface}': '{strength} dBm'\n"),
	TEXT_IF("strength-list", "Other:\n"),
	NETWORK_EACH("strength-list", "{strength} dBm"),
	TEXT_IF("rssi-list", "RSSI:\n"),
	NETWORK_EACH("rssi-list", "{rssi*-1} dBm"),
	TEXT_IF("ecio-list", "ECIO:\n"),
	NETWORK_EACH("ecio-list", "{ecio*-0.5} dBm"),
	TEXT_IF("io", "IO: '{io} dBm'\n"),
	{ .when = TEXT_PRESENT, .path = "sinr", TEXT_PRINT(print_strength_sinr) },
	TEXT_IF("rsrq", "RSRQ:\n\tNetwork '{radio-interface}': '{rsrq} dB'\n"),
	TEXT_IF("lte-snr", "SNR:\n\tNetwork 'lte': '{lte-snr*0.1} dB'\n"),
	TEXT_IF("lte-rsrp", "RSRP:\n\tNetwork 'lte': '{lte-rsrp} dBm'\n"),
	TEXT_END,
};

static const struct command_preset signal_strength_presets[] = {
	{ "request-mask",
	  QK_NAS_SIGNAL_STRENGTH_REQUEST_RSSI | QK_NAS_SIGNAL_STRENGTH_REQUEST_ECIO |
		  QK_NAS_SIGNAL_STRENGTH_REQUEST_IO | QK_NAS_SIGNAL_STRENGTH_REQUEST_SINR |
		  QK_NAS_SIGNAL_STRENGTH_REQUEST_RSRQ | QK_NAS_SIGNAL_STRENGTH_REQUEST_LTE_SNR |
		  QK_NAS_SIGNAL_STRENGTH_REQUEST_LTE_RSRP },
	{ 0 },
};

static const struct text_row signal_5g_text[] = {
	TEXT_WHERE("rsrp", NOT_MEASURED, "\tRSRP: 'n/a'\n"),
	TEXT_UNLESS("rsrp", NOT_MEASURED, "\tRSRP: '{rsrp} dBm'\n"),
	TEXT_WHERE("snr", NOT_MEASURED, "\tSNR: 'n/a'\n"),
	TEXT_UNLESS("snr", NOT_MEASURED, "\tSNR: '{snr*0.1} dB'\n"),
	TEXT_END,
};

static const struct text_row signal_info_text[] = {
	TEXT_LINE("[{@device}] Successfully got signal info\n"),
	TEXT_IF("cdma-signal-strength", "CDMA:\n\tRSSI: '{rssi} dBm'\n\tECIO: '{ecio*-0.5} dBm'\n"),
	{ .when = TEXT_PRESENT,
	  .path = "hdr-signal-strength",
	  TEXT_PRINT(print_hdr_sinr),
	  .text = "HDR:\n\tRSSI: '{rssi} dBm'\n\tECIO: '{ecio*-0.5} dBm'\n\tIO: '{io} dBm'\n" },
	TEXT_IF("gsm-signal-strength", "GSM:\n\tRSSI: '{gsm-signal-strength} dBm'\n"),
	TEXT_IF("wcdma-signal-strength",
		"WCDMA:\n\tRSSI: '{rssi} dBm'\n\tECIO: '{ecio*-0.5} dBm'\n"),
	TEXT_IF("lte-signal-strength", "LTE:\n\tRSSI: '{rssi} dBm'\n\tRSRQ: '{rsrq} dB'\n"
				       "\tRSRP: '{rsrp} dBm'\n\tSNR: '{snr*0.1} dB'\n"),
	TEXT_IF("tdma-signal-strength", "TDMA:\n\tRSCP: '{tdma-signal-strength} dBm'\n"),
	TEXT_IF("tdma-signal-strength-extended", "\tRSSI: '{rssi} dB'\n\tRSCP: '{rscp} dBm'\n"
						 "\tECIO: '{ecio} dBm'\n\tSINR: '{sinr} dB'\n"),
	{ .when = TEXT_PRESENT,
	  .path = "5g-signal-strength",
	  .text = "5G:\n",
	  .rows = signal_5g_text },
	TEXT_WHERE("5g-signal-strength-extended", NOT_MEASURED, "\tRSRQ: 'n/a'\n"),
	TEXT_UNLESS("5g-signal-strength-extended", NOT_MEASURED,
		    "\tRSRQ: '{5g-signal-strength-extended} dB'\n"),
	TEXT_END,
};

static void print_3gpp2_description(const struct text_scope *scope, struct output *out)
{
	modem_text_description((unsigned int)text_number(scope, "description-encoding", 0),
			       text_bytes(scope, "description"), out);
	output_printf(out, "'\n");
}

static const struct text_row home_network_text[] = {
	TEXT_LINE("[{@device}] Successfully got home network:\n"),
	TEXT_IF("home-network", "\tHome network:\n\t\tMCC: '{mcc}'\n\t\tMNC: '{mnc}'\n"
				"\t\tDescription: '{description}'\n"),
	TEXT_IF("network-name-source", "\tNetwork name source: {network-name-source}\n"),
	TEXT_IF("home-system-id", "\t\tSID: '{sid}'\n\t\tNID: '{nid}'\n"),
	{ .when = TEXT_PRESENT,
	  .path = "home-network-3gpp2-ext",
	  TEXT_PRINT(print_3gpp2_description),
	  .text = "\t3GPP2 Home network (extended):\n\t\tMCC: '{mcc}'\n\t\tMNC: '{mnc}'\n"
		  "\t\tDescription: '" },
	TEXT_END,
};

static const struct text_row radio_interfaces_text[] = {
	{ .when = TEXT_EACH, .path = "radio-interfaces", .text = "\t\t[{@}]: '{.}'\n" },
	TEXT_END,
};

static const struct text_row serving_system_text[] = {
	TEXT_LINE("[{@device}] Successfully got serving system:\n"),
	{ .when = TEXT_PRESENT,
	  .path = "serving-system",
	  .rows = radio_interfaces_text,
	  .text = "\tRegistration state: '{registration-state}'\n"
		  "\tCS: '{cs-attach-state}'\n\tPS: '{ps-attach-state}'\n"
		  "\tSelected network: '{selected-network}'\n"
		  "\tRadio interfaces: '{#radio-interfaces}'\n" },
	TEXT_IF("roaming-indicator", "\tRoaming status: '{roaming-indicator}'\n"),
	TEXT_IF("data-service-capability",
		"\tData service capabilities: '{#data-service-capability}'\n"),
	{ .when = TEXT_EACH, .path = "data-service-capability", .text = "\t\t[{@}]: '{.}'\n" },
	TEXT_IF("current-plmn", "\tCurrent PLMN:\n\t\tMCC: '{mcc}'\n\t\tMNC: '{mnc}'\n"
				"\t\tDescription: '{description}'\n"),
	TEXT_IF("network-name-source", "\tNetwork name source: {network-name-source}\n"),
	TEXT_IF("cdma-system-id", "\tCDMA System ID:\n\t\tSID: '{sid}'\n\t\tNID: '{nid}'\n"),
	/* Quarters of a second of arc. */
	TEXT_IF("cdma-base-station-info", "\tCDMA Base station info:\n"
					  "\t\tBase station ID: '{base-station-id}'\n"
					  "\t\tLatitude: '{base-station-latitude/14400}'º\n"
					  "\t\tLongitude: '{base-station-longitude/14400}'º\n"),
	TEXT_IF("roaming-indicator-list", "\tRoaming indicators: '{#roaming-indicator-list}'\n"),
	{ .when = TEXT_EACH,
	  .path = "roaming-indicator-list",
	  .text = "\t\t[{@}]: '{roaming-indicator}' ({radio-interface})\n" },
	TEXT_IF("default-roaming-indicator",
		"\tDefault roaming status: '{default-roaming-indicator}'\n"),
	TEXT_IF("time-zone-3gpp2", "\t3GPP2 time zone:\n"
				   "\t\tLeap seconds: '{leap-seconds}' seconds\n"
				   "\t\tLocal time offset: '{local-time-offset*30}' minutes\n"
				   "\t\tDaylight saving time: '{daylight-saving-time}'\n"),
	TEXT_IF("cdma-p-rev", "\tCDMA P_Rev: '{cdma-p-rev}'\n"),
	TEXT_IF("time-zone-3gpp", "\t3GPP time zone offset: '{time-zone-3gpp*15}' minutes\n"),
	TEXT_IF("daylight-saving-time-adjustment-3gpp",
		"\t3GPP daylight saving time adjustment: "
		"'{daylight-saving-time-adjustment-3gpp:n}' hours\n"),
	TEXT_IF("lac-3gpp", "\t3GPP location area code: '{lac-3gpp}'\n"),
	TEXT_IF("cid-3gpp", "\t3GPP cell ID: '{cid-3gpp}'\n"),
	TEXT_IF("concurrent-service-info-3gpp2",
		"\t3GPP2 concurrent service info: "
		"'{concurrent-service-info-3gpp2?available:not available}'\n"),
	TEXT_IF("prl-indicator-3gpp2", "\t3GPP2 PRL indicator: "
				       "'{prl-indicator-3gpp2?system in PRL:system not in PRL}'\n"),
	TEXT_IF("dtm-support", "\tDual transfer mode: '{dtm-support?supported:not supported}'\n"),
	TEXT_IF("detailed-service-status",
		"\tDetailed status:\n\t\tStatus: '{status}'\n"
		"\t\tCapability: '{capability}'\n\t\tHDR Status: '{hdr-status}'\n"
		"\t\tHDR Hybrid: '{hdr-hybrid}'\n\t\tForbidden: '{forbidden}'\n"),
	TEXT_IF("cdma-system-info", "\tCDMA system info:\n\t\tMCC: '{mcc}'\n"
				    "\t\tIMSI_11_12: '{imsi-11-12}'\n"),
	TEXT_IF("hdr-personality", "\tHDR personality: '{hdr-personality}'\n"),
	TEXT_IF("lte-tac", "\tLTE tracking area code: '{lte-tac}'\n"),
	TEXT_IF("call-barring-status",
		"\tCall barring status:\n"
		"\t\tCircuit switched: '{cs-status}'\n\t\tPacket switched: '{ps-status}'\n"),
	TEXT_IF("umts-primary-scrambling-code",
		"\tUMTS primary scrambling code: '{umts-primary-scrambling-code}'\n"),
	TEXT_IF("mnc-pcs-digit-include-status",
		"\tFull operator code info:\n\t\tMCC: '{mcc}'\n"
		"\t\tMNC: '{mnc}'\n\t\tMNC with PCS digit: '{includes-pcs-digit}'\n"),
	TEXT_END,
};

static const struct text_row endc_text[] = {
	TEXT_IF("immediate-scg-release",
		"[{@device}] Successfully got EN-DC Config:\n"
		"\tEnabled:               {enabled?true:false}\n"
		"\tImmediate SCG Release: {immediate-scg-release?true:false}\n"),
	TEXT_END,
};

static const struct command_preset preferred_networks_presets[] = {
	{ "clear-previous-preferred-networks", true },
	{ 0 },
};

/* The order of acquisition is sent where the technologies have one. */
static const struct command_preset selection_preference_presets[] = {
	{ "change-duration", QK_NAS_CHANGE_DURATION_PERMANENT },
	{ 0 },
};

static const struct command commands[] = {
	{ .name = "nas-get-signal-strength",
	  .method = "nas/get-signal-strength",
	  .help = "Show the signal of the current and other networks",
	  .course = COURSE(.presets = signal_strength_presets),
	  .failure = "couldn't get signal strength",
	  .text = signal_strength_text },
	{ .name = "nas-get-signal-info",
	  .method = "nas/get-signal-info",
	  .help = "Show the signal in the terms of each radio technology",
	  .failure = "couldn't get signal info",
	  .text = signal_info_text },
	{ .name = "nas-get-home-network",
	  .method = "nas/get-home-network",
	  .help = "Show the network that the SIM belongs to",
	  .failure = "couldn't get home network",
	  .text = home_network_text },
	{ .name = "nas-get-serving-system",
	  .method = "nas/get-serving-system",
	  .help = "Show the registration and the network that serves",
	  .failure = "couldn't get serving system",
	  .text = serving_system_text },
	{ .name = "nas-get-system-info",
	  .method = "nas/get-system-info",
	  .help = "Show the registration by radio technology",
	  .failure = "couldn't get system info",
	  .text = nas_system_info_text },
	{ .name = "nas-get-preferred-networks",
	  .method = "nas/get-preferred-networks",
	  .help = "List the networks that the SIM prefers",
	  .failure = "couldn't get preferred networks",
	  .text = nas_preferred_networks_text },
	{ .name = "nas-set-preferred-networks",
	  .method = "nas/set-preferred-networks",
	  .help = "Store the networks that the SIM prefers, in place of those it has",
	  .argument = TAKES("MCCMNC,TECHNOLOGIES[,MCCMNC,TECHNOLOGIES...]",
			    .finish = nas_finish_preferred_networks,
			    .room = sizeof(struct nas_preferred_networks)),
	  .course = COURSE(.presets = preferred_networks_presets),
	  .failure = "couldn't set preferred networks",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Preferred networks set successfully.\n")) },
	{ .name = "nas-get-technology-preference",
	  .method = "nas/get-technology-preference",
	  .help = "Show the radio technologies that may be used, as older modems tell it",
	  .failure = "couldn't get technology preference",
	  .text = nas_technology_preference_text },
	{ .name = "nas-get-system-selection-preference",
	  .method = "nas/get-system-selection-preference",
	  .help = "Show technologies, bands and networks that the modem may use",
	  .failure = "couldn't get system_selection preference",
	  .text = nas_selection_preference_text },
	{ .name = "nas-set-system-selection-preference",
	  .method = "nas/set-system-selection-preference",
	  .help = "Set the technologies in their order, or the network, or both",
	  .argument = TAKES("TECHNOLOGY|...[,automatic|,manual=MCCMNC]",
			    .finish = nas_finish_selection_preference,
			    .room = sizeof(struct nas_order)),
	  .course = COURSE(.presets = selection_preference_presets),
	  .failure = "couldn't set operating mode",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] System selection preference set "
				      "successfully; replug your device.\n")) },
	{ .name = "nas-network-scan",
	  .method = "nas/network-scan",
	  .help = "Scan for networks, of all radio technologies or of these; takes minutes",
	  .argument =
		  TAKES("[=gsm|umts|lte|td-scdma|5gnr]", .field = "network-type", .optional = true),
	  .timeout_sec = SCAN_SEC,
	  .failure = "couldn't scan networks",
	  .text = nas_network_scan_text },
	{ .name = "nas-incremental-network-scan",
	  .method = "nas/incremental-network-scan",
	  .help = "The same, showing networks as they are found, until it is done or Ctrl+C",
	  .argument =
		  TAKES("[=gsm|umts|lte|td-scdma|5gnr]", .field = "network-type", .optional = true),
	  .course = COURSE(.run = nas_run_incremental_scan),
	  .failure = "couldn't scan networks" },
	{ .name = "nas-force-network-search",
	  .method = "nas/force-network-search",
	  .help = "Have the modem look for its network now",
	  .failure = "couldn't force network search",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully forced network search\n")) },
	{ .name = "nas-get-cell-location-info",
	  .method = "nas/get-cell-location-info",
	  .help = "Show the serving cell and its neighbours",
	  .failure = "couldn't get cell location info",
	  .text = nas_cell_location_text },
	{ .name = "nas-get-operator-name",
	  .method = "nas/get-operator-name",
	  .help = "Show how the operator is called",
	  .failure = "couldn't get operator name data",
	  .text = nas_operator_name_text },
	{ .name = "nas-get-plmn-name",
	  .method = "nas/get-plmn-name",
	  .help = "Show how a network is called",
	  .argument = TAKES("MCCMNC", .finish = nas_finish_plmn_name),
	  .failure = "couldn't get operator name data",
	  .text = nas_plmn_name_text },
	{ .name = "nas-get-network-time",
	  .method = "nas/get-network-time",
	  .help = "Show the time that the network told",
	  .failure = "couldn't get network time",
	  .text = nas_network_time_text },
	{ .name = "nas-get-tx-rx-info",
	  .method = "nas/get-tx-rx-info",
	  .help = "Show what each antenna measures, in the terms of a radio technology",
	  .argument = TAKES("TECHNOLOGY", .field = "radio-interface"),
	  .failure = "couldn't get TX/RX info",
	  .text = nas_tx_rx_text },
	{ .name = "nas-get-lte-cphy-ca-info",
	  .method = "nas/get-lte-cphy-ca-info",
	  .help = "Show the carriers of LTE that are aggregated",
	  .failure = "couldn't get carrier aggregation info",
	  .text = nas_carrier_aggregation_text },
	{ .name = "nas-get-rf-band-info",
	  .method = "nas/get-rf-band-information",
	  .help = "Show band, channel and bandwidth in use",
	  .failure = "couldn't get rf band info",
	  .text = nas_rf_band_text },
	{ .name = "nas-get-drx",
	  .method = "nas/get-drx",
	  .help = "Show the cycle of discontinuous reception",
	  .course = COURSE(.needs = NAMES("info")),
	  .failure = "couldn't get DRX",
	  .text = TEXT_ROWS(TEXT_IF("info", "[{@device}] Successfully got DRX: {info}\n")) },
	{ .name = "nas-get-endc-config",
	  .method = "nas/get-endc-config",
	  .help = "Show whether 5G may be joined to LTE",
	  .course = COURSE(.needs = NAMES("enabled", "immediate-scg-release")),
	  .failure = "couldn't get EN-DC config",
	  .text = TEXT_ROWS({ .when = TEXT_PRESENT, .path = "enabled", .rows = endc_text }) },
	{ .name = "nas-swi-get-status",
	  .method = "nas/swi-get-status",
	  .help = "Show temperature, modes and LTE (Sierra Wireless)",
	  .failure = "couldn't get status",
	  .text = nas_swi_status_text },
	COMMAND_SUPPORTED_MESSAGES(nas, NAS),
	COMMAND_RESET(nas, NAS),
	COMMAND_NOOP(nas),
	{ 0 },
};

const struct command_service commands_nas = { QK_SERVICE_ID_NAS, "nas", "Network Access Service",
					      commands };
