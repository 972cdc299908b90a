/*
 * Loop: epoll, time and signals for qmi-sim (see loop.h).
 *
 * Many events a round, since a data path has many. What is removed while another is handled is not
 * called any more: its events of this round are forgotten with it.
 */
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 64

uint64_t qk_sim_loop_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int control(struct qk_sim_source *source, int operation, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	return epoll_ctl(source->loop->epoll_fd, operation, source->fd, &event) < 0 ? -errno : 0;
}

int qk_sim_loop_add(struct qk_sim_loop *loop, struct qk_sim_source *source, uint32_t events)
{
	source->loop = loop;
	return control(source, EPOLL_CTL_ADD, events);
}

int qk_sim_loop_change(struct qk_sim_source *source, uint32_t events)
{
	return control(source, EPOLL_CTL_MOD, events);
}

void qk_sim_loop_remove(struct qk_sim_source *source)
{
	struct qk_sim_loop *loop = source->loop;

	if (!loop)
		return;
	(void)control(source, EPOLL_CTL_DEL, 0);
	for (size_t i = loop->event_at; i < loop->event_count; i++)
		if (loop->events[i].data.ptr == source)
			loop->events[i].data.ptr = NULL;
	source->loop = NULL;
}

bool qk_sim_loop_send(const struct qk_sim_source *socket, struct qk_sim_queue *queue)
{
	struct qk_span waiting;

	while ((waiting = qk_sim_queue_waiting(queue)).size) {
		ssize_t n = send(socket->fd, waiting.data, waiting.size, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return true;
		qk_sim_queue_drop(queue, (size_t)n);
	}
	return false;
}

void qk_sim_loop_add_timer(struct qk_sim_loop *loop, struct qk_sim_timer *timer)
{
	timer->next = loop->timers;
	loop->timers = timer;
}

void qk_sim_loop_remove_timer(struct qk_sim_loop *loop, struct qk_sim_timer *timer)
{
	for (struct qk_sim_timer **at = &loop->timers; *at; at = &(*at)->next) {
		if (*at == timer) {
			*at = timer->next;
			if (loop->next_timer == timer)
				loop->next_timer = timer->next;
			return;
		}
	}
}

void qk_sim_loop_add_hook(struct qk_sim_loop *loop, struct qk_sim_hook *hook)
{
	hook->next = loop->hooks;
	loop->hooks = hook;
}

void qk_sim_loop_remove_hook(struct qk_sim_loop *loop, struct qk_sim_hook *hook)
{
	for (struct qk_sim_hook **at = &loop->hooks; *at; at = &(*at)->next) {
		if (*at == hook) {
			*at = hook->next;
			return;
		}
	}
}

static void on_signal(struct qk_sim_source *source, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)events;
	if (read(source->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		source->loop->stop = true;
}

/* Of the signals that ask for the end: SIGHUP too, unless it runs under nohup. */
static void ending_signals(sigset_t *ret)
{
	struct sigaction hang_up;

	sigemptyset(ret);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGTERM);
	if (sigaction(SIGHUP, NULL, &hang_up) == 0 && hang_up.sa_handler != SIG_IGN)
		sigaddset(ret, SIGHUP);
}

int qk_sim_loop_open(struct qk_sim_loop *loop)
{
	sigset_t mask;

	ending_signals(&mask);
	if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0)
		return -errno;
	loop->signals.ready = on_signal;
	loop->signals.fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals.fd < 0)
		return -errno;
	return qk_sim_loop_add(loop, &loop->signals, EPOLLIN);
}

void qk_sim_loop_close(struct qk_sim_loop *loop)
{
	if (loop->signals.fd >= 0)
		close(loop->signals.fd);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
}

/* Milliseconds until something is due, rounded up; -1: nothing is. */
static int wait_ms(const struct qk_sim_loop *loop)
{
	uint64_t next = QK_SIM_NEVER, now = qk_sim_loop_now();

	for (size_t i = 0; i < loop->modem_count; i++)
		if (qk_sim_next_usec(loop->modems[i]) < next)
			next = qk_sim_next_usec(loop->modems[i]);
	for (const struct qk_sim_timer *timer = loop->timers; timer; timer = timer->next)
		if (timer->due_usec < next)
			next = timer->due_usec;
	if (next == QK_SIM_NEVER)
		return -1;
	uint64_t wait = next > now ? (next - now + 999) / 1000 : 0;
	return wait > 3600000 ? 3600000 : (int)wait;
}

static void run_due(struct qk_sim_loop *loop)
{
	uint64_t now = qk_sim_loop_now();

	for (size_t i = 0; i < loop->modem_count; i++)
		qk_sim_advance(loop->modems[i], now);
	for (struct qk_sim_timer *timer = loop->timers; timer; timer = loop->next_timer) {
		loop->next_timer = timer->next;
		if (timer->due_usec <= now) {
			timer->due_usec = QK_SIM_NEVER;
			timer->due(timer);
		}
	}
}

static void run_hooks(struct qk_sim_loop *loop)
{
	for (struct qk_sim_hook *hook = loop->hooks, *next; hook; hook = next) {
		next = hook->next;
		hook->before_wait(hook);
	}
}

static void run_events(struct qk_sim_loop *loop)
{
	while (loop->event_at < loop->event_count) {
		const struct epoll_event *event = &loop->events[loop->event_at++];
		struct qk_sim_source *source = event->data.ptr;
		if (source)
			source->ready(source, event->events);
	}
}

int qk_sim_loop_run(struct qk_sim_loop *loop)
{
	struct epoll_event events[EVENTS_MAX];

	loop->events = events;
	while (!loop->stop) {
		run_hooks(loop);
		int n = epoll_wait(loop->epoll_fd, events, EVENTS_MAX, wait_ms(loop));
		if (n < 0 && errno != EINTR)
			return -errno;
		loop->event_at = 0;
		loop->event_count = n > 0 ? (size_t)n : 0;
		run_due(loop);
		run_events(loop);
	}
	loop->event_count = 0;
	return 0;
}
