/*
 * Requests of the control socket: what they do to the network, the card, data calls, messages, calls and
 * position.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/uim.h>

#include "control-host.h"

static void network_refuses_loses_and_takes_back(void **state)
{
	struct room *room = *state;
	uint64_t now = HOST_START_USEC;

	room_ask(room, "{\"do\": \"registration\", \"state\": \"denied\", \"cause\": 33}");
	assert_int_equal(room_model(room)->registration, QK_SIM_DENIED);
	assert_int_equal(room_model(room)->radio.reject.cause, 33);
	room_ask(room, "{\"do\": \"registration\", \"state\": \"home\"}");
	qk_sim_advance(room->host->sim, now += 60000000);
	assert_int_equal(room_model(room)->registration, QK_SIM_REGISTERED);
	room_ask(room, "{\"do\": \"registration\", \"state\": \"lost\"}");
	assert_int_not_equal(room_model(room)->registration, QK_SIM_REGISTERED);
	qk_sim_advance(room->host->sim, now += 60000000);
	assert_int_not_equal(room_model(room)->registration, QK_SIM_REGISTERED);
	room_ask(room,
		 "{\"do\": \"registration\", \"state\": \"roaming\", \"mcc\": 262, \"mnc\": 2}");
	qk_sim_advance(room->host->sim, now += 60000000);
	assert_int_equal(room_model(room)->registration, QK_SIM_REGISTERED);
	assert_true(room_model(room)->roaming);
	assert_int_equal(room_model(room)->network.mcc, 262);
	room_refuse(room, "{\"do\": \"registration\", \"state\": \"home\", \"cause\": 3}",
		    "registration: cause goes with denied");
	room_refuse(room, "{\"do\": \"registration\", \"state\": \"home\", \"mcc\": 3}",
		    "registration: a network goes with roaming");
}

static void card_goes_out_comes_back_and_asks_for_its_pin(void **state)
{
	struct room *room = *state;
	uint64_t now = HOST_START_USEC;

	room_refuse(room, "{\"do\": \"card-insert\"}", "card-insert: the card is in");
	room_ask(room, "{\"do\": \"card-remove\"}");
	assert_int_equal(room_model(room)->card.state, QK_SIM_CARD_ABSENT);
	room_refuse(room, "{\"do\": \"card-remove\"}", "card-remove: there is no card");
	room_ask(room, "{\"do\": \"card-insert\"}");
	for (unsigned int i = 0; i < 20; i++)
		qk_sim_advance(room->host->sim, now += 1000000);
	assert_true(qk_sim_state_card_ready(room_model(room)));
	room_ask(room, "{\"do\": \"card-pin\", \"pin\": \"pin1\", \"state\": \"enabled\", "
		       "\"code\": \"4321\", \"retries\": 2}");
	for (unsigned int i = 0; i < 20; i++)
		qk_sim_advance(room->host->sim, now += 1000000);
	assert_false(qk_sim_state_card_ready(room_model(room)));
	assert_int_equal(qk_sim_card_verify(room_model(room), QK_SIM_PIN1, "1111"),
			 QK_SIM_SW_WRONG_CODE | 1);
	assert_int_equal(qk_sim_card_verify(room_model(room), QK_SIM_PIN1, "4321"), QK_SIM_SW_OK);
	assert_true(qk_sim_state_card_ready(room_model(room)));
	room_ask(room, "{\"do\": \"card-error\", \"error\": 3}");
	assert_int_equal(room_model(room)->card.state, QK_SIM_CARD_ERROR);
	room_ask(room, "{\"do\": \"card-insert\"}");
	room_refuse(room, "{\"do\": \"card-pin\", \"pin\": \"pin1\", \"code\": \"12\"}",
		    "card-pin: code has 4 to 8 digits");
	room_refuse(room, "{\"do\": \"card-remove\", \"slot\": 2}",
		    "card-remove: there is no such slot");
	room_refuse(room, "{\"do\": \"card-slot\", \"slot\": 2}",
		    "card-slot: there is no such slot");
	room_refuse(room, "{\"do\": \"card-slot\", \"slot\": 1}", "card-slot: it is in use");
}

static void modem_is_bound_until_its_key_comes(void **state)
{
	struct room *room = *state;

	room_ask(room, "{\"do\": \"card-bind\", \"to\": \"network\", \"key\": \"1234\", "
		       "\"retries\": 2}");
	assert_true(room_model(room)->personal[QK_SIM_PERSONAL_NETWORK].on);
	assert_int_equal(qk_sim_personal_free(room_model(room), QK_SIM_PERSONAL_CARD, "1234"),
			 -ENOENT);
	assert_int_equal(qk_sim_personal_free(room_model(room), QK_SIM_PERSONAL_NETWORK, "12345"),
			 -EACCES);
	assert_int_equal(qk_sim_personal_free(room_model(room), QK_SIM_PERSONAL_NETWORK, "1234"),
			 0);
	assert_false(room_model(room)->personal[QK_SIM_PERSONAL_NETWORK].on);
	room_ask(room, "{\"do\": \"card-bind\", \"to\": \"network\", \"key\": \"1\", "
		       "\"retries\": 0}");
	assert_int_equal(qk_sim_personal_free(room_model(room), QK_SIM_PERSONAL_NETWORK, "1"),
			 -EPERM);
	room_refuse(room, "{\"do\": \"card-bind\", \"to\": \"card\", \"key\": \"\"}",
		    "card-bind: key has 1 to 16 digits");
}

static void register_for(struct room *room, uint8_t client, uint16_t id)
{
	static const uint8_t folders[] = { 0x00, 0x3f, 0xff, 0x7f };
	struct qk_uim_refresh_file file = { id, { folders, sizeof(folders) } };
	const struct qk_uim_refresh_register_request request = {
		.has_session = true,
		.session = { .session_type = QK_UIM_SESSION_TYPE_CARD_SLOT_1 },
		.has_info = true,
		.info = { .register_flag = true, .files = { &file, 1 } },
	};

	assert_int_equal(
		host_ask(room->host, client, &qk_uim_refresh_register_method, &request, NULL),
		id == 0x6fff ? QK_ERROR_SIM_FILE_NOT_FOUND : 0);
}

static void expect_refresh(struct room *room, uint8_t client, uint8_t stage, size_t files)
{
	struct qk_uim_refresh_indication news;

	host_expect_indication(room->host, client, &qk_uim_refresh_message, &news);
	assert_int_equal(news.event.stage, stage);
	assert_int_equal(news.event.session_type, QK_UIM_SESSION_TYPE_CARD_SLOT_1);
	assert_int_equal(news.event.files.count, files);
}

static void card_is_refreshed_for_those_who_watch(void **state)
{
	struct room *room = *state;
	uint8_t name = host_allocate(room->host, QK_SERVICE_ID_UIM);
	uint8_t imsi = host_allocate(room->host, QK_SERVICE_ID_UIM);
	const struct qk_uim_refresh_complete_request done = { .has_session = true,
							      .has_info = true,
							      .info = { true } };
	const struct qk_sim_file *file = qk_sim_card_find_id(&room_model(room)->card, 0x6f46);
	struct qk_frame frame;

	register_for(room, name, 0x6fff);
	register_for(room, name, 0x6f46);
	register_for(room, imsi, 0x6f07);
	room_ask(room, "{\"do\": \"card-refresh\", \"mode\": \"fcn\", \"file\": \"0x6f46\", "
		       "\"bytes\": \"0143\"}");
	assert_int_equal(room_model(room)->card.bytes[file->at + 1], 0x43);
	expect_refresh(room, name, QK_UIM_REFRESH_STAGE_START, 1);
	assert_false(host_next(room->host, &frame));
	assert_int_equal(host_ask(room->host, name, &qk_uim_refresh_complete_method, &done, NULL),
			 0);
	expect_refresh(room, name, QK_UIM_REFRESH_STAGE_END_WITH_SUCCESS, 1);
	/* nothing waits any more */
	assert_int_equal(host_ask(room->host, name, &qk_uim_refresh_complete_method, &done, NULL),
			 0);
	assert_false(host_next(room->host, &frame));
	/* one without a file is for all; of a reset no end is told */
	room_ask(room, "{\"do\": \"card-refresh\", \"mode\": \"reset\"}");
	expect_refresh(room, name, QK_UIM_REFRESH_STAGE_START, 0);
	expect_refresh(room, imsi, QK_UIM_REFRESH_STAGE_START, 0);
	assert_false(qk_sim_state_card_ready(room_model(room)));
	room_refuse(room, "{\"do\": \"card-refresh\", \"mode\": \"fcn\"}",
		    "card-refresh: there is no card that was read");
}

static void card_is_not_refreshed_when_that_is_wrong(void **state)
{
	struct room *room = *state;

	room_refuse(room, "{\"do\": \"card-refresh\", \"mode\": \"fcn\", \"file\": 1}",
		    "card-refresh: there is no such file");
	room_refuse(room, "{\"do\": \"card-refresh\", \"mode\": \"fcn\", \"bytes\": \"00\"}",
		    "card-refresh: there is no such file");
	room_refuse(room,
		    "{\"do\": \"card-refresh\", \"mode\": \"fcn\", \"file\": \"0x6fad\", "
		    "\"bytes\": \"0000000000\"}",
		    "card-refresh: the file has no room for these bytes");
}

static void card_reads_as_in_a_profile(void **state)
{
	struct room *room = *state;
	uint64_t now = HOST_START_USEC;

	room_ask(room, "{\"do\": \"card\", \"pin1\": \"not-verified\"}");
	/* in use as it is */
	assert_true(qk_sim_state_card_ready(room_model(room)));
	room_ask(room, "{\"do\": \"reset\"}");
	for (unsigned int i = 0; i < 60; i++)
		qk_sim_advance(room->host->sim, now += 1000000);
	assert_int_equal(room_model(room)->card.pin1.state, QK_SIM_PIN_NOT_VERIFIED);
	assert_false(qk_sim_state_is_registered(room_model(room)));
	room_ask(room, "{\"do\": \"card\", \"pin1\": \"disabled\"}");
	qk_sim_advance(room->host->sim, now += 60000000);
	assert_true(qk_sim_state_is_registered(room_model(room)));
	room_ask(room, "{\"do\": \"card\", \"state\": \"absent\"}");
	assert_int_equal(room_model(room)->card.state, QK_SIM_CARD_ABSENT);
	room_ask(room, "{\"do\": \"card\", \"state\": \"error\", \"error\": 4}");
	assert_int_equal(room_model(room)->card.error, 4);
	room_refuse(room, "{\"do\": \"card\", \"error\": 4, \"state\": \"present\"}",
		    "card: error goes with the state error");
	room_ask(room, "{\"do\": \"card\", \"state\": \"present\"}");
	assert_int_equal(room_model(room)->card.state, QK_SIM_CARD_PRESENT);
}

/* A data call of IPv4 on the default context, up. */
static struct qk_sim_bearer *start_call(struct room *room)
{
	const struct qk_sim_bearer_request request = { .family = 4, .holder = QK_SIM_HOLDER_AT };
	struct qk_sim_bearer *bearer = NULL;
	struct qk_sim_end_reason end;

	assert_int_equal(qk_sim_bearer_start(room_model(room), &request, &bearer, &end), 0);
	qk_sim_advance(room->host->sim, bearer->due_usec);
	return bearer;
}

static void data_calls_are_dropped_refused_and_renumbered(void **state)
{
	struct room *room = *state;

	room_refuse(room, "{\"do\": \"data-drop\"}", "data-drop: no data call is up");
	room_ask(room, "{\"do\": \"watch\", \"only\": \"data\"}");
	struct qk_sim_bearer *bearer = start_call(room);
	assert_int_equal(bearer->state, QK_SIM_BEARER_UP);
	const json_t *event = room_heard(room, "data");
	assert_non_null(event);
	assert_string_equal(json_string_value(json_object_get(event, "state")), "up");
	uint32_t address = bearer->address4;
	room_ask(room, "{\"do\": \"data-renumber\"}");
	assert_int_not_equal(bearer->address4, address);
	room_ask(room, "{\"do\": \"data-drop\"}");
	assert_int_equal(bearer->state, QK_SIM_BEARER_ENDED);
	assert_int_equal(bearer->end.reason, 1028);
	event = json_object_get(room_heard(room, "data"), "end");
	assert_int_equal(json_integer_value(json_object_get(event, "code")), 1028);
	room_ask(room, "{\"do\": \"data-fail\", \"reason\": \"invalid-sim-state\"}");
	bearer = start_call(room);
	assert_int_equal(bearer->state, QK_SIM_BEARER_ENDED);
	assert_int_equal(bearer->end.reason, 2504);
	assert_int_equal(start_call(room)->state, QK_SIM_BEARER_UP);
	room_ask(room, "{\"do\": \"data-drop\", \"reason\": \"other\", \"type\": 6, \"code\": 33}");
	room_ask(room, "{\"do\": \"link\", \"direction\": \"downlink\", \"rate-bps\": 1000000, "
		       "\"loss\": 0.25}");
	assert_int_equal(room_model(room)->link.downlink.rate_bps, 1000000);
	assert_int_equal(room_model(room)->link.downlink.loss_ppm, 250000);
	assert_int_equal(room_model(room)->link.uplink.rate_bps, 0);
	room_ask(room, "{\"do\": \"dns\", \"name\": \"a.example\", \"address4\": \"10.0.0.1\"}");
	room_ask(room, "{\"do\": \"dns\", \"name\": \"A.example\", \"address4\": \"10.0.0.2\"}");
	assert_int_equal(room_model(room)->link.name_count, 1);
	assert_int_equal(room_model(room)->link.names[0].address4, 0x0a000002);
	room_refuse(room, "{\"do\": \"dns\", \"name\": \"b\", \"address4\": \"x\"}",
		    "dns: address4 is no IPv4 address");
}

static void message_arrives_and_is_listed(void **state)
{
	struct room *room = *state;

	room_ask(room, "{\"do\": \"watch\", \"only\": \"sms\"}");
	const json_t *answer = room_ask(room, "{\"do\": \"sms\", \"from\": \"+4912345\", "
					      "\"text\": \"Gr\\u00fc\\u00dfe\"}");
	assert_int_equal(json_integer_value(json_object_get(answer, "parts")), 1);
	room_pass(room, 5000000);
	const json_t *event = room_heard(room, "sms");
	assert_non_null(event);
	assert_string_equal(room_text(event, "how"), "stored");
	assert_string_equal(room_text(event, "from"), "+4912345");
	assert_string_equal(room_text(event, "text"), "Gr\xc3\xbc\xc3\x9f"
						      "e");
	char list[64];
	snprintf(list, sizeof(list), "{\"do\": \"sms-list\", \"store\": \"%s\"}",
		 room_text(event, "store"));
	answer = json_object_get(room_ask(room, list), "messages");
	assert_int_equal(json_array_size(answer), 1);
	assert_string_equal(room_text(json_array_get(answer, 0), "text"), "Gr\xc3\xbc\xc3\x9f"
									  "e");
	room_refuse(room, "{\"do\": \"sms\", \"from\": \"\", \"text\": \"x\"}",
		    "sms: 'from' or 'text' is none that can be sent");
	room_refuse(room, "{\"do\": \"sms-pdu\", \"pdu\": \"00\"}",
		    "sms-pdu: it is no message or report for a modem (message centre, then TPDU)");
}

static void message_that_is_sent_is_told_and_kept(void **state)
{
	struct room *room = *state;
	/* 3GPP TS 23.040: a submit to +4912345 with the text "hi", no message centre */
	static const uint8_t pdu[] = { 0x00, 0x01, 0x00, 0x07, 0x91, 0x94, 0x21,
				       0x43, 0xf5, 0x00, 0x00, 0x02, 0xe8, 0x34 };
	uint32_t ticket;

	room_ask(room, "{\"do\": \"watch\", \"only\": \"sms-sent\"}");
	assert_int_equal(qk_sim_sms_send(room_model(room), pdu, sizeof(pdu), &ticket), 0);
	room_pass(room, 5000000);
	const json_t *event = room_heard(room, "sms-sent");
	assert_non_null(event);
	assert_string_equal(room_text(event, "to"), "+4912345");
	assert_string_equal(room_text(event, "text"), "hi");
	const json_t *list = json_object_get(room_ask(room, "{\"do\": \"sms-sent\"}"), "messages");
	assert_int_equal(json_array_size(list), 1);
	/* it is kept without a watcher too */
	assert_int_equal(qk_sim_sms_send(room_model(room), pdu, sizeof(pdu), &ticket), 0);
	room_pass(room, 5000000);
	list = json_object_get(room_ask(room, "{\"do\": \"sms-sent\"}"), "messages");
	assert_int_equal(json_array_size(list), 2);
	/* and one that the network refuses is none */
	room_ask(room, "{\"do\": \"sms-fail\", \"rp-cause\": 21}");
	assert_int_equal(qk_sim_sms_send(room_model(room), pdu, sizeof(pdu), &ticket), 0);
	room_pass(room, 5000000);
	list = json_object_get(room_ask(room, "{\"do\": \"sms-sent\"}"), "messages");
	assert_int_equal(json_array_size(list), 2);
}

static void calls_come_in_go_out_and_end(void **state)
{
	struct room *room = *state;
	uint8_t id;

	room_ask(room, "{\"do\": \"watch\", \"only\": \"call\"}");
	room_ask(room, "{\"do\": \"call\", \"from\": \"+4930123\"}");
	assert_string_equal(room_text(room_heard(room, "call"), "state"), "incoming");
	assert_string_equal(room_text(room_heard(room, "call"), "number"), "+4930123");
	room_ask(room, "{\"do\": \"call-remote\", \"act\": \"hang-up\"}");
	room_pass(room, 1000000);
	assert_null(qk_sim_voice_call(room_model(room), 1));
	room_refuse(room, "{\"do\": \"call-remote\", \"act\": \"hang-up\"}",
		    "call-remote: there is no call with which that can be done");
	json_array_clear(room->heard);
	assert_int_equal(qk_sim_voice_dial(room_model(room), "4711", &id), 0);
	qk_sim_notify(room->host->sim);
	assert_string_equal(room_text(room_heard(room, "call"), "state"), "dialing");
	room_ask(room, "{\"do\": \"call-remote\", \"act\": \"busy\"}");
	room_pass(room, 1000000);
	bool busy = false;
	for (size_t i = 0; i < json_array_size(room->heard); i++)
		busy |= !strcmp(room_text(json_array_get(room->heard, i), "end"), "busy");
	assert_true(busy);
	room_refuse(room, "{\"do\": \"call\", \"from\": \"x\"}", "call: 'x' is no number");
}

static void network_speaks_by_ussd(void **state)
{
	struct room *room = *state;

	room_ask(room, "{\"do\": \"watch\", \"only\": \"ussd\"}");
	room_ask(room, "{\"do\": \"ussd\", \"text\": \"1 or 2?\", \"more\": true}");
	assert_string_equal(room_text(room_heard(room, "ussd"), "text"), "1 or 2?");
	room_refuse(room, "{\"do\": \"ussd\", \"text\": \"x\"}", "ussd: a session is going on");
	room_ask(room, "{\"do\": \"ussd-release\"}");
	room_refuse(room, "{\"do\": \"ussd-release\"}", "ussd-release: there is no session");
}

static void position_is_where_it_was_put(void **state)
{
	struct room *room = *state;

	room_ask(room, "{\"do\": \"watch\", \"only\": \"gnss\"}");
	room_ask(room, "{\"do\": \"position\", \"latitude\": -33.5, \"longitude\": 151, "
		       "\"altitude\": 20}");
	assert_int_equal(qk_sim_gnss_on(room_model(room), QK_SIM_GNSS_AT), 0);
	room_pass(room, 120000000);
	assert_true(json_array_size(room->heard) >= 2);
	const struct qk_sim_fix fix = qk_sim_gnss_fix(room_model(room));
	assert_true(fix.valid);
	assert_int_equal(fix.point.latitude, -335000000);
	assert_int_equal(fix.point.longitude, 1510000000);
	assert_int_equal(fix.altitude_dm, 200);
	room_ask(room, "{\"do\": \"route\", \"points\": \"52.5,13.4; 52.6,13.4\", \"speed\": 10}");
	room_pass(room, 100000000);
	const struct qk_sim_fix later = qk_sim_gnss_fix(room_model(room));
	assert_true(later.point.latitude > 525000000 && later.point.latitude < 526000000);
	room_ask(room, "{\"do\": \"sky\", \"open\": false}");
	room_pass(room, 5000000);
	assert_false(qk_sim_gnss_fix(room_model(room)).valid);
	static const char *const points[] = { "", "1", "1,", "91,0", "0,181", "1,1x", "nan,0" };
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		char line[96];
		snprintf(line, sizeof(line),
			 "{\"do\": \"route\", \"points\": \"%s\", \"speed\": 1}", points[i]);
		assert_true(json_is_false(
			json_object_get(room_ask_bytes(room, line, strlen(line)), "ok")));
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(network_refuses_loses_and_takes_back),
		CASE(card_goes_out_comes_back_and_asks_for_its_pin),
		CASE(modem_is_bound_until_its_key_comes),
		CASE(card_is_refreshed_for_those_who_watch),
		CASE(card_is_not_refreshed_when_that_is_wrong),
		CASE(card_reads_as_in_a_profile),
		CASE(data_calls_are_dropped_refused_and_renumbered),
		CASE(message_arrives_and_is_listed),
		CASE(message_that_is_sent_is_told_and_kept),
		CASE(calls_come_in_go_out_and_end),
		CASE(network_speaks_by_ussd),
		CASE(position_is_where_it_was_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
