/*
 * DSD: which data systems there are, and the APNs of each type.
 */
#include <qmikit/dsd.h>

#include "services.h"

static const struct text_row system_text[] = {
	TEXT_LINE("\tNetwork type: '{technology}'\n"
		  "\tRAT: '{rat}'\n"
		  "\tService option: '{so-mask}'\n"),
	TEXT_END,
};

static void print_system_head(const struct text_scope *scope, struct output *out)
{
	output_printf(out, "System [%zu]%s:\n", scope->index,
		      scope->index ? "" : " (current preferred)");
	text_print(scope, system_text, out);
}

static void print_systems(const struct text_scope *scope, struct output *out)
{
	static const struct text_row systems[] = {
		TEXT_LINE("Available data systems retrieved:\n"),
		{ .when = TEXT_EACH, .path = "available-systems", TEXT_PRINT(print_system_head) },
		TEXT_END,
	};

	if (text_number(scope, "available-systems", 0))
		text_print(scope, systems, out);
	else
		output_printf(out, "No available data system\n");
}

static const struct command commands[] = {
	{ .name = "dsd-get-apn-info",
	  .method = "dsd/get-apn-info",
	  .help = "Show the APN of a type",
	  .argument = TAKES("TYPE", .field = "apn-type"),
	  .failure = "couldn't get APN info",
	  .text = TEXT_ROWS(TEXT_LINE("APN info found:\nAPN name: {apn-name|n/a}\n")) },
	{ .name = "dsd-set-apn-type",
	  .method = "dsd/set-apn-type",
	  .help = "Set the types of an APN",
	  .argument = TAKES("NAME,TYPE1|TYPE2|...",
			    .parts = PARTS({ .field = "apn-type.name", .empty = true },
					   { .field = "apn-type.type" })),
	  .failure = "couldn't set APN type",
	  .text = TEXT_ROWS(TEXT_LINE("APN type set\n")) },
	{ .name = "dsd-get-system-status",
	  .method = "dsd/get-system-status",
	  .help = "List the data systems that can be used now",
	  .failure = "couldn't get system status",
	  .text = TEXT_ROWS({ TEXT_PRINT(print_systems) }) },
	COMMAND_NOOP(dsd),
	{ 0 },
};

const struct command_service commands_dsd = { QK_SERVICE_ID_DSD, "dsd",
					      "Data System Determination Service", commands };
