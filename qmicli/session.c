/*
 * Opening, calling, releasing, with signals that end the wait and not the tidying up.
 */
#include "session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include <qmikit/proxy.h>

static const char opening[] = "couldn't open the QmiDevice";

enum { TIDY_UP_USEC = 2000000, USEC_PER_SEC = 1000000 };

uint64_t session_timeout(const struct session *session)
{
	/* Once a signal came nobody wants to wait long. */
	if (session->signal)
		return TIDY_UP_USEC;
	return session->options->timeout_usec;
}

static void read_signal(struct session *session)
{
	struct signalfd_siginfo info;

	if (read(session->signal_fd, &info, sizeof(info)) == sizeof(info))
		session->signal = (int)info.ssi_signo;
}

static uint64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / 1000;
}

/* Waits until `wait` is done, and not beyond `end`. 0; -EINTR when a signal came; -ETIMEDOUT. */
static int await_until(struct session *session, const struct session_wait *wait, uint64_t end)
{
	while (!wait->done) {
		struct pollfd fds[] = {
			{ .fd = qk_device_fd(session->device), .events = POLLIN },
			{ .fd = session->signal_fd, .events = POLLIN },
		};
		uint64_t usec = qk_device_wait_usec(session->device), now = now_usec();

		if (now >= end)
			return -ETIMEDOUT;
		if (end != UINT64_MAX && end - now < usec)
			usec = end - now;

		struct timespec ts = {
			.tv_sec = (time_t)(usec / USEC_PER_SEC),
			.tv_nsec = (long)(usec % USEC_PER_SEC) * 1000,
		};

		if (ppoll(fds, 2, usec == UINT64_MAX ? NULL : &ts, NULL) < 0 && errno != EINTR)
			return -errno;
		if (fds[1].revents) {
			read_signal(session);
			return -EINTR;
		}

		int r = qk_device_process(session->device);

		/* A dead device has told everybody who waits. */
		if (r < 0 && !wait->done)
			return r;
	}
	return 0;
}

uint64_t session_deadline(uint64_t usec)
{
	uint64_t now = now_usec();

	return usec > UINT64_MAX - now ? UINT64_MAX : now + usec;
}

int session_wait(struct session *session, const struct session_wait *wait, uint64_t deadline)
{
	uint64_t soon = session->signal ? session_deadline(TIDY_UP_USEC) : UINT64_MAX;

	return await_until(session, wait, soon < deadline ? soon : deadline);
}

static int await(struct session *session, const struct session_wait *wait)
{
	return session_wait(session, wait, UINT64_MAX);
}

int session_interrupted(const struct session *session, struct failure *f)
{
	return failure_set(f, EXIT_SIGNAL + session->signal, "cancelled by %s",
			   strsignal(session->signal));
}

static void on_done(struct qk_device *device, int status, uint16_t error, const char *step,
		    void *userdata)
{
	struct session_wait *wait = userdata;

	(void)device;
	wait->done = true;
	wait->status = status;
	wait->error = error;
	snprintf(wait->step, sizeof(wait->step), "%s", step ? step : "");
}

int session_failed(const struct session *session, const char *doing, int error, struct failure *f)
{
	if (error != -EPIPE || !session->by_proxy)
		return failure_errno(f, doing, session->target->name, error);
	failure_hint(f, "try again in a minute; a data call that was started may be up");
	return failure_set(f, EXIT_GONE, "%s: %s: qmi-proxy or the modem hung up", doing,
			   session->target->name);
}

/* What a finished wait means. 0 or an exit code. */
static int judge(struct session *session, int r, const struct session_wait *wait, const char *doing,
		 struct failure *f)
{
	if (r == -EINTR)
		return session_interrupted(session, f);
	if (r >= 0)
		r = wait->status;
	if (r < 0)
		return session_failed(session, doing, r, f);
	return wait->error ? failure_refused(f, doing, wait->error) : 0;
}

static void on_proxy_open(struct qk_device *device, int status, uint16_t error,
			  const struct qk_proxy_opened *opened, void *userdata)
{
	struct session *session = userdata;
	struct qk_string why = opened ? opened->refusal : (struct qk_string){ 0 };

	on_done(device, status, error, NULL, &session->opening);
	snprintf(session->refusal, sizeof(session->refusal), "%.*s",
		 (int)(why.size < sizeof(session->refusal) ? why.size : 0),
		 why.data ? why.data : "");
}

/* A broker that says why it will not. */
static int proxy_refused(const struct session *session, struct failure *f)
{
	static const struct {
		uint16_t error;
		int code;
	} codes[] = {
		{ QK_ERROR_ACCESS_DENIED, EXIT_NOT_PERMITTED },
		{ QK_ERROR_DEVICE_IN_USE, EXIT_BUSY },
	};
	int code = EXIT_GONE;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].error == session->opening.error)
			code = codes[i].code;
	return failure_set(f, code, "%s: %s: qmi-proxy refuses it: %s", opening,
			   session->target->name, session->refusal);
}

/* A broker that hangs up before it has answered: it does not want this user, or libqmi's not this
 * path. */
static int proxy_hung_up(const struct session *session, struct failure *f)
{
	if (geteuid() != 0) {
		failure_hint(f, "run as root, or have your user added to the group that may use "
				"qmi-proxy");
		return failure_set(f, EXIT_NOT_PERMITTED, "%s: %s: qmi-proxy does not let you in",
				   opening, session->target->name);
	}
	failure_hint(f, "is it a modem? --device-open-direct asks without qmi-proxy");
	return failure_set(f, EXIT_GONE, "%s: %s: qmi-proxy refuses it", opening,
			   session->target->name);
}

/* Tells the proxy which device is meant. */
static int ask_proxy(struct session *session, struct failure *f)
{
	int r;

	session->opening = (struct session_wait){ 0 };
	r = qk_proxy_open(session->device, session->target->name, NULL, session_timeout(session),
			  on_proxy_open, session);
	if (r == 0)
		r = await(session, &session->opening);
	if (r == 0)
		r = session->opening.status;
	if (r == -EPIPE || r == -ENODEV)
		return proxy_hung_up(session, f);
	if (r == 0 && session->opening.error && *session->refusal)
		return proxy_refused(session, f);
	return judge(session, r, &session->opening, "couldn't open the QmiDevice through qmi-proxy",
		     f);
}

/* No broker, though one was asked for. */
static int no_proxy(const struct session *session, int error, struct failure *f)
{
	failure_hint(f, error == -EPERM ? "the program that listens there is not root's: stop it"
					: "start qmi-proxy, or leave --device-open-proxy away");
	return failure_set(f, error == -EPERM ? EXIT_NOT_PERMITTED : EXIT_GONE,
			   "%s: %s: no qmi-proxy answers: %s", opening, session->target->name,
			   strerror(-error));
}

/* Through the proxy, when it is wanted or when one runs. 0 or an exit code; without a device and
 * with 0 it is to be opened directly. */
static int open_proxy(struct session *session, const struct qk_device_hooks *hooks,
		      struct failure *f)
{
	bool wanted = session->options->open_proxy;
	struct qk_transport *transport;
	struct failure ignored = { 0 };
	int r;

	if (session->target->kind != TARGET_PATH && wanted)
		return failure_set(f, EXIT_USAGE, "%s: %s: qmi-proxy shares paths alone", opening,
				   session->target->name);
	if (session->target->kind != TARGET_PATH || session->options->open_direct)
		return 0;
	r = target_open_proxy(wanted, &transport);
	if (r < 0)
		return wanted ? no_proxy(session, r, f) : 0;
	r = qk_device_new(transport, hooks, &session->device);
	if (r < 0)
		return failure_errno(f, opening, session->target->name, r);
	r = ask_proxy(session, wanted ? f : &ignored);
	if (r && !session->signal && !wanted) {
		/* A proxy that does not want us is no reason to fail when nobody asked for it. */
		session->device = qk_device_unref(session->device);
		return 0;
	}
	session->by_proxy = r == 0;
	if (session->signal)
		return session_interrupted(session, f);
	return r;
}

static struct qk_open_options open_options(const struct session *session)
{
	const struct options *o = session->options;
	struct qk_open_options open = {
		.version_info = o->open_version_info,
		.sync = o->open_sync,
		.timeout_usec = session_timeout(session),
	};

	if (o->net_flags) {
		open.data_format = o->net_flags & OPEN_NET_QOS ? 2 : 1;
		open.link_protocol = o->net_flags & OPEN_NET_RAW_IP ? 2 : 1;
	}
	return open;
}

static int catch_signals(struct session *session)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &session->old_mask);
	session->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	return session->signal_fd < 0 ? -errno : 0;
}

int session_open(struct session *session, const struct options *options,
		 const struct target *target, const struct qk_device_hooks *hooks,
		 struct failure *failure)
{
	struct qk_open_options open;
	struct qk_transport *transport;
	int r;

	*session = (struct session){ .options = options, .target = target, .signal_fd = -1 };
	r = catch_signals(session);
	if (r < 0)
		return failure_errno(failure, opening, target->name, r);
	r = open_proxy(session, hooks, failure);
	if (r)
		return r;
	if (!session->device) {
		r = target_open(target, &transport, failure);
		if (r)
			return r;
		r = qk_device_new(transport, hooks, &session->device);
		if (r < 0)
			return failure_errno(failure, opening, target->name, r);
	}
	open = open_options(session);
	if (!open.version_info && !open.sync && !open.data_format)
		return 0;
	session->opening = (struct session_wait){ 0 };
	r = qk_device_open(session->device, &open, on_done, &session->opening);
	if (r == 0)
		r = await(session, &session->opening);
	return judge(session, r, &session->opening, opening, failure);
}

static struct qk_client *find_client(const struct session *session, uint8_t service)
{
	if (service == QK_SERVICE_CTL)
		return qk_device_ctl(session->device);
	for (size_t i = 0; i < SESSION_CLIENTS && session->clients[i]; i++)
		if (qk_client_service(session->clients[i]) == service)
			return session->clients[i];
	return NULL;
}

/* Takes over a reference. Every service has at most one client: the room is enough. */
static void keep_client(struct session *session, struct qk_client *take_client)
{
	for (size_t i = 0; i < SESSION_CLIENTS; i++) {
		if (!session->clients[i]) {
			session->clients[i] = take_client;
			return;
		}
	}
	qk_client_unref(take_client);
}

static void on_client(struct qk_device *device, int status, uint16_t error,
		      struct qk_client *client, void *userdata)
{
	struct session *session = userdata;

	on_done(device, status, error, NULL, &session->allocating);
	if (client)
		keep_client(session, qk_client_ref(client));
}

static int allocate(struct session *session, uint8_t service, struct failure *f)
{
	char doing[96];
	int r;

	snprintf(doing, sizeof(doing), "couldn't create client for the '%s' service",
		 qk_service_name(service));
	session->allocating = (struct session_wait){ 0 };
	r = qk_client_allocate(session->device, service, session_timeout(session), on_client,
			       session);
	if (r == 0)
		r = await(session, &session->allocating);
	/* The modem may give out an id all the same: wait for it, to give it back. */
	if (r == -EINTR)
		(void)await(session, &session->allocating);
	return judge(session, r, &session->allocating, doing, f);
}

int session_client(struct session *session, uint8_t service, struct qk_client **ret,
		   struct failure *failure)
{
	const struct options *options = session->options;
	int r = 0;

	*ret = find_client(session, service);
	if (*ret)
		return 0;
	if (options->cid && service == options->actions[0].service->id) {
		struct qk_client *client;

		r = qk_client_adopt(session->device, service, options->cid, &client);
		if (r < 0)
			return failure_set(failure, EXIT_USAGE, "invalid CID given '%s'",
					   options->client_cid);
		keep_client(session, client);
	} else {
		r = allocate(session, service, failure);
	}
	*ret = find_client(session, service);
	return r;
}

void session_each_client(const struct session *session,
			 void (*fn)(const struct session *session, struct qk_client *client,
				    void *userdata),
			 void *userdata)
{
	for (size_t i = 0; i < SESSION_CLIENTS && session->clients[i]; i++)
		fn(session, session->clients[i], userdata);
}

static void release(struct session *session, struct qk_client *client, struct failure *f)
{
	int r;

	session->releasing = (struct session_wait){ 0 };
	r = qk_client_release(client, session_timeout(session), on_done, &session->releasing);
	if (r == 0)
		r = await(session, &session->releasing);
	/* One signal is to end the action; the id is given back, until somebody insists. */
	if (r == -EINTR)
		r = -ECANCELED;
	(void)judge(session, r, &session->releasing, "couldn't release client", f);
}

void session_close(struct session *session, struct failure *ret_failure)
{
	for (size_t i = 0; i < SESSION_CLIENTS && session->clients[i]; i++) {
		struct failure failure = { 0 };

		if (!session->options->no_release && !session->gone)
			release(session, session->clients[i], &failure);
		if (failure.code && !ret_failure->code)
			*ret_failure = failure;
		session->clients[i] = qk_client_unref(session->clients[i]);
	}
	session->device = qk_device_unref(session->device);
	if (session->signal_fd >= 0)
		close(session->signal_fd);
	sigprocmask(SIG_SETMASK, &session->old_mask, NULL);
}
