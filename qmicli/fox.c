/*
 * FOX: what Foxconn adds for its own modules.
 */
#include <qmikit/fox.h>

#include "services.h"

static const struct command_part fcc_authentication[] = {
	{ .name = "magic string", .field = "magic-string" },
	{ .name = "magic number", .field = "magic-number" },
	{ 0 },
};

static const struct command commands[] = {
	{ .name = "fox-get-firmware-version",
	  .method = "fox/get-firmware-version",
	  .help = "Show the version of a part of the firmware",
	  .argument = TAKES("firmware-mcfg-apps|firmware-mcfg|apps", .field = "version-type"),
	  .failure = "couldn't get firmware version",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Firmware version retrieved:\n"
				      "\tVersion: '{version}'\n")) },
	/* newer than libqmi 1.32 */
	{ .name = "fox-set-fcc-authentication",
	  .method = "fox/set-fcc-authentication",
	  .help = "Unlock the radio of a laptop's modem",
	  .argument = TAKES("MAGIC-STRING,MAGIC-NUMBER", .parts = fcc_authentication),
	  .failure = "couldn't run Fox FCC authentication",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully run Fox FCC authentication\n")) },
	COMMAND_NOOP(fox),
	{ 0 },
};

const struct command_service commands_fox = { QK_SERVICE_ID_FOX, "fox", "Foxconn Modem Service",
					      commands };
