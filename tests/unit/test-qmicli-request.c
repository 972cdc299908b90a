/*
 * The requests that arguments of qmicli's commands make.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/dms.h>
#include <qmikit/dpm.h>
#include <qmikit/dsd.h>
#include <qmikit/gas.h>
#include <qmikit/gms.h>
#include <qmikit/loc.h>
#include <qmikit/nas.h>
#include <qmikit/uim.h>
#include <qmikit/wda.h>
#include <qmikit/wds.h>
#include <qmikit/wms.h>

#include "command-request.h"

static void request_is_filled_when_argument_is_a_name(void **state)
{
	struct failure failure;
	struct qk_dms_set_operating_mode_request *mode;
	struct qk_wds_get_packet_statistics_request *statistics;
	struct qk_gas_dms_set_usb_composition_request *composition;

	(void)state;
	mode = request_of("dms-set-operating-mode", "low-power", &failure);
	assert_non_null(mode);
	assert_true(mode->has_mode);
	assert_int_equal(mode->mode, QK_DMS_OPERATING_MODE_LOW_POWER);
	request_free(mode);
	composition = request_of("gas-dms-set-usb-composition", "0xFfFfFfFf", &failure);
	assert_non_null(composition);
	assert_int_equal(composition->usb_composition, UINT32_MAX);
	assert_true(composition->composition_persistence && composition->reboot_after_setting);
	assert_true(composition->has_immediate_setting && !composition->immediate_setting);
	request_free(composition);
	statistics = request_of("wds-get-packet-statistics", NULL, &failure);
	assert_non_null(statistics);
	assert_true(statistics->has_mask);
	assert_int_equal(statistics->mask, 0x3ff);
	request_free(statistics);
}

static void request_is_filled_when_argument_is_keys(void **state)
{
	struct failure failure;
	struct qk_wds_start_network_request *start;
	struct qk_wds_bind_mux_data_port_request *bind;
	struct qk_wda_set_data_format_request *format;

	(void)state;
	start = request_of("wds-start-network",
			   " APN = 'a, b' ,ip-type=6,auth=both,3gpp-profile=0,autoconnect=no",
			   &failure);
	assert_non_null(start);
	assert_true(start->has_apn && start->has_enable_autoconnect);
	assert_int_equal(start->apn.size, 4);
	assert_memory_equal(start->apn.data, "a, b", 4);
	assert_int_equal(start->ip_family_preference, 6);
	assert_int_equal(start->authentication_preference, 3);
	assert_false(start->has_profile_index_3gpp || start->enable_autoconnect);
	request_free(start);
	bind = request_of("wds-bind-mux-data-port", "mux-id=254,ep-iface-number=4", &failure);
	assert_non_null(bind);
	assert_int_equal(bind->mux_id, 254);
	assert_int_equal(bind->endpoint_info.endpoint_type, QK_DATA_ENDPOINT_TYPE_HSUSB);
	assert_int_equal(bind->endpoint_info.interface_number, 4);
	assert_int_equal(bind->client_type, QK_WDS_CLIENT_TYPE_TETHERED);
	request_free(bind);
	format = request_of("wda-set-data-format", "raw-ip", &failure);
	assert_non_null(format);
	assert_int_equal(format->link_layer_protocol, QK_WDA_LINK_LAYER_PROTOCOL_RAW_IP);
	assert_false(format->has_uplink_data_aggregation_protocol || format->has_endpoint_info);
	request_free(format);
}

static void request_is_filled_when_argument_has_no_keys(void **state)
{
	struct failure failure;
	struct qk_wds_start_network_request *start;
	struct qk_wds_stop_network_request *stop;
	struct qk_wds_bind_data_port_request *port;

	(void)state;
	start = request_of("wds-start-network", "internet,PAP,me,", &failure);
	assert_non_null(start);
	assert_memory_equal(start->apn.data, "internet", start->apn.size);
	assert_int_equal(start->authentication_preference, 1);
	assert_true(start->has_username && !start->has_password);
	request_free(start);
	start = request_of("wds-start-network", "", &failure);
	assert_non_null(start);
	assert_false(start->has_apn);
	request_free(start);
	stop = request_of("wds-stop-network", "0xffffffff", &failure);
	assert_non_null(stop);
	assert_int_equal(stop->packet_data_handle, UINT32_MAX);
	assert_false(stop->has_disable_autoconnect);
	request_free(stop);
	port = request_of("wds-bind-data-port", "0x0e05", &failure);
	assert_non_null(port);
	assert_int_equal(port->data_port, QK_WDS_SIO_PORT_A2_MUX_RMNET1);
	request_free(port);
}

static void request_is_filled_when_argument_is_parts(void **state)
{
	struct failure failure;
	struct qk_gms_test_set_value_request *value;
	struct qk_dsd_set_apn_type_request *type;

	(void)state;
	value = request_of("gms-test-set-value", "7", &failure);
	assert_non_null(value);
	assert_int_equal(value->test_mandatory_value, 7);
	assert_false(value->has_test_optional_value);
	request_free(value);
	value = request_of("gms-test-set-value", "7, 250", &failure);
	assert_non_null(value);
	assert_true(value->has_test_optional_value);
	assert_int_equal(value->test_optional_value, 250);
	request_free(value);
	type = request_of("dsd-set-apn-type", " a b ,mms|ims", &failure);
	assert_non_null(type);
	assert_int_equal(type->apn_type.name.size, 3);
	assert_memory_equal(type->apn_type.name.data, "a b", 3);
	assert_int_equal(type->apn_type.type,
			 QK_DSD_APN_TYPE_PREFERENCE_MMS | QK_DSD_APN_TYPE_PREFERENCE_IMS);
	request_free(type);
}

static void request_has_bytes_when_argument_is_hex(void **state)
{
	static const uint8_t select[] = { 0x00, 0xa4, 0x04 }, path[] = { 0x00, 0x3f, 0xff, 0x7f };
	struct qk_uim_send_apdu_request *apdu;
	struct qk_uim_read_record_request *record;
	struct failure failure;

	(void)state;
	apdu = request_of("uim-send-apdu", "1,2,00:a404", &failure);
	assert_non_null(apdu);
	assert_int_equal(apdu->slot, 1);
	assert_int_equal(apdu->channel_id, 2);
	assert_int_equal(apdu->apdu.size, sizeof(select));
	assert_memory_equal(apdu->apdu.data, select, sizeof(select));
	request_free(apdu);
	record = request_of("uim-read-record", "record-number=7,file=0x3F00-7fff-0x6F40", &failure);
	assert_non_null(record);
	assert_int_equal(record->record.record_number, 7);
	assert_true(record->has_session);
	assert_int_equal(record->file.file_id, 0x6f40);
	assert_int_equal(record->file.file_path.size, sizeof(path));
	assert_memory_equal(record->file.file_path.data, path, sizeof(path));
	request_free(record);
}

static void request_has_keys_when_they_stand_behind_parts(void **state)
{
	struct qk_uim_verify_pin_request *verify;
	struct failure failure;

	(void)state;
	verify = request_of("uim-verify-pin", "PIN1,1234", &failure);
	assert_non_null(verify);
	assert_int_equal(verify->session.session_type, QK_UIM_SESSION_TYPE_CARD_SLOT_1);
	assert_int_equal(verify->info.pin_id, QK_UIM_PIN_ID_PIN1);
	assert_int_equal(verify->info.pin_value.size, 4);
	request_free(verify);
	verify = request_of("uim-verify-pin", "PIN2,1234,session-type=card-slot-2", &failure);
	assert_non_null(verify);
	assert_int_equal(verify->session.session_type, QK_UIM_SESSION_TYPE_CARD_SLOT_2);
	assert_int_equal(verify->info.pin_id, QK_UIM_PIN_ID_PIN2);
	request_free(verify);
}

static void request_has_items_when_all_keys_come_again(void **state)
{
	struct qk_wms_set_routes_request *set;
	struct failure failure;
	char many[33 * 64] = "";

	(void)state;
	set = request_of("wms-set-routes",
			 "type=point,class=1,storage=uim,receipt-action=discard,"
			 "receipt-action=transfer-only,storage=nv,class=none,type=point",
			 &failure);
	assert_non_null(set);
	assert_true(set->has_route_list);
	assert_int_equal(set->route_list.count, 2);
	assert_int_equal(set->route_list.items[0].message_class, 1);
	assert_int_equal(set->route_list.items[1].message_class, QK_WMS_MESSAGE_CLASS_NONE);
	assert_int_equal(set->route_list.items[1].storage, QK_WMS_STORAGE_TYPE_NV);
	request_free(set);
	for (size_t i = 0; i < 33; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "%s%s", i ? "," : "",
			 "type=point,class=1,storage=uim,receipt-action=discard");
	assert_null(request_of("wms-set-routes", many, &failure));
	assert_non_null(strstr(failure.text, "more than 32"));
}

/* The two images of a firmware preference: bytes and their sizes. */
static void assert_images(const char *argument, const char *config, const char *carrier)
{
	struct failure failure;
	struct qk_dms_set_firmware_preference_request *set =
		request_of("dms-set-firmware-preference", argument, &failure);
	uint8_t modem[16] = "?_?", pri[16] = { 0 };

	assert_non_null(set);
	memcpy(pri, config, strlen(config));
	assert_true(set->has_list);
	assert_int_equal(set->list.count, 2);
	assert_int_equal(set->list.items[0].type, QK_DMS_FIRMWARE_IMAGE_TYPE_MODEM);
	assert_int_equal(set->list.items[0].unique_id.size, 16);
	assert_memory_equal(set->list.items[0].unique_id.data, modem, 16);
	assert_int_equal(set->list.items[0].build_id.size, 7);
	assert_memory_equal(set->list.items[0].build_id.data, "02.08_?", 7);
	assert_memory_equal(set->list.items[1].unique_id.data, pri, 16);
	assert_int_equal(set->list.items[1].build_id.size, strlen(carrier));
	assert_memory_equal(set->list.items[1].build_id.data, carrier, strlen(carrier));
	assert_int_equal(set->has_download_override, strchr(argument, '=') != NULL);
	assert_int_equal(set->modem_storage_index, strchr(argument, '=') ? 7 : 0);
	request_free(set);
}

static void request_has_images_when_firmware_is_chosen(void **state)
{
	struct failure failure;
	char big[300];

	(void)state;
	assert_images("02.08,002.007_000,VODAFONE", "002.007_000", "02.08_VODAFONE");
	assert_images("carrier='A B', config-version=0123456789abcdef,firmware-version=02.08,"
		      "modem-storage-index=7,override-download=yes",
		      "0123456789abcdef", "02.08_A B");
	assert_null(request_of("dms-set-firmware-preference", "a,0123456789abcdefg,c", &failure));
	assert_non_null(strstr(failure.hint, "at most 16"));
	memset(big, 'f', sizeof(big));
	memcpy(big + sizeof(big) - 5, ",b,c", 5);
	assert_null(request_of("dms-set-firmware-preference", big, &failure));
	memcpy(big + 253, ",b,c", 5); /* with "_c": the most that fits */
	struct qk_dms_set_firmware_preference_request *set =
		request_of("dms-set-firmware-preference", big, &failure);
	assert_non_null(set);
	assert_int_equal(set->list.items[1].build_id.size, 255);
	request_free(set);
}

static void request_is_filled_when_networks_are_chosen(void **state)
{
	struct failure failure;
	struct qk_nas_set_system_selection_preference_request *set;
	struct qk_nas_set_preferred_networks_request *networks;
	struct qk_nas_network_scan_request *scan;

	(void)state;
	set = request_of("nas-set-system-selection-preference", "lte||umts,manual=310041",
			 &failure);
	assert_non_null(set);
	assert_int_equal(set->mode_preference,
			 QK_NAS_RAT_MODE_PREFERENCE_LTE | QK_NAS_RAT_MODE_PREFERENCE_UMTS);
	assert_int_equal(set->acquisition_order_preference.count, 2);
	assert_int_equal(set->acquisition_order_preference.items[0], QK_NAS_RADIO_INTERFACE_LTE);
	assert_true(set->has_gsm_wcdma_acquisition_order_preference);
	assert_int_equal(set->network_selection_preference.mode,
			 QK_NAS_NETWORK_SELECTION_PREFERENCE_MANUAL);
	assert_int_equal(set->network_selection_preference.mcc, 310);
	assert_int_equal(set->network_selection_preference.mnc, 41);
	assert_true(set->mnc_pcs_digit_include_status);
	request_free(set);
	set = request_of("nas-set-system-selection-preference", "automatic", &failure);
	assert_non_null(set);
	assert_true(set->has_network_selection_preference && !set->has_mode_preference);
	assert_false(set->has_acquisition_order_preference);
	assert_int_equal(set->change_duration, QK_NAS_CHANGE_DURATION_PERMANENT);
	request_free(set);
	networks =
		request_of("nas-set-preferred-networks", "26201,eutran|utran,310410,all", &failure);
	assert_non_null(networks);
	assert_int_equal(networks->preferred_networks.count, 2);
	assert_int_equal(networks->preferred_networks.items[0].radio_access_technology, 0xc000);
	assert_int_equal(networks->preferred_networks.items[1].mnc, 410);
	assert_true(networks->mnc_pcs_digit_include_status.items[1].includes_pcs_digit);
	assert_true(networks->clear_previous_preferred_networks);
	request_free(networks);
	scan = request_of("nas-network-scan", NULL, &failure);
	assert_non_null(scan);
	assert_false(scan->has_network_type);
	request_free(scan);
}

static void request_has_lists_when_keys_repeat(void **state)
{
	struct failure failure;
	struct qk_dpm_open_port_request *open;
	char many[1024] = "";

	(void)state;
	open = request_of("dpm-open-port",
			  "hw-data-ep-type=embedded,hw-data-ep-iface-number=1,hw-data-rx-id=10,"
			  "hw-data-tx-id=2,hw-data-tx-id=3,hw-data-rx-id=4,"
			  "hw-data-ep-iface-number=5,hw-data-ep-type=pcie",
			  &failure);
	assert_non_null(open);
	assert_int_equal(open->hardware_data_ports.count, 2);
	assert_int_equal(open->hardware_data_ports.items[0].rx_endpoint_number, 10);
	assert_int_equal(open->hardware_data_ports.items[1].tx_endpoint_number, 3);
	assert_false(open->has_control_ports || open->has_software_data_ports);
	request_free(open);
	assert_null(request_of("dpm-open-port", "ctrl-port-name=a", &failure));
	assert_non_null(strstr(failure.text, "unfinished control port"));
	for (int i = 0; i < 9; i++)
		strncat(many, "ctrl-ep-type=pcie,ctrl-port-name=a,ctrl-ep-iface-number=1,",
			sizeof(many) - strlen(many) - 1);
	assert_null(request_of("dpm-open-port", many, &failure));
	assert_non_null(strstr(failure.text, "at most 8"));
}

static void request_has_a_fraction_when_it_is_in_range(void **state)
{
	static const char *const bad[] = { "90.1", "-91", "nan", "inf", "", "1x", "x" };
	struct qk_loc_inject_position_request *inject;
	struct failure failure;

	(void)state;
	inject = request_of("loc-inject-position-latitude", "-89.5", &failure);
	assert_non_null(inject);
	assert_true(inject->has_latitude && inject->latitude == -89.5);
	assert_int_equal(inject->position_source, QK_LOC_POSITION_SOURCE_OTHER);
	request_free(inject);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(request_of("loc-inject-position-latitude", bad[i], &failure));
		assert_int_equal(failure.code, EXIT_USAGE);
	}
}

static void request_has_flags_when_names_are_joined(void **state)
{
	struct qk_loc_set_nmea_types_request *types;
	struct failure failure;

	(void)state;
	types = request_of("loc-set-nmea-types", "gga| rmc ||vtg|", &failure);
	assert_non_null(types);
	assert_int_equal(types->nmea_types,
			 QK_LOC_NMEA_TYPE_GGA | QK_LOC_NMEA_TYPE_RMC | QK_LOC_NMEA_TYPE_VTG);
	request_free(types);
	assert_null(request_of("loc-set-nmea-types", "gga|gg", &failure));
}

static void request_has_a_list_when_profiles_are_joined(void **state)
{
	struct qk_wds_set_lte_attach_pdn_list_request *set;
	char many[2 * 256] = "";
	struct failure failure;

	(void)state;
	for (size_t i = 0; i < sizeof(many) - 1; i++)
		many[i] = i % 2 ? ',' : '1';
	assert_null(request_of("wds-set-lte-attach-pdn-list", many, &failure)); /* 256 of them */
	many[sizeof(many) - 3] = 0;
	set = request_of("wds-set-lte-attach-pdn-list", many, &failure);
	assert_non_null(set);
	assert_int_equal(set->list.count, 255);
	assert_int_equal(set->list.items[254], 1);
	request_free(set);
}

static void request_has_a_range_when_it_is_of_vlans(void **state)
{
	static const char *const bad[] = { "3gpp,vlan-range=1", "3gpp,vlan-range=[1-65536]",
					   "3gpp,vlan-range=-", "3gpp,vlan-range=[1-2" };
	struct qk_wds_create_profile_request *create;
	struct failure failure;

	(void)state;
	create = request_of("wds-create-profile", "3gpp,vlan-range=[100-200]", &failure);
	assert_non_null(create);
	assert_int_equal(create->vlan_id_type.vlan_id_range_start, 100);
	assert_int_equal(create->vlan_id_type.vlan_id_range_end, 200);
	request_free(create);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(request_of("wds-create-profile", bad[i], &failure));
		assert_int_equal(failure.code, EXIT_USAGE);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_is_filled_when_argument_is_a_name),
		cmocka_unit_test(request_is_filled_when_argument_is_keys),
		cmocka_unit_test(request_is_filled_when_argument_has_no_keys),
		cmocka_unit_test(request_is_filled_when_argument_is_parts),
		cmocka_unit_test(request_has_bytes_when_argument_is_hex),
		cmocka_unit_test(request_has_keys_when_they_stand_behind_parts),
		cmocka_unit_test(request_has_items_when_all_keys_come_again),
		cmocka_unit_test(request_has_images_when_firmware_is_chosen),
		cmocka_unit_test(request_is_filled_when_networks_are_chosen),
		cmocka_unit_test(request_has_lists_when_keys_repeat),
		cmocka_unit_test(request_has_a_fraction_when_it_is_in_range),
		cmocka_unit_test(request_has_flags_when_names_are_joined),
		cmocka_unit_test(request_has_a_list_when_profiles_are_joined),
		cmocka_unit_test(request_has_a_range_when_it_is_of_vlans),
	};

	return cmocka_run_group_tests_name("qmicli-request", tests, NULL, NULL);
}
