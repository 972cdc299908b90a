/*
 * GAS: what Telit adds: firmware, USB compositions.
 */
#include <qmikit/gas.h>

#include "services.h"

/* --- The firmware of a slot */

static const struct text_row stored_firmware_text[] = {
	TEXT_LINE("Firmware #{index}:\n"
		  "\tIndex:        {index}\n"
		  "\tName:         {name}\n"
		  "\tVersion:      {version}\n"
		  "\tPRI revision: {pri-revision}\n"),
	TEXT_END,
};

/* clang-format off */
#define STORED_FIRMWARE(number) \
	{ .when = TEXT_PRESENT, .path = "stored-firmware-" #number, .rows = stored_firmware_text }
/* clang-format on */

static const struct text_row firmware_list_text[] = {
	STORED_FIRMWARE(1), STORED_FIRMWARE(2), STORED_FIRMWARE(3), STORED_FIRMWARE(4), TEXT_END,
};

static const struct command_preset all_firmware[] = {
	{ "mode", QK_GAS_FIRMWARE_LISTING_MODE_ALL_FIRMWARE },
	{ 0 },
};

static const struct command_preset active_firmware[] = {
	{ "mode", QK_GAS_FIRMWARE_LISTING_MODE_ACTIVE_FIRMWARE },
	{ 0 },
};

/* --- USB */

/* The modem stays with it and starts anew at once, as libqmi's tool asks it to. */
static const struct command_preset composition[] = {
	{ "endpoint-type", QK_GAS_USB_COMPOSITION_ENDPOINT_TYPE_HSUSB },
	{ "composition-persistence", true },
	{ "immediate-setting", false },
	{ "reboot-after-setting", true },
	{ 0 },
};

/* --- The firmware that follows the SIM */

/* The fourth mode is told and never set. */
static const struct command_word auto_sim_modes[] = {
	{ "disable", QK_GAS_FIRMWARE_AUTO_SIM_MODE_DISABLE },
	{ "enable", QK_GAS_FIRMWARE_AUTO_SIM_MODE_ENABLE },
	{ "enable-one-shot", QK_GAS_FIRMWARE_AUTO_SIM_MODE_ENABLE_ONE_SHOT },
	{ 0 },
};

static const struct command_key auto_sim_keys[] = {
	{ .key = "mode", .field = "auto-sim-mode", .how = WORDS(auto_sim_modes), .needed = true },
	{ .key = "config-id", .field = "config-id", .how = RANGE(0, 254) },
	{ 0 },
};

static const struct command commands[] = {
	{ .name = "gas-dms-set-usb-composition",
	  .method = "gas/dms-set-usb-composition",
	  .help = "Set what the modem is on USB, by the product id (0x1201, say), and restart it",
	  .argument = TAKES("PRODUCT-ID", .field = "usb-composition"),
	  .course = COURSE(.presets = composition),
	  .failure = "unable to switch composition",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully switched composition.\n")) },
	{ .name = "gas-dms-get-usb-composition",
	  .method = "gas/dms-get-usb-composition",
	  .help = "Show what the modem is on USB",
	  .failure = "unable to get current composition",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] Current composition is {usb-composition:0x}\n")) },
	{ .name = "gas-dms-get-firmware-list",
	  .method = "gas/dms-get-firmware-list",
	  .help = "Show the firmware that the modem holds",
	  .course = COURSE(.presets = all_firmware),
	  .failure = "couldn't get stored firmware list",
	  .text = firmware_list_text },
	{ .name = "gas-dms-get-active-firmware",
	  .method = "gas/dms-get-firmware-list",
	  .help = "Show the one that runs",
	  .course = COURSE(.presets = active_firmware),
	  .failure = "couldn't get stored firmware list",
	  .text = firmware_list_text },
	{ .name = "gas-dms-set-active-firmware",
	  .method = "gas/dms-set-active-firmware",
	  .help = "Set the one that runs, by its index",
	  .argument = TAKES("INDEX", .field = "slot-index"),
	  .failure = "couldn't set active firmware list",
	  .text = TEXT_ROWS(TEXT_LINE("Successfully set the active firmware.\n")) },
	/* The rest is newer than libqmi 1.32. */
	{ .name = "gas-dms-get-ethernet-mac-address",
	  .method = "gas/dms-get-ethernet-pdu-mac-address",
	  .help = "Show the addresses for data calls of Ethernet frames",
	  .course = COURSE(.needs = NAMES("mac-address-0")),
	  .failure = "couldn't get Ethernet PDU MAC address",
	  .text = TEXT_ROWS(
		  TEXT_IF("mac-address-0", "Ethernet MAC address 0: {/mac-address-0:hex}"),
		  TEXT_IF("mac-address-1", "Ethernet MAC address 1: {/mac-address-1:hex}")) },
	{ .name = "gas-dms-set-firmware-auto-sim",
	  .method = "gas/dms-set-firmware-auto-sim",
	  .help = "Let the SIM's operator choose the firmware "
		  "(mode: disable, enable, enable-one-shot; config-id)",
	  .argument = TAKES("mode=MODE[,config-id=ID]", .keys = auto_sim_keys),
	  .failure = "couldn't set firmware auto sim",
	  .text = TEXT_ROWS(TEXT_LINE("Firmware auto sim successfully updated\n")) },
	{ .name = "gas-dms-get-firmware-auto-sim",
	  .method = "gas/dms-get-firmware-auto-sim",
	  .help = "Show whether it does",
	  .failure = "couldn't get firmware auto sim values",
	  .text = TEXT_ROWS(TEXT_IF("auto-sim-mode", "Firmware auto sim mode: {auto-sim-mode}\n"),
			    TEXT_IF("config-id", "Firmware auto sim config id: {config-id}\n")) },
	COMMAND_NOOP(gas),
	{ 0 },
};

const struct command_service commands_gas = { QK_SERVICE_ID_GAS, "gas",
					      "General Application Service", commands };
