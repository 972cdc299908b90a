/*
 * UIM: the SIM card: its PINs, files, applications and channels, and the slots.
 */
#include "uim.h"

#include <qmikit/uim.h>

#include "argument.h"
#include "request.h"
#include "services.h"

/* --- Arguments */

static const struct command_word pins[] = {
	{ "PIN1", QK_UIM_PIN_ID_PIN1 },
	{ "PIN2", QK_UIM_PIN_ID_PIN2 },
	{ "UPIN", QK_UIM_PIN_ID_UPIN },
	{ 0 },
};

static const struct command_word disable_enable[] = {
	{ "disable", false },
	{ "enable", true },
	{ 0 },
};

/* Whose PIN it is, in all four requests. Without the key: that of the card in the first slot. */
static const struct command_key session_keys[] = {
	{ .key = "session-type", .field = "session.session-type" },
	{ 0 },
};

static const struct command_preset card_presets[] = {
	{ "session.session-type", QK_UIM_SESSION_TYPE_CARD_SLOT_1 },
	{ 0 },
};

static const struct command_part protection_parts[] = {
	{ .field = "info.pin-id", .how = WORDS(pins) },
	{ .field = "info.pin-enabled", .how = WORDS(disable_enable) },
	{ .field = "info.pin-value" },
	{ 0 },
};

static const struct command_part verify_parts[] = {
	{ .field = "info.pin-id", .how = WORDS(pins) },
	{ .field = "info.pin-value" },
	{ 0 },
};

static const struct command_part unblock_parts[] = {
	{ .field = "info.pin-id", .how = WORDS(pins) },
	{ .field = "info.puk" },
	{ .field = "info.new-pin" },
	{ 0 },
};

static const struct command_part change_parts[] = {
	{ .field = "info.pin-id", .how = WORDS(pins) },
	{ .field = "info.old-pin" },
	{ .field = "info.new-pin" },
	{ 0 },
};

/* "0x3F00" or "3f00", and no more; steps over it. */
static bool read_id(struct qk_string *text, uint16_t *ret)
{
	unsigned int id = 0, count = 0;
	const char *at = text->data, *end = at + text->size;

	if (end - at > 2 && at[0] == '0' && (at[1] | 0x20) == 'x')
		at += 2;
	for (; at < end && argument_hex_digit(*at) >= 0; at++, count++)
		id = id << 4 | (unsigned int)argument_hex_digit(*at);
	if (!count || count > 4)
		return false;
	*ret = (uint16_t)id;
	*text = (struct qk_string){ at, (size_t)(end - at) };
	return true;
}

/* The ids of the folders from the outermost on, then that of the file. In "key=value" they stand between dashes, else
 * between commas; each may be used in both places. */
bool uim_read_path(struct qk_string text, void *value, uint8_t **spare)
{
	struct qk_uim_file *file = value;
	uint8_t *path = *spare;
	size_t size = 0;
	uint16_t id = 0;

	while (read_id(&text, &id)) {
		if (!text.size) {
			*file = (struct qk_uim_file){ id, { path, size } };
			*spare += size;
			return id != 0;
		}
		if ((*text.data != ',' && *text.data != '-') || size + 2 > UINT8_MAX)
			return false;
		text = (struct qk_string){ text.data + 1, text.size - 1 };
		path[size++] = (uint8_t)id;
		path[size++] = (uint8_t)(id >> 8);
	}
	return false;
}

static const struct command_preset file_presets[] = {
	{ "session.session-type", QK_UIM_SESSION_TYPE_PRIMARY_GW_PROVISIONING },
	{ 0 },
};

/* All of the file. */
static const struct command_preset transparent_presets[] = {
	{ "session.session-type", QK_UIM_SESSION_TYPE_PRIMARY_GW_PROVISIONING },
	{ "read-information.offset", 0 },
	{ "read-information.length", 0 },
	{ 0 },
};

static const struct command_preset record_presets[] = {
	{ "session.session-type", QK_UIM_SESSION_TYPE_PRIMARY_GW_PROVISIONING },
	{ "record.record-number", 0 },
	{ "record.record-length", 0 },
	{ 0 },
};

static const struct command_key record_keys[] = {
	{ .key = "record-number", .field = "record.record-number" },
	{ .key = "record-length", .field = "record.record-length" },
	{ .key = "file",
	  .field = "file",
	  .how = READS(uim_read_path, UIM_PATH_FORM),
	  .needed = true },
	{ 0 },
};

static const struct command_key provisioning_keys[] = {
	{ .key = "session-type", .field = "session-change.session-type", .needed = true },
	{ .key = "activate", .field = "session-change.activate", .needed = true },
	{ .key = "slot", .field = "application-information.slot" },
	{ .key = "aid", .field = "application-information.application-identifier" },
	{ 0 },
};

static const struct command_preset configuration_presets[] = {
	{ "configuration-mask", QK_UIM_CONFIGURATION_PERSONALIZATION_STATUS },
	{ 0 },
};

static const struct command_preset slot_events_presets[] = {
	{ "event-registration-mask", QK_UIM_EVENT_REGISTRATION_FLAG_PHYSICAL_SLOT_STATUS },
	{ 0 },
};

static const struct command_preset refresh_file_presets[] = {
	{ "session.session-type", QK_UIM_SESSION_TYPE_CARD_SLOT_1 },
	{ "info.register-flag", true },
	{ "info.vote-for-init", false },
	{ 0 },
};

static const struct command_preset refresh_all_presets[] = {
	{ "session.session-type", QK_UIM_SESSION_TYPE_CARD_SLOT_1 },
	{ "info.register-flag", true },
	{ 0 },
};

static const struct command_part depersonalization_parts[] = {
	{ .field = "info.feature" },
	{ .field = "info.operation" },
	{ .field = "info.control-key", .empty = true },
	{ .field = "slot", .how = RANGE(1, 5), .optional = true },
	{ 0 },
};

static const struct command_part open_channel_parts[] = {
	{ .field = "slot" },
	{ .field = "aid", .empty = true, .optional = true },
	{ 0 },
};

static const struct command_part close_channel_parts[] = {
	{ .field = "slot" },
	{ .field = "channel-id" },
	{ 0 },
};

static const struct command_part apdu_parts[] = {
	{ .field = "slot" },
	{ .field = "channel-id" },
	{ .field = "apdu" },
	{ 0 },
};

/* More than the older TLV can hold goes into the newer one. */
static int finish_unlock(const struct action *action, unsigned int seen, void *request,
			 struct failure *failure)
{
	enum { SIMLOCK_DATA_MAX = 1024 };
	struct qk_uim_remote_unlock_request *unlock = request;

	(void)action;
	(void)seen;
	(void)failure;
	if (unlock->simlock_data.size <= SIMLOCK_DATA_MAX)
		return 0;
	unlock->has_simlock_extended_data = true;
	unlock->simlock_extended_data = unlock->simlock_data;
	unlock->has_simlock_data = false;
	return 0;
}

/* --- Text */

/* What the card itself has said, also to what the modem then refused. */
static const struct text_row card_result_text[] = {
	TEXT_IF("card-result", "Card result:\n\tSW1: '0x{sw1:x}'\n\tSW2: '0x{sw2:x}'\n"),
	TEXT_END,
};

static const struct text_row read_text[] = {
	{ .text = "[{@device}] Successfully read information from the UIM:\n",
	  .rows = card_result_text },
	TEXT_IF("read-result", "Read result:\n{read-result:hex,\t}\n"),
	TEXT_END,
};

/* libqmi's tool means to name the file in front and the modem behind, and has no name of the file. */
static const struct text_row file_attributes_text[] = {
	{ .text = "[(null)] Successfully got file '{@device}' attributes from the UIM:\n",
	  .rows = card_result_text },
	TEXT_IF("file-attributes",
		"File attributes:\n"
		"\tFile size: {file-size}\n"
		"\tFile ID: {file-id}\n"
		"\tFile type: {file-type}\n"
		"\tRecord size: {record-size}\n"
		"\tRecord count: {record-count}\n"
		"\tRead security attributes: ({read-security-attributes-logic}) "
		"{read-security-attributes}\n"
		"\tWrite security attributes: ({write-security-attributes-logic}) "
		"{write-security-attributes}\n"
		"\tIncrease security attributes: ({increase-security-attributes-logic}) "
		"{increase-security-attributes}\n"
		"\tDeactivate security attributes: ({deactivate-security-attributes-logic}) "
		"{deactivate-security-attributes}\n"
		"\tActivate security attributes: ({activate-security-attributes-logic}) "
		"{activate-security-attributes}\n"
		"\tRaw: {raw-data:hex,\t}\n"),
	TEXT_END,
};

static const struct text_row feature_text[] = {
	TEXT_LINE("\tPersonalization: {feature}\n"
		  "\t\tVerify left:  {verify-left}\n"
		  "\t\tUnblock left: {unblock-left}\n"),
	TEXT_END,
};

static const struct text_row features_text[] = {
	TEXT_LINE("Personalization features"),
	TEXT_IF("personalization-status-other", " in slot 1"),
	TEXT_WHERE("personalization-status", 0, ": all disabled\n"),
	TEXT_UNLESS("personalization-status", 0, ":\n"),
	{ .when = TEXT_EACH, .path = "personalization-status", .rows = feature_text },
	TEXT_END,
};

static const struct text_row slot_features_text[] = {
	TEXT_LINE("Personalization features in slot {@2}:\n"),
	{ .when = TEXT_EACH, .path = "slot", .rows = feature_text },
	TEXT_END,
};

static const struct text_row configuration_text[] = {
	TEXT_LINE("Configuration successfully retrieved\n"),
	{ .when = TEXT_PRESENT, .path = "personalization-status", .rows = features_text },
	TEXT_WHERE("personalization-status-other", 0,
		   "Personalization features in other slots: all disabled\n"),
	{ .when = TEXT_EACH, .path = "personalization-status-other", .rows = slot_features_text },
	TEXT_END,
};

static const struct command commands[] = {
	{ .name = "uim-set-pin-protection",
	  .method = "uim/set-pin-protection",
	  .help = "Have the card ask for a PIN, or not",
	  .argument = TAKES("PIN1|PIN2|UPIN,disable|enable,PIN[,session-type=TYPE]",
			    .parts = protection_parts, .keys = session_keys),
	  .course = COURSE(.presets = card_presets),
	  .failure = "couldn't set PIN protection",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] PIN protection updated\n")) },
	{ .name = "uim-verify-pin",
	  .method = "uim/verify-pin",
	  .help = "Give the card a PIN that it asks for",
	  .argument = TAKES("PIN1|PIN2|UPIN,PIN[,session-type=TYPE]", .parts = verify_parts,
			    .keys = session_keys),
	  .course = COURSE(.presets = card_presets),
	  .failure = "couldn't verify PIN",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] PIN verified successfully\n")) },
	{ .name = "uim-unblock-pin",
	  .method = "uim/unblock-pin",
	  .help = "Set a new PIN with the PUK",
	  .argument = TAKES("PIN1|PIN2|UPIN,PUK,PIN[,session-type=TYPE]", .parts = unblock_parts,
			    .keys = session_keys),
	  .course = COURSE(.presets = card_presets),
	  .failure = "couldn't unblock PIN",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] PIN unblocked successfully\n")) },
	{ .name = "uim-change-pin",
	  .method = "uim/change-pin",
	  .help = "Set a new PIN with the old one",
	  .argument = TAKES("PIN1|PIN2|UPIN,OLD,NEW[,session-type=TYPE]", .parts = change_parts,
			    .keys = session_keys),
	  .course = COURSE(.presets = card_presets),
	  .failure = "couldn't change PIN",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] PIN changed successfully\n")) },
	{ .name = "uim-read-transparent",
	  .method = "uim/read-transparent",
	  .help = "Read a file of the card that has no records",
	  .argument = TAKES("0x3F00,0x7FFF,0x6F07", .field = "file",
			    .how = READS(uim_read_path, UIM_PATH_FORM)),
	  .course = COURSE(.presets = transparent_presets, .refused = card_result_text),
	  .failure = "couldn't read transparent file from the UIM",
	  .text = read_text },
	{ .name = "uim-get-file-attributes",
	  .method = "uim/get-file-attributes",
	  .help = "Show size, kind and rights of a file of the card",
	  .argument = TAKES("0x3F00,0x7FFF,0x6F07", .field = "file",
			    .how = READS(uim_read_path, UIM_PATH_FORM)),
	  .course = COURSE(.presets = file_presets, .refused = card_result_text),
	  .failure = "couldn't get file attributes from the UIM",
	  .text = file_attributes_text },
	{ .name = "uim-read-record",
	  .method = "uim/read-record",
	  .help = "Read one record of a file of the card",
	  .argument = TAKES("record-number=N,record-length=BYTES,file=0x3F00-0x7FFF-0x6F40",
			    .keys = record_keys),
	  .course = COURSE(.presets = record_presets, .refused = card_result_text),
	  .failure = "couldn't read record file from the UIM",
	  .text = read_text },
	{ .name = "uim-get-card-status",
	  .method = "uim/get-card-status",
	  .help = "Show cards, their applications and PINs",
	  .failure = "couldn't get card status",
	  .text = uim_card_status_text },
	COMMAND_SUPPORTED_MESSAGES(uim, UIM),
	{ .name = "uim-sim-power-on",
	  .method = "uim/power-on-sim",
	  .help = "Give the card in a slot power",
	  .argument = TAKES("SLOT", .field = "slot"),
	  .failure = "could not power on SIM",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully performed SIM power on\n")) },
	{ .name = "uim-sim-power-off",
	  .method = "uim/power-off-sim",
	  .help = "Take the power from the card in a slot",
	  .argument = TAKES("SLOT", .field = "slot"),
	  .failure = "could not power off SIM",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully performed SIM power off\n")) },
	{ .name = "uim-change-provisioning-session",
	  .method = "uim/change-provisioning-session",
	  .help = "Have the modem use an application of a card, or no more",
	  .argument = TAKES("session-type=TYPE,activate=yes|no,slot=SLOT,aid=A0:00:…",
			    .keys = provisioning_keys),
	  .failure = "couldn't change provisioning session",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully changed provisioning session\n")) },
	{ .name = "uim-get-slot-status",
	  .method = "uim/get-slot-status",
	  .help = "Show the places for cards, and what is in them",
	  .course = COURSE(.needs = NAMES("physical-slot-status")),
	  .failure = "could not get slots status",
	  .text = uim_slot_status_text },
	{ .name = "uim-switch-slot",
	  .method = "uim/switch-slot",
	  .help = "Use another slot in the place of the one in use",
	  .argument = TAKES("SLOT", .field = "physical-slot", .how = RANGE(1, UINT8_MAX)),
	  .course = COURSE(.run = uim_run_switch_slot),
	  .failure = "couldn't switch slots",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully switched slots\n")) },
	{ .name = "uim-monitor-slot-status",
	  .method = "uim/register-events",
	  .help = "Tell what happens to slots and cards, until Ctrl+C",
	  .course = COURSE(.presets = slot_events_presets, .run = uim_run_monitor_slots),
	  .failure = "could not register slot status change events" },
	COMMAND_RESET(uim, UIM),
	{ .name = "uim-monitor-refresh-file",
	  .method = "uim/refresh-register",
	  .help = "Tell when the card changes a file, until Ctrl+C; may be given for each file",
	  .argument = TAKES("0x3F00,0x7FFF,0x6F07", .repeats = true, .finish = uim_finish_watched,
			    .room = sizeof(struct uim_watched)),
	  .course = COURSE(.presets = refresh_file_presets, .run = uim_run_monitor_refresh),
	  .failure = "could not register refresh file events" },
	{ .name = "uim-monitor-refresh-all",
	  .method = "uim/refresh-register-all",
	  .help = "Tell when the card changes any file, until Ctrl+C",
	  .course = COURSE(.presets = refresh_all_presets, .run = uim_run_monitor_refresh),
	  .failure = "could not register refresh file events" },
	{ .name = "uim-get-configuration",
	  .method = "uim/get-configuration",
	  .help = "Show whom the modem is bound to",
	  .course = COURSE(.presets = configuration_presets),
	  .failure = "get configuration failed",
	  .text = configuration_text },
	{ .name = "uim-depersonalization",
	  .method = "uim/depersonalization",
	  .help = "Free the modem from an operator, with the key for that",
	  .argument =
		  TAKES("FEATURE,deactivate|unblock,KEY[,SLOT]", .parts = depersonalization_parts),
	  .failure = "depersonalization failed",
	  .text = TEXT_ROWS(TEXT_LINE("Modem was unlocked successfully\n")) },
	{ .name = "uim-remote-unlock",
	  .method = "uim/remote-unlock",
	  .help = "Hand over what an operator has signed to lift or change the modem's lock",
	  .argument = TAKES("XX:XX:…", .field = "simlock-data", .finish = finish_unlock),
	  .failure = "remote unlock operation failed",
	  .text = TEXT_ROWS(TEXT_LINE("Remote unlock operation successfully completed\n")) },
	{ .name = "uim-open-logical-channel",
	  .method = "uim/open-logical-channel",
	  .help = "Open a channel to an application of the card",
	  .argument = TAKES("SLOT[,AID]", .parts = open_channel_parts),
	  .course = COURSE(.needs = NAMES("channel-id")),
	  .failure = "open logical channel operation failed",
	  .text = TEXT_ROWS(TEXT_IF("channel-id",
				    "Open Logical Channel operation successfully completed: "
				    "{channel-id}\n")) },
	{ .name = "uim-close-logical-channel",
	  .method = "uim/logical-channel",
	  .help = "Close a channel to the card",
	  .argument = TAKES("SLOT,CHANNEL", .parts = close_channel_parts),
	  .failure = "close logical channel operation failed",
	  .text = TEXT_ROWS(
		  TEXT_LINE("Close Logical Channel operation successfully completed\n")) },
	{ .name = "uim-send-apdu",
	  .method = "uim/send-apdu",
	  .help = "Have the card do a command of its own",
	  .argument = TAKES("SLOT,CHANNEL,XX:XX:…", .parts = apdu_parts),
	  .course = COURSE(.needs = NAMES("apdu-response")),
	  .failure = "send apdu operation failed",
	  .text = TEXT_ROWS(TEXT_IF("apdu-response", "Send APDU operation successfully completed: "
						     "{apdu-response:bytes}\n")) },
	COMMAND_NOOP(uim),
	{ 0 },
};

const struct command_service commands_uim = { QK_SERVICE_ID_UIM, "uim",
					      "User Identity Module Service", commands };
