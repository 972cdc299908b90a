/*
 * GMS: Telit's general modem service, of which two test messages are known.
 */
#include <qmikit/gms.h>

#include "services.h"

static const struct command commands[] = {
	{ .name = "gms-test-get-value",
	  .method = "gms/test-get-value",
	  .help = "Show the test values that were set",
	  .failure = "couldn't get stored test value",
	  .text = TEXT_ROWS(TEXT_IF("test-mandatory-value",
				    "Test mandatory value:     {test-mandatory-value}\n"),
			    TEXT_IF("test-optional-value",
				    "Test optional value:      {test-optional-value}\n")) },
	{ .name = "gms-test-set-value",
	  .method = "gms/test-set-value",
	  .help = "Set the test values, numbers of 8 bits",
	  .argument = TAKES("MANDATORY[,OPTIONAL]",
			    .parts = PARTS({ .field = "test-mandatory-value" },
					   { .field = "test-optional-value", .optional = true })),
	  .failure = "couldn't set test value",
	  .text = TEXT_ROWS(TEXT_LINE("Successfully set test value.\n")) },
	COMMAND_NOOP(gms),
	{ 0 },
};

const struct command_service commands_gms = { QK_SERVICE_ID_GMS, "gms", "General Modem Service",
					      commands };
