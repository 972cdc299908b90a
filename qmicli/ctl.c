/*
 * CTL: the commands that need no client id.
 */
#include <qmikit/ctl.h>

#include "services.h"

static void print_service_name(const struct text_scope *scope, struct output *out)
{
	int64_t service = text_number(scope, "service", 0);
	const char *name = qk_value_name(&qk_service_id_values, service);

	if (name)
		output_printf(out, "\t%s", name);
	else
		output_printf(out, "\tunknown [0x%02x]", (unsigned int)service);
	output_printf(out, " (%u.%u)\n", (unsigned int)text_number(scope, "major-version", 0),
		      (unsigned int)text_number(scope, "minor-version", 0));
}

static const struct text_row version_info_text[] = {
	TEXT_LINE("[{@device}] Supported versions:\n"),
	{ .when = TEXT_EACH, .path = "service-list", TEXT_PRINT(print_service_name) },
	TEXT_END,
};

static const struct command commands[] = {
	{ .name = "get-service-version-info",
	  .method = "ctl/get-version-info",
	  .help = "List the modem's services and their versions",
	  .failure = "couldn't get service version info",
	  .text = version_info_text },
	{ .name = "device-set-instance-id",
	  .method = "ctl/set-instance-id",
	  .help = "Tell the modem which of several links this one is",
	  .argument = TAKES("ID", .field = "id"),
	  .failure = "couldn't set instance ID",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Instance ID set:\n\tLink ID: '{link-id}'\n")) },
	{ 0 },
};

const struct command_service commands_ctl = { QK_SERVICE_ID_CTL, "ctl", "Control Service",
					      commands };
