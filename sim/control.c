/*
 * Control: from a line to a row and back, and who hears of events (see control.h).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control-events.h"

#define MODEMS_MAX 256u
/* More than this is not told in one line. */
#define ANSWER_MAX ((size_t)128 * 1024)
#define DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(12))

struct qk_control {
	struct qk_control_modem *modems[MODEMS_MAX];
	size_t modem_count;
	struct qk_control_user *users;
};

/* Where a request comes from and where its line for a person goes. */
struct request {
	struct qk_control *control;
	struct qk_control_user *user; /* NULL: a scenario */
	const json_t *object;
	const struct qk_control_row *row;
	size_t first, last; /* modems, both included */
	char *error;
	size_t error_size;
};

struct watch {
	char event[32];
};

static const struct qk_sim_member watch_members[] = {
	{ "only", TEXT, offsetof(struct watch, event), sizeof(((struct watch *)0)->event),
	  .optional = true },
};

/* Here since it is about the user; its function is watch() below. */
static const struct qk_control_row watch_row = { "watch",
						 "tell what happens from now on, or one event only",
						 watch_members,
						 1,
						 sizeof(struct watch),
						 NULL,
						 .all = true };

static const struct qk_control_rows own_rows = { &watch_row, 1 };

static const struct qk_control_rows *const tables[] = {
	&qk_control_status_rows,
	&qk_control_radio_rows,
	&qk_control_card_rows,
	&qk_control_data_rows,
	&qk_control_message_rows,
	&qk_control_position_rows,
	&qk_control_oma_rows,
	&qk_control_power_rows,
	&qk_control_usb_rows,
	&qk_control_fault_rows,
	&own_rows,
};

const struct qk_control_row *qk_control_row(size_t i)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		if (i < tables[t]->count)
			return &tables[t]->rows[i];
		i -= tables[t]->count;
	}
	return NULL;
}

const struct qk_control_row *qk_control_find(const char *name, size_t size)
{
	const struct qk_control_row *row;

	for (size_t i = 0; (row = qk_control_row(i)); i++)
		if (strlen(row->name) == size && memcmp(row->name, name, size) == 0)
			return row;
	return NULL;
}

static int refuse(const struct request *request, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(const struct request *request, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(request->error, request->error_size, format, list);
	va_end(list);
	return -EINVAL;
}

int qk_control_refuse(struct qk_control_call *call, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(call->error, call->error_size, format, list);
	va_end(list);
	return -EINVAL;
}

/* --- Reading a request */

static int find_modems(struct request *request)
{
	const json_t *modem = json_object_get(request->object, "modem");
	size_t count = request->control->modem_count;

	request->first = request->last = 0;
	if (modem && request->row->all)
		return refuse(request, "%s: it is about all modems: leave 'modem' out",
			      request->row->name);
	if (json_is_string(modem) && strcmp(json_string_value(modem), "all") == 0) {
		request->last = count - 1;
	} else if (json_is_integer(modem) && json_integer_value(modem) >= 0 &&
		   (uint64_t)json_integer_value(modem) < count) {
		request->first = request->last = (size_t)json_integer_value(modem);
	} else if (modem) {
		return refuse(request, "modem: must be \"all\" or a number from 0 to %zu",
			      count - 1);
	}
	return 0;
}

static int find_row(struct request *request)
{
	const json_t *name = json_object_get(request->object, "do");

	if (!json_is_object(request->object))
		return refuse(request, "a request is a JSON object: {\"do\": \"status\"}");
	if (!json_is_string(name))
		return refuse(request, "do: must be the name of a request ('help' lists them)");
	request->row = qk_control_find(json_string_value(name), json_string_length(name));
	if (!request->row)
		return refuse(request, "do: there is no request '%.60s' ('help' lists them)",
			      json_string_value(name));
	if (!request->row->fn && !request->user)
		return refuse(request, "%s: nobody could hear the answer", request->row->name);
	return find_modems(request);
}

static size_t member_number(const struct qk_control_row *row, const char *name)
{
	size_t i = 0;

	while (i < row->count && strcmp(row->members[i].name, name) != 0)
		i++;
	return i;
}

/* Reads what is given over what is there; `*ret_given` says which. */
static int read_arguments(const struct request *request, void *arguments, uint32_t *ret_given)
{
	const struct qk_control_row *row = request->row;
	const struct qk_sim_context context = { row->name, true, request->error,
						request->error_size };
	const char *key;
	json_t *value;
	uint32_t given = 0;

	json_object_foreach((json_t *)request->object, key, value)
	{
		size_t i = member_number(row, key);
		if (strcmp(key, "do") == 0 || strcmp(key, "modem") == 0)
			continue;
		if (i == row->count)
			return qk_sim_refuse(&context, key, "is unknown");
		int r = qk_sim_read_value(&context, key, &row->members[i], value,
					  (uint8_t *)arguments + row->members[i].offset);
		if (r < 0)
			return r;
		given |= 1u << i;
	}
	for (size_t i = 0; i < row->count && !row->partial; i++)
		if (!row->members[i].optional && !(given & 1u << i))
			return qk_sim_refuse(&context, row->members[i].name, "is missing");
	*ret_given = given;
	return 0;
}

/* --- Carrying it out */

static int carry_out(const struct request *request, size_t number, json_t *answer)
{
	_Alignas(16) uint8_t arguments[QK_CONTROL_ARGUMENTS_MAX];
	struct qk_control_call call = {
		.control = request->control,
		.number = number,
		.arguments = arguments,
		.answer = answer,
		.error = request->error,
		.error_size = request->error_size,
	};

	if (!request->row->all) {
		call.modem = request->control->modems[number];
		call.sim = call.modem->sim;
		call.state = qk_sim_state(call.sim);
	}
	memset(arguments, 0, request->row->size);
	if (request->row->prepare)
		request->row->prepare(call.state, arguments);
	int r = read_arguments(request, arguments, &call.given);
	return r < 0 ? r : request->row->fn(&call);
}

static int watch(const struct request *request)
{
	struct watch arguments = { 0 };
	const char *name, *sentence;
	uint32_t given = 0, events = 0;
	int r = read_arguments(request, &arguments, &given);

	if (r < 0)
		return r;
	for (size_t i = 0; (name = qk_control_event_name(i, &sentence)); i++)
		if (!given || strcmp(name, arguments.event) == 0)
			events |= 1u << i;
	if (!events)
		return refuse(request, "watch: there is no event '%.32s'", arguments.event);
	/* one after the other adds up */
	request->user->events |= events;
	return 0;
}

/* All modems that it is for; the answers of several are a list. */
static int carry_out_all(const struct request *request, json_t *answer)
{
	json_t *list = NULL;
	int r = 0;

	if (!request->row->fn)
		return watch(request);
	if (request->first == request->last)
		return carry_out(request, request->first, answer);
	list = json_array();
	for (size_t i = request->first; r == 0 && i <= request->last; i++) {
		json_t *one = json_object();
		r = carry_out(request, i, one);
		json_array_append_new(list, one);
	}
	json_object_set_new(answer, "modems", list);
	return r;
}

/* Lets the modems tell what was done to them. */
static void notify(const struct request *request)
{
	for (size_t i = request->first; i <= request->last; i++)
		qk_sim_notify(request->control->modems[i]->sim);
}

static void send_json(struct qk_control_user *user, const json_t *value)
{
	static const char too_long[] =
		"{\"ok\":false,\"error\":\"the answer is too long: ask one modem at a time\"}";
	char *text = json_dumps(value, DUMP_FLAGS);
	const char *line = text && strlen(text) <= ANSWER_MAX ? text : too_long;

	user->line(user->userdata, line, strlen(line));
	free(text);
}

/* A request has an answer, also when the excerpt of it in the message is cut within a character. */
static json_t *readable(const char *error)
{
	json_t *text = json_string(error);
	char plain[320];
	size_t i = 0;

	if (text)
		return text;
	for (; error[i] && i < sizeof(plain) - 1; i++)
		plain[i] = (unsigned char)error[i] < 0x80 ? error[i] : '?';
	plain[i] = 0;
	return json_string(plain);
}

void qk_control_complain(struct qk_control_user *user, const char *error)
{
	json_t *answer = json_pack("{s:b, s:o}", "ok", 0, "error", readable(error));

	if (answer)
		send_json(user, answer);
	json_decref(answer);
}

static void answer_request(struct request *request)
{
	json_t *answer = json_object();
	int r = find_row(request);

	json_object_set_new(answer, "ok", json_true());
	if (r == 0)
		r = carry_out_all(request, answer);
	if (r < 0)
		qk_control_complain(request->user, request->error);
	else
		send_json(request->user, answer);
	json_decref(answer);
	if (request->row)
		notify(request);
}

void qk_control_line(struct qk_control *control, struct qk_control_user *user, const char *line,
		     size_t size)
{
	json_error_t json_error;
	char error[320] = "";
	struct request request = {
		.control = control,
		.user = user,
		.error = error,
		.error_size = sizeof(error),
	};
	json_t *object = json_loadb(line, size, JSON_REJECT_DUPLICATES, &json_error);

	if (!object) {
		snprintf(error, sizeof(error), "no JSON: %.200s", json_error.text);
		qk_control_complain(user, error);
		return;
	}
	request.object = object;
	answer_request(&request);
	json_decref(object);
}

int qk_control_check(const struct qk_control *control, const json_t *object, char *error,
		     size_t error_size)
{
	_Alignas(16) uint8_t arguments[QK_CONTROL_ARGUMENTS_MAX];
	struct request request = {
		.control = (struct qk_control *)control,
		.object = object,
		.error = error,
		.error_size = error_size,
	};
	uint32_t given;
	int r = find_row(&request);

	if (r < 0)
		return r;
	memset(arguments, 0, request.row->size);
	return read_arguments(&request, arguments, &given);
}

int qk_control_do(struct qk_control *control, const json_t *object, char *error, size_t error_size)
{
	struct request request = {
		.control = control,
		.object = object,
		.error = error,
		.error_size = error_size,
	};
	int r = find_row(&request);

	if (r < 0)
		return r;
	json_t *answer = json_object();
	r = carry_out_all(&request, answer);
	json_decref(answer);
	notify(&request);
	return r;
}

/* --- Users and events */

void qk_control_add_user(struct qk_control *control, struct qk_control_user *user)
{
	user->events = 0;
	user->next = control->users;
	control->users = user;
}

void qk_control_remove_user(struct qk_control *control, struct qk_control_user *user)
{
	for (struct qk_control_user **at = &control->users; *at; at = &(*at)->next) {
		if (*at == user) {
			*at = user->next;
			return;
		}
	}
}

bool qk_control_is_watched(const struct qk_control *control, size_t event)
{
	for (const struct qk_control_user *user = control->users; user; user = user->next)
		if (user->events & 1u << event)
			return true;
	return false;
}

void qk_control_tell(struct qk_control_modem *modem, size_t event, json_t *take_members)
{
	const char *sentence;
	double time = (double)(qk_sim_state(modem->sim)->now_usec - modem->start_usec) / 1e6;
	json_t *line =
		json_pack("{s:s, s:I, s:f}", "event", qk_control_event_name(event, &sentence),
			  "modem", (json_int_t)modem->number, "time", time);

	if (take_members)
		json_object_update(line, take_members);
	for (struct qk_control_user *user = modem->control->users; line && user; user = user->next)
		if (user->events & 1u << event)
			send_json(user, line);
	json_decref(line);
	json_decref(take_members);
}

static void on_changed(struct qk_sim_watcher *watcher, uint32_t changed)
{
	qk_control_tell_changes((struct qk_control_modem *)watcher, changed);
}

/* --- Life */

int qk_control_new(struct qk_control **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

struct qk_control *qk_control_free(struct qk_control *control)
{
	if (!control)
		return NULL;
	for (size_t i = 0; i < control->modem_count; i++) {
		qk_sim_remove_watcher(control->modems[i]->sim, &control->modems[i]->watcher);
		json_decref(control->modems[i]->sent);
		free(control->modems[i]->qmuxd);
		free(control->modems[i]);
	}
	free(control);
	return NULL;
}

int qk_control_add_modem(struct qk_control *control, struct qk_sim *sim)
{
	struct qk_control_modem *modem = calloc(1, sizeof(*modem));

	if (!modem || control->modem_count == MODEMS_MAX) {
		free(modem);
		return -ENOMEM;
	}
	*modem = (struct qk_control_modem){
		.watcher = { .changed = on_changed },
		.control = control,
		.sim = sim,
		.number = control->modem_count,
		.start_usec = qk_sim_state(sim)->now_usec,
		.sent = json_array(),
	};
	qk_control_know(modem);
	qk_sim_add_watcher(sim, &modem->watcher);
	control->modems[control->modem_count++] = modem;
	return 0;
}

int qk_control_set_qmuxd(struct qk_control *control, size_t number, const char *folder)
{
	struct qk_control_modem *modem = control->modems[number];

	free(modem->qmuxd);
	modem->qmuxd = strdup(folder);
	return modem->qmuxd ? 0 : -ENOMEM;
}

size_t qk_control_modem_count(const struct qk_control *control)
{
	return control->modem_count;
}

struct qk_sim *qk_control_modem_at(const struct qk_control *control, size_t number)
{
	return number < control->modem_count ? control->modems[number]->sim : NULL;
}
