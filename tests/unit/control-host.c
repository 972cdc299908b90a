/*
 * Control host (see control-host.h).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control-host.h"

static void on_line(void *userdata, const char *json, size_t size)
{
	struct room *room = userdata;
	json_t *line = json_loadb(json, size, 0, NULL);

	assert_non_null(line);
	assert_null(memchr(json, '\n', size));
	json_array_append_new(room->heard, line);
}

int room_setup(void **state)
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

int room_teardown(void **state)
{
	struct room *room = *state;

	qk_control_remove_user(room->control, &room->user);
	qk_control_free(room->control);
	host_free(room->host);
	json_decref(room->heard);
	free(room);
	return 0;
}

struct qk_sim_state *room_model(struct room *room)
{
	return qk_sim_state(room->host->sim);
}

const json_t *room_ask_bytes(struct room *room, const char *line, size_t size)
{
	json_array_clear(room->heard);
	qk_control_line(room->control, &room->user, line, size);
	assert_true(json_array_size(room->heard) >= 1);
	return json_array_get(room->heard, 0);
}

const json_t *room_ask(struct room *room, const char *line)
{
	const json_t *answer = room_ask_bytes(room, line, strlen(line));

	if (!json_is_true(json_object_get(answer, "ok")))
		fail_msg("%s: %s", line, json_string_value(json_object_get(answer, "error")));
	return answer;
}

void room_refuse(struct room *room, const char *line, const char *error)
{
	const json_t *answer = room_ask_bytes(room, line, strlen(line));

	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_string_equal(json_string_value(json_object_get(answer, "error")), error);
	assert_int_equal(json_array_size(room->heard), 1);
}

const json_t *room_heard(const struct room *room, const char *name)
{
	for (size_t i = 0; i < json_array_size(room->heard); i++) {
		const json_t *line = json_array_get(room->heard, i);
		const char *event = json_string_value(json_object_get(line, "event"));
		if (event && strcmp(event, name) == 0)
			return line;
	}
	return NULL;
}

void room_pass(struct room *room, uint64_t usec)
{
	uint64_t end = room_model(room)->now_usec + usec;

	for (uint64_t next; (next = qk_sim_next_usec(room->host->sim)) <= end;)
		qk_sim_advance(room->host->sim, next);
	qk_sim_advance(room->host->sim, end);
}

const char *room_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}
