/*
 * WDS: data connections, as a view on the model's data calls and contexts: state, counters, bearers and
 * reports; calls are in wds-call.c, profiles in wds-profile.c.
 *
 * Without a call of the host the questions about the bearer are answered for the default bearer of
 * the LTE attach, or refused with OutOfCall, as the profile says [C].
 */
#include <qmikit/wds.h>

#include "modem.h"

static uint16_t set_event_report(struct qk_sim_call *call)
{
	const struct qk_wds_set_event_report_request *request = call->request;
	struct qk_sim_client *client = call->client;

	qk_sim_watch(client, QK_WDS_WATCH_BEARER, request->has_data_bearer_technology,
		     request->data_bearer_technology);
	qk_sim_watch(client, QK_WDS_WATCH_CURRENT_BEARER,
		     request->has_current_data_bearer_technology,
		     request->current_data_bearer_technology);
	qk_sim_watch(client, QK_WDS_WATCH_EXTENDED_BEARER,
		     request->has_extended_data_bearer_technology,
		     request->extended_data_bearer_technology);
	qk_sim_watch(client, QK_WDS_WATCH_CALL_STATUS, request->has_data_call_status,
		     request->data_call_status);
	qk_sim_watch(client, QK_WDS_WATCH_DORMANCY, request->has_dormancy_status,
		     request->dormancy_status);
	qk_sim_watch(client, QK_WDS_WATCH_CHANNEL_RATE, request->has_channel_rate,
		     request->channel_rate);
	qk_sim_watch(client, QK_WDS_WATCH_DATA_SYSTEMS, request->has_data_systems,
		     request->data_systems);
	qk_sim_watch(client, QK_WDS_WATCH_PREFERRED_SYSTEM, request->has_preferred_data_system,
		     request->preferred_data_system);
	if (request->has_transfer_statistics) {
		uint8_t seconds = request->transfer_statistics.interval_seconds;
		client->wds.interval_sec = seconds;
		client->wds.indicators = request->transfer_statistics.indicators;
		client->due_usec =
			seconds ? qk_sim_after(&call->sim->state, (uint64_t)seconds * 1000000)
				: QK_SIM_NEVER;
	}
	return QK_ERROR_NONE;
}

static uint16_t indication_register(struct qk_sim_call *call)
{
	const struct qk_wds_indication_register_request *request = call->request;

	qk_sim_watch(call->client, QK_WDS_WATCH_IP_CONFIG,
		     request->has_report_extended_ip_configuration_change,
		     request->report_extended_ip_configuration_change);
	qk_sim_watch(call->client, QK_WDS_WATCH_PROFILES, request->has_report_profile_changes,
		     request->report_profile_changes);
	return QK_ERROR_NONE;
}

/* Everything the client set is forgotten; its calls stay [U]. */
static uint16_t reset(struct qk_sim_call *call)
{
	struct qk_sim_client *client = call->client;

	client->wds = (struct qk_sim_wds_client){ 0 };
	client->wds.told = qk_sim_wds_now(call->sim, client);
	client->due_usec = QK_SIM_NEVER;
	return qk_sim_reset_client(call);
}

struct qk_sim_bearer *qk_sim_wds_call(struct qk_sim *sim, const struct qk_sim_client *client)
{
	struct qk_sim_bearer *call = NULL;

	for (uint8_t family = 4; !call && family <= 6; family += 2)
		if (!client->wds.family || client->wds.family == family)
			call = qk_sim_bearer_of_mux(&sim->state, client->wds.mux_id, family);
	return call;
}

static uint16_t get_packet_service_status(struct qk_sim_call *call)
{
	struct qk_wds_get_packet_service_status_response *response = call->response;

	response->has_connection_status = true;
	response->connection_status = qk_sim_wds_call(call->sim, call->client)
					      ? QK_WDS_CONNECTION_STATUS_CONNECTED
					      : QK_WDS_CONNECTION_STATUS_DISCONNECTED;
	return QK_ERROR_NONE;
}

/* A call of the client, or what stands in for one. */
static bool has_bearer(struct qk_sim *sim, const struct qk_sim_client *client)
{
	const struct qk_sim_state *state = &sim->state;

	return qk_sim_wds_call(sim, client) ||
	       (state->profile->data.default_bearer && qk_sim_radio_has_packet(state));
}

/* The counters of the bearer that has_bearer() speaks of. */
static const struct qk_sim_counters *counters_of(struct qk_sim *sim,
						 const struct qk_sim_client *client)
{
	const struct qk_sim_bearer *call = qk_sim_wds_call(sim, client);

	return call ? &call->counters : &sim->state.bearers.attach;
}

/* Which members a bit of the mask asks for. */
#define COUNTER(bit, member, source) \
	if (mask & QK_WDS_PACKET_STATISTICS_MASK_FLAG_##bit) { \
		response->has_##member = true; \
		response->member = source; \
	}

/* In a response and in a report; packet counters have 32 bits on the wire and wrap there. */
#define COUNTERS \
	COUNTER(TX_PACKETS_OK, tx_packets_ok, (uint32_t)count->tx_packets) \
	COUNTER(RX_PACKETS_OK, rx_packets_ok, (uint32_t)count->rx_packets) \
	COUNTER(TX_PACKETS_ERROR, tx_packets_error, count->tx_errors) \
	COUNTER(RX_PACKETS_ERROR, rx_packets_error, count->rx_errors) \
	COUNTER(TX_OVERFLOWS, tx_overflows, count->tx_overflows) \
	COUNTER(RX_OVERFLOWS, rx_overflows, count->rx_overflows) \
	COUNTER(TX_BYTES_OK, tx_bytes_ok, count->tx_bytes) \
	COUNTER(RX_BYTES_OK, rx_bytes_ok, count->rx_bytes) \
	COUNTER(TX_PACKETS_DROPPED, tx_packets_dropped, count->tx_dropped) \
	COUNTER(RX_PACKETS_DROPPED, rx_packets_dropped, count->rx_dropped)

static uint16_t get_packet_statistics(struct qk_sim_call *call)
{
	const struct qk_wds_get_packet_statistics_request *request = call->request;
	const struct qk_sim_bearers *bearers = &call->sim->state.bearers;
	const struct qk_sim_counters *count = counters_of(call->sim, call->client);
	struct qk_wds_get_packet_statistics_response *response = call->response;
	uint32_t mask = request->mask;

	if (!qk_sim_wds_call(call->sim, call->client) &&
	    (bearers->last_tx_bytes || bearers->last_rx_bytes)) {
		response->has_last_call_tx_bytes_ok = true;
		response->last_call_tx_bytes_ok = bearers->last_tx_bytes;
		response->has_last_call_rx_bytes_ok = true;
		response->last_call_rx_bytes_ok = bearers->last_rx_bytes;
	}
	if (!has_bearer(call->sim, call->client))
		return QK_ERROR_OUT_OF_CALL;
	COUNTERS
	return QK_ERROR_NONE;
}

/* It is time for a client's statistics. */
static void report_statistics(struct qk_sim *sim, struct qk_sim_client *client)
{
	const struct qk_sim_counters *count = counters_of(sim, client);
	struct qk_wds_event_report_indication report = { 0 }, *response = &report;
	uint32_t mask = client->wds.indicators;

	client->due_usec = qk_sim_after(&sim->state, (uint64_t)client->wds.interval_sec * 1000000);
	if (!has_bearer(sim, client))
		return;
	COUNTERS
	qk_sim_tell(sim, client, &qk_wds_event_report_message, &report);
}

/* The bearers of one radio technology in the ways WDS has to name them. */
static const struct bearer {
	uint32_t rat;
	int8_t technology;
	uint32_t rat_mask, access;
	uint16_t extended;
	uint32_t system;
} bearers[] = {
	{ QK_SIM_RAT_GSM, QK_WDS_DATA_BEARER_TECHNOLOGY_EDGE, QK_WDS_RAT_3GPP_EDGE,
	  QK_WDS_RADIO_ACCESS_TECHNOLOGY_3GPP_GERAN,
	  QK_WDS_EXTENDED_DATA_BEARER_TECHNOLOGY_3GPP_EDGE, QK_WDS_DATA_SYSTEM_GPRS },
	{ QK_SIM_RAT_UMTS, QK_WDS_DATA_BEARER_TECHNOLOGY_HSDPAPLUS_HSUPA,
	  QK_WDS_RAT_3GPP_HSDPAPLUS | QK_WDS_RAT_3GPP_HSUPA,
	  QK_WDS_RADIO_ACCESS_TECHNOLOGY_3GPP_WCDMA,
	  QK_WDS_EXTENDED_DATA_BEARER_TECHNOLOGY_3GPP_HSDPA_PLUS |
		  QK_WDS_EXTENDED_DATA_BEARER_TECHNOLOGY_3GPP_HSUPA,
	  QK_WDS_DATA_SYSTEM_WCDMA },
	{ QK_SIM_RAT_LTE, QK_WDS_DATA_BEARER_TECHNOLOGY_LTE, QK_WDS_RAT_3GPP_LTE,
	  QK_WDS_RADIO_ACCESS_TECHNOLOGY_3GPP_LTE,
	  QK_WDS_EXTENDED_DATA_BEARER_TECHNOLOGY_3GPP_LTE_FDD, QK_WDS_DATA_SYSTEM_LTE },
	{ QK_SIM_RAT_NONE, QK_WDS_DATA_BEARER_TECHNOLOGY_UNKNOWN, 0,
	  QK_WDS_RADIO_ACCESS_TECHNOLOGY_NULL_BEARER, 0, QK_WDS_DATA_SYSTEM_UNKNOWN },
};

static const struct bearer *bearer_of(uint32_t rat)
{
	const struct bearer *bearer = bearers;

	while (bearer->rat != rat && bearer->rat != QK_SIM_RAT_NONE)
		bearer++;
	return bearer;
}

static uint16_t get_data_bearer_technology(struct qk_sim_call *call)
{
	struct qk_wds_get_data_bearer_technology_response *response = call->response;

	if (!has_bearer(call->sim, call->client))
		return QK_ERROR_OUT_OF_CALL;
	response->has_current = true;
	response->current = bearer_of(call->sim->state.cell.rat)->technology;
	return QK_ERROR_NONE;
}

static struct qk_wds_bearer wds_bearer(uint32_t rat)
{
	return (struct qk_wds_bearer){
		.network_type = QK_WDS_NETWORK_TYPE_3GPP,
		.rat_mask = bearer_of(rat)->rat_mask,
	};
}

static uint16_t get_current_data_bearer_technology(struct qk_sim_call *call)
{
	struct qk_wds_get_current_data_bearer_technology_response *response = call->response;

	if (!has_bearer(call->sim, call->client))
		return QK_ERROR_OUT_OF_CALL;
	response->has_current = true;
	response->current = wds_bearer(call->sim->state.cell.rat);
	return QK_ERROR_NONE;
}

/* Without a call nothing flows: the channel has no rate of its own then [U]. */
static uint16_t get_channel_rates(struct qk_sim_call *call)
{
	struct qk_wds_get_channel_rates_response *response = call->response;
	const struct qk_sim_capabilities *can = &call->sim->profile->capabilities;
	bool up = qk_sim_wds_call(call->sim, call->client);

	response->has_channel_rates = true;
	response->channel_rates.max_channel_tx_rate_bps = can->max_tx_rate_bps;
	response->channel_rates.max_channel_rx_rate_bps = can->max_rx_rate_bps;
	response->channel_rates.channel_tx_rate_bps = up ? can->max_tx_rate_bps : 0;
	response->channel_rates.channel_rx_rate_bps = up ? can->max_rx_rate_bps : 0;
	return QK_ERROR_NONE;
}

static uint16_t get_dormancy_status(struct qk_sim_call *call)
{
	struct qk_wds_get_dormancy_status_response *response = call->response;
	const struct qk_sim_bearer *bearer = qk_sim_wds_call(call->sim, call->client);

	if (!bearer)
		return QK_ERROR_OUT_OF_CALL;
	response->has_dormancy_status = true;
	response->dormancy_status = bearer->dormant ? QK_WDS_DORMANCY_STATUS_TRAFFIC_CHANNEL_DORMANT
						    : QK_WDS_DORMANCY_STATUS_TRAFFIC_CHANNEL_ACTIVE;
	return QK_ERROR_NONE;
}

static uint16_t set_dormant(struct qk_sim_call *call, bool dormant)
{
	struct qk_sim_bearer *bearer = qk_sim_wds_call(call->sim, call->client);

	if (!bearer)
		return QK_ERROR_OUT_OF_CALL;
	if (bearer->dormant == dormant)
		return QK_ERROR_NO_EFFECT;
	bearer->dormant = dormant;
	call->sim->state.changed |= QK_SIM_CHANGED_DATA;
	return QK_ERROR_NONE;
}

static uint16_t go_dormant(struct qk_sim_call *call)
{
	return set_dormant(call, true);
}

static uint16_t go_active(struct qk_sim_call *call)
{
	return set_dormant(call, false);
}

/* --- what clients are told */

struct qk_sim_wds_told qk_sim_wds_now(struct qk_sim *sim, const struct qk_sim_client *client)
{
	const struct qk_sim_state *state = &sim->state;
	const struct qk_sim_bearer *any = qk_sim_wds_call(sim, client);
	struct qk_sim_wds_told told = {
		.bearer = has_bearer(sim, client) ? state->cell.rat : QK_SIM_RAT_NONE,
		.system = qk_sim_radio_has_packet(state) ? state->cell.rat : QK_SIM_RAT_NONE,
		.dormant = any && any->dormant,
	};

	for (unsigned int i = 0; i < 2; i++) {
		uint8_t family = i ? 6 : 4;
		const struct qk_sim_bearer *call =
			qk_sim_bearer_of_mux(&sim->state, client->wds.mux_id, family);
		if (!call || (client->wds.family && client->wds.family != family))
			continue;
		told.handle[i] = call->handle;
		told.serial[i] = call->serial;
	}
	return told;
}

static void remember(struct qk_sim *sim, struct qk_sim_client *client)
{
	client->wds.told = qk_sim_wds_now(sim, client);
}

static void released(struct qk_sim *sim, struct qk_sim_client *client)
{
	qk_sim_bearer_stop_of(&sim->state, QK_SIM_HOLDER_QMI + client->id);
}

static bool packet_status_news(struct qk_sim *sim, const struct qk_sim_client *client,
			       struct qk_wds_packet_service_status_indication *status,
			       unsigned int i)
{
	uint32_t before = client->wds.told.handle[i];
	uint32_t now = qk_sim_wds_now(sim, client).handle[i];
	const struct qk_sim_bearer *ended = now ? NULL : qk_sim_bearer_find(&sim->state, before);

	if (before == now)
		return false;
	status->has_connection_status = true;
	status->connection_status.status =
		now ? QK_WDS_CONNECTION_STATUS_CONNECTED : QK_WDS_CONNECTION_STATUS_DISCONNECTED;
	status->has_ip_family = true;
	status->ip_family = i ? QK_WDS_IP_FAMILY_IPV6 : QK_WDS_IP_FAMILY_IPV4;
	if (ended && ended->end.type) {
		status->has_call_end_reason = true;
		status->call_end_reason = ended->end.call;
		status->has_verbose_call_end_reason = true;
		status->verbose_call_end_reason.type = ended->end.type;
		status->verbose_call_end_reason.reason = ended->end.reason;
	}
	return true;
}

static bool packet_status4_news(struct qk_sim *sim, const struct qk_sim_client *client,
				void *indication)
{
	return packet_status_news(sim, client, indication, 0);
}

static bool packet_status6_news(struct qk_sim *sim, const struct qk_sim_client *client,
				void *indication)
{
	return packet_status_news(sim, client, indication, 1);
}

static bool ip_config_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_wds_extended_ip_config_indication *config = indication;
	struct qk_sim_wds_told now = qk_sim_wds_now(sim, client);
	const struct qk_sim_wds_told *told = &client->wds.told;

	for (unsigned int i = 0; i < 2; i++)
		if (now.handle[i] && now.handle[i] == told->handle[i] &&
		    now.serial[i] != told->serial[i])
			config->has_changed_ip_configuration = true;
	config->changed_ip_configuration =
		QK_WDS_REQUESTED_SETTINGS_IP_ADDRESS | QK_WDS_REQUESTED_SETTINGS_GATEWAY_INFO;
	return config->has_changed_ip_configuration;
}

/* What an Event Report says of the bearer. */
static void report_bearer(uint32_t rat, uint32_t watch,
			  struct qk_wds_event_report_indication *report)
{
	report->has_data_bearer_technology = watch & QK_WDS_WATCH_BEARER;
	report->data_bearer_technology = bearer_of(rat)->technology;
	report->has_current_data_bearer_technology = watch & QK_WDS_WATCH_CURRENT_BEARER;
	report->current_data_bearer_technology = wds_bearer(rat);
	report->has_extended_data_bearer_technology = watch & QK_WDS_WATCH_EXTENDED_BEARER;
	report->extended_data_bearer_technology.data_bearer_technology =
		QK_WDS_DATA_SYSTEM_NETWORK_TYPE_3GPP;
	report->extended_data_bearer_technology.radio_access_technology = bearer_of(rat)->access;
	report->extended_data_bearer_technology.extended_data_bearer_technology_3gpp =
		bearer_of(rat)->extended;
}

/* What it says of the network. */
static bool report_system(struct qk_sim *sim, uint32_t rat, uint32_t watch,
			  struct qk_wds_event_report_indication *report)
{
	report->has_preferred_data_system = watch & QK_WDS_WATCH_PREFERRED_SYSTEM;
	report->preferred_data_system = bearer_of(rat)->system;
	if (!(watch & QK_WDS_WATCH_DATA_SYSTEMS))
		return report->has_preferred_data_system;
	report->data_systems.networks.items =
		qk_arena_take(&sim->arena, sizeof(*report->data_systems.networks.items));
	if (!report->data_systems.networks.items)
		return report->has_preferred_data_system;
	report->has_data_systems = true;
	report->data_systems.preferred_network_type = QK_WDS_DATA_SYSTEM_NETWORK_TYPE_3GPP;
	report->data_systems.networks.count = rat ? 1 : 0;
	report->data_systems.networks.items[0].network_type = QK_WDS_DATA_SYSTEM_NETWORK_TYPE_3GPP;
	report->data_systems.networks.items[0].rat_mask = bearer_of(rat)->rat_mask;
	return true;
}

static bool event_report_news(struct qk_sim *sim, const struct qk_sim_client *client,
			      void *indication)
{
	struct qk_wds_event_report_indication *report = indication;
	struct qk_sim_wds_told now = qk_sim_wds_now(sim, client);
	const struct qk_sim_wds_told *told = &client->wds.told;
	const struct qk_sim_capabilities *can = &sim->profile->capabilities;
	bool up = now.handle[0] || now.handle[1], was_up = told->handle[0] || told->handle[1];
	bool any = false;

	if (now.bearer != told->bearer && now.bearer)
		report_bearer(now.bearer, client->watch, report);
	if (now.system != told->system)
		any |= report_system(sim, now.system, client->watch, report);
	report->has_data_call_status = up != was_up && client->watch & QK_WDS_WATCH_CALL_STATUS;
	report->data_call_status =
		up ? QK_WDS_DATA_CALL_STATUS_ACTIVATED : QK_WDS_DATA_CALL_STATUS_TERMINATED;
	report->has_channel_rates = up && !was_up && client->watch & QK_WDS_WATCH_CHANNEL_RATE;
	report->channel_rates.tx_rate_bps = (int32_t)can->max_tx_rate_bps;
	report->channel_rates.rx_rate_bps = (int32_t)can->max_rx_rate_bps;
	report->has_dormancy_status = up && was_up && now.dormant != told->dormant &&
				      client->watch & QK_WDS_WATCH_DORMANCY;
	report->dormancy_status = now.dormant ? QK_WDS_DORMANCY_STATUS_TRAFFIC_CHANNEL_DORMANT
					      : QK_WDS_DORMANCY_STATUS_TRAFFIC_CHANNEL_ACTIVE;
	return any || report->has_data_bearer_technology ||
	       report->has_current_data_bearer_technology ||
	       report->has_extended_data_bearer_technology || report->has_data_call_status ||
	       report->has_channel_rates || report->has_dormancy_status;
}

static const struct qk_sim_handler handlers[] = {
	{ "reset", reset },
	{ "set-event-report", set_event_report },
	{ "abort", qk_sim_wds_abort },
	{ "indication-register", indication_register },
	{ "get-supported-messages", qk_sim_get_supported_messages },
	{ "start-network", qk_sim_wds_start_network },
	{ "stop-network", qk_sim_wds_stop_network },
	{ "get-packet-service-status", get_packet_service_status },
	{ "get-channel-rates", get_channel_rates },
	{ "get-packet-statistics", get_packet_statistics },
	{ "go-dormant", go_dormant },
	{ "go-active", go_active },
	{ "create-profile", qk_sim_wds_create_profile },
	{ "modify-profile", qk_sim_wds_modify_profile },
	{ "delete-profile", qk_sim_wds_delete_profile },
	{ "get-profile-list", qk_sim_wds_get_profile_list },
	{ "get-profile-settings", qk_sim_wds_get_profile_settings },
	{ "get-default-settings", qk_sim_wds_get_default_settings },
	{ "get-current-settings", qk_sim_wds_get_current_settings },
	{ "get-dormancy-status", get_dormancy_status },
	{ "get-autoconnect-settings", qk_sim_wds_get_autoconnect_settings },
	{ "get-data-bearer-technology", get_data_bearer_technology },
	{ "get-current-data-bearer-technology", get_current_data_bearer_technology },
	{ "get-default-profile-number", qk_sim_wds_get_default_profile_number },
	{ "set-default-profile-number", qk_sim_wds_set_default_profile_number },
	{ "set-ip-family", qk_sim_wds_set_ip_family },
	{ "set-autoconnect-settings", qk_sim_wds_set_autoconnect_settings },
	{ "get-lte-attach-parameters", qk_sim_wds_get_lte_attach_parameters },
	{ "get-lte-attach-pdn-list", qk_sim_wds_get_lte_attach_pdn_list },
	{ "bind-mux-data-port", qk_sim_wds_bind_mux_data_port },
	{ "configure-profile-event-list", qk_sim_wds_configure_profile_event_list },
};

static const struct qk_sim_news news[] = {
	{ QK_SIM_CHANGED_DATA, QK_WDS_WATCH_PACKET_STATUS, "packet-service-status",
	  packet_status4_news },
	{ QK_SIM_CHANGED_DATA, QK_WDS_WATCH_PACKET_STATUS, "packet-service-status",
	  packet_status6_news },
	{ QK_SIM_CHANGED_DATA, QK_WDS_WATCH_IP_CONFIG, "extended-ip-config", ip_config_news },
	{ QK_SIM_CHANGED_DATA | QK_SIM_CHANGED_REGISTRATION | QK_SIM_CHANGED_SIGNAL,
	  QK_WDS_WATCH_REPORTS, "event-report", event_report_news },
	{ QK_SIM_CHANGED_CONTEXTS, QK_WDS_WATCH_PROFILES, "profile-changed",
	  qk_sim_wds_profile_news },
};

const struct qk_sim_service_table qk_sim_wds = {
	.service = QK_SERVICE_ID_WDS,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.news = news,
	.news_count = sizeof(news) / sizeof(news[0]),
	.watch = QK_WDS_WATCH_PACKET_STATUS,
	.told = remember,
	.due = report_statistics,
	.released = released,
};
