/*
 * IMSP: presence in the IP Multimedia Subsystem. libqmi has these commands since 1.34.
 */
#include <qmikit/imsp.h>

#include "services.h"

static const struct command commands[] = {
	{ .name = "imsp-get-enabler-state",
	  .method = "imsp/get-enabler-state",
	  .help = "Show how far the presence service has come",
	  .failure = "couldn't get enabler state",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] IMSP enabler state retrieved:\n"),
		  TEXT_IF("enabler-state", "\tRegistration status: '{enabler-state}'\n")) },
	COMMAND_NOOP(imsp),
	{ 0 },
};

const struct command_service commands_imsp = { QK_SERVICE_ID_IMSP, "imsp",
					       "IP Multimedia Subsystem Presence Service",
					       commands };
