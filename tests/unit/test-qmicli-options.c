/*
 * qmicli's command line: GLib's syntax, what is refused, requests from arguments, and that help and
 * manual page name everything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/dms.h>
#include <qmikit/dpm.h>
#include <qmikit/dsd.h>
#include <qmikit/gas.h>
#include <qmikit/gms.h>
#include <qmikit/nas.h>
#include <qmikit/uim.h>
#include <qmikit/wda.h>
#include <qmikit/wds.h>
#include <qmikit/wms.h>

#include "qmicli/help.h"
#include "qmicli/options.h"
#include "qmicli/request.h"

enum { WORDS_MAX = 12 };

/* Parses the words of `line`, split at blanks, in place. */
static int parse(char *line, struct options *ret, struct failure *failure)
{
	char *argv[WORDS_MAX] = { "qmicli" }, *save = NULL;
	int argc = 1;

	*failure = (struct failure){ 0 };
	for (char *word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	return options_parse(ret, argc, argv, failure);
}

/* Options that stand for the same: device and flags are as in "-d x -p -v --dms-get-model". */
static void options_mean_the_same_when_spelled_differently(void **state)
{
	char lines[][64] = {
		"-d x -p -v --dms-get-model",
		"-dx -pv --dms-get-model",
		"--dms-get-model --device=x --device-open-proxy --verbose",
		"--device x -vp --dms-get-model",
		"-dvp x --dms-get-model",
		"-pvd x --dms-get-model stray words",
		"-pvdx --dms-get-model=1 -- --no-option-any-more",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct options options;
		struct failure failure;

		if (parse(lines[i], &options, &failure))
			fail_msg("line %zu: %s", i, failure.text);
		assert_non_null(options.device);
		assert_string_equal(options.device, "x");
		assert_true(options.open_proxy && options.verbose);
		assert_int_equal(options.action_count, 1);
		assert_string_equal(options.actions[0].command->name, "dms-get-model");
		options_done(&options);
	}
}

static void options_keep_order_when_actions_are_several(void **state)
{
	char line[] = "--nas-noop --dms-set-operating-mode=online --nas-noop "
		      "--dms-set-operating-mode reset";
	struct options options;
	struct failure failure;

	(void)state;
	assert_int_equal(parse(line, &options, &failure), 0);
	assert_int_equal(options.action_count, 2);
	assert_string_equal(options.actions[0].command->name, "nas-noop");
	assert_string_equal(options.actions[0].service->name, "nas");
	assert_string_equal(options.actions[1].argument, "reset");
	options_done(&options);
}

static void options_join_arguments_when_one_repeats(void **state)
{
	char line[] = "--uim-monitor-refresh-file=3F00,2FE2 --dms-noop --uim-monitor-refresh-file "
		      "0x6F07 --uim-monitor-refresh-file 7FFF-6F38";
	struct options options;
	struct failure failure;
	struct qk_uim_refresh_register_request *watch;
	void *request;

	(void)state;
	assert_int_equal(parse(line, &options, &failure), 0);
	assert_int_equal(options.action_count, 2);
	assert_int_equal(request_new(&options.actions[0], &request, &failure), 0);
	watch = request;
	assert_true(watch->info.register_flag);
	assert_int_equal(watch->info.files.count, 3);
	assert_int_equal(watch->info.files.items[0].file_id, 0x2fe2);
	assert_int_equal(watch->info.files.items[0].path.size, 2);
	assert_int_equal(watch->info.files.items[1].path.size, 0);
	assert_int_equal(watch->info.files.items[2].file_id, 0x6f38);
	assert_int_equal(watch->info.files.items[2].path.data[0], 0xff);
	request_free(request);
	options_done(&options);
}

static void options_fail_when_wrong(void **state)
{
	struct {
		char line[64];
		const char *text, *hint;
	} cases[] = {
		{ "--dms-get-modle", "Unknown option", "--dms-get-model?" },
		{ "--xyzzy", "Unknown option", "--help-all" },
		{ "--help-xyz", "Unknown option", "" },
		{ "-x", "Unknown option -x", "" },
		{ "-d", "Missing argument for -d", "" },
		{ "--client-cid", "Missing argument", "" },
		{ "--client-cid=0", "--client-cid: invalid CID given '0'", "1 to 255" },
		{ "--client-cid=255x", "invalid CID", "" },
		{ "--client-cid=256", "invalid CID", "" },
		{ "--client-cid=1 --dms-noop --nas-noop", "--client-cid: ", "one service" },
		{ "--timeout=0", "invalid timeout", "" },
		{ "--timeout=1e-7", "invalid timeout", "" },
		{ "--timeout=nan", "invalid timeout", "" },
		{ "--timeout=1e9", "invalid timeout", "" },
		{ "-v --verbose-full", "same time", "" },
		{ "--device-open-qmi --device-open-auto", "multiple mode flags", "" },
		{ "--device-open-net=net-raw-ip", "--device-open-net: ", "QoS header choice" },
		{ "--device-open-net=net-802-3|net-raw-ip", "", "exclude each other" },
		{ "--device-open-net=", "", "no flag is in it" },
		{ "--device-open-net=|", "", "no flag is in it" },
		{ "--help=1", "Unknown option --help=1", "" },
		{ "--help-all=1", "Unknown option", "" },
		{ "--device-open-net=x", "invalid device open value", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options options;
		struct failure failure;

		if (parse(cases[i].line, &options, &failure) != EXIT_USAGE)
			fail_msg("case %zu was taken", i);
		if (!strstr(failure.text, cases[i].text) || !strstr(failure.hint, cases[i].hint))
			fail_msg("case %zu says: %s; %s", i, failure.text, failure.hint);
		options_done(&options);
	}
}

static void options_read_numbers_when_right(void **state)
{
	char line[] =
		"--client-cid=255 --timeout 1.5 --device-open-net=net-raw-ip|net-no-qos-header";
	struct options options;
	struct failure failure;

	(void)state;
	assert_int_equal(parse(line, &options, &failure), 0);
	assert_int_equal(options.cid, 255);
	assert_int_equal(options.timeout_usec, 1500000);
	assert_int_equal(options.net_flags, OPEN_NET_RAW_IP | OPEN_NET_NO_QOS);
	options_done(&options);
}

static void options_read_flags_when_blanks_are_between(void **state)
{
	char word[] = "--device-open-net= |net-802-3 | \tnet-qos-header||";
	char *argv[] = { "qmicli", word };
	struct options options;
	struct failure failure = { 0 };

	(void)state;
	assert_int_equal(options_parse(&options, 2, argv, &failure), 0);
	assert_int_equal(options.net_flags, OPEN_NET_802_3 | OPEN_NET_QOS);
	options_done(&options);
}

static void options_end_when_help_is_asked(void **state)
{
	char lines[][64] = { "--help --xyzzy", "-v --verbose-full --help-all -x",
			     "--help-dms --client-cid", "-vh --xyzzy" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct options options;
		struct failure failure;

		assert_int_equal(parse(lines[i], &options, &failure), 0);
		assert_true(options.help || options.help_all || options.help_service);
		options_done(&options);
	}
}

/* The request that "--NAME=ARGUMENT" sends; the caller frees. NULL and a failure else. */
static void *request_of(const char *name, const char *argument, struct failure *failure)
{
	struct action action = { .argument = argument };
	void *request = NULL;

	*failure = (struct failure){ 0 };
	action.command = command_find(name, strlen(name), &action.service);
	assert_non_null(action.command);
	return request_new(&action, &request, failure) ? NULL : request;
}

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

static void request_fails_when_argument_does_not_fit(void **state)
{
	static const char *const numbers[] = { "256", "-1", "", "1x", "99999999999999999999" };
	struct failure failure;

	(void)state;
	assert_null(request_of("dms-set-operating-mode", "low", &failure));
	assert_int_equal(failure.code, EXIT_USAGE);
	assert_non_null(strstr(failure.hint, "low-power"));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_null(request_of("device-set-instance-id", numbers[i], &failure));
	assert_non_null(strstr(failure.text, "99999999999999999999"));
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

/* What is wrong with words, bytes, paths and items. */
static void request_fails_when_values_do_not_fit(void **state)
{
	static const struct {
		const char *name, *argument, *text, *hint;
	} cases[] = {
		{ "uim-verify-pin", "PIN3,1234", "invalid pin-id value given: 'PIN3'",
		  "PIN1, PIN2" },
		{ "uim-verify-pin", "PIN1,1234,PIN", "no equal sign", "" },
		{ "uim-verify-pin", "PIN1,1234,session-type=x", "invalid session-type", "" },
		{ "uim-send-apdu", "1,2,0", "invalid apdu value given: '0'", "hex" },
		{ "uim-send-apdu", "1,2,0g", "invalid apdu", "hex" },
		{ "uim-send-apdu", "1,2,00:", "invalid apdu", "hex" },
		{ "uim-send-apdu", "1,2", "too few values", "" },
		{ "uim-depersonalization", "gw-network,deactivate,1,6",
		  "invalid slot value given: '6'", "from 1 to 5" },
		{ "uim-read-transparent", "3F00,", "invalid file value given: '3F00,'", "0x3F00" },
		{ "uim-read-transparent", "3F000", "invalid file", "" },
		{ "uim-read-transparent", "0", "invalid file", "" },
		{ "uim-read-record", "record-number=1", "no file given", "" },
		{ "uim-switch-slot", "0", "invalid physical-slot value given: '0'",
		  "from 1 to 255" },
		{ "uim-monitor-refresh-file", "3F00 x", "invalid file path given: 'x'", "0x3F00" },
		{ "uim-monitor-refresh-file", "", "invalid file path given: ''", "0x3F00" },
		{ "wms-set-routes", "", "no type given", "" },
		{ "wms-set-routes", "type=point,class=1", "no storage given", "" },
		{ "wms-set-routes", "type=point,type=point", "duplicate option 'type'", "" },
		{ "wms-set-cbs-channels", "1,70000", "invalid CBS channels given: '70000'", "" },
		{ "wms-set-cbs-channels", "5-4", "invalid CBS channels given: '5-4'", "" },
		{ "wms-set-cbs-channels", "1,,2", "invalid CBS channels given: ''", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct failure failure;

		if (request_of(cases[i].name, cases[i].argument, &failure))
			fail_msg("%s=%s was taken", cases[i].name, cases[i].argument);
		if (!strstr(failure.text, cases[i].text) || !strstr(failure.hint, cases[i].hint))
			fail_msg("%s=%s says: %s; %s", cases[i].name, cases[i].argument,
				 failure.text, failure.hint);
		assert_int_equal(failure.code, EXIT_USAGE);
	}
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

/* Arguments that are refused, and a word of the line that says so. */
static void request_fails_when_keys_do_not_fit(void **state)
{
	static const struct {
		const char *name, *argument, *word;
	} wrong[] = {
		{ "wds-start-network", "apn=a,apn=b", "duplicate option 'apn'" },
		{ "wds-start-network", "apn=", "requires a value" },
		{ "wds-start-network", "apn='a", "the quote does not end" },
		{ "wds-start-network", "apn=a b", "a comma was expected at 'b'" },
		{ "wds-start-network", "=a", "a key was expected" },
		{ "wds-start-network", "apn=a,", "a key was expected" },
		{ "wds-start-network", "apn=a,ip type", "no equal sign" },
		{ "wds-start-network", "nap=a", "unrecognized option 'nap'" },
		{ "wds-start-network", "ip-type=5", "'5'" },
		{ "wds-start-network", "3gpp-profile=256", "'256'" },
		{ "wds-start-network", "a,MD5", "'MD5'" },
		{ "wds-stop-network", "0", "'0'" },
		{ "wds-stop-network", "-1", "'-1'" },
		{ "wds-stop-network", "4294967296", "'4294967296'" },
		{ "wds-set-ip-family", "5", "'5'" },
		{ "wds-bind-data-port", "65536", "'65536'" },
		{ "wds-bind-mux-data-port", "mux-id=1", "both needed" },
		{ "wds-bind-mux-data-port", "mux-id=255,ep-iface-number=4", "[0,254]" },
		{ "wds-bind-mux-data-port", "3", "no equal sign" },
		{ "wda-set-data-format", "ul-protocol=qmap",
		  "Link Layer Protocol value is missing" },
		{ "wda-set-data-format", "raw", "'raw'" },
		{ "wda-set-data-format", "link-layer-protocol=raw-ip,ep-type=hsusb", "both set" },
		{ "wda-get-data-format", "ep-iface-number=4", "both set" },
		{ "wda-get-data-format", "ep-type=undefined,ep-iface-number=4", "both set" },
		{ "dpm-open-port", "hw-data-rx-id=0", "'0'" },
		{ "nas-set-system-selection-preference", "lte,", "''" },
		{ "nas-set-system-selection-preference", "", "''" },
		{ "nas-set-system-selection-preference", "amps", "'amps'" },
		{ "nas-set-system-selection-preference", "manual=2620", "'2620'" },
		{ "nas-set-system-selection-preference", "lte,automatic,x", "lte,automatic,x" },
		{ "nas-set-preferred-networks", "26201", "technology missing" },
		{ "nas-set-preferred-networks", "26201,x", "'x'" },
		{ "nas-set-preferred-networks", "2620a,all", "'2620a'" },
		{ "nas-get-plmn-name", "00001", "'00001'" },
		{ "nas-get-plmn-name", "2620111", "'2620111'" },
		{ "nas-network-scan", "lte|x", "'lte|x'" },
		{ "gms-test-set-value", "1,", "an empty value" },
		{ "gms-test-set-value", "", "an empty value" },
		{ "gms-test-set-value", "1,2,3", "too many values" },
		{ "gms-test-set-value", "1,256", "'256'" },
		{ "dsd-set-apn-type", "a", "too few values" },
		{ "dsd-set-apn-type", "a,mms|x", "'mms|x'" },
	};
	struct failure failure;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_null(request_of(wrong[i].name, wrong[i].argument, &failure));
		assert_int_equal(failure.code, EXIT_USAGE);
		if (!strstr(failure.text, wrong[i].word))
			fail_msg("%s=%s: %s", wrong[i].name, wrong[i].argument, failure.text);
	}
}

/* -E takes a value, -w none, and an action's value may miss where GLib lets it. */
static void actions_are_found_when_they_have_letters(void **state)
{
	static const struct {
		const char *line, *name, *argument;
	} rows[] = {
		{ "-w", "get-wwan-iface", NULL },
		{ "-pw", "get-wwan-iface", NULL },
		{ "-E raw-ip", "set-expected-data-format", "raw-ip" },
		{ "-Eraw-ip", "set-expected-data-format", "raw-ip" },
		{ "-pE raw-ip", "set-expected-data-format", "raw-ip" },
		{ "--wda-get-data-format", "wda-get-data-format", NULL },
		{ "--wda-get-data-format -p", "wda-get-data-format", NULL },
		{ "--wda-get-data-format ep-type=pcie", "wda-get-data-format", "ep-type=pcie" },
		{ "--wda-get-data-format=", "wda-get-data-format", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct options options;
		struct failure failure;
		char line[64];

		snprintf(line, sizeof(line), "%s", rows[i].line);
		if (parse(line, &options, &failure))
			fail_msg("%s: %s", rows[i].line, failure.text);
		assert_int_equal(options.action_count, 1);
		assert_string_equal(options.actions[0].command->name, rows[i].name);
		if (rows[i].argument)
			assert_string_equal(options.actions[0].argument, rows[i].argument);
		else
			assert_null(options.actions[0].argument);
		options_done(&options);
	}
}

/* The manual page as one string; the caller frees. */
static char *read_manual(void)
{
	struct output text = { 0 };
	FILE *file = fopen(QK_MANUAL, "r");
	char buffer[4096];
	size_t size;

	assert_non_null(file);
	while ((size = fread(buffer, 1, sizeof(buffer), file)) > 0)
		output_add(&text, buffer, size);
	fclose(file);
	assert_non_null(text.data);
	return text.data;
}

static void assert_documented(const char *manual, const char *help, const char *name)
{
	char option[80];

	snprintf(option, sizeof(option), "*--%s*", name);
	if (!strstr(manual, option))
		fail_msg("the manual page lacks %s", option);
	option[strlen(option) - 1] = 0;
	if (!strstr(help, option + 1))
		fail_msg("--help-all lacks %s", option + 1);
}

static void help_and_manual_have_every_option_when_all_is_asked(void **state)
{
	struct options options = { .help_all = true };
	struct output help = { 0 };
	char *manual = read_manual();

	(void)state;
	help_print(&options, &help);
	for (const struct option_row *o = option_rows; o->name; o++)
		assert_documented(manual, help.data, o->name);
	for (size_t s = 0; command_services[s]; s++)
		for (const struct command *c = command_services[s]->commands; c->name; c++)
			assert_documented(manual, help.data, c->name);
	output_done(&help);
	free(manual);
}

static void manual_has_every_exit_code_when_read(void **state)
{
	char *manual = read_manual();

	(void)state;
	for (const struct exit_info *i = exit_infos; i->name; i++) {
		char row[160];

		snprintf(row, sizeof(row), "|  %s%d\n:  %s\n:  %s\n",
			 i->code == EXIT_SIGNAL ? ">" : "", (int)i->code, i->name, i->meaning);
		if (!strstr(manual, row))
			fail_msg("the manual page lacks:\n%s", row);
	}
	free(manual);
}

/* The same of commands on the device, its firmware and its locks. */
static void request_fails_when_device_is_told_nonsense(void **state)
{
	static const struct {
		const char *name, *argument, *word;
	} wrong[] = {
		{ "dms-uim-verify-pin", "PIN3,1234", "'PIN3'" },
		{ "dms-uim-verify-pin", "PIN,", "an empty value" },
		{ "dms-uim-set-pin-protection", "PIN,maybe,1234", "'maybe'" },
		{ "dms-uim-set-ck-protection", "pn,enable,1", "disable value given: 'enable'" },
		{ "dms-set-user-lock-code", "0000,12345", "new lock code value given: '12345'" },
		{ "dms-set-user-lock-state", "enable,123", "'123'" },
		{ "dms-restore-factory-defaults", "12345", "'12345'" },
		{ "dms-activate-manual", "000000,65536,1,2", "'65536'" },
		{ "dms-activate-manual", "000000,1,1234567890123456,2", "'1234567890123456'" },
		{ "dms-set-firmware-preference", "a,b", "too few" },
		{ "dms-set-firmware-preference", "carrier=a", "no firmware-version given" },
		{ "dms-set-firmware-preference", "carrier=a,carrier=b", "duplicate" },
		{ "dms-foxconn-set-fcc-authentication", "0x100", "'0x100'" },
		{ "dms-select-stored-image", "modem1", "too few images given" },
		{ "dms-select-stored-image", "modem1,modem2", "second image of one type" },
		{ "dms-select-stored-image", "modem1,pri1,", "invalid image given: ''" },
		{ "dms-select-stored-image", "modem,pri1", "invalid image given: 'modem'" },
		{ "dms-delete-stored-image", "modem256", "invalid image given: 'modem256'" },
		{ "dms-delete-stored-image", "pri1,modem1", "too many images given" },
		{ "dms-delete-stored-image", "boot1", "invalid image given: 'boot1'" },
		{ "dms-swi-set-usb-composition", "23", "'23'" },
		{ "gas-dms-set-usb-composition", "0x100000000", "'0x100000000'" },
		{ "gas-dms-set-usb-composition", "0x", "'0x'" },
		{ "gas-dms-set-usb-composition", "0x1g", "'0x1g'" },
		{ "gas-dms-set-firmware-auto-sim", "config-id=1", "no mode given" },
		{ "gas-dms-set-firmware-auto-sim", "mode=enable,config-id=255", "'255'" },
		{ "fox-set-fcc-authentication", "foxc", "too few" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct failure failure;

		if (request_of(wrong[i].name, wrong[i].argument, &failure))
			fail_msg("%s=%s was taken", wrong[i].name, wrong[i].argument);
		assert_int_equal(failure.code, EXIT_USAGE);
		if (!strstr(failure.text, wrong[i].word))
			fail_msg("%s=%s says: %s", wrong[i].name, wrong[i].argument, failure.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_mean_the_same_when_spelled_differently),
		cmocka_unit_test(options_keep_order_when_actions_are_several),
		cmocka_unit_test(options_join_arguments_when_one_repeats),
		cmocka_unit_test(options_fail_when_wrong),
		cmocka_unit_test(options_read_numbers_when_right),
		cmocka_unit_test(options_read_flags_when_blanks_are_between),
		cmocka_unit_test(options_end_when_help_is_asked),
		cmocka_unit_test(request_is_filled_when_argument_is_a_name),
		cmocka_unit_test(request_fails_when_argument_does_not_fit),
		cmocka_unit_test(request_is_filled_when_argument_is_keys),
		cmocka_unit_test(request_is_filled_when_argument_has_no_keys),
		cmocka_unit_test(request_is_filled_when_argument_is_parts),
		cmocka_unit_test(request_has_bytes_when_argument_is_hex),
		cmocka_unit_test(request_has_keys_when_they_stand_behind_parts),
		cmocka_unit_test(request_has_items_when_all_keys_come_again),
		cmocka_unit_test(request_fails_when_values_do_not_fit),
		cmocka_unit_test(request_has_images_when_firmware_is_chosen),
		cmocka_unit_test(request_is_filled_when_networks_are_chosen),
		cmocka_unit_test(request_has_lists_when_keys_repeat),
		cmocka_unit_test(request_fails_when_keys_do_not_fit),
		cmocka_unit_test(request_fails_when_device_is_told_nonsense),
		cmocka_unit_test(actions_are_found_when_they_have_letters),
		cmocka_unit_test(help_and_manual_have_every_option_when_all_is_asked),
		cmocka_unit_test(manual_has_every_exit_code_when_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
