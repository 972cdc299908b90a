/*
 * NAS, signal: how strong the cell is, in the three ways that NAS has to say it.
 *
 * A radio that is off or finds nothing has no signal: Get Signal Info is refused with
 * InformationUnavailable and Get Signal Strength names no radio and -125 dBm [C].
 */
#include <stdlib.h>

#include "modem.h"
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

uint32_t qk_sim_nas_rat(int radio_interface)
{
	switch (radio_interface) {
	case QK_NAS_RADIO_INTERFACE_GSM:
		return QK_SIM_RAT_GSM;
	case QK_NAS_RADIO_INTERFACE_UMTS:
		return QK_SIM_RAT_UMTS;
	case QK_NAS_RADIO_INTERFACE_LTE:
		return QK_SIM_RAT_LTE;
	default:
		return QK_SIM_RAT_NONE;
	}
}

/* --- When a client is told */

/* The values of the cell in tenths, as metrics count. */
static int16_t value_of(const struct qk_sim_cell *cell, enum qk_sim_nas_value value)
{
	switch (value) {
	case QK_NAS_RSSI:
		return (int16_t)(cell->rssi_dbm * 10);
	case QK_NAS_RSRQ:
		return (int16_t)(cell->rsrq_db * 10);
	case QK_NAS_RSRP:
		return (int16_t)(cell->rsrp_dbm * 10);
	case QK_NAS_SNR:
		return cell->snr_tenth_db;
	case QK_NAS_VALUES:
		break;
	}
	return 0;
}

static bool has_limits(const struct qk_sim_nas_metric *metric)
{
	return metric->delta || metric->threshold_count;
}

/* It has moved enough since it was told. */
static bool has_moved(const struct qk_sim_nas_metric *metric, int16_t now)
{
	if (!metric->told)
		return true;
	if (metric->delta && abs(now - metric->last) >= metric->delta)
		return true;
	for (size_t i = 0; i < metric->threshold_count; i++)
		if ((metric->last < metric->thresholds[i]) != (now < metric->thresholds[i]))
			return true;
	return false;
}

static void set_told(struct qk_sim_nas_metric *metric, int16_t now)
{
	metric->told = true;
	metric->last = now;
}

static void set_delta(struct qk_sim_nas_metric *metric, bool given, unsigned int delta)
{
	if (given)
		metric->delta = (uint16_t)(delta > UINT16_MAX ? UINT16_MAX : delta);
}

/* One of the thresholds of a list, whatever the width of its items; at most QK_NAS_THRESHOLDS_MAX are kept. */
static void add_threshold(struct qk_sim_nas_metric *metric, size_t index, int tenths)
{
	if (index >= QK_NAS_THRESHOLDS_MAX)
		return;
	metric->thresholds[index] = (int16_t)(tenths < INT16_MIN   ? INT16_MIN
					      : tenths > INT16_MAX ? INT16_MAX
								   : tenths);
	metric->threshold_count = (uint8_t)(index + 1);
}

#define SET_THRESHOLDS(metric, given, list, factor) \
	do { \
		if (!(given)) \
			break; \
		(metric)->threshold_count = 0; \
		for (size_t i_ = 0; i_ < (list).count; i_++) \
			add_threshold(metric, i_, (list).items[i_] * (factor)); \
	} while (0)

uint16_t qk_sim_nas_config_signal_info(struct qk_sim_call *call)
{
	const struct qk_nas_config_signal_info_request *request = call->request;
	struct qk_sim_nas_metric *info = call->client->nas.info;

	SET_THRESHOLDS(&info[QK_NAS_RSSI], request->has_rssi_threshold, request->rssi_threshold,
		       10);
	SET_THRESHOLDS(&info[QK_NAS_RSRQ], request->has_rsrq_threshold, request->rsrq_threshold,
		       10);
	SET_THRESHOLDS(&info[QK_NAS_RSRP], request->has_rsrp_threshold, request->rsrp_threshold,
		       10);
	SET_THRESHOLDS(&info[QK_NAS_SNR], request->has_lte_snr_threshold,
		       request->lte_snr_threshold, 1);
	return QK_ERROR_NONE;
}

/* Of the radio interfaces that the modem has, LTE's lists come last and count. */
uint16_t qk_sim_nas_config_signal_info_v2(struct qk_sim_call *call)
{
	const struct qk_nas_config_signal_info_v2_request *request = call->request;
	struct qk_sim_nas_metric *info = call->client->nas.info;

	set_delta(&info[QK_NAS_RSSI], request->has_gsm_rssi_delta, request->gsm_rssi_delta);
	set_delta(&info[QK_NAS_RSSI], request->has_wcdma_rssi_delta, request->wcdma_rssi_delta);
	set_delta(&info[QK_NAS_RSSI], request->has_lte_rssi_delta, request->lte_rssi_delta);
	set_delta(&info[QK_NAS_RSRQ], request->has_lte_rsrq_delta, request->lte_rsrq_delta);
	set_delta(&info[QK_NAS_RSRP], request->has_lte_rsrp_delta, request->lte_rsrp_delta);
	set_delta(&info[QK_NAS_SNR], request->has_lte_snr_delta, request->lte_snr_delta);
	SET_THRESHOLDS(&info[QK_NAS_RSSI], request->has_gsm_rssi_threshold_list,
		       request->gsm_rssi_threshold_list, 1);
	SET_THRESHOLDS(&info[QK_NAS_RSSI], request->has_wcdma_rssi_threshold_list,
		       request->wcdma_rssi_threshold_list, 1);
	SET_THRESHOLDS(&info[QK_NAS_RSSI], request->has_lte_rssi_threshold_list,
		       request->lte_rssi_threshold_list, 1);
	SET_THRESHOLDS(&info[QK_NAS_RSRQ], request->has_lte_rsrq_threshold_list,
		       request->lte_rsrq_threshold_list, 1);
	SET_THRESHOLDS(&info[QK_NAS_RSRP], request->has_lte_rsrp_threshold_list,
		       request->lte_rsrp_threshold_list, 1);
	SET_THRESHOLDS(&info[QK_NAS_SNR], request->has_lte_snr_threshold_list,
		       request->lte_snr_threshold_list, 1);
	return QK_ERROR_NONE;
}

uint16_t qk_sim_nas_set_event_report(struct qk_sim_call *call)
{
	const struct qk_nas_set_event_report_request *request = call->request;
	struct qk_sim_nas_metric *reports = call->client->nas.reports;

	qk_sim_watch(call->client, QK_NAS_WATCH_STRENGTH, request->has_signal_strength_indicator,
		     request->signal_strength_indicator.report);
	qk_sim_watch(call->client, QK_NAS_WATCH_RSSI, request->has_rssi_indicator,
		     request->rssi_indicator.report);
	qk_sim_watch(call->client, QK_NAS_WATCH_SNR, request->has_lte_snr_delta,
		     request->lte_snr_delta.report);
	qk_sim_watch(call->client, QK_NAS_WATCH_RSRP, request->has_lte_rsrp_delta,
		     request->lte_rsrp_delta.report);
	qk_sim_watch(call->client, QK_NAS_WATCH_BAND, request->has_rf_band_information,
		     request->rf_band_information);
	qk_sim_watch(call->client, QK_NAS_WATCH_REJECT_REASON,
		     request->has_registration_reject_reason, request->registration_reject_reason);
	SET_THRESHOLDS(&reports[QK_NAS_RSRQ], request->has_signal_strength_indicator,
		       request->signal_strength_indicator.thresholds, 10);
	set_delta(&reports[QK_NAS_RSSI], request->has_rssi_indicator,
		  request->rssi_indicator.rssi_delta * 10u);
	set_delta(&reports[QK_NAS_SNR], request->has_lte_snr_delta,
		  request->lte_snr_delta.snr_delta);
	set_delta(&reports[QK_NAS_RSRP], request->has_lte_rsrp_delta,
		  request->lte_rsrp_delta.rsrp_delta * 10u);
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

/* Ec/Io of NAS counts half decibels without the sign. */
static struct qk_nas_rssi_ecio wcdma_signal(const struct qk_sim_cell *cell)
{
	return (struct qk_nas_rssi_ecio){ cell->rssi_dbm, (int16_t)(-2 * cell->rsrq_db) };
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
	response->wcdma_signal_strength = wcdma_signal(cell);
	response->has_lte_signal_strength = cell->rat == QK_SIM_RAT_LTE;
	response->lte_signal_strength = lte_signal(cell);
	return QK_ERROR_NONE;
}

/* Whether a value of the event report that the client watches (`bit`) has moved enough; it counts as told then. */
static bool take_report(struct qk_sim *sim, struct qk_sim_client *client, uint32_t bit,
			enum qk_sim_nas_value slot, enum qk_sim_nas_value value)
{
	struct qk_sim_nas_metric *metric = &client->nas.reports[slot];
	int16_t now = value_of(&sim->state.cell, value);

	if (!(client->watch & bit) || (has_limits(metric) && !has_moved(metric, now)))
		return false;
	set_told(metric, now);
	return true;
}

bool qk_sim_nas_event_report_news(struct qk_sim *sim, const struct qk_sim_client *client,
				  void *indication)
{
	struct qk_sim_client *mine = qk_sim_client_find(sim, client->service, client->id);
	struct qk_nas_event_report_indication *report = indication;
	bool lte = sim->state.cell.rat == QK_SIM_RAT_LTE;

	report->has_signal_strength =
		take_report(sim, mine, QK_NAS_WATCH_STRENGTH, QK_NAS_RSRQ, QK_NAS_RSSI);
	report->signal_strength = strength(&sim->state);
	if (!qk_sim_state_has_signal(&sim->state))
		return report->has_signal_strength;
	report->has_rssi = take_report(sim, mine, QK_NAS_WATCH_RSSI, QK_NAS_RSSI, QK_NAS_RSSI);
	report->rssi = rssi(&sim->state);
	report->has_lte_snr =
		lte && take_report(sim, mine, QK_NAS_WATCH_SNR, QK_NAS_SNR, QK_NAS_SNR);
	report->lte_snr = sim->state.cell.snr_tenth_db;
	report->has_lte_rsrp =
		lte && take_report(sim, mine, QK_NAS_WATCH_RSRP, QK_NAS_RSRP, QK_NAS_RSRP);
	report->lte_rsrp = sim->state.cell.rsrp_dbm;
	return report->has_signal_strength || report->has_rssi || report->has_lte_snr ||
	       report->has_lte_rsrp;
}

/* Whether Signal Info is news to the client: one of the values that it gave limits for has moved, or it gave none. */
static bool take_info(struct qk_sim *sim, struct qk_sim_client *client)
{
	struct qk_sim_nas_metric *info = client->nas.info;
	bool limited = false, moved = false;

	for (unsigned int i = 0; i < QK_NAS_VALUES; i++) {
		limited |= has_limits(&info[i]);
		moved |= has_limits(&info[i]) && has_moved(&info[i], value_of(&sim->state.cell, i));
	}
	if (limited && !moved)
		return false;
	for (unsigned int i = 0; i < QK_NAS_VALUES; i++)
		set_told(&info[i], value_of(&sim->state.cell, i));
	return true;
}

bool qk_sim_nas_signal_info_news(struct qk_sim *sim, const struct qk_sim_client *client,
				 void *indication)
{
	const struct qk_sim_cell *cell = &sim->state.cell;
	struct qk_nas_signal_info_indication *info = indication;

	if (!qk_sim_state_has_signal(&sim->state) ||
	    !take_info(sim, qk_sim_client_find(sim, client->service, client->id)))
		return false;
	info->has_gsm_signal_strength = cell->rat == QK_SIM_RAT_GSM;
	info->gsm_signal_strength = cell->rssi_dbm;
	info->has_wcdma_signal_strength = cell->rat == QK_SIM_RAT_UMTS;
	info->wcdma_signal_strength = wcdma_signal(cell);
	info->has_lte_signal_strength = cell->rat == QK_SIM_RAT_LTE;
	info->lte_signal_strength = lte_signal(cell);
	return true;
}
