/*
 * Screens of services: what the interfaces of a modem have beside it, and what its methods answer. A row says in
 * which section and by which key and label a value is shown, which property it is, and what makes it text. Rows are
 * in the order of key-value output; keys, labels and their order are those of stock's (cli/mmcli-output.c of
 * ModemManager 1.20.4), and of 1.24's where a row is marked newer.
 */
#include "api-names.h"
#include "mmcli/compose.h"
#include "mmcli/sections.h"
#include "mmcli/words.h"

static const struct show_row location_status_rows[] = {
	{ LOCATION, "modem.location.capabilities", "capabilities", API_LOCATION_CAPABILITIES, NULL,
	  show_flags_array },
	{ LOCATION, "modem.location.enabled", "enabled", API_LOCATION_ENABLED, NULL,
	  show_flags_array },
	{ LOCATION, "modem.location.signals", "signals", API_LOCATION_SIGNALS_LOCATION, NULL,
	  show_yes_no },
	{ PLACE_GPS, "modem.location.gps.refresh-rate", "refresh rate",
	  API_LOCATION_GPS_REFRESH_RATE, NULL, compose_gps_rate, .unit = "seconds" },
	{ PLACE_GPS, "modem.location.gps.supl-server", "a-gps supl server",
	  API_LOCATION_SUPL_SERVER, NULL, compose_gps_supl },
	{ PLACE_GPS, "modem.location.gps.assistance", "supported assistance",
	  API_LOCATION_SUPPORTED_ASSISTANCE_DATA, NULL, compose_gps_assistance },
	{ PLACE_GPS, "modem.location.gps.assistance-servers", "assistance servers",
	  API_LOCATION_ASSISTANCE_DATA_SERVERS, NULL, compose_gps_servers, .lines = true },
};
SCREEN(location_status);

static const struct show_row location_rows[] = {
	{ PLACE_CELL, "modem.location.3gpp.mcc", "operator mcc", NULL, NULL, compose_mcc },
	{ PLACE_CELL, "modem.location.3gpp.mnc", "operator mnc", NULL, NULL, compose_mnc },
	{ PLACE_CELL, "modem.location.3gpp.lac", "location area code", NULL, NULL, compose_lac },
	{ PLACE_CELL, "modem.location.3gpp.tac", "tracking area code", NULL, NULL, compose_tac },
	{ PLACE_CELL, "modem.location.3gpp.cid", "cell id", NULL, NULL, compose_cell_id },
	{ PLACE_GPS, "modem.location.gps.nmea", "nmea", NULL, NULL, compose_nmea, .lines = true },
	{ PLACE_GPS, "modem.location.gps.utc", "utc", NULL, NULL, compose_gps_text,
	  .unit = "utc-time" },
	{ PLACE_GPS, "modem.location.gps.longitude", "longitude", NULL, NULL, compose_gps_degrees,
	  .unit = "longitude" },
	{ PLACE_GPS, "modem.location.gps.latitude", "latitude", NULL, NULL, compose_gps_degrees,
	  .unit = "latitude" },
	{ PLACE_GPS, "modem.location.gps.altitude", "altitude", NULL, NULL, compose_gps_degrees,
	  .unit = "altitude" },
	{ PLACE_CDMA, "modem.location.cdma-bs.longitude", "longitude", NULL, NULL,
	  compose_cdma_degrees, .unit = "longitude" },
	{ PLACE_CDMA, "modem.location.cdma-bs.latitude", "latitude", NULL, NULL,
	  compose_cdma_degrees, .unit = "latitude" },
};
SCREEN(location);

static const struct show_row messaging_rows[] = {
	{ MESSAGING, "modem.messaging.supported-storages", "supported storages",
	  API_MESSAGING_SUPPORTED_STORAGES, NULL, compose_storages },
	{ MESSAGING, "modem.messaging.default-storages", "default storages",
	  API_MESSAGING_DEFAULT_STORAGE, NULL, show_name },
};
SCREEN(messaging);

static const struct show_row voice_rows[] = {
	{ VOICE, "modem.voice.emergency-only", "emergency only", API_VOICE_EMERGENCY_ONLY, NULL,
	  show_yes_no },
};
SCREEN(voice);

static const struct show_row time_rows[] = {
	{ TIME, "modem.time.current", "current", NULL, "time", show_text },
	{ TIMEZONE, "modem.timezone.current", "current", API_TIME_NETWORK_TIMEZONE, "offset",
	  compose_offset },
	{ TIMEZONE, "modem.time.dst-offset", "dst offset", API_TIME_NETWORK_TIMEZONE, "dst-offset",
	  compose_offset },
	{ TIMEZONE, "modem.time.leap-seconds", "leap seconds", API_TIME_NETWORK_TIMEZONE,
	  "leap-seconds", compose_offset },
};
SCREEN(time);

static const struct show_row signal_rows[] = {
	{ SIGNAL, "modem.signal.refresh.rate", "refresh rate", API_SIGNAL_RATE, NULL, show_number,
	  .unit = "seconds" },
	{ SIGNAL, "modem.signal.threshold.rssi", "rssi threshold", API_SIGNAL_RSSI_THRESHOLD, NULL,
	  show_number, .unit = "dBm" },
	{ SIGNAL, "modem.signal.threshold.error-rate", "error rate threshold",
	  API_SIGNAL_ERROR_RATE_THRESHOLD, NULL, show_yes_no },
	{ SIGNAL_CDMA, "modem.signal.cdma1x.rssi", "rssi", API_SIGNAL_CDMA, "rssi", show_decimal,
	  .unit = "dBm" },
	{ SIGNAL_CDMA, "modem.signal.cdma1x.ecio", "ecio", API_SIGNAL_CDMA, "ecio", show_decimal,
	  .unit = "dBm" },
	{ SIGNAL_CDMA, "modem.signal.cdma1x.error-rate", "error rate", API_SIGNAL_CDMA,
	  "error-rate", show_decimal, .unit = "%%" },
	{ SIGNAL_EVDO, "modem.signal.evdo.rssi", "rssi", API_SIGNAL_EVDO, "rssi", show_decimal,
	  .unit = "dBm" },
	{ SIGNAL_EVDO, "modem.signal.evdo.ecio", "ecio", API_SIGNAL_EVDO, "ecio", show_decimal,
	  .unit = "dB" },
	{ SIGNAL_EVDO, "modem.signal.evdo.sinr", "sinr", API_SIGNAL_EVDO, "sinr", show_decimal,
	  .unit = "dB" },
	{ SIGNAL_EVDO, "modem.signal.evdo.io", "io", API_SIGNAL_EVDO, "io", show_decimal,
	  .unit = "dBm" },
	{ SIGNAL_EVDO, "modem.signal.evdo.error-rate", "error rate", API_SIGNAL_EVDO, "error-rate",
	  show_decimal, .unit = "%%" },
	{ SIGNAL_GSM, "modem.signal.gsm.rssi", "rssi", API_SIGNAL_GSM, "rssi", show_decimal,
	  .unit = "dBm" },
	{ SIGNAL_GSM, "modem.signal.gsm.error-rate", "error rate", API_SIGNAL_GSM, "error-rate",
	  show_decimal, .unit = "%%" },
	{ SIGNAL_UMTS, "modem.signal.umts.rssi", "rssi", API_SIGNAL_UMTS, "rssi", show_decimal,
	  .unit = "dBm" },
	{ SIGNAL_UMTS, "modem.signal.umts.rscp", "rscp", API_SIGNAL_UMTS, "rscp", show_decimal,
	  .unit = "dBm" },
	{ SIGNAL_UMTS, "modem.signal.umts.ecio", "ecio", API_SIGNAL_UMTS, "ecio", show_decimal,
	  .unit = "dB" },
	{ SIGNAL_UMTS, "modem.signal.umts.error-rate", "error rate", API_SIGNAL_UMTS, "error-rate",
	  show_decimal, .unit = "%%" },
	{ SIGNAL_LTE, "modem.signal.lte.rssi", "rssi", API_SIGNAL_LTE, "rssi", show_decimal,
	  .unit = "dBm" },
	{ SIGNAL_LTE, "modem.signal.lte.rsrq", "rsrq", API_SIGNAL_LTE, "rsrq", show_decimal,
	  .unit = "dB" },
	{ SIGNAL_LTE, "modem.signal.lte.rsrp", "rsrp", API_SIGNAL_LTE, "rsrp", show_decimal,
	  .unit = "dBm" },
	{ SIGNAL_LTE, "modem.signal.lte.snr", "s/n", API_SIGNAL_LTE, "snr", show_decimal,
	  .unit = "dB" },
	{ SIGNAL_LTE, "modem.signal.lte.error-rate", "error rate", API_SIGNAL_LTE, "error-rate",
	  show_decimal, .unit = "%%" },
	{ SIGNAL_5G, "modem.signal.5g.rsrq", "rsrq", API_SIGNAL_NR5G, "rsrq", show_decimal,
	  .unit = "dB" },
	{ SIGNAL_5G, "modem.signal.5g.rsrp", "rsrp", API_SIGNAL_NR5G, "rsrp", show_decimal,
	  .unit = "dBm" },
	{ SIGNAL_5G, "modem.signal.5g.snr", "s/n", API_SIGNAL_NR5G, "snr", show_decimal,
	  .unit = "dB" },
	{ SIGNAL_5G, "modem.signal.5g.error-rate", "error rate", API_SIGNAL_NR5G, "error-rate",
	  show_decimal, .unit = "%%" },
};
SCREEN(signal);

static const struct show_row sar_rows[] = {
	{ SAR, "modem.sar.state", "enabled", API_SAR_STATE, NULL, show_yes_no },
	{ SAR, "modem.sar.power-level", "power level", API_SAR_POWER_LEVEL, NULL, show_number },
};
SCREEN(sar);

static const struct show_row oma_rows[] = {
	{ OMA, "modem.oma.features", "features", API_OMA_FEATURES, NULL, show_flags },
	{ OMA_CURRENT, "modem.oma.current.type", "type", API_OMA_SESSION_TYPE, NULL,
	  compose_session },
	{ OMA_CURRENT, "modem.oma.current.state", "state", API_OMA_SESSION_STATE, NULL,
	  compose_session },
	{ OMA_PENDING, "modem.oma.pending-sessions", "sessions",
	  API_OMA_PENDING_NETWORK_INITIATED_SESSIONS, NULL, compose_pending, .lines = true },
};
SCREEN(oma);

static const struct show_row firmware_status_rows[] = {
	{ FIRMWARE, "modem.firmware.method", "method", API_FIRMWARE_UPDATE_SETTINGS, NULL,
	  compose_update_method },
	{ FIRMWARE, "modem.firmware.device-ids", "device ids", API_FIRMWARE_UPDATE_SETTINGS, NULL,
	  compose_update_ids, .lines = true },
	{ FIRMWARE, "modem.firmware.version", "version", API_FIRMWARE_UPDATE_SETTINGS, NULL,
	  compose_update_text, .unit = "version" },
	{ FASTBOOT, "modem.firmware.fastboot.at", "at command", API_FIRMWARE_UPDATE_SETTINGS, NULL,
	  compose_update_text, .unit = "fastboot-at" },
};
SCREEN(firmware_status);

static const struct show_row firmware_rows[] = {
	{ FIRMWARE, "modem.firmware.list", "list", NULL, NULL, compose_firmware, .lines = true },
};
SCREEN(firmware);

static const struct show_row ussd_rows[] = {
	{ GENERAL, "modem.dbus-path", "path", NULL, NULL, show_path },
	{ USSD, "modem.3gpp.ussd.status", "status", API_USSD_STATE, NULL, show_name },
	{ USSD, "modem.3gpp.ussd.network-request", "network request", API_USSD_NETWORK_REQUEST,
	  NULL, show_text },
	{ USSD, "modem.3gpp.ussd.network-notification", "network notification",
	  API_USSD_NETWORK_NOTIFICATION, NULL, show_text },
};
SCREEN(ussd);

static const struct show_row profile_manager_rows[] = {
	{ PROFILES, "modem.3gpp.profile-manager.index-field", "index field",
	  API_PROFILE_MANAGER_INDEX_FIELD, NULL, show_text },
};
SCREEN(profile_manager);

static const struct show_row profiles_rows[] = {
	{ PROFILES, "modem.3gpp.profile-manager.list", "list", NULL, NULL, compose_profiles,
	  .lines = true },
};
SCREEN(profiles);

static const struct show_row profile_rows[] = {
	{ PROFILES, "modem.3gpp.profile-manager.set", "set", NULL, NULL, compose_profiles,
	  .lines = true },
};
SCREEN(profile);

static const struct show_row scan_rows[] = {
	{ SCAN, "modem.3gpp.scan-networks", "networks", NULL, NULL, compose_scan, .lines = true },
};
SCREEN(scan);

static const struct show_row created_sms_rows[] = {
	{ MESSAGING, "modem.messaging.created-sms", "created sms", NULL, NULL, show_text },
};
SCREEN(created_sms);

static const struct show_row cells_rows[] = {
	{ CELLS, "modem.generic.cell-info", "cells", NULL, NULL, compose_cells, .lines = true },
};
SCREEN(cells);

static const struct show_row cell_broadcast_rows[] = {
	{ CELL_BROADCAST, "modem.cellbroadcast.channels", "channels", API_CELL_BROADCAST_CHANNELS,
	  NULL, compose_channels },
};
SCREEN(cell_broadcast);
