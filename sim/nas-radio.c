/*
 * NAS, radio: what the antennas measure, and the carriers that are aggregated.
 *
 * This modem has one carrier and hears the same on all its antennas; on UMTS and GSM one antenna is in use, on LTE two
 * [U]. How strongly it sends is not modelled: it is said to be idle, without a power [C].
 */
#include "modem.h"
#include "nas.h"

#define NO_PHASE UINT32_MAX

static struct qk_nas_rx_chain_info chain(const struct qk_sim_cell *cell)
{
	struct qk_nas_rx_chain_info info = {
		.is_radio_tuned = true,
		.rx_power = cell->rssi_dbm * 10,
		.phase = NO_PHASE,
	};

	if (cell->rat == QK_SIM_RAT_LTE)
		info.rsrp = cell->rsrp_dbm * 10;
	if (cell->rat == QK_SIM_RAT_UMTS) {
		info.rscp = cell->rsrp_dbm * 10;
		info.ecio = cell->rsrq_db * 10;
	}
	return info;
}

uint16_t qk_sim_nas_get_tx_rx_info(struct qk_sim_call *call)
{
	const struct qk_nas_get_tx_rx_info_request *request = call->request;
	struct qk_nas_get_tx_rx_info_response *response = call->response;
	const struct qk_sim_state *state = &call->sim->state;

	if (qk_sim_nas_rat(request->radio_interface) == QK_SIM_RAT_NONE)
		return QK_ERROR_INVALID_ARGUMENT;
	if (!qk_sim_state_has_signal(state) ||
	    qk_sim_nas_rat(request->radio_interface) != state->cell.rat)
		return QK_ERROR_INFORMATION_UNAVAILABLE;
	response->has_rx_chain_0_info = true;
	response->rx_chain_0_info = chain(&state->cell);
	response->has_rx_chain_1_info = state->cell.rat == QK_SIM_RAT_LTE;
	response->rx_chain_1_info = chain(&state->cell);
	response->has_tx_info = true;
	return QK_ERROR_NONE;
}

uint16_t qk_sim_nas_get_lte_cphy_ca_info(struct qk_sim_call *call)
{
	struct qk_nas_get_lte_cphy_ca_info_response *response = call->response;
	const struct qk_sim_state *state = &call->sim->state;
	const struct qk_sim_cell *cell = &state->cell;

	if (!qk_sim_state_has_signal(state) || cell->rat != QK_SIM_RAT_LTE)
		return QK_ERROR_INFORMATION_UNAVAILABLE;
	response->has_dl_bandwidth = true;
	response->dl_bandwidth = QK_SIM_NAS_LTE_BANDWIDTH;
	response->has_phy_ca_agg_pcell_info = true;
	response->phy_ca_agg_pcell_info.physical_cell_id = cell->pci;
	response->phy_ca_agg_pcell_info.rx_channel = (uint16_t)cell->channel;
	response->phy_ca_agg_pcell_info.dl_bandwidth = QK_SIM_NAS_LTE_BANDWIDTH;
	response->phy_ca_agg_pcell_info.lte_band = qk_sim_nas_active_band(cell);
	response->has_phy_ca_agg_secondary_cells = true;
	return QK_ERROR_NONE;
}
