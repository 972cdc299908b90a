/*
 * Tests: AT commands that a program answers. It registers them by QMI; who types them sees its answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/at.h>
#include <qmikit/common.h>
#include <qmikit/ctl.h>

#include "sim-host.h"
#include "sim/at.h"

struct room {
	struct host *host;
	struct qk_at_port *port;
	uint8_t client;
	char said[8192];
	size_t size;
};

static void on_at(void *userdata, struct qk_span bytes)
{
	struct room *room = userdata;

	assert_true(bytes.size < sizeof(room->said) - room->size);
	memcpy(room->said + room->size, bytes.data, bytes.size);
	room->size += bytes.size;
	room->said[room->size] = 0;
}

static int set_up(void **state)
{
	static const struct qk_at_sink sink = { on_at };
	static struct room room;

	room = (struct room){ .host = host_new(NULL, 1) };
	room.client = host_allocate(room.host, QK_SERVICE_ID_AT);
	assert_int_equal(qk_at_attach(room.host->sim, QK_AT_USBAT, &sink, &room, &room.port), 0);
	qk_at_set_open(room.port, true);
	*state = &room;
	return 0;
}

static int tear_down(void **state)
{
	struct room *room = *state;

	host_free(room->host);
	return 0;
}

static void type(struct room *room, const char *line)
{
	room->size = 0;
	room->said[0] = 0;
	qk_at_input(room->port, (struct qk_span){ (const uint8_t *)line, strlen(line) });
}

static int add(struct room *room, uint8_t client, const char *name, bool abortable)
{
	struct qk_at_registration command = {
		.size = (uint16_t)(strlen(name) + 2),
		.abortable = abortable,
		.name = { name, strlen(name) },
	};
	const struct qk_at_register_commands_request request = {
		.has_commands = true,
		.commands = { &command, 1 },
	};

	return host_ask(room->host, client, &qk_at_register_commands_method, &request, NULL);
}

static int answer(struct room *room, uint32_t handle, uint8_t result, uint8_t part,
		  const char *text)
{
	const struct qk_at_answer_command_request request = {
		.has_answer = true,
		.answer = { .handle = handle,
			    .result = result,
			    .part = part,
			    .text = { text, strlen(text) } },
	};

	return host_ask(room->host, room->client, &qk_at_answer_command_method, &request, NULL);
}

static struct qk_at_command_indication hear(struct room *room)
{
	struct qk_at_command_indication command;

	host_expect_indication(room->host, room->client, &qk_at_command_message, &command);
	assert_true(command.has_command);
	return command;
}

static void command_is_answered_by_who_registered_it(void **state)
{
	static const struct {
		const char *line;
		uint32_t form;
	} rows[] = { { "AT+mine\r", 1 }, { "AT+MINE?\r", 5 }, { "AT+MINE=?\r", 7 } };
	struct room *room = *state;

	type(room, "AT+MINE\r");
	assert_string_equal(room->said, "AT+MINE\r\r\nERROR\r\n");
	assert_int_equal(add(room, room->client, "+MINE", false), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		type(room, rows[i].line);
		assert_string_equal(room->said, rows[i].line);
		struct qk_at_command_indication command = hear(room);
		assert_int_equal(command.command.form, rows[i].form);
		assert_int_equal(command.command.name.size, 5);
		assert_false(command.has_arguments);
		room->size = 0;
		assert_int_equal(answer(room, command.command.handle, QK_AT_ANSWER_RESULT_OK,
					QK_AT_ANSWER_PART_COMPLETE, "\r\n+MINE: 7\r\n"),
				 0);
		assert_string_equal(room->said, "\r\n+MINE: 7\r\n\r\nOK\r\n");
	}
}

static void arguments_arrive_one_by_one(void **state)
{
	struct room *room = *state;

	assert_int_equal(add(room, room->client, "+MINE", false), 0);
	type(room, "AT+MINE=1,\"two words\",\r");
	struct qk_at_command_indication command = hear(room);
	assert_int_equal(command.command.form, 11);
	assert_int_equal(command.arguments.count, 3);
	assert_memory_equal(command.arguments.items[0].text.data, "1", 1);
	assert_int_equal(command.arguments.items[1].text.size, 9);
	assert_memory_equal(command.arguments.items[1].text.data, "two words", 9);
	assert_int_equal(command.arguments.items[2].text.size, 0);
}

static void answer_in_parts_is_said_as_it_comes(void **state)
{
	struct room *room = *state;

	assert_int_equal(add(room, room->client, "+MINE", false), 0);
	type(room, "AT+MINE;+GMM\r");
	uint32_t handle = hear(room).command.handle;
	room->size = 0;
	assert_int_equal(
		answer(room, handle, QK_AT_ANSWER_RESULT_OK, QK_AT_ANSWER_PART_BEGIN, "\r\none"),
		0);
	assert_string_equal(room->said, "\r\none");
	assert_int_equal(
		answer(room, handle, QK_AT_ANSWER_RESULT_OK, QK_AT_ANSWER_PART_MIDDLE, " two"), 0);
	assert_int_equal(
		answer(room, handle, QK_AT_ANSWER_RESULT_OK, QK_AT_ANSWER_PART_END, "\r\n"), 0);
	/* and the rest of the line has its turn */
	assert_string_equal(room->said, "\r\none two\r\n\r\nEC25\r\n\r\nOK\r\n");
	assert_int_equal(
		answer(room, handle, QK_AT_ANSWER_RESULT_OK, QK_AT_ANSWER_PART_END, "late"),
		QK_ERROR_INVALID_HANDLE);
}

static void error_is_what_the_program_says(void **state)
{
	struct room *room = *state;

	assert_int_equal(add(room, room->client, "+MINE", false), 0);
	type(room, "AT+MINE\r");
	uint32_t handle = hear(room).command.handle;
	room->size = 0;
	assert_int_equal(answer(room, handle, QK_AT_ANSWER_RESULT_ERROR, QK_AT_ANSWER_PART_COMPLETE,
				"\r\n+CME ERROR: 50\r\n"),
			 0);
	assert_string_equal(room->said, "\r\n+CME ERROR: 50\r\n");
	type(room, "AT+MINE\r");
	handle = hear(room).command.handle;
	room->size = 0;
	assert_int_equal(
		answer(room, handle, QK_AT_ANSWER_RESULT_OTHER, QK_AT_ANSWER_PART_COMPLETE, ""), 0);
	assert_string_equal(room->said, "\r\nERROR\r\n");
}

static void own_command_steps_back_for_a_registered_one(void **state)
{
	struct room *room = *state;

	assert_int_equal(add(room, room->client, "+GMM", false), 0);
	type(room, "AT+GMM\r");
	hear(room);
	assert_string_equal(room->said, "AT+GMM\r");
}

static void who_does_not_answer_costs_the_command(void **state)
{
	struct room *room = *state;
	struct qk_sim *sim = room->host->sim;

	assert_int_equal(add(room, room->client, "+MINE", false), 0);
	type(room, "AT+MINE\r");
	uint32_t handle = hear(room).command.handle;
	type(room, "x");
	assert_string_equal(room->said, "");
	qk_sim_advance(sim, qk_sim_state(sim)->now_usec + 29000000);
	assert_string_equal(room->said, "");
	qk_sim_advance(sim, qk_sim_state(sim)->now_usec + 2000000);
	assert_string_equal(room->said, "\r\nERROR\r\n");
	assert_int_equal(
		answer(room, handle, QK_AT_ANSWER_RESULT_OK, QK_AT_ANSWER_PART_COMPLETE, "late"),
		QK_ERROR_INVALID_HANDLE);
}

static void command_that_may_be_aborted_is(void **state)
{
	struct room *room = *state;

	assert_int_equal(add(room, room->client, "+MINE", true), 0);
	type(room, "AT+MINE\r");
	hear(room);
	type(room, "x");
	assert_string_equal(room->said, "\r\nERROR\r\n");
	type(room, "AT+MINE\r");
	assert_int_equal(hear(room).command.handle, 2);
}

static void release_of_the_client_ends_it(void **state)
{
	struct room *room = *state;
	uint8_t other = host_allocate(room->host, QK_SERVICE_ID_AT);

	assert_int_equal(add(room, room->client, "+MINE", false), 0);
	assert_int_equal(add(room, other, "+MINE", false), QK_ERROR_DEVICE_IN_USE);
	type(room, "AT+MINE\r");
	hear(room);
	room->size = 0;
	const struct qk_ctl_release_cid_request release = {
		.has_release_info = true,
		.release_info = { QK_SERVICE_ID_AT, room->client },
	};
	assert_int_equal(host_ask(room->host, 0, &qk_ctl_release_cid_method, &release, NULL), 0);
	assert_string_equal(room->said, "\r\nERROR\r\n");
	assert_int_equal(add(room, other, "+MINE", false), 0);
}

static void bad_registration_is_refused(void **state)
{
	static const char *const bad[] = { "",      "+",
					   "MINE",  "+M\"",
					   "+M=",   "+M?",
					   "+M;",   "+M N",
					   "+\xff", "+MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM" };
	struct room *room = *state;
	char name[16];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(add(room, room->client, bad[i], false), QK_ERROR_INVALID_ARGUMENT);
	for (unsigned int i = 0; i < 160; i++) {
		snprintf(name, sizeof(name), "+MINE%u", i);
		assert_int_equal(add(room, room->client, name, false), 0);
	}
	assert_int_equal(add(room, room->client, "+MINE0", false), 0);
	assert_int_equal(add(room, room->client, "+ONEMORE", false), QK_ERROR_NO_MEMORY);
	assert_int_equal(answer(room, 1, QK_AT_ANSWER_RESULT_OK, QK_AT_ANSWER_PART_COMPLETE, ""),
			 QK_ERROR_INVALID_HANDLE);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(command_is_answered_by_who_registered_it),
		CASE(arguments_arrive_one_by_one),
		CASE(answer_in_parts_is_said_as_it_comes),
		CASE(error_is_what_the_program_says),
		CASE(own_command_steps_back_for_a_registered_one),
		CASE(who_does_not_answer_costs_the_command),
		CASE(command_that_may_be_aborted_is),
		CASE(release_of_the_client_ends_it),
		CASE(bad_registration_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
