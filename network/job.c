/*
 * What several steps need of a job.
 */
#include "job.h"

#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <qmikit/ports.h>

#include "netdev/link.h"

/* A name that a state file can hold, too. */
static bool is_name(const char *name)
{
	return qk_link_name_is_valid(name) && !strpbrk(name, "\"$`\\");
}

int job_find_interface(struct job *job)
{
	const char *given = job->options->interface;
	char path[PATH_MAX];
	struct qk_port *ports;
	size_t count;

	*job->interface = 0;
	if (given && !is_name(given))
		return failure_set(job->failure, EXIT_USAGE,
				   "--interface: '%s' is no name of an interface", given);
	if (given) {
		snprintf(job->interface, sizeof(job->interface), "%s", given);
		return 0;
	}
	/* Somebody may have made a symlink that keeps its name. */
	if (!realpath(job->options->device, path) || qk_ports_list(NULL, &ports, &count) < 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (!strcmp(ports[i].path, path) && is_name(ports[i].interface))
			snprintf(job->interface, sizeof(job->interface), "%.15s",
				 ports[i].interface);
	qk_ports_free(ports);
	return 0;
}

void job_node(const struct job *job, char *ret, size_t size)
{
	struct stat st;

	/* An inode number of devtmpfs is not used twice. */
	if (stat(job->options->device, &st) < 0)
		*ret = 0;
	else
		snprintf(ret, size, "%llx.%llx.%llx", (unsigned long long)st.st_dev,
			 (unsigned long long)st.st_ino, (unsigned long long)st.st_rdev);
}

int job_open_quietly(struct job *job)
{
	enum modem_way way = MODEM_BY_PROXY_IF_RUNNING;

	if (job->modem.device)
		return 0;
	/* A broker shares nodes alone. */
	if (job->config->no_proxy || *job->options->device != '/')
		way = MODEM_DIRECTLY;
	if (job->config->use_proxy)
		way = MODEM_BY_PROXY;
	job->modem.signals = job->signals;
	job->modem.timeout_usec = job->options->timeout_usec;
	return modem_open(&job->modem, job->options->device, way);
}

/* Why a broker that was asked for did not open the port; 0 when there is no more to say of it. */
static int proxy_refused(struct job *job, int error)
{
	const char *device = job->options->device;

	if (error > 0 && *job->modem.refusal)
		return failure_set(job->failure, EXIT_NO_CLIENT,
				   "couldn't open %s: qmi-proxy refuses it: %s", device,
				   job->modem.refusal);
	/* It does not want this user, or libqmi's not this path. */
	if (error == -EPIPE || error == -ENODEV)
		return failure_set(job->failure, EXIT_NO_CLIENT,
				   "couldn't open %s: qmi-proxy refuses it; is it a modem, and may "
				   "you use it? root and the members of its group may",
				   device);
	return 0;
}

int job_open(struct job *job)
{
	char doing[300];
	int r = job_open_quietly(job);

	if (r == 0)
		return 0;
	if (job->config->use_proxy && !job->signals->caught && proxy_refused(job, r))
		return job->failure->code;
	snprintf(doing, sizeof(doing), "couldn't open %.200s%s", job->options->device,
		 job->config->use_proxy ? " through qmi-proxy" : "");
	return job_fail(job, EXIT_NO_CLIENT, doing, r);
}

int job_open_netlink(struct job *job)
{
	int r = job->netlink ? 0 : qk_netlink_open(NETLINK_ROUTE, &job->netlink);

	return r < 0 ? job_fail(job, EXIT_HOST, "couldn't open netlink", r) : 0;
}

int job_fail(struct job *job, int code, const char *doing, int error)
{
	if (job->signals->caught)
		return failure_set(job->failure, EXIT_SIGNAL + job->signals->caught,
				   "cancelled by %s", strsignal(job->signals->caught));
	return failure_from(job->failure, code, doing, error);
}

void job_say(const struct job *job, const char *format, ...)
{
	va_list args;

	if (job->quiet)
		return;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

void job_note(const char *format, ...)
{
	va_list args;

	fputs("note: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int job_save(struct job *job)
{
	job_node(job, job->state.node, sizeof(job->state.node));
	return store_save(job->store, &job->state, job->failure);
}

int job_save_key(struct job *job, const char *key, uint32_t value)
{
	job_say(job, "Saving state at %s... (%s: %u)", job->store->path, key, value);
	return job_save(job);
}

void job_done(struct job *job)
{
	for (unsigned int i = 0; i < CALLS; i++)
		job->clients[i] = qk_client_unref(job->clients[i]);
	modem_close(&job->modem);
	job->netlink = qk_netlink_free(job->netlink);
}
