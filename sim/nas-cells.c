/*
 * NAS, cells: the cell that serves, and the others that can be heard, as each radio interface describes them.
 *
 * Neighbours are the other networks of the model's list, as far as the message has room for their radio interface: the
 * cell of GSM hears GSM alone. Priorities, thresholds and timing advance are constants [C].
 */
#include <string.h>

#include "lib/3gpp/plmn.h"
#include "modem.h"
#include "nas.h"

#define PRIORITY 5
#define INTRA_THRESHOLD_DB 62
#define NON_INTRA_THRESHOLD_DB 8
#define LOW_THRESHOLD_DB 6
#define HIGH_THRESHOLD_DB 12
/* The cell selection level of TS 36.304: what is above the least that the cell asks for. */
#define LEAST_RSRP_DBM (-128)
#define NO_TIMING_ADVANCE UINT32_MAX

/* E-UTRA bands by number; those of the others by number and radio interface. */
static const struct {
	uint32_t rat;
	uint16_t band, active;
} bands[] = {
	{ QK_SIM_RAT_GSM, 450, QK_NAS_ACTIVE_BAND_GSM_450 },
	{ QK_SIM_RAT_GSM, 850, QK_NAS_ACTIVE_BAND_GSM_850 },
	{ QK_SIM_RAT_GSM, 900, QK_NAS_ACTIVE_BAND_GSM_900_EXTENDED },
	{ QK_SIM_RAT_GSM, 1800, QK_NAS_ACTIVE_BAND_GSM_DCS_1800 },
	{ QK_SIM_RAT_GSM, 1900, QK_NAS_ACTIVE_BAND_GSM_PCS_1900 },
	{ QK_SIM_RAT_UMTS, 1, QK_NAS_ACTIVE_BAND_WCDMA_2100 },
	{ QK_SIM_RAT_UMTS, 2, QK_NAS_ACTIVE_BAND_WCDMA_PCS_1900 },
	{ QK_SIM_RAT_UMTS, 5, QK_NAS_ACTIVE_BAND_WCDMA_850 },
	{ QK_SIM_RAT_UMTS, 8, QK_NAS_ACTIVE_BAND_WCDMA_900 },
	{ QK_SIM_RAT_LTE, 1, QK_NAS_ACTIVE_BAND_EUTRAN_1 },
	{ QK_SIM_RAT_LTE, 2, QK_NAS_ACTIVE_BAND_EUTRAN_2 },
	{ QK_SIM_RAT_LTE, 3, QK_NAS_ACTIVE_BAND_EUTRAN_3 },
	{ QK_SIM_RAT_LTE, 4, QK_NAS_ACTIVE_BAND_EUTRAN_4 },
	{ QK_SIM_RAT_LTE, 5, QK_NAS_ACTIVE_BAND_EUTRAN_5 },
	{ QK_SIM_RAT_LTE, 7, QK_NAS_ACTIVE_BAND_EUTRAN_7 },
	{ QK_SIM_RAT_LTE, 8, QK_NAS_ACTIVE_BAND_EUTRAN_8 },
	{ QK_SIM_RAT_LTE, 12, QK_NAS_ACTIVE_BAND_EUTRAN_12 },
	{ QK_SIM_RAT_LTE, 13, QK_NAS_ACTIVE_BAND_EUTRAN_13 },
	{ QK_SIM_RAT_LTE, 17, QK_NAS_ACTIVE_BAND_EUTRAN_17 },
	{ QK_SIM_RAT_LTE, 18, QK_NAS_ACTIVE_BAND_EUTRAN_18 },
	{ QK_SIM_RAT_LTE, 19, QK_NAS_ACTIVE_BAND_EUTRAN_19 },
	{ QK_SIM_RAT_LTE, 20, QK_NAS_ACTIVE_BAND_EUTRAN_20 },
	{ QK_SIM_RAT_LTE, 25, QK_NAS_ACTIVE_BAND_EUTRAN_25 },
	{ QK_SIM_RAT_LTE, 26, QK_NAS_ACTIVE_BAND_EUTRAN_26 },
	{ QK_SIM_RAT_LTE, 28, QK_NAS_ACTIVE_BAND_EUTRAN_28 },
	{ QK_SIM_RAT_LTE, 32, QK_NAS_ACTIVE_BAND_EUTRAN_32 },
	{ QK_SIM_RAT_LTE, 34, QK_NAS_ACTIVE_BAND_EUTRAN_34 },
	{ QK_SIM_RAT_LTE, 38, QK_NAS_ACTIVE_BAND_EUTRAN_38 },
	{ QK_SIM_RAT_LTE, 39, QK_NAS_ACTIVE_BAND_EUTRAN_39 },
	{ QK_SIM_RAT_LTE, 40, QK_NAS_ACTIVE_BAND_EUTRAN_40 },
	{ QK_SIM_RAT_LTE, 41, QK_NAS_ACTIVE_BAND_EUTRAN_41 },
	{ QK_SIM_RAT_LTE, 42, QK_NAS_ACTIVE_BAND_EUTRAN_42 },
	{ QK_SIM_RAT_LTE, 43, QK_NAS_ACTIVE_BAND_EUTRAN_43 },
};

uint16_t qk_sim_nas_active_band(const struct qk_sim_cell *cell)
{
	for (size_t i = 0; i < sizeof(bands) / sizeof(bands[0]); i++)
		if (bands[i].rat == cell->rat && bands[i].band == cell->band)
			return bands[i].active;
	return 0;
}

uint16_t qk_sim_nas_get_rf_band_information(struct qk_sim_call *call)
{
	struct qk_nas_get_rf_band_information_response *response = call->response;
	const struct qk_sim_cell *cell = &call->sim->state.cell;
	struct qk_arena *arena = &call->sim->arena;
	struct qk_nas_get_rf_band_information_response_list *item =
		qk_arena_take(arena, sizeof(*item));
	struct qk_nas_get_rf_band_information_response_extended_list *extended =
		qk_arena_take(arena, sizeof(*extended));
	struct qk_nas_get_rf_band_information_response_bandwidth_list *width =
		qk_arena_take(arena, sizeof(*width));

	if (!item || !extended || !width)
		return QK_ERROR_NO_MEMORY;
	if (!qk_sim_state_has_signal(&call->sim->state))
		return QK_ERROR_INFORMATION_UNAVAILABLE;
	int8_t interface = qk_sim_nas_radio_interface(cell->rat);
	item->radio_interface = extended->radio_interface = width->radio_interface = interface;
	item->active_band_class = extended->active_band_class = qk_sim_nas_active_band(cell);
	item->active_channel = (uint16_t)cell->channel;
	extended->active_channel = cell->channel;
	width->bandwidth = QK_SIM_NAS_LTE_BANDWIDTH;
	response->has_list = true;
	response->list.items = item;
	response->list.count = 1;
	response->has_extended_list = true;
	response->extended_list.items = extended;
	response->extended_list.count = 1;
	response->has_bandwidth_list = cell->rat == QK_SIM_RAT_LTE;
	response->bandwidth_list.items = width;
	response->bandwidth_list.count = 1;
	return QK_ERROR_NONE;
}

bool qk_sim_nas_band_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_nas_event_report_indication *report = indication;
	const struct qk_sim_cell *cell = &sim->state.cell;
	struct qk_nas_event_report_indication_rf_band_information *item =
		qk_arena_take(&sim->arena, sizeof(*item));

	(void)client;
	if (!item || !qk_sim_state_has_signal(&sim->state))
		return false;
	item->radio_interface = qk_sim_nas_radio_interface(cell->rat);
	item->active_band_class = qk_sim_nas_active_band(cell);
	item->active_channel = (uint16_t)cell->channel;
	report->has_rf_band_information = true;
	report->rf_band_information.items = item;
	report->rf_band_information.count = 1;
	return true;
}

static struct qk_bytes plmn_bytes(struct qk_arena *arena, const struct qk_sim_plmn *plmn)
{
	const struct qk_plmn number = { plmn->mcc, plmn->mnc, plmn->mnc_digits };
	uint8_t *bytes = qk_arena_take(arena, QK_PLMN_SIZE);

	if (bytes)
		qk_plmn_write(&number, bytes);
	return (struct qk_bytes){ bytes, bytes ? QK_PLMN_SIZE : 0 };
}

/* The next network behind `*at` whose cell can be heard on `rat` and does not serve; NULL: none. */
static const struct qk_sim_network *next_neighbour(const struct qk_sim_state *state, uint32_t rat,
						   size_t *at)
{
	const struct qk_sim_radio *radio = &state->radio;

	while (*at < radio->network_count) {
		const struct qk_sim_network *network = &radio->networks[(*at)++];
		if (!network->hidden && !radio->uncovered && network->cell.rat == rat &&
		    *at - 1 != radio->serving)
			return network;
	}
	return NULL;
}

static struct qk_nas_lte_cell lte_cell(const struct qk_sim_cell *cell)
{
	return (struct qk_nas_lte_cell){
		.physical_cell_id = cell->pci,
		.rsrq = (int16_t)(cell->rsrq_db * 10),
		.rsrp = (int16_t)(cell->rsrp_dbm * 10),
		.rssi = (int16_t)(cell->rssi_dbm * 10),
		.cell_selection_rx_level = (int16_t)(cell->rsrp_dbm - LEAST_RSRP_DBM),
	};
}

/* Cells on the frequency that serves, the one that serves first. */
static bool fill_lte_intra(struct qk_sim *sim,
			   struct qk_nas_get_cell_location_info_response *response)
{
	const struct qk_sim_state *state = &sim->state;
	const struct qk_sim_cell *cell = &state->cell;
	const struct qk_sim_network *network;
	struct qk_nas_lte_cell *cells =
		qk_arena_take(&sim->arena, QK_SIM_NETWORKS_MAX * sizeof(*cells));
	size_t count = 0, at = 0;

	if (!cells)
		return false;
	cells[count++] = lte_cell(cell);
	while ((network = next_neighbour(state, QK_SIM_RAT_LTE, &at)))
		if (network->cell.channel == cell->channel)
			cells[count++] = lte_cell(&network->cell);
	response->has_intrafrequency_lte_info_v2 = true;
	response->intrafrequency_lte_info_v2.ue_in_idle = true;
	response->intrafrequency_lte_info_v2.plmn = plmn_bytes(&sim->arena, &state->network);
	response->intrafrequency_lte_info_v2.tracking_area_code = cell->area;
	response->intrafrequency_lte_info_v2.global_cell_id = cell->cell_id;
	response->intrafrequency_lte_info_v2.eutra_absolute_rf_channel_number =
		(uint16_t)cell->channel;
	response->intrafrequency_lte_info_v2.serving_cell_id = cell->pci;
	response->intrafrequency_lte_info_v2.cell_reselection_priority = PRIORITY;
	response->intrafrequency_lte_info_v2.s_non_intra_search_threshold = NON_INTRA_THRESHOLD_DB;
	response->intrafrequency_lte_info_v2.serving_cell_low_threshold = LOW_THRESHOLD_DB;
	response->intrafrequency_lte_info_v2.s_intra_search_threshold = INTRA_THRESHOLD_DB;
	response->intrafrequency_lte_info_v2.cell.items = cells;
	response->intrafrequency_lte_info_v2.cell.count = count;
	response->has_lte_info_timing_advance = true;
	response->lte_info_timing_advance = NO_TIMING_ADVANCE;
	return true;
}

/* Each other frequency with its cell. */
static bool fill_lte_inter(struct qk_sim *sim,
			   struct qk_nas_get_cell_location_info_response *response)
{
	const struct qk_sim_network *network;
	struct qk_nas_lte_frequency *frequencies =
		qk_arena_take(&sim->arena, QK_SIM_NETWORKS_MAX * sizeof(*frequencies));
	struct qk_nas_lte_cell *cells =
		qk_arena_take(&sim->arena, QK_SIM_NETWORKS_MAX * sizeof(*cells));
	size_t count = 0, at = 0;

	if (!frequencies || !cells)
		return false;
	while ((network = next_neighbour(&sim->state, QK_SIM_RAT_LTE, &at))) {
		if (network->cell.channel == sim->state.cell.channel)
			continue;
		cells[count] = lte_cell(&network->cell);
		frequencies[count] = (struct qk_nas_lte_frequency){
			.eutra_absolute_rf_channel_number = (uint16_t)network->cell.channel,
			.cell_selection_rx_level_low_threshold = LOW_THRESHOLD_DB,
			.cell_selection_rx_level_high_threshold = HIGH_THRESHOLD_DB,
			.cell_reselection_priority = PRIORITY,
			.cell = { &cells[count], 1 },
		};
		count++;
	}
	response->has_interfrequency_lte_info = true;
	response->interfrequency_lte_info.ue_in_idle = true;
	response->interfrequency_lte_info.frequency.items = frequencies;
	response->interfrequency_lte_info.frequency.count = count;
	return true;
}

/* The cells of GSM that LTE hears, as those of one frequency plan. */
static bool fill_lte_gsm(struct qk_sim *sim,
			 struct qk_nas_get_cell_location_info_response *response)
{
	const struct qk_sim_network *network;
	struct qk_nas_lte_neighboring_gsm *plan = qk_arena_take(&sim->arena, sizeof(*plan));
	struct qk_nas_lte_neighboring_gsm_cell *cells =
		qk_arena_take(&sim->arena, QK_SIM_NETWORKS_MAX * sizeof(*cells));
	size_t count = 0, at = 0;

	if (!plan || !cells)
		return false;
	while ((network = next_neighbour(&sim->state, QK_SIM_RAT_GSM, &at)))
		cells[count++] = (struct qk_nas_lte_neighboring_gsm_cell){
			.geran_absolute_rf_channel_number = (uint16_t)network->cell.channel,
			.band_is_1900 = network->cell.band == 1900,
			.cell_id_valid = true,
			.base_station_identity_code = (uint8_t)network->cell.pci,
			.rssi = (int16_t)(network->cell.rssi_dbm * 10),
		};
	*plan = (struct qk_nas_lte_neighboring_gsm){
		.cell_reselection_high_threshold = HIGH_THRESHOLD_DB,
		.cell_reselection_low_threshold = LOW_THRESHOLD_DB,
		.ncc_permitted = 0xff,
		.cell = { cells, count },
	};
	response->has_lte_info_neighboring_gsm = true;
	response->lte_info_neighboring_gsm.ue_in_idle = true;
	response->lte_info_neighboring_gsm.frequency.items = plan;
	response->lte_info_neighboring_gsm.frequency.count = count ? 1 : 0;
	return true;
}

/* Those of UMTS, each on its frequency. */
static bool fill_lte_umts(struct qk_sim *sim,
			  struct qk_nas_get_cell_location_info_response *response)
{
	const struct qk_sim_network *network;
	struct qk_nas_lte_neighboring_wcdma *frequencies =
		qk_arena_take(&sim->arena, QK_SIM_NETWORKS_MAX * sizeof(*frequencies));
	struct qk_nas_lte_neighboring_wcdma_cell *cells =
		qk_arena_take(&sim->arena, QK_SIM_NETWORKS_MAX * sizeof(*cells));
	size_t count = 0, at = 0;

	if (!frequencies || !cells)
		return false;
	while ((network = next_neighbour(&sim->state, QK_SIM_RAT_UMTS, &at))) {
		cells[count] = (struct qk_nas_lte_neighboring_wcdma_cell){
			.primary_scrambling_code = network->cell.pci,
			.cpich_rscp = (int16_t)(network->cell.rsrp_dbm * 10),
			.cpich_ecno = (int16_t)(network->cell.rsrq_db * 10),
		};
		frequencies[count] = (struct qk_nas_lte_neighboring_wcdma){
			.utra_absolute_rf_channel_number = (uint16_t)network->cell.channel,
			.cell_reselection_priority = PRIORITY,
			.cell_reselection_high_threshold = HIGH_THRESHOLD_DB,
			.cell_reselection_low_threshold = LOW_THRESHOLD_DB,
			.cell = { &cells[count], 1 },
		};
		count++;
	}
	response->has_lte_info_neighboring_wcdma = true;
	response->lte_info_neighboring_wcdma.ue_in_idle = true;
	response->lte_info_neighboring_wcdma.frequency.items = frequencies;
	response->lte_info_neighboring_wcdma.frequency.count = count;
	return true;
}

/* What UMTS hears of the others. */
static bool fill_umts_others(struct qk_sim *sim,
			     struct qk_nas_get_cell_location_info_response *response)
{
	const struct qk_sim_network *network;
	struct qk_nas_umts_neighboring_geran *geran =
		qk_arena_take(&sim->arena, QK_SIM_NETWORKS_MAX * sizeof(*geran));
	struct qk_nas_umts_neighboring_lte *lte =
		qk_arena_take(&sim->arena, QK_SIM_NETWORKS_MAX * sizeof(*lte));
	size_t geran_count = 0, lte_count = 0, at = 0;

	if (!geran || !lte)
		return false;
	/* A BSIC is both colour codes: TS 23.003 4.3.2. */
	while ((network = next_neighbour(&sim->state, QK_SIM_RAT_GSM, &at)))
		geran[geran_count++] = (struct qk_nas_umts_neighboring_geran){
			.geran_absolute_rf_channel_number = (uint16_t)network->cell.channel,
			.network_color_code = (uint8_t)(network->cell.pci >> 3 & 7),
			.base_station_color_code = (uint8_t)(network->cell.pci & 7),
			.rssi = network->cell.rssi_dbm,
		};
	at = 0;
	while ((network = next_neighbour(&sim->state, QK_SIM_RAT_LTE, &at)))
		lte[lte_count++] = (struct qk_nas_umts_neighboring_lte){
			.eutra_absolute_rf_channel_number = (uint16_t)network->cell.channel,
			.physical_cell_id = network->cell.pci,
			.rsrp = network->cell.rsrp_dbm,
			.rsrq = network->cell.rsrq_db,
			.cell_selection_rx_level =
				(int16_t)(network->cell.rsrp_dbm - LEAST_RSRP_DBM),
		};
	response->umts_info_v2.neighboring_geran.items = geran;
	response->umts_info_v2.neighboring_geran.count = geran_count;
	response->has_umts_info_neighboring_lte = true;
	response->umts_info_neighboring_lte.rrc_state = QK_NAS_WCDMA_RRC_STATE_DISCONNECTED;
	response->umts_info_neighboring_lte.frequency.items = lte;
	response->umts_info_neighboring_lte.frequency.count = lte_count;
	return true;
}

static bool fill_umts(struct qk_sim *sim, struct qk_nas_get_cell_location_info_response *response)
{
	const struct qk_sim_cell *cell = &sim->state.cell;
	const struct qk_sim_network *network;
	struct qk_nas_umts_cell *cells =
		qk_arena_take(&sim->arena, QK_SIM_NETWORKS_MAX * sizeof(*cells));
	size_t count = 0, at = 0;

	if (!cells)
		return false;
	while ((network = next_neighbour(&sim->state, QK_SIM_RAT_UMTS, &at)))
		cells[count++] =
			(struct qk_nas_umts_cell){ (uint16_t)network->cell.channel,
						   network->cell.pci, network->cell.rsrp_dbm,
						   network->cell.rsrq_db };
	response->has_umts_info_v2 = true;
	response->umts_info_v2.cell_id = (uint16_t)cell->cell_id;
	response->umts_info_v2.plmn = plmn_bytes(&sim->arena, &sim->state.network);
	response->umts_info_v2.lac = cell->area;
	response->umts_info_v2.utra_absolute_rf_channel_number = (uint16_t)cell->channel;
	response->umts_info_v2.primary_scrambling_code = cell->pci;
	response->umts_info_v2.rscp = cell->rsrp_dbm;
	response->umts_info_v2.ecio = cell->rsrq_db;
	response->umts_info_v2.cell.items = cells;
	response->umts_info_v2.cell.count = count;
	response->has_umts_cell_id = true;
	response->umts_cell_id = cell->cell_id;
	return true;
}

/* The receive level of TS 45.008: dB above -110 dBm, from 0 to 63. */
static uint16_t rx_level(const struct qk_sim_cell *cell)
{
	int level = cell->rssi_dbm + 110;

	return (uint16_t)(level < 0 ? 0 : level > 63 ? 63 : level);
}

static bool fill_gsm(struct qk_sim *sim, struct qk_nas_get_cell_location_info_response *response)
{
	const struct qk_sim_cell *cell = &sim->state.cell;
	const struct qk_sim_network *network;
	struct qk_nas_geran_cell *cells =
		qk_arena_take(&sim->arena, QK_SIM_NETWORKS_MAX * sizeof(*cells));
	size_t count = 0, at = 0;

	if (!cells)
		return false;
	while ((network = next_neighbour(&sim->state, QK_SIM_RAT_GSM, &at)))
		cells[count++] = (struct qk_nas_geran_cell){
			network->cell.cell_id,      plmn_bytes(&sim->arena, &network->plmn),
			network->cell.area,         (uint16_t)network->cell.channel,
			(uint8_t)network->cell.pci, rx_level(&network->cell),
		};
	response->has_geran_info_v2 = true;
	response->geran_info_v2.cell_id = cell->cell_id;
	response->geran_info_v2.plmn = plmn_bytes(&sim->arena, &sim->state.network);
	response->geran_info_v2.lac = cell->area;
	response->geran_info_v2.geran_absolute_rf_channel_number = (uint16_t)cell->channel;
	response->geran_info_v2.base_station_identity_code = (uint8_t)cell->pci;
	response->geran_info_v2.timing_advance = NO_TIMING_ADVANCE;
	response->geran_info_v2.rx_level = rx_level(cell);
	response->geran_info_v2.cell.items = cells;
	response->geran_info_v2.cell.count = count;
	return true;
}

uint16_t qk_sim_nas_get_cell_location_info(struct qk_sim_call *call)
{
	const struct qk_sim_state *state = &call->sim->state;
	bool good = false;

	if (!qk_sim_state_has_signal(state))
		return QK_ERROR_INFORMATION_UNAVAILABLE;
	if (state->cell.rat == QK_SIM_RAT_LTE)
		good = fill_lte_intra(call->sim, call->response) &&
		       fill_lte_inter(call->sim, call->response) &&
		       fill_lte_gsm(call->sim, call->response) &&
		       fill_lte_umts(call->sim, call->response);
	else if (state->cell.rat == QK_SIM_RAT_UMTS)
		good = fill_umts(call->sim, call->response) &&
		       fill_umts_others(call->sim, call->response);
	else
		good = fill_gsm(call->sim, call->response);
	return good ? QK_ERROR_NONE : QK_ERROR_NO_MEMORY;
}
