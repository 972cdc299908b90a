/*
 * PDC: the configurations for operators, as a view on the model's list.
 *
 * A request is answered at once; what it is about follows in an indication with the request's token. A result there
 * is a QMI protocol error.
 */
#include <qmikit/pdc.h>

#include <errno.h>
#include <string.h>

#include "modem.h"

static struct qk_sim_mbn *mbn_of(struct qk_sim_call *call)
{
	return &call->sim->state.mbn;
}

/* What a request says by the same name comes back: the token, above all. */
static void echo(const struct qk_sim_call *call, const struct qk_message *message, void *to)
{
	const struct qk_method *method = qk_method_by_id(call->service, call->message->id);

	qk_sim_copy_tlvs(method->request, call->request, message, to);
}

static uint16_t tell(struct qk_sim_call *call, const struct qk_message *message, void *indication)
{
	echo(call, call->message, call->response);
	echo(call, message, indication);
	return qk_sim_tell_after(call, message, indication) ? QK_ERROR_NONE : QK_ERROR_NO_MEMORY;
}

static uint16_t register_client(struct qk_sim_call *call)
{
	const struct qk_pdc_register_request *request = call->request;

	qk_sim_watch(call->client, QK_SIM_PDC_WATCH_REFRESH, request->has_enable_refresh,
		     request->enable_refresh);
	return QK_ERROR_NONE;
}

static uint16_t error_of(int r)
{
	static const struct qk_sim_error rows[] = {
		{ -ENOENT, QK_ERROR_NO_ENTRY },         { -EBUSY, QK_ERROR_INVALID_OPERATION },
		{ -EINVAL, QK_ERROR_INVALID_ARGUMENT }, { -EFBIG, QK_ERROR_SEGMENT_TOO_LONG },
		{ -ENOSPC, QK_ERROR_NO_MEMORY },        { -EEXIST, QK_ERROR_NO_EFFECT },
	};

	return qk_sim_error_of(r, rows, sizeof(rows) / sizeof(rows[0]));
}

static bool is_software(uint32_t type)
{
	return type == QK_PDC_CONFIGURATION_TYPE_SOFTWARE;
}

static struct qk_bytes id_of(const struct qk_sim_mbn *mbn, uint8_t place)
{
	if (place == QK_SIM_MBN_NONE)
		return (struct qk_bytes){ 0 };
	return (struct qk_bytes){ mbn->configs[place].id.data, mbn->configs[place].id.size };
}

static uint8_t find(struct qk_sim_call *call, const struct qk_pdc_type_and_id *asked)
{
	return is_software(asked->config_type)
		       ? qk_sim_mbn_find(mbn_of(call), asked->id.data, asked->id.size)
		       : QK_SIM_MBN_NONE;
}

/* Platform configurations are none. */
static uint16_t list_configs(struct qk_sim_call *call)
{
	const struct qk_pdc_list_configs_request *request = call->request;
	const struct qk_sim_mbn *mbn = mbn_of(call);
	struct qk_pdc_list_configs_indication list = {
		.has_indication_result = true,
		.has_configs = true,
	};

	list.configs.items =
		qk_arena_take(&call->sim->arena, QK_SIM_MBN_MAX * sizeof(*list.configs.items));
	if (!list.configs.items)
		return QK_ERROR_NO_MEMORY;
	for (uint8_t i = 0; is_software(request->config_type) && i < QK_SIM_MBN_MAX; i++)
		if (mbn->configs[i].id.size)
			list.configs.items[list.configs.count++] =
				(struct qk_pdc_type_and_id){ QK_PDC_CONFIGURATION_TYPE_SOFTWARE,
							     id_of(mbn, i) };
	return tell(call, &qk_pdc_list_configs_message, &list);
}

static uint16_t get_config_info(struct qk_sim_call *call)
{
	const struct qk_pdc_get_config_info_request *request = call->request;
	struct qk_pdc_get_config_info_indication info = {
		.has_indication_result = true,
	};
	uint8_t place = find(call, &request->type_with_id_v2);

	if (place == QK_SIM_MBN_NONE) {
		info.indication_result = QK_ERROR_NO_ENTRY;
		return tell(call, &qk_pdc_get_config_info_message, &info);
	}
	const struct qk_sim_mbn_config *config = &mbn_of(call)->configs[place];
	info.has_total_size = info.has_description = info.has_version = true;
	info.total_size = config->size;
	info.description = qk_sim_text(config->name);
	info.version = config->version;
	return tell(call, &qk_pdc_get_config_info_message, &info);
}

static uint16_t get_selected_config(struct qk_sim_call *call)
{
	const struct qk_pdc_get_selected_config_request *request = call->request;
	const struct qk_sim_mbn *mbn = mbn_of(call);
	bool software = is_software(request->config_type);
	struct qk_pdc_get_selected_config_indication selected = {
		.has_indication_result = true,
		.has_active_id = software && mbn->active != QK_SIM_MBN_NONE,
		.active_id = id_of(mbn, mbn->active),
		.has_pending_id = software && mbn->selected != mbn->active &&
				  mbn->selected != QK_SIM_MBN_NONE,
		.pending_id = id_of(mbn, mbn->selected),
	};

	if (!selected.has_active_id && !selected.has_pending_id)
		selected.indication_result = QK_ERROR_NOT_PROVISIONED;
	return tell(call, &qk_pdc_get_selected_config_message, &selected);
}

static uint16_t set_selected_config(struct qk_sim_call *call)
{
	const struct qk_pdc_set_selected_config_request *request = call->request;
	int r = qk_sim_mbn_select(mbn_of(call), find(call, &request->type_with_id_v2));
	struct qk_pdc_set_selected_config_indication done = {
		.has_indication_result = true,
		.indication_result = error_of(r),
	};

	return tell(call, &qk_pdc_set_selected_config_message, &done);
}

static uint16_t activate_config(struct qk_sim_call *call)
{
	const struct qk_pdc_activate_config_request *request = call->request;
	int r = is_software(request->config_type) ? qk_sim_mbn_activate(mbn_of(call)) : -ENOENT;
	struct qk_pdc_activate_config_indication done = {
		.has_indication_result = true,
		.indication_result = error_of(r),
	};

	if (r == 0)
		call->sim->state.changed |= QK_SIM_CHANGED_CONFIGURATION;
	return tell(call, &qk_pdc_activate_config_message, &done);
}

static uint16_t deactivate_config(struct qk_sim_call *call)
{
	const struct qk_pdc_deactivate_config_request *request = call->request;
	int r = is_software(request->config_type) ? qk_sim_mbn_deactivate(mbn_of(call)) : -ENOENT;
	struct qk_pdc_deactivate_config_indication done = {
		.has_indication_result = true,
		.indication_result = error_of(r),
	};

	if (r == 0)
		call->sim->state.changed |= QK_SIM_CHANGED_CONFIGURATION;
	return tell(call, &qk_pdc_deactivate_config_message, &done);
}

static uint16_t delete_config(struct qk_sim_call *call)
{
	const struct qk_pdc_delete_config_request *request = call->request;
	const struct qk_pdc_type_and_id asked = { request->config_type, request->id };

	echo(call, call->message, call->response);
	return error_of(qk_sim_mbn_delete(mbn_of(call), find(call, &asked)));
}

static uint16_t load_config(struct qk_sim_call *call)
{
	const struct qk_pdc_load_config_request *request = call->request;
	struct qk_sim_mbn *mbn = mbn_of(call);
	struct qk_bytes given = request->config_chunk.id;
	struct qk_sim_mbn_id id = { .size = (uint8_t)given.size };
	bool again = false;

	if (given.size > sizeof(id.data) || !is_software(request->config_chunk.type))
		return QK_ERROR_INVALID_ARGUMENT;
	if (given.size)
		memcpy(id.data, given.data, given.size);
	int r = qk_sim_mbn_take_chunk(mbn, &id, request->config_chunk.total_size,
				      request->config_chunk.chunk.size, &again);
	struct qk_pdc_load_config_indication progress = {
		.has_indication_result = true,
		.indication_result = error_of(r),
		.has_received = r == 0,
		.received = mbn->load.received,
		.has_remaining_size = r == 0,
		.remaining_size = mbn->load.size - mbn->load.received,
		.has_frame_reset = r == 0,
		.frame_reset = again,
	};
	if (r == 0 && mbn->load.received == mbn->load.size)
		mbn->load = (struct qk_sim_mbn_load){ 0 };
	return tell(call, &qk_pdc_load_config_message, &progress);
}

static uint16_t config_change(struct qk_sim_call *call)
{
	const struct qk_pdc_config_change_request *request = call->request;

	echo(call, call->message, call->response);
	return find(call, &request->type_with_id_v2) == QK_SIM_MBN_NONE ? QK_ERROR_NO_ENTRY
									: QK_ERROR_NONE;
}

static uint16_t get_config_limits(struct qk_sim_call *call)
{
	const struct qk_pdc_get_config_limits_request *request = call->request;
	struct qk_pdc_get_config_limits_response *response = call->response;
	const struct qk_sim_mbn *mbn = mbn_of(call);

	echo(call, call->message, call->response);
	response->has_maximum_size = response->has_current_size = true;
	response->maximum_size = (uint64_t)QK_SIM_MBN_MAX * QK_SIM_MBN_SIZE_MAX;
	for (size_t i = 0; is_software(request->config_type) && i < QK_SIM_MBN_MAX; i++)
		response->current_size += mbn->configs[i].id.size ? mbn->configs[i].size : 0;
	return QK_ERROR_NONE;
}

/* The first of the list is what the modem falls back to [U]. */
static uint16_t get_default_config_info(struct qk_sim_call *call)
{
	const struct qk_pdc_get_default_config_info_request *request = call->request;
	struct qk_pdc_get_default_config_info_response *response = call->response;
	const struct qk_sim_mbn_config *config = &mbn_of(call)->configs[0];

	echo(call, call->message, call->response);
	if (!is_software(request->config_type) || !config->id.size)
		return QK_ERROR_NOT_PROVISIONED;
	response->has_version = response->has_total_size = response->has_description = true;
	response->version = config->version;
	response->total_size = config->size;
	response->description = qk_sim_text(config->name);
	return QK_ERROR_NONE;
}

static bool refresh_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_pdc_refresh_indication *refresh = indication;

	(void)sim;
	(void)client;
	refresh->has_refresh_event = true;
	refresh->refresh_event = QK_PDC_REFRESH_COMPLETE;
	return true;
}

static const struct qk_sim_handler handlers[] = {
	{ "reset", qk_sim_reset_client },
	{ "register", register_client },
	{ "config-change", config_change },
	{ "get-selected-config", get_selected_config },
	{ "set-selected-config", set_selected_config },
	{ "list-configs", list_configs },
	{ "delete-config", delete_config },
	{ "load-config", load_config },
	{ "activate-config", activate_config },
	{ "get-config-info", get_config_info },
	{ "get-config-limits", get_config_limits },
	{ "get-default-config-info", get_default_config_info },
	{ "deactivate-config", deactivate_config },
};

static const struct qk_sim_news news[] = {
	{ QK_SIM_CHANGED_CONFIGURATION, QK_SIM_PDC_WATCH_REFRESH, "refresh", refresh_news },
};

const struct qk_sim_service_table qk_sim_pdc = {
	.service = QK_SERVICE_ID_PDC,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.news = news,
	.news_count = sizeof(news) / sizeof(news[0]),
};
