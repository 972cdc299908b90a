/*
 * Requests of the control socket: what they do to a modem, what is refused and with which words, and what
 * events follow.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim-host.h"

#include "sim/control-table.h"
#include "sim/ctl-words.h"

/* A modem, its control and somebody who asks. */
struct room {
	struct host *host;
	struct qk_control *control;
	struct qk_control_user user;
	json_t *heard; /* a list of lines */
};

static void on_line(void *userdata, const char *json, size_t size)
{
	struct room *room = userdata;
	json_t *line = json_loadb(json, size, 0, NULL);

	assert_non_null(line);
	assert_null(memchr(json, '\n', size));
	json_array_append_new(room->heard, line);
}

static int setup(void **state)
{
	struct room *room = calloc(1, sizeof(*room));

	assert_non_null(room);
	room->host = host_new("ec25-eux", 1);
	assert_int_equal(qk_control_new(&room->control), 0);
	assert_int_equal(qk_control_add_modem(room->control, room->host->sim), 0);
	room->user = (struct qk_control_user){ .line = on_line, .userdata = room };
	room->heard = json_array();
	qk_control_add_user(room->control, &room->user);
	*state = room;
	return 0;
}

static int teardown(void **state)
{
	struct room *room = *state;

	qk_control_remove_user(room->control, &room->user);
	qk_control_free(room->control);
	host_free(room->host);
	json_decref(room->heard);
	free(room);
	return 0;
}

static struct qk_sim_state *model(struct room *room)
{
	return qk_sim_state(room->host->sim);
}

/* Asks; the first line that comes is the answer. Borrowed until the next question. */
static const json_t *ask_bytes(struct room *room, const char *line, size_t size)
{
	json_array_clear(room->heard);
	qk_control_line(room->control, &room->user, line, size);
	assert_true(json_array_size(room->heard) >= 1);
	return json_array_get(room->heard, 0);
}

static const json_t *ask(struct room *room, const char *line)
{
	const json_t *answer = ask_bytes(room, line, strlen(line));

	if (!json_is_true(json_object_get(answer, "ok")))
		fail_msg("%s: %s", line, json_string_value(json_object_get(answer, "error")));
	return answer;
}

static void refuse(struct room *room, const char *line, const char *error)
{
	const json_t *answer = ask_bytes(room, line, strlen(line));

	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_string_equal(json_string_value(json_object_get(answer, "error")), error);
	assert_int_equal(json_array_size(room->heard), 1);
}

/* The event of this name that was heard, or NULL. */
static const json_t *heard(const struct room *room, const char *name)
{
	for (size_t i = 0; i < json_array_size(room->heard); i++) {
		const json_t *line = json_array_get(room->heard, i);
		const char *event = json_string_value(json_object_get(line, "event"));
		if (event && strcmp(event, name) == 0)
			return line;
	}
	return NULL;
}

static void status_shows_what_the_model_holds(void **state)
{
	struct room *room = *state;
	const json_t *answer = ask(room, "{\"do\": \"status\"}");
	const json_t *cell = json_object_get(answer, "cell");

	assert_int_equal(json_integer_value(json_object_get(cell, "rsrp")), -104);
	assert_string_equal(json_string_value(json_object_get(cell, "radio-interface")), "lte");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(answer, "identity"), "imei")),
		model(room)->identity.imei);
	assert_true(json_is_true(json_object_get(answer, "up")));
}

static void request_changes_what_it_names_and_nothing_else(void **state)
{
	struct room *room = *state;

	ask(room, "{\"do\": \"cell\", \"rsrp\": -93, \"pci\": \"0x1f\"}");
	assert_int_equal(model(room)->cell.rsrp_dbm, -93);
	assert_int_equal(model(room)->cell.pci, 0x1f);
	assert_int_equal(model(room)->cell.rsrq_db, room->host->profile->cell.rsrq_db);
	assert_int_equal(model(room)->cell.channel, room->host->profile->cell.channel);
}

static void request_is_refused_with_its_reason(void **state)
{
	struct room *room = *state;

	refuse(room, "[]", "a request is a JSON object: {\"do\": \"status\"}");
	refuse(room, "{}", "do: must be the name of a request ('help' lists them)");
	refuse(room, "{\"do\": 3}", "do: must be the name of a request ('help' lists them)");
	refuse(room, "{\"do\": \"x\"}", "do: there is no request 'x' ('help' lists them)");
	refuse(room, "{\"do\": \"status\", \"modem\": 1}",
	       "modem: must be \"all\" or a number from 0 to 0");
	refuse(room, "{\"do\": \"status\", \"modem\": -1}",
	       "modem: must be \"all\" or a number from 0 to 0");
	refuse(room, "{\"do\": \"modems\", \"modem\": 0}",
	       "modems: it is about all modems: leave 'modem' out");
	refuse(room, "{\"do\": \"status\", \"x\": 1}", "status: x is unknown");
	refuse(room, "{\"do\": \"mode\"}", "mode: mode is missing");
	refuse(room, "{\"do\": \"cell\", \"rsrp\": 3}",
	       "cell: rsrp must be a number from -156 to -31");
	refuse(room, "{\"do\": \"time-scale\", \"factor\": 1e9}",
	       "time-scale: factor must be a number from 0 to 1000");
	refuse(room, "{\"do\": \"fault\", \"fault\": \"nope\"}",
	       "fault 'nope': no such fault (--help lists them)");
	refuse(room, "{\"do\": \"watch\", \"only\": \"x\"}", "watch: there is no event 'x'");
	refuse(room, "{\"do\": \"plug\"}", "plug: the cable is in");
	assert_int_equal(model(room)->cell.rsrp_dbm, -104);
}

static void line_that_is_no_request_gets_one_answer(void **state)
{
	struct room *room = *state;
	static const char *const lines[] = { "",         "{",
					     "\xff\xfe", "{\"do\":\"status\"} x",
					     "nul",      "{\"do\":\"status\",\"do\":\"status\"}" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const json_t *answer = ask_bytes(room, lines[i], strlen(lines[i]));
		assert_true(json_is_false(json_object_get(answer, "ok")));
		assert_memory_equal(json_string_value(json_object_get(answer, "error")),
				    "no JSON: ", 9);
		assert_int_equal(json_array_size(room->heard), 1);
	}
	const json_t *answer = ask_bytes(room, "{\"do\":\"st\0tus\"}", 15);
	assert_true(json_is_false(json_object_get(answer, "ok")));
}

static void request_goes_to_all_modems_when_it_says_so(void **state)
{
	struct room *room = *state;
	struct host *other = host_new("ec25-eux", 2);

	assert_int_equal(qk_control_add_modem(room->control, other->sim), 0);
	ask(room, "{\"do\": \"cell\", \"rsrp\": -70, \"modem\": \"all\"}");
	assert_int_equal(model(room)->cell.rsrp_dbm, -70);
	assert_int_equal(qk_sim_state(other->sim)->cell.rsrp_dbm, -70);
	ask(room, "{\"do\": \"cell\", \"rsrp\": -71, \"modem\": 1}");
	assert_int_equal(model(room)->cell.rsrp_dbm, -70);
	assert_int_equal(qk_sim_state(other->sim)->cell.rsrp_dbm, -71);
	const json_t *answer = ask(room, "{\"do\": \"status\", \"modem\": \"all\"}");
	assert_int_equal(json_array_size(json_object_get(answer, "modems")), 2);
	qk_control_free(room->control);
	host_free(other);
	/* for teardown */
	assert_int_equal(qk_control_new(&room->control), 0);
}

static void event_follows_the_answer_when_it_is_watched(void **state)
{
	struct room *room = *state;

	ask(room, "{\"do\": \"mode\", \"mode\": \"low-power\"}");
	assert_int_equal(json_array_size(room->heard), 1);
	ask(room, "{\"do\": \"watch\", \"only\": \"mode\"}");
	ask(room, "{\"do\": \"mode\", \"mode\": \"online\"}");
	assert_int_equal(json_array_size(room->heard), 2);
	const json_t *event = heard(room, "mode");
	assert_non_null(event);
	assert_string_equal(json_string_value(json_object_get(event, "mode")), "online");
	assert_int_equal(json_integer_value(json_object_get(event, "modem")), 0);
	/* the same again is no news */
	ask(room, "{\"do\": \"mode\", \"mode\": \"online\"}");
	assert_int_equal(json_array_size(room->heard), 1);
}

static void events_tell_the_course_of_a_crash(void **state)
{
	struct room *room = *state;

	ask(room, "{\"do\": \"watch\"}");
	ask(room, "{\"do\": \"crash\", \"for-ms\": 2000}");
	const json_t *event = heard(room, "bus");
	assert_non_null(event);
	assert_true(json_is_false(json_object_get(event, "on")));
	json_array_clear(room->heard);
	qk_sim_advance(room->host->sim, HOST_START_USEC + 2000000);
	event = heard(room, "bus");
	assert_non_null(event);
	assert_true(json_is_true(json_object_get(event, "on")));
	assert_true(json_real_value(json_object_get(event, "time")) == 2.0);
	assert_non_null(heard(room, "boot"));
}

static void power_goes_off_and_on(void **state)
{
	struct room *room = *state;

	refuse(room, "{\"do\": \"power-on\"}", "the modem is on");
	ask(room, "{\"do\": \"power-off\"}");
	assert_false(qk_sim_state_on_bus(model(room)));
	refuse(room, "{\"do\": \"power-off\"}", "the modem is off ('power-on' switches it on)");
	refuse(room, "{\"do\": \"reset\"}", "the modem is off ('power-on' switches it on)");
	qk_sim_advance(room->host->sim, HOST_START_USEC + 3600000000);
	assert_false(qk_sim_state_on_bus(model(room)));
	ask(room, "{\"do\": \"power-on\"}");
	qk_sim_advance(room->host->sim, HOST_START_USEC + 3600000000 + 60000000);
	assert_true(qk_sim_state_is_up(model(room)));
}

static void faults_are_listed_counted_and_disarmed(void **state)
{
	struct room *room = *state;
	uint8_t id = host_allocate(room->host, 2);

	(void)id;
	ask(room, "{\"do\": \"fault\", \"fault\": \"drop-answer:dms:3\"}");
	ask(room, "{\"do\": \"fault\", \"fault\": \"crash@5000\"}");
	const json_t *armed = json_object_get(ask(room, "{\"do\": \"fault-list\"}"), "armed");
	assert_int_equal(json_array_size(armed), 2);
	const json_t *fault = json_array_get(armed, 0);
	assert_string_equal(json_string_value(json_object_get(fault, "name")), "drop-answer");
	assert_string_equal(json_string_value(json_object_get(fault, "service")), "dms");
	assert_int_equal(json_integer_value(json_object_get(fault, "left")), 3);
	const json_t *answer = ask(room, "{\"do\": \"fault-disarm\", \"fault\": \"crash\"}");
	assert_int_equal(json_integer_value(json_object_get(answer, "disarmed")), 1);
	answer = ask(room, "{\"do\": \"fault-disarm\"}");
	assert_int_equal(json_integer_value(json_object_get(answer, "disarmed")), 1);
	assert_int_equal(model(room)->faults.count, 0);
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

static void network_refuses_loses_and_takes_back(void **state)
{
	struct room *room = *state;
	uint64_t now = HOST_START_USEC;

	ask(room, "{\"do\": \"registration\", \"state\": \"denied\", \"cause\": 33}");
	assert_int_equal(model(room)->registration, QK_SIM_DENIED);
	assert_int_equal(model(room)->radio.reject.cause, 33);
	ask(room, "{\"do\": \"registration\", \"state\": \"home\"}");
	qk_sim_advance(room->host->sim, now += 60000000);
	assert_int_equal(model(room)->registration, QK_SIM_REGISTERED);
	ask(room, "{\"do\": \"registration\", \"state\": \"lost\"}");
	assert_int_not_equal(model(room)->registration, QK_SIM_REGISTERED);
	qk_sim_advance(room->host->sim, now += 60000000);
	assert_int_not_equal(model(room)->registration, QK_SIM_REGISTERED);
	ask(room, "{\"do\": \"registration\", \"state\": \"roaming\", \"mcc\": 262, \"mnc\": 2}");
	qk_sim_advance(room->host->sim, now += 60000000);
	assert_int_equal(model(room)->registration, QK_SIM_REGISTERED);
	assert_true(model(room)->roaming);
	assert_int_equal(model(room)->network.mcc, 262);
	refuse(room, "{\"do\": \"registration\", \"state\": \"home\", \"cause\": 3}",
	       "registration: cause goes with denied");
	refuse(room, "{\"do\": \"registration\", \"state\": \"home\", \"mcc\": 3}",
	       "registration: a network goes with roaming");
}

static void card_goes_out_comes_back_and_asks_for_its_pin(void **state)
{
	struct room *room = *state;
	uint64_t now = HOST_START_USEC;

	refuse(room, "{\"do\": \"card-insert\"}", "card-insert: the card is in");
	ask(room, "{\"do\": \"card-remove\"}");
	assert_int_equal(model(room)->card.state, QK_SIM_CARD_ABSENT);
	refuse(room, "{\"do\": \"card-remove\"}", "card-remove: there is no card");
	ask(room, "{\"do\": \"card-insert\"}");
	for (unsigned int i = 0; i < 20; i++)
		qk_sim_advance(room->host->sim, now += 1000000);
	assert_true(qk_sim_state_card_ready(model(room)));
	ask(room, "{\"do\": \"card-pin\", \"pin\": \"pin1\", \"state\": \"enabled\", "
		  "\"code\": \"4321\", \"retries\": 2}");
	for (unsigned int i = 0; i < 20; i++)
		qk_sim_advance(room->host->sim, now += 1000000);
	assert_false(qk_sim_state_card_ready(model(room)));
	assert_int_equal(qk_sim_card_verify(model(room), QK_SIM_PIN1, "1111"),
			 QK_SIM_SW_WRONG_CODE | 1);
	assert_int_equal(qk_sim_card_verify(model(room), QK_SIM_PIN1, "4321"), QK_SIM_SW_OK);
	assert_true(qk_sim_state_card_ready(model(room)));
	ask(room, "{\"do\": \"card-error\", \"error\": 3}");
	assert_int_equal(model(room)->card.state, QK_SIM_CARD_ERROR);
	ask(room, "{\"do\": \"card-insert\"}");
	refuse(room, "{\"do\": \"card-pin\", \"pin\": \"pin1\", \"code\": \"12\"}",
	       "card-pin: code has 4 to 8 digits");
}

static void card_reads_as_in_a_profile(void **state)
{
	struct room *room = *state;
	uint64_t now = HOST_START_USEC;

	ask(room, "{\"do\": \"card\", \"pin1\": \"not-verified\"}");
	/* in use as it is */
	assert_true(qk_sim_state_card_ready(model(room)));
	ask(room, "{\"do\": \"reset\"}");
	for (unsigned int i = 0; i < 60; i++)
		qk_sim_advance(room->host->sim, now += 1000000);
	assert_int_equal(model(room)->card.pin1.state, QK_SIM_PIN_NOT_VERIFIED);
	assert_false(qk_sim_state_is_registered(model(room)));
	ask(room, "{\"do\": \"card\", \"pin1\": \"disabled\"}");
	qk_sim_advance(room->host->sim, now += 60000000);
	assert_true(qk_sim_state_is_registered(model(room)));
	ask(room, "{\"do\": \"card\", \"state\": \"absent\"}");
	assert_int_equal(model(room)->card.state, QK_SIM_CARD_ABSENT);
	ask(room, "{\"do\": \"card\", \"state\": \"error\", \"error\": 4}");
	assert_int_equal(model(room)->card.error, 4);
	refuse(room, "{\"do\": \"card\", \"error\": 4, \"state\": \"present\"}",
	       "card: error goes with the state error");
	ask(room, "{\"do\": \"card\", \"state\": \"present\"}");
	assert_int_equal(model(room)->card.state, QK_SIM_CARD_PRESENT);
}

/* A data call of IPv4 on the default context, up. */
static struct qk_sim_bearer *start_call(struct room *room)
{
	const struct qk_sim_bearer_request request = { .family = 4, .holder = QK_SIM_HOLDER_AT };
	struct qk_sim_bearer *bearer = NULL;
	struct qk_sim_end_reason end;

	assert_int_equal(qk_sim_bearer_start(model(room), &request, &bearer, &end), 0);
	qk_sim_advance(room->host->sim, bearer->due_usec);
	return bearer;
}

static void data_calls_are_dropped_refused_and_renumbered(void **state)
{
	struct room *room = *state;

	refuse(room, "{\"do\": \"data-drop\"}", "data-drop: no data call is up");
	ask(room, "{\"do\": \"watch\", \"only\": \"data\"}");
	struct qk_sim_bearer *bearer = start_call(room);
	assert_int_equal(bearer->state, QK_SIM_BEARER_UP);
	const json_t *event = heard(room, "data");
	assert_non_null(event);
	assert_string_equal(json_string_value(json_object_get(event, "state")), "up");
	uint32_t address = bearer->address4;
	ask(room, "{\"do\": \"data-renumber\"}");
	assert_int_not_equal(bearer->address4, address);
	ask(room, "{\"do\": \"data-drop\"}");
	assert_int_equal(bearer->state, QK_SIM_BEARER_ENDED);
	assert_int_equal(bearer->end.reason, 1028);
	event = json_object_get(heard(room, "data"), "end");
	assert_int_equal(json_integer_value(json_object_get(event, "code")), 1028);
	ask(room, "{\"do\": \"data-fail\", \"reason\": \"invalid-sim-state\"}");
	bearer = start_call(room);
	assert_int_equal(bearer->state, QK_SIM_BEARER_ENDED);
	assert_int_equal(bearer->end.reason, 2504);
	assert_int_equal(start_call(room)->state, QK_SIM_BEARER_UP);
	ask(room, "{\"do\": \"data-drop\", \"reason\": \"other\", \"type\": 6, \"code\": 33}");
	ask(room, "{\"do\": \"link\", \"direction\": \"downlink\", \"rate-bps\": 1000000, "
		  "\"loss\": 0.25}");
	assert_int_equal(model(room)->link.downlink.rate_bps, 1000000);
	assert_int_equal(model(room)->link.downlink.loss_ppm, 250000);
	assert_int_equal(model(room)->link.uplink.rate_bps, 0);
	ask(room, "{\"do\": \"dns\", \"name\": \"a.example\", \"address4\": \"10.0.0.1\"}");
	ask(room, "{\"do\": \"dns\", \"name\": \"A.example\", \"address4\": \"10.0.0.2\"}");
	assert_int_equal(model(room)->link.name_count, 1);
	assert_int_equal(model(room)->link.names[0].address4, 0x0a000002);
	refuse(room, "{\"do\": \"dns\", \"name\": \"b\", \"address4\": \"x\"}",
	       "dns: address4 is no IPv4 address");
}

/* Lets time pass from deadline to deadline. */
static void pass(struct room *room, uint64_t usec)
{
	uint64_t end = model(room)->now_usec + usec;

	for (uint64_t next; (next = qk_sim_next_usec(room->host->sim)) <= end;)
		qk_sim_advance(room->host->sim, next);
	qk_sim_advance(room->host->sim, end);
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static void message_arrives_and_is_listed(void **state)
{
	struct room *room = *state;

	ask(room, "{\"do\": \"watch\", \"only\": \"sms\"}");
	const json_t *answer = ask(room, "{\"do\": \"sms\", \"from\": \"+4912345\", "
					 "\"text\": \"Gr\\u00fc\\u00dfe\"}");
	assert_int_equal(json_integer_value(json_object_get(answer, "parts")), 1);
	pass(room, 5000000);
	const json_t *event = heard(room, "sms");
	assert_non_null(event);
	assert_string_equal(text_of(event, "how"), "stored");
	assert_string_equal(text_of(event, "from"), "+4912345");
	assert_string_equal(text_of(event, "text"), "Gr\xc3\xbc\xc3\x9f"
						    "e");
	char list[64];
	snprintf(list, sizeof(list), "{\"do\": \"sms-list\", \"store\": \"%s\"}",
		 text_of(event, "store"));
	answer = json_object_get(ask(room, list), "messages");
	assert_int_equal(json_array_size(answer), 1);
	assert_string_equal(text_of(json_array_get(answer, 0), "text"), "Gr\xc3\xbc\xc3\x9f"
									"e");
	refuse(room, "{\"do\": \"sms\", \"from\": \"\", \"text\": \"x\"}",
	       "sms: 'from' or 'text' is none that can be sent");
	refuse(room, "{\"do\": \"sms-pdu\", \"pdu\": \"00\"}",
	       "sms-pdu: it is no message or report for a modem (message centre, then TPDU)");
}

static void message_that_is_sent_is_told_and_kept(void **state)
{
	struct room *room = *state;
	/* 3GPP TS 23.040: a submit to +4912345 with the text "hi", no message centre */
	static const uint8_t pdu[] = { 0x00, 0x01, 0x00, 0x07, 0x91, 0x94, 0x21,
				       0x43, 0xf5, 0x00, 0x00, 0x02, 0xe8, 0x34 };
	uint32_t ticket;

	ask(room, "{\"do\": \"watch\", \"only\": \"sms-sent\"}");
	assert_int_equal(qk_sim_sms_send(model(room), pdu, sizeof(pdu), &ticket), 0);
	pass(room, 5000000);
	const json_t *event = heard(room, "sms-sent");
	assert_non_null(event);
	assert_string_equal(text_of(event, "to"), "+4912345");
	assert_string_equal(text_of(event, "text"), "hi");
	const json_t *list = json_object_get(ask(room, "{\"do\": \"sms-sent\"}"), "messages");
	assert_int_equal(json_array_size(list), 1);
	/* it is kept without a watcher too */
	assert_int_equal(qk_sim_sms_send(model(room), pdu, sizeof(pdu), &ticket), 0);
	pass(room, 5000000);
	list = json_object_get(ask(room, "{\"do\": \"sms-sent\"}"), "messages");
	assert_int_equal(json_array_size(list), 2);
	/* and one that the network refuses is none */
	ask(room, "{\"do\": \"sms-fail\", \"rp-cause\": 21}");
	assert_int_equal(qk_sim_sms_send(model(room), pdu, sizeof(pdu), &ticket), 0);
	pass(room, 5000000);
	list = json_object_get(ask(room, "{\"do\": \"sms-sent\"}"), "messages");
	assert_int_equal(json_array_size(list), 2);
}

static void calls_come_in_go_out_and_end(void **state)
{
	struct room *room = *state;
	uint8_t id;

	ask(room, "{\"do\": \"watch\", \"only\": \"call\"}");
	ask(room, "{\"do\": \"call\", \"from\": \"+4930123\"}");
	assert_string_equal(text_of(heard(room, "call"), "state"), "incoming");
	assert_string_equal(text_of(heard(room, "call"), "number"), "+4930123");
	ask(room, "{\"do\": \"call-remote\", \"act\": \"hang-up\"}");
	pass(room, 1000000);
	assert_null(qk_sim_voice_call(model(room), 1));
	refuse(room, "{\"do\": \"call-remote\", \"act\": \"hang-up\"}",
	       "call-remote: there is no call with which that can be done");
	json_array_clear(room->heard);
	assert_int_equal(qk_sim_voice_dial(model(room), "4711", &id), 0);
	qk_sim_notify(room->host->sim);
	assert_string_equal(text_of(heard(room, "call"), "state"), "dialing");
	ask(room, "{\"do\": \"call-remote\", \"act\": \"busy\"}");
	pass(room, 1000000);
	bool busy = false;
	for (size_t i = 0; i < json_array_size(room->heard); i++)
		busy |= !strcmp(text_of(json_array_get(room->heard, i), "end"), "busy");
	assert_true(busy);
	refuse(room, "{\"do\": \"call\", \"from\": \"x\"}", "call: 'x' is no number");
}

static void network_speaks_by_ussd(void **state)
{
	struct room *room = *state;

	ask(room, "{\"do\": \"watch\", \"only\": \"ussd\"}");
	ask(room, "{\"do\": \"ussd\", \"text\": \"1 or 2?\", \"more\": true}");
	assert_string_equal(text_of(heard(room, "ussd"), "text"), "1 or 2?");
	refuse(room, "{\"do\": \"ussd\", \"text\": \"x\"}", "ussd: a session is going on");
	ask(room, "{\"do\": \"ussd-release\"}");
	refuse(room, "{\"do\": \"ussd-release\"}", "ussd-release: there is no session");
}

static void position_is_where_it_was_put(void **state)
{
	struct room *room = *state;

	ask(room, "{\"do\": \"watch\", \"only\": \"gnss\"}");
	ask(room, "{\"do\": \"position\", \"latitude\": -33.5, \"longitude\": 151, "
		  "\"altitude\": 20}");
	assert_int_equal(qk_sim_gnss_on(model(room), QK_SIM_GNSS_AT), 0);
	pass(room, 120000000);
	assert_true(json_array_size(room->heard) >= 2);
	const struct qk_sim_fix fix = qk_sim_gnss_fix(model(room));
	assert_true(fix.valid);
	assert_int_equal(fix.point.latitude, -335000000);
	assert_int_equal(fix.point.longitude, 1510000000);
	assert_int_equal(fix.altitude_dm, 200);
	ask(room, "{\"do\": \"route\", \"points\": \"52.5,13.4; 52.6,13.4\", \"speed\": 10}");
	pass(room, 100000000);
	const struct qk_sim_fix later = qk_sim_gnss_fix(model(room));
	assert_true(later.point.latitude > 525000000 && later.point.latitude < 526000000);
	ask(room, "{\"do\": \"sky\", \"open\": false}");
	pass(room, 5000000);
	assert_false(qk_sim_gnss_fix(model(room)).valid);
	static const char *const points[] = { "", "1", "1,", "91,0", "0,181", "1,1x", "nan,0" };
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		char line[96];
		snprintf(line, sizeof(line),
			 "{\"do\": \"route\", \"points\": \"%s\", \"speed\": 1}", points[i]);
		assert_true(
			json_is_false(json_object_get(ask_bytes(room, line, strlen(line)), "ok")));
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(status_shows_what_the_model_holds),
		CASE(request_changes_what_it_names_and_nothing_else),
		CASE(request_is_refused_with_its_reason),
		CASE(line_that_is_no_request_gets_one_answer),
		CASE(request_goes_to_all_modems_when_it_says_so),
		CASE(event_follows_the_answer_when_it_is_watched),
		CASE(events_tell_the_course_of_a_crash),
		CASE(power_goes_off_and_on),
		CASE(faults_are_listed_counted_and_disarmed),
		CASE(network_refuses_loses_and_takes_back),
		CASE(card_goes_out_comes_back_and_asks_for_its_pin),
		CASE(card_reads_as_in_a_profile),
		CASE(data_calls_are_dropped_refused_and_renumbered),
		CASE(message_arrives_and_is_listed),
		CASE(message_that_is_sent_is_told_and_kept),
		CASE(calls_come_in_go_out_and_end),
		CASE(network_speaks_by_ussd),
		CASE(position_is_where_it_was_put),
		CASE(rows_are_usable_all_of_them),
		CASE(words_become_the_request_they_mean),
		CASE(words_are_refused_when_the_request_does_not_take_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
