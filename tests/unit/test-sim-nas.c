/*
 * NAS and UIM of the virtual modem: what is answered late, what is told and when, lists that the host writes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/ctl.h>
#include <qmikit/nas.h>
#include <qmikit/uim.h>

#include "sim-host.h"

struct modem {
	struct host *host;
	uint8_t nas, uim;
	uint64_t now_usec;
};

static int setup(void **state)
{
	struct modem *modem = calloc(1, sizeof(*modem));

	assert_non_null(modem);
	modem->host = host_new(NULL, 1);
	modem->nas = host_allocate(modem->host, QK_SERVICE_ID_NAS);
	modem->uim = host_allocate(modem->host, QK_SERVICE_ID_UIM);
	modem->now_usec = HOST_START_USEC;
	*state = modem;
	return 0;
}

static int teardown(void **state)
{
	struct modem *modem = *state;

	host_free(modem->host);
	free(modem);
	return 0;
}

/* Lets time pass from one deadline to the next, as a loop does. */
static void pass(struct modem *modem, uint64_t usec)
{
	uint64_t end = modem->now_usec + usec;

	for (uint64_t next; (next = qk_sim_next_usec(modem->host->sim)) <= end;)
		qk_sim_advance(modem->host->sim, next);
	qk_sim_advance(modem->host->sim, end);
	modem->now_usec = end;
}

static struct qk_sim_state *model(struct modem *modem)
{
	return qk_sim_state(modem->host->sim);
}

/* The next frame, which must be the answer to `method`; its error. */
static int expect_answer(struct modem *modem, const struct qk_method *method, void *response)
{
	struct qk_frame frame;

	assert_true(host_next(modem->host, &frame));
	assert_int_equal(frame.type, QK_RESPONSE);
	assert_int_equal(frame.message, method->response->id);
	modem->host->arena.used = 0;
	assert_int_equal(qk_decode(method->response, frame.tlvs, &modem->host->arena, response), 0);
	return ((const struct qk_response *)response)->result.error;
}

static void scan_is_answered_when_it_is_over(void **state)
{
	struct modem *modem = *state;
	struct qk_nas_network_scan_request request = { 0 };
	struct qk_nas_network_scan_response scan;
	struct qk_nas_get_signal_info_response signal;
	struct qk_frame frame;

	host_send(modem->host, modem->nas, qk_nas_network_scan_method.request, &request, 7);
	assert_false(host_next(modem->host, &frame));
	/* others are served meanwhile */
	assert_int_equal(
		host_ask(modem->host, modem->nas, &qk_nas_get_signal_info_method, NULL, &signal),
		0);
	pass(modem, 44000000);
	assert_false(host_next(modem->host, &frame));
	pass(modem, 2000000);
	assert_int_equal(expect_answer(modem, &qk_nas_network_scan_method, &scan), 0);
	assert_int_equal(scan.network_information.count, 6);
	assert_int_equal(scan.radio_access_technology.items[1].radio_interface,
			 QK_NAS_RADIO_INTERFACE_UMTS);
	assert_int_equal(scan.network_information.items[5].network_status,
			 QK_NAS_NETWORK_STATUS_AVAILABLE | QK_NAS_NETWORK_STATUS_ROAMING |
				 QK_NAS_NETWORK_STATUS_FORBIDDEN |
				 QK_NAS_NETWORK_STATUS_NOT_PREFERRED);
}

static void scan_is_forgotten_when_its_client_is_released(void **state)
{
	struct modem *modem = *state;
	struct qk_nas_network_scan_request request = { 0 };
	uint8_t other = host_allocate(modem->host, QK_SERVICE_ID_NAS);
	struct qk_frame frame;

	host_send(modem->host, other, qk_nas_network_scan_method.request, &request, 7);
	const struct qk_ctl_release_cid_request release = {
		.has_release_info = true, .release_info = { QK_SERVICE_ID_NAS, other }
	};
	assert_int_equal(host_ask(modem->host, 0, &qk_ctl_release_cid_method, &release, NULL), 0);
	pass(modem, 60000000);
	assert_false(host_next(modem->host, &frame));
}

/* The next indication of an incremental scan: how it goes, and how many networks of which radio technology. */
static uint32_t expect_part(struct modem *modem, size_t count, int radio_interface)
{
	struct qk_nas_incremental_network_scan_indication part;

	host_expect_indication(modem->host, modem->nas, &qk_nas_incremental_network_scan_message,
			       &part);
	assert_int_equal(part.network_information.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(part.network_information.items[i].radio_interface,
				 radio_interface);
	return part.status;
}

static void incremental_scan_tells_networks_as_it_finds_them(void **state)
{
	const struct qk_method *method = &qk_nas_incremental_network_scan_method;
	struct modem *modem = *state;
	struct qk_frame frame;

	assert_int_equal(host_ask(modem->host, modem->nas, method, NULL, NULL), 0);
	pass(modem, 14000000);
	assert_false(host_next(modem->host, &frame));
	pass(modem, 2000000);
	assert_int_equal(expect_part(modem, 3, QK_NAS_RADIO_INTERFACE_LTE),
			 QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_PARTIAL);
	assert_false(host_next(modem->host, &frame));
	pass(modem, 30000000);
	assert_int_equal(expect_part(modem, 2, QK_NAS_RADIO_INTERFACE_UMTS),
			 QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_PARTIAL);
	assert_int_equal(expect_part(modem, 1, QK_NAS_RADIO_INTERFACE_GSM),
			 QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_COMPLETE);
	pass(modem, 60000000);
	assert_false(host_next(modem->host, &frame));
}

static void incremental_scan_ends_when_it_cannot_go_on(void **state)
{
	const struct qk_method *method = &qk_nas_incremental_network_scan_method;
	const struct qk_nas_incremental_network_scan_request none = {
		.has_network_type = true,
		.network_type = QK_NAS_NETWORK_SCAN_TYPE_TD_SCDMA,
	};
	struct modem *modem = *state;
	struct qk_frame frame;

	/* this modem has no TD-SCDMA */
	assert_int_equal(host_ask(modem->host, modem->nas, method, &none, NULL), 0);
	pass(modem, 60000000);
	assert_int_equal(expect_part(modem, 0, 0), QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_COMPLETE);
	assert_int_equal(host_ask(modem->host, modem->nas, method, NULL, NULL), 0);
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_reset_method, NULL, NULL), 0);
	pass(modem, 60000000);
	assert_false(host_next(modem->host, &frame));
	assert_int_equal(host_ask(modem->host, modem->nas, method, NULL, NULL), 0);
	qk_sim_state_set_mode(model(modem), QK_SIM_MODE_LOW_POWER);
	qk_sim_notify(modem->host->sim);
	host_drop(modem->host);
	pass(modem, 60000000);
	assert_int_equal(expect_part(modem, 0, 0), QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_ABORTED);
	assert_int_equal(host_ask(modem->host, modem->nas, method, NULL, NULL),
			 QK_ERROR_DEVICE_NOT_READY);
}

static void manual_registration_is_answered_by_its_outcome(void **state)
{
	struct modem *modem = *state;
	struct qk_nas_initiate_network_register_request request = {
		.has_action = true,
		.action = QK_NAS_NETWORK_REGISTER_TYPE_MANUAL,
		.has_manual_registration_info_3gpp = true,
		.manual_registration_info_3gpp = { 1, 2, QK_NAS_RADIO_INTERFACE_LTE },
	};
	struct qk_nas_initiate_network_register_response response;
	struct qk_frame frame;

	host_send(modem->host, modem->nas, qk_nas_initiate_network_register_method.request,
		  &request, 8);
	assert_false(host_next(modem->host, &frame));
	pass(modem, 20000000);
	assert_int_equal(expect_answer(modem, &qk_nas_initiate_network_register_method, &response),
			 0);
	assert_true(model(modem)->roaming);
	request.manual_registration_info_3gpp.mnc = 3;
	host_send(modem->host, modem->nas, qk_nas_initiate_network_register_method.request,
		  &request, 9);
	pass(modem, 20000000);
	assert_int_equal(expect_answer(modem, &qk_nas_initiate_network_register_method, &response),
			 QK_ERROR_NO_NETWORK_FOUND);
	request.has_manual_registration_info_3gpp = false;
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_initiate_network_register_method,
				  &request, NULL),
			 QK_ERROR_MISSING_ARGUMENT);
	request.action = 9;
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_initiate_network_register_method,
				  &request, NULL),
			 QK_ERROR_INVALID_REGISTER_ACTION);
}

static void set_rsrp(struct modem *modem, int16_t dbm)
{
	struct qk_sim_cell cell = model(modem)->cell;

	cell.rsrp_dbm = dbm;
	qk_sim_state_set_signal(model(modem), &cell);
	qk_sim_notify(modem->host->sim);
}

static void register_for(struct modem *modem,
			 const struct qk_nas_register_indications_request *request)
{
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_register_indications_method,
				  request, NULL),
			 0);
}

static void signal_is_told_when_it_has_moved_by_the_delta(void **state)
{
	struct modem *modem = *state;
	const struct qk_nas_register_indications_request want = { .has_signal_info = true,
								  .signal_info = true };
	const struct qk_nas_config_signal_info_v2_request config = { .has_lte_rsrp_delta = true,
								     .lte_rsrp_delta = 50 };
	struct qk_nas_signal_info_indication news;
	struct qk_frame frame;

	register_for(modem, &want);
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_config_signal_info_v2_method,
				  &config, NULL),
			 0);
	set_rsrp(modem, -100);
	host_expect_indication(modem->host, modem->nas, &qk_nas_signal_info_message, &news);
	assert_int_equal(news.lte_signal_strength.rsrp, -100);
	set_rsrp(modem, -104);
	assert_false(host_next(modem->host, &frame));
	set_rsrp(modem, -105);
	host_expect_indication(modem->host, modem->nas, &qk_nas_signal_info_message, &news);
	assert_int_equal(news.lte_signal_strength.rsrp, -105);
}

static void signal_is_told_when_it_crosses_a_threshold(void **state)
{
	struct modem *modem = *state;
	const struct qk_nas_register_indications_request want = { .has_signal_info = true,
								  .signal_info = true };
	int16_t thresholds[] = { -110, -90 };
	const struct qk_nas_config_signal_info_request config = {
		.has_rsrp_threshold = true, .rsrp_threshold = { thresholds, 2 }
	};
	struct qk_nas_signal_info_indication news;
	struct qk_frame frame;

	register_for(modem, &want);
	assert_int_equal(
		host_ask(modem->host, modem->nas, &qk_nas_config_signal_info_method, &config, NULL),
		0);
	set_rsrp(modem, -100);
	host_expect_indication(modem->host, modem->nas, &qk_nas_signal_info_message, &news);
	set_rsrp(modem, -91);
	assert_false(host_next(modem->host, &frame));
	set_rsrp(modem, -89);
	host_expect_indication(modem->host, modem->nas, &qk_nas_signal_info_message, &news);
	set_rsrp(modem, -111);
	host_expect_indication(modem->host, modem->nas, &qk_nas_signal_info_message, &news);
	/* Reset forgets both, and the thresholds do not come back with the subscription */
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_reset_method, NULL, NULL), 0);
	register_for(modem, &want);
	set_rsrp(modem, -112);
	host_expect_indication(modem->host, modem->nas, &qk_nas_signal_info_message, &news);
}

static void refusal_is_told_with_its_cause(void **state)
{
	struct modem *modem = *state;
	const struct qk_nas_register_indications_request want = {
		.has_network_reject_information = true,
		.network_reject_information = { true, false },
		.has_system_info = true,
		.system_info = true,
	};
	struct qk_nas_network_reject_indication reject;
	struct qk_nas_system_info_indication info;
	struct qk_frame frame;

	register_for(modem, &want);
	assert_int_equal(qk_sim_radio_refuse(model(modem), QK_SIM_ALL_NETWORKS, 15), 0);
	qk_sim_notify(modem->host->sim);
	host_expect_indication(modem->host, modem->nas, &qk_nas_network_reject_message, &reject);
	assert_int_equal(reject.reject_cause,
			 QK_NAS_REJECT_CAUSE_NO_SUITABLE_CELLS_IN_LOCATION_AREA);
	assert_int_equal(reject.service_domain, QK_NAS_NETWORK_SERVICE_DOMAIN_CS_PS);
	host_expect_indication(modem->host, modem->nas, &qk_nas_system_info_message, &info);
	assert_int_equal(info.lte_service_status.service_status, QK_NAS_SERVICE_STATUS_LIMITED);
	assert_true(info.lte_system_info_v2.registration_reject_info_valid);
	assert_int_equal(info.lte_system_info_v2.registration_reject_cause, 15);
	assert_false(host_next(modem->host, &frame));
}

static void time_is_told_to_who_asked(void **state)
{
	struct modem *modem = *state;
	const struct qk_nas_register_indications_request want = { .has_network_time = true,
								  .network_time = true };
	struct qk_nas_network_time_indication news;

	register_for(modem, &want);
	pass(modem, 2000000);
	host_expect_indication(modem->host, modem->nas, &qk_nas_network_time_message, &news);
	assert_int_equal(news.universal_time.year, 2026);
	assert_int_equal(news.universal_time.day_of_week, QK_NAS_DAY_OF_WEEK_THURSDAY);
	assert_int_equal(news.timezone_offset, 4);
}

static void preferred_networks_are_written_to_the_card(void **state)
{
	struct modem *modem = *state;
	struct qk_nas_preferred_network networks[] = {
		{ 262, 1, QK_NAS_PLMN_ACCESS_TECHNOLOGY_IDENTIFIER_EUTRAN },
		{ 310, 410, QK_NAS_PLMN_ACCESS_TECHNOLOGY_IDENTIFIER_UTRAN },
	};
	struct qk_nas_set_preferred_networks_request request = {
		.has_preferred_networks = true,
		.preferred_networks = { networks, 2 },
		.has_clear_previous_preferred_networks = true,
		.clear_previous_preferred_networks = true,
	};
	struct qk_nas_get_preferred_networks_response response;

	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_set_preferred_networks_method,
				  &request, NULL),
			 0);
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_get_preferred_networks_method,
				  NULL, &response),
			 0);
	assert_int_equal(response.preferred_networks.count, 2);
	assert_int_equal(response.preferred_networks.items[1].mnc, 410);
	assert_true(response.mnc_pcs_digit_include_status.items[1].includes_pcs_digit);
	request.has_clear_previous_preferred_networks = false;
	for (unsigned int i = 0; i < 7; i++)
		assert_int_equal(host_ask(modem->host, modem->nas,
					  &qk_nas_set_preferred_networks_method, &request, NULL),
				 0);
	/* 16 fit */
	assert_int_equal(host_ask(modem->host, modem->nas, &qk_nas_set_preferred_networks_method,
				  &request, NULL),
			 QK_ERROR_INSUFFICIENT_RESOURCES);
}

static void card_tells_each_step_when_its_power_comes_back(void **state)
{
	struct modem *modem = *state;
	const struct qk_uim_register_events_request want = { .has_event_registration_mask = true,
							     .event_registration_mask = 1 };
	const struct qk_uim_power_off_sim_request off = { .has_slot = true, .slot = 1 };
	const struct qk_uim_power_on_sim_request on = { .has_slot = true, .slot = 1 };
	static const struct {
		uint8_t card;
		size_t applications;
		uint8_t application;
	} steps[] = {
		{ QK_UIM_CARD_STATE_PRESENT, 0, 0 },
		{ QK_UIM_CARD_STATE_PRESENT, 1, QK_UIM_CARD_APPLICATION_STATE_DETECTED },
		{ QK_UIM_CARD_STATE_PRESENT, 1, QK_UIM_CARD_APPLICATION_STATE_READY },
	};
	struct qk_uim_card_status_indication news;

	assert_int_equal(
		host_ask(modem->host, modem->uim, &qk_uim_register_events_method, &want, NULL), 0);
	assert_int_equal(
		host_ask(modem->host, modem->uim, &qk_uim_power_off_sim_method, &off, NULL), 0);
	host_expect_indication(modem->host, modem->uim, &qk_uim_card_status_message, &news);
	assert_int_equal(news.card_status.cards.items[0].card_state, QK_UIM_CARD_STATE_ABSENT);
	assert_int_equal(
		host_ask(modem->host, modem->uim, &qk_uim_power_off_sim_method, &off, NULL),
		QK_ERROR_NO_EFFECT);
	assert_int_equal(host_ask(modem->host, modem->uim, &qk_uim_power_on_sim_method, &on, NULL),
			 0);
	pass(modem, 10000000);
	for (size_t i = 0; i < 3; i++) {
		host_expect_indication(modem->host, modem->uim, &qk_uim_card_status_message, &news);
		const struct qk_uim_card *card = &news.card_status.cards.items[0];
		assert_int_equal(card->card_state, steps[i].card);
		assert_int_equal(card->applications.count, steps[i].applications);
		if (steps[i].applications)
			assert_int_equal(card->applications.items[0].state, steps[i].application);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(scan_is_answered_when_it_is_over),
		CASE(scan_is_forgotten_when_its_client_is_released),
		CASE(incremental_scan_tells_networks_as_it_finds_them),
		CASE(incremental_scan_ends_when_it_cannot_go_on),
		CASE(manual_registration_is_answered_by_its_outcome),
		CASE(signal_is_told_when_it_has_moved_by_the_delta),
		CASE(signal_is_told_when_it_crosses_a_threshold),
		CASE(refusal_is_told_with_its_cause),
		CASE(time_is_told_to_who_asked),
		CASE(preferred_networks_are_written_to_the_card),
		CASE(card_tells_each_step_when_its_power_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
