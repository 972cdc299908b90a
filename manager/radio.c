/* Radio: tables, and walks over bits. */
#include "radio.h"

#include <qmikit/dms.h>
#include <qmikit/nas.h>

#include "api/api-names.h"

/* In the order in which the bus lists them. The flags of DMS and of NAS are the same. */
static const struct band {
	uint64_t flag;
	enum mm_modem_band band;
} bands_of_flags[] = {
	{ QK_DMS_BAND_CAPABILITY_GSM_900_EXTENDED, MM_MODEM_BAND_EGSM },
	{ QK_DMS_BAND_CAPABILITY_GSM_DCS_1800, MM_MODEM_BAND_DCS },
	{ QK_DMS_BAND_CAPABILITY_GSM_PCS_1900, MM_MODEM_BAND_PCS },
	{ QK_DMS_BAND_CAPABILITY_GSM_850, MM_MODEM_BAND_G850 },
	{ QK_DMS_BAND_CAPABILITY_GSM_450, MM_MODEM_BAND_G450 },
	{ QK_DMS_BAND_CAPABILITY_GSM_480, MM_MODEM_BAND_G480 },
	{ QK_DMS_BAND_CAPABILITY_GSM_750, MM_MODEM_BAND_G750 },
	{ QK_DMS_BAND_CAPABILITY_WCDMA_2100, MM_MODEM_BAND_UTRAN_1 },
	{ QK_DMS_BAND_CAPABILITY_WCDMA_DCS_1800, MM_MODEM_BAND_UTRAN_3 },
	{ QK_DMS_BAND_CAPABILITY_WCDMA_1700_US, MM_MODEM_BAND_UTRAN_4 },
	{ QK_DMS_BAND_CAPABILITY_WCDMA_800, MM_MODEM_BAND_UTRAN_6 },
	{ QK_DMS_BAND_CAPABILITY_WCDMA_850_US, MM_MODEM_BAND_UTRAN_5 },
	{ QK_DMS_BAND_CAPABILITY_WCDMA_900, MM_MODEM_BAND_UTRAN_8 },
	{ QK_DMS_BAND_CAPABILITY_WCDMA_1700_JAPAN, MM_MODEM_BAND_UTRAN_9 },
	{ QK_DMS_BAND_CAPABILITY_WCDMA_PCS_1900, MM_MODEM_BAND_UTRAN_2 },
	{ QK_DMS_BAND_CAPABILITY_WCDMA_2600, MM_MODEM_BAND_UTRAN_7 },
	{ QK_DMS_BAND_CAPABILITY_WCDMA_1500, MM_MODEM_BAND_UTRAN_11 },
	{ QK_DMS_BAND_CAPABILITY_WCDMA_850_JAPAN, MM_MODEM_BAND_UTRAN_19 },
};

/* What a radio interface brings. */
static const struct radio {
	enum qk_dms_radio_interface interface;
	uint16_t preference; /* of NAS */
	uint32_t capability, mode;
} radios[] = {
	{ QK_DMS_RADIO_INTERFACE_GSM, QK_NAS_RAT_MODE_PREFERENCE_GSM, MM_MODEM_CAPABILITY_GSM_UMTS,
	  MM_MODEM_MODE_2G },
	{ QK_DMS_RADIO_INTERFACE_UMTS, QK_NAS_RAT_MODE_PREFERENCE_UMTS,
	  MM_MODEM_CAPABILITY_GSM_UMTS, MM_MODEM_MODE_3G },
	{ QK_DMS_RADIO_INTERFACE_LTE, QK_NAS_RAT_MODE_PREFERENCE_LTE, MM_MODEM_CAPABILITY_LTE,
	  MM_MODEM_MODE_4G },
	{ QK_DMS_RADIO_INTERFACE_5GNR, QK_NAS_RAT_MODE_PREFERENCE_5GNR, MM_MODEM_CAPABILITY_5GNR,
	  MM_MODEM_MODE_5G },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

json_t *radio_bands(uint64_t bands, const uint64_t lte[4])
{
	json_t *list = json_array();

	for (size_t i = 0; i < COUNT(bands_of_flags); i++)
		if (bands & bands_of_flags[i].flag)
			json_array_append_new(list, json_integer(bands_of_flags[i].band));
	for (unsigned int bit = 0; bit < 256; bit++) {
		int64_t band = MM_MODEM_BAND_EUTRAN_1 + bit;

		if ((lte[bit / 64] >> bit % 64) & 1 && api_value_name(&api_values_modem_band, band))
			json_array_append_new(list, json_integer(band));
	}
	return list;
}

uint32_t radio_capabilities(const uint8_t *interfaces, size_t count)
{
	uint32_t found = MM_MODEM_CAPABILITY_NONE;

	for (size_t i = 0; i < count; i++)
		for (size_t row = 0; row < COUNT(radios); row++)
			if (interfaces[i] == radios[row].interface)
				found |= radios[row].capability;
	return found;
}

uint32_t radio_modes(const uint8_t *interfaces, size_t count)
{
	uint32_t found = MM_MODEM_MODE_NONE;

	for (size_t i = 0; i < count; i++)
		for (size_t row = 0; row < COUNT(radios); row++)
			if (interfaces[i] == radios[row].interface)
				found |= radios[row].mode;
	return found;
}

uint32_t radio_modes_of_preference(uint16_t preference)
{
	uint32_t found = MM_MODEM_MODE_NONE;

	for (size_t row = 0; row < COUNT(radios); row++)
		if (preference & radios[row].preference)
			found |= radios[row].mode;
	return found;
}

uint16_t radio_preference_of_modes(uint32_t modes)
{
	uint16_t found = 0;

	for (size_t row = 0; row < COUNT(radios); row++)
		if (modes & radios[row].mode)
			found |= radios[row].preference;
	return found;
}

uint32_t radio_mode_of(int8_t interface)
{
	for (size_t row = 0; row < COUNT(radios); row++)
		if ((int)radios[row].interface == interface)
			return radios[row].mode;
	return 0;
}

uint64_t radio_flags_of_bands(const json_t *bands, uint64_t ret_lte[4])
{
	uint64_t flags = 0;
	const json_t *band;
	size_t i;

	for (i = 0; i < 4; i++)
		ret_lte[i] = 0;
	json_array_foreach(bands, i, band)
	{
		json_int_t number = json_integer_value(band);
		json_int_t bit = number - MM_MODEM_BAND_EUTRAN_1;

		for (size_t row = 0; row < COUNT(bands_of_flags); row++)
			if ((json_int_t)bands_of_flags[row].band == number)
				flags |= bands_of_flags[row].flag;
		if (bit >= 0 && bit < MM_MODEM_BAND_CDMA_BC0 - MM_MODEM_BAND_EUTRAN_1)
			ret_lte[bit / 64] |= (uint64_t)1 << bit % 64;
	}
	return flags;
}

size_t radio_acquisition_order(uint32_t modes, uint32_t preferred, int8_t *ret_order, size_t max)
{
	size_t count = 0;

	for (size_t row = 0; row < COUNT(radios); row++)
		if ((radios[row].mode & modes & preferred) && count < max)
			ret_order[count++] = (int8_t)radios[row].interface;
	for (size_t row = COUNT(radios); row > 0; row--)
		if ((radios[row - 1].mode & modes & ~preferred) && count < max)
			ret_order[count++] = (int8_t)radios[row - 1].interface;
	return count;
}

/* Single modes first, then pairs, then triples; of each the newest mode is preferred first. */
static void add_combinations(json_t *list, uint32_t modes, unsigned int size)
{
	for (uint32_t set = MM_MODEM_MODE_2G; set <= modes; set += MM_MODEM_MODE_2G) {
		if ((set & ~modes) || (unsigned int)__builtin_popcount(set) != size)
			continue;
		if (size == 1)
			json_array_append_new(list, json_pack("[i, i]", set, MM_MODEM_MODE_NONE));
		for (uint32_t mode = MM_MODEM_MODE_5G; size > 1 && mode >= MM_MODEM_MODE_2G;
		     mode >>= 1)
			if (set & mode)
				json_array_append_new(list, json_pack("[i, i]", set, mode));
	}
}

json_t *radio_mode_combinations(uint32_t modes)
{
	json_t *list = json_array();

	for (unsigned int size = 1; size <= 4; size++)
		add_combinations(list, modes, size);
	return list;
}

/* --- Percents */

/* The weakest and the strongest that count; published with the API. Of RSSI they are those of TS 27.007 8.5. */
struct range {
	int low, high;
};

static const struct range rssi_range = { -113, -51 };
static const struct range rsrp_range = { -140, -44 };
static const struct range rsrq_range = { -43, 20 };
static const struct range snr_range = { -23, 40 };

/* Values that cannot be: stock's limits of what it takes as an RSSI. */
static bool is_rssi(int dbm)
{
	return dbm > -125 && dbm < 0;
}

/* Counted from the top, which is how stock rounds. */
static int rssi_percent(int rssi)
{
	int high = rssi_range.high, low = rssi_range.low;

	rssi = rssi < low ? low : rssi > high ? high : rssi;
	return 100 - (high - rssi) * 100 / (high - low);
}

/* The worse of two; values out of their range do not count. */
static int worse(int percent, int value, const struct range *range)
{
	int other = (value - range->low) * 100 / (range->high - range->low);

	if (value < range->low || value > range->high)
		return percent;
	return percent < 0 || other < percent ? other : percent;
}

int radio_signal_quality(const struct qk_nas_get_signal_info_response *values)
{
	const struct {
		bool has;
		int rssi;
	} rows[] = {
		{ values->has_gsm_signal_strength, values->gsm_signal_strength },
		{ values->has_wcdma_signal_strength, values->wcdma_signal_strength.rssi },
		{ values->has_lte_signal_strength, values->lte_signal_strength.rssi },
	};
	int best = -1, nr = -1;

	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].has && is_rssi(rows[i].rssi) && rssi_percent(rows[i].rssi) > best)
			best = rssi_percent(rows[i].rssi);
	if (values->has_5g_signal_strength) {
		nr = worse(nr, values->_5g_signal_strength.rsrp, &rsrp_range);
		nr = worse(nr, values->_5g_signal_strength.snr / 10, &snr_range);
	}
	if (values->has_5g_signal_strength_extended)
		nr = worse(nr, values->_5g_signal_strength_extended, &rsrq_range);
	return nr > best ? nr : best;
}
