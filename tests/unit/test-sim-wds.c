/*
 * Data calls in WDS of the virtual modem: answered late, who owns them, who is told, how a host is set
 * up; and the late answers themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/common.h>
#include <qmikit/ctl.h>
#include <qmikit/wds.h>

#include "sim/modem.h"
#include "wds-modem.h"

#define LATER_USEC 130000 /* a call is answered by then */
#define TRANSACTION 0x777

static void wait_for(struct modem *modem, uint64_t usec)
{
	qk_sim_advance(modem->host->sim, modem->state->now_usec + usec);
}

static void set_text(struct qk_string *to, const char *text)
{
	*to = (struct qk_string){ text, strlen(text) };
}

static void assert_text(struct qk_string text, const char *expected)
{
	assert_int_equal(text.size, strlen(expected));
	assert_memory_equal(text.data, expected, text.size);
}

static struct qk_wds_start_network_request start_request(const char *apn, uint8_t family)
{
	struct qk_wds_start_network_request request = { .has_apn = apn,
							.has_ip_family_preference = family,
							.ip_family_preference = family };

	if (apn)
		set_text(&request.apn, apn);
	return request;
}

static void send_start(struct modem *modem, uint8_t client,
		       const struct qk_wds_start_network_request *request)
{
	host_send(modem->host, client, qk_wds_start_network_method.request, request, TRANSACTION);
}

/* The next frame must be the answer to what was sent as TRANSACTION. Its error. */
static int take_answer(struct modem *modem, uint8_t client, const struct qk_message *message,
		       void *response)
{
	struct qk_frame frame;

	assert_true(host_next(modem->host, &frame));
	assert_int_equal(frame.type, QK_RESPONSE);
	assert_int_equal(frame.client, client);
	assert_int_equal(frame.message, message->id);
	assert_int_equal(frame.transaction, TRANSACTION);
	modem->host->arena.used = 0;
	assert_int_equal(qk_decode(message, frame.tlvs, &modem->host->arena, response), 0);
	return ((const struct qk_response *)response)->result.error;
}

static void assert_silent(struct modem *modem)
{
	struct qk_frame frame;

	assert_false(host_next(modem->host, &frame));
}

/* Starts a call; the error. What is said besides stays to be read, behind it. */
static int start_as(struct modem *modem, uint8_t client,
		    const struct qk_wds_start_network_request *request,
		    struct qk_wds_start_network_response *response)
{
	struct qk_wds_start_network_response unused;

	send_start(modem, client, request);
	wait_for(modem, LATER_USEC);
	return take_answer(modem, client, qk_wds_start_network_method.response,
			   response ? response : &unused);
}

/* The handle of a call that is up, with all that was said of it dropped. */
static uint32_t start(struct modem *modem, uint8_t client, uint8_t family)
{
	struct qk_wds_start_network_request request = start_request("internet", family);
	struct qk_wds_start_network_response response;

	assert_int_equal(start_as(modem, client, &request, &response), 0);
	assert_true(response.has_packet_data_handle);
	host_drop(modem->host);
	return response.packet_data_handle;
}

static int stop(struct modem *modem, uint8_t client, uint32_t handle, bool disable)
{
	struct qk_wds_stop_network_request request = { .has_packet_data_handle = true,
						       .packet_data_handle = handle,
						       .has_disable_autoconnect = disable,
						       .disable_autoconnect = disable };

	return host_ask(modem->host, client, &qk_wds_stop_network_method, &request, NULL);
}

static int status_of(struct modem *modem, uint8_t client)
{
	struct qk_wds_get_packet_service_status_response response;

	assert_int_equal(host_ask(modem->host, client, &qk_wds_get_packet_service_status_method,
				  NULL, &response),
			 0);
	return response.connection_status;
}

static void set_family(struct modem *modem, uint8_t client, uint8_t family)
{
	struct qk_wds_set_ip_family_request request = { .has_preference = true,
							.preference = family };

	assert_int_equal(
		host_ask(modem->host, client, &qk_wds_set_ip_family_method, &request, NULL), 0);
}

static void release(struct modem *modem, uint8_t client)
{
	struct qk_ctl_release_cid_request request = { .has_release_info = true };

	request.release_info.service = QK_SERVICE_ID_WDS;
	request.release_info.cid = client;
	assert_int_equal(host_ask(modem->host, 0, &qk_ctl_release_cid_method, &request, NULL), 0);
}

static void expect_status(struct modem *modem, uint8_t client, uint8_t status, uint8_t family,
			  const struct qk_sim_end_reason *end)
{
	struct qk_wds_packet_service_status_indication told;

	host_expect_indication(modem->host, client, &qk_wds_packet_service_status_message, &told);
	assert_int_equal(told.connection_status.status, status);
	assert_int_equal(told.ip_family, family);
	assert_int_equal(told.has_verbose_call_end_reason, end != NULL);
	if (!end)
		return;
	assert_int_equal(told.call_end_reason, end->call);
	assert_int_equal(told.verbose_call_end_reason.type, end->type);
	assert_int_equal(told.verbose_call_end_reason.reason, end->reason);
}

/* --- calls */

static void start_is_answered_when_the_network_has_answered(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_start_network_request request = start_request("internet", 4);
	struct qk_wds_start_network_response response;

	send_start(modem, modem->wds, &request);
	assert_silent(modem);
	wait_for(modem, 74999);
	assert_silent(modem);
	/* others are served meanwhile */
	assert_int_equal(status_of(modem, modem->other), QK_WDS_CONNECTION_STATUS_DISCONNECTED);
	wait_for(modem, LATER_USEC - 74999);
	assert_int_equal(
		take_answer(modem, modem->wds, qk_wds_start_network_method.response, &response), 0);
	assert_true(response.has_packet_data_handle);
	assert_non_null(qk_sim_bearer_find(modem->state, response.packet_data_handle));
	/* the answer first, then who sees the call is told, once */
	expect_status(modem, modem->wds, QK_WDS_CONNECTION_STATUS_CONNECTED, 4, NULL);
	expect_status(modem, modem->other, QK_WDS_CONNECTION_STATUS_CONNECTED, 4, NULL);
	assert_silent(modem);
	assert_int_equal(status_of(modem, modem->other), QK_WDS_CONNECTION_STATUS_CONNECTED);
	wait_for(modem, 10000000);
	assert_silent(modem);
}

static void start_says_why_it_failed(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_start_network_request request = start_request("no.such.invalid", 4);
	struct qk_wds_start_network_response response;

	assert_int_equal(start_as(modem, modem->wds, &request, &response), QK_ERROR_CALL_FAILED);
	assert_false(response.has_packet_data_handle);
	assert_int_equal(response.call_end_reason, QK_WDS_CALL_END_REASON_GENERIC_UNSPECIFIED);
	assert_int_equal(response.verbose_call_end_reason.type,
			 QK_WDS_VERBOSE_CALL_END_REASON_TYPE_3GPP);
	assert_int_equal(response.verbose_call_end_reason.reason,
			 QK_WDS_VERBOSE_CALL_END_REASON_3GPP_UNKNOWN_APN);
	assert_silent(modem);
	/* what the modem knows by itself is said at once */
	assert_int_equal(qk_sim_state_set_mode(modem->state, QK_SIM_MODE_LOW_POWER), 0);
	qk_sim_notify(modem->host->sim);
	send_start(modem, modem->wds, &request);
	assert_int_equal(
		take_answer(modem, modem->wds, qk_wds_start_network_method.response, &response),
		QK_ERROR_CALL_FAILED);
	assert_int_equal(response.verbose_call_end_reason.reason,
			 QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_LPM_OR_POWER_DOWN);
}

static void start_is_checked_before_the_network_is_asked(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_start_network_request request = start_request(NULL, 5);
	static char long_name[200];

	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_start_network_method, &request, NULL),
		QK_ERROR_INVALID_IP_FAMILY_PREFERENCE);
	request = (struct qk_wds_start_network_request){ .has_profile_index_3gpp = true,
							 .profile_index_3gpp = 9 };
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_start_network_method, &request, NULL),
		QK_ERROR_INVALID_PROFILE);
	memset(long_name, 'a', sizeof(long_name));
	request = (struct qk_wds_start_network_request){ .has_apn = true,
							 .apn = { long_name, QK_SIM_APN_MAX + 1 } };
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_start_network_method, &request, NULL),
		QK_ERROR_INVALID_ARGUMENT);
	request.apn = (struct qk_string){ "in\0ternet", 9 };
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_start_network_method, &request, NULL),
		QK_ERROR_INVALID_ARGUMENT);
	assert_true(qk_sim_bearers_next_usec(modem->state) == QK_SIM_NEVER);
}

static void start_has_no_effect_when_the_call_is_there(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_start_network_request request = start_request("internet", 4);

	start(modem, modem->wds, 4);
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_start_network_method, &request, NULL),
		QK_ERROR_NO_EFFECT);
	assert_int_equal(
		host_ask(modem->host, modem->other, &qk_wds_start_network_method, &request, NULL),
		QK_ERROR_NO_EFFECT);
}

static void start_of_a_call_that_another_starts_waits_for_it(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_start_network_request request = start_request("internet", 4);
	struct qk_wds_start_network_response response;

	for (unsigned int i = 0; i < 2; i++) {
		if (i)
			qk_sim_bearer_arm(modem->state, &qk_sim_end_regular, 1);
		send_start(modem, modem->wds, &request);
		assert_int_equal(host_ask(modem->host, modem->wds, &qk_wds_start_network_method,
					  &request, NULL),
				 QK_ERROR_NO_EFFECT);
		send_start(modem, modem->other, &request);
		assert_silent(modem);
		wait_for(modem, LATER_USEC);
		assert_int_equal(take_answer(modem, modem->wds,
					     qk_wds_start_network_method.response, &response),
				 i ? QK_ERROR_CALL_FAILED : 0);
		assert_int_equal(take_answer(modem, modem->other,
					     qk_wds_start_network_method.response, &response),
				 i ? QK_ERROR_CALL_FAILED : QK_ERROR_NO_EFFECT);
		qk_sim_bearer_drop(modem->state, 0, &qk_sim_end_regular);
		qk_sim_notify(modem->host->sim);
		host_drop(modem->host);
	}
}

static void start_fails_at_once_when_service_is_lost(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_start_network_request request = start_request("internet", 4);
	struct qk_wds_start_network_response response;

	send_start(modem, modem->wds, &request);
	qk_sim_bearer_drop(modem->state, 0, &qk_sim_end_no_service);
	qk_sim_notify(modem->host->sim);
	assert_int_equal(
		take_answer(modem, modem->wds, qk_wds_start_network_method.response, &response),
		QK_ERROR_CALL_FAILED);
	assert_int_equal(response.call_end_reason, QK_WDS_CALL_END_REASON_GENERIC_NO_SERVICE);
}

static void start_is_given_up_when_it_is_aborted(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_start_network_request request = start_request("internet", 4);
	struct qk_wds_abort_request abort_request = { .has_transaction_id = true,
						      .transaction_id = TRANSACTION };
	struct qk_wds_start_network_response response;
	struct qk_frame frame;

	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_abort_method, &abort_request, NULL),
		QK_ERROR_INVALID_TRANSACTION_ID);
	send_start(modem, modem->wds, &request);
	assert_int_equal(
		host_ask(modem->host, modem->other, &qk_wds_abort_method, &abort_request, NULL),
		QK_ERROR_INVALID_TRANSACTION_ID);
	host_send(modem->host, modem->wds, qk_wds_abort_method.request, &abort_request, 5);
	assert_int_equal(
		take_answer(modem, modem->wds, qk_wds_start_network_method.response, &response),
		QK_ERROR_ABORTED);
	assert_true(host_next(modem->host, &frame));
	assert_int_equal(frame.transaction, 5);
	wait_for(modem, LATER_USEC);
	assert_silent(modem);
	assert_false(qk_sim_bearer_any_up(modem->state));
}

static void start_is_forgotten_when_its_client_is_released(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_start_network_request request = start_request("internet", 4);

	send_start(modem, modem->wds, &request);
	release(modem, modem->wds);
	wait_for(modem, LATER_USEC);
	assert_silent(modem);
	assert_false(qk_sim_bearer_any_up(modem->state));
	assert_int_equal(modem->host->sim->late_count, 0);
}

static void start_goes_unanswered_when_its_port_is_closed(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_start_network_request request = start_request("internet", 4);

	send_start(modem, modem->wds, &request);
	qk_sim_port_reset(modem->host->port);
	assert_int_equal(modem->host->sim->late_count, 0);
	wait_for(modem, LATER_USEC);
	/* the call itself comes up: its client has only changed hands */
	expect_status(modem, modem->wds, QK_WDS_CONNECTION_STATUS_CONNECTED, 4, NULL);
	host_drop(modem->host);
	assert_int_equal(status_of(modem, modem->wds), QK_WDS_CONNECTION_STATUS_CONNECTED);
}

static void start_goes_unanswered_when_the_modem_crashes(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_start_network_request request = start_request("internet", 4);

	send_start(modem, modem->wds, &request);
	qk_sim_state_reboot(modem->state, 1000000);
	qk_sim_notify(modem->host->sim);
	wait_for(modem, LATER_USEC);
	assert_silent(modem);
	assert_int_equal(modem->host->sim->late_count, 0);
}

static void start_is_refused_when_too_many_wait(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_start_network_request request = start_request("internet", 4);
	struct qk_sim *sim = modem->host->sim;

	for (size_t i = 0; i < QK_SIM_LATE_MAX; i++)
		sim->late[i] = (struct qk_sim_late){ .due_usec = QK_SIM_NEVER };
	sim->late_count = QK_SIM_LATE_MAX;
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_start_network_method, &request, NULL),
		QK_ERROR_NO_MEMORY);
	sim->late_count = 0;
	wait_for(modem, LATER_USEC);
	assert_false(qk_sim_bearer_any_up(modem->state));
}

static void stop_needs_the_clients_own_handle(void **state)
{
	struct modem *modem = *state;
	uint32_t handle = start(modem, modem->wds, 4);

	assert_int_equal(stop(modem, modem->wds, handle + 16, false), QK_ERROR_INVALID_HANDLE);
	assert_int_equal(stop(modem, modem->other, handle, false), QK_ERROR_INVALID_HANDLE);
	assert_int_equal(stop(modem, modem->wds, handle, false), 0);
	expect_status(modem, modem->wds, QK_WDS_CONNECTION_STATUS_DISCONNECTED, 4,
		      &qk_sim_end_client);
	expect_status(modem, modem->other, QK_WDS_CONNECTION_STATUS_DISCONNECTED, 4,
		      &qk_sim_end_client);
	assert_int_equal(stop(modem, modem->wds, handle, false), QK_ERROR_NO_EFFECT);
}

static void global_stop_ends_what_the_client_sees(void **state)
{
	struct modem *modem = *state;

	assert_int_equal(stop(modem, modem->other, QK_SIM_ANY_HANDLE, true), QK_ERROR_NO_EFFECT);
	start(modem, modem->wds, 4);
	start(modem, modem->wds, 6);
	set_family(modem, modem->other, 6);
	assert_int_equal(stop(modem, modem->other, QK_SIM_ANY_HANDLE, true), 0);
	assert_non_null(qk_sim_bearer_of_mux(modem->state, 0, 4));
	assert_null(qk_sim_bearer_of_mux(modem->state, 0, 6));
	host_drop(modem->host);
	set_family(modem, modem->other, 8);
	host_drop(modem->host);
	assert_int_equal(stop(modem, modem->other, QK_SIM_ANY_HANDLE, true), 0);
	assert_false(qk_sim_bearer_any_up(modem->state));
}

static void call_ends_when_its_client_is_released(void **state)
{
	struct modem *modem = *state;

	start(modem, modem->wds, 4);
	release(modem, modem->wds);
	expect_status(modem, modem->other, QK_WDS_CONNECTION_STATUS_DISCONNECTED, 4,
		      &qk_sim_end_client);
	assert_silent(modem);
	assert_false(qk_sim_bearer_any_up(modem->state));
}

static void each_ip_version_is_a_call_of_its_own(void **state)
{
	struct modem *modem = *state;

	set_family(modem, modem->wds, 4);
	set_family(modem, modem->other, 6);
	uint32_t ipv4 = start(modem, modem->wds, 0);
	uint32_t ipv6 = start(modem, modem->other, 0);
	assert_int_equal(qk_sim_bearer_find(modem->state, ipv4)->family, 4);
	assert_int_equal(qk_sim_bearer_find(modem->state, ipv6)->family, 6);
	assert_int_equal(stop(modem, modem->wds, ipv4, false), 0);
	expect_status(modem, modem->wds, QK_WDS_CONNECTION_STATUS_DISCONNECTED, 4,
		      &qk_sim_end_client);
	assert_silent(modem);
	assert_int_equal(status_of(modem, modem->wds), QK_WDS_CONNECTION_STATUS_DISCONNECTED);
	assert_int_equal(status_of(modem, modem->other), QK_WDS_CONNECTION_STATUS_CONNECTED);
}

static void new_client_is_told_of_nothing_old(void **state)
{
	struct modem *modem = *state;

	start(modem, modem->wds, 4);
	uint8_t client = host_allocate(modem->host, QK_SERVICE_ID_WDS);
	start(modem, modem->other, 6);
	assert_int_equal(status_of(modem, client), QK_WDS_CONNECTION_STATUS_CONNECTED);
	qk_sim_bearer_drop(modem->state, 0, &qk_sim_end_emm_detached);
	qk_sim_notify(modem->host->sim);
	for (unsigned int i = 0; i < 3; i++) {
		uint8_t who = i == 0 ? modem->wds : i == 1 ? modem->other : client;
		expect_status(modem, who, QK_WDS_CONNECTION_STATUS_DISCONNECTED, 4,
			      &qk_sim_end_emm_detached);
		expect_status(modem, who, QK_WDS_CONNECTION_STATUS_DISCONNECTED, 6,
			      &qk_sim_end_emm_detached);
	}
	assert_silent(modem);
}

static int bind_mux(struct modem *modem, uint8_t client, uint8_t mux_id, uint32_t endpoint)
{
	struct qk_wds_bind_mux_data_port_request request = {
		.has_endpoint_info = true,
		.endpoint_info = { endpoint, 4 },
		.has_mux_id = true,
		.mux_id = mux_id,
	};

	return host_ask(modem->host, client, &qk_wds_bind_mux_data_port_method, &request, NULL);
}

static void mux_ids_have_calls_of_their_own(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_start_network_request ims = start_request("ims", 4);
	struct qk_wds_start_network_response response;

	assert_int_equal(bind_mux(modem, modem->wds, 1, QK_DATA_ENDPOINT_TYPE_PCIE),
			 QK_ERROR_INVALID_ARGUMENT);
	assert_int_equal(bind_mux(modem, modem->wds, 1, QK_DATA_ENDPOINT_TYPE_HSUSB), 0);
	assert_int_equal(bind_mux(modem, modem->other, 2, QK_DATA_ENDPOINT_TYPE_HSUSB), 0);
	start(modem, modem->wds, 4);
	assert_int_equal(start_as(modem, modem->other, &ims, &response), 0);
	expect_status(modem, modem->other, QK_WDS_CONNECTION_STATUS_CONNECTED, 4, NULL);
	assert_silent(modem);
	assert_string_equal(qk_sim_bearer_of_mux(modem->state, 1, 4)->apn, "internet");
	assert_string_equal(qk_sim_bearer_of_mux(modem->state, 2, 4)->apn, "ims");
	assert_null(qk_sim_bearer_of_mux(modem->state, 0, 4));
	assert_int_equal(bind_mux(modem, modem->wds, 3, QK_DATA_ENDPOINT_TYPE_HSUSB),
			 QK_ERROR_DEVICE_IN_USE);
}

/* --- settings */

static int ask_settings(struct modem *modem, uint32_t mask,
			struct qk_wds_get_current_settings_response *response)
{
	struct qk_wds_get_current_settings_request request = { .has_requested_settings = mask,
							       .requested_settings = mask };

	return host_ask(modem->host, modem->wds, &qk_wds_get_current_settings_method, &request,
			response);
}

static void settings_are_those_of_the_call(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_get_current_settings_response response;

	assert_int_equal(ask_settings(modem, 0, &response), QK_ERROR_OUT_OF_CALL);
	const struct qk_sim_bearer *call =
		qk_sim_bearer_find(modem->state, start(modem, modem->wds, 4));
	/* what ModemManager asks for */
	assert_int_equal(ask_settings(modem, 0x0004e330, &response), 0);
	assert_int_equal(response.ipv4_address, call->address4);
	assert_int_equal(response.ipv4_gateway_address, call->gateway4);
	assert_int_equal(response.ipv4_gateway_subnet_mask, 0xfffffff8);
	assert_int_equal(response.primary_ipv4_dns_address, 0x08080404);
	assert_int_equal(response.secondary_ipv4_dns_address, 0x08080808);
	assert_int_equal(response.mtu, 1500);
	assert_int_equal(response.ip_family, QK_WDS_IP_FAMILY_IPV4);
	assert_true(response.has_domain_name_list);
	assert_int_equal(response.domain_name_list.count, 0);
	assert_false(response.has_apn_name);
	assert_false(response.has_profile_id);
	assert_int_equal(ask_settings(modem, 0, &response), 0);
	assert_text(response.apn_name, "internet");
	assert_int_equal(response.profile_id.profile_index, 1);
	assert_int_equal(response.extended_technology_preference,
			 QK_WDS_EXTENDED_TECHNOLOGY_PREFERENCE_EPC);
	assert_int_equal(ask_settings(modem, QK_WDS_REQUESTED_SETTINGS_MTU, &response), 0);
	assert_true(response.has_mtu);
	assert_false(response.has_ipv4_address);
	assert_false(response.has_ip_family);
}

static void settings_of_ipv6_are_those_of_its_call(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_get_current_settings_response response;
	const struct qk_sim_bearer *call;

	set_family(modem, modem->wds, 6);
	call = qk_sim_bearer_find(modem->state, start(modem, modem->wds, 0));
	assert_int_equal(ask_settings(modem, 0x0004e330, &response), 0);
	assert_false(response.has_ipv4_address);
	assert_int_equal(response.ip_family, QK_WDS_IP_FAMILY_IPV6);
	assert_int_equal(response.ipv6_address.prefix_length, 64);
	for (unsigned int i = 0; i < 8; i++) {
		assert_int_equal(response.ipv6_address.address.items[i],
				 call->address6[2 * i] << 8 | call->address6[2 * i + 1]);
		assert_int_equal(response.ipv6_gateway_address.address.items[i],
				 call->gateway6[2 * i] << 8 | call->gateway6[2 * i + 1]);
	}
	assert_int_equal(response.ipv6_primary_dns_address.items[0], 0x2001);
	assert_int_equal(response.ipv6_primary_dns_address.items[7], 0x8844);
	assert_int_equal(response.ipv6_secondary_dns_address.items[7], 0x8888);
}

/* As a host connects for both: a client for each family, the second one chosen while the first is up. */
static void a_client_that_turns_to_a_family_hears_no_end_of_the_other(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_start_network_request request = start_request("internet", 6);

	start(modem, modem->wds, 4);
	set_family(modem, modem->wds, 4);
	set_family(modem, modem->other, 6);
	assert_int_equal(start_as(modem, modem->other, &request, NULL), 0);
	expect_status(modem, modem->other, QK_WDS_CONNECTION_STATUS_CONNECTED, 6, NULL);
	assert_silent(modem);
}

static void subscribers_hear_when_the_address_changes(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_indication_register_request request = {
		.has_report_extended_ip_configuration_change = true,
		.report_extended_ip_configuration_change = true,
	};
	struct qk_wds_extended_ip_config_indication config;

	start(modem, modem->wds, 4);
	assert_int_equal(host_ask(modem->host, modem->wds, &qk_wds_indication_register_method,
				  &request, NULL),
			 0);
	qk_sim_bearer_renumber(modem->state);
	qk_sim_notify(modem->host->sim);
	host_expect_indication(modem->host, modem->wds, &qk_wds_extended_ip_config_message,
			       &config);
	assert_int_equal(config.changed_ip_configuration,
			 QK_WDS_REQUESTED_SETTINGS_IP_ADDRESS |
				 QK_WDS_REQUESTED_SETTINGS_GATEWAY_INFO);
	assert_silent(modem);
}

static void autoconnect_is_set_and_shown(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_set_autoconnect_settings_request request = {
		.has_status = true,
		.status = QK_WDS_AUTOCONNECT_SETTING_ENABLED,
		.has_roaming = true,
		.roaming = QK_WDS_AUTOCONNECT_SETTING_ROAMING_HOME_ONLY,
	};
	struct qk_wds_get_autoconnect_settings_response response;

	assert_int_equal(host_ask(modem->host, modem->wds, &qk_wds_set_autoconnect_settings_method,
				  &request, NULL),
			 0);
	assert_int_equal(host_ask(modem->host, modem->wds, &qk_wds_get_autoconnect_settings_method,
				  NULL, &response),
			 0);
	assert_int_equal(response.status, QK_WDS_AUTOCONNECT_SETTING_ENABLED);
	assert_int_equal(response.roaming, QK_WDS_AUTOCONNECT_SETTING_ROAMING_HOME_ONLY);
	for (unsigned int i = 0; i < 20; i++)
		wait_for(modem, 100000);
	assert_true(qk_sim_bearer_any_up(modem->state));
	host_drop(modem->host);
	assert_int_equal(stop(modem, modem->other, QK_SIM_ANY_HANDLE, true), 0);
	for (unsigned int i = 0; i < 20; i++)
		wait_for(modem, 1000000);
	assert_false(qk_sim_bearer_any_up(modem->state));
	request.status = 3;
	host_drop(modem->host);
	assert_int_equal(host_ask(modem->host, modem->wds, &qk_wds_set_autoconnect_settings_method,
				  &request, NULL),
			 QK_ERROR_INVALID_ARGUMENT);
}

/* --- reports */

static void statistics_come_at_their_interval(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_set_event_report_request request = { .has_transfer_statistics = true };
	struct qk_wds_event_report_indication report;

	qk_sim_bearer_find(modem->state, start(modem, modem->wds, 4))->counters.tx_bytes = 1234;
	request.transfer_statistics.interval_seconds = 5;
	request.transfer_statistics.indicators =
		QK_WDS_SET_EVENT_REPORT_TRANSFER_STATISTICS_TX_BYTES_OK;
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_set_event_report_method, &request, NULL),
		0);
	wait_for(modem, 4999999);
	assert_silent(modem);
	for (unsigned int i = 0; i < 2; i++) {
		wait_for(modem, i ? 5000000 : 1);
		host_expect_indication(modem->host, modem->wds, &qk_wds_event_report_message,
				       &report);
		assert_true(report.has_tx_bytes_ok);
		assert_int_equal(report.tx_bytes_ok, 1234);
		assert_false(report.has_rx_bytes_ok);
	}
	request.transfer_statistics.interval_seconds = 0;
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_set_event_report_method, &request, NULL),
		0);
	wait_for(modem, 60000000);
	assert_silent(modem);
}

static void reports_say_what_has_changed(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_set_event_report_request request = {
		.has_data_call_status = true,
		.data_call_status = true,
		.has_dormancy_status = true,
		.dormancy_status = true,
		.has_channel_rate = true,
		.channel_rate = true,
		.has_preferred_data_system = true,
		.preferred_data_system = true,
	};
	struct qk_wds_event_report_indication report;
	struct qk_wds_start_network_request start_it = start_request("internet", 4);

	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_set_event_report_method, &request, NULL),
		0);
	assert_int_equal(start_as(modem, modem->wds, &start_it, NULL), 0);
	expect_status(modem, modem->wds, QK_WDS_CONNECTION_STATUS_CONNECTED, 4, NULL);
	host_expect_indication(modem->host, modem->wds, &qk_wds_event_report_message, &report);
	assert_int_equal(report.data_call_status, QK_WDS_DATA_CALL_STATUS_ACTIVATED);
	assert_int_equal(report.channel_rates.rx_rate_bps, 150000000);
	assert_false(report.has_dormancy_status);
	assert_false(report.has_preferred_data_system);
	host_drop(modem->host);
	assert_int_equal(host_ask(modem->host, modem->wds, &qk_wds_go_dormant_method, NULL, NULL),
			 0);
	host_expect_indication(modem->host, modem->wds, &qk_wds_event_report_message, &report);
	assert_int_equal(report.dormancy_status, QK_WDS_DORMANCY_STATUS_TRAFFIC_CHANNEL_DORMANT);
	assert_false(report.has_data_call_status);
	assert_int_equal(host_ask(modem->host, modem->wds, &qk_wds_go_dormant_method, NULL, NULL),
			 QK_ERROR_NO_EFFECT);
	assert_int_equal(host_ask(modem->host, modem->other, &qk_wds_go_active_method, NULL, NULL),
			 0);
	host_drop(modem->host);
	qk_sim_bearer_drop(modem->state, 0, &qk_sim_end_regular);
	qk_sim_notify(modem->host->sim);
	expect_status(modem, modem->wds, QK_WDS_CONNECTION_STATUS_DISCONNECTED, 4,
		      &qk_sim_end_regular);
	host_expect_indication(modem->host, modem->wds, &qk_wds_event_report_message, &report);
	assert_int_equal(report.data_call_status, QK_WDS_DATA_CALL_STATUS_TERMINATED);
	host_drop(modem->host);
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_get_dormancy_status_method, NULL, NULL),
		QK_ERROR_OUT_OF_CALL);
}

static void reset_forgets_what_the_client_set(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_set_event_report_request request = { .has_data_call_status = true,
							   .data_call_status = true };

	set_family(modem, modem->wds, 6);
	assert_int_equal(
		host_ask(modem->host, modem->wds, &qk_wds_set_event_report_method, &request, NULL),
		0);
	assert_int_equal(host_ask(modem->host, modem->wds, &qk_wds_reset_method, NULL, NULL), 0);
	uint32_t handle = start(modem, modem->wds, 0);
	assert_int_equal(qk_sim_bearer_find(modem->state, handle)->family, 4);
	qk_sim_bearer_drop(modem->state, 0, &qk_sim_end_regular);
	qk_sim_notify(modem->host->sim);
	expect_status(modem, modem->wds, QK_WDS_CONNECTION_STATUS_DISCONNECTED, 4,
		      &qk_sim_end_regular);
	expect_status(modem, modem->other, QK_WDS_CONNECTION_STATUS_DISCONNECTED, 4,
		      &qk_sim_end_regular);
	assert_silent(modem);
}

/* --- which profile */

static void default_profile_carries_calls_without_a_name(void **state)
{
	struct modem *modem = *state;
	struct qk_wds_set_default_profile_number_request request = {
		.has_profile_identifier = true,
	};
	struct qk_wds_start_network_request start_it = start_request(NULL, 4);
	struct qk_wds_start_network_response response;

	request.profile_identifier.index = 2;
	assert_int_equal(host_ask(modem->host, modem->wds,
				  &qk_wds_set_default_profile_number_method, &request, NULL),
			 0);
	assert_int_equal(start_as(modem, modem->wds, &start_it, &response), 0);
	const struct qk_sim_bearer *call =
		qk_sim_bearer_find(modem->state, response.packet_data_handle);
	assert_string_equal(call->apn, "ims");
	assert_int_equal(call->context, 2);
	request.profile_identifier.index = 20;
	host_drop(modem->host);
	assert_int_equal(host_ask(modem->host, modem->wds,
				  &qk_wds_set_default_profile_number_method, &request, NULL),
			 QK_ERROR_EXTENDED_INTERNAL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(start_is_answered_when_the_network_has_answered),
		CASE(start_says_why_it_failed),
		CASE(start_is_checked_before_the_network_is_asked),
		CASE(start_has_no_effect_when_the_call_is_there),
		CASE(start_of_a_call_that_another_starts_waits_for_it),
		CASE(start_fails_at_once_when_service_is_lost),
		CASE(start_is_given_up_when_it_is_aborted),
		CASE(start_is_forgotten_when_its_client_is_released),
		CASE(start_goes_unanswered_when_its_port_is_closed),
		CASE(start_goes_unanswered_when_the_modem_crashes),
		CASE(start_is_refused_when_too_many_wait),
		CASE(stop_needs_the_clients_own_handle),
		CASE(global_stop_ends_what_the_client_sees),
		CASE(call_ends_when_its_client_is_released),
		CASE(each_ip_version_is_a_call_of_its_own),
		CASE(new_client_is_told_of_nothing_old),
		CASE(mux_ids_have_calls_of_their_own),
		CASE(settings_are_those_of_the_call),
		CASE(settings_of_ipv6_are_those_of_its_call),
		CASE(a_client_that_turns_to_a_family_hears_no_end_of_the_other),
		CASE(subscribers_hear_when_the_address_changes),
		CASE(autoconnect_is_set_and_shown),
		CASE(statistics_come_at_their_interval),
		CASE(reports_say_what_has_changed),
		CASE(reset_forgets_what_the_client_set),
		CASE(default_profile_carries_calls_without_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
