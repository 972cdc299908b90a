/*
 * The virtual modem's QMI as such: client ids, what is answered to what is wrong, ports, time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/common.h>
#include <qmikit/ctl.h>
#include <qmikit/dms.h>
#include <qmikit/nas.h>

#include "sim-host.h"
#include "sim/large.h"
#include "sim/modem.h"

static int setup(void **state)
{
	*state = host_new("ec25-eux", 1);
	return 0;
}

static int teardown(void **state)
{
	host_free(*state);
	return 0;
}

/* What the modem answers to a CTL request about a client: the QMI error. */
static int allocate(struct host *host, uint8_t service, uint8_t *ret)
{
	struct qk_ctl_allocate_cid_request request = { .has_service = true, .service = service };
	struct qk_ctl_allocate_cid_response response;
	int error = host_ask(host, 0, &qk_ctl_allocate_cid_method, &request, &response);

	if (error == 0)
		*ret = response.allocation_info.cid;
	return error;
}

static int release(struct host *host, uint8_t service, uint8_t id)
{
	struct qk_ctl_release_cid_request request = { .has_release_info = true,
						      .release_info = { service, id } };

	return host_ask(host, 0, &qk_ctl_release_cid_method, &request, NULL);
}

static void ctl_answers_version_info_when_asked(void **state)
{
	struct host *host = *state;
	struct qk_ctl_get_version_info_response response;

	assert_int_equal(host_ask(host, 0, &qk_ctl_get_version_info_method, NULL, &response), 0);
	assert_int_equal(response.service_list.count, 30);
	assert_int_equal(response.service_list.items[0].service, QK_SERVICE_ID_CTL);
	assert_int_equal(response.service_list.items[1].service, QK_SERVICE_ID_WDS);
	assert_int_equal(response.service_list.items[1].major_version, 1);
	assert_int_equal(response.service_list.items[1].minor_version, 67);
}

static void ctl_starts_ids_where_the_profile_says(void **state)
{
	assert_int_equal(host_allocate(*state, QK_SERVICE_ID_WDS), 4);
	assert_int_equal(host_allocate(*state, QK_SERVICE_ID_NAS), 2);
	assert_int_equal(host_allocate(*state, QK_SERVICE_ID_DMS), 1);
	assert_int_equal(host_allocate(*state, QK_SERVICE_ID_DMS), 2);
}

static void ctl_reuses_an_id_late(void **state)
{
	struct host *host = *state;

	for (unsigned int id = 1; id <= 254; id++) {
		assert_int_equal(host_allocate(host, QK_SERVICE_ID_DMS), id);
		assert_int_equal(release(host, QK_SERVICE_ID_DMS, (uint8_t)id), 0);
		host_drop(host);
	}
	assert_int_equal(host_allocate(host, QK_SERVICE_ID_DMS), 1);
}

static void ctl_skips_an_id_in_use_when_it_wraps(void **state)
{
	struct host *host = *state;

	assert_int_equal(host_allocate(host, QK_SERVICE_ID_WDS), 4);
	for (unsigned int id = 5; id <= 254; id++) {
		assert_int_equal(host_allocate(host, QK_SERVICE_ID_WDS), id);
		assert_int_equal(release(host, QK_SERVICE_ID_WDS, (uint8_t)id), 0);
		host_drop(host);
	}
	assert_int_equal(host_allocate(host, QK_SERVICE_ID_WDS), 5);
}

static void ctl_refuses_when_ids_are_exhausted(void **state)
{
	struct host *host = *state;
	uint8_t id;

	for (unsigned int i = 0; i < 10; i++)
		assert_int_equal(allocate(host, QK_SERVICE_ID_NAS, &id), 0);
	assert_int_equal(allocate(host, QK_SERVICE_ID_NAS, &id), QK_ERROR_CLIENT_IDS_EXHAUSTED);
	assert_int_equal(release(host, QK_SERVICE_ID_NAS, 2), 0);
	assert_int_equal(allocate(host, QK_SERVICE_ID_NAS, &id), 0);
	assert_int_equal(id, 12);
	assert_int_equal(qk_sim_client_count(host->sim, QK_SERVICE_ID_NAS), 10);
}

static void ctl_refuses_an_unknown_service(void **state)
{
	uint8_t id;

	assert_int_equal(allocate(*state, 0xe2, &id), QK_ERROR_INVALID_SERVICE_TYPE);
	assert_int_equal(allocate(*state, QK_SERVICE_ID_CTL, &id), QK_ERROR_INVALID_SERVICE_TYPE);
}

static void ctl_refuses_to_release_what_is_not_allocated(void **state)
{
	assert_int_equal(release(*state, QK_SERVICE_ID_DMS, 7), QK_ERROR_INVALID_CLIENT_ID);
	assert_int_equal(release(*state, 0xe2, 1), QK_ERROR_INVALID_SERVICE_TYPE);
}

static void ctl_frees_all_ids_when_synced(void **state)
{
	struct host *host = *state;
	uint8_t id = host_allocate(host, QK_SERVICE_ID_DMS);

	assert_int_equal(host_ask(host, 0, &qk_ctl_sync_method, NULL, NULL), 0);
	assert_int_equal(qk_sim_client_count(host->sim, QK_SERVICE_ID_DMS), 0);
	assert_int_equal(host_ask(host, id, &qk_dms_get_model_method, NULL, NULL),
			 QK_ERROR_INVALID_CLIENT_ID);
}

static void ctl_answers_sync_with_the_bytes_of_the_wire(void **state)
{
	struct host *host = *state;
	static const uint8_t sync[] = { 0x01, 0x0b, 0x00, 0x00, 0x00, 0x00,
					0x00, 0x01, 0x27, 0x00, 0x00, 0x00 };
	static const uint8_t answer[] = { 0x01, 0x12, 0x00, 0x80, 0x00, 0x00, 0x01,
					  0x01, 0x27, 0x00, 0x07, 0x00, 0x02, 0x04,
					  0x00, 0x00, 0x00, 0x00, 0x00 };

	qk_sim_input(host->port, (struct qk_span){ sync, sizeof(sync) });
	assert_int_equal(host->said_size, sizeof(answer));
	assert_memory_equal(host->said, answer, sizeof(answer));
}

static void ctl_keeps_the_data_format_it_was_told(void **state)
{
	struct host *host = *state;
	struct qk_ctl_set_data_format_request request = { .has_format = true,
							  .has_protocol = true,
							  .protocol =
								  QK_CTL_DATA_LINK_PROTOCOL_802_3 };
	struct qk_ctl_set_data_format_response response;

	assert_int_equal(host_ask(host, 0, &qk_ctl_set_data_format_method, &request, &response), 0);
	assert_int_equal(response.protocol, QK_CTL_DATA_LINK_PROTOCOL_802_3);
	request.has_protocol = false;
	assert_int_equal(host_ask(host, 0, &qk_ctl_set_data_format_method, &request, &response), 0);
	assert_int_equal(response.protocol, QK_CTL_DATA_LINK_PROTOCOL_802_3);
	request.has_protocol = true;
	request.protocol = 9;
	assert_int_equal(host_ask(host, 0, &qk_ctl_set_data_format_method, &request, NULL),
			 QK_ERROR_INVALID_ARGUMENT);
}

static void ctl_has_no_proxy_messages(void **state)
{
	struct qk_ctl_internal_proxy_open_request request = { .has_device_path = true,
							      .device_path = { "/dev/x", 6 } };

	assert_int_equal(host_ask(*state, 0, &qk_ctl_internal_proxy_open_method, &request, NULL),
			 QK_ERROR_INVALID_QMI_COMMAND);
}

static void request_is_refused_when_the_client_is_unknown(void **state)
{
	struct host *host = *state;
	uint8_t id = host_allocate(host, QK_SERVICE_ID_DMS);

	assert_int_equal(host_ask(host, (uint8_t)(id + 1), &qk_dms_get_model_method, NULL, NULL),
			 QK_ERROR_INVALID_CLIENT_ID);
	/* an id is of one service */
	assert_int_equal(host_ask(host, id, &qk_nas_get_signal_info_method, NULL, NULL),
			 QK_ERROR_INVALID_CLIENT_ID);
}

static void request_is_ignored_when_the_profile_says_silent(void **state)
{
	struct host *host = *state;

	host->profile->unknown_client_silent = true;
	assert_int_equal(host_ask(host, 9, &qk_dms_get_model_method, NULL, NULL), -1);
}

static struct qk_message unknown_message(uint8_t service, uint16_t id)
{
	return (struct qk_message){
		.size = sizeof(struct qk_response), .service = service, .id = id, .type = QK_REQUEST
	};
}

static int ask_unknown(struct host *host, uint8_t service, uint16_t id)
{
	struct qk_message request = unknown_message(service, id), response = request;
	struct qk_method method = { &request, &response };
	struct qk_frame frame;

	response.type = QK_RESPONSE;
	uint8_t client = host_allocate(host, service);
	host_send(host, client, method.request, NULL, 77);
	assert_true(host_next(host, &frame));
	assert_int_equal(frame.message, id);
	assert_int_equal(frame.transaction, 77);
	assert_int_equal(frame.tlvs.size, 7);
	assert_int_equal(frame.tlvs.data[3], 1);
	return frame.tlvs.data[5] | frame.tlvs.data[6] << 8;
}

static void request_is_refused_when_the_message_is_unknown(void **state)
{
	assert_int_equal(ask_unknown(*state, QK_SERVICE_ID_DMS, 0x7777),
			 QK_ERROR_INVALID_QMI_COMMAND);
}

static void service_without_handlers_refuses_everything(void **state)
{
	assert_int_equal(ask_unknown(*state, QK_SERVICE_ID_TMD, 0x0001),
			 QK_ERROR_INVALID_QMI_COMMAND);
}

static void request_is_refused_as_the_profile_says(void **state)
{
	assert_int_equal(ask_unknown(*state, QK_SERVICE_ID_DMS, 0x002b), QK_ERROR_NOT_SUPPORTED);
	assert_int_equal(ask_unknown(*state, QK_SERVICE_ID_DMS, 0x0043), QK_ERROR_NOT_SUPPORTED);
	assert_int_equal(ask_unknown(*state, QK_SERVICE_ID_UIM, 0x0047), QK_ERROR_NOT_SUPPORTED);
}

static void request_is_refused_when_a_tlv_is_missing(void **state)
{
	struct host *host = *state;
	uint8_t id = host_allocate(host, QK_SERVICE_ID_DMS);

	assert_int_equal(host_ask(host, id, &qk_dms_set_operating_mode_method, NULL, NULL),
			 QK_ERROR_MISSING_ARGUMENT);
}

/* Sends a DMS request with these TLV bytes; the QMI error of the answer. */
static int send_tlvs(struct host *host, uint16_t message, const uint8_t *tlvs, size_t size)
{
	uint8_t buffer[64], id = host_allocate(host, QK_SERVICE_ID_DMS);
	struct qk_writer writer = qk_writer(buffer, sizeof(buffer));
	struct qk_frame frame = { .service = QK_SERVICE_ID_DMS,
				  .client = id,
				  .type = QK_REQUEST,
				  .transaction = 5,
				  .message = message,
				  .tlvs = { tlvs, size } };
	size_t mark = qk_frame_begin(&writer, &frame);
	int whole = qk_frame_end(&writer, mark);

	qk_sim_input(host->port, (struct qk_span){ buffer, (size_t)whole });
	assert_true(host_next(host, &frame));
	return frame.tlvs.data[5] | frame.tlvs.data[6] << 8;
}

static void request_is_refused_when_it_is_malformed(void **state)
{
	static const uint8_t overrun[] = { 0x01, 0x09, 0x00, 0x01 };
	static const uint8_t too_short[] = { 0x01, 0x00, 0x00 };

	assert_int_equal(send_tlvs(*state, 0x002e, overrun, sizeof(overrun)),
			 QK_ERROR_MALFORMED_MESSAGE);
	assert_int_equal(send_tlvs(*state, 0x002e, too_short, sizeof(too_short)),
			 QK_ERROR_MALFORMED_MESSAGE);
}

static void request_is_answered_when_it_has_unknown_tlvs(void **state)
{
	static const uint8_t unknown[] = { 0xe0, 0x02, 0x00, 0x01, 0x02 };

	assert_int_equal(send_tlvs(*state, 0x0022, unknown, sizeof(unknown)), 0);
}

static void request_is_answered_in_any_cut(void **state)
{
	struct host *host = *state;
	static const uint8_t noise[] = { 0x00, 0x55, 0xff };
	static const uint8_t sync[] = { 0x01, 0x0b, 0x00, 0x00, 0x00, 0x00,
					0x00, 0x01, 0x27, 0x00, 0x00, 0x00 };
	struct qk_frame frame;

	qk_sim_input(host->port, (struct qk_span){ noise, sizeof(noise) });
	for (size_t i = 0; i < sizeof(sync); i++)
		qk_sim_input(host->port, (struct qk_span){ sync + i, 1 });
	assert_true(host_next(host, &frame));
	assert_false(host_next(host, &frame));
}

static void half_a_frame_is_forgotten_when_the_port_is_reset(void **state)
{
	struct host *host = *state;
	static const uint8_t half[] = { 0x01, 0xff, 0x0f, 0x00, 0x02 };

	qk_sim_input(host->port, (struct qk_span){ half, sizeof(half) });
	qk_sim_port_reset(host->port);
	assert_int_equal(host_ask(host, 0, &qk_ctl_sync_method, NULL, NULL), 0);
}

static void frames_from_a_modem_are_ignored(void **state)
{
	struct host *host = *state;
	static const uint8_t from_modem[] = { 0x01, 0x0b, 0x00, 0x80, 0x00, 0x00,
					      0x00, 0x01, 0x27, 0x00, 0x00, 0x00 };
	static const uint8_t response[] = { 0x01, 0x0b, 0x00, 0x00, 0x00, 0x00,
					    0x01, 0x01, 0x27, 0x00, 0x00, 0x00 };

	qk_sim_input(host->port, (struct qk_span){ from_modem, sizeof(from_modem) });
	qk_sim_input(host->port, (struct qk_span){ response, sizeof(response) });
	assert_int_equal(host->said_size, 0);
}

static void on_other_bytes(void *userdata, struct qk_span bytes)
{
	*(size_t *)userdata += bytes.size;
}

static void on_other_hang_up(void *userdata)
{
	(void)userdata;
}

static void clients_belong_to_the_modem_when_ports_come_and_go(void **state)
{
	struct host *host = *state;
	static const struct qk_sim_sink sink = { on_other_bytes, on_other_hang_up };
	struct qk_sim_port *other;
	size_t said = 0;
	uint8_t id = host_allocate(host, QK_SERVICE_ID_DMS);
	/* DMS Get Model with that id, on another port */
	uint8_t ask[] = {
		0x01, 0x0c, 0x00, 0x00, 0x02, id, 0x00, 0x01, 0x00, 0x22, 0x00, 0x00, 0x00
	};

	assert_int_equal(qk_sim_attach(host->sim, &sink, &said, &other), 0);
	host_drop(host);
	qk_sim_input(other, (struct qk_span){ ask, sizeof(ask) });
	assert_true(said > 30);
	assert_int_equal(host->said_size, 0);
	assert_null(qk_sim_detach(other));
	assert_int_equal(qk_sim_client_count(host->sim, QK_SERVICE_ID_DMS), 1);
}

static int set_mode(struct host *host, uint8_t client, uint8_t mode)
{
	struct qk_dms_set_operating_mode_request request = { .has_mode = true, .mode = mode };

	return host_ask(host, client, &qk_dms_set_operating_mode_method, &request, NULL);
}

static void modem_is_mute_and_forgets_ids_when_it_is_reset(void **state)
{
	struct host *host = *state;
	struct qk_extras nothing;
	uint8_t id = host_allocate(host, QK_SERVICE_ID_DMS);
	const struct qk_sim_timings *timings = &host->profile->timings;
	uint64_t bus_usec = HOST_START_USEC + timings->off_bus_usec;
	uint64_t up_usec = bus_usec + timings->boot_usec;

	assert_int_equal(set_mode(host, id, QK_DMS_OPERATING_MODE_RESET), 0);
	qk_sim_advance(host->sim, HOST_START_USEC);
	assert_false(qk_sim_state_on_bus(qk_sim_state(host->sim)));
	assert_int_equal(host_ask(host, 0, &qk_ctl_sync_method, NULL, NULL), -1);
	assert_int_equal(qk_sim_next_usec(host->sim), bus_usec);
	qk_sim_advance(host->sim, bus_usec);
	assert_true(qk_sim_state_on_bus(qk_sim_state(host->sim)));
	qk_sim_advance(host->sim, up_usec - 1);
	assert_int_equal(host_ask(host, 0, &qk_ctl_sync_method, NULL, NULL), -1);
	assert_int_equal(qk_sim_next_usec(host->sim), up_usec);
	qk_sim_advance(host->sim, up_usec);
	host_expect_indication(host, 0, &qk_ctl_sync_message, &nothing);
	assert_int_equal(host_ask(host, id, &qk_dms_get_model_method, NULL, NULL),
			 QK_ERROR_INVALID_CLIENT_ID);
	/* ids go on upwards: late answers of the old ones meet nobody */
	assert_int_equal(host_allocate(host, QK_SERVICE_ID_DMS), id + 1);
}

static void modem_is_mute_for_ever_when_it_is_shut_down(void **state)
{
	struct host *host = *state;
	uint8_t id = host_allocate(host, QK_SERVICE_ID_DMS);

	assert_int_equal(set_mode(host, id, QK_DMS_OPERATING_MODE_SHUTTING_DOWN), 0);
	qk_sim_advance(host->sim, HOST_START_USEC + 1);
	assert_int_equal(qk_sim_next_usec(host->sim), QK_SIM_NEVER);
	qk_sim_advance(host->sim, UINT64_MAX / 2);
	assert_int_equal(host_ask(host, 0, &qk_ctl_sync_method, NULL, NULL), -1);
}

/* The rows of the modem's services name messages, as the definitions do. */
static void tables_name_defined_messages_when_checked(void **state)
{
	size_t handlers = 0, news = 0;

	(void)state;
	for (unsigned int byte = 0; byte <= UINT8_MAX; byte++) {
		const struct qk_sim_service_table *table = qk_sim_table((uint8_t)byte);
		const struct qk_service *service =
			table ? qk_service_by_id(qk_sim_service_id((uint8_t)byte)) : NULL;

		for (size_t i = 0; service && i < table->handler_count; i++, handlers++)
			if (!qk_message_by_name(service, QK_REQUEST, table->handlers[i].method))
				fail_msg("%s has no %s", service->name, table->handlers[i].method);
		for (size_t i = 0; service && i < table->news_count; i++, news++)
			if (!qk_message_by_name(service, QK_INDICATION, table->news[i].message))
				fail_msg("%s has no %s", service->name, table->news[i].message);
	}
	assert_true(handlers > 200 && news > 30);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_name_defined_messages_when_checked),
		CASE(ctl_answers_version_info_when_asked),
		CASE(ctl_starts_ids_where_the_profile_says),
		CASE(ctl_reuses_an_id_late),
		CASE(ctl_skips_an_id_in_use_when_it_wraps),
		CASE(ctl_refuses_when_ids_are_exhausted),
		CASE(ctl_refuses_an_unknown_service),
		CASE(ctl_refuses_to_release_what_is_not_allocated),
		CASE(ctl_frees_all_ids_when_synced),
		CASE(ctl_answers_sync_with_the_bytes_of_the_wire),
		CASE(ctl_keeps_the_data_format_it_was_told),
		CASE(ctl_has_no_proxy_messages),
		CASE(request_is_refused_when_the_client_is_unknown),
		CASE(request_is_ignored_when_the_profile_says_silent),
		CASE(request_is_refused_when_the_message_is_unknown),
		CASE(service_without_handlers_refuses_everything),
		CASE(request_is_refused_as_the_profile_says),
		CASE(request_is_refused_when_a_tlv_is_missing),
		CASE(request_is_refused_when_it_is_malformed),
		CASE(request_is_answered_when_it_has_unknown_tlvs),
		CASE(request_is_answered_in_any_cut),
		CASE(half_a_frame_is_forgotten_when_the_port_is_reset),
		CASE(frames_from_a_modem_are_ignored),
		CASE(clients_belong_to_the_modem_when_ports_come_and_go),
		CASE(modem_is_mute_and_forgets_ids_when_it_is_reset),
		CASE(modem_is_mute_for_ever_when_it_is_shut_down),
	};

	return cmocka_run_group_tests_name("sim-qmi", tests, NULL, NULL);
}
