/*
 * WDS: packet data.
 */
#include <qmikit/wds.h>

#include "argument.h"
#include "follow.h"
#include "services.h"
#include "wds-network.h"
#include "wds-profile.h"

/* A counter of all ones is one that the modem does not keep. */
#define COUNTER(field, label) TEXT_UNLESS(field, UINT32_MAX, "\t" label ": {" field "}\n")
#define BYTES(field, label) TEXT_IF(field, "\t" label ": {" field "}\n")

/* A rate of all ones is one that the modem does not know. */
#define RATE(which, label) \
	TEXT_LINE("\tCurrent " label " rate: "), \
		TEXT_UNLESS("channel-rates." which "-rate-bps", UINT32_MAX, \
			    "{channel-rates." which "-rate-bps}bps\n"), \
		TEXT_WHERE("channel-rates." which "-rate-bps", UINT32_MAX, "n/a\n")

static const struct command_preset packet_statistics_presets[] = {
	{ "mask", 0x3ff }, /* all counters that have a name */
	{ 0 },
};

static void print_names(const struct qk_values *values, int64_t mask, struct output *out)
{
	bool any = false;

	for (size_t i = 0; values && i < values->count; i++) {
		struct qk_value_name known = qk_nth_value(values, i);

		if (!(mask & known.value))
			continue;
		output_printf(out, "%s%s", any ? ", " : "", known.name);
		any = true;
	}
	output_printf(out, "%s'\n", any ? "" : "none");
}

/* The masks of a bearer: what their bits mean depends on the network type, and on each other. */
static void print_bearer(const struct text_scope *scope, struct output *out)
{
	int64_t type = text_number(scope, "network-type", 0);
	int64_t rat = text_number(scope, "rat-mask", 0), so = text_number(scope, "so-mask", 0);
	const struct qk_values *names = NULL, *options = NULL;

	if (type == QK_WDS_NETWORK_TYPE_3GPP)
		names = &qk_wds_rat_3gpp_values;
	if (type == QK_WDS_NETWORK_TYPE_3GPP2)
		names = &qk_wds_rat_3gpp2_values;
	output_printf(out, "   Radio Access Technology: '");
	print_names(names, rat, out);
	if (type != QK_WDS_NETWORK_TYPE_3GPP2)
		return;
	if (rat & QK_WDS_RAT_3GPP2_CDMA1X)
		options = &qk_wds_so_cdma1x_values;
	else if (rat & QK_WDS_RAT_3GPP2_EVDO_REVA)
		options = &qk_wds_so_evdo_reva_values;
	output_printf(out, "            Service Option: '");
	print_names(options, so, out);
}

/* clang-format off */
#define BEARER(field) \
	{ .when = TEXT_PRESENT, .path = (field), TEXT_PRINT(print_bearer), \
	  .text = "[{@device}] Data bearer technology (" field "):\n" \
		  "              Network type: '{network-type}'\n" }
/* clang-format on */

static const struct text_row current_data_bearer_text[] = {
	BEARER("current"),
	TEXT_END,
};

static const struct text_row last_current_data_bearer_text[] = {
	BEARER("last"),
	TEXT_END,
};

static const struct command_word autoconnect_roaming[] = {
	{ "roaming-allowed", QK_WDS_AUTOCONNECT_SETTING_ROAMING_ALLOWED },
	{ "allowed", QK_WDS_AUTOCONNECT_SETTING_ROAMING_ALLOWED },
	{ "home-only", QK_WDS_AUTOCONNECT_SETTING_ROAMING_HOME_ONLY },
	{ 0 },
};

static const struct text_row wds_default_profile_text[] = {
	TEXT_LINE("Default profile number retrieved:\n"),
	TEXT_IF("index", "\tDefault profile number: '{index}'\n"),
	TEXT_END,
};

static const struct text_row new_profile_text[] = {
	TEXT_LINE("New profile created:\n"),
	TEXT_IF("profile-identifier", "\tProfile type: '{profile-type}'\n"
				      "\tProfile index: '{profile-index}'\n"),
	TEXT_END,
};

/* --- The profiles of the attach to LTE */

/* An empty list is as one that is not there. */
/* clang-format off */
#define ATTACH_LIST(field, label) \
	TEXT_UNLESS(field, 0, "\t" label ": '{" field "[]}'\n"), \
		TEXT_WHERE(field, 0, "\t" label ": n/a\n"), \
		TEXT_WITHOUT(field, "\t" label ": n/a\n")
/* clang-format on */

static const struct text_row attach_list_text[] = {
	TEXT_LINE("Attach PDN list retrieved:\n"),
	ATTACH_LIST("current-list", "Current list"),
	ATTACH_LIST("pending-list", "Pending list"),
	TEXT_END,
};

static const struct command_preset attach_list_presets[] = {
	{ "action", QK_WDS_ATTACH_PDN_LIST_ACTION_DETACH_OR_PDN_DISCONNECT },
	{ 0 },
};

enum { ATTACH_LIST_MAX = UINT8_MAX };

static int finish_attach_list(const struct action *action, unsigned int seen, void *request,
			      struct failure *failure)
{
	struct qk_wds_set_lte_attach_pdn_list_request *set = request;
	const char *rest = action->argument;
	uint64_t index;

	(void)seen;
	set->has_list = true;
	set->list.items = (uint16_t *)(void *)(set + 1); /* the room */
	while (rest) {
		struct qk_string word = argument_next(&rest, ',');

		if (!argument_number(word, UINT16_MAX, &index) || !index)
			return failure_set(failure, EXIT_USAGE,
					   "invalid or out of range profile number [1,65535]: "
					   "'%.*s'",
					   (int)word.size, word.data);
		if (set->list.count == ATTACH_LIST_MAX)
			return failure_set(failure, EXIT_USAGE, "more than %d profiles given",
					   ATTACH_LIST_MAX);
		set->list.items[set->list.count++] = (uint16_t)index;
	}
	return 0;
}

static const struct command commands[] = {
	{ .name = "wds-start-network",
	  .method = "wds/start-network",
	  .help = "Start a data call: APN[,AUTH[,USER[,PASSWORD]]], or keys",
	  .argument = TAKES("KEY=VALUE,...", .keys = wds_start_keys, .plain = true,
			    .finish = wds_finish_start),
	  .course = COURSE(.run = run_start_network),
	  .timeout_sec = 180,
	  .failure = "couldn't start network",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Network started\n"
				      "\tPacket data handle: '{packet-data-handle}'\n")) },
	{ .name = "wds-follow-network",
	  .setting = SETTING_FLAG,
	  .help = "With --wds-start-network: stay until the data call ends, showing its "
		  "state every 20 seconds, and stop it at Ctrl+C",
	  .course = COURSE(.with = NAMES("wds-start-network")) },
	{ .name = "wds-stop-network",
	  .method = "wds/stop-network",
	  .help = "Stop the data call of a packet data handle, or what connects by itself",
	  .argument = TAKES("HANDLE|disable-autoconnect", .finish = wds_finish_stop),
	  .course = COURSE(.before = "Network cancelled... releasing resources\n"),
	  .timeout_sec = 120,
	  .failure = "couldn't stop network",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Network stopped\n")) },
	{ .name = "wds-bind-data-port",
	  .method = "wds/bind-data-port",
	  .help = "Bind the client to a data port; give --client-no-release-cid",
	  .argument = TAKES("a2-mux-rmnetN|NUMBER", .finish = wds_finish_bind_data_port),
	  .failure = "couldn't bind data port",
	  .text = TEXT_ROWS(TEXT_LINE("")) }, /* libqmi says nothing */
	{ .name = "wds-bind-mux-data-port",
	  .method = "wds/bind-mux-data-port",
	  .help = "Bind the client to a mux id; give --client-no-release-cid",
	  .argument =
		  TAKES("KEY=VALUE,...", .keys = wds_bind_mux_keys, .finish = wds_finish_bind_mux),
	  .course = COURSE(.presets = wds_bind_mux_presets),
	  .failure = "couldn't bind mux data port",
	  .text = TEXT_ROWS(TEXT_LINE("")) }, /* libqmi says nothing */
	{ .name = "wds-set-ip-family",
	  .method = "wds/set-ip-family",
	  .help = "Set the IP version that the client speaks of",
	  .argument = TAKES("4|6|ethernet", .field = "preference", .how = WORDS(wds_ip_versions)),
	  .failure = "couldn't set IP family",
	  .text = TEXT_ROWS(TEXT_LINE("")) }, /* libqmi says nothing */
	{ .name = "wds-get-current-settings",
	  .method = "wds/get-current-settings",
	  .help = "Show addresses, name servers and MTU of the data call",
	  .course = COURSE(.presets = wds_settings_presets),
	  .failure = "couldn't get current settings",
	  .text = wds_settings_text },
	{ .name = "wds-get-packet-service-status",
	  .method = "wds/get-packet-service-status",
	  .help = "Show whether there is a data connection",
	  .failure = "couldn't get packet service status",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Connection status: '{connection-status}'\n")) },
	{ .name = "wds-get-packet-statistics",
	  .method = "wds/get-packet-statistics",
	  .help = "Show the counters of the data connection",
	  .course = COURSE(.presets = packet_statistics_presets),
	  .failure = "couldn't get packet statistics",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] Connection statistics:\n"),
		  COUNTER("tx-packets-ok", "TX packets OK"),
		  COUNTER("rx-packets-ok", "RX packets OK"),
		  COUNTER("tx-packets-error", "TX packets error"),
		  COUNTER("rx-packets-error", "RX packets error"),
		  COUNTER("tx-overflows", "TX overflows"), COUNTER("rx-overflows", "RX overflows"),
		  COUNTER("tx-packets-dropped", "TX packets dropped"),
		  COUNTER("rx-packets-dropped", "RX packets dropped"),
		  BYTES("tx-bytes-ok", "TX bytes OK"), BYTES("rx-bytes-ok", "RX bytes OK"),
		  BYTES("last-call-tx-bytes-ok", "TX bytes OK (last)"),
		  BYTES("last-call-rx-bytes-ok", "RX bytes OK (last)")) },
	{ .name = "wds-get-data-bearer-technology",
	  .method = "wds/get-data-bearer-technology",
	  .help = "Show what radio technology carries the data",
	  .course =
		  COURSE(.refused = TEXT_ROWS(TEXT_IF(
				 "last",
				 "[{@device}] Data bearer technology (last): '{last}'({last:n})\n")),
			 .refused_with = QK_ERROR_OUT_OF_CALL),
	  .failure = "couldn't get data bearer technology",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] Data bearer technology (current): '{current}'\n")) },
	{ .name = "wds-get-current-data-bearer-technology",
	  .method = "wds/get-current-data-bearer-technology",
	  .help = "The same in the form of newer modems",
	  .course = COURSE(.refused = last_current_data_bearer_text),
	  .failure = "couldn't get current data bearer technology",
	  .text = current_data_bearer_text },
	{ .name = "wds-go-dormant",
	  .method = "wds/go-dormant",
	  .help = "Let the radio bearer of the data connection sleep",
	  .failure = "couldn't go dormant",
	  .text = TEXT_ROWS(TEXT_LINE("")) }, /* libqmi says nothing */
	{ .name = "wds-go-active",
	  .method = "wds/go-active",
	  .help = "Wake it up",
	  .failure = "couldn't go active",
	  .text = TEXT_ROWS(TEXT_LINE("")) }, /* libqmi says nothing */
	{ .name = "wds-get-dormancy-status",
	  .method = "wds/get-dormancy-status",
	  .help = "Show whether it sleeps",
	  .failure = "couldn't get dormancy status",
	  .text = TEXT_ROWS(TEXT_IF("dormancy-status",
				    "[{@device}] Dormancy Status: '{dormancy-status}'\n")) },
	{ .name = "wds-set-autoconnect-settings",
	  .method = "wds/set-autoconnect-settings",
	  .help = "Set whether the modem connects by itself, and whether abroad too",
	  .argument =
		  TAKES("disabled|enabled|paused[,roaming-allowed|home-only]",
			.parts = PARTS({ .field = "status" }, { .field = "roaming",
								.how = WORDS(autoconnect_roaming),
								.optional = true })),
	  .failure = "couldn't set autoconnect settings",
	  .text = TEXT_ROWS(TEXT_LINE("Autoconnect settings updated\n")) },
	{ .name = "wds-get-autoconnect-settings",
	  .method = "wds/get-autoconnect-settings",
	  .help = "Show whether the modem connects by itself",
	  .failure = "couldn't get autoconnect settings",
	  .text = TEXT_ROWS(TEXT_LINE("Autoconnect settings retrieved:\n"),
			    TEXT_LINE("\tStatus: '{status}'\n"),
			    TEXT_IF("roaming", "\tRoaming: '{roaming}'\n")) },
	{ .name = "wds-get-channel-rates",
	  .method = "wds/get-channel-rates",
	  .help = "Show the rates of the channel",
	  .failure = "couldn't get channel rates",
	  .text = TEXT_ROWS(
		  TEXT_LINE("Channel data rates:\n"), RATE("channel-tx", "TX"),
		  RATE("channel-rx", "RX"),
		  TEXT_LINE("\tMax TX rate:     {channel-rates.max-channel-tx-rate-bps}bps\n"
			    "\tMax RX rate:     {channel-rates.max-channel-rx-rate-bps}bps\n")) },
	{ .name = "wds-get-lte-attach-parameters",
	  .method = "wds/get-lte-attach-parameters",
	  .help = "Show what the attach to LTE was made with",
	  .failure = "couldn't get LTE attach parameters",
	  .text = TEXT_ROWS(TEXT_LINE("LTE attach parameters successfully retrieved:\n"),
			    TEXT_IF("apn", "\tAPN: {apn}\n"),
			    TEXT_IF("ip-support-type", "\tIP support type: {ip-support-type}\n"),
			    TEXT_IF("ota-attach-performed",
				    "\tOTA attach performed: {ota-attach-performed}\n")) },
	{ .name = "wds-get-max-lte-attach-pdn-num",
	  .method = "wds/get-max-lte-attach-pdn-number",
	  .help = "Show how many profiles the attach to LTE may try",
	  .failure = "couldn't get maximum number of attach PDN",
	  .text = TEXT_ROWS(TEXT_LINE("Maximum number of LTE attach PDN: {info|0}\n")) },
	{ .name = "wds-get-lte-attach-pdn-list",
	  .method = "wds/get-lte-attach-pdn-list",
	  .help = "Show which profiles the attach to LTE tries",
	  .failure = "couldn't get the list of LTE attach PDN",
	  .text = attach_list_text },
	{ .name = "wds-set-lte-attach-pdn-list",
	  .method = "wds/set-lte-attach-pdn-list",
	  .help = "Set which profiles the attach to LTE tries, in their order",
	  .argument = TAKES("INDEX,INDEX,...", .finish = finish_attach_list,
			    .room = ATTACH_LIST_MAX * sizeof(uint16_t)),
	  .course = COURSE(.presets = attach_list_presets),
	  .failure = "couldn't set attach PDN list",
	  .text = TEXT_ROWS(TEXT_LINE("Attach PDN list update successfully requested\n")) },
	{ .name = "wds-get-profile-list",
	  .method = "wds/get-profile-list",
	  .help = "List the profiles that the modem keeps, with their settings",
	  .argument = TAKES("3gpp|3gpp2", .field = "profile-type", .how = WORDS(wds_profile_types)),
	  .course = COURSE(.run = wds_run_profile_list),
	  .failure = "couldn't get profile list",
	  .text = wds_profile_list_text },
	{ .name = "wds-get-profile-settings",
	  .method = "wds/get-profile-settings",
	  .help = "Show the settings of one profile",
	  .argument = TAKES("3gpp|3gpp2,INDEX", .finish = wds_finish_profile_settings),
	  .failure = "couldn't get profile settings",
	  .text = wds_profile_settings_text },
	{ .name = "wds-create-profile",
	  .method = "wds/create-profile",
	  .help = "Make a profile",
	  .argument = TAKES("3gpp|3gpp2[,KEY=VALUE,...]", .keys = wds_profile_keys, .word_count = 1,
			    .finish = wds_finish_create_profile),
	  .failure = "couldn't create profile",
	  .text = new_profile_text },
	{ .name = "wds-swi-create-profile-indexed",
	  .method = "wds/swi-create-profile-indexed",
	  .help = "Make a profile with this index (modems of Sierra Wireless)",
	  .argument = TAKES("3gpp|3gpp2,INDEX[,KEY=VALUE,...]", .keys = wds_swi_profile_keys,
			    .word_count = 2, .finish = wds_finish_swi_create_profile),
	  .failure = "couldn't create indexed profile",
	  .text = new_profile_text },
	{ .name = "wds-modify-profile",
	  .method = "wds/modify-profile",
	  .help = "Change a profile; what is not named stays",
	  .argument = TAKES("3gpp|3gpp2,INDEX,KEY=VALUE,...", .keys = wds_profile_keys,
			    .word_count = 2, .finish = wds_finish_modify_profile),
	  .failure = "couldn't modify profile",
	  .text = TEXT_ROWS(TEXT_LINE("Profile successfully modified.\n")) },
	{ .name = "wds-delete-profile",
	  .method = "wds/delete-profile",
	  .help = "Delete a profile",
	  .argument = TAKES("3gpp|3gpp2,INDEX", .finish = wds_finish_delete_profile),
	  .failure = "couldn't delete profile",
	  .text = TEXT_ROWS(TEXT_LINE("Profile successfully deleted.\n")) },
	{ .name = "wds-get-default-profile-number",
	  .method = "wds/get-default-profile-number",
	  .help = "Show which profile is the default one",
	  .argument = TAKES("3gpp|3gpp2", .finish = wds_finish_get_default_profile),
	  .failure = "couldn't get default profile number",
	  .text = wds_default_profile_text },
	{ .name = "wds-set-default-profile-number",
	  .method = "wds/set-default-profile-number",
	  .help = "Make a profile the default one",
	  .argument = TAKES("3gpp|3gpp2,INDEX", .finish = wds_finish_set_default_profile),
	  .failure = "couldn't set default settings",
	  .text = TEXT_ROWS(TEXT_LINE("Default profile number updated\n")) },
	{ .name = "wds-get-default-profile-num",
	  .method = "wds/get-default-profile-number",
	  .help = "The old spelling of --wds-get-default-profile-number",
	  .argument = TAKES("3gpp|3gpp2", .finish = wds_finish_get_default_profile),
	  .failure = "couldn't get default profile number",
	  .text = wds_default_profile_text },
	{ .name = "wds-set-default-profile-num",
	  .method = "wds/set-default-profile-number",
	  .help = "The old spelling of --wds-set-default-profile-number",
	  .argument = TAKES("3gpp|3gpp2,INDEX", .finish = wds_finish_set_default_profile),
	  .failure = "couldn't set default settings",
	  .text = TEXT_ROWS(TEXT_LINE("Default profile number updated\n")) },
	{ .name = "wds-get-default-settings",
	  .method = "wds/get-default-settings",
	  .help = "Show what a new profile begins with",
	  .argument = TAKES("3gpp|3gpp2", .field = "profile-type", .how = WORDS(wds_profile_types)),
	  .failure = "couldn't get default settings",
	  .text = TEXT_ROWS(TEXT_LINE("Default settings retrieved:\n"),
			    TEXT_IF("apn-name", "\tAPN: '{apn-name}'\n"),
			    TEXT_IF("pdp-type", "\tPDP type: '{pdp-type}'\n"),
			    TEXT_IF("username", "\tUsername: '{username}'\n"),
			    TEXT_IF("password", "\tPassword: '{password}'\n"),
			    TEXT_IF("authentication", "\tAuth: '{authentication}'\n")) },
	COMMAND_SUPPORTED_MESSAGES(wds, WDS),
	COMMAND_RESET(wds, WDS),
	COMMAND_NOOP(wds),
	{ 0 },
};

const struct command_service commands_wds = { QK_SERVICE_ID_WDS, "wds", "Wireless Data Service",
					      commands };
