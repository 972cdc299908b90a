/*
 * Screens: a row says in which section and by which key and label a value is shown, which property it is, and what
 * makes it text. Rows are in the order of key-value output; keys, labels and their order are those of stock's
 * (cli/mmcli-output.c of ModemManager 1.20.4), and of 1.24's where a row is marked newer.
 */
#include "mmcli/screens.h"

#include <stdlib.h>

#include "api-names.h"
#include "mmcli/compose.h"
#include "mmcli/words.h"

/* In the order in which people see them. */
enum section {
	GENERAL,
	HARDWARE,
	SYSTEM,
	NUMBERS,
	CONTENT,
	STATUS,
	PROPERTIES,
	MODES,
	BANDS,
	IP,
	CELLS,
	NETWORK,
	EPS,
	NR5G,
	SCAN,
	USSD,
	PROFILES,
	CDMA,
	SIM_CARD,
	BEARERS,
	TIME,
	TIMEZONE,
	MESSAGING,
	SIGNAL,
	SIGNAL_CDMA,
	SIGNAL_EVDO,
	SIGNAL_GSM,
	SIGNAL_UMTS,
	SIGNAL_LTE,
	SIGNAL_5G,
	OMA,
	OMA_CURRENT,
	OMA_PENDING,
	LOCATION,
	PLACE_CELL,
	PLACE_GPS,
	PLACE_CDMA,
	FIRMWARE,
	FASTBOOT,
	VOICE,
	SAR,
	CELL_BROADCAST,
	IPV4,
	IPV6,
	STATISTICS,
	AUDIO,
};

static const char *const section_names[] = {
	[GENERAL] = "General",
	[HARDWARE] = "Hardware",
	[SYSTEM] = "System",
	[NUMBERS] = "Numbers",
	[CONTENT] = "Content",
	[STATUS] = "Status",
	[PROPERTIES] = "Properties",
	[MODES] = "Modes",
	[BANDS] = "Bands",
	[IP] = "IP",
	[CELLS] = "Cell info",
	[NETWORK] = "3GPP",
	[EPS] = "3GPP EPS",
	[NR5G] = "3GPP 5GNR",
	[SCAN] = "3GPP scan",
	[USSD] = "3GPP USSD",
	[PROFILES] = "3GPP profile manager",
	[CDMA] = "CDMA",
	[SIM_CARD] = "SIM",
	[BEARERS] = "Bearer",
	[TIME] = "Time",
	[TIMEZONE] = "Timezone",
	[MESSAGING] = "Messaging",
	[SIGNAL] = "Signal",
	[SIGNAL_CDMA] = "CDMA1x",
	[SIGNAL_EVDO] = "EV-DO",
	[SIGNAL_GSM] = "GSM",
	[SIGNAL_UMTS] = "UMTS",
	[SIGNAL_LTE] = "LTE",
	[SIGNAL_5G] = "5G",
	[OMA] = "OMA",
	[OMA_CURRENT] = "Current session",
	[OMA_PENDING] = "Pending sessions",
	[LOCATION] = "Location",
	[PLACE_CELL] = "3GPP",
	[PLACE_GPS] = "GPS",
	[PLACE_CDMA] = "CDMA BS",
	[FIRMWARE] = "Firmware",
	[FASTBOOT] = "Fastboot settings",
	[VOICE] = "Voice",
	[SAR] = "SAR",
	[CELL_BROADCAST] = "Cell Broadcast",
	[IPV4] = "IPv4 configuration",
	[IPV6] = "IPv6 configuration",
	[STATISTICS] = "Statistics",
	[AUDIO] = "Audio format",
};

/* The interface of CDMA modems, which has no place in api/: no QMI modem of ours serves it. */
static const struct api_interface cdma = {
	.name = "org.freedesktop.ModemManager1.Modem.ModemCdma",
};
#define CDMA_PROPERTY(id, title, signature, words) \
	static const struct api_property cdma_##id = { &cdma, \
						       { title, { signature, words, NULL } } }
CDMA_PROPERTY(meid, "Meid", "s", NULL);
CDMA_PROPERTY(esn, "Esn", "s", NULL);
CDMA_PROPERTY(sid, "Sid", "u", NULL);
CDMA_PROPERTY(nid, "Nid", "u", NULL);
CDMA_PROPERTY(1x, "Cdma1xRegistrationState", "u", &words_cdma_registration);
CDMA_PROPERTY(evdo, "EvdoRegistrationState", "u", &words_cdma_registration);
CDMA_PROPERTY(activation, "ActivationState", "u", &words_cdma_activation);

#define SCREEN(name) \
	const struct screen screen_##name = { \
		sizeof(name##_rows) / sizeof((name##_rows)[0]), \
		name##_rows, \
	}

static const struct show_row modem_rows[] = {
	{ GENERAL, "modem.dbus-path", "path", NULL, NULL, show_path },
	{ GENERAL, "modem.generic.device-identifier", "device id", API_MODEM_DEVICE_IDENTIFIER,
	  NULL, show_text },
	{ HARDWARE, "modem.generic.manufacturer", "manufacturer", API_MODEM_MANUFACTURER, NULL,
	  show_text },
	{ HARDWARE, "modem.generic.model", "model", API_MODEM_MODEL, NULL, show_text },
	{ HARDWARE, "modem.generic.revision", "firmware revision", API_MODEM_REVISION, NULL,
	  show_text },
	{ HARDWARE, "modem.generic.carrier-configuration", "carrier config",
	  API_MODEM_CARRIER_CONFIGURATION, NULL, show_text },
	{ HARDWARE, "modem.generic.carrier-configuration-revision", "carrier config revision",
	  API_MODEM_CARRIER_CONFIGURATION_REVISION, NULL, show_text },
	{ HARDWARE, "modem.generic.hardware-revision", "h/w revision", API_MODEM_HARDWARE_REVISION,
	  NULL, show_text },
	{ HARDWARE, "modem.generic.supported-capabilities", "supported",
	  API_MODEM_SUPPORTED_CAPABILITIES, NULL, show_flags_lines, .lines = true },
	{ HARDWARE, "modem.generic.current-capabilities", "current", API_MODEM_CURRENT_CAPABILITIES,
	  NULL, show_flags_line, .lines = true },
	{ HARDWARE, "modem.generic.equipment-identifier", "equipment id",
	  API_MODEM_EQUIPMENT_IDENTIFIER, NULL, show_text },
	{ SYSTEM, "modem.generic.device", "device", API_MODEM_DEVICE, NULL, show_text },
	{ SYSTEM, "modem.generic.physdev", "physdev", API_MODEM_PHYSDEV, NULL, show_text,
	  .newer = true },
	{ SYSTEM, "modem.generic.drivers", "drivers", API_MODEM_DRIVERS, NULL, show_array },
	{ SYSTEM, "modem.generic.plugin", "plugin", API_MODEM_PLUGIN, NULL, show_text },
	{ SYSTEM, "modem.generic.primary-port", "primary port", API_MODEM_PRIMARY_PORT, NULL,
	  show_text },
	{ SYSTEM, "modem.generic.ports", "ports", API_MODEM_PORTS, NULL, compose_ports },
	{ SYSTEM, "modem.generic.ignored-ports", "ignored ports", API_MODEM_IGNORED_PORTS, NULL,
	  compose_ports, .newer = true },
	{ NUMBERS, "modem.generic.own-numbers", "own", API_MODEM_OWN_NUMBERS, NULL,
	  show_array_or_none },
	{ STATUS, "modem.generic.unlock-required", "lock", API_MODEM_UNLOCK_REQUIRED, NULL,
	  show_name },
	{ STATUS, "modem.generic.unlock-retries", "unlock retries", API_MODEM_UNLOCK_RETRIES, NULL,
	  compose_retries },
	{ STATUS, "modem.generic.state", "state", API_MODEM_STATE, NULL, compose_state },
	{ STATUS, "modem.generic.state-failed-reason", "failed reason",
	  API_MODEM_STATE_FAILED_REASON, NULL, compose_failed_reason },
	{ STATUS, "modem.generic.power-state", "power state", API_MODEM_POWER_STATE, NULL,
	  show_name },
	{ STATUS, "modem.generic.access-technologies", "access tech", API_MODEM_ACCESS_TECHNOLOGIES,
	  NULL, show_flags_array },
	{ STATUS, "modem.generic.signal-quality.value", "signal quality", API_MODEM_SIGNAL_QUALITY,
	  NULL, compose_quality },
	{ STATUS, "modem.generic.signal-quality.recent", NULL, API_MODEM_SIGNAL_QUALITY, NULL,
	  compose_recent },
	{ MODES, "modem.generic.supported-modes", "supported", API_MODEM_SUPPORTED_MODES, NULL,
	  compose_modes, .lines = true },
	{ MODES, "modem.generic.current-modes", "current", API_MODEM_CURRENT_MODES, NULL,
	  compose_mode },
	{ BANDS, "modem.generic.supported-bands", "supported", API_MODEM_SUPPORTED_BANDS, NULL,
	  show_names },
	{ BANDS, "modem.generic.current-bands", "current", API_MODEM_CURRENT_BANDS, NULL,
	  show_names },
	{ IP, "modem.generic.supported-ip-families", "supported", API_MODEM_SUPPORTED_IP_FAMILIES,
	  NULL, show_flags_array },
	{ NETWORK, "modem.3gpp.imei", "imei", API_MODEM3GPP_IMEI, NULL, show_text },
	{ NETWORK, "modem.3gpp.enabled-locks", "enabled locks",
	  API_MODEM3GPP_ENABLED_FACILITY_LOCKS, NULL, show_flags_array },
	{ NETWORK, "modem.3gpp.operator-code", "operator id", API_MODEM3GPP_OPERATOR_CODE, NULL,
	  show_text },
	{ NETWORK, "modem.3gpp.operator-name", "operator name", API_MODEM3GPP_OPERATOR_NAME, NULL,
	  show_text },
	{ NETWORK, "modem.3gpp.registration-state", "registration",
	  API_MODEM3GPP_REGISTRATION_STATE, NULL, show_name },
	{ NETWORK, "modem.3gpp.network-rejection-error", "network rejection error",
	  API_MODEM3GPP_NETWORK_REJECTION, "error", compose_rejection, .newer = true },
	{ NETWORK, "modem.3gpp.network-rejection-operator-id", "network rejection operator id",
	  API_MODEM3GPP_NETWORK_REJECTION, "operator-id", show_text, .newer = true },
	{ NETWORK, "modem.3gpp.network-rejection-operator-name", "network rejection operator name",
	  API_MODEM3GPP_NETWORK_REJECTION, "operator-name", show_text, .newer = true },
	{ NETWORK, "modem.3gpp.network-rejection-access-technology",
	  "network rejection access technology", API_MODEM3GPP_NETWORK_REJECTION,
	  "access-technology", show_flags, .newer = true },
	{ NETWORK, "modem.3gpp.packet-service-state", "packet service state",
	  API_MODEM3GPP_PACKET_SERVICE_STATE, NULL, show_name },
	{ NETWORK, "modem.3gpp.pco", "pco", API_MODEM3GPP_PCO, NULL, compose_pco, .lines = true },
	{ EPS, "modem.3gpp.eps.ue-mode-operation", "ue mode of operation",
	  API_MODEM3GPP_EPS_UE_MODE_OPERATION, NULL, show_name },
	{ EPS, "modem.3gpp.eps.initial-bearer.dbus-path", "initial bearer path",
	  API_MODEM3GPP_INITIAL_EPS_BEARER, NULL, show_object },
	{ EPS, "modem.3gpp.eps.initial-bearer.settings.apn", "initial bearer apn",
	  API_MODEM3GPP_INITIAL_EPS_BEARER_SETTINGS, "apn", compose_attach_text },
	{ EPS, "modem.3gpp.eps.initial-bearer.settings.ip-type", "initial bearer ip type",
	  API_MODEM3GPP_INITIAL_EPS_BEARER_SETTINGS, "ip-type", compose_attach_flags },
	{ EPS, "modem.3gpp.eps.initial-bearer.settings.user", "initial bearer user",
	  API_MODEM3GPP_INITIAL_EPS_BEARER_SETTINGS, "user", compose_attach_text },
	{ EPS, "modem.3gpp.eps.initial-bearer.settings.password", "initial bearer password",
	  API_MODEM3GPP_INITIAL_EPS_BEARER_SETTINGS, "password", compose_attach_text },
	{ NR5G, "modem.3gpp.5gnr.registration-settings.mico-mode", "mico mode",
	  API_MODEM3GPP_NR5G_REGISTRATION_SETTINGS, "mico-mode", compose_nr5g_name },
	{ NR5G, "modem.3gpp.5gnr.registration-settings.drx-cycle", "drx cycle",
	  API_MODEM3GPP_NR5G_REGISTRATION_SETTINGS, "drx-cycle", compose_nr5g_name },
	{ CDMA, "modem.cdma.meid", "meid", &cdma_meid, NULL, show_text },
	{ CDMA, "modem.cdma.esn", "esn", &cdma_esn, NULL, show_text },
	{ CDMA, "modem.cdma.sid", "sid", &cdma_sid, NULL, show_known },
	{ CDMA, "modem.cdma.nid", "nid", &cdma_nid, NULL, show_known },
	{ CDMA, "modem.cdma.cdma1x-registration-state", "registration cdma1x", &cdma_1x, NULL,
	  show_name },
	{ CDMA, "modem.cdma.evdo-registration-state", "registration evdo", &cdma_evdo, NULL,
	  show_name },
	{ CDMA, "modem.cdma.activation-state", "activation", &cdma_activation, NULL, show_name },
	{ SIM_CARD, "modem.generic.sim", "primary sim path", API_MODEM_SIM, NULL, show_object },
	{ SIM_CARD, "modem.generic.primary-sim-slot", NULL, API_MODEM_PRIMARY_SIM_SLOT, NULL,
	  compose_slot },
	{ SIM_CARD, "modem.generic.sim-slots", "sim slot paths", API_MODEM_SIM_SLOTS, NULL,
	  compose_slots, .lines = true },
	{ BEARERS, "modem.generic.bearers", "paths", API_MODEM_BEARERS, NULL, show_array_or_none,
	  .lines = true },
};
SCREEN(modem);

/* The state in short, with the keys that these values have above. mmcli had this until 1.8. */
static const struct show_row status_rows[] = {
	{ GENERAL, "modem.dbus-path", "path", NULL, NULL, show_path },
	{ STATUS, "modem.generic.state", "state", API_MODEM_STATE, NULL, compose_state },
	{ STATUS, "modem.generic.access-technologies", "access tech", API_MODEM_ACCESS_TECHNOLOGIES,
	  NULL, show_flags_array },
	{ STATUS, "modem.generic.signal-quality.value", "signal quality", API_MODEM_SIGNAL_QUALITY,
	  NULL, compose_quality },
	{ STATUS, "modem.generic.signal-quality.recent", NULL, API_MODEM_SIGNAL_QUALITY, NULL,
	  compose_recent },
	{ BANDS, "modem.generic.current-bands", "current", API_MODEM_CURRENT_BANDS, NULL,
	  show_names },
	{ NETWORK, "modem.3gpp.operator-code", "operator id", API_MODEM3GPP_OPERATOR_CODE, NULL,
	  show_text },
	{ NETWORK, "modem.3gpp.operator-name", "operator name", API_MODEM3GPP_OPERATOR_NAME, NULL,
	  show_text },
	{ NETWORK, "modem.3gpp.registration-state", "registration",
	  API_MODEM3GPP_REGISTRATION_STATE, NULL, show_name },
};
SCREEN(status);

static const struct show_row bearer_rows[] = {
	{ GENERAL, "bearer.dbus-path", "path", NULL, NULL, show_path },
	{ GENERAL, "bearer.type", "type", API_BEARER_BEARER_TYPE, NULL, show_name },
	{ STATUS, "bearer.status.connected", "connected", API_BEARER_CONNECTED, NULL, show_yes_no },
	{ STATUS, "bearer.status.connection-error.name", "connection error name",
	  API_BEARER_CONNECTION_ERROR, NULL, compose_error_name },
	{ STATUS, "bearer.status.connection-error.message", "connection error message",
	  API_BEARER_CONNECTION_ERROR, NULL, compose_error_text },
	{ STATUS, "bearer.status.suspended", "suspended", API_BEARER_SUSPENDED, NULL, show_yes_no },
	{ STATUS, "bearer.status.multiplexed", "multiplexed", API_BEARER_MULTIPLEXED, NULL,
	  show_yes_no },
	{ STATUS, "bearer.status.disconnect-request", "disconnect request",
	  API_BEARER_DISCONNECT_REQUEST, NULL, show_yes_no, .newer = true },
	{ STATUS, "bearer.status.interface", "interface", API_BEARER_INTERFACE, NULL, show_text },
	{ STATUS, "bearer.status.ip-timeout", "ip timeout", API_BEARER_IP_TIMEOUT, NULL,
	  show_number },
	{ STATUS, "bearer.status.profile-id", "profile id", API_BEARER_PROFILE_ID, NULL,
	  show_known },
	{ PROPERTIES, "bearer.properties.apn", "apn", API_BEARER_PROPERTIES, "apn", show_text },
	{ PROPERTIES, "bearer.properties.apn-type", "apn type", API_BEARER_PROPERTIES, "apn-type",
	  show_flags },
	{ PROPERTIES, "bearer.properties.roaming", "roaming", API_BEARER_PROPERTIES,
	  "allow-roaming", compose_roaming },
	{ PROPERTIES, "bearer.properties.ip-type", "ip type", API_BEARER_PROPERTIES, "ip-type",
	  show_flags },
	{ PROPERTIES, "bearer.properties.allowed-auth", "allowed-auth", API_BEARER_PROPERTIES,
	  "allowed-auth", show_flags_array },
	{ PROPERTIES, "bearer.properties.user", "user", API_BEARER_PROPERTIES, "user", show_text },
	{ PROPERTIES, "bearer.properties.password", "password", API_BEARER_PROPERTIES, "password",
	  show_text },
	{ PROPERTIES, "bearer.properties.profile-id", "profile id", API_BEARER_PROPERTIES,
	  "profile-id", show_known },
	{ PROPERTIES, "bearer.properties.rm-protocol", "rm protocol", API_BEARER_PROPERTIES,
	  "rm-protocol", compose_rm_protocol, .values = &words_rm_protocol },
	{ PROPERTIES, "bearer.properties.access-type-preference", "access type preference",
	  API_BEARER_PROPERTIES, "access-type-preference", show_name },
	{ PROPERTIES, "bearer.properties.roaming-allowance", "roaming allowance",
	  API_BEARER_PROPERTIES, "roaming-allowance", show_flags },
	{ IPV4, "bearer.ipv4-config.method", "method", API_BEARER_IP4_CONFIG, "method", show_name },
	{ IPV4, "bearer.ipv4-config.address", "address", API_BEARER_IP4_CONFIG, "address",
	  compose_ip_text },
	{ IPV4, "bearer.ipv4-config.prefix", "prefix", API_BEARER_IP4_CONFIG, "prefix",
	  compose_ip_number },
	{ IPV4, "bearer.ipv4-config.gateway", "gateway", API_BEARER_IP4_CONFIG, "gateway",
	  compose_ip_text },
	{ IPV4, "bearer.ipv4-config.dns", "dns", API_BEARER_IP4_CONFIG, NULL, compose_dns },
	{ IPV4, "bearer.ipv4-config.mtu", "mtu", API_BEARER_IP4_CONFIG, "mtu",
	  compose_ip_positive },
	{ IPV6, "bearer.ipv6-config.method", "method", API_BEARER_IP6_CONFIG, "method", show_name },
	{ IPV6, "bearer.ipv6-config.address", "address", API_BEARER_IP6_CONFIG, "address",
	  compose_ip_text },
	{ IPV6, "bearer.ipv6-config.prefix", "prefix", API_BEARER_IP6_CONFIG, "prefix",
	  compose_ip_number },
	{ IPV6, "bearer.ipv6-config.gateway", "gateway", API_BEARER_IP6_CONFIG, "gateway",
	  compose_ip_text },
	{ IPV6, "bearer.ipv6-config.dns", "dns", API_BEARER_IP6_CONFIG, NULL, compose_dns },
	{ IPV6, "bearer.ipv6-config.mtu", "mtu", API_BEARER_IP6_CONFIG, "mtu",
	  compose_ip_positive },
	{ STATISTICS, "bearer.stats.start-date", "start date", API_BEARER_STATS, "start-date",
	  compose_start_date },
	{ STATISTICS, "bearer.stats.duration", "duration", API_BEARER_STATS, "duration",
	  show_positive },
	{ STATISTICS, "bearer.stats.uplink-speed", "uplink-speed", API_BEARER_STATS, "uplink-speed",
	  show_positive },
	{ STATISTICS, "bearer.stats.downlink-speed", "downlink-speed", API_BEARER_STATS,
	  "downlink-speed", show_positive },
	{ STATISTICS, "bearer.stats.bytes-rx", "bytes rx", API_BEARER_STATS, "rx-bytes",
	  show_positive },
	{ STATISTICS, "bearer.stats.bytes-tx", "bytes tx", API_BEARER_STATS, "tx-bytes",
	  show_positive },
	{ STATISTICS, "bearer.stats.attempts", "attempts", API_BEARER_STATS, "attempts",
	  show_positive },
	{ STATISTICS, "bearer.stats.failed-attempts", "attempts", API_BEARER_STATS,
	  "failed-attempts", show_positive },
	{ STATISTICS, "bearer.stats.total-duration", "total-duration", API_BEARER_STATS,
	  "total-duration", show_positive },
	{ STATISTICS, "bearer.stats.total-bytes-rx", "total-bytes rx", API_BEARER_STATS,
	  "total-rx-bytes", show_positive },
	{ STATISTICS, "bearer.stats.total-bytes-tx", "total-bytes tx", API_BEARER_STATS,
	  "total-tx-bytes", show_positive },
};
SCREEN(bearer);

static const struct show_row call_rows[] = {
	{ GENERAL, "call.dbus-path", "path", NULL, NULL, show_path },
	{ PROPERTIES, "call.properties.number", "number", API_CALL_NUMBER, NULL, show_text },
	{ PROPERTIES, "call.properties.direction", "direction", API_CALL_DIRECTION, NULL,
	  show_name },
	{ PROPERTIES, "call.properties.multiparty", "multiparty", API_CALL_MULTIPARTY, NULL,
	  show_yes_no },
	{ PROPERTIES, "call.properties.state", "state", API_CALL_STATE, NULL, show_name },
	{ PROPERTIES, "call.properties.state-reason", "state reason", API_CALL_STATE_REASON, NULL,
	  show_name },
	{ PROPERTIES, "call.properties.audio-port", "audio port", API_CALL_AUDIO_PORT, NULL,
	  show_text },
	{ AUDIO, "call.audio-format.encoding", "encoding", API_CALL_AUDIO_FORMAT, "encoding",
	  show_text },
	{ AUDIO, "call.audio-format.resolution", "resolution", API_CALL_AUDIO_FORMAT, "resolution",
	  show_text },
	{ AUDIO, "call.audio-format.rate", "rate", API_CALL_AUDIO_FORMAT, "rate", show_number },
};
SCREEN(call);

static const struct show_row sms_rows[] = {
	{ GENERAL, "sms.dbus-path", "path", NULL, NULL, show_path },
	{ CONTENT, "sms.content.number", "number", API_SMS_NUMBER, NULL, show_text },
	{ CONTENT, "sms.content.text", "text", API_SMS_TEXT, NULL, show_text },
	{ CONTENT, "sms.content.data", "data", API_SMS_DATA, NULL, show_hex },
	{ PROPERTIES, "sms.properties.pdu-type", "pdu type", API_SMS_PDU_TYPE, NULL, show_name },
	{ PROPERTIES, "sms.properties.state", "state", API_SMS_STATE, NULL, show_name },
	{ PROPERTIES, "sms.properties.validity", "validity", API_SMS_VALIDITY, NULL,
	  compose_validity },
	{ PROPERTIES, "sms.properties.storage", "storage", API_SMS_STORAGE, NULL, show_name },
	{ PROPERTIES, "sms.properties.smsc", "smsc", API_SMS_SMSC, NULL, show_text },
	{ PROPERTIES, "sms.properties.class", "class", API_SMS_CLASS, NULL, compose_class },
	{ PROPERTIES, "sms.properties.teleservice-id", "teleservice id", API_SMS_TELESERVICE_ID,
	  NULL, show_name, .values = &words_teleservice },
	{ PROPERTIES, "sms.properties.service-category", "service category",
	  API_SMS_SERVICE_CATEGORY, NULL, show_name, .values = &words_service_category },
	{ PROPERTIES, "sms.properties.delivery-report", "delivery report",
	  API_SMS_DELIVERY_REPORT_REQUEST, NULL, compose_report },
	{ PROPERTIES, "sms.properties.message-reference", "message reference",
	  API_SMS_MESSAGE_REFERENCE, NULL, show_positive },
	{ PROPERTIES, "sms.properties.timestamp", "timestamp", API_SMS_TIMESTAMP, NULL, show_text },
	{ PROPERTIES, "sms.properties.delivery-state", "delivery state", API_SMS_DELIVERY_STATE,
	  NULL, compose_delivery },
	{ PROPERTIES, "sms.properties.discharge-timestamp", "discharge timestamp",
	  API_SMS_DISCHARGE_TIMESTAMP, NULL, show_text },
};
SCREEN(sms);

static const struct show_row cbm_rows[] = {
	{ GENERAL, "cbm.dbus-path", "path", NULL, NULL, show_path },
	{ CONTENT, "cbm.content.text", "text", API_CBM_TEXT, NULL, show_text },
	{ PROPERTIES, "cbm.properties.channel", "channel", API_CBM_CHANNEL, NULL, show_number },
	{ PROPERTIES, "cbm.properties.update", "update", API_CBM_UPDATE, NULL, show_number },
	{ PROPERTIES, "cbm.properties.message-code", "message code", API_CBM_MESSAGE_CODE, NULL,
	  show_number },
	{ PROPERTIES, "cbm.properties.lang", "lang", API_CBM_LANGUAGE, NULL, show_text },
};
SCREEN(cbm);

static const struct show_row sim_rows[] = {
	{ GENERAL, "sim.dbus-path", "path", NULL, NULL, show_path },
	{ PROPERTIES, "sim.properties.active", "active", API_SIM_ACTIVE, NULL, show_yes_no },
	{ PROPERTIES, "sim.properties.imsi", "imsi", API_SIM_IMSI, NULL, show_text },
	{ PROPERTIES, "sim.properties.iccid", "iccid", API_SIM_SIM_IDENTIFIER, NULL, show_text },
	{ PROPERTIES, "sim.properties.eid", "eid", API_SIM_EID, NULL, show_text },
	{ PROPERTIES, "sim.properties.operator-code", "operator id", API_SIM_OPERATOR_IDENTIFIER,
	  NULL, show_text },
	{ PROPERTIES, "sim.properties.operator-name", "operator name", API_SIM_OPERATOR_NAME, NULL,
	  show_text },
	{ PROPERTIES, "sim.properties.emergency-numbers", "emergency numbers",
	  API_SIM_EMERGENCY_NUMBERS, NULL, show_array },
	{ PROPERTIES, "sim.properties.preferred-networks", "preferred networks",
	  API_SIM_PREFERRED_NETWORKS, NULL, compose_networks, .lines = true },
	{ PROPERTIES, "sim.properties.gid1", "gid1", API_SIM_GID1, NULL, show_hex },
	{ PROPERTIES, "sim.properties.gid2", "gid2", API_SIM_GID2, NULL, show_hex },
	{ PROPERTIES, "sim.properties.sim-type", "type", API_SIM_SIM_TYPE, NULL, show_name },
	{ PROPERTIES, "sim.properties.esim-status", "esim status", API_SIM_ESIM_STATUS, NULL,
	  show_name },
	{ PROPERTIES, "sim.properties.removability", "removability", API_SIM_REMOVABILITY, NULL,
	  show_name },
};
SCREEN(sim);

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

void screen_show(const struct screen *screen, const struct screen_style *style, const char *path,
		 const json_t *object)
{
	struct show show = { style->format, style->newer, object, path };
	struct output_item *items = calloc(screen->count, sizeof(*items));
	json_t *owned = json_array();
	size_t count = 0;

	for (size_t i = 0; items && i < screen->count; i++) {
		const struct show_row *row = &screen->rows[i];
		json_t *value;

		if (row->newer && !style->newer)
			continue;
		value = row->show(&show, row, show_find(&show, row));
		json_array_append_new(owned, value);
		if (json_is_false(value))
			continue;
		items[count++] = (struct output_item){ .section = row->section,
						       .section_name = section_names[row->section],
						       .key = row->key,
						       .label = row->label,
						       .value = value,
						       .lines = row->lines };
	}
	output_fields(style->format, items, count);
	json_decref(owned);
	free(items);
}
