/*
 * qmicli: controls modems that speak QMI, with the options and the output of libqmi's tool.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "complete.h"
#include "help.h"
#include "json.h"
#include "list.h"
#include "request.h"
#include "session.h"
#include "steps.h"
#include "trace.h"

/* Tells the failure: a line on stderr, with --json also a document on stdout. */
static int report(const struct options *options, const struct failure *failure)
{
	struct output out = { 0 };

	output_printf(&out, "error: %s%s%s\n", failure->text, *failure->hint ? "; " : "",
		      failure->hint);
	if (output_write(&out, stderr) < 0)
		clearerr(stderr);
	if (options->json) {
		json_print_failure(failure, &out);
		if (output_write(&out, stdout) < 0)
			clearerr(stdout);
	}
	output_done(&out);
	return failure->code;
}

static int run_command(struct session *session, const struct action *action, struct output *out,
		       struct failure *f)
{
	const command_run_fn do_steps = command_course(action->command)->run;
	struct steps steps;
	void *request;
	int code = request_new(action, &request, f);

	if (code)
		return code;
	steps_begin(&steps, session, action, out, f);
	if (do_steps)
		code = do_steps(&steps, request);
	else
		code = steps_row(&steps, request) ? 0 : f->code;
	steps_end(&steps);
	request_free(request);
	return code;
}

static int run_action(struct session *session, const struct action *action, struct output *out,
		      struct failure *f)
{
	const struct local local = {
		.target = session->target,
		.out = out,
		.json = session->options->json,
	};
	const command_local_fn do_here = command_course(action->command)->local;

	if (action->command->setting)
		return 0;
	if (do_here)
		return do_here(&local, action->argument, f);
	return run_command(session, action, out, f);
}

static void print_client(const struct session *session, struct qk_client *client, void *userdata)
{
	struct output *out = userdata;
	const char *service = qk_service_name(qk_client_service(client));
	unsigned int id = qk_client_id(client);

	if (session->options->json)
		json_print_client(service, id, out);
	else
		output_printf(out,
			      "[%s] Client ID not released:\n\tService: '%s'\n\t    CID: '%u'\n",
			      session->target->name, service, id);
}

/* Whether the next action makes sense: a modem that refused one can do another. */
static bool goes_on(const struct session *session, const struct failure *failure)
{
	return !session->signal && !session->gone &&
	       (failure->code == EXIT_OK || failure->code == EXIT_REFUSED);
}

/* Writes what was printed so far. 0, or an exit code, told on stderr. */
static int flush(struct output *out)
{
	int r = output_write(out, stdout);

	if (r >= 0)
		return 0;
	/* Whoever read has enough, as head(1) does. */
	if (r == -EPIPE)
		return EXIT_SIGNAL + SIGPIPE;
	fprintf(stderr, "error: couldn't write to stdout: %s\n", strerror(-r));
	return EXIT_FAILED;
}

/* All actions in order. The exit code is that of the first one that failed. */
static int run_actions(struct session *session, const struct options *options)
{
	struct output out = { 0 };
	int code = 0, written = 0;

	for (size_t i = 0; i < options->action_count; i++) {
		const struct action *action = &options->actions[i];
		struct failure failure = { .action = action->command->name };
		int r = run_action(session, action, &out, &failure);

		written = flush(&out);
		if (r == EXIT_USAGE)
			failure_option(&failure, action->command->name, action->argument);
		/* A reader that left needs no telling. */
		if (r && *failure.text)
			report(options, &failure);
		code = code ? code : r;
		if (!goes_on(session, &failure) || written)
			break;
	}
	if (options->no_release) {
		session_each_client(session, print_client, &out);
		written = written ? written : flush(&out);
	}
	output_done(&out);
	return code ? code : written;
}

/* Whether any action speaks to the modem: those that do not leave it to whoever has it open. */
static bool needs_modem(const struct options *options)
{
	for (size_t i = 0; i < options->action_count; i++) {
		const struct command *command = options->actions[i].command;

		if (!command_course(command)->local && !command->setting)
			return true;
	}
	return false;
}

static int run(const struct options *options)
{
	struct qk_device_hooks hooks = trace_hooks(options);
	struct failure failure = { 0 }, closing = { 0 };
	struct session session = { 0 };
	struct target target;
	bool open = needs_modem(options);
	int code = 0;

	if (target_choose(options, &target, &failure))
		return report(options, &failure);
	if (open)
		code = session_open(&session, options, &target, &hooks, &failure);
	else
		session = (struct session){ .options = options, .target = &target };
	if (code)
		report(options, &failure);
	else
		code = run_actions(&session, options);
	if (open)
		session_close(&session, &closing);
	/* libqmi reports this one and takes no further notice. */
	if (closing.code && !code && !options->silent)
		fprintf(stderr, "warning: %s\n", closing.text);
	target_done(&target);
	return code;
}

/* Whether there is an action among what only says how. */
static bool does_something(const struct options *options)
{
	for (size_t i = 0; i < options->action_count; i++)
		if (!options->actions[i].command->setting)
			return true;
	return false;
}

/* What can be said about the command line before anything is opened. */
static int check_actions(const struct options *options)
{
	struct failure failure = { 0 };

	if (options->open_mbim) {
		failure_set(&failure, EXIT_UNSUPPORTED,
			    "couldn't open the QmiDevice: MBIM is not "
			    "supported here");
		failure_hint(&failure, "switch the modem to its QMI mode");
		return report(options, &failure);
	}
	if (!does_something(options)) {
		failure_set(&failure, EXIT_USAGE, "no actions specified");
		failure_hint(&failure, "--help-all lists them");
		return report(options, &failure);
	}
	for (size_t i = 0; i < options->action_count; i++) {
		const struct action *action = &options->actions[i];

		if (request_check(action, &failure)) {
			failure_option(&failure, action->command->name, action->argument);
			return report(options, &failure);
		}
	}
	return 0;
}

static int print_and_leave(const struct options *options)
{
	struct failure failure = { 0 };
	struct output out = { 0 };
	int code = 0;

	if (options->version)
		help_version(&out);
	else if (options->help || options->help_all || options->help_service)
		help_print(options, &out);
	else
		code = list_print(options->json, &out, &failure);
	if (code)
		report(options, &failure);
	else
		code = flush(&out);
	output_done(&out);
	return code;
}

/* Whether something is to be printed that needs no device. */
static bool only_prints(const struct options *options)
{
	return options->version || options->help || options->help_all || options->help_service ||
	       options->list;
}

static int print_completions(char **words, size_t count)
{
	struct output out = { 0 };

	complete_print(words, count, &out);

	int code = flush(&out);

	output_done(&out);
	return code;
}

/* A closed stdin, stdout or stderr would be the number of the next descriptor, the modem's, and
 * what is printed would be sent to it. Opened the wrong way round, they fail when used. */
static bool occupy_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	struct options options;
	struct failure failure = { 0 };

	if (!occupy_standard_descriptors())
		return EXIT_FAILED;
	if (argc > 1 && !strcmp(argv[1], "--complete"))
		return print_completions(argv + 2, (size_t)argc - 2);

	int code = options_parse(&options, argc, argv, &failure);

	/* A reader that leaves must not keep us from giving client ids back. */
	signal(SIGPIPE, SIG_IGN);
	if (code)
		report(&options, &failure);
	else if (only_prints(&options))
		code = print_and_leave(&options);
	else
		code = check_actions(&options);
	if (!code && !only_prints(&options))
		code = run(&options);
	options_done(&options);
	return code;
}
