/*
 * NAS, signal: how strong the cell is, in the three ways that NAS has to say it.
 *
 * A radio that is off or finds nothing has no signal: Get Signal Info is refused with
 * InformationUnavailable and Get Signal Strength names no radio and -125 dBm [C].
 */
#include "nas.h"

#define NO_SIGNAL_DBM (-125)
/* Qualcomm fills these three on LTE, where they mean nothing, with constants [M]. */
#define LTE_ECIO 5
#define LTE_IO_DBM (-106)
#define LTE_SINR_LEVEL QK_NAS_EVDO_SINR_LEVEL_8

int8_t qk_sim_nas_radio_interface(uint32_t rat)
{
	static const struct {
		uint32_t rat;
		int8_t radio_interface;
	} rats[] = {
		{ QK_SIM_RAT_GSM, QK_NAS_RADIO_INTERFACE_GSM },
		{ QK_SIM_RAT_UMTS, QK_NAS_RADIO_INTERFACE_UMTS },
		{ QK_SIM_RAT_LTE, QK_NAS_RADIO_INTERFACE_LTE },
	};

	for (size_t i = 0; i < sizeof(rats) / sizeof(rats[0]); i++)
		if (rats[i].rat == rat)
			return rats[i].radio_interface;
	return QK_NAS_RADIO_INTERFACE_NONE;
}

uint16_t qk_sim_nas_set_event_report(struct qk_sim_call *call)
{
	const struct qk_nas_set_event_report_request *request = call->request;

	qk_sim_watch(call->client, QK_SIM_WATCH_STRENGTH, request->has_signal_strength_indicator,
		     request->signal_strength_indicator.report);
	qk_sim_watch(call->client, QK_SIM_WATCH_RSSI, request->has_rssi_indicator,
		     request->rssi_indicator.report);
	qk_sim_watch(call->client, QK_SIM_WATCH_LTE_SNR, request->has_lte_snr_delta,
		     request->lte_snr_delta.report);
	qk_sim_watch(call->client, QK_SIM_WATCH_LTE_RSRP, request->has_lte_rsrp_delta,
		     request->lte_rsrp_delta.report);
	return QK_ERROR_NONE;
}

static struct qk_nas_strength strength(const struct qk_sim_state *state)
{
	if (!qk_sim_state_has_signal(state))
		return (struct qk_nas_strength){ NO_SIGNAL_DBM, QK_NAS_RADIO_INTERFACE_NONE };
	return (struct qk_nas_strength){ state->cell.rssi_dbm,
					 qk_sim_nas_radio_interface(state->cell.rat) };
}

/* NAS's byte for an RSSI is its size without the sign. */
static struct qk_nas_rssi rssi(const struct qk_sim_state *state)
{
	return (struct qk_nas_rssi){ (uint8_t)-state->cell.rssi_dbm,
				     qk_sim_nas_radio_interface(state->cell.rat) };
}

static uint16_t fill_rssi_and_ecio(struct qk_sim *sim, uint32_t mask,
				   struct qk_nas_get_signal_strength_response *response)
{
	const struct qk_sim_cell *cell = &sim->state.cell;
	struct qk_nas_rssi *rssi_item = qk_arena_take(&sim->arena, sizeof(*rssi_item));
	struct qk_nas_ecio *ecio_item = qk_arena_take(&sim->arena, sizeof(*ecio_item));

	if (!rssi_item || !ecio_item)
		return QK_ERROR_NO_MEMORY;
	*rssi_item = rssi(&sim->state);
	*ecio_item = (struct qk_nas_ecio){ LTE_ECIO, qk_sim_nas_radio_interface(cell->rat) };
	response->has_rssi_list = mask & QK_NAS_SIGNAL_STRENGTH_REQUEST_RSSI;
	response->rssi_list.items = rssi_item;
	response->rssi_list.count = 1;
	response->has_ecio_list =
		mask & QK_NAS_SIGNAL_STRENGTH_REQUEST_ECIO && cell->rat != QK_SIM_RAT_GSM;
	response->ecio_list.items = ecio_item;
	response->ecio_list.count = 1;
	return QK_ERROR_NONE;
}

uint16_t qk_sim_nas_get_signal_strength(struct qk_sim_call *call)
{
	const struct qk_nas_get_signal_strength_request *request = call->request;
	const struct qk_sim_state *state = &call->sim->state;
	struct qk_nas_get_signal_strength_response *response = call->response;
	uint32_t mask = request->has_request_mask ? request->request_mask : 0;

	response->has_signal_strength = true;
	response->signal_strength = strength(state);
	if (!qk_sim_state_has_signal(state))
		return QK_ERROR_NONE;
	if (state->cell.rat == QK_SIM_RAT_LTE) {
		response->has_io = mask & QK_NAS_SIGNAL_STRENGTH_REQUEST_IO;
		response->io = LTE_IO_DBM;
		response->has_sinr = mask & QK_NAS_SIGNAL_STRENGTH_REQUEST_SINR;
		response->sinr = LTE_SINR_LEVEL;
		response->has_rsrq = mask & QK_NAS_SIGNAL_STRENGTH_REQUEST_RSRQ;
		response->rsrq =
			(struct qk_nas_rsrq){ state->cell.rsrq_db, QK_NAS_RADIO_INTERFACE_LTE };
		response->has_lte_snr = mask & QK_NAS_SIGNAL_STRENGTH_REQUEST_LTE_SNR;
		response->lte_snr = state->cell.snr_tenth_db;
		response->has_lte_rsrp = mask & QK_NAS_SIGNAL_STRENGTH_REQUEST_LTE_RSRP;
		response->lte_rsrp = state->cell.rsrp_dbm;
	}
	return fill_rssi_and_ecio(call->sim, mask, response);
}

static struct qk_nas_lte_signal_strength lte_signal(const struct qk_sim_cell *cell)
{
	return (struct qk_nas_lte_signal_strength){
		.rssi = cell->rssi_dbm,
		.rsrq = cell->rsrq_db,
		.rsrp = cell->rsrp_dbm,
		.snr = cell->snr_tenth_db,
	};
}

uint16_t qk_sim_nas_get_signal_info(struct qk_sim_call *call)
{
	const struct qk_sim_cell *cell = &call->sim->state.cell;
	struct qk_nas_get_signal_info_response *response = call->response;

	if (!qk_sim_state_has_signal(&call->sim->state))
		return QK_ERROR_INFORMATION_UNAVAILABLE;
	response->has_gsm_signal_strength = cell->rat == QK_SIM_RAT_GSM;
	response->gsm_signal_strength = cell->rssi_dbm;
	response->has_wcdma_signal_strength = cell->rat == QK_SIM_RAT_UMTS;
	response->wcdma_signal_strength = (struct qk_nas_rssi_ecio){ cell->rssi_dbm, LTE_ECIO };
	response->has_lte_signal_strength = cell->rat == QK_SIM_RAT_LTE;
	response->lte_signal_strength = lte_signal(cell);
	return QK_ERROR_NONE;
}

bool qk_sim_nas_event_report_news(struct qk_sim *sim, const struct qk_sim_client *client,
				  void *indication)
{
	struct qk_nas_event_report_indication *report = indication;
	bool lte = sim->state.cell.rat == QK_SIM_RAT_LTE;

	report->has_signal_strength = client->watch & QK_SIM_WATCH_STRENGTH;
	report->signal_strength = strength(&sim->state);
	if (!qk_sim_state_has_signal(&sim->state))
		return report->has_signal_strength;
	report->has_rssi = client->watch & QK_SIM_WATCH_RSSI;
	report->rssi = rssi(&sim->state);
	report->has_lte_snr = lte && client->watch & QK_SIM_WATCH_LTE_SNR;
	report->lte_snr = sim->state.cell.snr_tenth_db;
	report->has_lte_rsrp = lte && client->watch & QK_SIM_WATCH_LTE_RSRP;
	report->lte_rsrp = sim->state.cell.rsrp_dbm;
	return report->has_signal_strength || report->has_rssi || report->has_lte_snr ||
	       report->has_lte_rsrp;
}

bool qk_sim_nas_signal_info_news(struct qk_sim *sim, const struct qk_sim_client *client,
				 void *indication)
{
	const struct qk_sim_cell *cell = &sim->state.cell;
	struct qk_nas_signal_info_indication *info = indication;

	(void)client;
	if (!qk_sim_state_has_signal(&sim->state))
		return false;
	info->has_gsm_signal_strength = cell->rat == QK_SIM_RAT_GSM;
	info->gsm_signal_strength = cell->rssi_dbm;
	info->has_wcdma_signal_strength = cell->rat == QK_SIM_RAT_UMTS;
	info->wcdma_signal_strength = (struct qk_nas_rssi_ecio){ cell->rssi_dbm, LTE_ECIO };
	info->has_lte_signal_strength = cell->rat == QK_SIM_RAT_LTE;
	info->lte_signal_strength = lte_signal(cell);
	return true;
}
