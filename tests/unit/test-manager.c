/* Manager: what is computed without a bus and without a modem. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <qmikit/dms.h>
#include <qmikit/nas.h>

#include "api/api-names.h"
#include "manager/cell-info.h"
#include "manager/ip-config.h"
#include "manager/radio.h"
#include "manager/time-text.h"

static void assert_json(json_t *take_value, const char *text)
{
	json_t *wanted = json_loads(text, 0, NULL);

	assert_non_null(wanted);
	if (!json_equal(take_value, wanted)) {
		char *shown = json_dumps(take_value, 0);

		print_error("%s\n", shown);
		free(shown);
		fail();
	}
	json_decref(wanted);
	json_decref(take_value);
}

static void radio_lists_bands_in_the_order_of_the_bus(void **state)
{
	const uint64_t lte[4] = { 0x000001e0080800c5, 0x2, 0, 0 };

	(void)state;
	/* egsm, dcs, utran-1, utran-8; B1 B3 B7 B8 B20 B28 B38-41, B66 */
	assert_json(radio_bands(QK_DMS_BAND_CAPABILITY_GSM_DCS_1800 |
					QK_DMS_BAND_CAPABILITY_GSM_900_EXTENDED |
					QK_DMS_BAND_CAPABILITY_WCDMA_2100 |
					QK_DMS_BAND_CAPABILITY_WCDMA_900,
				lte),
		    "[1, 2, 5, 10, 31, 33, 37, 38, 50, 58, 68, 69, 70, 71, 96]");
}

static void radio_lists_every_combination_of_modes(void **state)
{
	(void)state;
	assert_json(radio_mode_combinations(MM_MODEM_MODE_2G | MM_MODEM_MODE_3G | MM_MODEM_MODE_4G),
		    "[[2,0], [4,0], [8,0], [6,4], [6,2], [10,8], [10,2], [12,8], [12,4],"
		    " [14,8], [14,4], [14,2]]");
	assert_json(radio_mode_combinations(MM_MODEM_MODE_4G), "[[8,0]]");
	assert_json(radio_mode_combinations(MM_MODEM_MODE_NONE), "[]");
}

static void radio_puts_bands_back_into_flags(void **state)
{
	uint64_t wanted[4] = { 0x5, 0x40, 0, 0 }, lte[4];
	json_t *bands = radio_bands(QK_DMS_BAND_CAPABILITY_WCDMA_2100, wanted);

	(void)state;
	assert_true(radio_flags_of_bands(bands, lte) == QK_DMS_BAND_CAPABILITY_WCDMA_2100);
	for (size_t i = 0; i < 4; i++)
		assert_true(lte[i] == (i == 0 ? 0x5 : i == 1 ? 0x40 : 0));
	json_decref(bands);
}

static void radio_orders_the_preferred_mode_first(void **state)
{
	int8_t order[4];
	uint32_t all = MM_MODEM_MODE_2G | MM_MODEM_MODE_3G | MM_MODEM_MODE_4G;

	(void)state;
	assert_int_equal(radio_acquisition_order(all, MM_MODEM_MODE_3G, order, 4), 3);
	assert_int_equal(order[0], QK_DMS_RADIO_INTERFACE_UMTS);
	assert_int_equal(order[1], QK_DMS_RADIO_INTERFACE_LTE);
	assert_int_equal(order[2], QK_DMS_RADIO_INTERFACE_GSM);
	assert_int_equal(radio_acquisition_order(all, 0, order, 2), 2);
	assert_int_equal(radio_mode_of(order[0]), MM_MODEM_MODE_4G);
	assert_int_equal(radio_modes_of_preference(radio_preference_of_modes(all)), all);
}

static void radio_knows_what_an_interface_brings(void **state)
{
	const uint8_t interfaces[] = { QK_DMS_RADIO_INTERFACE_GSM, QK_DMS_RADIO_INTERFACE_LTE, 99 };

	(void)state;
	assert_int_equal(radio_capabilities(interfaces, 3),
			 MM_MODEM_CAPABILITY_GSM_UMTS | MM_MODEM_CAPABILITY_LTE);
	assert_int_equal(radio_modes(interfaces, 3), MM_MODEM_MODE_2G | MM_MODEM_MODE_4G);
	assert_int_equal(radio_modes_of_preference(QK_NAS_RAT_MODE_PREFERENCE_UMTS),
			 MM_MODEM_MODE_3G);
}

/* -78 dBm is what ModemManager 1.20.4 calls 57 percent. */
static void radio_counts_percents_as_published(void **state)
{
	static const struct {
		int8_t rssi;
		int percent;
	} rows[] = { { -51, 100 }, { -30, 100 }, { -78, 57 }, { -113, 0 },
		     { -124, 0 },  { -125, -1 }, { 0, -1 },   { 12, -1 } };
	struct qk_nas_get_signal_info_response values = { .has_gsm_signal_strength = true };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		values.gsm_signal_strength = rows[i].rssi;
		assert_int_equal(radio_signal_quality(&values), rows[i].percent);
	}
}

static void radio_takes_the_best_radio_when_several_are_measured(void **state)
{
	const struct qk_nas_get_signal_info_response values = {
		.has_gsm_signal_strength = true,
		.gsm_signal_strength = -100,
		.has_wcdma_signal_strength = true,
		.wcdma_signal_strength = { .rssi = -60, .ecio = 10 },
		.has_lte_signal_strength = true,
		.lte_signal_strength = { .rssi = -80 },
	};

	(void)state;
	assert_int_equal(radio_signal_quality(&values), 86);
}

/* Of 5G the worst of three values counts; those that are not measured do not. */
static void radio_takes_the_worst_value_of_5g(void **state)
{
	struct qk_nas_get_signal_info_response values = {
		.has_5g_signal_strength = true,
		._5g_signal_strength = { .rsrp = -92, .snr = 85 },
		.has_5g_signal_strength_extended = true,
		._5g_signal_strength_extended = -11,
	};

	(void)state;
	assert_int_equal(radio_signal_quality(&values), 49);
	values._5g_signal_strength_extended = -32768;
	assert_int_equal(radio_signal_quality(&values), 49);
	values._5g_signal_strength.snr = -32768;
	assert_int_equal(radio_signal_quality(&values), 50);
	values._5g_signal_strength.rsrp = -32768;
	assert_int_equal(radio_signal_quality(&values), -1);
	values.has_lte_signal_strength = true;
	values.lte_signal_strength.rssi = -78;
	assert_int_equal(radio_signal_quality(&values), 57);
}

static void time_is_written_with_its_zone(void **state)
{
	static const struct {
		int64_t utc;
		int quarters;
		const char *text;
	} rows[] = {
		{ 1700000000, 0, "2023-11-14T22:13:20Z" },
		{ 1700000000, 8, "2023-11-15T00:13:20+02" },
		{ 1700000000, -14, "2023-11-14T18:43:20-03:30" },
		{ 1700000000, 23, "2023-11-15T03:58:20+05:45" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(time_text(rows[i].utc, rows[i].quarters, text, sizeof(text)),
				    rows[i].text);
}

static void time_is_read_from_at(void **state)
{
	static const char *const wrong[] = {
		"",
		"+QLTS: \"\"",
		"+QLTS: \"2024/05/12,05:04:55\"",
		"+QLTS: \"2024/05/12,05:04:55+08\"",
		"+QLTS: \"2024/13/12,05:04:55+08,0\"",
		"+QLTS: \"2024/05/12,25:04:55+08,0\"",
		"+QLTS: \"2024/05/12,05:04:55+57,0\"",
		"+QLTS: \"1969/05/12,05:04:55+08,0\"",
		"+QLTS: \"24/05/12,05:04:55+08,0\"",
		"+CCLK: \"2024/05/12,05:04:55+08,0\"",
	};
	struct time_told told;

	(void)state;
	assert_true(time_from_at("+QLTS: \"2023/11/14,22:13:20+08,1\"", &told));
	assert_int_equal(told.utc, 1700000000);
	assert_int_equal(told.quarters, 8);
	assert_int_equal(told.saving, 1);
	assert_true(time_from_at("+QIND: x\r\n+QLTS: \"2023/11/14,22:13:20-14,0\"", &told));
	assert_int_equal(told.quarters, -14);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(time_from_at(wrong[i], &told));
}

static void ip_config_says_what_the_network_gave(void **state)
{
	uint16_t address[] = { 0x2001, 0xdb8, 0, 0, 0, 0, 0, 1 };
	const struct qk_wds_get_current_settings_response settings = {
		.has_ipv4_address = true,
		.ipv4_address = 0x0a010203,
		.has_ipv4_gateway_subnet_mask = true,
		.ipv4_gateway_subnet_mask = 0xfffffff8,
		.has_primary_ipv4_dns_address = true,
		.primary_ipv4_dns_address = 0x08080808,
		.has_ipv6_address = true,
		.ipv6_address = { { address, 8 }, 64 },
		.has_mtu = true,
		.mtu = 1430,
	};

	(void)state;
	assert_json(ip_config_v4(&settings),
		    "{\"method\": 2, \"address\": \"10.1.2.3\", \"prefix\": 29,"
		    " \"dns1\": \"8.8.8.8\", \"mtu\": 1430}");
	assert_json(ip_config_v6(&settings),
		    "{\"method\": 2, \"address\": \"2001:db8::1\", \"prefix\": 64, \"mtu\": 1430}");
}

static void ip_config_is_empty_without_an_address(void **state)
{
	uint16_t half[] = { 0x2001, 0xdb8 };
	const struct qk_wds_get_current_settings_response settings = {
		.has_ipv6_address = true,
		.ipv6_address = { { half, 2 }, 64 },
	};

	(void)state;
	assert_json(ip_config_v4(&settings), "{}");
	assert_json(ip_config_v6(&settings), "{}");
}

static void cell_info_leaves_out_what_the_modem_does_not_know(void **state)
{
	const struct qk_nas_get_cell_location_info_response response = {
		.has_geran_info_v2 = true,
		.geran_info_v2 = {
			.cell_id = UINT32_MAX,
			.plmn = { (const uint8_t *)"\xff\xff\xff", 3 },
			.lac = UINT16_MAX,
			.geran_absolute_rf_channel_number = 62,
			.base_station_identity_code = UINT8_MAX,
			.timing_advance = UINT32_MAX,
			.rx_level = UINT16_MAX,
		},
	};

	(void)state;
	assert_json(cell_info_read(&response),
		    "[{\"cell-type\": 2, \"serving\": true, \"arfcn\": 62}]");
}

static void cell_info_reads_5g(void **state)
{
	const struct qk_nas_get_cell_location_info_response response = {
		.has_nr5g_cell_information = true,
		.nr5g_cell_information = {
			.plmn = { (const uint8_t *)"\x00\xf1\x10", 3 },
			.tracking_area_code = { (const uint8_t *)"\x01\x02\x03", 3 },
			.global_cell_id = 0x123456789,
			.physical_cell_id = 500,
			.rsrq = -110,
			.rsrp = -900,
			.snr = 250,
		},
		.has_nr5g_arfcn = true,
		.nr5g_arfcn = 634080,
	};

	(void)state;
	assert_json(cell_info_read(&response),
		    "[{\"cell-type\": 6, \"serving\": true, \"operator-id\": \"00101\","
		    " \"tac\": \"10203\", \"ci\": \"123456789\", \"physical-ci\": \"1F4\","
		    " \"nrarfcn\": 634080, \"rsrp\": -90.0, \"rsrq\": -11.0, \"sinr\": 25.0}]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cell_info_leaves_out_what_the_modem_does_not_know),
		cmocka_unit_test(cell_info_reads_5g),
		cmocka_unit_test(radio_lists_bands_in_the_order_of_the_bus),
		cmocka_unit_test(radio_lists_every_combination_of_modes),
		cmocka_unit_test(radio_puts_bands_back_into_flags),
		cmocka_unit_test(radio_orders_the_preferred_mode_first),
		cmocka_unit_test(radio_knows_what_an_interface_brings),
		cmocka_unit_test(radio_counts_percents_as_published),
		cmocka_unit_test(radio_takes_the_best_radio_when_several_are_measured),
		cmocka_unit_test(radio_takes_the_worst_value_of_5g),
		cmocka_unit_test(time_is_written_with_its_zone),
		cmocka_unit_test(time_is_read_from_at),
		cmocka_unit_test(ip_config_says_what_the_network_gave),
		cmocka_unit_test(ip_config_is_empty_without_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
