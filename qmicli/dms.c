/*
 * DMS: the device itself.
 */
#include <qmikit/dms.h>

#include <string.h>

#include "dms-images.h"
#include "dms-text.h"
#include "options.h"
#include "services.h"

/* --- Arguments of several words */

/* As libqmi's tool calls them; the definition's names are those of the messages. */
static const struct command_word pins[] = {
	{ "PIN", QK_DMS_UIM_PIN_ID_PIN },
	{ "PIN2", QK_DMS_UIM_PIN_ID_PIN2 },
	{ 0 },
};

static const struct command_part pin_protection[] = {
	{ .name = "PIN|PIN2", .field = "info.pin-id", .how = WORDS(pins) },
	{ .name = "disable|enable",
	  .field = "info.protection-enabled",
	  .how = WORDS(command_enable) },
	{ .name = "current PIN", .field = "info.pin" },
	{ 0 },
};

static const struct command_part pin_verification[] = {
	{ .name = "PIN|PIN2", .field = "info.pin-id", .how = WORDS(pins) },
	{ .name = "current PIN", .field = "info.pin" },
	{ 0 },
};

static const struct command_part pin_unblocking[] = {
	{ .name = "PIN|PIN2", .field = "info.pin-id", .how = WORDS(pins) },
	{ .name = "PUK", .field = "info.puk" },
	{ .name = "new PIN", .field = "info.new-pin" },
	{ 0 },
};

static const struct command_part pin_change[] = {
	{ .name = "PIN|PIN2", .field = "info.pin-id", .how = WORDS(pins) },
	{ .name = "old PIN", .field = "info.old-pin" },
	{ .name = "new PIN", .field = "info.new-pin" },
	{ 0 },
};

/* A control key takes a protection away; nothing puts one on. */
static const struct command_word only_disable[] = { { "disable", 0 }, { 0 } };

static const struct command_part ck_protection[] = {
	{ .name = "facility", .field = "facility.facility" },
	{ .name = "disable", .field = "facility.facility-state", .how = WORDS(only_disable) },
	{ .name = "control key", .field = "facility.facility-depersonalization-control-key" },
	{ 0 },
};

static const struct command_part ck_unblocking[] = {
	{ .name = "facility", .field = "facility.facility" },
	{ .name = "control key", .field = "facility.facility-control-key" },
	{ 0 },
};

static const struct command_part activation[] = {
	{ .name = "SPC", .field = "info.service-programming-code" },
	{ .name = "SID", .field = "info.system-identification-number" },
	{ .name = "MDN", .field = "info.mobile-directory-number" },
	{ .name = "MIN", .field = "info.mobile-identification-number" },
	{ 0 },
};

static const struct command_part lock_state[] = {
	{ .name = "disable|enable", .field = "info.enabled", .how = WORDS(command_enable) },
	{ .name = "current lock code", .field = "info.lock-code" },
	{ 0 },
};

static const struct command_part lock_code[] = {
	{ .name = "old lock code", .field = "info.old-code" },
	{ .name = "new lock code", .field = "info.new-code" },
	{ 0 },
};

static const struct command_part fcc_authentication[] = {
	{ .name = "magic string", .field = "magic-string" },
	{ .name = "magic number", .field = "magic-number" },
	{ 0 },
};

/* The modem takes any bytes; these are those of the argument, as libqmi's tool writes them. */
static int finish_user_data(const struct action *action, unsigned int seen, void *request,
			    struct failure *failure)
{
	struct qk_dms_write_user_data_request *write = request;

	(void)seen;
	(void)failure;
	write->has_user_data = true;
	write->user_data =
		(struct qk_bytes){ (const uint8_t *)action->argument, strlen(action->argument) };
	return 0;
}

static const struct command commands[] = {
	{ .name = "dms-get-ids",
	  .method = "dms/get-ids",
	  .help = "Show the device's identities: ESN, IMEI, MEID",
	  .failure = "couldn't get IDs",
	  .text = dms_ids_text },
	{ .name = "dms-get-capabilities",
	  .method = "dms/get-capabilities",
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
	  .method = "dms/get-manufacturer",
	  .help = "Show who made the device",
	  .failure = "couldn't get manufacturer",
	  .text = TEXT_ROWS(TEXT_LINE(
		  "[{@device}] Device manufacturer retrieved:\n\tManufacturer: '{manufacturer}'\n")) },
	{ .name = "dms-get-model",
	  .method = "dms/get-model",
	  .help = "Show the model",
	  .failure = "couldn't get model",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] Device model retrieved:\n\tModel: '{model}'\n")) },
	{ .name = "dms-get-revision",
	  .method = "dms/get-revision",
	  .help = "Show the firmware's revision",
	  .failure = "couldn't get revision",
	  .text = TEXT_ROWS(TEXT_LINE(
		  "[{@device}] Device revision retrieved:\n\tRevision: '{revision}'\n")) },
	{ .name = "dms-get-msisdn",
	  .method = "dms/get-msisdn",
	  .help = "Show the phone number that the SIM holds",
	  .failure = "couldn't get MSISDN",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] Device MSISDN retrieved:\n\tMSISDN: '{msisdn}'\n")) },
	{ .name = "dms-get-power-state",
	  .method = "dms/get-power-state",
	  .help = "Show where power comes from, and the battery",
	  .failure = "couldn't get power state",
	  .text = TEXT_ROWS(TEXT_IF("info", "[{@device}] Device power state retrieved:\n"
					    "\tPower state: '{power-state-flags}'\n"
					    "\tBattery level: '{battery-level} %'\n")) },
	{ .name = "dms-uim-set-pin-protection",
	  .method = "dms/uim-set-pin-protection",
	  .help = "Ask for a PIN at each start, or no more",
	  .argument = TAKES("PIN|PIN2,disable|enable,CURRENT-PIN", .parts = pin_protection),
	  .failure = "couldn't set PIN protection",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] PIN protection updated\n")) },
	{ .name = "dms-uim-verify-pin",
	  .method = "dms/uim-verify-pin",
	  .help = "Give the SIM its PIN",
	  .argument = TAKES("PIN|PIN2,CURRENT-PIN", .parts = pin_verification),
	  .failure = "couldn't verify PIN",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] PIN verified successfully\n")) },
	{ .name = "dms-uim-unblock-pin",
	  .method = "dms/uim-unblock-pin",
	  .help = "Set a new PIN by the PUK",
	  .argument = TAKES("PIN|PIN2,PUK,NEW-PIN", .parts = pin_unblocking),
	  .failure = "couldn't unblock PIN",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] PIN unblocked successfully\n")) },
	{ .name = "dms-uim-change-pin",
	  .method = "dms/uim-change-pin",
	  .help = "Set a new PIN by the old one",
	  .argument = TAKES("PIN|PIN2,OLD-PIN,NEW-PIN", .parts = pin_change),
	  .failure = "couldn't change PIN",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] PIN changed successfully\n")) },
	{ .name = "dms-uim-get-pin-status",
	  .method = "dms/uim-get-pin-status",
	  .help = "Show the PINs and how often they may be tried",
	  .failure = "couldn't get PIN status",
	  .text = dms_pin_status_text },
	{ .name = "dms-uim-get-iccid",
	  .method = "dms/uim-get-iccid",
	  .help = "Show the SIM's serial number; newer modems refuse",
	  .failure = "couldn't get ICCID",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] UIM ICCID retrieved:\n\tICCID: '{iccid}'\n")) },
	{ .name = "dms-uim-get-imsi",
	  .method = "dms/uim-get-imsi",
	  .help = "Show the subscriber's identity; newer modems refuse",
	  .failure = "couldn't get IMSI",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] UIM IMSI retrieved:\n\tIMSI: '{imsi}'\n")) },
	{ .name = "dms-uim-get-state",
	  .method = "dms/uim-get-state",
	  .help = "Show whether the SIM is ready",
	  .failure = "couldn't get UIM state",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] UIM state retrieved:\n\tState: '{state}'\n")) },
	{ .name = "dms-uim-get-ck-status",
	  .method = "dms/uim-get-ck-status",
	  .help = "Show whether the device is locked to a network (pn, pu), provider (pp), corporation (pc) or SIM (pf)",
	  .argument = TAKES("pn|pu|pp|pc|pf", .field = "facility"),
	  .failure = "couldn't get UIM CK status",
	  .text = dms_ck_status_text },
	{ .name = "dms-uim-set-ck-protection",
	  .method = "dms/uim-set-ck-protection",
	  .help = "Take such a lock away by its control key",
	  .argument = TAKES("pn|pu|pp|pc|pf,disable,KEY", .parts = ck_protection),
	  .failure = "couldn't set UIM CK protection",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] UIM CK protection set\n")) },
	{ .name = "dms-uim-unblock-ck",
	  .method = "dms/uim-unblock-ck",
	  .help = "Unblock one that was tried too often",
	  .argument = TAKES("pn|pu|pp|pc|pf,KEY", .parts = ck_unblocking),
	  .failure = "couldn't unblock CK",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] UIM CK unblocked\n")) },
	{ .name = "dms-get-hardware-revision",
	  .method = "dms/get-hardware-revision",
	  .help = "Show the hardware's revision",
	  .failure = "couldn't get the HW revision",
	  .text = TEXT_ROWS(TEXT_LINE(
		  "[{@device}] Hardware revision retrieved:\n\tRevision: '{revision}'\n")) },
	{ .name = "dms-get-operating-mode",
	  .method = "dms/get-operating-mode",
	  .help = "Show whether the radio is on",
	  .failure = "couldn't get the HW revision",
	  .text = dms_operating_mode_text },
	{ .name = "dms-set-operating-mode",
	  .method = "dms/set-operating-mode",
	  .help = "Turn the radio on or off, or reset the modem",
	  .argument = TAKES("online|low-power|factory-test|offline|reset|shutting-down|"
			    "persistent-low-power|mode-only-low-power",
			    .field = "mode"),
	  .failure = "couldn't set operating mode",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Operating mode set successfully\n")) },
	{ .name = "dms-get-time",
	  .method = "dms/get-time",
	  .help = "Show the device's clocks",
	  .failure = "couldn't get the device time",
	  .text = dms_time_text },
	{ .name = "dms-get-prl-version",
	  .method = "dms/get-prl-version",
	  .help = "Show the version of the list of roaming networks (CDMA)",
	  .failure = "couldn't get the PRL version",
	  .text = TEXT_ROWS(TEXT_IF("version", "[{@device}] PRL version retrieved:\n"
					       "\tPRL version: '{version}'\n"),
			    TEXT_IF("prl-only-preference",
				    "\tPRL only preference: '{prl-only-preference}'\n")) },
	{ .name = "dms-get-activation-state",
	  .method = "dms/get-activation-state",
	  .help = "Show whether the service is activated (CDMA)",
	  .failure = "couldn't get the state of the service activation",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] Activation state retrieved:\n\tState: '{info}'\n")) },
	{ .name = "dms-activate-automatic",
	  .method = "dms/activate-automatic",
	  .help = "Activate the service over the air (CDMA)",
	  .argument = TAKES("ACTIVATION-CODE", .field = "activation-code"),
	  .failure = "couldn't request automatic service activation",
	  .text = (const struct text_row[]){ TEXT_END } },
	{ .name = "dms-activate-manual",
	  .method = "dms/activate-manual",
	  .help = "Activate the service by its numbers (CDMA)",
	  .argument = TAKES("SPC,SID,MDN,MIN", .parts = activation),
	  .failure = "couldn't request manual service activation",
	  .text = (const struct text_row[]){ TEXT_END } },
	{ .name = "dms-get-user-lock-state",
	  .method = "dms/get-user-lock-state",
	  .help = "Show whether the device asks its user for a code",
	  .failure = "couldn't get the state of the user lock",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] User lock state retrieved:\n\tEnabled: '{enabled}'\n")) },
	{ .name = "dms-set-user-lock-state",
	  .method = "dms/set-user-lock-state",
	  .help = "Have it ask, or no more",
	  .argument = TAKES("disable|enable,CURRENT-CODE", .parts = lock_state),
	  .failure = "couldn't set state of the user lock",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] User lock state updated\n")) },
	{ .name = "dms-set-user-lock-code",
	  .method = "dms/set-user-lock-code",
	  .help = "Set a new code of four digits",
	  .argument = TAKES("OLD-CODE,NEW-CODE", .parts = lock_code),
	  .failure = "couldn't change user lock code",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] User lock code changed\n")) },
	{ .name = "dms-read-user-data",
	  .method = "dms/read-user-data",
	  .help = "Show the bytes that a user left in the device",
	  .failure = "couldn't read user data",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] User data read:\n"
				      "\tSize: '{#user-data}' bytes\n"
				      "\tContents:\n"
				      "{user-data:hex,\t\t}")) },
	{ .name = "dms-write-user-data",
	  .method = "dms/write-user-data",
	  .help = "Leave a text in the device",
	  .argument = TAKES("TEXT", .finish = finish_user_data),
	  .failure = "couldn't write user data",
	  .text = /* libqmi's, without an end of line */
	  TEXT_ROWS(TEXT_LINE("[{@device}] User data written")) },
	{ .name = "dms-read-eri-file",
	  .method = "dms/read-eri-file",
	  .help = "Show the file of roaming indicators (CDMA)",
	  .failure = "couldn't read eri file",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] ERI file read:\n"
				      "\tSize: '{#eri-file}' bytes\n"
				      "\tContents:\n"
				      "{eri-file:hex,\t\t}")) },
	{ .name = "dms-restore-factory-defaults",
	  .method = "dms/restore-factory-defaults",
	  .help = "Forget all settings of the user",
	  .argument = TAKES("SERVICE-PROGRAMMING-CODE", .field = "service-programming-code"),
	  .failure = "couldn't restores factory defaults",
	  .text = TEXT_ROWS(TEXT_LINE(
		  "[{@device}] Factory defaults restored\nDevice needs to get power-cycled for reset to take effect.\n")) },
	{ .name = "dms-validate-service-programming-code",
	  .method = "dms/validate-service-programming-code",
	  .help = "See whether a code of six digits is the right one",
	  .argument = TAKES("SERVICE-PROGRAMMING-CODE", .field = "service-programming-code"),
	  .failure = "couldn't validate Service Programming Code",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Service Programming Code validated\n")) },
	{ .name = "dms-set-firmware-id",
	  .method = "dms/set-firmware-id",
	  .help = "Tell a Gobi modem that its firmware is known",
	  .failure = "couldn't set firmware id",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Firmware id set\n")) },
	{ .name = "dms-get-band-capabilities",
	  .method = "dms/get-band-capabilities",
	  .help = "Show the bands that the device can use",
	  .failure = "couldn't get band capabilities",
	  .text = dms_band_capabilities_text },
	{ .name = "dms-get-factory-sku",
	  .method = "dms/get-factory-sku",
	  .help = "Show the number that the factory sells the device by",
	  .failure = "couldn't get factory SKU",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] Device factory SKU retrieved:\n\tSKU: '{sku}'\n")) },
	{ .name = "dms-list-stored-images",
	  .method = "dms/list-stored-images",
	  .help = "Show the firmware that the modem holds",
	  .course = COURSE(.run = dms_run_list_images),
	  .failure = "couldn't list stored images",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Device list of stored images retrieved:\n\n")) },
	{ .name = "dms-select-stored-image",
	  .method = "dms/set-firmware-preference",
	  .help = "Set which of it is to run, by the indices of that list",
	  .argument =
		  TAKES("modem#,pri#", .finish = dms_finish_stored_pair, .room = DMS_STORED_ROOM),
	  .course = COURSE(.run = dms_run_select_images),
	  .failure = "couldn't select stored image",
	  .text = dms_firmware_selected_text },
	{ .name = "dms-delete-stored-image",
	  .method = "dms/delete-stored-image",
	  .help = "Delete one of it",
	  .argument =
		  TAKES("modem#|pri#", .finish = dms_finish_stored_image, .room = DMS_STORED_ROOM),
	  .course = COURSE(.run = dms_run_delete_image),
	  .failure = "couldn't delete stored image",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Stored image successfully deleted\n")) },
	{ .name = "dms-get-firmware-preference",
	  .method = "dms/get-firmware-preference",
	  .help = "Show the firmware that is to run",
	  .failure = "couldn't get firmware preference",
	  .text = dms_firmware_preference_text },
	{ .name = "dms-set-firmware-preference",
	  .method = "dms/set-firmware-preference",
	  .help = "Set the firmware that is to run: three words, or keys",
	  .argument = TAKES("FIRMWARE,CONFIG,CARRIER|KEY=VALUE,...", .parts = dms_firmware_parts,
			    .keys = dms_firmware_keys, .plain = true,
			    .finish = dms_finish_firmware_preference, .room = DMS_FIRMWARE_ROOM),
	  .failure = "couldn't select stored image",
	  .text = dms_firmware_selected_text },
	{ .name = "dms-get-boot-image-download-mode",
	  .method = "dms/get-boot-image-download-mode",
	  .help = "Show which images the boot loader takes",
	  .course = COURSE(.needs = NAMES("mode")),
	  .failure = "couldn't get boot image download mode",
	  .text = TEXT_ROWS(TEXT_IF("mode", "[{@device}] Boot image download mode: {mode}\n")) },
	{ .name = "dms-set-boot-image-download-mode",
	  .method = "dms/set-boot-image-download-mode",
	  .help = "Set which images it takes",
	  .argument = TAKES("normal|boot-and-recovery", .field = "mode"),
	  .failure = "couldn't set boot image download mode",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Boot image download mode successfully set\n")) },
	{ .name = "dms-get-software-version",
	  .method = "dms/get-software-version",
	  .help = "Show the version of the software",
	  .failure = "couldn't get software version",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Software version: {version}\n")) },
	{ .name = "dms-set-fcc-authentication",
	  .method = "dms/set-fcc-authentication",
	  .help = "Unlock the radio of a laptop's modem",
	  .failure = "couldn't set FCC authentication",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully set FCC authentication\n")) },
	{ .name = "dms-get-mac-address",
	  .method = "dms/get-mac-address",
	  .help = "Show the address of the device's WLAN or Bluetooth",
	  .argument = TAKES("wlan|bt", .field = "device"),
	  .course = COURSE(.needs = NAMES("mac-address")),
	  .failure = "couldn't get mac address",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] MAC address read:\n"
				      "\tSize: '{#mac-address}' bytes\n"
				      "\tContents:\n"
				      "{mac-address:hex,\t\t}")) },
	{ .name = "dms-hp-change-device-mode",
	  .method = "dms/hp-change-device-mode",
	  .help = "Restart a modem of HP to take firmware",
	  .argument = TAKES("fastboot", .field = "mode"),
	  .failure = "couldn't change HP device mode",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully changed HP device mode\n")) },
	{ .name = "dms-swi-get-current-firmware",
	  .method = "dms/swi-get-current-firmware",
	  .help = "Show what a modem of Sierra Wireless runs",
	  .failure = "couldn't get current firmware",
	  .text = dms_swi_firmware_text },
	{ .name = "dms-swi-get-usb-composition",
	  .method = "dms/swi-get-usb-composition",
	  .help = "Show what a modem of Sierra Wireless may be on USB",
	  .course = COURSE(.needs = NAMES("supported")),
	  .failure = "couldn't get USB composite modes",
	  .text = dms_swi_compositions_text },
	{ .name = "dms-swi-set-usb-composition",
	  .method = "dms/swi-set-usb-composition",
	  .help = "Set what it is on USB, by its number (0 to 22)",
	  .argument = TAKES("NUMBER", .field = "current"),
	  .failure = "couldn't set USB composite modes",
	  .text = TEXT_ROWS(TEXT_LINE(
		  "[{@device}] Successfully set USB composition\n\n"
		  "\tYou may want to power-cycle the modem now, or just set it offline and reset it:\n"
		  "\t\t$> sudo qmicli ... --dms-set-operating-mode=offline\n"
		  "\t\t$> sudo qmicli ... --dms-set-operating-mode=reset\n\n")) },
	{ .name = "dms-foxconn-change-device-mode",
	  .method = "dms/foxconn-change-device-mode",
	  .help = "Restart a modem of Foxconn to take firmware",
	  .argument = TAKES("fastboot-ota|fastboot-online", .field = "mode"),
	  .failure = "couldn't change foxconn device mode",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully changed foxconn device mode\n")) },
	{ .name = "dms-foxconn-get-firmware-version",
	  .method = "dms/foxconn-get-firmware-version",
	  .help = "Show the version of a part of a modem of Foxconn",
	  .argument = TAKES("firmware-mcfg-apps|firmware-mcfg|apps", .field = "version-type"),
	  .failure = "couldn't get foxconn firmware version",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] Firmware version retrieved:\n\tVersion: '{version}'\n")) },
	{ .name = "dms-foxconn-set-fcc-authentication",
	  .method = "dms/foxconn-set-fcc-authentication",
	  .help = "Unlock the radio of a laptop's modem of Foxconn",
	  .argument = TAKES("MAGIC", .field = "value"),
	  .failure = "couldn't run Foxconn FCC authentication",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] Successfully run Foxconn FCC authentication\n")) },
	{ .name = "dms-foxconn-set-fcc-authentication-v2",
	  .method = "dms/foxconn-set-fcc-authentication-v2",
	  .help = "The same for later firmware",
	  .argument = TAKES("MAGIC-STRING,MAGIC-NUMBER", .parts = fcc_authentication),
	  .failure = "couldn't run Foxconn FCC authentication",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] Successfully run Foxconn FCC authentication v2\n")) },
	/* Older names of two of them. */
	{ .name = "dms-dell-change-device-mode",
	  .method = "dms/foxconn-change-device-mode",
	  .help = "The same as --dms-foxconn-change-device-mode",
	  .argument = TAKES("fastboot-ota|fastboot-online", .field = "mode"),
	  .failure = "couldn't change foxconn device mode",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully changed foxconn device mode\n")) },
	{ .name = "dms-dell-get-firmware-version",
	  .method = "dms/foxconn-get-firmware-version",
	  .help = "The same as --dms-foxconn-get-firmware-version",
	  .argument = TAKES("firmware-mcfg-apps|firmware-mcfg|apps", .field = "version-type"),
	  .failure = "couldn't get foxconn firmware version",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] Firmware version retrieved:\n\tVersion: '{version}'\n")) },
	COMMAND_SUPPORTED_MESSAGES(dms, DMS),
	COMMAND_RESET(dms, DMS),
	COMMAND_NOOP(dms),
	{ 0 },
};

const struct command_service commands_dms = { QK_SERVICE_ID_DMS, "dms", "Device Management Service",
					      commands };
