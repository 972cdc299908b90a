/*
 * WDS: data connections, as a view on the data bearer and its counters.
 *
 * Without a call of the host the questions about the bearer are answered for the default bearer of
 * the LTE attach, or refused with OutOfCall, as the profile says [C].
 */
#include <qmikit/wds.h>

#include "modem.h"

static uint16_t set_event_report(struct qk_sim_call *call)
{
	const struct qk_wds_set_event_report_request *request = call->request;

	qk_sim_watch(call->client, QK_SIM_WATCH_BEARER, request->has_data_bearer_technology,
		     request->data_bearer_technology);
	qk_sim_watch(call->client, QK_SIM_WATCH_CURRENT_BEARER,
		     request->has_current_data_bearer_technology,
		     request->current_data_bearer_technology);
	qk_sim_watch(call->client, QK_SIM_WATCH_CALL_STATUS, request->has_data_call_status,
		     request->data_call_status);
	return QK_ERROR_NONE;
}

/* What is registered here (changes of the address, of profiles) does not happen yet. */
static uint16_t indication_register(struct qk_sim_call *call)
{
	(void)call;
	return QK_ERROR_NONE;
}

static uint8_t connection_status(const struct qk_sim_state *state)
{
	return qk_sim_bearer_any_up(state) ? QK_WDS_CONNECTION_STATUS_CONNECTED
					   : QK_WDS_CONNECTION_STATUS_DISCONNECTED;
}

static uint16_t get_packet_service_status(struct qk_sim_call *call)
{
	struct qk_wds_get_packet_service_status_response *response = call->response;

	response->has_connection_status = true;
	response->connection_status = connection_status(&call->sim->state);
	return QK_ERROR_NONE;
}

static bool has_bearer(const struct qk_sim_state *state)
{
	return qk_sim_bearer_present(state);
}

/* Which response members a bit of the mask asks for. */
#define COUNTER(bit, member, source) \
	if (mask & QK_WDS_PACKET_STATISTICS_MASK_FLAG_##bit) { \
		response->has_##member = true; \
		response->member = source; \
	}

static void fill_counters(uint32_t mask, const struct qk_sim_counters *count,
			  struct qk_wds_get_packet_statistics_response *response)
{
	/* packet counters have 32 bits on the wire and wrap there */
	COUNTER(TX_PACKETS_OK, tx_packets_ok, (uint32_t)count->tx_packets)
	COUNTER(RX_PACKETS_OK, rx_packets_ok, (uint32_t)count->rx_packets)
	COUNTER(TX_PACKETS_ERROR, tx_packets_error, count->tx_errors)
	COUNTER(RX_PACKETS_ERROR, rx_packets_error, count->rx_errors)
	COUNTER(TX_OVERFLOWS, tx_overflows, count->tx_overflows)
	COUNTER(RX_OVERFLOWS, rx_overflows, count->rx_overflows)
	COUNTER(TX_BYTES_OK, tx_bytes_ok, count->tx_bytes)
	COUNTER(RX_BYTES_OK, rx_bytes_ok, count->rx_bytes)
	COUNTER(TX_PACKETS_DROPPED, tx_packets_dropped, count->tx_dropped)
	COUNTER(RX_PACKETS_DROPPED, rx_packets_dropped, count->rx_dropped)
}

static uint16_t get_packet_statistics(struct qk_sim_call *call)
{
	const struct qk_wds_get_packet_statistics_request *request = call->request;
	const struct qk_sim_bearers *bearers = &call->sim->state.bearers;
	struct qk_sim_bearer *up = qk_sim_bearer_of_mux(&call->sim->state, 0, 4);
	struct qk_wds_get_packet_statistics_response *response = call->response;

	if (!up && (bearers->last_tx_bytes || bearers->last_rx_bytes)) {
		response->has_last_call_tx_bytes_ok = true;
		response->last_call_tx_bytes_ok = bearers->last_tx_bytes;
		response->has_last_call_rx_bytes_ok = true;
		response->last_call_rx_bytes_ok = bearers->last_rx_bytes;
	}
	if (!has_bearer(&call->sim->state))
		return QK_ERROR_OUT_OF_CALL;
	fill_counters(request->mask, up ? &up->counters : &bearers->attach, response);
	return QK_ERROR_NONE;
}

/* The bearers of one radio technology in the three ways WDS has to name them. */
static const struct bearer {
	uint32_t rat;
	int8_t technology;
	uint32_t rat_mask;
} bearers[] = {
	{ QK_SIM_RAT_GSM, QK_WDS_DATA_BEARER_TECHNOLOGY_EDGE, QK_WDS_RAT_3GPP_EDGE },
	{ QK_SIM_RAT_UMTS, QK_WDS_DATA_BEARER_TECHNOLOGY_HSDPAPLUS_HSUPA,
	  QK_WDS_RAT_3GPP_HSDPAPLUS | QK_WDS_RAT_3GPP_HSUPA },
	{ QK_SIM_RAT_LTE, QK_WDS_DATA_BEARER_TECHNOLOGY_LTE, QK_WDS_RAT_3GPP_LTE },
	{ QK_SIM_RAT_NONE, QK_WDS_DATA_BEARER_TECHNOLOGY_UNKNOWN, 0 },
};

static const struct bearer *current_bearer(const struct qk_sim_state *state)
{
	const struct bearer *bearer = bearers;

	while (bearer->rat != state->cell.rat && bearer->rat != QK_SIM_RAT_NONE)
		bearer++;
	return bearer;
}

static uint16_t get_data_bearer_technology(struct qk_sim_call *call)
{
	struct qk_wds_get_data_bearer_technology_response *response = call->response;

	if (!has_bearer(&call->sim->state))
		return QK_ERROR_OUT_OF_CALL;
	response->has_current = true;
	response->current = current_bearer(&call->sim->state)->technology;
	return QK_ERROR_NONE;
}

static struct qk_wds_bearer wds_bearer(const struct qk_sim_state *state)
{
	return (struct qk_wds_bearer){
		.network_type = QK_WDS_NETWORK_TYPE_3GPP,
		.rat_mask = current_bearer(state)->rat_mask,
	};
}

static uint16_t get_current_data_bearer_technology(struct qk_sim_call *call)
{
	struct qk_wds_get_current_data_bearer_technology_response *response = call->response;

	if (!has_bearer(&call->sim->state))
		return QK_ERROR_OUT_OF_CALL;
	response->has_current = true;
	response->current = wds_bearer(&call->sim->state);
	return QK_ERROR_NONE;
}

static bool packet_status_news(struct qk_sim *sim, const struct qk_sim_client *client,
			       void *indication)
{
	struct qk_wds_packet_service_status_indication *status = indication;

	(void)client;
	status->has_connection_status = true;
	status->connection_status.status = connection_status(&sim->state);
	status->has_ip_family = true;
	status->ip_family = QK_WDS_IP_FAMILY_IPV4;
	return true;
}

static bool event_report_news(struct qk_sim *sim, const struct qk_sim_client *client,
			      void *indication)
{
	struct qk_wds_event_report_indication *report = indication;
	bool bearer = has_bearer(&sim->state);

	report->has_data_bearer_technology = bearer && client->watch & QK_SIM_WATCH_BEARER;
	report->data_bearer_technology = current_bearer(&sim->state)->technology;
	report->has_current_data_bearer_technology =
		bearer && client->watch & QK_SIM_WATCH_CURRENT_BEARER;
	report->current_data_bearer_technology = wds_bearer(&sim->state);
	report->has_data_call_status = client->watch & QK_SIM_WATCH_CALL_STATUS;
	report->data_call_status = qk_sim_bearer_any_up(&sim->state)
					   ? QK_WDS_DATA_CALL_STATUS_ACTIVATED
					   : QK_WDS_DATA_CALL_STATUS_TERMINATED;
	return report->has_data_bearer_technology || report->has_current_data_bearer_technology ||
	       report->has_data_call_status;
}

static const struct qk_sim_handler handlers[] = {
	{ &qk_wds_reset_method, qk_sim_reset_client },
	{ &qk_wds_set_event_report_method, set_event_report },
	{ &qk_wds_indication_register_method, indication_register },
	{ &qk_wds_get_supported_messages_method, qk_sim_get_supported_messages },
	{ &qk_wds_get_packet_service_status_method, get_packet_service_status },
	{ &qk_wds_get_packet_statistics_method, get_packet_statistics },
	{ &qk_wds_get_data_bearer_technology_method, get_data_bearer_technology },
	{ &qk_wds_get_current_data_bearer_technology_method, get_current_data_bearer_technology },
};

static const struct qk_sim_news news[] = {
	{ QK_SIM_CHANGED_DATA, QK_SIM_WATCH_PACKET_STATUS, &qk_wds_packet_service_status_message,
	  packet_status_news },
	{ QK_SIM_CHANGED_DATA,
	  QK_SIM_WATCH_BEARER | QK_SIM_WATCH_CURRENT_BEARER | QK_SIM_WATCH_CALL_STATUS,
	  &qk_wds_event_report_message, event_report_news },
};

const struct qk_sim_service_table qk_sim_wds = {
	.service = QK_SERVICE_ID_WDS,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.news = news,
	.news_count = sizeof(news) / sizeof(news[0]),
	.watch = QK_SIM_WATCH_PACKET_STATUS,
};
