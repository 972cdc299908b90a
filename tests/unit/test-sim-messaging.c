/*
 * WMS, VOICE, LOC and PDC of the virtual modem, asked in QMI.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/ctl.h>
#include <qmikit/loc.h>
#include <qmikit/pdc.h>
#include <qmikit/voice.h>
#include <qmikit/wms.h>

#include "lib/3gpp/sms-text.h"
#include "sim-host.h"

#define SEC 1000000u
#define NUMBER "+99970555"

/* Runs the modem from one of its deadlines to the next until `usec` have passed. */
static void pass(struct host *host, uint64_t usec)
{
	uint64_t end = qk_sim_state(host->sim)->now_usec + usec;

	for (unsigned int rounds = 0; qk_sim_next_usec(host->sim) <= end; rounds++) {
		assert_true(rounds < 10000);
		qk_sim_advance(host->sim, qk_sim_next_usec(host->sim));
	}
	qk_sim_advance(host->sim, end);
}

#define ASK(host, client, name, request, response) \
	host_ask(host, client, &qk_##name##_method, request, response)
#define EXPECT(host, client, name, ret) \
	host_expect_indication(host, client, &qk_##name##_message, ret)

static bool silent(struct host *host)
{
	struct qk_frame frame;

	return !host_next(host, &frame);
}

/* --- WMS */

static uint8_t wms_client(struct host *host)
{
	struct qk_wms_set_event_report_request report = {
		.has_new_mt_message_indicator = true,
		.new_mt_message_indicator = { true },
	};
	uint8_t client = host_allocate(host, QK_SERVICE_ID_WMS);

	assert_int_equal(ASK(host, client, wms_set_event_report, &report, NULL), 0);
	return client;
}

static void wms_message_is_told_listed_read_and_deleted(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = wms_client(host);
	struct qk_wms_event_report_indication event;

	(void)unused;
	qk_sim_sms_receive_text(qk_sim_state(host->sim), NUMBER, "hello", 4);
	pass(host, SEC);
	EXPECT(host, client, wms_event_report, &event);
	assert_true(event.has_mt_message && event.has_message_mode);
	assert_int_equal(event.mt_message.storage_type, QK_WMS_STORAGE_TYPE_NV);
	assert_true(silent(host));
	const struct qk_wms_list_messages_request list = {
		.has_storage_type = true,
		.storage_type = QK_WMS_STORAGE_TYPE_NV,
		.has_message_tag = true,
		.message_tag = QK_WMS_MESSAGE_TAG_TYPE_MT_NOT_READ,
	};
	struct qk_wms_list_messages_response messages;
	assert_int_equal(ASK(host, client, wms_list_messages, &list, &messages), 0);
	assert_int_equal(messages.message_list.count, 1);
	uint32_t index = messages.message_list.items[0].memory_index;
	const struct qk_wms_raw_read_request read = {
		.has_message_memory_storage_id = true,
		.message_memory_storage_id = { QK_WMS_STORAGE_TYPE_NV, index },
	};
	struct qk_wms_raw_read_response message;
	assert_int_equal(ASK(host, client, wms_raw_read, &read, &message), 0);
	struct qk_sms sms;
	char text[QK_SMS_TEXT_MAX];
	assert_int_equal(qk_sms_decode((struct qk_span){ message.raw_message_data.raw_data.data,
							 message.raw_message_data.raw_data.size },
				       &sms),
			 0);
	assert_true(qk_sms_text(&sms, text, sizeof(text)) >= 0);
	assert_string_equal(text, "hello");
	const struct qk_wms_delete_request delete = {
		.has_memory_storage = true,
		.memory_storage = QK_WMS_STORAGE_TYPE_NV,
		.has_memory_index = true,
		.memory_index = index,
	};
	assert_int_equal(ASK(host, client, wms_delete, &delete, NULL), 0);
	assert_int_equal(ASK(host, client, wms_delete, &delete, NULL), QK_ERROR_NO_ENTRY);
	assert_int_equal(ASK(host, client, wms_raw_read, &read, NULL), QK_ERROR_NO_ENTRY);
	host_free(host);
}

static size_t submit(uint8_t *pdu)
{
	struct qk_sms sms = { .type = QK_SMS_SUBMIT };
	struct qk_sms_split split;

	assert_int_equal(qk_sms_set_number(&sms.address, NUMBER), 0);
	assert_int_equal(qk_sms_split("out", 0, &split), 0);
	assert_true(qk_sms_take_part(&split, -1, &sms));
	int size = qk_sms_encode(&sms, pdu, QK_SMS_PDU_MAX);
	assert_true(size > 0);
	return (size_t)size;
}

/* The answer to the request that was sent last, which came late. */
static uint16_t late_answer(struct host *host, const struct qk_message *message, void *response)
{
	struct qk_frame frame;
	struct qk_result result;

	assert_true(host_next(host, &frame));
	assert_int_equal(frame.message, message->id);
	assert_int_equal(qk_decode(message, frame.tlvs, &host->arena, response), 0);
	memcpy(&result, &((struct qk_response *)response)->result, sizeof(result));
	return result.error;
}

static void wms_send_is_answered_when_the_network_took_it(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = wms_client(host), pdu[QK_SMS_PDU_MAX];
	struct qk_wms_raw_send_request send = {
		.has_raw_message_data = true,
		.raw_message_data = { QK_WMS_MESSAGE_FORMAT_GSM_WCDMA_POINT_TO_POINT,
				      { pdu, submit(pdu) } },
	};
	struct qk_wms_raw_send_response sent;
	struct qk_sim_sms_sent seen;

	(void)unused;
	host_send(host, client, qk_wms_raw_send_method.request, &send, 7);
	assert_true(silent(host));
	pass(host, SEC);
	assert_int_equal(late_answer(host, qk_wms_raw_send_method.response, &sent), 0);
	assert_true(sent.has_message_id);
	assert_true(qk_sim_sms_take_sent(qk_sim_state(host->sim), &seen));
	/* refused by the network, with its causes */
	qk_sim_sms_fail_next(qk_sim_state(host->sim), 1, 50, 0xc3);
	host_send(host, client, qk_wms_raw_send_method.request, &send, 8);
	pass(host, SEC);
	assert_int_equal(late_answer(host, qk_wms_raw_send_method.response, &sent),
			 QK_ERROR_WMS_CAUSE_CODE);
	assert_int_equal(sent.gsm_wcdma_cause_info.rp_cause, 50);
	assert_int_equal(sent.gsm_wcdma_cause_info.tp_cause, 0xc3);
	assert_false(sent.has_message_id);
	/* no PDU at all */
	send.raw_message_data.raw_data.size--;
	assert_int_equal(ASK(host, client, wms_raw_send, &send, NULL), QK_ERROR_WMS_ENCODING);
	send.raw_message_data.format = QK_WMS_MESSAGE_FORMAT_CDMA;
	assert_int_equal(ASK(host, client, wms_raw_send, &send, NULL), QK_ERROR_DEVICE_UNSUPPORTED);
	host_free(host);
}

static void wms_written_message_is_sent_from_its_store(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = wms_client(host), pdu[QK_SMS_PDU_MAX];
	const struct qk_wms_raw_write_request write = {
		.has_raw_message_data = true,
		.raw_message_data = { QK_WMS_STORAGE_TYPE_UIM,
				      QK_WMS_MESSAGE_FORMAT_GSM_WCDMA_POINT_TO_POINT,
				      { pdu, submit(pdu) } },
	};
	struct qk_wms_raw_write_response written;
	struct qk_wms_send_from_memory_storage_response sent;

	(void)unused;
	assert_int_equal(ASK(host, client, wms_raw_write, &write, &written), 0);
	struct qk_wms_send_from_memory_storage_request send = {
		.has_information = true,
		.information = { QK_WMS_STORAGE_TYPE_UIM, written.memory_index,
				 QK_WMS_MESSAGE_MODE_GSM_WCDMA },
	};
	const struct qk_sim_sms_slot *slot =
		qk_sim_sms_get(qk_sim_state(host->sim), QK_SIM_SMS_SM, written.memory_index);
	assert_int_equal(slot->tag, QK_SIM_SMS_UNSENT);
	host_send(host, client, qk_wms_send_from_memory_storage_method.request, &send, 7);
	pass(host, SEC);
	assert_int_equal(late_answer(host, qk_wms_send_from_memory_storage_method.response, &sent),
			 0);
	assert_true(sent.has_message_id);
	assert_int_equal(slot->tag, QK_SIM_SMS_SENT);
	send.information.memory_index++;
	assert_int_equal(ASK(host, client, wms_send_from_memory_storage, &send, NULL),
			 QK_ERROR_NO_ENTRY);
	host_free(host);
}

static void wms_transferred_message_lacks_its_centre_and_is_acknowledged(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = wms_client(host);
	struct qk_wms_route route = { QK_WMS_MESSAGE_TYPE_POINT, QK_WMS_MESSAGE_CLASS_NONE,
				      QK_WMS_STORAGE_TYPE_NONE,
				      QK_WMS_RECEIPT_ACTION_TRANSFER_ONLY };
	struct qk_wms_set_routes_request routes = { .has_route_list = true };
	struct qk_wms_get_routes_response now;
	struct qk_wms_event_report_indication event;
	struct qk_sms sms;

	(void)unused;
	routes.route_list.items = &route;
	routes.route_list.count = 1;
	assert_int_equal(ASK(host, client, wms_set_routes, &routes, NULL), 0);
	assert_int_equal(
		ASK(host, client, wms_get_routes, &(struct qk_wms_get_routes_request){ 0 }, &now),
		0);
	assert_int_equal(now.route_list.count, 5);
	assert_int_equal(now.route_list.items[4].receipt_action,
			 QK_WMS_RECEIPT_ACTION_TRANSFER_ONLY);
	route.message_class = 9;
	assert_int_equal(ASK(host, client, wms_set_routes, &routes, NULL),
			 QK_ERROR_INVALID_ARGUMENT);
	qk_sim_sms_receive_text(qk_sim_state(host->sim), NUMBER, "direct", 4);
	pass(host, SEC);
	EXPECT(host, client, wms_event_report, &event);
	assert_true(event.has_transfer_route_mt_message && event.has_smsc_address);
	assert_int_equal(event.transfer_route_mt_message.ack_indicator, QK_WMS_ACK_INDICATOR_SEND);
	/* the TPDU alone: with an empty centre in front it reads */
	uint8_t pdu[QK_SMS_PDU_MAX] = { 0 };
	size_t size = event.transfer_route_mt_message.raw_data.size;
	memcpy(pdu + 1, event.transfer_route_mt_message.raw_data.data, size);
	assert_int_equal(qk_sms_decode((struct qk_span){ pdu, size + 1 }, &sms), 0);
	assert_string_equal(sms.address.text, NUMBER);
	struct qk_wms_send_ack_request ack = {
		.has_information = true,
		.information = { event.transfer_route_mt_message.transaction_id,
				 QK_WMS_MESSAGE_PROTOCOL_WCDMA, true },
	};
	assert_int_equal(ASK(host, client, wms_send_ack, &ack, NULL), 0);
	assert_int_equal(ASK(host, client, wms_send_ack, &ack, NULL),
			 QK_ERROR_WMS_INVALID_MESSAGE_ID);
	host_free(host);
}

static void wms_says_so_when_the_store_is_full(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	struct qk_sim_state *state = qk_sim_state(host->sim);
	uint8_t client = wms_client(host), pdu[QK_SMS_PDU_MAX];
	size_t size = submit(pdu), index;
	struct qk_wms_memory_full_indication full;

	(void)unused;
	while (qk_sim_sms_put(state, QK_SIM_SMS_ME, QK_SIM_SMS_READ, pdu, size, &index) == 0)
		;
	qk_sim_sms_receive_text(state, NUMBER, "one more", 4);
	pass(host, SEC);
	EXPECT(host, client, wms_memory_full, &full);
	assert_int_equal(full.memory_full_information.storage_type, QK_WMS_STORAGE_TYPE_NV);
	const struct qk_wms_delete_request all = { .has_memory_storage = true,
						   .memory_storage = QK_WMS_STORAGE_TYPE_NV };
	struct qk_wms_event_report_indication event;
	assert_int_equal(ASK(host, client, wms_delete, &all, NULL), 0);
	pass(host, SEC);
	EXPECT(host, client, wms_event_report, &event);
	assert_true(event.has_mt_message);
	host_free(host);
}

static void wms_centre_and_channels_are_kept_when_set(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = wms_client(host);
	const struct qk_wms_set_smsc_address_request centre = { .has_address = true,
								.address = { "4912345", 7 },
								.has_address_type = true,
								.address_type = { "145", 3 } };
	struct qk_wms_get_smsc_address_response address;
	struct qk_wms_broadcast_channel channel = { 4370, 4379, true };
	struct qk_wms_set_broadcast_config_request config = { .has_message_mode = true,
							      .message_mode = 1,
							      .has_channels = true };
	const struct qk_wms_get_broadcast_config_request ask = { .has_message_mode = true,
								 .message_mode = 1 };
	struct qk_wms_get_broadcast_config_response now;

	(void)unused;
	assert_int_equal(ASK(host, client, wms_set_smsc_address, &centre, NULL), 0);
	assert_int_equal(ASK(host, client, wms_get_smsc_address,
			     &(struct qk_wms_get_smsc_address_request){ 0 }, &address),
			 0);
	assert_string_equal(address.address.digits.data, "+4912345");
	assert_string_equal(address.address.type.data, "145");
	config.channels.items = &channel;
	config.channels.count = 1;
	assert_int_equal(ASK(host, client, wms_set_broadcast_config, &config, NULL), 0);
	assert_int_equal(ASK(host, client, wms_get_broadcast_config, &ask, &now), 0);
	assert_false(now.config.activated);
	assert_int_equal(now.config.channels.count, 1);
	assert_int_equal(now.config.channels.items[0].end, 4379);
	channel.end = 1;
	assert_int_equal(ASK(host, client, wms_set_broadcast_config, &config, NULL),
			 QK_ERROR_INVALID_ARGUMENT);
	host_free(host);
}

/* --- VOICE */

static uint8_t voice_client(struct host *host)
{
	const struct qk_voice_indication_register_request events = {
		.has_call_notification_events = true,
		.call_notification_events = true,
		.has_ussd_notification_events = true,
		.ussd_notification_events = true,
	};
	uint8_t client = host_allocate(host, QK_SERVICE_ID_VOICE);

	assert_int_equal(ASK(host, client, voice_indication_register, &events, NULL), 0);
	return client;
}

static uint8_t told_state(struct host *host, uint8_t client)
{
	struct qk_voice_all_call_status_indication status;

	EXPECT(host, client, voice_all_call_status, &status);
	assert_int_equal(status.call_information.count, 1);
	assert_int_equal(status.remote_party_number.count, 1);
	return status.call_information.items[0].state;
}

static void voice_call_is_told_from_dialling_to_its_end(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = voice_client(host);
	const struct qk_voice_dial_call_request dial = { .has_calling_number = true,
							 .calling_number = { NUMBER, 9 } };
	struct qk_voice_dial_call_response dialled;

	(void)unused;
	assert_int_equal(ASK(host, client, voice_dial_call, &dial, &dialled), 0);
	assert_int_equal(dialled.call_id, 1);
	assert_int_equal(told_state(host, client), QK_VOICE_CALL_STATE_CC_IN_PROGRESS);
	pass(host, 60 * SEC);
	assert_int_equal(told_state(host, client), QK_VOICE_CALL_STATE_ALERTING);
	assert_int_equal(told_state(host, client), QK_VOICE_CALL_STATE_CONVERSATION);
	const struct qk_voice_burst_dtmf_request tones = { .has_data = true,
							   .data = { 1, { "1#", 2 } } };
	assert_int_equal(ASK(host, client, voice_burst_dtmf, &tones, NULL), 0);
	const struct qk_voice_end_call_request end = { .has_call_id = true, .call_id = 1 };
	assert_int_equal(ASK(host, client, voice_end_call, &end, NULL), 0);
	assert_int_equal(told_state(host, client), QK_VOICE_CALL_STATE_DISCONNECTING);
	pass(host, SEC);
	assert_int_equal(told_state(host, client), QK_VOICE_CALL_STATE_END);
	assert_true(silent(host));
	assert_int_equal(ASK(host, client, voice_end_call, &end, NULL), QK_ERROR_NO_ENTRY);
	host_free(host);
}

static void voice_incoming_call_hides_its_number_when_it_is_withheld(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = voice_client(host), id;
	struct qk_voice_get_all_call_info_response all;
	const struct qk_voice_answer_call_request answer = { .has_call_id = true, .call_id = 1 };

	(void)unused;
	assert_int_equal(qk_sim_voice_incoming(qk_sim_state(host->sim), "+123",
					       QK_SIM_NUMBER_RESTRICTED, &id),
			 0);
	qk_sim_notify(host->sim);
	assert_int_equal(told_state(host, client), QK_VOICE_CALL_STATE_INCOMING);
	assert_int_equal(ASK(host, client, voice_answer_call, &answer, NULL), 0);
	host_drop(host);
	assert_int_equal(ASK(host, client, voice_get_all_call_info,
			     &(struct qk_voice_get_all_call_info_request){ 0 }, &all),
			 0);
	assert_int_equal(all.call_information.items[0].state, QK_VOICE_CALL_STATE_CONVERSATION);
	assert_int_equal(all.call_information.items[0].direction, QK_VOICE_CALL_DIRECTION_MT);
	assert_int_equal(all.remote_party_number.items[0].presentation_indicator,
			 QK_VOICE_PRESENTATION_RESTRICTED);
	assert_int_equal(all.remote_party_number.items[0].type.size, 0);
	host_free(host);
}

static struct qk_voice_uss_data ascii(const char *text)
{
	return (struct qk_voice_uss_data){ QK_VOICE_USS_DATA_CODING_SCHEME_ASCII,
					   { (const uint8_t *)text, strlen(text) } };
}

static void voice_ussd_answers_late_or_by_indication(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = voice_client(host);
	struct qk_voice_originate_ussd_request code = { .has_uss_data = true,
							.uss_data = ascii("*100#") };
	struct qk_voice_originate_ussd_response reply;
	struct qk_voice_originate_ussd_no_wait_indication done;
	struct qk_voice_ussd_indication said;

	(void)unused;
	host_send(host, client, qk_voice_originate_ussd_method.request, &code, 3);
	assert_true(silent(host));
	pass(host, 2 * SEC);
	assert_int_equal(late_answer(host, qk_voice_originate_ussd_method.response, &reply), 0);
	assert_memory_equal(reply.uss_data.data.data, "Your balance", 12);
	assert_true(silent(host));
	/* a code nobody knows */
	code.uss_data = ascii("*999#");
	host_send(host, client, qk_voice_originate_ussd_method.request, &code, 4);
	pass(host, 2 * SEC);
	assert_int_equal(late_answer(host, qk_voice_originate_ussd_method.response, &reply),
			 QK_ERROR_SUPS_FAILURE_CASE);
	assert_true(reply.has_failure_cause);
	/* without waiting; in letters that ASCII lacks */
	const struct qk_voice_originate_ussd_no_wait_request no_wait = { .has_uss_data = true,
									 .uss_data =
										 ascii("*102#") };
	assert_int_equal(ASK(host, client, voice_originate_ussd_no_wait, &no_wait, NULL), 0);
	pass(host, 2 * SEC);
	EXPECT(host, client, voice_originate_ussd_no_wait, &done);
	assert_int_equal(done.uss_data.data_coding_scheme, QK_VOICE_USS_DATA_CODING_SCHEME_UCS2);
	assert_memory_equal(done.uss_data.data.data, "\x04\x1f", 2);
	assert_int_equal(done.uss_data_utf16.items[0], 0x41f);
	/* a menu: the question is the reply, the end comes to those who listen */
	code.uss_data = ascii("*101#");
	host_send(host, client, qk_voice_originate_ussd_method.request, &code, 5);
	pass(host, 2 * SEC);
	assert_int_equal(late_answer(host, qk_voice_originate_ussd_method.response, &reply), 0);
	const struct qk_voice_answer_ussd_request answer = { .has_uss_data = true,
							     .uss_data = ascii("1") };
	assert_int_equal(ASK(host, client, voice_answer_ussd, &answer, NULL), 0);
	assert_int_equal(ASK(host, client, voice_answer_ussd, &answer, NULL),
			 QK_ERROR_INVALID_OPERATION);
	pass(host, 2 * SEC);
	EXPECT(host, client, voice_ussd, &said);
	assert_int_equal(said.user_action, QK_VOICE_USER_ACTION_NOT_REQUIRED);
	assert_memory_equal(said.uss_data.data.data, "Your balance", 12);
	host_free(host);
}

static void voice_ussd_of_the_network_asks_and_releases(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = voice_client(host);
	struct qk_sim_state *state = qk_sim_state(host->sim);
	struct qk_voice_ussd_indication said;
	struct qk_voice_release_ussd_indication released;

	(void)unused;
	assert_int_equal(qk_sim_ussd_network(state, "Pay?", true), 0);
	qk_sim_notify(host->sim);
	EXPECT(host, client, voice_ussd, &said);
	assert_int_equal(said.user_action, QK_VOICE_USER_ACTION_REQUIRED);
	assert_int_equal(qk_sim_ussd_network_release(state), 0);
	qk_sim_notify(host->sim);
	EXPECT(host, client, voice_release_ussd, &released);
	assert_int_equal(ASK(host, client, voice_cancel_ussd,
			     &(struct qk_voice_cancel_ussd_request){ 0 }, NULL),
			 QK_ERROR_NO_EFFECT);
	host_free(host);
}

/* --- LOC */

static uint8_t loc_client(struct host *host, uint64_t mask)
{
	const struct qk_loc_register_events_request events = { .has_event_registration_mask = true,
							       .event_registration_mask = mask };
	uint8_t client = host_allocate(host, QK_SERVICE_ID_LOC);

	assert_int_equal(ASK(host, client, loc_register_events, &events, NULL), 0);
	return client;
}

static void loc_session_reports_until_it_is_stopped(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = loc_client(host, QK_LOC_EVENT_REGISTRATION_FLAG_POSITION_REPORT |
						  QK_LOC_EVENT_REGISTRATION_FLAG_ENGINE_STATE);
	const struct qk_loc_start_request start = { .has_session_id = true, .session_id = 9 };
	struct qk_loc_stop_request stop = { .has_session_id = true, .session_id = 8 };
	struct qk_loc_engine_state_indication engine;
	struct qk_loc_position_report_indication report;

	(void)unused;
	assert_int_equal(ASK(host, client, loc_start, &start, NULL), 0);
	EXPECT(host, client, loc_engine_state, &engine);
	assert_int_equal(engine.engine_state, QK_LOC_ENGINE_STATE_ON);
	pass(host, SEC);
	EXPECT(host, client, loc_position_report, &report);
	assert_int_equal(report.session_status, QK_LOC_SESSION_STATUS_IN_PROGRESS);
	assert_false(report.has_latitude);
	pass(host, 30 * SEC);
	host_drop(host);
	pass(host, SEC);
	EXPECT(host, client, loc_position_report, &report);
	assert_int_equal(report.session_status, QK_LOC_SESSION_STATUS_SUCCESS);
	assert_int_equal(report.session_id, 9);
	assert_true(report.latitude > 52.4 && report.latitude < 52.5);
	assert_true(report.longitude > 13.3 && report.longitude < 13.5);
	assert_true(report.satellites_used.count >= 4);
	assert_int_equal(ASK(host, client, loc_stop, &stop, NULL), QK_ERROR_SESSION_INVALID);
	stop.session_id = 9;
	assert_int_equal(ASK(host, client, loc_stop, &stop, NULL), 0);
	EXPECT(host, client, loc_engine_state, &engine);
	assert_int_equal(engine.engine_state, QK_LOC_ENGINE_STATE_OFF);
	pass(host, 10 * SEC);
	assert_true(silent(host));
	host_free(host);
}

static void loc_single_fix_ends_its_session_and_a_client_that_leaves_as_well(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	struct qk_sim_state *state = qk_sim_state(host->sim);
	uint8_t client = loc_client(host, QK_LOC_EVENT_REGISTRATION_FLAG_POSITION_REPORT);
	struct qk_loc_start_request start = {
		.has_session_id = true,
		.session_id = 1,
		.has_fix_recurrence_type = true,
		.fix_recurrence_type = QK_LOC_FIX_RECURRENCE_TYPE_SINGLE_FIX,
		.has_intermediate_report_state = true,
		.intermediate_report_state = QK_LOC_INTERMEDIATE_REPORT_STATE_DISABLE,
	};
	struct qk_loc_position_report_indication report;

	(void)unused;
	assert_int_equal(ASK(host, client, loc_start, &start, NULL), 0);
	pass(host, 60 * SEC);
	EXPECT(host, client, loc_position_report, &report);
	assert_true(report.has_latitude);
	assert_true(silent(host));
	assert_int_equal(state->gnss.users, 0);
	start.has_fix_recurrence_type = false;
	assert_int_equal(ASK(host, client, loc_start, &start, NULL), 0);
	assert_int_not_equal(state->gnss.users, 0);
	const struct qk_ctl_release_cid_request release = {
		.has_release_info = true, .release_info = { QK_SERVICE_ID_LOC, client }
	};
	assert_int_equal(host_ask(host, 0, &qk_ctl_release_cid_method, &release, NULL), 0);
	assert_int_equal(state->gnss.users, 0);
	host_free(host);
}

static void loc_sentences_and_satellites_come_each_second(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client =
		loc_client(host, QK_LOC_EVENT_REGISTRATION_FLAG_NMEA |
					 QK_LOC_EVENT_REGISTRATION_FLAG_GNSS_SATELLITE_INFO);
	const struct qk_loc_set_nmea_types_request types = {
		.has_nmea_types = true,
		.nmea_types = QK_LOC_NMEA_TYPE_RMC,
	};
	struct qk_loc_set_nmea_types_indication set;
	struct qk_loc_nmea_indication nmea;
	struct qk_loc_gnss_sv_info_indication satellites;

	(void)unused;
	assert_int_equal(ASK(host, client, loc_set_nmea_types, &types, NULL), 0);
	EXPECT(host, client, loc_set_nmea_types, &set);
	assert_int_equal(set.indication_status, 0);
	qk_sim_gnss_on(qk_sim_state(host->sim), QK_SIM_GNSS_AT);
	pass(host, SEC);
	EXPECT(host, client, loc_nmea, &nmea);
	assert_memory_equal(nmea.nmea_string.data, "$GPRMC,,V", 9);
	EXPECT(host, client, loc_gnss_sv_info, &satellites);
	assert_true(satellites.list.count > 0);
	assert_true(silent(host));
	host_free(host);
}

static void loc_settings_are_told_back_in_indications(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = host_allocate(host, QK_SERVICE_ID_LOC);
	struct qk_loc_set_engine_lock_request lock = { .has_lock_type = true, .lock_type = 9 };
	struct qk_loc_set_engine_lock_indication locked;
	struct qk_loc_get_predicted_orbits_data_source_indication source;
	const struct qk_loc_set_server_request server = { .has_server_type = true,
							  .server_type =
								  QK_LOC_SERVER_TYPE_UMTS_SLP,
							  .has_url = true,
							  .url = { "supl.example:7275", 17 } };
	struct qk_loc_set_server_indication set;
	const struct qk_loc_get_server_request ask = { .has_server_type = true,
						       .server_type = QK_LOC_SERVER_TYPE_UMTS_SLP };
	struct qk_loc_get_server_indication got;

	(void)unused;
	assert_int_equal(ASK(host, client, loc_set_engine_lock, &lock, NULL), 0);
	EXPECT(host, client, loc_set_engine_lock, &locked);
	assert_int_equal(locked.indication_status, QK_LOC_INDICATION_STATUS_INVALID_PARAMETER);
	lock.lock_type = QK_LOC_LOCK_TYPE_ALL;
	assert_int_equal(ASK(host, client, loc_set_engine_lock, &lock, NULL), 0);
	EXPECT(host, client, loc_set_engine_lock, &locked);
	assert_int_equal(locked.indication_status, 0);
	const struct qk_loc_start_request start = { .has_session_id = true, .session_id = 1 };
	assert_int_equal(ASK(host, client, loc_start, &start, NULL), QK_ERROR_ACCESS_DENIED);
	assert_int_equal(ASK(host, client, loc_get_predicted_orbits_data_source,
			     &(struct qk_loc_get_predicted_orbits_data_source_request){ 0 }, NULL),
			 0);
	EXPECT(host, client, loc_get_predicted_orbits_data_source, &source);
	assert_true(source.server_list.count > 0);
	assert_int_equal(ASK(host, client, loc_set_server, &server, NULL), 0);
	EXPECT(host, client, loc_set_server, &set);
	assert_int_equal(ASK(host, client, loc_get_server, &ask, NULL), 0);
	EXPECT(host, client, loc_get_server, &got);
	assert_true(got.has_url && !got.has_ipv4);
	assert_string_equal(got.url.data, "supl.example:7275");
	host_free(host);
}

/* --- PDC */

static void pdc_answers_twice_with_the_token(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = host_allocate(host, QK_SERVICE_ID_PDC);
	const struct qk_pdc_list_configs_request list = {
		.has_token = true, .token = 77, .has_config_type = true, .config_type = 1
	};
	struct qk_pdc_list_configs_indication configs;
	struct qk_pdc_get_config_info_indication info;
	struct qk_pdc_get_selected_config_indication selected;
	struct qk_pdc_get_selected_config_response answer;

	(void)unused;
	assert_int_equal(ASK(host, client, pdc_list_configs, &list, NULL), 0);
	EXPECT(host, client, pdc_list_configs, &configs);
	assert_int_equal(configs.token, 77);
	assert_int_equal(configs.configs.count, 4);
	struct qk_pdc_get_config_info_request ask = { .has_type_with_id_v2 = true,
						      .type_with_id_v2 = configs.configs.items[0] };
	assert_int_equal(ASK(host, client, pdc_get_config_info, &ask, NULL), 0);
	EXPECT(host, client, pdc_get_config_info, &info);
	assert_string_equal(info.description.data, "ROW_Generic_3GPP");
	assert_int_equal(info.version, 0x0501081f);
	ask.type_with_id_v2.id.size = 3;
	assert_int_equal(ASK(host, client, pdc_get_config_info, &ask, NULL), 0);
	EXPECT(host, client, pdc_get_config_info, &info);
	assert_int_equal(info.indication_result, QK_ERROR_NO_ENTRY);
	const struct qk_pdc_get_selected_config_request which = {
		.has_config_type = true, .config_type = 1, .has_token = true, .token = 5
	};
	assert_int_equal(ASK(host, client, pdc_get_selected_config, &which, &answer), 0);
	assert_true(answer.has_token);
	assert_int_equal(answer.token, which.token);
	EXPECT(host, client, pdc_get_selected_config, &selected);
	assert_int_equal(selected.token, 5);
	assert_int_equal(selected.active_id.size, 20);
	assert_false(selected.has_pending_id);
	host_free(host);
}

static void pdc_configuration_is_selected_activated_and_loaded(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = host_allocate(host, QK_SERVICE_ID_PDC);
	const struct qk_pdc_register_request listen = { .has_enable_reporting = true,
							.has_enable_refresh = true,
							.enable_refresh = true };
	struct qk_sim_mbn *mbn = &qk_sim_state(host->sim)->mbn;
	const struct qk_pdc_set_selected_config_request select = {
		.has_type_with_id_v2 = true,
		.type_with_id_v2 = { 1, { mbn->configs[1].id.data, mbn->configs[1].id.size } },
	};
	struct qk_pdc_set_selected_config_indication set;
	const struct qk_pdc_activate_config_request activate = { .has_config_type = true,
								 .config_type = 1 };
	struct qk_pdc_activate_config_indication active;
	struct qk_pdc_refresh_indication refresh;
	uint8_t bytes[40] = { 0 };
	const struct qk_pdc_load_config_request load = {
		.has_config_chunk = true,
		.config_chunk = { 1, { (const uint8_t *)"an id", 5 }, 80, { bytes, 40 } },
	};
	struct qk_pdc_load_config_indication loaded;

	(void)unused;
	assert_int_equal(ASK(host, client, pdc_register, &listen, NULL), 0);
	assert_int_equal(ASK(host, client, pdc_set_selected_config, &select, NULL), 0);
	EXPECT(host, client, pdc_set_selected_config, &set);
	assert_int_equal(set.indication_result, 0);
	assert_int_equal(ASK(host, client, pdc_activate_config, &activate, NULL), 0);
	EXPECT(host, client, pdc_activate_config, &active);
	EXPECT(host, client, pdc_refresh, &refresh);
	assert_int_equal(mbn->active, 1);
	for (uint32_t i = 1; i <= 2; i++) {
		assert_int_equal(ASK(host, client, pdc_load_config, &load, NULL), 0);
		EXPECT(host, client, pdc_load_config, &loaded);
		assert_int_equal(loaded.received, 40 * i);
		assert_int_equal(loaded.remaining_size, 80 - 40 * i);
	}
	const struct qk_pdc_delete_config_request delete = {
		.has_config_type = true,
		.config_type = 1,
		.has_id = true,
		.id = { (const uint8_t *)"an id", 5 },
	};
	assert_int_equal(ASK(host, client, pdc_delete_config, &delete, NULL), 0);
	assert_int_equal(ASK(host, client, pdc_delete_config, &delete, NULL), QK_ERROR_NO_ENTRY);
	host_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wms_message_is_told_listed_read_and_deleted),
		cmocka_unit_test(wms_send_is_answered_when_the_network_took_it),
		cmocka_unit_test(wms_written_message_is_sent_from_its_store),
		cmocka_unit_test(wms_transferred_message_lacks_its_centre_and_is_acknowledged),
		cmocka_unit_test(wms_says_so_when_the_store_is_full),
		cmocka_unit_test(wms_centre_and_channels_are_kept_when_set),
		cmocka_unit_test(voice_call_is_told_from_dialling_to_its_end),
		cmocka_unit_test(voice_incoming_call_hides_its_number_when_it_is_withheld),
		cmocka_unit_test(voice_ussd_answers_late_or_by_indication),
		cmocka_unit_test(voice_ussd_of_the_network_asks_and_releases),
		cmocka_unit_test(loc_session_reports_until_it_is_stopped),
		cmocka_unit_test(loc_single_fix_ends_its_session_and_a_client_that_leaves_as_well),
		cmocka_unit_test(loc_sentences_and_satellites_come_each_second),
		cmocka_unit_test(loc_settings_are_told_back_in_indications),
		cmocka_unit_test(pdc_answers_twice_with_the_token),
		cmocka_unit_test(pdc_configuration_is_selected_activated_and_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
