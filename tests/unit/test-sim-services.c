/*
 * What the virtual EC25-EUX answers in DMS, NAS, WDS and UIM, in the states it can be in, and what it
 * tells its subscribers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/common.h>
#include <qmikit/dms.h>
#include <qmikit/nas.h>
#include <qmikit/uim.h>
#include <qmikit/wds.h>

#include "sim-host.h"

struct modem {
	struct host *host;
	uint8_t dms, nas, wds, uim;
};

static int setup(void **state)
{
	static struct modem modem;

	modem.host = host_new("ec25-eux", 1);
	modem.dms = host_allocate(modem.host, QK_SERVICE_ID_DMS);
	modem.nas = host_allocate(modem.host, QK_SERVICE_ID_NAS);
	modem.wds = host_allocate(modem.host, QK_SERVICE_ID_WDS);
	modem.uim = host_allocate(modem.host, QK_SERVICE_ID_UIM);
	*state = &modem;
	return 0;
}

static int teardown(void **state)
{
	struct modem *modem = *state;

	host_free(modem->host);
	return 0;
}

static void assert_text(struct qk_string text, const char *expected)
{
	assert_int_equal(text.size, strlen(expected));
	assert_memory_equal(text.data, expected, text.size);
}

static int set_mode(struct modem *modem, uint8_t mode)
{
	struct qk_dms_set_operating_mode_request request = { .has_mode = true, .mode = mode };

	return host_ask(modem->host, modem->dms, &qk_dms_set_operating_mode_method, &request, NULL);
}

static void set_card(struct modem *modem, uint32_t card, uint8_t error)
{
	qk_sim_card_set(qk_sim_state(modem->host->sim), card, error);
	qk_sim_notify(modem->host->sim);
}

static void dms_says_who_it_is(void **state)
{
	struct modem *modem = *state;
	struct qk_dms_get_manufacturer_response manufacturer;
	struct qk_dms_get_model_response model;
	struct qk_dms_get_revision_response revision;
	struct qk_dms_get_hardware_revision_response hardware;

	host_ask(modem->host, modem->dms, &qk_dms_get_manufacturer_method, NULL, &manufacturer);
	assert_text(manufacturer.manufacturer, "QUALCOMM INCORPORATED");
	host_ask(modem->host, modem->dms, &qk_dms_get_model_method, NULL, &model);
	assert_text(model.model, "QUECTEL Mobile Broadband Module");
	host_ask(modem->host, modem->dms, &qk_dms_get_revision_method, NULL, &revision);
	assert_text(revision.revision, "EC25EUXGAR08A05M1G");
	host_ask(modem->host, modem->dms, &qk_dms_get_hardware_revision_method, NULL, &hardware);
	assert_text(hardware.revision, "10000");
}

static void dms_gives_an_imei_with_a_check_digit(void **state)
{
	struct modem *modem = *state;
	struct qk_dms_get_ids_response ids;
	unsigned int sum = 0;

	assert_int_equal(host_ask(modem->host, modem->dms, &qk_dms_get_ids_method, NULL, &ids), 0);
	assert_int_equal(ids.imei.size, 15);
	assert_memory_equal(ids.imei.data, "86250604", 8);
	for (size_t i = 0; i < 15; i++) {
		unsigned int digit = (unsigned int)(ids.imei.data[14 - i] - '0') << i % 2;
		sum += digit / 10 + digit % 10;
	}
	assert_int_equal(sum % 10, 0);
	assert_false(ids.has_meid);
}

static void dms_has_the_capabilities_of_the_profile(void **state)
{
	struct modem *modem = *state;
	struct qk_dms_get_capabilities_response can;
	struct qk_dms_get_band_capabilities_response bands;

	assert_int_equal(
		host_ask(modem->host, modem->dms, &qk_dms_get_capabilities_method, NULL, &can), 0);
	assert_int_equal(can.info.max_rx_channel_rate, 150000000);
	assert_int_equal(can.info.radio_interface_list.count, 3);
	assert_int_equal(can.info.radio_interface_list.items[2], QK_DMS_RADIO_INTERFACE_LTE);
	assert_int_equal(host_ask(modem->host, modem->dms, &qk_dms_get_band_capabilities_method,
				  NULL, &bands),
			 0);
	assert_int_equal(bands.band_capability, UINT64_C(0x0002000000400380));
	assert_int_equal(bands.lte_band_capability, UINT64_C(0x000001a0080800c5));
}

static void dms_has_no_number_when_the_card_is_out(void **state)
{
	struct modem *modem = *state;
	struct qk_dms_get_msisdn_response msisdn;

	assert_int_equal(
		host_ask(modem->host, modem->dms, &qk_dms_get_msisdn_method, NULL, &msisdn), 0);
	assert_true(msisdn.msisdn.size > 5);
	set_card(modem, QK_SIM_CARD_ABSENT, 0);
	assert_int_equal(host_ask(modem->host, modem->dms, &qk_dms_get_msisdn_method, NULL, NULL),
			 QK_ERROR_NOT_PROVISIONED);
}

static void dms_counts_time_from_the_boot_until_the_network_tells(void **state)
{
	struct modem *modem = *state;
	struct qk_dms_get_time_response when;

	qk_sim_advance(modem->host->sim, HOST_START_USEC + 250000);
	assert_int_equal(host_ask(modem->host, modem->dms, &qk_dms_get_time_method, NULL, &when),
			 0);
	assert_int_equal(when.device_time.time_count, 200);
	assert_int_equal(when.system_time, 250);
	/* the world of the profile began with 2026; GPS is 18 s ahead and began in 1980 */
	qk_sim_advance(modem->host->sim, HOST_START_USEC + 2500000);
	assert_int_equal(host_ask(modem->host, modem->dms, &qk_dms_get_time_method, NULL, &when),
			 0);
	assert_int_equal(when.system_time, (1767225600ull - 315964800 + 18) * 1000 + 2500);
	assert_int_equal(when.device_time.time_count, when.system_time * 4 / 5);
}

static void dms_refuses_a_transition_when_it_is_offline(void **state)
{
	struct modem *modem = *state;

	assert_int_equal(set_mode(modem, QK_DMS_OPERATING_MODE_OFFLINE), 0);
	assert_int_equal(set_mode(modem, QK_DMS_OPERATING_MODE_ONLINE),
			 QK_ERROR_INVALID_TRANSITION);
	assert_int_equal(set_mode(modem, QK_DMS_OPERATING_MODE_LOW_POWER),
			 QK_ERROR_INVALID_TRANSITION);
	assert_int_equal(set_mode(modem, QK_DMS_OPERATING_MODE_RESET), 0);
}

static void dms_refuses_a_mode_nobody_knows(void **state)
{
	assert_int_equal(set_mode(*state, 0x33), QK_ERROR_INVALID_ARGUMENT);
}

static void dms_tells_its_mode_when_it_was_asked_to(void **state)
{
	struct modem *modem = *state;
	struct qk_dms_set_event_report_request request = { .has_operating_mode_reporting = true,
							   .operating_mode_reporting = true };
	struct qk_dms_event_report_indication report;
	struct qk_frame frame;

	assert_int_equal(
		host_ask(modem->host, modem->dms, &qk_dms_set_event_report_method, &request, NULL),
		0);
	assert_int_equal(set_mode(modem, QK_DMS_OPERATING_MODE_LOW_POWER), 0);
	host_expect_indication(modem->host, modem->dms, &qk_dms_event_report_message, &report);
	assert_int_equal(report.operating_mode, QK_DMS_OPERATING_MODE_LOW_POWER);
	/* the same mode once more is no news */
	assert_int_equal(set_mode(modem, QK_DMS_OPERATING_MODE_LOW_POWER), 0);
	assert_false(host_next(modem->host, &frame));
	assert_int_equal(host_ask(modem->host, modem->dms, &qk_dms_reset_method, NULL, NULL), 0);
	assert_int_equal(set_mode(modem, QK_DMS_OPERATING_MODE_ONLINE), 0);
	assert_false(host_next(modem->host, &frame));
}

static void nas_says_where_it_is_registered(void **state)
{
	struct modem *modem = *state;
	struct qk_nas_get_serving_system_response serving;
	struct qk_nas_get_system_info_response info;

	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_get_serving_system_method, NULL,
				  &serving),
			 0);
	assert_int_equal(serving.serving_system.registration_state,
			 QK_NAS_REGISTRATION_STATE_REGISTERED);
	assert_int_equal(serving.serving_system.radio_interfaces.items[0],
			 QK_NAS_RADIO_INTERFACE_LTE);
	assert_int_equal(serving.current_plmn.mcc, 1);
	assert_int_equal(serving.lte_tac, 4660);
	assert_int_equal(
		host_ask(modem->host, modem->nas, &qk_nas_get_system_info_method, NULL, &info), 0);
	assert_int_equal(info.lte_service_status.service_status, QK_NAS_SERVICE_STATUS_AVAILABLE);
	assert_string_equal(info.lte_system_info_v2.mcc, "001");
	assert_string_equal(info.lte_system_info_v2.mnc, "01");
	assert_int_equal(info.lte_system_info_v2.lac, 0xfffe); /* that of no area: LTE has none */
	assert_false(info.has_gsm_system_info_v2);
}

static void nas_has_no_signal_when_the_radio_is_off(void **state)
{
	struct modem *modem = *state;
	struct qk_nas_get_signal_strength_response strength;
	struct qk_nas_get_serving_system_response serving;

	assert_int_equal(set_mode(modem, QK_DMS_OPERATING_MODE_LOW_POWER), 0);
	assert_int_equal(
		host_ask(modem->host, modem->nas, &qk_nas_get_signal_info_method, NULL, NULL),
		QK_ERROR_INFORMATION_UNAVAILABLE);
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_get_signal_strength_method, NULL,
				  &strength),
			 0);
	assert_int_equal(strength.signal_strength.strength, -125);
	assert_int_equal(strength.signal_strength.radio_interface, QK_NAS_RADIO_INTERFACE_NONE);
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_get_serving_system_method, NULL,
				  &serving),
			 0);
	assert_int_equal(serving.serving_system.registration_state,
			 QK_NAS_REGISTRATION_STATE_NOT_REGISTERED);
	assert_false(serving.has_current_plmn);
}

static void nas_registers_again_some_time_after_the_radio_is_on(void **state)
{
	struct modem *modem = *state;
	struct qk_nas_register_indications_request request = { .has_serving_system_events = true,
							       .serving_system_events = true };
	struct qk_nas_serving_system_indication serving;
	uint64_t due = HOST_START_USEC + modem->host->profile->timings.register_usec;
	struct qk_frame frame;

	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_register_indications_method,
				  &request, NULL),
			 0);
	assert_int_equal(set_mode(modem, QK_DMS_OPERATING_MODE_LOW_POWER), 0);
	host_expect_indication(modem->host, modem->nas, &qk_nas_serving_system_message, &serving);
	assert_int_equal(serving.serving_system.registration_state,
			 QK_NAS_REGISTRATION_STATE_NOT_REGISTERED);
	assert_int_equal(set_mode(modem, QK_DMS_OPERATING_MODE_ONLINE), 0);
	host_expect_indication(modem->host, modem->nas, &qk_nas_serving_system_message, &serving);
	assert_int_equal(serving.serving_system.registration_state,
			 QK_NAS_REGISTRATION_STATE_NOT_REGISTERED_SEARCHING);
	assert_int_equal(qk_sim_next_usec(modem->host->sim), due);
	qk_sim_advance(modem->host->sim, due - 1);
	assert_false(host_next(modem->host, &frame));
	qk_sim_advance(modem->host->sim, due);
	host_expect_indication(modem->host, modem->nas, &qk_nas_serving_system_message, &serving);
	assert_int_equal(serving.serving_system.registration_state,
			 QK_NAS_REGISTRATION_STATE_REGISTERED);
	assert_int_equal(serving.lte_tac, 4660);
}

static void nas_gives_the_signal_that_the_mask_asks_for(void **state)
{
	struct modem *modem = *state;
	struct qk_nas_get_signal_strength_request request = {
		.has_request_mask = true,
		.request_mask = QK_NAS_SIGNAL_STRENGTH_REQUEST_RSRQ,
	};
	struct qk_nas_get_signal_strength_response strength;

	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_get_signal_strength_method,
				  &request, &strength),
			 0);
	assert_int_equal(strength.signal_strength.strength, -78);
	assert_true(strength.has_rsrq);
	assert_int_equal(strength.rsrq.rsrq, -9);
	assert_false(strength.has_rssi_list);
	assert_false(strength.has_lte_rsrp);
}

static void nas_tells_the_signal_when_it_changes(void **state)
{
	struct modem *modem = *state;
	struct qk_nas_register_indications_request request = { .has_signal_info = true,
							       .signal_info = true };
	struct qk_nas_set_event_report_request report = { .has_lte_rsrp_delta = true,
							  .lte_rsrp_delta = { true, 3 } };
	struct qk_nas_signal_info_indication info;
	struct qk_nas_event_report_indication event;
	struct qk_sim_cell cell = qk_sim_state(modem->host->sim)->cell;

	host_ask(modem->host, modem->nas, &qk_nas_register_indications_method, &request, NULL);
	host_ask(modem->host, modem->nas, &qk_nas_set_event_report_method, &report, NULL);
	cell.rsrp_dbm = -90;
	qk_sim_state_set_signal(qk_sim_state(modem->host->sim), &cell);
	qk_sim_notify(modem->host->sim);
	host_expect_indication(modem->host, modem->nas, &qk_nas_signal_info_message, &info);
	assert_int_equal(info.lte_signal_strength.rsrp, -90);
	host_expect_indication(modem->host, modem->nas, &qk_nas_event_report_message, &event);
	assert_int_equal(event.lte_rsrp, -90);
	assert_false(event.has_signal_strength);
}

static void nas_knows_its_home_when_the_card_is_in(void **state)
{
	struct modem *modem = *state;
	struct qk_nas_get_home_network_response home;
	struct qk_nas_get_preferred_networks_response preferred;

	assert_int_equal(
		host_ask(modem->host, modem->nas, &qk_nas_get_home_network_method, NULL, &home), 0);
	assert_int_equal(home.home_network.mcc, 1);
	assert_text(home.home_network.description, "Test PLMN 1-1");
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_get_preferred_networks_method,
				  NULL, &preferred),
			 0);
	assert_int_equal(preferred.preferred_networks.count, 2);
	assert_int_equal(preferred.preferred_networks.items[0].radio_access_technology,
			 QK_NAS_PLMN_ACCESS_TECHNOLOGY_IDENTIFIER_EUTRAN);
	set_card(modem, QK_SIM_CARD_ABSENT, 0);
	assert_int_equal(
		host_ask(modem->host, modem->nas, &qk_nas_get_home_network_method, NULL, NULL),
		QK_ERROR_NOT_PROVISIONED);
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_get_preferred_networks_method,
				  NULL, NULL),
			 QK_ERROR_NOT_PROVISIONED);
}

static void nas_has_limited_service_when_the_card_is_out(void **state)
{
	struct modem *modem = *state;
	struct qk_nas_get_system_info_response info;

	set_card(modem, QK_SIM_CARD_ABSENT, 0);
	assert_int_equal(
		host_ask(modem->host, modem->nas, &qk_nas_get_system_info_method, NULL, &info), 0);
	assert_int_equal(info.lte_service_status.service_status, QK_NAS_SERVICE_STATUS_LIMITED);
	assert_int_equal(info.sim_reject_info, QK_NAS_SIM_REJECT_STATE_UNAVAILABLE);
	assert_true(info.has_lte_system_info_v2);
	assert_int_equal(info.lte_system_info_v2.domain, QK_NAS_NETWORK_SERVICE_DOMAIN_NONE);
}

static void nas_is_denied_when_the_network_refuses(void **state)
{
	struct modem *modem = *state;
	struct qk_nas_get_serving_system_response serving;

	assert_int_equal(qk_sim_radio_refuse(qk_sim_state(modem->host->sim), QK_SIM_ALL_NETWORKS,
					     15), /* no suitable cells */
			 0);
	qk_sim_notify(modem->host->sim);
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_get_serving_system_method, NULL,
				  &serving),
			 0);
	assert_int_equal(serving.serving_system.registration_state,
			 QK_NAS_REGISTRATION_STATE_REGISTRATION_DENIED);
	assert_true(serving.detailed_service_status.forbidden);
}

static int ask_statistics(struct modem *modem, uint32_t mask,
			  struct qk_wds_get_packet_statistics_response *response)
{
	struct qk_wds_get_packet_statistics_request request = { .has_mask = true, .mask = mask };

	return host_ask(modem->host, modem->wds, &qk_wds_get_packet_statistics_method, &request,
			response);
}

static void wds_gives_the_counters_that_the_mask_asks_for(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_get_packet_statistics_response count;

	assert_int_equal(ask_statistics(modem,
					QK_WDS_PACKET_STATISTICS_MASK_FLAG_TX_BYTES_OK |
						QK_WDS_PACKET_STATISTICS_MASK_FLAG_RX_OVERFLOWS,
					&count),
			 0);
	assert_true(count.has_tx_bytes_ok);
	assert_int_equal(count.tx_bytes_ok, 5204);
	assert_true(count.has_rx_overflows);
	assert_false(count.has_rx_bytes_ok);
	assert_false(count.has_tx_packets_ok);
	assert_int_equal(ask_statistics(modem, 0, &count), 0);
	assert_false(count.has_tx_bytes_ok);
}

static void wds_is_out_of_call_when_there_is_no_bearer(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_get_data_bearer_technology_response bearer;

	assert_int_equal(host_ask(modem->host, modem->wds,
				  &qk_wds_get_data_bearer_technology_method, NULL, &bearer),
			 0);
	assert_int_equal(bearer.current, QK_WDS_DATA_BEARER_TECHNOLOGY_LTE);
	assert_int_equal(set_mode(modem, QK_DMS_OPERATING_MODE_LOW_POWER), 0);
	assert_int_equal(host_ask(modem->host, modem->wds,
				  &qk_wds_get_data_bearer_technology_method, NULL, NULL),
			 QK_ERROR_OUT_OF_CALL);
	assert_int_equal(host_ask(modem->host, modem->wds,
				  &qk_wds_get_current_data_bearer_technology_method, NULL, NULL),
			 QK_ERROR_OUT_OF_CALL);
	assert_int_equal(
		ask_statistics(modem, 1, &(struct qk_wds_get_packet_statistics_response){ 0 }),
		QK_ERROR_OUT_OF_CALL);
}

static void wds_tells_when_a_call_comes_and_goes(void **state)
{
	struct modem *modem = *state;
	struct qk_sim_state *model = qk_sim_state(modem->host->sim);
	struct qk_wds_packet_service_status_indication status;
	struct qk_wds_get_packet_statistics_response count;
	struct qk_sim_bearer_request request = { .family = 4, .holder = QK_SIM_HOLDER_AT };
	struct qk_sim_end_reason end;
	struct qk_sim_bearer *call;

	assert_int_equal(qk_sim_bearer_start(model, &request, &call, &end), 0);
	qk_sim_advance(modem->host->sim, call->due_usec);
	host_expect_indication(modem->host, modem->wds, &qk_wds_packet_service_status_message,
			       &status);
	assert_int_equal(status.connection_status.status, QK_WDS_CONNECTION_STATUS_CONNECTED);
	call->counters.tx_bytes = 1000;
	assert_int_equal(set_mode(modem, QK_DMS_OPERATING_MODE_LOW_POWER), 0);
	host_expect_indication(modem->host, modem->wds, &qk_wds_packet_service_status_message,
			       &status);
	assert_int_equal(status.connection_status.status, QK_WDS_CONNECTION_STATUS_DISCONNECTED);
	assert_int_equal(ask_statistics(modem, 1, &count), QK_ERROR_OUT_OF_CALL);
	assert_true(count.has_last_call_tx_bytes_ok);
	assert_int_equal(count.last_call_tx_bytes_ok, 1000);
}

static void uim_lists_the_messages_that_it_answers(void **state)
{
	struct modem *modem = *state;
	struct qk_uim_get_supported_messages_response supported;
	static const uint8_t expected[] = { 0x01, 0x00, 0x00, 0x40, 0xff, 0xd7, 0x03, 0x8d, 0xd4 };

	assert_int_equal(host_ask(modem->host, modem->uim, &qk_uim_get_supported_messages_method,
				  NULL, &supported),
			 0);
	assert_int_equal(supported.list.size, sizeof(expected));
	assert_memory_equal(supported.list.data, expected, sizeof(expected));
}

static void uim_shows_the_card_in_each_state(void **state)
{
	struct modem *modem = *state;
	struct qk_uim_get_card_status_response response;
	const struct qk_uim_card_status *status = &response.card_status;

	assert_int_equal(
		host_ask(modem->host, modem->uim, &qk_uim_get_card_status_method, NULL, &response),
		0);
	assert_int_equal(status->index_gw_primary, 0);
	assert_int_equal(status->index_1x_primary, 0xffff);
	assert_int_equal(status->cards.items[0].card_state, QK_UIM_CARD_STATE_PRESENT);
	assert_int_equal(status->cards.items[0].applications.items[0].state,
			 QK_UIM_CARD_APPLICATION_STATE_READY);
	set_card(modem, QK_SIM_CARD_ABSENT, 0);
	assert_int_equal(
		host_ask(modem->host, modem->uim, &qk_uim_get_card_status_method, NULL, &response),
		0);
	assert_int_equal(status->index_gw_primary, 0xffff);
	assert_int_equal(status->cards.count, 1);
	assert_int_equal(status->cards.items[0].card_state, QK_UIM_CARD_STATE_ABSENT);
	assert_int_equal(status->cards.items[0].applications.count, 0);
	set_card(modem, QK_SIM_CARD_ERROR, QK_UIM_CARD_ERROR_NO_ATR_RECEIVED);
	assert_int_equal(
		host_ask(modem->host, modem->uim, &qk_uim_get_card_status_method, NULL, &response),
		0);
	assert_int_equal(status->cards.items[0].card_state, QK_UIM_CARD_STATE_ERROR);
	assert_int_equal(status->cards.items[0].error_code, QK_UIM_CARD_ERROR_NO_ATR_RECEIVED);
}

static void uim_wants_a_pin_when_the_card_is_locked(void **state)
{
	struct modem *modem = *state;
	struct qk_uim_get_card_status_response response;
	struct qk_nas_get_serving_system_response serving;

	assert_int_equal(
		qk_sim_card_protect(qk_sim_state(modem->host->sim), QK_SIM_PIN1, true, "1234"),
		QK_SIM_SW_OK);
	set_card(modem, QK_SIM_CARD_ABSENT, 0);
	set_card(modem, QK_SIM_CARD_PRESENT, 0);
	/* it is detected, then read */
	while (!qk_sim_card_answers(&qk_sim_state(modem->host->sim)->card))
		qk_sim_advance(modem->host->sim, qk_sim_next_usec(modem->host->sim));
	assert_int_equal(
		host_ask(modem->host, modem->uim, &qk_uim_get_card_status_method, NULL, &response),
		0);
	assert_int_equal(response.card_status.cards.items[0].applications.items[0].state,
			 QK_UIM_CARD_APPLICATION_STATE_PIN1_OR_UPIN_PIN_REQUIRED);
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_get_serving_system_method, NULL,
				  &serving),
			 0);
	assert_int_equal(serving.serving_system.registration_state,
			 QK_NAS_REGISTRATION_STATE_NOT_REGISTERED_SEARCHING);
}

static void uim_tells_of_the_card_when_it_was_asked_to(void **state)
{
	struct modem *modem = *state;
	struct qk_uim_register_events_request request = { .has_event_registration_mask = true,
							  .event_registration_mask = 0x13 };
	struct qk_uim_register_events_response response;
	struct qk_uim_card_status_indication news;

	assert_int_equal(host_ask(modem->host, modem->uim, &qk_uim_register_events_method, &request,
				  &response),
			 0);
	assert_int_equal(response.event_registration_mask, 1);
	set_card(modem, QK_SIM_CARD_ABSENT, 0);
	host_expect_indication(modem->host, modem->uim, &qk_uim_card_status_message, &news);
	assert_int_equal(news.card_status.cards.items[0].card_state, QK_UIM_CARD_STATE_ABSENT);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(dms_says_who_it_is),
		CASE(dms_gives_an_imei_with_a_check_digit),
		CASE(dms_has_the_capabilities_of_the_profile),
		CASE(dms_has_no_number_when_the_card_is_out),
		CASE(dms_counts_time_from_the_boot_until_the_network_tells),
		CASE(dms_refuses_a_transition_when_it_is_offline),
		CASE(dms_refuses_a_mode_nobody_knows),
		CASE(dms_tells_its_mode_when_it_was_asked_to),
		CASE(nas_says_where_it_is_registered),
		CASE(nas_has_no_signal_when_the_radio_is_off),
		CASE(nas_registers_again_some_time_after_the_radio_is_on),
		CASE(nas_gives_the_signal_that_the_mask_asks_for),
		CASE(nas_tells_the_signal_when_it_changes),
		CASE(nas_knows_its_home_when_the_card_is_in),
		CASE(nas_has_limited_service_when_the_card_is_out),
		CASE(nas_is_denied_when_the_network_refuses),
		CASE(wds_gives_the_counters_that_the_mask_asks_for),
		CASE(wds_is_out_of_call_when_there_is_no_bearer),
		CASE(wds_tells_when_a_call_comes_and_goes),
		CASE(uim_lists_the_messages_that_it_answers),
		CASE(uim_shows_the_card_in_each_state),
		CASE(uim_wants_a_pin_when_the_card_is_locked),
		CASE(uim_tells_of_the_card_when_it_was_asked_to),
	};

	return cmocka_run_group_tests_name("sim-services", tests, NULL, NULL);
}
