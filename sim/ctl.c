/*
 * CTL: the service that hands out client ids, as a view on the modem's table of clients.
 *
 * The messages for proxies (0xff00 and up) never reach a modem: it has no handler for them.
 */
#include <qmikit/ctl.h>

#include "large.h"
#include "modem.h"

/* The answer of real EC25s to this is not known: the id comes back as the link's [U]. */
static uint16_t set_instance_id(struct qk_sim_call *call)
{
	const struct qk_ctl_set_instance_id_request *request = call->request;
	struct qk_ctl_set_instance_id_response *response = call->response;

	response->has_link_id = true;
	response->link_id = request->id;
	return QK_ERROR_NONE;
}

static uint16_t get_version_info(struct qk_sim_call *call)
{
	const struct qk_sim_profile *profile = call->sim->profile;
	struct qk_ctl_get_version_info_response *response = call->response;
	size_t count = 0;

	response->service_list.items = qk_arena_take(
		&call->sim->arena, profile->service_count * sizeof(*response->service_list.items));
	if (!response->service_list.items)
		return QK_ERROR_NO_MEMORY;
	for (size_t i = 0; i < profile->service_count; i++) {
		const struct qk_sim_service *service = &profile->services[i];
		if (qk_sim_service_is_large(service->id))
			continue;
		response->service_list.items[count].service = service->id;
		response->service_list.items[count].major_version = service->major;
		response->service_list.items[count++].minor_version = service->minor;
	}
	response->service_list.count = count;
	response->has_service_list = true;
	return QK_ERROR_NONE;
}

static uint16_t allocate_cid(struct qk_sim_call *call)
{
	const struct qk_ctl_allocate_cid_request *request = call->request;
	struct qk_ctl_allocate_cid_response *response = call->response;
	uint16_t error = QK_ERROR_INVALID_SERVICE_TYPE;
	uint8_t id;

	if (!qk_sim_service_is_large(request->service))
		error = qk_sim_client_allocate(call->sim, call->port, request->service, &id);
	if (error)
		return error;
	response->has_allocation_info = true;
	response->allocation_info.service = request->service;
	response->allocation_info.cid = id;
	return QK_ERROR_NONE;
}

static uint16_t release_cid(struct qk_sim_call *call)
{
	const struct qk_ctl_release_cid_request *request = call->request;
	struct qk_ctl_release_cid_response *response = call->response;
	uint16_t error = qk_sim_client_release(call->sim, request->release_info.service,
					       request->release_info.cid);

	if (error)
		return error;
	response->has_release_info = true;
	response->release_info = request->release_info;
	return QK_ERROR_NONE;
}

/* The modem keeps what it is told and says so; packets stay raw IP on this chip whatever is set. */
static uint16_t set_data_format(struct qk_sim_call *call)
{
	const struct qk_ctl_set_data_format_request *request = call->request;
	struct qk_ctl_set_data_format_response *response = call->response;
	struct qk_sim_state *state = &call->sim->state;

	if (request->has_protocol) {
		if (request->protocol != QK_CTL_DATA_LINK_PROTOCOL_802_3 &&
		    request->protocol != QK_CTL_DATA_LINK_PROTOCOL_RAW_IP)
			return QK_ERROR_INVALID_ARGUMENT;
		state->bearers.format.link_layer = request->protocol;
	}
	response->has_protocol = true;
	response->protocol = (uint16_t)state->bearers.format.link_layer;
	return QK_ERROR_NONE;
}

static uint16_t sync_clients(struct qk_sim_call *call)
{
	qk_sim_client_release_host(call->sim);
	return QK_ERROR_NONE;
}

static const struct qk_sim_handler handlers[] = {
	{ "set-instance-id", set_instance_id }, { "get-version-info", get_version_info },
	{ "allocate-cid", allocate_cid },       { "release-cid", release_cid },
	{ "set-data-format", set_data_format }, { "sync", sync_clients },
};

const struct qk_sim_service_table qk_sim_ctl = {
	.service = QK_SERVICE_CTL,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
};
