/*
 * Actions: the engine: which group and which row the options mean, and what is done with a row.
 */
#include "mmcli/actions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api-names.h"
#include "mmcli/follow.h"
#include "mmcli/special.h"

/* Groups in the order in which stock looks at them: the first that has an option is the one. */
struct group {
	const char *name;
	const char *title; /* "too many TITLE actions requested" */
	const char *lacks; /* "modem has no LACKS capabilities" */
	const struct api_interface *interface;
	const char *selector; /* the option that names the target */
	const struct kind *kind;
	bool state_last; /* that it lacks the interface is said before that it is not enabled */
};

static const struct api_interface cdma_interface = {
	.name = "org.freedesktop.ModemManager1.Modem.ModemCdma",
};

static const struct group groups[] = {
	{ "manager", "manager", NULL, API_MANAGER, NULL, NULL },
	{ "sim", "sim", NULL, API_SIM, "sim", &kind_sim },
	{ "bearer", "bearer", NULL, API_BEARER, "bearer", &kind_bearer },
	{ "sms", "SMS", NULL, API_SMS, "sms", &kind_sms },
	{ "call", "call", NULL, API_CALL, "call", &kind_call },
	{ "cbm", "CBM", NULL, API_CBM, "cbm", &kind_cbm },
	{ "3gpp", "3GPP", "3GPP", API_MODEM3GPP, "modem", &kind_modem, .state_last = true },
	{ "3gpp-profile-manager", "3GPP profile management", "3GPP profile management",
	  API_PROFILE_MANAGER, "modem", &kind_modem },
	{ "3gpp-ussd", "3GPP USSD", "3GPP USSD", API_USSD, "modem", &kind_modem },
	{ "cdma", "CDMA", "CDMA", &cdma_interface, "modem", &kind_modem },
	{ "simple", "Simple", "Simple", API_SIMPLE, "modem", &kind_modem },
	{ "location", "Location", "location", API_LOCATION, "modem", &kind_modem },
	{ "messaging", "Messaging", "messaging", API_MESSAGING, "modem", &kind_modem },
	{ "voice", "Voice", "voice", API_VOICE, "modem", &kind_modem },
	{ "cell-broadcast", "Cell Broadcast", "cell broadcast", API_CELL_BROADCAST, "modem",
	  &kind_modem },
	{ "time", "Time", "time", API_TIME, "modem", &kind_modem },
	{ "firmware", "Firmware", "firmware", API_FIRMWARE, "modem", &kind_modem },
	{ "sar", "SAR", "SAR", API_SAR, "modem", &kind_modem },
	{ "signal", "Signal", "extended signal", API_SIGNAL, "modem", &kind_modem },
	{ "oma", "OMA", "OMA", API_OMA, "modem", &kind_modem },
	{ "modem", "modem", NULL, API_MODEM, "modem", &kind_modem },
};

static int fail_call(const struct run *run, const char *why)
{
	const char *failed = run->action->failed;

	/* One says it in its own words. */
	if (failed[0] == '!')
		return session_fail("%s%s'", failed + 1, why);
	return session_fail("couldn't %s: '%s'", failed, why);
}

/* What is wrong with the value of an option: behind the row's words, where they leave room for it. */
static int fail_arguments(const struct run *run, const struct trouble *trouble)
{
	const char *bad = run->action->bad;
	char last = bad && bad[0] ? bad[strlen(bad) - 1] : ' ';

	if (!trouble->text[0])
		return -EINVAL;
	if (!bad)
		return session_fail("%s", trouble->text);
	fprintf(stderr, "%s%s%s\n", bad, last == ' ' || last == '\'' ? trouble->text : "",
		last == '\'' ? "'" : "");
	return -EINVAL;
}

static int make_arguments(const struct run *run, json_t **ret)
{
	struct trouble trouble = { "" };
	int r;

	if (!run->action->arguments) {
		*ret = run->action->fixed ? json_loads(run->action->fixed, 0, NULL) : json_array();
		return *ret ? 0 : -ENOMEM;
	}
	r = run->action->arguments(run, ret, &trouble);
	return r < 0 ? fail_arguments(run, &trouble) : 0;
}

int actions_call(struct run *run, json_t **ret)
{
	const struct action *action = run->action;
	struct bus_failure failure = { false, "" };
	json_t *arguments = NULL, *answer = NULL;
	uint64_t timeout = session_timeout(run->session, action->usual_s ? action->usual_s : 30);
	int r = make_arguments(run, &arguments);

	if (r < 0)
		return r;
	r = bus_call(run->session->bus, run->path, action->method, arguments, timeout, &answer,
		     &failure);
	json_decref(arguments);
	if (r < 0)
		return fail_call(run, failure.text);
	if (ret)
		*ret = json_incref(answer);
	json_decref(answer);
	return 0;
}

static int run_method(struct run *run)
{
	const struct action *action = run->action;
	json_t *answer = NULL;
	int r = actions_call(run, &answer);

	if (r < 0)
		return r;
	if (action->answer)
		r = action->answer(run, answer);
	else if (action->screen && (!action->done || run->session->style.newer))
		screen_show(action->screen, &run->session->style, run->path,
			    json_array_get(answer, 0));
	else if (action->done_tail)
		printf("%s%s%s\n", action->done, json_string_value(json_array_get(answer, 0)),
		       action->done_tail);
	else
		printf("%s\n", action->done);
	json_decref(answer);
	return r;
}

static int run_action(struct run *run)
{
	if (run->action->run)
		return run->action->run(run);
	if (run->action->method)
		return run_method(run);
	screen_show(run->action->screen, &run->session->style, run->path, run->target.object);
	return 0;
}

/* A modem has the interface of the group, and is as far as it must be. */
static int check_modem(const struct run *run, const struct group *group)
{
	const json_t *modem = json_object_get(run->target.object, API_MODEM->name);
	json_int_t state = json_integer_value(json_object_get(modem, API_MODEM_STATE->field.name));
	bool early = run->action->enabled && state < MM_MODEM_STATE_ENABLED;
	bool lacks = group->lacks && !json_object_get(run->target.object, group->interface->name);

	if (early && !(lacks && group->state_last))
		return session_fail("modem not enabled yet");
	if (lacks)
		return session_fail("modem has no %s capabilities", group->lacks);
	return 0;
}

static int start(struct session *session, const struct group *group, const struct action *action)
{
	const char *value = action->option ? options_value(&session->options, action->option) : "";
	struct run run = { .session = session, .action = action, .text = value, .path = BUS_ROOT };
	int r = 0;

	if (action->human && session->style.format != OUTPUT_HUMAN)
		return session_fail("modem monitoring not available in keyvalue output");
	r = session_open(session, options_value(&session->options, "test-session") != NULL);
	if (r == 0 && action->watch)
		r = action->watch(&run);
	if (r == 0)
		r = session_read(session);
	if (r == 0 && group->kind) {
		r = session_find(session, group->kind,
				 options_value(&session->options, group->selector), &run.target);
		run.path = run.target.path;
	}
	if (r == 0 && group->kind == &kind_modem)
		r = check_modem(&run, group);
	if (r == 0)
		r = run_action(&run);
	target_close(&run.target);
	return r;
}

static bool is_given(const struct session *session, const struct action *action)
{
	return action->option && options_value(&session->options, action->option);
}

static const struct action_table *const tables[] = {
	&action_rows_objects,
	&action_rows_modem,
	&action_rows_services,
};

/* The table with the actions of a group. */
static const struct action_table *table_of(const struct group *group)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (size_t k = 0; k < tables[i]->count; k++)
			if (strcmp(tables[i]->rows[k].group, group->name) == 0)
				return tables[i];
	return NULL;
}

/* The action of a group that was asked for; NULL: none. -EINVAL: several were. */
static int pick(const struct session *session, const struct group *group, const struct action **ret)
{
	const struct action *found = NULL, *shows = NULL;
	const struct action_table *table = table_of(group);

	for (size_t i = 0; table && i < table->count; i++) {
		const struct action *action = &table->rows[i];

		if (strcmp(action->group, group->name) != 0)
			continue;
		if (!action->option && options_value(&session->options, group->selector))
			shows = action;
		if (!is_given(session, action) || (found && action->optional))
			continue;
		/* Several options may make one call together. */
		if (found && found->arguments == special_sources &&
		    action->arguments == special_sources)
			continue;
		if (found)
			return session_fail("too many %s actions requested", group->title);
		found = action;
	}
	*ret = found ? found : shows;
	return 0;
}

/* Options that are of no use without another one. */
static int check_companions(const struct options *options)
{
	static const struct {
		const char *option, *needs, *text;
	} rows[] = {
		{ "set-preferred-mode", "set-allowed-modes",
		  "setting preferred mode requires list of allowed modes" },
		{ "puk", "pin", "action requires also the PIN code" },
		{ "enable-pin", "pin", "action requires also the PIN code" },
		{ "disable-pin", "pin", "action requires also the PIN code" },
		{ "change-pin", "pin", "action requires also the PIN code" },
		{ "messaging-create-sms-with-data", "messaging-create-sms",
		  "`--messaging-create-with-data' must be given along with "
		  "`--messaging-create-sms'" },
		{ "messaging-create-sms-with-text", "messaging-create-sms",
		  "`--messaging-create-with-text' must be given along with "
		  "`--messaging-create-sms'" },
		{ "cdma-activate-manual-with-prl", "cdma-activate-manual",
		  "`--cdma-activate-manual-with-prl' must be given along with "
		  "`--cdma-activate-manual'" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (options_value(options, rows[i].option) &&
		    !options_value(options, rows[i].needs))
			return session_fail("%s", rows[i].text);
	return special_check_sources(options);
}

int actions_run(struct session *session)
{
	int r = check_companions(&session->options);

	for (size_t i = 0; r == 0 && i < sizeof(groups) / sizeof(groups[0]); i++) {
		const struct group *group = &groups[i];
		const struct action *action = NULL;

		r = pick(session, group, &action);
		if (r < 0 || !action)
			continue;
		if (strcmp(group->name, "manager") == 0 &&
		    options_value(&session->options, "modem"))
			return session_fail(
				"cannot use manager and modem options at the same time");
		return start(session, group, action);
	}
	return r < 0 ? r : session_fail("no actions specified");
}
