/*
 * Cell info: one part of the message a radio interface, and what is heard of the others.
 *
 * A number of all ones is one that the modem does not know: it is left out.
 */
#include "cell-info.h"

#include <inttypes.h>
#include <stdio.h>

#include "api/api-names.h"
#include "lib/3gpp/plmn.h"

/* The receive level of TS 45.008: dB above -110 dBm, from 0 to 63. */
enum { RX_LEVEL_DBM = -110, RX_LEVEL_MAX = 63 };

/* A cell in the list, which has it. */
static json_t *add(json_t *list, enum mm_cell_type type, bool serving)
{
	json_t *cell = json_pack("{s: i, s: b}", "cell-type", type, "serving", serving);

	json_array_append_new(list, cell);
	return cell;
}

static void add_plmn(json_t *cell, struct qk_bytes bytes)
{
	struct qk_plmn plmn;
	char text[7];

	if (bytes.size != QK_PLMN_SIZE || qk_plmn_read(bytes.data, &plmn) < 0)
		return;
	qk_plmn_text(&plmn, text);
	json_object_set_new(cell, "operator-id", json_string(text));
}

/* As TS 27.007 writes numbers of cells and areas. */
static void add_hex(json_t *cell, const char *key, uint64_t number, uint64_t unknown)
{
	char text[20];

	if (number == unknown)
		return;
	snprintf(text, sizeof(text), "%" PRIX64, number);
	json_object_set_new(cell, key, json_string(text));
}

static void add_number(json_t *cell, const char *key, uint32_t number, uint32_t unknown)
{
	if (number != unknown)
		json_object_set_new(cell, key, json_integer(number));
}

static void add_real(json_t *cell, const char *key, double number)
{
	json_object_set_new(cell, key, json_real(number));
}

/* --- GSM */

static void add_rx_level(json_t *cell, int dbm)
{
	int level = dbm - RX_LEVEL_DBM;

	add_number(cell, "rx-level",
		   (uint32_t)(level < 0              ? 0
			      : level > RX_LEVEL_MAX ? RX_LEVEL_MAX
						     : level),
		   UINT32_MAX);
}

static void read_gsm(json_t *list,
		     const struct qk_nas_get_cell_location_info_response_geran_info_v2 *info)
{
	json_t *cell = add(list, MM_CELL_TYPE_GSM, true);

	add_plmn(cell, info->plmn);
	add_hex(cell, "lac", info->lac, UINT16_MAX);
	add_hex(cell, "ci", info->cell_id, UINT32_MAX);
	add_number(cell, "timing-advance", info->timing_advance, UINT32_MAX);
	add_number(cell, "arfcn", info->geran_absolute_rf_channel_number, UINT16_MAX);
	add_hex(cell, "base-station-id", info->base_station_identity_code, UINT8_MAX);
	add_number(cell, "rx-level", info->rx_level, UINT16_MAX);
	for (size_t i = 0; i < info->cell.count; i++) {
		const struct qk_nas_geran_cell *heard = &info->cell.items[i];

		cell = add(list, MM_CELL_TYPE_GSM, false);
		add_plmn(cell, heard->plmn);
		add_hex(cell, "lac", heard->lac, UINT16_MAX);
		add_hex(cell, "ci", heard->cell_id, UINT32_MAX);
		add_number(cell, "arfcn", heard->geran_absolute_rf_channel_number, UINT16_MAX);
		add_hex(cell, "base-station-id", heard->base_station_identity_code, UINT8_MAX);
		add_number(cell, "rx-level", heard->rx_level, UINT16_MAX);
	}
}

/* --- UMTS */

static void add_umts(json_t *cell, uint32_t channel, uint16_t code, double rscp, double ecio)
{
	add_number(cell, "uarfcn", channel, UINT16_MAX);
	add_number(cell, "psc", code, UINT16_MAX);
	add_real(cell, "rscp", rscp);
	add_real(cell, "ecio", ecio);
}

static void read_umts(json_t *list, const struct qk_nas_get_cell_location_info_response *response)
{
	const struct qk_nas_get_cell_location_info_response_umts_info_v2 *info =
		&response->umts_info_v2;
	json_t *cell = add(list, MM_CELL_TYPE_UMTS, true);

	add_plmn(cell, info->plmn);
	add_hex(cell, "lac", info->lac, UINT16_MAX);
	/* The longer one has the RNC in it. */
	if (response->has_umts_cell_id)
		add_hex(cell, "ci", response->umts_cell_id, UINT32_MAX);
	else
		add_hex(cell, "ci", info->cell_id, UINT16_MAX);
	add_umts(cell, info->utra_absolute_rf_channel_number, info->primary_scrambling_code,
		 info->rscp, info->ecio);
	for (size_t i = 0; i < info->cell.count; i++) {
		const struct qk_nas_umts_cell *heard = &info->cell.items[i];

		add_umts(add(list, MM_CELL_TYPE_UMTS, false),
			 heard->utra_absolute_rf_channel_number, heard->primary_scrambling_code,
			 heard->rscp, heard->ecio);
	}
	for (size_t i = 0; i < info->neighboring_geran.count; i++) {
		const struct qk_nas_umts_neighboring_geran *heard =
			&info->neighboring_geran.items[i];

		cell = add(list, MM_CELL_TYPE_GSM, false);
		add_number(cell, "arfcn", heard->geran_absolute_rf_channel_number, UINT16_MAX);
		/* Both colour codes are the BSIC: TS 23.003 4.3.2. */
		if (heard->network_color_code < 8 && heard->base_station_color_code < 8)
			add_hex(cell, "base-station-id",
				heard->network_color_code * 8u + heard->base_station_color_code,
				UINT8_MAX);
		add_rx_level(cell, heard->rssi);
	}
}

/* --- LTE */

static void add_lte(json_t *cell, uint32_t channel, const struct qk_nas_lte_cell *heard)
{
	add_hex(cell, "physical-ci", heard->physical_cell_id, UINT16_MAX);
	add_number(cell, "earfcn", channel, UINT16_MAX);
	add_real(cell, "rsrp", heard->rsrp * 0.1);
	add_real(cell, "rsrq", heard->rsrq * 0.1);
}

/* The cells on the frequency in use; they share the area as far as the modem tells. */
static void read_lte(json_t *list, const struct qk_nas_get_cell_location_info_response *response)
{
	const struct qk_nas_get_cell_location_info_response_intrafrequency_lte_info_v2 *info =
		&response->intrafrequency_lte_info_v2;

	for (size_t i = 0; i < info->cell.count; i++) {
		const struct qk_nas_lte_cell *heard = &info->cell.items[i];
		bool serving = heard->physical_cell_id == info->serving_cell_id;
		json_t *cell = add(list, MM_CELL_TYPE_LTE, serving);

		add_plmn(cell, info->plmn);
		add_hex(cell, "tac", info->tracking_area_code, UINT16_MAX);
		add_lte(cell, info->eutra_absolute_rf_channel_number, heard);
		if (serving)
			add_hex(cell, "ci", info->global_cell_id, UINT32_MAX);
		if (serving && response->has_lte_info_timing_advance)
			add_number(cell, "timing-advance", response->lte_info_timing_advance,
				   UINT32_MAX);
	}
}

static void read_lte_frequencies(json_t *list,
				 const struct qk_nas_get_cell_location_info_response *response)
{
	for (size_t i = 0; i < response->interfrequency_lte_info.frequency.count; i++) {
		const struct qk_nas_lte_frequency *frequency =
			&response->interfrequency_lte_info.frequency.items[i];

		for (size_t k = 0; k < frequency->cell.count; k++)
			add_lte(add(list, MM_CELL_TYPE_LTE, false),
				frequency->eutra_absolute_rf_channel_number,
				&frequency->cell.items[k]);
	}
	for (size_t i = 0; i < response->umts_info_neighboring_lte.frequency.count; i++) {
		const struct qk_nas_umts_neighboring_lte *heard =
			&response->umts_info_neighboring_lte.frequency.items[i];
		json_t *cell = add(list, MM_CELL_TYPE_LTE, false);

		add_hex(cell, "physical-ci", heard->physical_cell_id, UINT16_MAX);
		add_number(cell, "earfcn", heard->eutra_absolute_rf_channel_number, UINT16_MAX);
		add_real(cell, "rsrp", heard->rsrp);
		add_real(cell, "rsrq", heard->rsrq);
	}
}

/* What LTE hears of the older ones. */
static void read_lte_others(json_t *list,
			    const struct qk_nas_get_cell_location_info_response *response)
{
	for (size_t i = 0; i < response->lte_info_neighboring_wcdma.frequency.count; i++) {
		const struct qk_nas_lte_neighboring_wcdma *frequency =
			&response->lte_info_neighboring_wcdma.frequency.items[i];

		for (size_t k = 0; k < frequency->cell.count; k++)
			add_umts(add(list, MM_CELL_TYPE_UMTS, false),
				 frequency->utra_absolute_rf_channel_number,
				 frequency->cell.items[k].primary_scrambling_code,
				 frequency->cell.items[k].cpich_rscp * 0.1,
				 frequency->cell.items[k].cpich_ecno * 0.1);
	}
	for (size_t i = 0; i < response->lte_info_neighboring_gsm.frequency.count; i++) {
		const struct qk_nas_lte_neighboring_gsm *plan =
			&response->lte_info_neighboring_gsm.frequency.items[i];

		for (size_t k = 0; k < plan->cell.count; k++) {
			json_t *cell = add(list, MM_CELL_TYPE_GSM, false);

			add_number(cell, "arfcn",
				   plan->cell.items[k].geran_absolute_rf_channel_number,
				   UINT16_MAX);
			if (plan->cell.items[k].cell_id_valid)
				add_hex(cell, "base-station-id",
					plan->cell.items[k].base_station_identity_code, UINT8_MAX);
			add_rx_level(cell, plan->cell.items[k].rssi / 10);
		}
	}
}

/* --- 5G */

static void read_nr5g(json_t *list, const struct qk_nas_get_cell_location_info_response *response)
{
	const struct qk_nas_get_cell_location_info_response_nr5g_cell_information *info =
		&response->nr5g_cell_information;
	json_t *cell = add(list, MM_CELL_TYPE_5GNR, true);
	const uint8_t *area = info->tracking_area_code.data;

	add_plmn(cell, info->plmn);
	if (info->tracking_area_code.size == 3)
		add_hex(cell, "tac", (uint32_t)area[0] << 16 | (uint32_t)area[1] << 8 | area[2],
			0xffffff);
	add_hex(cell, "ci", info->global_cell_id, UINT64_MAX);
	add_hex(cell, "physical-ci", info->physical_cell_id, UINT16_MAX);
	if (response->has_nr5g_arfcn)
		add_number(cell, "nrarfcn", response->nr5g_arfcn, UINT32_MAX);
	add_real(cell, "rsrp", info->rsrp * 0.1);
	add_real(cell, "rsrq", info->rsrq * 0.1);
	add_real(cell, "sinr", info->snr * 0.1);
}

json_t *cell_info_read(const struct qk_nas_get_cell_location_info_response *response)
{
	json_t *list = json_array();

	if (response->has_geran_info_v2)
		read_gsm(list, &response->geran_info_v2);
	if (response->has_umts_info_v2)
		read_umts(list, response);
	if (response->has_intrafrequency_lte_info_v2)
		read_lte(list, response);
	if (response->has_nr5g_cell_information)
		read_nr5g(list, response);
	read_lte_frequencies(list, response);
	read_lte_others(list, response);
	return list;
}
