/*
 * Listing: the list, which of it is selected, and what each is, asked one after the other; each answer proper is
 * an indication. Nothing is printed until all is known, as in libqmi's tool.
 */
#include "pdc-files.h"

#include <string.h>

#include <qmikit/pdc.h>

#include "json.h"
#include "text-value.h"

/* A modem without configurations may say nothing: libqmi's tool waits so long for the list. */
enum { LIST_USEC = 2000000, DETAILS_USEC = 30000000 };

/* What was found out. */
struct listing {
	const struct qk_pdc_list_configs_indication *list; /* NULL: there is none */
	const struct qk_pdc_get_selected_config_indication *selected;
	struct json_config configs[UINT8_MAX]; /* a list has no more */
};

/* An indication that says how it went; so it may as well say that nothing is provisioned. */
static const struct qk_pdc_get_selected_config_indication *selected_of(struct steps *steps)
{
	const struct qk_pdc_get_selected_config_indication *selected = steps_wait(
		steps, &qk_pdc_get_selected_config_message, steps_patience(steps, DETAILS_USEC));

	if (!selected || !selected->has_indication_result || !selected->indication_result ||
	    selected->indication_result == QK_ERROR_NOT_PROVISIONED)
		return selected;
	failure_refused(steps->failure, "couldn't get selected config",
			selected->indication_result);
	return NULL;
}

static int ask_selected(struct steps *steps, const struct qk_pdc_list_configs_request *list,
			struct listing *listing)
{
	const struct qk_pdc_get_selected_config_request request = {
		.has_config_type = true,
		.config_type = list->config_type,
		.has_token = true,
		.token = list->token + 1,
	};

	if (!steps_call(steps, &qk_pdc_get_selected_config_method, &request,
			"couldn't get selected config"))
		return steps->failure->code;
	listing->selected = selected_of(steps);
	return listing->selected ? steps_keep(steps) : steps->failure->code;
}

static bool is_id(struct qk_bytes id, bool has, struct qk_bytes other)
{
	return has && id.size == other.size && !memcmp(id.data, other.data, id.size);
}

static const char *status_of(struct qk_bytes id,
			     const struct qk_pdc_get_selected_config_indication *selected)
{
	if (is_id(id, selected->has_active_id, selected->active_id))
		return "Active";
	if (is_id(id, selected->has_pending_id, selected->pending_id))
		return "Pending";
	return "Inactive";
}

/* What one configuration is. */
static int ask_details(struct steps *steps, struct listing *listing, size_t index, uint32_t token)
{
	const struct qk_pdc_type_and_id *what = &listing->list->configs.items[index];
	const struct qk_pdc_get_config_info_request request = {
		.has_type_with_id_v2 = true,
		.type_with_id_v2 = *what,
		.has_token = true,
		.token = token,
	};
	const struct qk_pdc_get_config_info_indication *info = NULL;

	if (steps_call(steps, &qk_pdc_get_config_info_method, &request, "couldn't get config info"))
		info = steps_told(steps, &qk_pdc_get_config_info_message,
				  steps_patience(steps, DETAILS_USEC), "couldn't get config info");
	if (!info)
		return steps->failure->code;
	if (!info->has_total_size || !info->has_version || !info->has_description)
		return failure_set(steps->failure, EXIT_BAD_ANSWER,
				   "couldn't get config info details: the modem left some out");
	listing->configs[index] = (struct json_config){
		.type = qk_value_name(&qk_pdc_configuration_type_values, what->config_type),
		.id = what->id,
		.status = status_of(what->id, listing->selected),
		.info = info,
	};
	return steps_keep(steps);
}

static int ask_all(struct steps *steps, const struct qk_pdc_list_configs_request *request,
		   struct listing *listing)
{
	int code = 0;

	if (steps_listen(steps) ||
	    !steps_call(steps, &qk_pdc_list_configs_method, request, "couldn't list configs"))
		return steps->failure->code;
	listing->list =
		steps_told(steps, &qk_pdc_list_configs_message, LIST_USEC, "couldn't list configs");
	if (!listing->list && steps->failure->code != EXIT_NO_ANSWER)
		return steps->failure->code;
	steps_forgive(steps);
	if (!listing->list)
		return 0;
	if (!listing->list->has_configs)
		return failure_set(steps->failure, EXIT_BAD_ANSWER,
				   "couldn't list configs: the answer has no list");
	code = steps_keep(steps);
	if (!code)
		code = ask_selected(steps, request, listing);
	for (size_t i = 0; !code && i < listing->list->configs.count; i++)
		code = ask_details(steps, listing, i, request->token + 2 + (uint32_t)i);
	return code;
}

static const struct text_row description_text[] = {
	TEXT_IF("description", "\tDescription: {description}\n"),
	TEXT_END,
};

static void print_config(struct steps *steps, const struct json_config *config, size_t number)
{
	steps_say(steps, "Configuration %zu:\n", number);
	steps_show(steps, &qk_pdc_get_config_info_message, config->info, description_text);
	steps_say(steps,
		  "\tType:        %s\n"
		  "\tSize:        %u\n"
		  "\tStatus:      %s\n"
		  "\tVersion:     0x%X\n"
		  "\tID:          ",
		  config->type ? config->type : "(null)", config->info->total_size, config->status,
		  config->info->version);
	text_hex((struct qk_span){ config->id.data, config->id.size }, "", 0, steps->out);
	steps_say(steps, "\n");
}

int pdc_run_list(struct steps *steps, void *request)
{
	struct listing listing = { 0 };
	int code = ask_all(steps, request, &listing);
	size_t count = !code && listing.list ? listing.list->configs.count : 0;

	if (code)
		return code;
	if (steps->json) {
		json_print_configs(listing.configs, count, steps->out);
		return 0;
	}
	steps_say(steps, "Total configurations: %zu\n", count);
	for (size_t i = 0; i < count; i++)
		print_config(steps, &listing.configs[i], i + 1);
	return 0;
}
