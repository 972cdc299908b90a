/*
 * Requests of the control socket: how they are read and refused, to whom they go, what events follow; and
 * the words of its client.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/nas.h>

#include "control-host.h"

#include "sim/ctl-words.h"

static void status_shows_what_the_model_holds(void **state)
{
	struct room *room = *state;
	const json_t *answer = room_ask(room, "{\"do\": \"status\"}");
	const json_t *cell = json_object_get(answer, "cell");

	assert_int_equal(json_integer_value(json_object_get(cell, "rsrp")), -104);
	assert_string_equal(json_string_value(json_object_get(cell, "radio-interface")), "lte");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(answer, "identity"), "imei")),
		room_model(room)->identity.imei);
	assert_true(json_is_true(json_object_get(answer, "up")));
}

static void request_changes_what_it_names_and_nothing_else(void **state)
{
	struct room *room = *state;

	room_ask(room, "{\"do\": \"cell\", \"rsrp\": -93, \"pci\": \"0x1f\"}");
	assert_int_equal(room_model(room)->cell.rsrp_dbm, -93);
	assert_int_equal(room_model(room)->cell.pci, 0x1f);
	assert_int_equal(room_model(room)->cell.rsrq_db, room->host->profile->cell.rsrq_db);
	assert_int_equal(room_model(room)->cell.channel, room->host->profile->cell.channel);
}

static void request_is_refused_with_its_reason(void **state)
{
	struct room *room = *state;

	room_refuse(room, "[]", "a request is a JSON object: {\"do\": \"status\"}");
	room_refuse(room, "{}", "do: must be the name of a request ('help' lists them)");
	room_refuse(room, "{\"do\": 3}", "do: must be the name of a request ('help' lists them)");
	room_refuse(room, "{\"do\": \"x\"}", "do: there is no request 'x' ('help' lists them)");
	room_refuse(room, "{\"do\": \"status\", \"modem\": 1}",
		    "modem: must be \"all\" or a number from 0 to 0");
	room_refuse(room, "{\"do\": \"status\", \"modem\": -1}",
		    "modem: must be \"all\" or a number from 0 to 0");
	room_refuse(room, "{\"do\": \"modems\", \"modem\": 0}",
		    "modems: it is about all modems: leave 'modem' out");
	room_refuse(room, "{\"do\": \"status\", \"x\": 1}", "status: x is unknown");
	room_refuse(room, "{\"do\": \"mode\"}", "mode: mode is missing");
	room_refuse(room, "{\"do\": \"cell\", \"rsrp\": 3}",
		    "cell: rsrp must be a number from -156 to -31");
	room_refuse(room, "{\"do\": \"time-scale\", \"factor\": 1e9}",
		    "time-scale: factor must be a number from 0 to 1000");
	room_refuse(room, "{\"do\": \"fault\", \"fault\": \"nope\"}",
		    "fault 'nope': no such fault (--help lists them)");
	room_refuse(room, "{\"do\": \"watch\", \"only\": \"x\"}", "watch: there is no event 'x'");
	room_refuse(room, "{\"do\": \"plug\"}", "plug: the cable is in");
	assert_int_equal(room_model(room)->cell.rsrp_dbm, -104);
}

static void line_that_is_no_request_gets_one_answer(void **state)
{
	struct room *room = *state;
	static const char *const lines[] = { "",         "{",
					     "\xff\xfe", "{\"do\":\"status\"} x",
					     "nul",      "{\"do\":\"status\",\"do\":\"status\"}" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const json_t *answer = room_ask_bytes(room, lines[i], strlen(lines[i]));
		assert_true(json_is_false(json_object_get(answer, "ok")));
		assert_memory_equal(json_string_value(json_object_get(answer, "error")),
				    "no JSON: ", 9);
		assert_int_equal(json_array_size(room->heard), 1);
	}
	const json_t *answer = room_ask_bytes(room, "{\"do\":\"st\0tus\"}", 15);
	assert_true(json_is_false(json_object_get(answer, "ok")));
}

static void clients_are_those_that_are_allocated(void **state)
{
	struct room *room = *state;
	const json_t *list = json_object_get(room_ask(room, "{\"do\": \"clients\"}"), "clients");

	assert_true(json_is_array(list));
	assert_int_equal(json_array_size(list), 0);

	uint8_t id = host_allocate(room->host, QK_SERVICE_ID_NAS);

	list = json_object_get(room_ask(room, "{\"do\": \"clients\"}"), "clients");
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(room_text(json_array_get(list, 0), "service"), "nas");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "id")), id);
}

static void request_goes_to_all_modems_when_it_says_so(void **state)
{
	struct room *room = *state;
	struct host *other = host_new("ec25-eux", 2);

	assert_int_equal(qk_control_add_modem(room->control, other->sim), 0);
	room_ask(room, "{\"do\": \"cell\", \"rsrp\": -70, \"modem\": \"all\"}");
	assert_int_equal(room_model(room)->cell.rsrp_dbm, -70);
	assert_int_equal(qk_sim_state(other->sim)->cell.rsrp_dbm, -70);
	room_ask(room, "{\"do\": \"cell\", \"rsrp\": -71, \"modem\": 1}");
	assert_int_equal(room_model(room)->cell.rsrp_dbm, -70);
	assert_int_equal(qk_sim_state(other->sim)->cell.rsrp_dbm, -71);
	const json_t *answer = room_ask(room, "{\"do\": \"status\", \"modem\": \"all\"}");
	assert_int_equal(json_array_size(json_object_get(answer, "modems")), 2);
	qk_control_free(room->control);
	host_free(other);
	/* for teardown */
	assert_int_equal(qk_control_new(&room->control), 0);
}

static void event_follows_the_answer_when_it_is_watched(void **state)
{
	struct room *room = *state;

	room_ask(room, "{\"do\": \"mode\", \"mode\": \"low-power\"}");
	assert_int_equal(json_array_size(room->heard), 1);
	room_ask(room, "{\"do\": \"watch\", \"only\": \"mode\"}");
	room_ask(room, "{\"do\": \"mode\", \"mode\": \"online\"}");
	assert_int_equal(json_array_size(room->heard), 2);
	const json_t *event = room_heard(room, "mode");
	assert_non_null(event);
	assert_string_equal(json_string_value(json_object_get(event, "mode")), "online");
	assert_int_equal(json_integer_value(json_object_get(event, "modem")), 0);
	/* the same again is no news */
	room_ask(room, "{\"do\": \"mode\", \"mode\": \"online\"}");
	assert_int_equal(json_array_size(room->heard), 1);
}

static void events_tell_the_course_of_a_crash(void **state)
{
	struct room *room = *state;

	room_ask(room, "{\"do\": \"watch\"}");
	room_ask(room, "{\"do\": \"crash\", \"for-ms\": 2000}");
	const json_t *event = room_heard(room, "bus");
	assert_non_null(event);
	assert_true(json_is_false(json_object_get(event, "on")));
	json_array_clear(room->heard);
	qk_sim_advance(room->host->sim, HOST_START_USEC + 2000000);
	event = room_heard(room, "bus");
	assert_non_null(event);
	assert_true(json_is_true(json_object_get(event, "on")));
	assert_true(json_real_value(json_object_get(event, "time")) == 2.0);
	assert_non_null(room_heard(room, "boot"));
}

static void power_goes_off_and_on(void **state)
{
	struct room *room = *state;

	room_refuse(room, "{\"do\": \"power-on\"}", "the modem is on");
	room_ask(room, "{\"do\": \"power-off\"}");
	assert_false(qk_sim_state_on_bus(room_model(room)));
	room_refuse(room, "{\"do\": \"power-off\"}",
		    "the modem is off ('power-on' switches it on)");
	room_refuse(room, "{\"do\": \"reset\"}", "the modem is off ('power-on' switches it on)");
	qk_sim_advance(room->host->sim, HOST_START_USEC + 3600000000);
	assert_false(qk_sim_state_on_bus(room_model(room)));
	room_ask(room, "{\"do\": \"power-on\"}");
	qk_sim_advance(room->host->sim, HOST_START_USEC + 3600000000 + 60000000);
	assert_true(qk_sim_state_is_up(room_model(room)));
}

static void refusal_is_told_when_its_excerpt_is_no_text(void **state)
{
	struct room *room = *state;

	/* the name is cut after 60 bytes, within a letter */
	room_refuse(
		room,
		"{\"do\": \"12345678901234567890123456789012345678901234567890123456789\xc3\xa4\"}",
		"do: there is no request "
		"'12345678901234567890123456789012345678901234567890123456789?' ('help' lists them)");
}

static void loader_stays_until_a_reset_or_power_on(void **state)
{
	struct room *room = *state;
	static const char *const ends[] = { "{\"do\": \"reset\"}", "{\"do\": \"power-on\"}" };

	for (size_t i = 0; i < 2; i++) {
		room_ask(room, "{\"do\": \"edl\"}");
		room_pass(room, 3600000000);
		assert_int_equal(qk_sim_state_loader(room_model(room)), QK_SIM_LOADER_EDL);
		room_refuse(room, "{\"do\": \"crash\"}",
			    "a loader is there, not the firmware ('reset' ends it)");
		room_ask(room, ends[i]);
		assert_int_equal(qk_sim_state_loader(room_model(room)), QK_SIM_LOADER_NONE);
		room_pass(room, 60000000);
		assert_true(qk_sim_state_is_up(room_model(room)));
	}
}

static void faults_are_listed_counted_and_disarmed(void **state)
{
	struct room *room = *state;
	uint8_t id = host_allocate(room->host, 2);

	(void)id;
	room_ask(room, "{\"do\": \"fault\", \"fault\": \"drop-answer:dms:3\"}");
	room_ask(room, "{\"do\": \"fault\", \"fault\": \"crash@5000\"}");
	const json_t *armed = json_object_get(room_ask(room, "{\"do\": \"fault-list\"}"), "armed");
	assert_int_equal(json_array_size(armed), 2);
	const json_t *fault = json_array_get(armed, 0);
	assert_string_equal(json_string_value(json_object_get(fault, "name")), "drop-answer");
	assert_string_equal(json_string_value(json_object_get(fault, "service")), "dms");
	assert_int_equal(json_integer_value(json_object_get(fault, "left")), 3);
	const json_t *answer = room_ask(room, "{\"do\": \"fault-disarm\", \"fault\": \"crash\"}");
	assert_int_equal(json_integer_value(json_object_get(answer, "disarmed")), 1);
	answer = room_ask(room, "{\"do\": \"fault-disarm\"}");
	assert_int_equal(json_integer_value(json_object_get(answer, "disarmed")), 1);
	assert_int_equal(room_model(room)->faults.count, 0);
}

static void rows_are_usable_all_of_them(void **state)
{
	const struct qk_control_row *row;

	(void)state;
	for (size_t i = 0; (row = qk_control_row(i)); i++) {
		assert_ptr_equal(qk_control_find(row->name, strlen(row->name)), row);
		assert_true(row->size <= QK_CONTROL_ARGUMENTS_MAX);
		assert_true(row->count <= 32);
		assert_non_null(row->sentence);
		for (size_t m = 0; m < row->count; m++) {
			const struct qk_sim_member *member = &row->members[m];
			assert_true(member->offset + member->size <= row->size);
			assert_string_not_equal(member->name, "do");
			assert_string_not_equal(member->name, "modem");
			assert_string_not_equal(member->name, "at");
		}
	}
}

/* The request that words make, as JSON; "" for a refusal, which goes to `error`. */
static char *words_to_json(const char *text, char *error, size_t error_size)
{
	struct qk_ctl_options options;
	char copy[256], *words[16], *save = NULL;
	json_t *request = NULL;
	int count = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		words[count++] = word;
	if (qk_ctl_words(count, words, &options, &request, error, error_size) < 0)
		return NULL;
	char *json = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	return json;
}

static void words_become_the_request_they_mean(void **state)
{
	static const char *const rows[][2] = {
		{ "status", "{\"do\":\"status\"}" },
		{ "power off --modem 3", "{\"do\":\"power-off\",\"modem\":3}" },
		{ "power-off --modem all", "{\"do\":\"power-off\",\"modem\":\"all\"}" },
		{ "cell --rsrp -93 --band=20", "{\"do\":\"cell\",\"rsrp\":-93,\"band\":20}" },
		{ "cell --radio-interface umts", "{\"do\":\"cell\",\"radio-interface\":\"umts\"}" },
		{ "time-scale 0.5", "{\"do\":\"time-scale\",\"factor\":0.5}" },
		{ "crash 2000", "{\"do\":\"crash\",\"for-ms\":2000}" },
		{ "fault disarm", "{\"do\":\"fault-disarm\"}" },
		{ "fault crash@10", "{\"do\":\"fault\",\"fault\":\"crash@10\"}" },
	};
	char error[128];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *json = words_to_json(rows[i][0], error, sizeof(error));
		if (!json)
			fail_msg("%s: %s", rows[i][0], error);
		assert_string_equal(json, rows[i][1]);
		free(json);
	}
}

static void words_are_refused_when_the_request_does_not_take_them(void **state)
{
	static const char *const rows[][2] = {
		{ "", "there is no request '' (--help lists them)" },
		{ "nope", "there is no request 'nope' (--help lists them)" },
		{ "status more", "status: 'more' is too much (--help says what it takes)" },
		{ "cell --rsrp", "cell: option '--rsrp' needs a value" },
		{ "cell --x 1", "cell: option '--x' is unknown (--help says what it takes)" },
		{ "status --until x",
		  "status: option '--until' is unknown (--help says what it takes)" },
	};
	char error[128];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_null(words_to_json(rows[i][0], error, sizeof(error)));
		assert_string_equal(error, rows[i][1]);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(status_shows_what_the_model_holds),
		CASE(request_changes_what_it_names_and_nothing_else),
		CASE(request_is_refused_with_its_reason),
		CASE(line_that_is_no_request_gets_one_answer),
		CASE(request_goes_to_all_modems_when_it_says_so),
		CASE(clients_are_those_that_are_allocated),
		CASE(event_follows_the_answer_when_it_is_watched),
		CASE(events_tell_the_course_of_a_crash),
		CASE(power_goes_off_and_on),
		CASE(loader_stays_until_a_reset_or_power_on),
		CASE(refusal_is_told_when_its_excerpt_is_no_text),
		CASE(faults_are_listed_counted_and_disarmed),
		CASE(rows_are_usable_all_of_them),
		CASE(words_become_the_request_they_mean),
		CASE(words_are_refused_when_the_request_does_not_take_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
