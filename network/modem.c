/*
 * Opening, asking, releasing; a wait ends with an answer, its deadline or a signal.
 */
#include "modem.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <qmikit/proxy.h>

#include "failure.h"

/* Once a signal came nobody wants to wait long: for the end of what was under way, and for each
 * thing that is tidied up. */
enum { TIDY_UP_USEC = 3000000, USEC_PER_SEC = 1000000 };

/* A question, and what is to be told of the answer. */
struct question {
	struct modem_wait *wait;
	modem_answer_fn fn;
	void *userdata;
};

static struct modem_wait *take_wait(struct modem *modem)
{
	for (unsigned int i = 0; i < MODEM_WAITS; i++) {
		if (modem->waits[i].used)
			continue;
		modem->waits[i] = (struct modem_wait){ .used = true };
		return &modem->waits[i];
	}
	return NULL;
}

/* Passes `result` on; whoever ends it later finds that nobody waits. */
static int drop_wait(struct modem_wait *wait, int result)
{
	wait->abandoned = !wait->done;
	wait->used = !wait->done;
	return result;
}

static uint64_t timeout_of(const struct modem *modem, uint64_t usec)
{
	usec = usec ? usec : modem->timeout_usec;
	return modem->signals->caught && usec > TIDY_UP_USEC ? TIDY_UP_USEC : usec;
}

static uint64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / 1000;
}

/* Sleeps until the device or, if `signal` is to be heard, a signal has something. */
static int sleep_until(struct modem *modem, bool signal, uint64_t usec)
{
	struct pollfd fds[] = {
		{ .fd = qk_device_fd(modem->device), .events = POLLIN },
		{ .fd = signal ? modem->signals->fd : -1, .events = POLLIN },
	};
	struct timespec ts = {
		.tv_sec = (time_t)(usec / USEC_PER_SEC),
		.tv_nsec = (long)(usec % USEC_PER_SEC) * 1000,
	};

	if (ppoll(fds, 2, usec == UINT64_MAX ? NULL : &ts, NULL) < 0 && errno != EINTR)
		return -errno;
	return fds[1].revents && signals_came(modem->signals) ? -EINTR : 0;
}

/* Waits until `wait` is done, a signal comes if `signal` is to be heard, or `limit_usec` is over. */
static int await(struct modem *modem, struct modem_wait *wait, bool signal, uint64_t limit_usec)
{
	uint64_t end = limit_usec == UINT64_MAX ? UINT64_MAX : now_usec() + limit_usec;

	while (!wait->done) {
		uint64_t now = now_usec(), usec = qk_device_wait_usec(modem->device);
		int r;

		if (end != UINT64_MAX && now >= end)
			return -ETIMEDOUT;
		if (end != UINT64_MAX && end - now < usec)
			usec = end - now;
		r = sleep_until(modem, signal, usec);
		if (r == 0)
			r = qk_device_process(modem->device);
		/* A dead device has told everybody who waits. */
		if (r < 0 && !wait->done)
			return r;
	}
	return wait->result;
}

/* The same for what changes the modem: when a signal comes, how it ends is waited for a little
 * longer, so that it can be undone. */
static int await_end(struct modem *modem, struct modem_wait *wait)
{
	bool before = modem->signals->caught;
	int r = await(modem, wait, !before, UINT64_MAX);

	if (r == -EINTR && !before && !wait->done)
		(void)await(modem, wait, false, TIDY_UP_USEC);
	return r == -EINTR && !before ? -EINTR : r;
}

static void on_done(struct qk_device *device, int status, uint16_t error, const char *step,
		    void *userdata)
{
	struct modem_wait *wait = userdata;

	(void)device;
	(void)step;
	wait->done = true;
	wait->used = !wait->abandoned;
	wait->result = status < 0 ? status : error;
}

/* What the broker is asked, and who is told. */
struct opening {
	struct modem *modem;
	struct modem_wait *wait;
};

static void on_opened(struct qk_device *device, int status, uint16_t error,
		      const struct qk_proxy_opened *opened, void *userdata)
{
	const struct opening *opening = userdata;
	struct qk_string why = opened ? opened->refusal : (struct qk_string){ 0 };
	size_t room = sizeof(opening->modem->refusal);

	on_done(device, status, error, NULL, opening->wait);
	snprintf(opening->modem->refusal, room, "%.*s", (int)(why.size < room ? why.size : 0),
		 why.data ? why.data : "");
}

static int open_directly(struct modem *modem, const char *path)
{
	struct qk_transport *transport;
	int r = qk_transport_open(path, &transport);

	return r < 0 ? r : qk_device_new(transport, NULL, &modem->device);
}

/* Connects to the broker. One that is to be started is that beside this program, where the two were
 * built or unpacked together, or else the installed one. */
static int connect_proxy(bool start, struct qk_transport **ret)
{
	static const char *const places[] = { "../proxy/qmi-proxy", "qmi-proxy" };
	struct qk_proxy_connect_options options = {
		.address = secure_getenv("QMI_PROXY_SOCKET"),
		.start = start,
	};
	char own[PATH_MAX], path[PATH_MAX + 32];
	ssize_t size = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *slash;

	own[size < 0 ? 0 : size] = 0;
	slash = strrchr(own, '/');
	for (size_t i = 0; start && slash && !options.program && i < 2; i++) {
		snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - own), own, places[i]);
		if (access(path, X_OK) == 0)
			options.program = path;
	}
	return qk_proxy_connect_sync(&options, ret);
}

static int open_by_proxy(struct modem *modem, const char *path, bool start)
{
	struct modem_wait *wait = take_wait(modem);
	struct opening opening = { modem, wait };
	struct qk_transport *transport;
	int r = connect_proxy(start, &transport);

	if (r == 0)
		r = qk_device_new(transport, NULL, &modem->device);
	if (r == 0)
		r = qk_proxy_open(modem->device, path, NULL, timeout_of(modem, 0), on_opened,
				  &opening);
	if (r == 0)
		r = await(modem, wait, true, UINT64_MAX);
	/* Whatever is still under way ends with the device, which was not used for anything yet. */
	*wait = (struct modem_wait){ 0 };
	if (r)
		modem->device = qk_device_unref(modem->device);
	return r;
}

int modem_open(struct modem *modem, const char *path, enum modem_way way)
{
	int r;

	if (way != MODEM_DIRECTLY) {
		r = open_by_proxy(modem, path, way == MODEM_BY_PROXY);
		if (r == 0 || r == -EINTR || way == MODEM_BY_PROXY)
			return r;
		/* A broker that does not want us is no reason to fail: nobody asked for it. */
	}
	return open_directly(modem, path);
}

void modem_close(struct modem *modem)
{
	modem->device = qk_device_unref(modem->device);
}

static void on_client(struct qk_device *device, int status, uint16_t error,
		      struct qk_client *client, void *userdata)
{
	struct modem_wait *wait = userdata;

	/* A client that nobody keeps is released. */
	if (client && !wait->abandoned)
		wait->client = qk_client_ref(client);
	on_done(device, status, error, NULL, wait);
}

int modem_allocate(struct modem *modem, uint8_t service, struct qk_client **ret)
{
	struct modem_wait *wait = take_wait(modem);
	struct qk_client *client;
	int r;

	if (!wait)
		return -EBUSY;
	r = qk_client_allocate(modem->device, service, timeout_of(modem, 0), on_client, wait);
	if (r < 0) {
		*wait = (struct modem_wait){ 0 };
		return r;
	}
	r = await_end(modem, wait);
	client = wait->client;
	drop_wait(wait, r);
	if (r == 0)
		*ret = client;
	else
		(void)!modem_release(modem, client);
	return r;
}

int modem_adopt(struct modem *modem, uint8_t service, uint8_t id, struct qk_client **ret)
{
	return qk_client_adopt(modem->device, service, id, ret);
}

int modem_release(struct modem *modem, struct qk_client *take_client)
{
	struct modem_wait *wait;
	int r;

	if (!take_client)
		return 0;
	wait = take_wait(modem);
	r = wait ? qk_client_release(take_client, timeout_of(modem, 0), on_done, wait) : -EBUSY;
	if (r == 0)
		r = drop_wait(wait, await_end(modem, wait));
	else if (wait)
		*wait = (struct modem_wait){ 0 };
	qk_client_unref(take_client);
	return r;
}

static void on_response(struct qk_client *client, int status, const void *response, void *userdata)
{
	const struct qk_response *answer = response;
	const struct question *question = userdata;

	(void)client;
	question->wait->done = true;
	question->wait->result = status;
	if (status < 0)
		return;
	if (!answer->has_result)
		question->wait->result = -EBADMSG;
	else if (answer->result.status)
		question->wait->result =
			answer->result.error ? answer->result.error : QK_ERROR_INTERNAL;
	if (question->fn)
		question->fn(response, question->userdata);
}

int modem_ask(struct modem *modem, struct qk_client *client, const struct qk_method *method,
	      const void *request, uint64_t timeout_usec, modem_answer_fn fn, void *userdata)
{
	struct modem_wait wait = { 0 };
	struct question question = { &wait, fn, userdata };
	struct qk_slot *slot = NULL;
	struct qk_call_options options = {
		.timeout_usec = timeout_of(modem, timeout_usec),
		.userdata = &question,
		.ret_slot = &slot,
	};
	int r = qk_call(client, method, request, &options, on_response);

	if (r == 0)
		r = await_end(modem, &wait);
	qk_slot_free(slot); /* its end will not come any more */
	return r;
}
