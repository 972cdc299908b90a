/*
 * PDC: the modem's configurations for operators. Listing and loading are in pdc-list.c and pdc-load.c.
 */
#include <qmikit/pdc.h>

#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "pdc-files.h"
#include "services.h"

/* A modem may take long to change, and reboots after it. */
enum { CHANGE_USEC = 120000000 };

/* Selects the configuration of the request, and has it taken. A modem that goes away has done so: it
 * reboots. */
static int run_activate(struct steps *steps, void *request)
{
	const struct qk_pdc_set_selected_config_request *select = request;
	const struct qk_pdc_activate_config_request activate = {
		.has_config_type = true,
		.config_type = select->type_with_id_v2.config_type,
		.has_token = true,
		.token = select->token + 1,
	};
	const struct qk_message *message = &qk_pdc_activate_config_message;
	uint64_t usec = steps_patience(steps, CHANGE_USEC);
	const void *told = NULL;

	if (steps_listen(steps) ||
	    !steps_call(steps, &qk_pdc_set_selected_config_method, select,
			"couldn't set selected config") ||
	    !steps_told(steps, &qk_pdc_set_selected_config_message, usec,
			"couldn't set selected config"))
		return steps->failure->code;
	if (steps_call(steps, &qk_pdc_activate_config_method, &activate,
		       "couldn't activate config"))
		told = steps_told(steps, message, usec, "couldn't activate config");
	if (!told && steps->failure->code != EXIT_GONE)
		return steps->failure->code;
	steps->session->gone = !told;
	steps_forgive(steps);
	steps_show(steps, told ? message : NULL, told, NULL);
	steps_say(steps, "[%s] Successfully requested config activation\n",
		  steps->session->target->name);
	return 0;
}

/* The modem is not told the id, which stands in the room behind the request. */
static int finish_deactivate(const struct action *action, unsigned int seen, void *request,
			     struct failure *failure)
{
	struct qk_string id;
	uint8_t *bytes = malloc(strlen(action->argument) + 1);
	size_t size;
	bool good;

	(void)seen;
	memcpy(&id, (uint8_t *)request + sizeof(struct qk_pdc_deactivate_config_request),
	       sizeof(id));
	good = bytes && argument_bytes(id, bytes, &size);
	free(bytes);
	if (good)
		return 0;
	failure_hint(failure, "it is bytes in hex, as in A0:B1:C2");
	return failure_set(failure, EXIT_USAGE, "invalid id value given: '%.*s'", (int)id.size,
			   id.data);
}

static const struct text_row refresh_text[] = {
	TEXT_LINE("[{@device}] Received refresh indication:\n"
		  "  Received event type {refresh-event|unknown}"),
	TEXT_IF("subscription-id", ", subscription ID: {subscription-id}"),
	TEXT_IF("slot-id", ", slot ID: {slot-id}"),
	TEXT_LINE("\n"),
	TEXT_END,
};

static int run_monitor(struct steps *steps, void *request)
{
	const struct qk_pdc_refresh_indication *refresh;

	if (steps_listen(steps) || !steps_call(steps, &qk_pdc_register_method, request,
					       "couldn't register for refresh events"))
		return steps->failure->code;
	while ((refresh = steps_wait(steps, &qk_pdc_refresh_message, STEPS_FOREVER))) {
		steps_show(steps, &qk_pdc_refresh_message, refresh, refresh_text);
		if (steps_flush(steps))
			return steps->failure->code;
	}
	/* Ctrl+C is how it is meant to end. */
	if (steps_interrupted(steps))
		steps_forgive(steps);
	return steps->failure->code;
}

static const struct command_preset first_token[] = { { "token", 0 }, { 0 } };

static const struct command_preset monitor_presets[] = {
	{ "enable-reporting", true },
	{ "enable-refresh", true },
	{ 0 },
};

#define CONFIG "platform|software,ID"

static const struct command commands[] = {
	{ .name = "pdc-list-configs",
	  .method = "pdc/list-configs",
	  .help = "List the configurations for operators",
	  .argument = TAKES("platform|software", .field = "config-type"),
	  .course = COURSE(.presets = first_token, .run = pdc_run_list) },
	{ .name = "pdc-delete-config",
	  .method = "pdc/delete-config",
	  .help = "Delete one, by the id that the list shows",
	  .argument = TAKES(CONFIG, .parts = PARTS({ .field = "config-type" },
						   { .field = "id", .empty = true })),
	  .course = COURSE(.presets = first_token),
	  .failure = "couldn't delete config",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully deleted config\n")) },
	{ .name = "pdc-activate-config",
	  .method = "pdc/set-selected-config",
	  .help = "Have the modem use one, for which it restarts",
	  .argument =
		  TAKES(CONFIG, .parts = PARTS({ .field = "type-with-id-v2.config-type" },
					       { .field = "type-with-id-v2.id", .empty = true })),
	  .course = COURSE(.presets = first_token, .run = run_activate) },
	{ .name = "pdc-deactivate-config",
	  .method = "pdc/deactivate-config",
	  .told = true,
	  .help = "Have the modem use none",
	  .argument =
		  TAKES(CONFIG,
			.parts = PARTS({ .field = "config-type" }, { .name = "id", .empty = true }),
			.finish = finish_deactivate, .room = sizeof(struct qk_string)),
	  .course = COURSE(.presets = first_token),
	  .failure = "couldn't deactivate config",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully requested config "
				      "deactivation\n")) },
	{ .name = "pdc-load-config",
	  .help = "Load one from a file",
	  .argument = TAKES("PATH", .finish = pdc_finish_load),
	  .course = COURSE(.run = pdc_run_load) },
	{ .name = "pdc-monitor-refresh",
	  .method = "pdc/register",
	  .help = "Show when configurations change, until Ctrl+C",
	  .course = COURSE(.presets = monitor_presets, .run = run_monitor) },
	COMMAND_NOOP(pdc),
	{ 0 },
};

const struct command_service commands_pdc = { QK_SERVICE_ID_PDC, "pdc",
					      "Persistent Device Configuration Service", commands };
