/*
 * Waiting: the calls that block, made of those that do not. Everything else of the device goes on
 * meanwhile, other callbacks included.
 */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "lib/device/internal.h"

/* What the callback of a call that is waited for left behind. */
struct outcome {
	bool done;
	int status;
	uint16_t error;
	const char *step;
	struct qk_client *client;
	/* of qk_call_sync() */
	const struct qk_message *message;
	struct qk_arena *arena;
	void *response;
};

int qk_device_wait(struct qk_device *device, uint64_t limit_usec)
{
	struct pollfd fd = { .fd = device->epoll_fd, .events = POLLIN };
	uint64_t wait = qk_device_wait_usec(device);
	struct timespec ts;

	if (device->error)
		return device->error;
	if (limit_usec < wait)
		wait = limit_usec;
	ts.tv_sec = (time_t)(wait / 1000000U);
	ts.tv_nsec = (long)(wait % 1000000U) * 1000;
	if (ppoll(&fd, 1, wait == UINT64_MAX ? NULL : &ts, NULL) < 0)
		return -errno;
	return qk_device_process(device);
}

/* Waits for `outcome`, then drops `slot`, which cancels what is not done. */
static int wait_for(struct qk_device *device, struct outcome *outcome, struct qk_slot **slot)
{
	int r = 0;

	qk_device_ref(device);
	while (!outcome->done && r == 0)
		r = qk_device_wait(device, UINT64_MAX);
	*slot = qk_slot_free(*slot);
	qk_device_unref(device);
	return outcome->done ? outcome->status : r;
}

static int check_chain(struct qk_span tlvs)
{
	struct qk_cursor c = qk_cursor(tlvs);
	struct qk_tlv tlv;

	while (qk_cursor_tlv(&c, &tlv))
		;
	return c.error;
}

static void on_frame(struct qk_client *client, int status, const struct qk_frame *frame,
		     void *userdata)
{
	struct outcome *outcome = userdata;

	(void)client;
	if (status == 0 && outcome->response)
		status =
			qk_decode(outcome->message, frame->tlvs, outcome->arena, outcome->response);
	else if (status == 0)
		status = check_chain(frame->tlvs);
	outcome->status = status;
	outcome->done = true;
}

int qk_call_sync(struct qk_client *client, const struct qk_method *method, const void *request,
		 uint64_t timeout_usec, struct qk_arena *arena, void *response)
{
	struct qk_arena none = { 0 };
	struct qk_slot *slot = NULL;
	struct outcome outcome = {
		.message = method->response,
		.arena = arena ? arena : &none,
		.response = response,
	};
	const struct qk_call_options options = {
		.timeout_usec = timeout_usec,
		.userdata = &outcome,
		.ret_slot = &slot,
	};
	int r = qk_call_by(client, method, request, &options, on_frame);

	if (r < 0)
		return r;
	/* Without its client the call would end with no word. */
	qk_client_ref(client);
	r = wait_for(client->device, &outcome, &slot);
	qk_client_unref(client);
	return r;
}

static void on_done(struct qk_device *device, int status, uint16_t error, const char *step,
		    void *userdata)
{
	struct outcome *outcome = userdata;

	(void)device;
	outcome->status = status;
	outcome->error = error;
	outcome->step = step;
	outcome->done = true;
}

int qk_device_open_sync(struct qk_device *device, const struct qk_open_options *options,
			uint16_t *ret_error, const char **ret_step)
{
	struct outcome outcome = { .step = "open" };
	struct qk_slot *slot = NULL;
	int r = qk_device_open_slot(device, options, on_done, &outcome, &slot);

	if (r == 0)
		r = wait_for(device, &outcome, &slot);
	if (ret_error)
		*ret_error = outcome.error;
	if (ret_step)
		*ret_step = outcome.step;
	return r < 0 ? r : outcome.error;
}

static void on_client(struct qk_device *device, int status, uint16_t error,
		      struct qk_client *client, void *userdata)
{
	struct outcome *outcome = userdata;

	(void)device;
	outcome->status = status;
	outcome->error = error;
	outcome->client = client ? qk_client_ref(client) : NULL;
	outcome->done = true;
}

int qk_client_allocate_sync(struct qk_device *device, uint8_t service, uint64_t timeout_usec,
			    struct qk_client **ret)
{
	struct outcome outcome = { 0 };
	struct qk_slot *slot = NULL;
	int r = qk_client_allocate_slot(device, service, timeout_usec, on_client, &outcome, &slot);

	if (r == 0)
		r = wait_for(device, &outcome, &slot);
	if (r < 0)
		return r;
	if (outcome.client)
		*ret = outcome.client;
	return outcome.error;
}

int qk_client_release_sync(struct qk_client *client, uint64_t timeout_usec)
{
	struct outcome outcome = { 0 };
	struct qk_slot *slot = NULL;
	int r = qk_client_release_slot(client, timeout_usec, on_done, &outcome, &slot);

	if (r == 0)
		r = wait_for(client->device, &outcome, &slot);
	return r < 0 ? r : outcome.error;
}
