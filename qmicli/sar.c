/*
 * SAR: the reduction of the transmit power.
 */
#include <qmikit/sar.h>

#include "services.h"

static const struct command commands[] = {
	{ .name = "sar-rf-get-state",
	  .method = "sar/rf-get-state",
	  .help = "Show which reduction of the transmit power holds",
	  .failure = "couldn't get SAR RF state",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully got SAR RF state: {state}\n")) },
	{ .name = "sar-rf-set-state",
	  .method = "sar/rf-set-state",
	  .help = "Set the reduction of the transmit power; 0 is none",
	  .argument = TAKES("STATE", .field = "state"),
	  .failure = "couldn't set RF state",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] RF state set successfully\n")) },
	COMMAND_NOOP(sar),
	{ 0 },
};

const struct command_service commands_sar = { QK_SERVICE_ID_SAR, "sar",
					      "Specific Absorption Rate Service", commands };
