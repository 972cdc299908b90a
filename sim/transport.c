/*
 * Transport: frames go into the modem at once, what it says waits in a queue (see transport.h).
 */
#include "transport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "queue.h"
#include "sim.h"

struct local {
	struct qk_sim_profile *profile;
	struct qk_sim *sim;
	struct qk_sim_port *port;
	struct qk_sim_queue queue;
	bool hung_up;
};

static uint64_t now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void on_bytes(void *userdata, struct qk_span bytes)
{
	struct local *local = userdata;

	qk_sim_queue_put(&local->queue, bytes);
}

static void on_hang_up(void *userdata)
{
	struct local *local = userdata;

	local->hung_up = true;
}

static int local_send(void *self, struct qk_span frame)
{
	struct local *local = self;

	if (local->hung_up)
		return -EPIPE;
	qk_sim_advance(local->sim, now_usec());
	qk_sim_input(local->port, frame);
	return 0;
}

static int local_receive(void *self, uint8_t *buffer, size_t size)
{
	struct local *local = self;

	qk_sim_advance(local->sim, now_usec());
	struct qk_span waiting = qk_sim_queue_waiting(&local->queue);
	if (!waiting.size)
		return local->hung_up ? 0 : -EAGAIN;
	if (waiting.size > size)
		waiting.size = size;
	memcpy(buffer, waiting.data, waiting.size);
	qk_sim_queue_drop(&local->queue, waiting.size);
	return (int)waiting.size;
}

static int local_fd(void *self)
{
	(void)self;
	return -1;
}

static uint64_t local_wait_usec(void *self)
{
	const struct local *local = self;

	if (local->hung_up || qk_sim_queue_waiting(&local->queue).size)
		return 0;
	uint64_t next = qk_sim_next_usec(local->sim), now = now_usec();
	if (next == QK_SIM_NEVER)
		return UINT64_MAX;
	return next > now ? next - now : 0;
}

static void local_close(void *self)
{
	struct local *local = self;

	qk_sim_free(local->sim);
	qk_sim_profile_free(local->profile);
	qk_sim_queue_done(&local->queue);
	free(local);
}

static const struct qk_transport_ops local_ops = {
	.send = local_send,
	.receive = local_receive,
	.fd = local_fd,
	.wait_usec = local_wait_usec,
	.close = local_close,
};

/* Splits "PROFILE@SEED"; an '@' before anything but digits belongs to the profile's path. */
static uint64_t split_seed(char *profile)
{
	char *at = strrchr(profile, '@');

	if (!at || !at[1] || at[1 + strspn(at + 1, "0123456789")])
		return 1;
	*at = 0;
	return strtoull(at + 1, NULL, 10);
}

static int open_local(struct local *local, const char *profile, char *error, size_t error_size)
{
	static const struct qk_sim_sink sink = { on_bytes, on_hang_up };
	char name[4096];

	if (strlen(profile) >= sizeof(name)) {
		snprintf(error, error_size, "the name of the profile is too long");
		return -ENAMETOOLONG;
	}
	memcpy(name, profile, strlen(profile) + 1);
	uint64_t seed = split_seed(name);
	int r = qk_sim_profile_load(name, &local->profile, error, error_size);
	if (r < 0)
		return r;
	r = qk_sim_new(local->profile, seed, now_usec(), &local->sim);
	if (r == 0)
		r = qk_sim_attach(local->sim, &sink, local, &local->port);
	if (r < 0)
		snprintf(error, error_size, "%s", strerror(-r));
	return r;
}

int qk_sim_transport_open(const char *profile, struct qk_transport **ret, char *error,
			  size_t error_size)
{
	struct local *local = calloc(1, sizeof(*local));
	char name[128];

	if (!local) {
		snprintf(error, error_size, "out of memory");
		return -ENOMEM;
	}
	int r = open_local(local, profile ? profile : "", error, error_size);
	if (r < 0) {
		local_close(local);
		return r;
	}
	snprintf(name, sizeof(name), "sim:%s", local->profile->name);
	r = qk_transport_new(&local_ops, local, name, ret);
	if (r < 0)
		snprintf(error, error_size, "%s", strerror(-r));
	return r;
}
