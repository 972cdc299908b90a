/*
 * Actions: the table. Words, and whether a modem must be enabled, are those of stock's (cli/ of ModemManager 1.20.4,
 * spelling mistakes included: scripts may look for them), and of 1.24's for what came later.
 */
#include "mmcli/actions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api-names.h"
#include "mmcli/follow.h"
#include "mmcli/special.h"

/* Groups in the order in which stock looks at them: the first that has an option is the one. */
struct group {
	const char *name;
	const char *title; /* "too many TITLE actions requested" */
	const char *lacks; /* "modem has no LACKS capabilities" */
	const struct api_interface *interface;
	const char *selector; /* the option that names the target */
	const struct kind *kind;
};

static const struct api_interface cdma_interface = {
	.name = "org.freedesktop.ModemManager1.Modem.ModemCdma",
};

static const struct group groups[] = {
	{ "manager", "manager", NULL, API_MANAGER, NULL, NULL },
	{ "sim", "sim", NULL, API_SIM, "sim", &kind_sim },
	{ "bearer", "bearer", NULL, API_BEARER, "bearer", &kind_bearer },
	{ "sms", "SMS", NULL, API_SMS, "sms", &kind_sms },
	{ "call", "call", NULL, API_CALL, "call", &kind_call },
	{ "cbm", "CBM", NULL, API_CBM, "cbm", &kind_cbm },
	{ "3gpp", "3GPP", "3GPP", API_MODEM3GPP, "modem", &kind_modem },
	{ "3gpp-profile-manager", "3GPP profile management", "3GPP profile management",
	  API_PROFILE_MANAGER, "modem", &kind_modem },
	{ "3gpp-ussd", "3GPP USSD", "3GPP USSD", API_USSD, "modem", &kind_modem },
	{ "cdma", "CDMA", "CDMA", &cdma_interface, "modem", &kind_modem },
	{ "simple", "Simple", "Simple", API_SIMPLE, "modem", &kind_modem },
	{ "location", "Location", "location", API_LOCATION, "modem", &kind_modem },
	{ "messaging", "Messaging", "messaging", API_MESSAGING, "modem", &kind_modem },
	{ "voice", "Voice", "voice", API_VOICE, "modem", &kind_modem },
	{ "cell-broadcast", "Cell Broadcast", "cell broadcast", API_CELL_BROADCAST, "modem",
	  &kind_modem },
	{ "time", "Time", "time", API_TIME, "modem", &kind_modem },
	{ "firmware", "Firmware", "firmware", API_FIRMWARE, "modem", &kind_modem },
	{ "sar", "SAR", "SAR", API_SAR, "modem", &kind_modem },
	{ "signal", "Signal", "extended signal", API_SIGNAL, "modem", &kind_modem },
	{ "oma", "OMA", "OMA", API_OMA, "modem", &kind_modem },
	{ "modem", "modem", NULL, API_MODEM, "modem", &kind_modem },
};

static const struct action actions[] = {
	{ .group = "manager", .option = "get-daemon-version", .run = special_version },
	{ .group = "manager",
	  .option = "set-logging",
	  .method = API_METHOD_MANAGER_SET_LOGGING,
	  .arguments = special_text,
	  .done = "Successfully set logging level",
	  .failed = "set logging level" },
	{ .group = "manager", .option = "list-modems", .run = special_list },
	{ .group = "manager", .option = "monitor-modems", .run = follow_modems, .human = true },
	{ .group = "manager",
	  .option = "scan-modems",
	  .method = API_METHOD_MANAGER_SCAN_DEVICES,
	  .done = "successfully requested to scan devices",
	  .failed = "request to scan devices" },
	{ .group = "manager", .option = "inhibit-device", .run = follow_inhibition },
	{ .group = "manager",
	  .option = "report-kernel-event",
	  .method = API_METHOD_MANAGER_REPORT_KERNEL_EVENT,
	  .arguments = special_dictionary,
	  .bad = "error: cannot parse properties string: '",
	  .done = "successfully reported kernel event",
	  .failed = "report kernel event" },
	{ .group = "manager", .option = "report-kernel-event-auto-scan", .run = follow_ports },
	{ .group = "sim",
	  .option = "puk",
	  .method = API_METHOD_SIM_SEND_PUK,
	  .arguments = special_pin,
	  .done = "successfully sent PUK code to the SIM",
	  .failed = "send PUK code to the SIM" },
	{ .group = "sim",
	  .option = "enable-pin",
	  .method = API_METHOD_SIM_ENABLE_PIN,
	  .arguments = special_pin_on,
	  .done = "successfully enabled PIN code request in the SIM",
	  .failed = "enable PIN code request in the SIM" },
	{ .group = "sim",
	  .option = "disable-pin",
	  .method = API_METHOD_SIM_ENABLE_PIN,
	  .arguments = special_pin_off,
	  .done = "successfully disabled PIN code request in the SIM",
	  .failed = "disable PIN code request in the SIM" },
	{ .group = "sim",
	  .option = "change-pin",
	  .method = API_METHOD_SIM_CHANGE_PIN,
	  .arguments = special_pin_change,
	  .done = "successfully changed PIN code in the SIM",
	  .failed = "change PIN code in the SIM" },
	{ .group = "sim",
	  .option = "sim-set-preferred-networks",
	  .method = API_METHOD_SIM_SET_PREFERRED_NETWORKS,
	  .arguments = special_networks,
	  .bad = "error: ",
	  .done = "successfully set preferred networks",
	  .failed = "set preferred networks" },
	{ .group = "sim",
	  .option = "pin",
	  .method = API_METHOD_SIM_SEND_PIN,
	  .arguments = special_text,
	  .done = "successfully sent PIN code to the SIM",
	  .failed = "send PIN code to the SIM",
	  .optional = true },
	{ .group = "sim", .screen = &screen_sim },
	{ .group = "bearer",
	  .option = "connect",
	  .method = API_METHOD_BEARER_CONNECT,
	  .done = "successfully connected the bearer",
	  .failed = "connect the bearer" },
	{ .group = "bearer",
	  .option = "disconnect",
	  .method = API_METHOD_BEARER_DISCONNECT,
	  .done = "successfully disconnected the bearer",
	  .failed = "disconnect the bearer" },
	{ .group = "bearer", .screen = &screen_bearer },
	{ .group = "sms",
	  .option = "send",
	  .method = API_METHOD_SMS_SEND,
	  .done = "successfully sent the SMS",
	  .failed = "send the SMS" },
	{ .group = "sms",
	  .option = "store",
	  .method = API_METHOD_SMS_STORE,
	  .fixed = "[0]",
	  .done = "successfully stored the SMS",
	  .failed = "store the SMS" },
	{ .group = "sms",
	  .option = "store-in-storage",
	  .method = API_METHOD_SMS_STORE,
	  .arguments = special_names,
	  .bad = "error: couldn't store the SMS: '",
	  .done = "successfully stored the SMS",
	  .failed = "store the SMS" },
	{ .group = "sms", .option = "create-file-with-data", .run = special_save_data },
	{ .group = "sms", .screen = &screen_sms },
	{ .group = "call",
	  .option = "start",
	  .method = API_METHOD_CALL_START,
	  .done = "successfully started the call",
	  .failed = "start the call" },
	{ .group = "call",
	  .option = "accept",
	  .method = API_METHOD_CALL_ACCEPT,
	  .done = "successfully accepted the call",
	  .failed = "accept the call" },
	{ .group = "call",
	  .option = "deflect",
	  .method = API_METHOD_CALL_DEFLECT,
	  .arguments = special_text,
	  .done = "successfully deflected the call",
	  .failed = "deflect the call" },
	{ .group = "call",
	  .option = "join-multiparty",
	  .method = API_METHOD_CALL_JOIN_MULTIPARTY,
	  .done = "successfully joined multiparty call",
	  .failed = "join multiparty call" },
	{ .group = "call",
	  .option = "leave-multiparty",
	  .method = API_METHOD_CALL_LEAVE_MULTIPARTY,
	  .done = "successfully left multiparty call",
	  .failed = "leave multiparty call" },
	{ .group = "call",
	  .option = "hangup",
	  .method = API_METHOD_CALL_HANGUP,
	  .done = "successfully hung up the call",
	  .failed = "hang up the call" },
	{ .group = "call",
	  .option = "send-dtmf",
	  .method = API_METHOD_CALL_SEND_DTMF,
	  .arguments = special_text,
	  .done = "successfully send dtmf",
	  .failed = "send dtmf to call" },
	{ .group = "call", .screen = &screen_call },
	{ .group = "cbm", .screen = &screen_cbm },
	{ .group = "3gpp",
	  .option = "3gpp-scan",
	  .method = API_METHOD_MODEM3GPP_SCAN,
	  .screen = &screen_scan,
	  .failed = "scan networks in the modem",
	  .usual_s = 317,
	  .enabled = true },
	{ .group = "3gpp",
	  .option = "3gpp-register-in-operator",
	  .method = API_METHOD_MODEM3GPP_REGISTER,
	  .arguments = special_text,
	  .done = "successfully registered the modem",
	  .failed = "register the modem",
	  .usual_s = 122,
	  .enabled = true },
	{ .group = "3gpp",
	  .option = "3gpp-register-home",
	  .method = API_METHOD_MODEM3GPP_REGISTER,
	  .arguments = special_text,
	  .done = "successfully registered the modem",
	  .failed = "register the modem",
	  .usual_s = 122,
	  .enabled = true },
	{ .group = "3gpp",
	  .option = "3gpp-set-eps-ue-mode-operation",
	  .method = API_METHOD_MODEM3GPP_SET_EPS_UE_MODE_OPERATION,
	  .arguments = special_names,
	  .bad = "error: couldn't parse UE mode of operation for EPS: '",
	  .done = "successfully set UE mode of operation for EPS",
	  .failed = "set UE mode of operation for EPS",
	  .enabled = true },
	{ .group = "3gpp",
	  .option = "3gpp-set-initial-eps-bearer-settings",
	  .method = API_METHOD_MODEM3GPP_SET_INITIAL_EPS_BEARER_SETTINGS,
	  .arguments = special_dictionary,
	  .bad = "Error parsing properties string: '",
	  .done = "Successfully set initial EPS bearer properties",
	  .failed = "set initial EPS bearer properties",
	  .enabled = true },
	{ .group = "3gpp",
	  .option = "3gpp-disable-facility-lock",
	  .method = API_METHOD_MODEM3GPP_DISABLE_FACILITY_LOCK,
	  .arguments = special_facility,
	  .bad = "Error parsing properties string.",
	  .done = "successfully disabled facility lock",
	  .failed = "disable facility lock" },
	{ .group = "3gpp",
	  .option = "3gpp-set-packet-service-state",
	  .method = API_METHOD_MODEM3GPP_SET_PACKET_SERVICE_STATE,
	  .arguments = special_names,
	  .bad = "Error parsing packet service state string.",
	  .done = "successfully set packet service state",
	  .failed = "set packet service state",
	  .enabled = true },
	{ .group = "3gpp",
	  .option = "3gpp-set-nr5g-registration-settings",
	  .method = API_METHOD_MODEM3GPP_SET_NR5G_REGISTRATION_SETTINGS,
	  .arguments = special_dictionary,
	  .bad = "Error parsing 5GNR registration settings string: ",
	  .done = "successfully set 5GNR registration settings",
	  .failed = "set 5GNR registration settings",
	  .enabled = true },
	{ .group = "3gpp",
	  .option = "3gpp-set-carrier-lock",
	  .method = API_METHOD_MODEM3GPP_SET_CARRIER_LOCK,
	  .arguments = special_bytes,
	  .bad = "Failed to read data from the input: ",
	  .done = "successfully sent carrier lock information to modem",
	  .failed = "send carrier lock information" },
	{ .group = "3gpp-profile-manager",
	  .option = "3gpp-profile-manager-status",
	  .screen = &screen_profile_manager,
	  .enabled = true },
	{ .group = "3gpp-profile-manager",
	  .option = "3gpp-profile-manager-list",
	  .method = API_METHOD_PROFILE_MANAGER_LIST,
	  .screen = &screen_profiles,
	  .failed = "list profiles",
	  .enabled = true },
	{ .group = "3gpp-profile-manager",
	  .option = "3gpp-profile-manager-set",
	  .method = API_METHOD_PROFILE_MANAGER_SET,
	  .arguments = special_dictionary,
	  .bad = "Error parsing profile string: '",
	  .screen = &screen_profile,
	  .failed = "set profile",
	  .enabled = true },
	{ .group = "3gpp-profile-manager",
	  .option = "3gpp-profile-manager-delete",
	  .method = API_METHOD_PROFILE_MANAGER_DELETE,
	  .arguments = special_profile,
	  .bad = "Error parsing profile string: '",
	  .done = "successfully deleted the profile",
	  .failed = "delete profile",
	  .enabled = true },
	{ .group = "3gpp-ussd",
	  .option = "3gpp-ussd-status",
	  .screen = &screen_ussd,
	  .enabled = true },
	{ .group = "3gpp-ussd",
	  .option = "3gpp-ussd-initiate",
	  .method = API_METHOD_USSD_INITIATE,
	  .arguments = special_text,
	  .done = "USSD session initiated; new reply from network: '",
	  .done_tail = "'",
	  .failed = "initiate USSD session",
	  .enabled = true },
	{ .group = "3gpp-ussd",
	  .option = "3gpp-ussd-respond",
	  .method = API_METHOD_USSD_RESPOND,
	  .arguments = special_text,
	  .done = "response successfully sent in USSD session; new reply from network: '",
	  .done_tail = "'",
	  .failed = "send response in USSD session",
	  .enabled = true },
	{ .group = "3gpp-ussd",
	  .option = "3gpp-ussd-cancel",
	  .method = API_METHOD_USSD_CANCEL,
	  .done = "successfully cancelled USSD session",
	  .failed = "cancel USSD session",
	  .enabled = true },
	{ .group = "cdma",
	  .option = "cdma-activate",
	  .method = &special_cdma_activate,
	  .arguments = special_text,
	  .done = "successfully activated the modem",
	  .failed = "activate the modem",
	  .enabled = true },
	{ .group = "cdma",
	  .option = "cdma-activate-manual",
	  .method = &special_cdma_activate_manual,
	  .arguments = special_cdma,
	  .bad = "error: cannot parse properties string: '",
	  .done = "successfully activated the modem manually",
	  .failed = "manually activate the modem",
	  .enabled = true },
	{ .group = "simple",
	  .option = "simple-connect",
	  .method = API_METHOD_SIMPLE_CONNECT,
	  .arguments = special_dictionary,
	  .bad = "Error parsing connect string: '",
	  .done = "successfully connected the modem",
	  .failed = "connect the modem",
	  .usual_s = 180 },
	{ .group = "simple",
	  .option = "simple-disconnect",
	  .method = API_METHOD_SIMPLE_DISCONNECT,
	  .fixed = "[\"/\"]",
	  .done = "successfully disconnected all bearers in the modem",
	  .failed = "disconnect all bearers in the modem" },
	{ .group = "location",
	  .option = "location-status",
	  .screen = &screen_location_status,
	  .enabled = true },
	{ .group = "location",
	  .option = "location-get",
	  .method = API_METHOD_LOCATION_GET_LOCATION,
	  .screen = &screen_location,
	  .failed = "get location from the modem",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-monitor",
	  .run = follow_location,
	  .enabled = true },
	{ .group = "location",
	  .option = "location-enable-3gpp",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-disable-3gpp",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-enable-agps-msa",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-disable-agps-msa",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-enable-agps-msb",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-disable-agps-msb",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-enable-gps-nmea",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-disable-gps-nmea",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-enable-gps-raw",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-disable-gps-raw",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-enable-cdma-bs",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-disable-cdma-bs",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-enable-gps-unmanaged",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-disable-gps-unmanaged",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-set-enable-signal",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-set-disable-signal",
	  .method = API_METHOD_LOCATION_SETUP,
	  .arguments = special_sources,
	  .done = "successfully setup location gathering",
	  .failed = "setup location gathering",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-set-supl-server",
	  .method = API_METHOD_LOCATION_SET_SUPL_SERVER,
	  .arguments = special_text,
	  .done = "successfully set SUPL server address",
	  .failed = "set SUPL servert address",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-inject-assistance-data",
	  .method = API_METHOD_LOCATION_INJECT_ASSISTANCE_DATA,
	  .arguments = special_file,
	  .bad = "error: cannot load file contents: ",
	  .done = "successfully injected assistance data",
	  .failed = "inject assistance data",
	  .enabled = true },
	{ .group = "location",
	  .option = "location-set-gps-refresh-rate",
	  .method = API_METHOD_LOCATION_SET_GPS_REFRESH_RATE,
	  .arguments = special_number,
	  .bad = "error: couldn't set GPS refresh rate: invalid rate given: '",
	  .done = "successfully set GPS refresh rate",
	  .failed = "set GPS refresh rate",
	  .enabled = true },
	{ .group = "messaging",
	  .option = "messaging-status",
	  .screen = &screen_messaging,
	  .enabled = true },
	{ .group = "messaging",
	  .option = "messaging-list-sms",
	  .run = special_messages,
	  .enabled = true },
	{ .group = "messaging",
	  .option = "messaging-create-sms",
	  .method = API_METHOD_MESSAGING_CREATE,
	  .arguments = special_sms,
	  .bad = "error: cannot parse properties string: '",
	  .done = "Successfully created new SMS: ",
	  .done_tail = "",
	  .failed = "create new SMS",
	  .enabled = true },
	{ .group = "messaging",
	  .option = "messaging-delete-sms",
	  .method = API_METHOD_MESSAGING_DELETE,
	  .arguments = special_message,
	  .done = "successfully deleted SMS from modem",
	  .failed = "delete SMS",
	  .enabled = true },
	{ .group = "messaging",
	  .option = "set-default-storage",
	  .method = API_METHOD_MESSAGING_SET_DEFAULT_STORAGE,
	  .arguments = special_names,
	  .bad = "error: couldn't set default storage: '",
	  .done = "successfully set default storage",
	  .failed = "set default storage",
	  .enabled = true },
	{ .group = "cell-broadcast",
	  .option = "cell-broadcast-status",
	  .screen = &screen_cell_broadcast,
	  .enabled = true },
	{ .group = "cell-broadcast",
	  .option = "cell-broadcast-list-cbm",
	  .run = special_cbms,
	  .enabled = true },
	{ .group = "cell-broadcast",
	  .option = "cell-broadcast-delete-cbm",
	  .method = API_METHOD_CELL_BROADCAST_DELETE,
	  .arguments = special_cbm,
	  .done = "successfully deleted CBM from modem",
	  .failed = "delete CBM",
	  .enabled = true },
	{ .group = "cell-broadcast",
	  .option = "cell-broadcast-set-channels",
	  .method = API_METHOD_CELL_BROADCAST_SET_CHANNELS,
	  .arguments = special_channels,
	  .bad = "error: couldn't parse list of channels: '",
	  .done = "successfully set channels in the modem",
	  .failed = "set channels",
	  .enabled = true },
	{ .group = "voice", .option = "voice-status", .screen = &screen_voice },
	{ .group = "voice", .option = "voice-list-calls", .run = special_calls },
	{ .group = "voice",
	  .option = "voice-create-call",
	  .method = API_METHOD_VOICE_CREATE_CALL,
	  .arguments = special_dictionary,
	  .bad = "error: cannot parse properties string: '",
	  .done = "Successfully created new call: ",
	  .done_tail = "",
	  .failed = "create new call" },
	{ .group = "voice",
	  .option = "voice-delete-call",
	  .method = API_METHOD_VOICE_DELETE_CALL,
	  .arguments = special_call,
	  .done = "successfully deleted call from modem",
	  .failed = "delete call" },
	{ .group = "voice",
	  .option = "voice-hold-and-accept",
	  .method = API_METHOD_VOICE_HOLD_AND_ACCEPT,
	  .done = "operation successful",
	  .failed = "hold and accept" },
	{ .group = "voice",
	  .option = "voice-hangup-and-accept",
	  .method = API_METHOD_VOICE_HANGUP_AND_ACCEPT,
	  .done = "operation successful",
	  .failed = "hangup and accept" },
	{ .group = "voice",
	  .option = "voice-hangup-all",
	  .method = API_METHOD_VOICE_HANGUP_ALL,
	  .done = "operation successful",
	  .failed = "hangup all" },
	{ .group = "voice",
	  .option = "voice-transfer",
	  .method = API_METHOD_VOICE_TRANSFER,
	  .done = "operation successful",
	  .failed = "hangup all" },
	{ .group = "voice",
	  .option = "voice-enable-call-waiting",
	  .method = API_METHOD_VOICE_CALL_WAITING_SETUP,
	  .fixed = "[true]",
	  .done = "operation successful",
	  .failed = "setup call waiting network service" },
	{ .group = "voice",
	  .option = "voice-disable-call-waiting",
	  .method = API_METHOD_VOICE_CALL_WAITING_SETUP,
	  .fixed = "[false]",
	  .done = "operation successful",
	  .failed = "setup call waiting network service" },
	{ .group = "voice",
	  .option = "voice-query-call-waiting",
	  .method = API_METHOD_VOICE_CALL_WAITING_QUERY,
	  .answer = special_waiting,
	  .failed = "query call waiting network service status" },
	{ .group = "time",
	  .option = "time",
	  .method = API_METHOD_TIME_GET_NETWORK_TIME,
	  .answer = special_time,
	  .screen = &screen_time,
	  .failed = "get current network time",
	  .enabled = true },
	{ .group = "firmware",
	  .option = "firmware-status",
	  .run = special_firmware_status,
	  .screen = &screen_firmware_status },
	{ .group = "firmware",
	  .option = "firmware-list",
	  .method = API_METHOD_FIRMWARE_LIST,
	  .answer = special_whole,
	  .screen = &screen_firmware,
	  .failed = "list firmware images" },
	{ .group = "firmware",
	  .option = "firmware-select",
	  .method = API_METHOD_FIRMWARE_SELECT,
	  .arguments = special_text,
	  .done = "Successfully selected firmware image",
	  .failed = "select firmware image" },
	{ .group = "sar", .option = "sar-status", .screen = &screen_sar },
	{ .group = "sar",
	  .option = "sar-enable",
	  .method = API_METHOD_SAR_ENABLE,
	  .fixed = "[true]",
	  .done = "Successfully enabled SAR",
	  .failed = "enable SAR" },
	{ .group = "sar",
	  .option = "sar-disable",
	  .method = API_METHOD_SAR_ENABLE,
	  .fixed = "[false]",
	  .done = "Successfully disabled SAR",
	  .failed = "disable SAR" },
	{ .group = "sar",
	  .option = "sar-set-power-level",
	  .method = API_METHOD_SAR_SET_POWER_LEVEL,
	  .arguments = special_number,
	  .bad = "error: invalid power level '",
	  .done = "Successfully set the SAR power level",
	  .failed = "set the SAR power level" },
	{ .group = "signal",
	  .option = "signal-setup",
	  .method = API_METHOD_SIGNAL_SETUP,
	  .arguments = special_number,
	  .bad = "error: invalid rate value '",
	  .done = "Successfully setup signal quality information polling",
	  .failed = "setup signal quality information polling" },
	{ .group = "signal",
	  .option = "signal-setup-thresholds",
	  .method = API_METHOD_SIGNAL_SETUP_THRESHOLDS,
	  .arguments = special_dictionary,
	  .bad = "error: failed to parse properties string: '",
	  .done = "Successfully setup signal quality information thresholds",
	  .failed = "setup signal quality information thresholds" },
	{ .group = "signal", .option = "signal-get", .screen = &screen_signal },
	{ .group = "oma", .option = "oma-status", .screen = &screen_oma },
	{ .group = "oma",
	  .option = "oma-setup",
	  .method = API_METHOD_OMA_SETUP,
	  .arguments = special_names,
	  .bad = "Error parsing OMA features string: '",
	  .done = "Successfully setup OMA features",
	  .failed = "setup OMA features" },
	{ .group = "oma",
	  .option = "oma-start-client-initiated-session",
	  .method = API_METHOD_OMA_START_CLIENT_INITIATED_SESSION,
	  .arguments = special_names,
	  .bad = "Error parsing OMA session type string: '",
	  .done = "Successfully started OMA session",
	  .failed = "start OMA session" },
	{ .group = "oma",
	  .option = "oma-accept-network-initiated-session",
	  .method = API_METHOD_OMA_ACCEPT_NETWORK_INITIATED_SESSION,
	  .arguments = special_accept,
	  .bad = "Error parsing OMA session id string: not a number",
	  .done = "Successfully accepted OMA session",
	  .failed = "accept OMA session" },
	{ .group = "oma",
	  .option = "oma-reject-network-initiated-session",
	  .method = API_METHOD_OMA_ACCEPT_NETWORK_INITIATED_SESSION,
	  .arguments = special_reject,
	  .bad = "Error parsing OMA session id string: not a number",
	  .done = "Successfully rejected OMA session",
	  .failed = "reject OMA session" },
	{ .group = "oma",
	  .option = "oma-cancel-session",
	  .method = API_METHOD_OMA_CANCEL_SESSION,
	  .done = "Successfully cancelled OMA session",
	  .failed = "cancel OMA session" },
	{ .group = "modem", .option = "monitor-state", .run = follow_state },
	{ .group = "modem",
	  .option = "enable",
	  .method = API_METHOD_MODEM_ENABLE,
	  .fixed = "[true]",
	  .done = "successfully enabled the modem",
	  .failed = "enable the modem" },
	{ .group = "modem",
	  .option = "disable",
	  .method = API_METHOD_MODEM_ENABLE,
	  .fixed = "[false]",
	  .done = "successfully disabled the modem",
	  .failed = "disable the modem" },
	{ .group = "modem",
	  .option = "set-power-state-on",
	  .method = API_METHOD_MODEM_SET_POWER_STATE,
	  .fixed = "[3]",
	  .done = "successfully set new power state in the modem",
	  .failed = "set new power state in the modem" },
	{ .group = "modem",
	  .option = "set-power-state-low",
	  .method = API_METHOD_MODEM_SET_POWER_STATE,
	  .fixed = "[2]",
	  .done = "successfully set new power state in the modem",
	  .failed = "set new power state in the modem" },
	{ .group = "modem",
	  .option = "set-power-state-off",
	  .method = API_METHOD_MODEM_SET_POWER_STATE,
	  .fixed = "[1]",
	  .done = "successfully set new power state in the modem",
	  .failed = "set new power state in the modem" },
	{ .group = "modem",
	  .option = "reset",
	  .method = API_METHOD_MODEM_RESET,
	  .done = "successfully reseted the modem",
	  .failed = "reset the modem" },
	{ .group = "modem",
	  .option = "factory-reset",
	  .method = API_METHOD_MODEM_FACTORY_RESET,
	  .arguments = special_text,
	  .done = "successfully reseted the modem to factory state",
	  .failed = "reset the modem to factory state" },
	{ .group = "modem",
	  .option = "command",
	  .method = API_METHOD_MODEM_COMMAND,
	  .arguments = special_command,
	  .done = "response: '",
	  .done_tail = "'",
	  .failed = "!command failed: '" },
	{ .group = "modem",
	  .option = "create-bearer",
	  .method = API_METHOD_MODEM_CREATE_BEARER,
	  .arguments = special_dictionary,
	  .bad = "Error parsing properties string: '",
	  .done = "Successfully created new bearer in modem:\n\t",
	  .done_tail = "",
	  .failed = "create new bearer" },
	{ .group = "modem",
	  .option = "delete-bearer",
	  .method = API_METHOD_MODEM_DELETE_BEARER,
	  .arguments = special_bearer,
	  .done = "successfully deleted bearer from modem",
	  .failed = "delete bearer" },
	{ .group = "modem",
	  .option = "set-current-capabilities",
	  .method = API_METHOD_MODEM_SET_CURRENT_CAPABILITIES,
	  .arguments = special_names,
	  .bad = "error: couldn't parse list of capabilities: '",
	  .done = "successfully set current capabilities in the modem",
	  .failed = "set current capabilities" },
	{ .group = "modem",
	  .option = "set-allowed-modes",
	  .method = API_METHOD_MODEM_SET_CURRENT_MODES,
	  .arguments = special_modes,
	  .bad = "error: couldn't parse list of allowed modes: '",
	  .done = "successfully set current modes in the modem",
	  .failed = "set current modes" },
	{ .group = "modem",
	  .option = "set-current-bands",
	  .method = API_METHOD_MODEM_SET_CURRENT_BANDS,
	  .arguments = special_bands,
	  .bad = "error: couldn't parse list of bands: '",
	  .done = "successfully set current bands in the modem",
	  .failed = "set current bands" },
	{ .group = "modem",
	  .option = "set-primary-sim-slot",
	  .method = API_METHOD_MODEM_SET_PRIMARY_SIM_SLOT,
	  .arguments = special_number,
	  .bad = "error: invalid SIM slot '",
	  .done = "successfully requested primary SIM switch in modem",
	  .failed = "request primary SIM switch" },
	{ .group = "modem",
	  .option = "get-cell-info",
	  .method = API_METHOD_MODEM_GET_CELL_INFO,
	  .answer = special_cells,
	  .screen = &screen_cells,
	  .failed = "get cell info in the modem" },
	{ .group = "modem", .option = "inhibit", .run = follow_inhibition },
	{ .group = "modem", .screen = &screen_modem },
};

#define COUNT (sizeof(actions) / sizeof(actions[0]))

static int fail_call(const struct run *run, const char *why)
{
	const char *failed = run->action->failed;

	/* One says it in its own words. */
	if (failed[0] == '!')
		return session_fail("%s%s'", failed + 1, why);
	return session_fail("couldn't %s: '%s'", failed, why);
}

/* What is wrong with the value of an option: behind the row's words, where they leave room for it. */
static int fail_arguments(const struct run *run, const struct trouble *trouble)
{
	const char *bad = run->action->bad;
	char last = bad && bad[0] ? bad[strlen(bad) - 1] : ' ';

	if (!trouble->text[0])
		return -EINVAL;
	if (!bad)
		return session_fail("%s", trouble->text);
	fprintf(stderr, "%s%s%s\n", bad, last == ' ' || last == '\'' ? trouble->text : "",
		last == '\'' ? "'" : "");
	return -EINVAL;
}

static int make_arguments(const struct run *run, json_t **ret)
{
	struct trouble trouble = { "" };
	int r;

	if (!run->action->arguments) {
		*ret = run->action->fixed ? json_loads(run->action->fixed, 0, NULL) : json_array();
		return *ret ? 0 : -ENOMEM;
	}
	r = run->action->arguments(run, ret, &trouble);
	return r < 0 ? fail_arguments(run, &trouble) : 0;
}

int actions_call(struct run *run, json_t **ret)
{
	const struct action *action = run->action;
	struct bus_failure failure = { false, "" };
	json_t *arguments = NULL, *answer = NULL;
	uint64_t timeout = session_timeout(run->session, action->usual_s ? action->usual_s : 30);
	int r = make_arguments(run, &arguments);

	if (r < 0)
		return r;
	r = bus_call(run->session->bus, run->path, action->method, arguments, timeout, &answer,
		     &failure);
	json_decref(arguments);
	if (r < 0)
		return fail_call(run, failure.text);
	if (ret)
		*ret = json_incref(answer);
	json_decref(answer);
	return 0;
}

static int run_method(struct run *run)
{
	const struct action *action = run->action;
	json_t *answer = NULL;
	int r = actions_call(run, &answer);

	if (r < 0)
		return r;
	if (action->answer)
		r = action->answer(run, answer);
	else if (action->screen)
		screen_show(action->screen, &run->session->style, run->path,
			    json_array_get(answer, 0));
	else if (action->done_tail)
		printf("%s%s%s\n", action->done, json_string_value(json_array_get(answer, 0)),
		       action->done_tail);
	else
		printf("%s\n", action->done);
	json_decref(answer);
	return r;
}

static int run_action(struct run *run)
{
	if (run->action->run)
		return run->action->run(run);
	if (run->action->method)
		return run_method(run);
	screen_show(run->action->screen, &run->session->style, run->path, run->target.object);
	return 0;
}

/* A modem has the interface of the group, and is as far as it must be. */
static int check_modem(const struct run *run, const struct group *group)
{
	const json_t *modem = json_object_get(run->target.object, API_MODEM->name);
	json_int_t state = json_integer_value(json_object_get(modem, API_MODEM_STATE->field.name));

	if (run->action->enabled && state < MM_MODEM_STATE_ENABLED)
		return session_fail("modem not enabled yet");
	if (group->lacks && !json_object_get(run->target.object, group->interface->name))
		return session_fail("modem has no %s capabilities", group->lacks);
	return 0;
}

static int start(struct session *session, const struct group *group, const struct action *action)
{
	const char *value = action->option ? options_value(&session->options, action->option) : "";
	struct run run = { .session = session, .action = action, .text = value, .path = BUS_ROOT };
	int r = 0;

	if (action->human && session->style.format != OUTPUT_HUMAN)
		return session_fail("modem monitoring not available in keyvalue output");
	r = session_open(session, options_value(&session->options, "test-session") != NULL);
	if (r == 0 && group->kind) {
		r = session_find(session, group->kind,
				 options_value(&session->options, group->selector), &run.target);
		run.path = run.target.path;
	}
	if (r == 0 && group->kind == &kind_modem)
		r = check_modem(&run, group);
	if (r == 0)
		r = run_action(&run);
	target_close(&run.target);
	return r;
}

static bool is_given(const struct session *session, const struct action *action)
{
	return action->option && options_value(&session->options, action->option);
}

/* The action of a group that was asked for; NULL: none. -EINVAL: several were. */
static int pick(const struct session *session, const struct group *group, const struct action **ret)
{
	const struct action *found = NULL, *shows = NULL;

	for (const struct action *action = actions; action < actions + COUNT; action++) {
		if (strcmp(action->group, group->name) != 0)
			continue;
		if (!action->option && options_value(&session->options, group->selector))
			shows = action;
		if (!is_given(session, action) || (found && action->optional))
			continue;
		/* Several options may make one call together. */
		if (found && found->arguments == special_sources &&
		    action->arguments == special_sources)
			continue;
		if (found)
			return session_fail("too many %s actions requested", group->title);
		found = action;
	}
	*ret = found ? found : shows;
	return 0;
}

/* Options that are of no use without another one. */
static int check_companions(const struct options *options)
{
	static const struct {
		const char *option, *needs, *text;
	} rows[] = {
		{ "set-preferred-mode", "set-allowed-modes",
		  "setting preferred mode requires list of allowed modes" },
		{ "puk", "pin", "action requires also the PIN code" },
		{ "enable-pin", "pin", "action requires also the PIN code" },
		{ "disable-pin", "pin", "action requires also the PIN code" },
		{ "change-pin", "pin", "action requires also the PIN code" },
		{ "messaging-create-sms-with-data", "messaging-create-sms",
		  "`--messaging-create-with-data' must be given along with "
		  "`--messaging-create-sms'" },
		{ "messaging-create-sms-with-text", "messaging-create-sms",
		  "`--messaging-create-with-text' must be given along with "
		  "`--messaging-create-sms'" },
		{ "cdma-activate-manual-with-prl", "cdma-activate-manual",
		  "`--cdma-activate-manual-with-prl' must be given along with "
		  "`--cdma-activate-manual'" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (options_value(options, rows[i].option) &&
		    !options_value(options, rows[i].needs))
			return session_fail("%s", rows[i].text);
	return special_check_sources(options);
}

int actions_run(struct session *session)
{
	int r = check_companions(&session->options);

	for (size_t i = 0; r == 0 && i < sizeof(groups) / sizeof(groups[0]); i++) {
		const struct group *group = &groups[i];
		const struct action *action = NULL;

		r = pick(session, group, &action);
		if (r < 0 || !action)
			continue;
		if (strcmp(group->name, "manager") == 0 &&
		    options_value(&session->options, "modem"))
			return session_fail(
				"cannot use manager and modem options at the same time");
		return start(session, group, action);
	}
	return r < 0 ? r : session_fail("no actions specified");
}
