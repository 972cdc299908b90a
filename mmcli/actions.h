/*
 * Actions: what options do: tables of groups and of actions, and the engine that runs the one that was asked for.
 *
 * Owns: const tables. Does not know: how text is laid out, how a list is parsed.
 * Lifetime: the program's. Called from: main.c; special.c has what no row can say.
 */
#pragma once

#include "api/api.h"
#include "mmcli/arguments.h"
#include "mmcli/session.h"
#include "mmcli/track.h"

struct action;

/* What an action runs with: its target, its option's value. */
struct run {
	struct session *session;
	const struct action *action;
	const char *text;
	struct target target;
	const char *path; /* of the target; the daemon's, where there is none */
	struct track track;
};

/* Makes the array of arguments of a method. -EINVAL with `trouble`; with an empty one, all was said. */
typedef int (*arguments_fn)(const struct run *run, json_t **ret, struct trouble *trouble);
/* Does it all. -EINVAL: it failed, and has said so. */
typedef int (*run_fn)(struct run *run);
/* What is done with a method's answer, where a row cannot say it. */
typedef int (*answer_fn)(struct run *run, const json_t *answer);

struct action {
	const char *group, *option;
	const struct api_method *method;
	arguments_fn arguments;
	const char *fixed;            /* the arguments as JSON, in place of a function */
	const struct screen *screen;  /* shows the answer, or without a method the target; beside
				       * `done` in the newer style alone */
	const char *done, *done_tail; /* printed; the first answer stands between them */
	const char *failed;           /* "enable the modem": behind "couldn't " */
	const char *bad;              /* before what is wrong with the option's value */
	run_fn watch;                 /* before the objects are read */
	run_fn run;
	answer_fn answer;
	int usual_s;   /* seconds it may take; 0: 30 */
	bool enabled;  /* the modem must be enabled */
	bool human;    /* for people alone */
	bool optional; /* belongs to another action, where one is given */
};

/* Actions, in no order that matters but for those of one group, which stand in one table. */
struct action_table {
	const struct action *rows;
	size_t count;
};
extern const struct action_table action_rows_objects, action_rows_modem, action_rows_services;

/* Runs what the options ask for. -EINVAL: it failed, and has said so. */
int actions_run(struct session *session);

/* Calls the method of the run's row with its arguments. `ret` may be NULL. */
int actions_call(struct run *run, json_t **ret);
