/*
 * WDA: the form in which packets travel, as a view on the model's data format.
 *
 * This chip speaks raw IP whatever was set [R], one packet a transfer or several by QMAP version 1. What
 * else a host asks for is not granted: the answer says what is in force.
 */
#include <qmikit/wda.h>

#include "modem.h"

/* What Quectel's own driver is told by this chip [R]. */
#define DATAGRAMS_MAX 10
#define SIZE_MAX_BYTES 4096

/* QMAP for all of its versions, and for nothing else. */
static uint32_t grant(uint32_t asked)
{
	return asked >= QK_WDA_DATA_AGGREGATION_PROTOCOL_QMAP &&
			       asked <= QK_WDA_DATA_AGGREGATION_PROTOCOL_QMAPV5
		       ? QK_WDA_DATA_AGGREGATION_PROTOCOL_QMAP
		       : QK_WDA_DATA_AGGREGATION_PROTOCOL_DISABLED;
}

/* As much as the host takes, up to what the modem can. */
static uint32_t at_most(bool asked, uint32_t value, uint32_t limit)
{
	return asked && value && value < limit ? value : limit;
}

#define SET(member, value) \
	do { \
		response->has_##member = true; \
		response->member = (value); \
	} while (0)

#define FORMAT \
	SET(qos_format, format->qos_header); \
	SET(link_layer_protocol, format->link_layer); \
	SET(uplink_data_aggregation_protocol, format->uplink_aggregation); \
	SET(downlink_data_aggregation_protocol, format->downlink_aggregation); \
	SET(ndp_signature, format->ndp_signature); \
	SET(downlink_data_aggregation_max_datagrams, format->downlink_datagrams); \
	SET(downlink_data_aggregation_max_size, format->downlink_size)

static bool is_ours(bool has_endpoint, const struct qk_data_endpoint *endpoint)
{
	return !has_endpoint || endpoint->endpoint_type == QK_DATA_ENDPOINT_TYPE_HSUSB;
}

static uint16_t set_data_format(struct qk_sim_call *call)
{
	const struct qk_wda_set_data_format_request *request = call->request;
	struct qk_wda_set_data_format_response *response = call->response;
	struct qk_sim_data_format *format = &call->sim->state.bearers.format;

	if (!is_ours(request->has_endpoint_info, &request->endpoint_info) ||
	    (request->has_link_layer_protocol &&
	     request->link_layer_protocol != QK_WDA_LINK_LAYER_PROTOCOL_802_3 &&
	     request->link_layer_protocol != QK_WDA_LINK_LAYER_PROTOCOL_RAW_IP))
		return QK_ERROR_INVALID_ARGUMENT;
	if (request->has_link_layer_protocol)
		format->link_layer = request->link_layer_protocol;
	if (request->has_uplink_data_aggregation_protocol)
		format->uplink_aggregation = grant(request->uplink_data_aggregation_protocol);
	if (request->has_downlink_data_aggregation_protocol)
		format->downlink_aggregation = grant(request->downlink_data_aggregation_protocol);
	bool packs = format->downlink_aggregation != QK_WDA_DATA_AGGREGATION_PROTOCOL_DISABLED;
	format->downlink_datagrams =
		packs ? at_most(request->has_downlink_data_aggregation_max_datagrams,
				request->downlink_data_aggregation_max_datagrams, DATAGRAMS_MAX)
		      : 0;
	format->downlink_size =
		packs ? at_most(request->has_downlink_data_aggregation_max_size,
				request->downlink_data_aggregation_max_size, SIZE_MAX_BYTES)
		      : 0;
	FORMAT;
	return QK_ERROR_NONE;
}

static uint16_t get_data_format(struct qk_sim_call *call)
{
	const struct qk_wda_get_data_format_request *request = call->request;
	struct qk_wda_get_data_format_response *response = call->response;
	const struct qk_sim_data_format *format = &call->sim->state.bearers.format;

	if (!is_ours(request->has_endpoint_info, &request->endpoint_info))
		return QK_ERROR_INVALID_ARGUMENT;
	FORMAT;
	return QK_ERROR_NONE;
}

static const struct qk_sim_handler handlers[] = {
	{ "get-supported-messages", qk_sim_get_supported_messages },
	{ "set-data-format", set_data_format },
	{ "get-data-format", get_data_format },
};

const struct qk_sim_service_table qk_sim_wda = {
	.service = QK_SERVICE_ID_WDA,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
};
