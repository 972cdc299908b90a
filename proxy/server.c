/*
 * The loop: what is ready, what is due, who is dead, what is to be saved.
 */
#include "server.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "store.h"

enum { EVENTS_AT_ONCE = 64, DESCRIPTORS = 2048, LINES_AT_ONCE = 20, USEC_PER_SEC = 1000000 };

static uint64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / 1000;
}

/* Log. */

/* What others named shall begin no line of its own, nor harm a terminal. */
static void write_line(const char *line)
{
	char clean[512];
	size_t size = 0;

	for (; line[size] && size < sizeof(clean) - 1; size++)
		clean[size] = line[size] < ' ' || line[size] > '~' ? '?' : line[size];
	clean[size] = 0;
	fprintf(stderr, "qmi-proxy: %s\n", clean);
}

/* Whether one more line is wanted: some at once, and then one a second, so that a client that comes
 * again and again does not fill the log. */
static bool has_room(struct server_log *log, uint64_t now)
{
	uint64_t seconds = (now - log->since_usec) / USEC_PER_SEC;

	if (seconds) {
		log->used = seconds < log->used ? log->used - (unsigned int)seconds : 0;
		log->since_usec += seconds * USEC_PER_SEC;
	}
	if (log->used == LINES_AT_ONCE) {
		log->left_out++;
		return false;
	}
	log->used++;
	return true;
}

void server_note(struct server *server, const char *format, ...)
{
	char line[512];
	va_list arguments;

	if (!has_room(&server->log, server->broker.now_usec))
		return;
	if (server->log.left_out) {
		snprintf(line, sizeof(line), "%llu lines were left out",
			 (unsigned long long)server->log.left_out);
		write_line(line);
		server->log.left_out = 0;
	}
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	write_line(line);
}

static void on_log(void *userdata, enum broker_level level, const char *line)
{
	struct server *server = userdata;

	if (server->options->verbose || server->options->verbose_full)
		write_line(line);
	else if (level == BROKER_NOTE)
		server_note(server, "%s", line);
}

/* Sources. */

int server_watch(struct server *server, struct server_source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	source->server = server;
	return epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) < 0 ? -errno : 0;
}

int server_change(struct server_source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	return epoll_ctl(source->server->epoll_fd, EPOLL_CTL_MOD, source->fd, &event) < 0 ? -errno
											  : 0;
}

static void on_signal(struct server_source *source, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)events;
	if (read(source->fd, &info, sizeof(info)) == sizeof(info))
		source->server->stop = true;
}

static int watch_signals(struct server *server)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	server->signals.ready = on_signal;
	server->signals.fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
	return server->signals.fd < 0 ? -errno : server_watch(server, &server->signals, EPOLLIN);
}

/* Opening. */

static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS)
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void restore_lease(void *userdata, const char *path, const char *identity,
			  const struct lease *lease)
{
	struct server *server = userdata;

	if (broker_restore(&server->broker, path, identity, lease) == -ENOMEM)
		server_note(server, "out of memory");
}

static void on_bad_table(void *userdata, const char *name, int error)
{
	struct server *server = userdata;

	server_note(server, "%s/%s: %s; client ids given before are not known",
		    server->options->folder, name,
		    error == -EBADMSG ? "damaged" : strerror(-error));
}

static void save_all(struct server *server)
{
	for (struct modem *modem = server->broker.modems; modem; modem = modem->next)
		server_save(server, modem);
}

static void restore(struct server *server)
{
	const struct store_reader reader = { restore_lease, on_bad_table, server };
	int r = store_load(&server->store, &reader);

	save_all(server);
	/* of modems that are not there, or are others now; what could not be read may be read yet */
	if (r == 0 && !server->save_failed)
		store_sweep(&server->store, &server->broker);
	systemd_done(&server->systemd); /* what is still there belongs to nobody */
	ports_settle(server);
}

int server_open(struct server *server, const struct options *options)
{
	const struct broker_host host = {
		.find = port_find,
		.open = port_open,
		.close = port_close,
		.send = connection_send,
		.read = connection_read,
		.log = on_log,
		.userdata = server,
	};
	int r;

	*server = (struct server){
		.options = options,
		.store.folder = -1,
		.lock_fd = -1,
		.epoll_fd = -1,
	};
	server->signals.fd = -1;
	server->idle_usec = now_usec();
	systemd_init(&server->systemd);
	broker_init(&server->broker, &host, now_usec());
	server->broker.grace_usec = (uint64_t)options->orphan_timeout_sec * USEC_PER_SEC;
	if (*options->group && !access_group(options->group, &server->access)) {
		/* the one that was set at build time need not be there */
		if (strcmp(options->group, QK_PROXY_GROUP) != 0) {
			fprintf(stderr, "error: there is no group '%s'\n", options->group);
			return -EINVAL;
		}
		server_note(server, "there is no group '%s'; root alone may connect",
			    options->group);
	}
	allow_descriptors();
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	r = server->epoll_fd < 0 ? -errno : watch_signals(server);
	if (r < 0) {
		fprintf(stderr, "error: couldn't start: %s\n", strerror(-r));
		return r;
	}
	r = server_listen(server);
	if (r == 0)
		restore(server);
	return r;
}

void server_close(struct server *server)
{
	save_all(server);
	store_close(&server->store); /* before the modems are: their ids outlive us */
	for (struct peer *peer = server->broker.peers; peer; peer = server->broker.peers)
		peer_drop(peer, NULL);
	for (struct peer *peer; (peer = broker_reap(&server->broker));)
		connection_free(server, peer);
	broker_done(&server->broker);
	ports_settle(server);
	server_unlisten(server);
	systemd_done(&server->systemd);
	if (server->signals.fd >= 0)
		close(server->signals.fd);
	if (server->epoll_fd >= 0)
		close(server->epoll_fd);
}

/* Running. */

void server_save(struct server *server, struct modem *modem)
{
	int r = store_save(&server->store, modem);

	if (r == 0)
		return;
	if (r < 0 && !server->save_failed)
		server_note(server, "%s: %s; client ids will not outlive this broker",
			    server->options->folder, strerror(-r));
	server->save_failed = r < 0;
}

/* Notes since when nobody is connected, and ends when that is long enough. */
static void look_idle(struct server *server)
{
	uint64_t limit = (uint64_t)server->options->empty_timeout_sec * USEC_PER_SEC;
	uint64_t now = server->broker.now_usec;

	if (server->broker.peer_count)
		server->idle_usec = UINT64_MAX;
	else if (server->idle_usec == UINT64_MAX)
		server->idle_usec = now;
	if (server->idle_usec == UINT64_MAX || server->options->no_exit || !limit)
		return;
	if (now - server->idle_usec >= limit && broker_is_idle(&server->broker))
		server->stop = true;
}

/* When the loop has to go round though nothing is ready, in milliseconds. */
static int patience(const struct server *server)
{
	uint64_t limit = (uint64_t)server->options->empty_timeout_sec * USEC_PER_SEC;
	uint64_t now = server->broker.now_usec, due = server->broker.due_usec;

	if (server->idle_usec != UINT64_MAX && !server->options->no_exit && limit) {
		uint64_t end = server->idle_usec + limit;

		/* with orphans it is what is due for them that it waits for */
		if (end > now && end < due)
			due = end;
	}
	if (due == UINT64_MAX)
		return -1;
	if (due <= now)
		return 0;
	return due - now > (uint64_t)INT_MAX * 1000 ? INT_MAX : (int)((due - now + 999) / 1000);
}

static void settle(struct server *server)
{
	struct peer *peer;

	broker_due(&server->broker);
	while ((peer = broker_reap(&server->broker)))
		connection_free(server, peer);
	ports_settle(server);
	save_all(server);
	look_idle(server);
}

int server_run(struct server *server)
{
	struct epoll_event events[EVENTS_AT_ONCE];

	systemd_notify("READY=1");
	settle(server);
	while (!server->stop) {
		int count = epoll_wait(server->epoll_fd, events, EVENTS_AT_ONCE, patience(server));

		if (count < 0 && errno != EINTR)
			return -errno;
		server->broker.now_usec = now_usec();
		for (int i = 0; i < count; i++) {
			struct server_source *source = events[i].data.ptr;

			source->ready(source, events[i].events);
		}
		settle(server);
	}
	systemd_notify("STOPPING=1");
	return 0;
}
