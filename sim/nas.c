/*
 * NAS, registration: where the modem is registered and what it knows of networks, as a view on the
 * model's cell, registration and card.
 *
 * Without a usable card there is no home network: NotProvisioned [C].
 */
#include <stdio.h>

#include "modem.h"
#include "nas.h"

/* LTE has no location area; Qualcomm says this instead [C]. */
#define NO_AREA 0xfffe

static uint16_t register_indications(struct qk_sim_call *call)
{
	const struct qk_nas_register_indications_request *request = call->request;
	struct qk_sim_client *client = call->client;

	qk_sim_watch(client, QK_NAS_WATCH_SERVING_SYSTEM, request->has_serving_system_events,
		     request->serving_system_events);
	qk_sim_watch(client, QK_NAS_WATCH_SYSTEM_INFO, request->has_system_info,
		     request->system_info);
	qk_sim_watch(client, QK_NAS_WATCH_SIGNAL_INFO, request->has_signal_info,
		     request->signal_info);
	qk_sim_watch(client, QK_NAS_WATCH_TIME, request->has_network_time, request->network_time);
	qk_sim_watch(client, QK_NAS_WATCH_REJECT, request->has_network_reject_information,
		     request->network_reject_information.enable_network_reject_indications);
	return QK_ERROR_NONE;
}

static uint8_t service_status(const struct qk_sim_state *state)
{
	if (qk_sim_state_is_registered(state))
		return QK_NAS_SERVICE_STATUS_AVAILABLE;
	return qk_sim_state_has_signal(state) ? QK_NAS_SERVICE_STATUS_LIMITED
					      : QK_NAS_SERVICE_STATUS_NONE;
}

/* What the modem is registered for. */
static uint8_t domain_of(const struct qk_sim_state *state)
{
	bool cs = qk_sim_radio_has_circuit(state), ps = qk_sim_radio_has_packet(state);

	if (cs && ps)
		return QK_NAS_NETWORK_SERVICE_DOMAIN_CS_PS;
	return cs   ? QK_NAS_NETWORK_SERVICE_DOMAIN_CS
	       : ps ? QK_NAS_NETWORK_SERVICE_DOMAIN_PS
		    : QK_NAS_NETWORK_SERVICE_DOMAIN_NONE;
}

static struct qk_nas_plmn_description description(const struct qk_sim_plmn *plmn)
{
	return (struct qk_nas_plmn_description){
		.mcc = plmn->mcc,
		.mnc = plmn->mnc,
		.description = qk_sim_text(plmn->name),
	};
}

static struct qk_nas_serving_system serving_system(const struct qk_sim_state *state,
						   int8_t *radio_interface)
{
	static const uint8_t registrations[] = {
		[QK_SIM_NOT_REGISTERED] = QK_NAS_REGISTRATION_STATE_NOT_REGISTERED,
		[QK_SIM_REGISTERED] = QK_NAS_REGISTRATION_STATE_REGISTERED,
		[QK_SIM_SEARCHING] = QK_NAS_REGISTRATION_STATE_NOT_REGISTERED_SEARCHING,
		[QK_SIM_DENIED] = QK_NAS_REGISTRATION_STATE_REGISTRATION_DENIED,
	};
	static const uint8_t attach[] = { QK_NAS_ATTACH_STATE_DETACHED,
					  QK_NAS_ATTACH_STATE_ATTACHED };
	bool in = qk_sim_state_is_registered(state);

	*radio_interface = qk_sim_nas_radio_interface(in ? state->cell.rat : QK_SIM_RAT_NONE);
	return (struct qk_nas_serving_system){
		.registration_state = registrations[state->registration],
		.cs_attach_state = attach[qk_sim_radio_has_circuit(state)],
		.ps_attach_state = attach[qk_sim_radio_has_packet(state)],
		.selected_network = QK_NAS_NETWORK_TYPE_3GPP,
		.radio_interfaces = { radio_interface, 1 },
	};
}

static uint8_t data_capability(uint32_t rat)
{
	static const struct {
		uint32_t rat;
		uint8_t capability;
	} rats[] = {
		{ QK_SIM_RAT_GSM, QK_NAS_DATA_CAPABILITY_EDGE },
		{ QK_SIM_RAT_UMTS, QK_NAS_DATA_CAPABILITY_HSDPA_PLUS },
		{ QK_SIM_RAT_LTE, QK_NAS_DATA_CAPABILITY_LTE },
	};

	for (size_t i = 0; i < sizeof(rats) / sizeof(rats[0]); i++)
		if (rats[i].rat == rat)
			return rats[i].capability;
	return QK_NAS_DATA_CAPABILITY_NONE;
}

/* What only a registered modem knows. */
static void fill_serving_cell(const struct qk_sim_state *state, uint8_t *capability,
			      struct qk_nas_get_serving_system_response *response)
{
	bool lte = state->cell.rat == QK_SIM_RAT_LTE;

	*capability = data_capability(state->cell.rat);
	response->has_roaming_indicator = true;
	response->roaming_indicator = state->roaming ? QK_NAS_ROAMING_INDICATOR_STATUS_ON
						     : QK_NAS_ROAMING_INDICATOR_STATUS_OFF;
	response->has_data_service_capability = true;
	response->data_service_capability.items = capability;
	response->data_service_capability.count = 1;
	response->has_current_plmn = true;
	response->current_plmn = description(&state->network);
	response->has_lac_3gpp = true;
	response->lac_3gpp = lte ? NO_AREA : state->cell.area;
	response->has_cid_3gpp = true;
	response->cid_3gpp = state->cell.cell_id;
	response->has_time_zone_3gpp = state->radio.time_known;
	response->time_zone_3gpp = state->radio.zone_quarters;
	response->has_daylight_saving_time_adjustment_3gpp = state->radio.time_known;
	response->daylight_saving_time_adjustment_3gpp = state->radio.saving_hours;
	response->has_lte_tac = lte;
	response->lte_tac = state->cell.area;
	response->has_mnc_pcs_digit_include_status = true;
	response->mnc_pcs_digit_include_status =
		(struct qk_nas_mnc_pcs_digit){ state->network.mcc, state->network.mnc,
					       state->network.mnc_digits == 3 };
}

static uint16_t fill_serving(struct qk_sim *sim,
			     struct qk_nas_get_serving_system_response *response)
{
	const struct qk_sim_state *state = &sim->state;
	int8_t *radio_interface = qk_arena_take(&sim->arena, sizeof(*radio_interface));
	uint8_t *capability = qk_arena_take(&sim->arena, sizeof(*capability));
	bool in = qk_sim_state_is_registered(state);

	if (!radio_interface || !capability)
		return QK_ERROR_NO_MEMORY;
	response->has_serving_system = true;
	response->serving_system = serving_system(state, radio_interface);
	response->has_detailed_service_status = true;
	response->detailed_service_status = (struct qk_nas_detailed_service_status){
		.status = service_status(state),
		.capability = domain_of(state),
		.forbidden = state->registration == QK_SIM_DENIED,
	};
	if (in)
		fill_serving_cell(state, capability, response);
	return QK_ERROR_NONE;
}

static uint16_t get_serving_system(struct qk_sim_call *call)
{
	return fill_serving(call->sim, call->response);
}

static bool serving_system_news(struct qk_sim *sim, const struct qk_sim_client *client,
				void *indication)
{
	struct qk_nas_get_serving_system_response now = { 0 };

	(void)client;
	if (fill_serving(sim, &now))
		return false;
	qk_sim_copy_tlvs(qk_nas_get_serving_system_method.response, &now,
			 &qk_nas_serving_system_message, indication);
	return true;
}

static uint16_t get_home_network(struct qk_sim_call *call)
{
	const struct qk_sim_plmn *home = &call->sim->profile->network;
	struct qk_nas_get_home_network_response *response = call->response;

	if (!qk_sim_state_card_ready(&call->sim->state))
		return QK_ERROR_NOT_PROVISIONED;
	response->has_home_network = true;
	response->home_network = description(home);
	response->has_home_network_3gpp_mnc = true;
	response->home_network_3gpp_mnc.is_3gpp = true;
	response->home_network_3gpp_mnc.includes_pcs_digit = home->mnc_digits == 3;
	response->has_network_name_source = true;
	response->network_name_source =
		QK_NAS_NETWORK_NAME_SOURCE_OPERATOR_PLMN_LIST_AND_PLMN_NETWORK_NAME;
	return QK_ERROR_NONE;
}

static struct qk_nas_service_status_3gpp rat_status(const struct qk_sim_state *state, uint32_t rat)
{
	uint8_t status =
		state->cell.rat == rat ? service_status(state) : QK_NAS_SERVICE_STATUS_NONE;

	return (struct qk_nas_service_status_3gpp){ status, status, false };
}

/* MCC and MNC as digits. */
static void plmn_digits(const struct qk_sim_plmn *plmn, char mcc[static 4], char mnc[static 4])
{
	snprintf(mcc, 4, "%03u", plmn->mcc % 1000u);
	snprintf(mnc, 4, plmn->mnc_digits == 3 ? "%03u" : "%02u", plmn->mnc % 1000u);
}

/* GSM, WCDMA and LTE info begin alike; the definitions give each a type of its own. */
#define FILL_COMMON(info) \
	do { \
		(info)->domain_valid = true; \
		(info)->domain = denied ? domains[state->radio.reject.domain] : domain_of(state); \
		(info)->service_capability_valid = true; \
		(info)->service_capability = QK_NAS_NETWORK_SERVICE_DOMAIN_CS_PS; \
		(info)->roaming_status_valid = in; \
		(info)->roaming_status = \
			state->roaming ? QK_NAS_ROAMING_STATUS_ON : QK_NAS_ROAMING_STATUS_OFF; \
		(info)->forbidden_valid = true; \
		(info)->forbidden = \
			denied || (!in && qk_sim_radio_is_forbidden(state, &state->network)); \
		(info)->cid_valid = true; \
		(info)->cid = state->cell.cell_id; \
		(info)->registration_reject_info_valid = state->radio.reject.cause != 0; \
		(info)->registration_reject_domain = domains[state->radio.reject.domain]; \
		(info)->registration_reject_cause = state->radio.reject.cause; \
		(info)->network_id_valid = true; \
		plmn_digits(&state->network, (info)->mcc, (info)->mnc); \
	} while (0)

static const uint8_t domains[] = {
	[QK_SIM_DOMAIN_CS] = QK_NAS_NETWORK_SERVICE_DOMAIN_CS,
	[QK_SIM_DOMAIN_PS] = QK_NAS_NETWORK_SERVICE_DOMAIN_PS,
	[QK_SIM_DOMAIN_CS_PS] = QK_NAS_NETWORK_SERVICE_DOMAIN_CS_PS,
};

/* What is known of the cell that the modem is on, registered there or not. A network that refuses is forbidden in the
 * domain that it refuses; hosts read that as denied [U]. */
static void fill_cell_info(const struct qk_sim_state *state,
			   struct qk_nas_get_system_info_response *response)
{
	bool in = qk_sim_state_is_registered(state);
	bool denied = state->registration == QK_SIM_DENIED;

	if (state->cell.rat == QK_SIM_RAT_LTE) {
		response->has_lte_system_info_v2 = true;
		FILL_COMMON(&response->lte_system_info_v2);
		response->lte_system_info_v2.lac_valid = true; /* [R]: hosts show FFFE on LTE */
		response->lte_system_info_v2.lac = NO_AREA;
		response->lte_system_info_v2.tac_valid = true;
		response->lte_system_info_v2.tac = state->cell.area;
		response->has_lte_voice_support = in;
		response->lte_voice_support = true;
		response->has_lte_cell_access_status = true;
		response->lte_cell_access_status = QK_NAS_LTE_CELL_ACCESS_STATUS_ALL_CALLS;
	} else if (state->cell.rat == QK_SIM_RAT_UMTS) {
		response->has_wcdma_system_info_v2 = true;
		FILL_COMMON(&response->wcdma_system_info_v2);
		response->wcdma_system_info_v2.lac_valid = true;
		response->wcdma_system_info_v2.lac = state->cell.area;
		response->wcdma_system_info_v2.primary_scrambling_code_valid = true;
		response->wcdma_system_info_v2.primary_scrambling_code = state->cell.pci;
	} else {
		response->has_gsm_system_info_v2 = true;
		FILL_COMMON(&response->gsm_system_info_v2);
		response->gsm_system_info_v2.lac_valid = true;
		response->gsm_system_info_v2.lac = state->cell.area;
		response->gsm_system_info_v2.egprs_support_valid = true;
		response->gsm_system_info_v2.egprs_support = true;
	}
}

static uint32_t sim_reject(const struct qk_sim_state *state)
{
	if (!qk_sim_state_card_ready(state))
		return QK_NAS_SIM_REJECT_STATE_UNAVAILABLE;
	return state->radio.card_refused ? QK_NAS_SIM_REJECT_STATE_CS_PS_INVALID
					 : QK_NAS_SIM_REJECT_STATE_AVAILABLE;
}

static void fill_system_info(const struct qk_sim_state *state,
			     struct qk_nas_get_system_info_response *response)
{
	response->has_gsm_service_status = true;
	response->gsm_service_status = rat_status(state, QK_SIM_RAT_GSM);
	response->has_wcdma_service_status = true;
	response->wcdma_service_status = rat_status(state, QK_SIM_RAT_UMTS);
	response->has_lte_service_status = true;
	response->lte_service_status = rat_status(state, QK_SIM_RAT_LTE);
	response->has_sim_reject_info = true;
	response->sim_reject_info = sim_reject(state);
	if (qk_sim_state_has_signal(state))
		fill_cell_info(state, response);
}

static uint16_t get_system_info(struct qk_sim_call *call)
{
	fill_system_info(&call->sim->state, call->response);
	return QK_ERROR_NONE;
}

static bool system_info_news(struct qk_sim *sim, const struct qk_sim_client *client,
			     void *indication)
{
	struct qk_nas_get_system_info_response now = { 0 };

	(void)client;
	fill_system_info(&sim->state, &now);
	qk_sim_copy_tlvs(qk_nas_get_system_info_method.response, &now, &qk_nas_system_info_message,
			 indication);
	return true;
}

static uint8_t reject_domain(const struct qk_sim_state *state)
{
	return domains[state->radio.reject.domain];
}

static bool network_reject_news(struct qk_sim *sim, const struct qk_sim_client *client,
				void *indication)
{
	struct qk_nas_network_reject_indication *news = indication;
	const struct qk_sim_reject *reject = &sim->state.radio.reject;

	(void)client;
	if (!reject->cause)
		return false;
	news->has_radio_interface = true;
	news->radio_interface = (uint8_t)qk_sim_nas_radio_interface(reject->rat);
	news->has_service_domain = true;
	news->service_domain = reject_domain(&sim->state);
	news->has_reject_cause = true;
	news->reject_cause = reject->cause;
	news->has_plmn = true;
	news->plmn = (struct qk_nas_mnc_pcs_digit){ reject->plmn.mcc, reject->plmn.mnc,
						    reject->plmn.mnc_digits == 3 };
	return true;
}

static bool reject_reason_news(struct qk_sim *sim, const struct qk_sim_client *client,
			       void *indication)
{
	struct qk_nas_event_report_indication *report = indication;

	(void)client;
	report->has_registration_reject_reason = sim->state.radio.reject.cause != 0;
	report->registration_reject_reason.service_domain = reject_domain(&sim->state);
	report->registration_reject_reason.reject_cause = sim->state.radio.reject.cause;
	return report->has_registration_reject_reason;
}

static uint16_t reset(struct qk_sim_call *call)
{
	call->client->nas = (struct qk_sim_nas_client){ 0 };
	return qk_sim_reset_client(call);
}

static const struct qk_sim_handler handlers[] = {
	{ "reset", reset },
	{ "set-event-report", qk_sim_nas_set_event_report },
	{ "register-indications", register_indications },
	{ "get-supported-messages", qk_sim_get_supported_messages },
	{ "get-signal-strength", qk_sim_nas_get_signal_strength },
	{ "network-scan", qk_sim_nas_network_scan },
	{ "initiate-network-register", qk_sim_nas_initiate_network_register },
	{ "attach-detach", qk_sim_nas_attach_detach },
	{ "get-serving-system", get_serving_system },
	{ "get-home-network", get_home_network },
	{ "get-preferred-networks", qk_sim_nas_get_preferred_networks },
	{ "set-preferred-networks", qk_sim_nas_set_preferred_networks },
	{ "get-forbidden-networks", qk_sim_nas_get_forbidden_networks },
	{ "set-technology-preference", qk_sim_nas_set_technology_preference },
	{ "get-technology-preference", qk_sim_nas_get_technology_preference },
	{ "get-rf-band-information", qk_sim_nas_get_rf_band_information },
	{ "set-system-selection-preference", qk_sim_nas_set_system_selection_preference },
	{ "get-system-selection-preference", qk_sim_nas_get_system_selection_preference },
	{ "get-operator-name", qk_sim_nas_get_operator_name },
	{ "get-cell-location-info", qk_sim_nas_get_cell_location_info },
	{ "get-plmn-name", qk_sim_nas_get_plmn_name },
	{ "get-system-info", get_system_info },
	{ "get-signal-info", qk_sim_nas_get_signal_info },
	{ "config-signal-info", qk_sim_nas_config_signal_info },
	{ "force-network-search", qk_sim_nas_force_network_search },
	{ "config-signal-info-v2", qk_sim_nas_config_signal_info_v2 },
	{ "get-network-time", qk_sim_nas_get_network_time },
	{ "get-tx-rx-info", qk_sim_nas_get_tx_rx_info },
	{ "incremental-network-scan", qk_sim_nas_incremental_network_scan },
	{ "get-lte-cphy-ca-info", qk_sim_nas_get_lte_cphy_ca_info },
};

static const struct qk_sim_news news[] = {
	{ QK_SIM_CHANGED_REJECT, QK_NAS_WATCH_REJECT, "network-reject", network_reject_news },
	{ QK_SIM_CHANGED_REJECT, QK_NAS_WATCH_REJECT_REASON, "event-report", reject_reason_news },
	{ QK_SIM_CHANGED_REGISTRATION, QK_NAS_WATCH_SERVING_SYSTEM, "serving-system",
	  serving_system_news },
	{ QK_SIM_CHANGED_REGISTRATION, QK_NAS_WATCH_SYSTEM_INFO, "system-info", system_info_news },
	{ QK_SIM_CHANGED_REGISTRATION, QK_NAS_WATCH_BAND, "event-report", qk_sim_nas_band_news },
	{ QK_SIM_CHANGED_SIGNAL, QK_NAS_WATCH_SIGNAL_INFO, "signal-info",
	  qk_sim_nas_signal_info_news },
	{ QK_SIM_CHANGED_SIGNAL, QK_NAS_WATCH_SIGNAL_REPORTS, "event-report",
	  qk_sim_nas_event_report_news },
	{ QK_SIM_CHANGED_TIME, QK_NAS_WATCH_TIME, "network-time", qk_sim_nas_network_time_news },
	/* the network tells its name with the time */
	{ QK_SIM_CHANGED_TIME, QK_NAS_WATCH_SERVING_SYSTEM, "operator-name",
	  qk_sim_nas_operator_name_news },
};

const struct qk_sim_service_table qk_sim_nas = {
	.service = QK_SERVICE_ID_NAS,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.news = news,
	.news_count = sizeof(news) / sizeof(news[0]),
	.due = qk_sim_nas_due,
};
