/*
 * The steps, and running them.
 */
#include "network.h"

#include <string.h>

#include "calls.h"
#include "format.h"
#include "host.h"

/* Both return 0 or an exit code. What undoes a step goes by the state, and does nothing where
 * nothing was done. */
static const struct step {
	int (*run)(struct job *job);
	int (*undo)(struct job *job);
	bool is_host; /* left out with --no-ip-config */
} steps[] = {
	{ .run = host_choose_interface, .is_host = true },
	{ .run = job_open },
	{ .run = format_agree, .undo = format_release },
	{ .run = calls_get_clients, .undo = calls_release_clients },
	{ .run = calls_create_profile, .undo = calls_delete_profile },
	{ .run = calls_start, .undo = calls_stop },
	{ .run = calls_delete_profile },
	{ .run = calls_read_settings, .is_host = true },
	{ .run = host_bring_up, .undo = host_take_down, .is_host = true },
	{ .run = host_set_addresses, .undo = host_remove_addresses, .is_host = true },
	{ .run = host_set_routes, .undo = host_remove_routes, .is_host = true },
	{ .run = host_set_dns, .undo = host_clear_dns, .is_host = true },
};

enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

/* Undoes all steps, the last one first; one that cannot does not keep the others from it. 0 or the
 * exit code of the first that could not. */
static int undo(struct job *job)
{
	struct failure first = { 0 };

	for (unsigned int i = STEPS; i-- > 0;) {
		if (!steps[i].undo || !steps[i].undo(job))
			continue;
		if (first.code)
			job_note("%s", job->failure->text);
		else
			first = *job->failure;
	}
	*job->failure = first;
	return first.code;
}

/* A start that failed: nothing of it stays. The cause is what is told, not what came after it. */
static int give_up(struct job *job)
{
	struct failure cause = *job->failure;

	if (job->was_running) {
		job_note("the network that was up before is left as it is; stop ends it");
	} else if (undo(job)) {
		job_note("%s; qmi-network stop tries again", job->failure->text);
	} else {
		job_say(job, "Clearing state at %s...", job->store->path);
		store_clear(job->store);
	}
	*job->failure = cause;
	return cause.code;
}

static bool has_call(const struct job *job)
{
	return job->state.calls[CALL_4].has_handle || job->state.calls[CALL_6].has_handle;
}

int network_start(struct job *job)
{
	job->was_running = has_call(job);
	for (unsigned int i = 0; i < STEPS; i++) {
		int r = 0;

		if (signals_came(job->signals))
			r = job_fail(job, 0, "", 0);
		else if (!steps[i].is_host || !job->options->no_ip_config)
			r = steps[i].run(job);
		if (r)
			return give_up(job);
	}
	/* One that came at the very end is heard, too. */
	if (signals_came(job->signals)) {
		job_fail(job, 0, "", 0);
		return give_up(job);
	}
	job_say(job, job->was_running ? "Network already started" : "Network started successfully");
	return 0;
}

bool network_forget_stale(struct job *job)
{
	char node[sizeof(job->state.node)];

	job_node(job, node, sizeof(node));
	if (state_is_empty(&job->state) ||
	    (*job->state.node ? !strcmp(node, job->state.node) : !job->store->is_outdated))
		return false;
	calls_forget(job);
	return true;
}

int network_stop(struct job *job)
{
	const struct state_call *calls = job->state.calls;
	bool any_call = has_call(job);
	int code = 0;

	if (state_is_empty(&job->state)) {
		job_say(job, "Network already stopped");
	} else {
		if (any_call)
			job_say(job, "Stopping network...");
		else if (calls[CALL_4].cid || calls[CALL_6].cid)
			job_say(job, "Network already stopped; need to cleanup CID %u",
				calls[calls[CALL_4].cid ? CALL_4 : CALL_6].cid);
		else
			job_say(job, "Network already stopped; need to cleanup what was left");
		code = undo(job);
		if (code)
			return code;
		if (any_call)
			job_say(job, "Network stopped successfully");
	}
	job_say(job, "Clearing state at %s...", job->store->path);
	store_clear(job->store);
	return 0;
}
