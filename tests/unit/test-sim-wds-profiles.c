/*
 * Profiles in WDS of the virtual modem, the data format of WDA and the systems of DSD.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/common.h>
#include <qmikit/dsd.h>
#include <qmikit/wda.h>
#include <qmikit/wds.h>

#include "wds-modem.h"

static void set_text(struct qk_string *to, const char *text)
{
	*to = (struct qk_string){ text, strlen(text) };
}

static void assert_text(struct qk_string text, const char *expected)
{
	assert_int_equal(text.size, strlen(expected));
	assert_memory_equal(text.data, expected, text.size);
}

static void assert_silent(struct modem *modem)
{
	struct qk_frame frame;

	assert_false(host_next(modem->host, &frame));
}

static int create(struct modem *modem, const char *apn, uint8_t *ret_index, uint16_t *ret_error)
{
	struct qk_wds_create_profile_request request = {
		.has_profile_type = true,
		.profile_type = QK_WDS_PROFILE_TYPE_3GPP,
		.has_pdp_type = true,
		.pdp_type = QK_WDS_PDP_TYPE_IPV6,
		.has_apn_name = true,
		.has_roaming_disallowed_flag = true,
		.roaming_disallowed_flag = true,
	};
	struct qk_wds_create_profile_response response;

	set_text(&request.apn_name, apn);
	int error = host_ask(modem->host, modem->wds, &qk_wds_create_profile_method, &request,
			     &response);
	*ret_index = response.profile_identifier.profile_index;
	*ret_error = response.has_extended_error_code ? response.extended_error_code : 0;
	return error;
}

static int settings_of(struct modem *modem, uint8_t index,
		       struct qk_wds_get_profile_settings_response *response)
{
	struct qk_wds_get_profile_settings_request request = { .has_profile_id = true };

	request.profile_id.profile_index = index;
	return host_ask(modem->host, modem->wds, &qk_wds_get_profile_settings_method, &request,
			response);
}

static void profiles_are_the_models_contexts(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_get_profile_list_response list;
	struct qk_wds_get_profile_settings_response settings;
	struct qk_wds_modify_profile_request modify = { .has_profile_identifier = true,
							.has_apn_name = true };
	struct qk_wds_delete_profile_request delete = { .has_profile_identifier = true };
	uint8_t index;
	uint16_t error;

	assert_int_equal(create(modem, "my.apn", &index, &error), 0);
	assert_int_equal(index, 4);
	assert_string_equal(qk_sim_pdp_get(modem->state, 4)->apn, "my.apn");
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_get_profile_list_method, NULL, &list), 0);
	assert_int_equal(list.profile_list.count, 4);
	assert_int_equal(list.profile_list.items[3].profile_index, 4);
	assert_text(list.profile_list.items[0].profile_name, "profile1");
	modify.profile_identifier.profile_index = 4;
	set_text(&modify.apn_name, "other.apn");
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_modify_profile_method, &modify, NULL), 0);
	assert_int_equal(settings_of(modem, 4, &settings), 0);
	assert_text(settings.apn_name, "other.apn");
	assert_int_equal(settings.pdp_type, QK_WDS_PDP_TYPE_IPV6);
	assert_int_equal(settings.pdp_context_number, 4);
	assert_true(settings.roaming_disallowed_flag);
	assert_false(settings.apn_disabled_flag);
	delete.profile_identifier.profile_index = 4;
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_delete_profile_method, &delete, NULL), 0);
	assert_int_equal(settings_of(modem, 4, &settings), QK_ERROR_EXTENDED_INTERNAL);
	assert_int_equal(settings.extended_error_code,
			 QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_NUMBER);
}

static void profiles_are_refused_with_a_reason(void **state)
{
	static char long_name[150];
	struct modem *modem = *state;
	struct qk_wds_delete_profile_request delete = { .has_profile_identifier = true };
	struct qk_wds_delete_profile_response deleted;
	struct qk_wds_get_profile_list_request cdma = { .has_profile_type = true,
							.profile_type = QK_WDS_PROFILE_TYPE_3GPP2 };
	struct qk_wds_get_profile_list_response list;
	uint8_t index;
	uint16_t error;

	memset(long_name, 'x', sizeof(long_name) - 1);
	assert_int_equal(create(modem, long_name, &index, &error), QK_ERROR_EXTENDED_INTERNAL);
	assert_int_equal(error, QK_WDS_DS_PROFILE_ERROR_INVALID_PARAMETER_LENGTH);
	for (unsigned int i = 4; i <= QK_SIM_CONTEXTS_MAX; i++)
		assert_int_equal(create(modem, "full", &index, &error), 0);
	assert_int_equal(create(modem, "full", &index, &error), QK_ERROR_EXTENDED_INTERNAL);
	assert_int_equal(error, QK_WDS_DS_PROFILE_ERROR_3GPP_OUT_OF_PROFILES);
	delete.profile_identifier.profile_index = 1;
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_delete_profile_method, &delete, &deleted),
		QK_ERROR_EXTENDED_INTERNAL);
	assert_int_equal(deleted.extended_error_code, QK_WDS_DS_PROFILE_ERROR_INVALID_OPERATION);
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_get_profile_list_method, &cdma, &list),
		QK_ERROR_EXTENDED_INTERNAL);
	assert_int_equal(list.extended_error_code, QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_TYPE);
}

static void profile_changes_are_told_to_who_asked_for_them(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_indication_register_request subscribe = { .has_report_profile_changes = true,
								.report_profile_changes = true };
	struct qk_wds_profile_id only = { QK_WDS_PROFILE_TYPE_3GPP, 5 };
	struct qk_wds_configure_profile_event_list_request filter = { .has_register_ = true };
	struct qk_wds_profile_changed_indication changed;
	struct qk_sim_pdp_context context = { .id = 4, .apn = "x" };

	filter.register_.items = &only;
	filter.register_.count = 1;
	assert_int_equal(host_ask(modem->host, modem->wds, &qk_wds_indication_register_method,
				  &subscribe, NULL),
			 0);
	assert_int_equal(host_ask(modem->host, modem->other, &qk_wds_indication_register_method,
				  &subscribe, NULL),
			 0);
	assert_int_equal(host_ask(modem->host, modem->other,
				  &qk_wds_configure_profile_event_list_method, &filter, NULL),
			 0);
	assert_int_equal(qk_sim_pdp_set(modem->state, &context), 4);
	qk_sim_notify(modem->host->sim);
	host_expect_indication(modem->host, modem->wds, &qk_wds_profile_changed_message, &changed);
	assert_int_equal(changed.profile_event.profile_index, 4);
	assert_int_equal(changed.profile_event.change_event,
			 QK_WDS_PROFILE_CHANGE_EVENT_CREATE_EVENT);
	assert_silent(modem);
	context.id = 5;
	assert_int_equal(qk_sim_pdp_set(modem->state, &context), 5);
	qk_sim_notify(modem->host->sim);
	host_expect_indication(modem->host, modem->wds, &qk_wds_profile_changed_message, &changed);
	host_expect_indication(modem->host, modem->other, &qk_wds_profile_changed_message,
			       &changed);
	assert_int_equal(changed.profile_event.profile_index, 5);
}

static void attach_is_that_of_the_first_profile(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_get_lte_attach_parameters_response response;
	struct qk_wds_get_lte_attach_pdn_list_response list;

	assert_int_equal(host_ask(modem->host, modem->wds, &qk_wds_get_lte_attach_parameters_method,
				  NULL, &response),
			 0);
	assert_text(response.apn, "internet");
	assert_int_equal(response.ip_support_type, QK_WDS_IP_SUPPORT_TYPE_IPV4V6);
	assert_true(response.ota_attach_performed);
	assert_int_equal(host_ask(modem->host, modem->wds, &qk_wds_get_lte_attach_pdn_list_method,
				  NULL, &list),
			 0);
	assert_int_equal(list.current_list.count, 1);
	assert_int_equal(list.current_list.items[0], 1);
	assert_int_equal(qk_sim_state_set_mode(modem->state, QK_SIM_MODE_LOW_POWER), 0);
	qk_sim_notify(modem->host->sim);
	assert_int_equal(host_ask(modem->host, modem->wds, &qk_wds_get_lte_attach_parameters_method,
				  NULL, &response),
			 QK_ERROR_INFORMATION_UNAVAILABLE);
}

/* --- WDA, DSD */

static void wda_grants_qmap_and_nothing_else(void **state)
{
	struct modem *modem = *state;
	uint8_t wda = host_allocate(modem->host, QK_SERVICE_ID_WDA);
	struct qk_wda_set_data_format_request request = {
		.has_link_layer_protocol = true,
		.link_layer_protocol = QK_WDA_LINK_LAYER_PROTOCOL_RAW_IP,
		.has_uplink_data_aggregation_protocol = true,
		.uplink_data_aggregation_protocol = QK_WDA_DATA_AGGREGATION_PROTOCOL_QMAP,
		.has_downlink_data_aggregation_protocol = true,
		.downlink_data_aggregation_protocol = QK_WDA_DATA_AGGREGATION_PROTOCOL_QMAPV5,
		.has_downlink_data_aggregation_max_datagrams = true,
		.downlink_data_aggregation_max_datagrams = 64,
		.has_downlink_data_aggregation_max_size = true,
		.downlink_data_aggregation_max_size = 2048,
	};
	struct qk_wda_set_data_format_response response;
	struct qk_wda_get_data_format_response format;

	assert_int_equal(host_ask(modem->host, wda, &qk_wda_get_data_format_method, NULL, &format),
			 0);
	assert_int_equal(format.link_layer_protocol, QK_WDA_LINK_LAYER_PROTOCOL_RAW_IP);
	assert_int_equal(format.downlink_data_aggregation_protocol, 0);
	assert_int_equal(format.downlink_data_aggregation_max_size, 0);
	assert_int_equal(
		host_ask(modem->host, wda, &qk_wda_set_data_format_method, &request, &response), 0);
	assert_int_equal(response.uplink_data_aggregation_protocol,
			 QK_WDA_DATA_AGGREGATION_PROTOCOL_QMAP);
	assert_int_equal(response.downlink_data_aggregation_protocol,
			 QK_WDA_DATA_AGGREGATION_PROTOCOL_QMAP);
	assert_int_equal(response.downlink_data_aggregation_max_datagrams, 10);
	assert_int_equal(response.downlink_data_aggregation_max_size, 2048);
	assert_int_equal(modem->state->bearers.format.downlink_aggregation, 5);
	request.downlink_data_aggregation_protocol = QK_WDA_DATA_AGGREGATION_PROTOCOL_MBIM;
	assert_int_equal(
		host_ask(modem->host, wda, &qk_wda_set_data_format_method, &request, &response), 0);
	assert_int_equal(response.downlink_data_aggregation_protocol, 0);
	assert_int_equal(response.downlink_data_aggregation_max_datagrams, 0);
	request.link_layer_protocol = 7;
	assert_int_equal(host_ask(modem->host, wda, &qk_wda_set_data_format_method, &request, NULL),
			 QK_ERROR_INVALID_ARGUMENT);
	request.link_layer_protocol = QK_WDA_LINK_LAYER_PROTOCOL_RAW_IP;
	request.has_endpoint_info = true;
	request.endpoint_info.endpoint_type = QK_DATA_ENDPOINT_TYPE_PCIE;
	assert_int_equal(host_ask(modem->host, wda, &qk_wda_set_data_format_method, &request, NULL),
			 QK_ERROR_INVALID_ARGUMENT);
}

static void dsd_tells_of_the_system_that_carries_data(void **state)
{
	struct modem *modem = *state;
	uint8_t dsd = host_allocate(modem->host, QK_SERVICE_ID_DSD);
	struct qk_dsd_system_status_change_request subscribe = { .has_register_indication = true,
								 .register_indication = true };
	struct qk_dsd_get_system_status_response status;
	struct qk_dsd_system_status_indication told;

	assert_int_equal(
		host_ask(modem->host, dsd, &qk_dsd_get_system_status_method, NULL, &status), 0);
	assert_int_equal(status.available_systems.count, 1);
	assert_int_equal(status.available_systems.items[0].rat,
			 QK_DSD_RADIO_ACCESS_TECHNOLOGY_3GPP_LTE);
	assert_int_equal(status.available_systems.items[0].so_mask,
			 QK_DSD_SO_MASK_3GPP_SO_MASK_LTE_FDD);
	assert_int_equal(
		host_ask(modem->host, dsd, &qk_dsd_system_status_change_method, &subscribe, NULL),
		0);
	assert_int_equal(qk_sim_state_set_mode(modem->state, QK_SIM_MODE_LOW_POWER), 0);
	qk_sim_notify(modem->host->sim);
	host_expect_indication(modem->host, dsd, &qk_dsd_system_status_message, &told);
	assert_int_equal(told.available_systems.count, 0);
}

static void dsd_names_the_apn_of_a_use(void **state)
{
	struct modem *modem = *state;
	uint8_t dsd = host_allocate(modem->host, QK_SERVICE_ID_DSD);
	struct qk_dsd_get_apn_info_request request = { .has_apn_type = true,
						       .apn_type = QK_DSD_APN_TYPE_EMERGENCY };
	struct qk_dsd_get_apn_info_response response;

	assert_int_equal(
		host_ask(modem->host, dsd, &qk_dsd_get_apn_info_method, &request, &response), 0);
	assert_text(response.apn_name, "sos");
	request.apn_type = QK_DSD_APN_TYPE_MMS;
	assert_int_equal(host_ask(modem->host, dsd, &qk_dsd_get_apn_info_method, &request, NULL),
			 QK_ERROR_NO_ENTRY);
	request.apn_type = 77;
	assert_int_equal(host_ask(modem->host, dsd, &qk_dsd_get_apn_info_method, &request, NULL),
			 QK_ERROR_INVALID_ARGUMENT);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(profiles_are_the_models_contexts),
		CASE(profiles_are_refused_with_a_reason),
		CASE(profile_changes_are_told_to_who_asked_for_them),
		CASE(attach_is_that_of_the_first_profile),
		CASE(wda_grants_qmap_and_nothing_else),
		CASE(dsd_tells_of_the_system_that_carries_data),
		CASE(dsd_names_the_apn_of_a_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
