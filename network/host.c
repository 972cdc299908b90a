/*
 * Setting an interface up for the calls, and taking it back.
 */
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "netdev/dns.h"
#include "netdev/route.h"

static int fail(struct job *job, const char *what, int error)
{
	char doing[100];

	snprintf(doing, sizeof(doing), "couldn't %s %s", what, job->state.interface);
	return job_fail(job, EXIT_HOST, doing, error);
}

/* What an interface that is gone leaves of an error: nothing. */
static int unless_gone(int error)
{
	return error == -ENODEV || error == -ENOENT ? 0 : error;
}

static struct qk_links links_of(const struct job *job)
{
	return (struct qk_links){ .netlink = job->netlink };
}

int host_choose_interface(struct job *job)
{
	const char *device = job->options->device;

	if (*job->interface)
		return 0;
	if (*device == '/' && access(device, F_OK) < 0) {
		char doing[300];

		snprintf(doing, sizeof(doing), "couldn't open %.200s", device);
		return failure_from(job->failure, EXIT_NO_CLIENT, doing, -errno);
	}
	return failure_set(
		job->failure, EXIT_HOST,
		"no network interface of %s is known; name it with --interface, or start "
		"the call alone with --no-ip-config",
		device);
}

/* The interface of the state, as the kernel has it. */
static int find_link(struct job *job, struct qk_link *ret)
{
	struct qk_links links;
	int r = job_open_netlink(job);

	if (r)
		return r;
	links = links_of(job);
	return qk_link_find(&links, job->state.interface, ret);
}

/* --- The interface */

static int note_before(struct job *job, const struct qk_link *link)
{
	/* What was noted by the start that is being repaired stands. */
	if (strcmp(job->state.interface, job->interface)) {
		/* The modem had another interface then. */
		if (host_clear_dns(job) || host_remove_routes(job) || host_remove_addresses(job) ||
		    host_take_down(job))
			return job->failure->code;
		memcpy(job->state.interface, job->interface, sizeof(job->state.interface));
		job->state.brought_up = !link->up;
		job->state.mtu = 0;
	} else if (!link->up) {
		job->state.brought_up = true;
	}
	return job_save(job);
}

static int set_mtu(struct job *job, const struct qk_links *links, const struct qk_link *link)
{
	uint32_t mtu = plan_mtu(job->plans, CALLS);
	int r;

	if (!mtu || mtu == link->mtu)
		return 0;
	if (!job->state.mtu)
		job->state.mtu = link->mtu;
	if (job_save(job))
		return job->failure->code;
	r = qk_link_set_mtu(links, job->interface, mtu);
	if (r == -ERANGE || r == -EINVAL)
		job_note("%s does not take the call's MTU of %u", job->interface, mtu);
	else if (r < 0)
		return fail(job, "set the MTU of", r);
	return 0;
}

/* The kernel's setting of whether an interface takes IPv6 addresses and routes from router
 * advertisements: 0 no, 1 yes, 2 also as a router. */
static FILE *open_accept_ra(const struct job *job, const char *mode)
{
	char path[64 + QK_LINK_NAME_SIZE];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/accept_ra", job->state.interface);
	return fopen(path, mode);
}

static void write_accept_ra(const struct job *job, int value)
{
	FILE *file = open_accept_ra(job, "we");

	if (!file)
		return;
	fprintf(file, "%d", value);
	fclose(file);
}

/* What the call's settings say is all there is to know: what the kernel adds by itself would stay
 * when the call has ended. */
static int refuse_advertisements(struct job *job)
{
	FILE *file = job->state.accepted_ra ? NULL : open_accept_ra(job, "re");
	int c = file ? fgetc(file) : '0';

	if (file)
		fclose(file);
	if (c != '1' && c != '2')
		return 0;
	job->state.accepted_ra = (uint32_t)(c - '0') + 1;
	if (job_save(job))
		return job->failure->code;
	write_accept_ra(job, 0);
	return 0;
}

int host_bring_up(struct job *job)
{
	struct qk_links links;
	struct qk_link link;
	int r = job_open_netlink(job);

	if (r)
		return r;
	links = links_of(job);
	r = qk_link_find(&links, job->interface, &link);
	if (r < 0)
		return job_fail(job, EXIT_HOST, job->interface, r);
	if (note_before(job, &link) || refuse_advertisements(job) || set_mtu(job, &links, &link))
		return job->failure->code;
	r = link.up ? 0 : qk_link_set_up(&links, job->interface, true);
	return r < 0 ? fail(job, "bring up", r) : 0;
}

int host_take_down(struct job *job)
{
	struct qk_links links;
	int r = 0;

	if (!*job->state.interface)
		return 0;
	if (job_open_netlink(job))
		return job->failure->code;
	links = links_of(job);
	if (job->state.brought_up)
		r = qk_link_set_up(&links, job->state.interface, false);
	if (r == 0 && job->state.mtu)
		r = qk_link_set_mtu(&links, job->state.interface, job->state.mtu);
	if (unless_gone(r))
		return fail(job, "take down", r);
	if (job->state.accepted_ra)
		write_accept_ra(job, (int)job->state.accepted_ra - 1);
	*job->state.interface = 0;
	job->state.brought_up = job->state.mtu = job->state.metric = job->state.accepted_ra = 0;
	return job_save(job);
}

/* --- Addresses */

static int remove_address(struct job *job, unsigned int call, const struct qk_link *link)
{
	struct state_call *state = &job->state.calls[call];
	struct qk_address address;
	int r = 0;

	if (!*state->address)
		return 0;
	if (qk_address_parse(state->address, &address) == 0)
		r = qk_address_remove(job->netlink, (int)link->index, &address);
	if (unless_gone(r))
		return fail(job, "remove an address of", r);
	*state->address = 0;
	return job_save(job);
}

static int set_address(struct job *job, unsigned int call, const struct qk_link *link)
{
	struct state_call *state = &job->state.calls[call];
	struct plan *plan = &job->plans[call];
	char text[QK_ADDRESS_TEXT] = "";
	int r;

	if (plan->present)
		qk_address_text(&plan->address, true, text);
	if (strcmp(text, state->address) && remove_address(job, call, link))
		return job->failure->code;
	if (!plan->present)
		return 0;
	snprintf(state->address, sizeof(state->address), "%s", text);
	if (job_save(job))
		return job->failure->code;
	r = qk_address_add(job->netlink, (int)link->index, &plan->address);
	/* A machine without IPv6 has a network all the same. */
	if (r < 0 && call == CALL_6 && job->plans[CALL_4].present) {
		job_note("%s takes no IPv6 address: %s", job->interface, strerror(-r));
		plan->present = false;
		return remove_address(job, call, link);
	}
	return r < 0 ? fail(job, "give its address to", r) : 0;
}

int host_set_addresses(struct job *job)
{
	struct qk_link link;
	int r = find_link(job, &link);

	if (r < 0)
		return fail(job, "find", r);
	for (unsigned int i = 0; i < CALLS && !r; i++)
		r = set_address(job, i, &link);
	return r;
}

/* The interface of the state; 0 and `*ret_gone` when there is nothing to undo on it any more. */
static int find_to_undo(struct job *job, struct qk_link *ret, bool *ret_gone)
{
	int r = *job->state.interface ? find_link(job, ret) : -ENODEV;

	*ret_gone = r == -ENODEV;
	if (r < 0 && r != -ENODEV)
		return fail(job, "find", r);
	return r > 0 ? r : 0;
}

typedef int (*remove_fn)(struct job *job, unsigned int call, const struct qk_link *link);

/* Removes something of each call. With a link that has gone it is gone, and its text in the state with it. */
static int remove_each(struct job *job, remove_fn remove, char *(*text)(struct state_call *call))
{
	struct qk_link link;
	bool gone;
	int code = find_to_undo(job, &link, &gone);

	for (unsigned int i = 0; i < CALLS && !code; i++) {
		if (gone)
			*text(&job->state.calls[i]) = 0;
		else
			code = remove(job, i, &link);
	}
	return code;
}

static char *address_of(struct state_call *call)
{
	return call->address;
}

int host_remove_addresses(struct job *job)
{
	return remove_each(job, remove_address, address_of);
}

/* --- Routes */

static int remove_route(struct job *job, unsigned int call, const struct qk_link *link)
{
	struct state_call *state = &job->state.calls[call];
	struct qk_address gateway;
	int r = 0;

	if (!*state->gateway)
		return 0;
	if (qk_address_parse(state->gateway, &gateway) == 0)
		r = qk_route_remove_default(job->netlink, (int)link->index, gateway.family,
					    job->state.metric);
	if (unless_gone(r))
		return fail(job, "remove a route through", r);
	*state->gateway = 0;
	return job_save(job);
}

static int set_route(struct job *job, unsigned int call, const struct qk_link *link)
{
	struct state_call *state = &job->state.calls[call];
	const struct plan *plan = &job->plans[call];
	int r;

	if (remove_route(job, call, link))
		return job->failure->code;
	if (!plan->present)
		return 0;
	qk_address_text(&plan->gateway, false, state->gateway);
	if (job_save(job))
		return job->failure->code;
	r = qk_route_add_default(job->netlink, (int)link->index, &plan->gateway, job->state.metric);
	return r < 0 ? fail(job, "route through", r) : 0;
}

int host_set_routes(struct job *job)
{
	struct qk_link link;
	int r = find_link(job, &link);

	if (r < 0)
		return fail(job, "find", r);
	/* Those of the metric that was before go first, of all families. */
	if (job->state.metric != job->config->route_metric && host_remove_routes(job))
		return job->failure->code;
	job->state.metric = job->config->route_metric;
	for (unsigned int i = 0; i < CALLS && !r; i++)
		r = set_route(job, i, &link);
	return r;
}

static char *gateway_of(struct state_call *call)
{
	return call->gateway;
}

int host_remove_routes(struct job *job)
{
	return remove_each(job, remove_route, gateway_of);
}

/* --- Name servers */

static void note_servers(const struct job *job, const struct qk_address *servers, size_t count,
			 int error)
{
	char text[CALLS * PLAN_SERVERS * QK_ADDRESS_TEXT + 16] = "";
	size_t size = 0;

	for (size_t i = 0; i < count; i++) {
		char server[QK_ADDRESS_TEXT];

		qk_address_text(&servers[i], false, server);
		size += (size_t)snprintf(text + size, sizeof(text) - size, " %s", server);
	}
	if (error == -ENOENT)
		job_note("name servers are left to you, as neither systemd-resolved nor resolvconf "
			 "is here:%s",
			 text);
	else
		job_note("the name servers of %s could not be set: %s:%s", job->interface,
			 strerror(-error), text);
}

int host_set_dns(struct job *job)
{
	struct qk_address servers[CALLS * PLAN_SERVERS];
	const char *manager;
	size_t count = 0;
	int r;

	for (unsigned int i = 0; i < CALLS; i++)
		for (size_t j = 0; job->plans[i].present && j < job->plans[i].server_count; j++)
			servers[count++] = job->plans[i].servers[j];
	if (!count)
		return host_clear_dns(job);
	manager = qk_dns_manager();
	if (!manager) {
		note_servers(job, servers, count, -ENOENT);
		return 0;
	}
	snprintf(job->state.dns, sizeof(job->state.dns), "%s", manager);
	if (job_save(job))
		return job->failure->code;
	r = qk_dns_set(manager, job->interface, servers, count);
	if (r == 0)
		return 0;
	note_servers(job, servers, count, r);
	return host_clear_dns(job);
}

int host_clear_dns(struct job *job)
{
	int r;

	if (!*job->state.dns)
		return 0;
	r = qk_dns_clear(job->state.dns, job->state.interface);
	/* The interface takes them along when it goes; whoever managed them may be gone. */
	if (r < 0 && r != -ENOENT && r != -EIO)
		job_note("%s did not forget the name servers of %s: %s", job->state.dns,
			 job->state.interface, strerror(-r));
	*job->state.dns = 0;
	return job_save(job);
}
