/*
 * Device: one open modem. Its life, its one descriptor, its one deadline, its one process() call.
 *
 * `refs` counts those who want it: its users, their clients, their slots. When nobody does any more
 * its calls end at once; its memory goes when no callback of it is on the stack.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "lib/device/internal.h"

/* Frames handled in one process() call, so that a modem that floods us stops no one else. */
#define FRAMES_A_TURN 64
#define LOG_LINE_MAX 256

uint64_t qk_device_now(const struct qk_device *device)
{
	struct timespec ts;

	if (device->hooks.now_usec)
		return device->hooks.now_usec(device->hooks.userdata);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000U + (uint64_t)ts.tv_nsec / 1000U;
}

void qk_device_log(const struct qk_device *device, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list args;
	int used;

	/* Whoever dropped the device may have dropped the hooks' userdata too. */
	if (!device->hooks.log || device->refs == 0)
		return;
	used = snprintf(line, sizeof(line), "%.100s: ", qk_transport_name(device->transport));
	va_start(args, format);
	vsnprintf(line + used, sizeof(line) - (size_t)used, format, args);
	va_end(args);
	device->hooks.log(device->hooks.userdata, line);
}

const char *qk_device_service_label(uint8_t service, char buffer[16])
{
	const char *name = qk_service_name(service);

	if (name)
		return name;
	snprintf(buffer, 16, "service 0x%02x", service);
	return buffer;
}

/* The part of epoll. */

static int poll_transport(struct qk_device *device, int operation)
{
	int fd = qk_transport_fd(device->transport);
	struct epoll_event event = { .events = EPOLLIN };

	if (fd < 0)
		return 0;
	if (device->polls_write)
		event.events |= EPOLLOUT;
	if (epoll_ctl(device->epoll_fd, operation, fd, &event) < 0)
		return errno == EPERM ? -ENOTTY : -errno; /* nothing one can poll */
	return 0;
}

static void poll_as_needed(struct qk_device *device)
{
	bool wants = qk_transport_wants_write(device->transport);

	if (wants == device->polls_write)
		return;
	device->polls_write = wants;

	int r = poll_transport(device, EPOLL_CTL_MOD);

	if (r < 0 && !device->send_error)
		device->send_error = r;
}

/* Life. */

static void free_device(struct qk_device *device)
{
	qk_slots_sweep(device);
	qk_transport_free(device->transport);
	if (device->epoll_fd >= 0)
		close(device->epoll_fd);
	free(device->scratch.base);
	free(device->send_buffer);
	free(device);
}

int qk_device_new(struct qk_transport *take_transport, const struct qk_device_hooks *hooks,
		  struct qk_device **ret)
{
	struct qk_device *device;
	int r;

	if (!take_transport)
		return -EINVAL;
	device = calloc(1, sizeof(*device));
	if (!device) {
		qk_transport_free(take_transport);
		return -ENOMEM;
	}
	device->refs = 1;
	device->transport = take_transport;
	if (hooks)
		device->hooks = *hooks;
	device->ctl = (struct qk_client){ .device = device, .service = QK_SERVICE_CTL };
	device->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	r = device->epoll_fd < 0 ? -errno : poll_transport(device, EPOLL_CTL_ADD);
	if (r < 0) {
		free_device(device);
		return r;
	}
	*ret = device;
	return 0;
}

struct qk_device *qk_device_ref(struct qk_device *device)
{
	device->refs++;
	return device;
}

struct qk_device *qk_device_unref(struct qk_device *device)
{
	if (!device || --device->refs > 0)
		return NULL;

	/* Whatever the destroy functions do, they do not free it a second time. */
	device->dispatching++;
	device->refs++;
	qk_slots_cancel(device, NULL);
	device->refs--;
	device->dispatching--;
	if (device->refs == 0 && device->dispatching == 0)
		free_device(device);
	return NULL;
}

const char *qk_device_name(const struct qk_device *device)
{
	return qk_transport_name(device->transport);
}

int qk_device_fd(const struct qk_device *device)
{
	return device->epoll_fd;
}

uint64_t qk_device_wait_usec(const struct qk_device *device)
{
	uint64_t wait, now;

	if (device->error)
		return UINT64_MAX;
	if (device->more || device->send_error)
		return 0;
	wait = qk_transport_wait_usec(device->transport);
	if (device->due && device->due->deadline != UINT64_MAX) {
		now = qk_device_now(device);
		if (device->due->deadline <= now)
			return 0;
		if (device->due->deadline - now < wait)
			wait = device->due->deadline - now;
	}
	return wait;
}

struct qk_device_stats qk_device_stats(const struct qk_device *device)
{
	struct qk_device_stats stats = device->stats;

	stats.transport = qk_transport_stats(device->transport);
	return stats;
}

struct qk_client *qk_device_ctl(struct qk_device *device)
{
	return &device->ctl;
}

/* Work. */

int qk_device_send(struct qk_device *device, const struct qk_frame *frame, size_t size)
{
	struct qk_span bytes = { device->send_buffer, size };
	int r = qk_transport_send(device->transport, bytes);

	if (r == -ENOBUFS)
		return -EAGAIN;
	if (r == -EMSGSIZE)
		return r;
	if (r < 0) {
		/* What has arrived already is still worth reading: process() ends the device. */
		device->send_error = r;
		return -ENODEV;
	}
	if (device->hooks.trace)
		device->hooks.trace(device->hooks.userdata, true, frame, bytes);
	poll_as_needed(device);
	return 0;
}

/* Whether somebody still wants it, and it lives. */
static bool is_in_use(const struct qk_device *device)
{
	return device->refs > 0 && !device->error;
}

static void log_skipped(const struct qk_device *device, const struct qk_transport_stats *before)
{
	struct qk_transport_stats now = qk_transport_stats(device->transport);
	uint64_t bytes = now.skipped_bytes - before->skipped_bytes;
	uint64_t frames = now.bad_frames - before->bad_frames;

	if (bytes > 0 || frames > 0)
		qk_device_log(device, "skipped %llu bytes that are no frame (broken frames: %llu)",
			      (unsigned long long)bytes, (unsigned long long)frames);
}

/* Reads and dispatches what has arrived. 0, or what ended the transport. */
static int receive(struct qk_device *device)
{
	struct qk_transport_stats before = qk_transport_stats(device->transport);
	struct qk_frame frame;
	struct qk_span bytes;
	int r = 0;

	device->more = true;
	for (unsigned int i = 0; i < FRAMES_A_TURN && is_in_use(device); i++) {
		r = qk_transport_receive(device->transport, &frame, &bytes);
		if (r <= 0) {
			device->more = false;
			break;
		}
		if (device->hooks.trace)
			device->hooks.trace(device->hooks.userdata, false, &frame, bytes);
		qk_device_dispatch(device, &frame);
	}
	log_skipped(device, &before);
	return r < 0 ? r : 0;
}

static void expire(struct qk_device *device)
{
	uint64_t now = qk_device_now(device);

	while (is_in_use(device) && device->due && device->due->deadline <= now) {
		struct qk_slot *slot = device->due;

		if (slot->kind == SLOT_DEFERRED) {
			qk_slot_finish(slot, 0, NULL, NULL);
			continue;
		}
		device->stats.timeouts++;
		qk_call_abandon(slot);
		qk_slot_finish(slot, -ETIMEDOUT, NULL, NULL);
	}
}

static void die(struct qk_device *device, int error)
{
	int fd = qk_transport_fd(device->transport);

	device->error = error;
	device->more = false;
	/* A descriptor that hung up is readable for ever. */
	if (fd >= 0)
		epoll_ctl(device->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	while (device->calls)
		qk_slot_finish(device->calls, error, NULL, NULL);
}

static int process(struct qk_device *device)
{
	int r;

	r = qk_transport_flush(device->transport);
	if (r < 0 && !device->send_error)
		device->send_error = r;
	r = receive(device);
	if (is_in_use(device))
		expire(device);
	if (!is_in_use(device))
		return device->error;
	if (r == 0 && !device->more)
		r = device->send_error;
	if (r < 0)
		die(device, r);
	else
		poll_as_needed(device);
	return r;
}

int qk_device_error(const struct qk_device *device)
{
	return device->error;
}

int qk_device_reconnect(struct qk_device *device, struct qk_transport *take_transport)
{
	int r;

	if (!take_transport)
		return -EINVAL;
	if (!device->error || device->dispatching > 0) {
		qk_transport_free(take_transport);
		return device->error ? -EBUSY : -EISCONN;
	}
	qk_transport_free(device->transport);
	device->transport = take_transport;
	device->polls_write = false;
	r = poll_transport(device, EPOLL_CTL_ADD);
	if (r < 0)
		return r;
	/* Answers of the former connection come no more. */
	memset(device->abandoned, 0, sizeof(device->abandoned));
	device->error = device->send_error = 0;
	return 0;
}

int qk_device_process(struct qk_device *device)
{
	int r;

	if (device->error)
		return device->error;
	device->dispatching++;
	r = process(device);
	device->dispatching--;
	if (device->dispatching > 0)
		return r;
	if (device->refs == 0)
		free_device(device);
	else
		qk_slots_sweep(device);
	return r;
}
