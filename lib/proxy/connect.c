/*
 * Finding the broker: where it may listen, whether it is to be trusted, and starting it.
 */
#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <qmikit/proxy.h>

#include "lib/proxy/start.h"

enum { PATIENCE_USEC = 5000000, RETRY_USEC = 10000, USEC_PER_SEC = 1000000 };

/* Whether whoever listens there is root or ourselves. Anybody may listen at an abstract name, and
 * would hear PINs. A path is as good as its folder. */
static bool is_trusted(const char *address, const struct qk_transport *transport)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (*address != '@')
		return true;
	if (getsockopt(qk_transport_fd(transport), SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	return peer.uid == 0 || peer.uid == geteuid();
}

static int connect_at(const char *address, struct qk_transport **ret)
{
	struct qk_transport *transport;
	int r = qk_transport_connect_unix(address, &transport);

	if (r < 0)
		return r == -ENOENT ? -ECONNREFUSED : r;
	if (!is_trusted(address, transport)) {
		qk_transport_free(transport);
		return -EPERM;
	}
	*ret = transport;
	return 0;
}

int qk_proxy_connect(const char *address, struct qk_transport **ret)
{
	int r, second;

	if (address)
		return connect_at(address, ret);
	r = connect_at(QK_PROXY_ADDRESS, ret);
	if (r != -ECONNREFUSED && r != -EPERM)
		return r;
	second = connect_at(QK_PROXY_SOCKET, ret);
	return second == -ECONNREFUSED ? r : second;
}

static uint64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / 1000;
}

/* Whether a later try may do better. */
static bool may_come(int error, bool started)
{
	return error == -EAGAIN || (error == -ECONNREFUSED && started);
}

int qk_proxy_connect_sync(const struct qk_proxy_connect_options *options, struct qk_transport **ret)
{
	static const struct qk_proxy_connect_options defaults;
	const struct timespec pause = { .tv_nsec = RETRY_USEC * 1000 };
	const struct qk_proxy_connect_options *o = options ? options : &defaults;
	uint64_t end = now_usec() + (o->timeout_usec ? o->timeout_usec : PATIENCE_USEC);
	bool start = o->start && !o->address;
	int r = qk_proxy_connect(o->address, ret);

	if (r == -ECONNREFUSED && start) {
		r = qk_start_program(o->program ? o->program : QK_PROXY_PROGRAM);
		if (r < 0)
			return r;
		r = qk_proxy_connect(NULL, ret);
	}
	while (may_come(r, start) && now_usec() < end) {
		nanosleep(&pause, NULL);
		r = qk_proxy_connect(o->address, ret);
	}
	return r;
}
