/*
 * Port watch: an epoll descriptor within the loop's, and the earliest of all deadlines, looked up before each wait.
 */
#include "port-watch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <utlist.h>

enum { READY_MAX = 64 };

struct port_watch {
	sd_event *event;
	int epoll_fd;
	sd_event_source *io, *timer;
	uint64_t wakes_at;             /* by the timer; UINT64_MAX: never */
	struct watched *list, *coming; /* those that are looked at next while some are processed */
};

/* Which of them have something to read. What does not fit is told of again. */
static void mark_ready(struct port_watch *watch)
{
	struct epoll_event events[READY_MAX];
	int count = epoll_wait(watch->epoll_fd, events, READY_MAX, 0);

	for (int i = 0; i < count; i++) {
		struct watched *watched = events[i].data.ptr;

		watched->ready = true;
	}
}

static void process_all(struct port_watch *watch)
{
	for (watch->coming = watch->list; watch->coming;) {
		struct watched *watched = watch->coming;

		watch->coming = watched->next;
		if (!watched->ready && qk_device_wait_usec(watched->device) > 0)
			continue;
		watched->ready = false;
		watched->process(watched->userdata);
	}
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source, (void)fd, (void)events;
	mark_ready(userdata);
	process_all(userdata);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct port_watch *watch = userdata;

	(void)source, (void)usec;
	watch->wakes_at = UINT64_MAX;
	process_all(watch);
	return 0;
}

/* Before each wait of the loop: when the first device wants to be woken. A timer that is early is left alone, as
 * waking up once in vain costs less than setting it for each frame. */
static int before_wait(sd_event_source *source, void *userdata)
{
	struct port_watch *watch = userdata;
	uint64_t now, wait = UINT64_MAX;
	struct watched *watched;
	int r;

	(void)source;
	DL_FOREACH(watch->list, watched) {
		uint64_t its = qk_device_wait_usec(watched->device);

		wait = its < wait ? its : wait;
	}
	if (wait == UINT64_MAX) {
		watch->wakes_at = UINT64_MAX;
		return sd_event_source_set_enabled(watch->timer, SD_EVENT_OFF);
	}
	r = sd_event_now(watch->event, CLOCK_MONOTONIC, &now);
	if (r < 0 || watch->wakes_at <= now + wait)
		return r < 0 ? r : 0;
	r = sd_event_source_set_time(watch->timer, now + wait);
	if (r >= 0)
		r = sd_event_source_set_enabled(watch->timer, SD_EVENT_ONESHOT);
	if (r >= 0)
		watch->wakes_at = now + wait;
	return r;
}

int port_watch_new(sd_event *event, struct port_watch **ret)
{
	struct port_watch *watch = calloc(1, sizeof(*watch));
	int r;

	if (!watch)
		return -ENOMEM;
	watch->event = event;
	watch->wakes_at = UINT64_MAX;
	watch->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	r = watch->epoll_fd < 0 ? -errno : 0;
	if (r >= 0)
		r = sd_event_add_io(event, &watch->io, watch->epoll_fd, EPOLLIN, on_io, watch);
	if (r >= 0)
		r = sd_event_add_time(event, &watch->timer, CLOCK_MONOTONIC, UINT64_MAX, 0,
				      on_timer, watch);
	if (r >= 0)
		r = sd_event_source_set_prepare(watch->io, before_wait);
	if (r < 0) {
		port_watch_free(watch);
		return r;
	}
	*ret = watch;
	return 0;
}

struct port_watch *port_watch_free(struct port_watch *watch)
{
	if (!watch)
		return NULL;
	sd_event_source_disable_unref(watch->io);
	sd_event_source_disable_unref(watch->timer);
	if (watch->epoll_fd >= 0)
		close(watch->epoll_fd);
	free(watch);
	return NULL;
}

sd_event *port_watch_event(const struct port_watch *watch)
{
	return watch->event;
}

int port_watch_add(struct port_watch *watch, struct watched *watched)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = watched };

	if (watched->on)
		return 0;
	if (epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, qk_device_fd(watched->device), &event) < 0)
		return -errno;
	watched->on = true;
	watched->ready = false;
	DL_APPEND(watch->list, watched);
	return 0;
}

void port_watch_remove(struct port_watch *watch, struct watched *watched)
{
	if (!watched->on)
		return;
	epoll_ctl(watch->epoll_fd, EPOLL_CTL_DEL, qk_device_fd(watched->device), NULL);
	if (watch->coming == watched)
		watch->coming = watched->next;
	DL_DELETE(watch->list, watched);
	watched->on = false;
}
