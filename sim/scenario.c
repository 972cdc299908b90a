/*
 * Scenario: reading a file and taking its steps (see scenario.h).
 */
#include "scenario.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "json-line.h"
#include "profile-read.h"

#define STEPS_MAX 65536u
#define SECONDS_MAX 31536000 /* a year */

struct step {
	uint64_t at_usec;
	json_t *request;
};

struct repeat {
	double every;
	uint32_t times;
};

struct qk_scenario {
	struct qk_control *control;
	struct step *steps;
	size_t count, next;
	uint64_t every_usec; /* QK_SIM_NEVER: it does not begin anew */
	uint32_t times;      /* 0: for ever */
	uint32_t round;
	uint64_t start_usec; /* of this round; QK_SIM_NEVER: it does not run */
	uint32_t time_scale_ppm;
};

/* What is being read. */
struct source {
	const char *name, *json;
	size_t size;
	char *error;
	size_t error_size;
};

static int refuse(const struct source *source, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* About the value at `path`. One line, whatever a hostile file holds. */
static int refuse(const struct source *source, const char *path, const char *format, ...)
{
	char what[320];
	va_list list;

	va_start(list, format);
	vsnprintf(what, sizeof(what), format, list);
	va_end(list);
	snprintf(source->error, source->error_size, "scenario '%.200s': line %u: %s", source->name,
		 qk_json_line(source->json, source->size, path), what);
	return qk_one_line(source->error);
}

/* Reads one number of seconds. */
static int read_seconds(const struct source *source, const char *path, const char *name,
			const json_t *value, uint64_t *ret_usec)
{
	double seconds = json_number_value(value);

	if (!json_is_number(value) || !(seconds >= 0 && seconds <= SECONDS_MAX))
		return refuse(source, path, "%s must be a number of seconds from 0 to %d", name,
			      SECONDS_MAX);
	*ret_usec = (uint64_t)(seconds * 1e6 + 0.5);
	return 0;
}

static int read_step(const struct source *source, struct qk_scenario *scenario, size_t i,
		     const json_t *object)
{
	struct step *step = &scenario->steps[i];
	char path[48], name[48], error[256];

	snprintf(path, sizeof(path), "steps[%zu]", i);
	snprintf(name, sizeof(name), "step %zu: at", i + 1);
	if (!json_is_object(object))
		return refuse(source, path, "step %zu must be an object", i + 1);
	int r = read_seconds(source, path, name, json_object_get(object, "at"), &step->at_usec);
	if (r < 0)
		return r;
	if (i && step->at_usec < scenario->steps[i - 1].at_usec)
		return refuse(source, path, "%s must not be before that of the step in front",
			      name);
	step->request = json_copy((json_t *)object);
	if (!step->request)
		return -ENOMEM;
	json_object_del(step->request, "at");
	if (qk_control_check(scenario->control, step->request, error, sizeof(error)) < 0)
		return refuse(source, path, "step %zu: %s", i + 1, error);
	return 0;
}

static int read_steps(const struct source *source, struct qk_scenario *scenario, const json_t *list)
{
	size_t count = json_array_size(list);
	int r = 0;

	if (!json_is_array(list) || !count || count > STEPS_MAX)
		return refuse(source, "steps", "steps must be a list of 1 to %u steps", STEPS_MAX);
	scenario->steps = calloc(count, sizeof(*scenario->steps));
	if (!scenario->steps)
		return -ENOMEM;
	for (scenario->count = 0; r == 0 && scenario->count < count; scenario->count++)
		r = read_step(source, scenario, scenario->count,
			      json_array_get(list, scenario->count));
	return r;
}

static int read_repeat(const struct source *source, struct qk_scenario *scenario, json_t *object)
{
	const json_t *times = json_object_get(object, "times");
	size_t known = 1 + (times != NULL);

	scenario->every_usec = QK_SIM_NEVER;
	if (!object)
		return 0;
	if (!json_is_object(object) || json_object_size(object) != known ||
	    !json_object_get(object, "every"))
		return refuse(source, "repeat", "repeat must be an object of 'every' and 'times'");
	if (times && (!json_is_integer(times) || json_integer_value(times) < 1 ||
		      json_integer_value(times) > UINT32_MAX))
		return refuse(source, "repeat.times", "repeat: times must be a number from 1 on");
	scenario->times = (uint32_t)json_integer_value(times);
	int r = read_seconds(source, "repeat.every", "repeat: every",
			     json_object_get(object, "every"), &scenario->every_usec);
	if (r == 0 && (!scenario->every_usec ||
		       scenario->every_usec < scenario->steps[scenario->count - 1].at_usec))
		return refuse(source, "repeat.every",
			      "repeat: every must not be before the last step, nor 0");
	return r;
}

static int read_root(const struct source *source, struct qk_scenario *scenario, json_t *root)
{
	json_t *steps = json_object_get(root, "steps"), *repeat = json_object_get(root, "repeat");
	const char *key;
	json_t *value;

	if (!json_is_object(root))
		return refuse(source, "", "must hold an object");
	json_object_foreach(root, key, value) if (value != steps && value != repeat &&
						  strcmp(key, "title") !=
							  0) return refuse(source, key,
									   "%.60s is unknown", key);
	int r = read_steps(source, scenario, steps);
	return r < 0 ? r : read_repeat(source, scenario, repeat);
}

int qk_scenario_parse(const char *name, const char *json, size_t size, struct qk_control *control,
		      struct qk_scenario **ret, char *error, size_t error_size)
{
	const struct source source = { name, json, size, error, error_size };
	json_error_t json_error;
	json_t *root = json_loadb(json, size, JSON_REJECT_DUPLICATES, &json_error);

	if (!root) {
		snprintf(error, error_size, "scenario '%.200s': line %d: %.120s", name,
			 json_error.line, json_error.text);
		return qk_one_line(error);
	}
	struct qk_scenario *scenario = calloc(1, sizeof(*scenario));
	int r = -ENOMEM;
	if (scenario) {
		scenario->control = control;
		scenario->start_usec = QK_SIM_NEVER;
		r = read_root(&source, scenario, root);
	}
	json_decref(root);
	if (r == -ENOMEM)
		snprintf(error, error_size, "out of memory");
	if (r < 0)
		qk_scenario_free(scenario);
	else
		*ret = scenario;
	return r;
}

int qk_scenario_load(const char *path, struct qk_control *control, struct qk_scenario **ret,
		     char *error, size_t error_size)
{
	char *text = NULL;
	size_t size = 0;
	int r = qk_sim_read_file(path, QK_SCENARIO_SIZE_MAX, &text, &size);

	if (r < 0)
		snprintf(error, error_size, "scenario '%.200s': %s", path, strerror(-r));
	else
		r = qk_scenario_parse(path, text, size, control, ret, error, error_size);
	free(text);
	return r;
}

struct qk_scenario *qk_scenario_free(struct qk_scenario *scenario)
{
	if (!scenario)
		return NULL;
	for (size_t i = 0; i < scenario->count; i++)
		json_decref(scenario->steps[i].request);
	free(scenario->steps);
	free(scenario);
	return NULL;
}

/* A real modem's time by the time scale. */
static uint64_t scale(const struct qk_scenario *scenario, uint64_t usec)
{
	return scenario->start_usec + qk_sim_scale(scenario->time_scale_ppm, usec);
}

void qk_scenario_start(struct qk_scenario *scenario, uint64_t now_usec, uint32_t time_scale_ppm)
{
	scenario->start_usec = now_usec;
	scenario->time_scale_ppm = time_scale_ppm;
	scenario->next = 0;
	scenario->round = 0;
}

uint64_t qk_scenario_next_usec(const struct qk_scenario *scenario)
{
	if (scenario->start_usec == QK_SIM_NEVER)
		return QK_SIM_NEVER;
	return scale(scenario, scenario->steps[scenario->next].at_usec);
}

/* The last step was taken: the next round, if there is one. */
static void begin_anew(struct qk_scenario *scenario)
{
	scenario->next = 0;
	scenario->round++;
	if (scenario->every_usec == QK_SIM_NEVER ||
	    (scenario->times && scenario->round == scenario->times))
		scenario->start_usec = QK_SIM_NEVER;
	else
		scenario->start_usec = scale(scenario, scenario->every_usec);
}

int qk_scenario_advance(struct qk_scenario *scenario, uint64_t now_usec, char *error,
			size_t error_size)
{
	if (qk_scenario_next_usec(scenario) > now_usec)
		return 0;
	size_t i = scenario->next++;
	char what[256];

	if (scenario->next == scenario->count)
		begin_anew(scenario);
	int r = qk_control_do(scenario->control, scenario->steps[i].request, what, sizeof(what));
	if (r == 0)
		return 1;
	snprintf(error, error_size, "step %zu: %s", i + 1, r == -ENOMEM ? "out of memory" : what);
	return -EINVAL;
}
