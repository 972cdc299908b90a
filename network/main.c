/*
 * qmi-network: starts, stops and shows the network of a modem that speaks QMI, with the command line
 * and the configuration of libqmi's script.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "network.h"
#include "status.h"

static void print_usage(const char *name)
{
	printf("usage: %s [OPTIONS] [DEVICE] [COMMAND]\n", name);
}

static int report(const struct failure *failure)
{
	fflush(stdout);
	fprintf(stderr, "error: %s\n", failure->text);
	return failure->code;
}

static void note_config(const char *note, void *userdata)
{
	(void)userdata;
	fprintf(stderr, "warning: %s\n", note);
}

static void show_config(const struct job *job)
{
	job_say(job, "Loading profile at %s...", job->options->profile);
	for (const struct config_row *row = config_rows; row->key; row++) {
		const char *text = (const char *)job->config + row->offset;

		if (!row->label)
			continue;
		if (!*text)
			text = row->unset;
		else if (row->secret)
			text = "set";
		job_say(job, "    %s: %s", row->label, text);
	}
}

static int load_config(struct job *job, struct config *config)
{
	int r = config_load(job->options->profile, note_config, NULL, config, job->failure);

	if (r == -ENOENT)
		job_say(job, "Profile at '%s' not found...", job->options->profile);
	else if (r == 0)
		show_config(job);
	return r > 0 ? r : 0;
}

/* A state that cannot be read or trusted is passed over, with a word about it: what it spoke of
 * cannot be known. */
static void load_state(struct job *job)
{
	const char *path = job->store->path;
	struct failure why = { 0 };
	int r = store_load(job->store, &job->state, &path, &why);

	if (r > 0)
		job_note("%s; it is passed over", why.text);
	if (r != 0)
		return;
	job_say(job, "Loading previous state from %s...", path);
	if (network_forget_stale(job)) {
		job_note(
			"the modem was reset or plugged in again since; what the state has of it is void");
		return;
	}
	if (job->state.calls[CALL_4].cid)
		job_say(job, "    Previous CID: %u", job->state.calls[CALL_4].cid);
	if (job->state.calls[CALL_4].has_handle)
		job_say(job, "    Previous PDH: %u", job->state.calls[CALL_4].handle);
	if (job->state.calls[CALL_6].cid)
		job_say(job, "    Previous CID6: %u", job->state.calls[CALL_6].cid);
	if (job->state.calls[CALL_6].has_handle)
		job_say(job, "    Previous PDH6: %u", job->state.calls[CALL_6].handle);
}

static int run(struct job *job)
{
	const struct options *o = job->options;

	if (o->command == COMMAND_UNKNOWN)
		return failure_set(job->failure, EXIT_USAGE, "unexpected command '%s'",
				   o->command_name);
	if (job_find_interface(job) ||
	    (o->command != COMMAND_STATUS && store_lock(job->store, job->failure)))
		return job->failure->code;
	load_state(job);
	if (o->command == COMMAND_START)
		return network_start(job);
	return o->command == COMMAND_STOP ? network_stop(job) : status_print(job);
}

/* Opens what a run needs besides the modem, and closes all of it. */
static int run_with(const struct options *options, struct failure *failure)
{
	struct signals signals;
	struct config config;
	struct store store = { .folder = -1, .lock = -1 };
	struct job job = {
		.options = options,
		.config = &config,
		.signals = &signals,
		.store = &store,
		.failure = failure,
		.quiet = options->json,
	};
	int code = signals_catch(&signals);

	if (code < 0)
		code = failure_from(failure, EXIT_HOST, "couldn't catch signals", code);
	else
		code = load_config(&job, &config);
	if (code == 0)
		code = store_open(&store, options->state_folder, options->device, failure);
	if (code == 0)
		code = run(&job);
	job_done(&job);
	store_close(&store);
	signals_release(&signals);
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
	int code;

	if (!occupy_standard_descriptors())
		return EXIT_HOST;
	/* A reader that leaves must not keep us from finishing. */
	signal(SIGPIPE, SIG_IGN);
	code = options_parse(&options, argc, argv, &failure);
	if (code == 0 && options.help) {
		options_print_help();
		return 0;
	}
	if (code == 0 && options.version) {
		options_print_version();
		return 0;
	}
	if (code == 0)
		code = run_with(&options, &failure);
	if (code && *failure.text)
		report(&failure);
	if (code == EXIT_USAGE && (options.command == COMMAND_UNKNOWN || !options.device))
		print_usage(argv[0]);
	return code;
}
