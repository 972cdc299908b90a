/*
 * Face, pty: a character device that programs open one after the other (see face.h and face-pty.h).
 *
 * qmi-sim keeps the slave open itself: else the master would report hang-up whenever nobody has it
 * open. Closes of the node are seen by inotify, but not how many: the kernel merges equal events. So
 * after a close we let go of the slave for a moment and look whether the master hangs up. If it
 * does, nobody has the port open any more, and what was not read is dropped, as a new user of
 * /dev/cdc-wdm0 does not get what the last one left [C]. The kernel tells of a close a moment after
 * it; who opens within this moment still finds the rest. Client ids stay allocated, as on hardware.
 *
 * Our own open is read-only, so that inotify tells our closes from those of others.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <termios.h>
#include <unistd.h>

#include "face-pty.h"
#include "queue.h"

/* How long a reader has for the last bytes before the modem hangs up. */
#define HANG_UP_USEC 200000

struct qk_sim_pty {
	struct qk_sim_face face;
	struct qk_sim_loop *loop;
	struct qk_sim *sim;
	const struct qk_sim_pty_speaker *speaker;
	void *port;
	struct qk_sim_source master, watch;
	struct qk_sim_timer hang_up;
	struct qk_sim_queue queue;
	int slave;
	bool in_use; /* false: look again before it is written to */
	bool wants_write;
	char *path;
	char node[64]; /* /dev/pts/N */
};

static struct qk_sim_pty *of_master(struct qk_sim_source *source)
{
	return (struct qk_sim_pty *)((char *)source - offsetof(struct qk_sim_pty, master));
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The modem hangs up: who has it open sees the end, and a new pty takes the path. */
static void hang_up_soon(struct qk_sim_pty *pty)
{
	pty->hang_up.due_usec = qk_sim_loop_now() + HANG_UP_USEC;
}

static void set_events(struct qk_sim_pty *pty, bool wants_write)
{
	if (wants_write == pty->wants_write)
		return;
	if (qk_sim_loop_change(&pty->master, EPOLLIN | (wants_write ? EPOLLOUT : 0u)) == 0)
		pty->wants_write = wants_write;
}

static void write_waiting(struct qk_sim_pty *pty)
{
	for (;;) {
		struct qk_span waiting = qk_sim_queue_waiting(&pty->queue);
		if (!waiting.size)
			break;
		ssize_t n = write(pty->master.fd, waiting.data, waiting.size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		qk_sim_queue_drop(&pty->queue, (size_t)n);
	}
	set_events(pty, qk_sim_queue_waiting(&pty->queue).size != 0);
}

static int open_slave(struct qk_sim_pty *pty)
{
	pty->slave = open(pty->node, O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	return pty->slave < 0 ? -errno : 0;
}

static void fail(struct qk_sim_pty *pty, int error)
{
	fprintf(stderr, "error: pty %s: %s\n", pty->path, strerror(-error));
	pty->loop->stop = true;
}

/* Whether anybody but us has the port open. */
static bool has_users(struct qk_sim_pty *pty)
{
	struct pollfd master = { .fd = pty->master.fd };

	close_fd(&pty->slave);
	bool users = poll(&master, 1, 0) == 0;
	int r = open_slave(pty);
	if (r < 0)
		fail(pty, r);
	return users;
}

void qk_sim_pty_say(struct qk_sim_pty *pty, struct qk_span bytes)
{
	pty->in_use = pty->in_use || has_users(pty);
	if (!pty->in_use)
		return;
	qk_sim_queue_put(&pty->queue, bytes);
	write_waiting(pty);
}

/* Nobody has the port open any more. */
static void last_closed(struct qk_sim_pty *pty)
{
	pty->in_use = false;
	qk_sim_queue_clear(&pty->queue);
	(void)tcflush(pty->slave, TCIFLUSH);
	if (pty->hang_up.due_usec == QK_SIM_NEVER)
		pty->speaker->reset(pty->port);
	set_events(pty, false);
}

static void look_for_closes(struct qk_sim_pty *pty)
{
	_Alignas(struct inotify_event) char buffer[sizeof(struct inotify_event) * 64];
	bool closed = false;
	ssize_t size;

	while ((size = read(pty->watch.fd, buffer, sizeof(buffer))) > 0) {
		for (ssize_t at = 0; at < size;) {
			struct inotify_event event;
			memcpy(&event, buffer + at, sizeof(event));
			at += (ssize_t)(sizeof(event) + event.len);
			closed |= (event.mask & (IN_CLOSE_WRITE | IN_Q_OVERFLOW)) != 0;
		}
	}
	if (closed && !has_users(pty))
		last_closed(pty);
}

static void on_watch(struct qk_sim_source *source, uint32_t events)
{
	(void)events;
	look_for_closes((struct qk_sim_pty *)((char *)source - offsetof(struct qk_sim_pty, watch)));
}

static void on_master(struct qk_sim_source *source, uint32_t events)
{
	struct qk_sim_pty *pty = of_master(source);
	uint8_t buffer[16384];

	if (events & EPOLLIN) {
		ssize_t n = read(pty->master.fd, buffer, sizeof(buffer));
		/* after the read: who wrote these bytes may have closed since */
		look_for_closes(pty);
		qk_sim_advance(pty->sim, qk_sim_loop_now());
		if (n > 0)
			pty->speaker->input(pty->port, (struct qk_span){ buffer, (size_t)n });
		/* what the last one wrote before it closed may have been read after the close */
		if (!pty->in_use && !has_users(pty))
			last_closed(pty);
	}
	write_waiting(pty);
}

/* Points the symlink at the node; what else is there under this name stays. */
static int link_node(const struct qk_sim_pty *pty)
{
	char temporary[PATH_MAX], target[64];

	ssize_t size = readlink(pty->path, target, sizeof(target));
	if (size < 0 && errno != ENOENT)
		return errno == EINVAL ? -EEXIST : -errno;
	/* only what points to a pty can be left over from a modem that died */
	if (size >= 0 && (size < 9 || memcmp(target, "/dev/pts/", 9) != 0))
		return -EEXIST;
	if (snprintf(temporary, sizeof(temporary), "%s.%ld", pty->path, (long)getpid()) >=
	    (int)sizeof(temporary))
		return -ENAMETOOLONG;
	if (symlink(pty->node, temporary) < 0)
		return -errno;
	if (rename(temporary, pty->path) < 0) {
		int r = -errno;
		unlink(temporary);
		return r;
	}
	return 0;
}

static void unlink_node(const struct qk_sim_pty *pty)
{
	char target[64] = "";
	ssize_t size = readlink(pty->path, target, sizeof(target) - 1);

	if (size > 0 && strcmp(target, pty->node) == 0)
		unlink(pty->path);
}

static int make_raw(const struct qk_sim_pty *pty)
{
	struct termios attributes;

	if (tcgetattr(pty->slave, &attributes) < 0)
		return -errno;
	cfmakeraw(&attributes);
	return tcsetattr(pty->slave, TCSANOW, &attributes) < 0 ? -errno : 0;
}

/* A new terminal; its node is watched from after our own open on. */
static int open_terminal(struct qk_sim_pty *pty)
{
	pty->master.fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (pty->master.fd < 0 || grantpt(pty->master.fd) < 0 || unlockpt(pty->master.fd) < 0 ||
	    ptsname_r(pty->master.fd, pty->node, sizeof(pty->node)) != 0)
		return -errno;
	int r = open_slave(pty);
	if (r == 0)
		r = make_raw(pty);
	if (r < 0)
		return r;
	pty->watch.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (pty->watch.fd < 0 || inotify_add_watch(pty->watch.fd, pty->node, IN_CLOSE_WRITE) < 0)
		return -errno;
	r = qk_sim_loop_add(pty->loop, &pty->watch, EPOLLIN);
	if (r == 0)
		r = qk_sim_loop_add(pty->loop, &pty->master, EPOLLIN);
	return r < 0 ? r : link_node(pty);
}

struct terminal {
	int master, watch, slave;
};

/* Takes the terminal out of `pty`, still open. */
static struct terminal take_terminal(struct qk_sim_pty *pty)
{
	struct terminal terminal = { pty->master.fd, pty->watch.fd, pty->slave };

	qk_sim_loop_remove(&pty->master);
	qk_sim_loop_remove(&pty->watch);
	pty->master.fd = pty->watch.fd = pty->slave = -1;
	pty->in_use = pty->wants_write = false;
	qk_sim_queue_clear(&pty->queue);
	return terminal;
}

static void close_terminal(struct terminal terminal)
{
	close_fd(&terminal.watch);
	close_fd(&terminal.slave);
	close_fd(&terminal.master);
}

/* The modem hangs up: its users see the end, and by then a new terminal has the path. */
static void on_hang_up_due(struct qk_sim_timer *timer)
{
	struct qk_sim_pty *pty =
		(struct qk_sim_pty *)((char *)timer - offsetof(struct qk_sim_pty, hang_up));
	struct terminal old = take_terminal(pty);

	pty->speaker->reset(pty->port);
	int r = open_terminal(pty);
	if (r < 0)
		fail(pty, r);
	close_terminal(old);
}

static void pty_close(struct qk_sim_face *face)
{
	struct qk_sim_pty *pty = (struct qk_sim_pty *)face;

	if (pty->path && pty->node[0])
		unlink_node(pty);
	close_terminal(take_terminal(pty));
	qk_sim_loop_remove_timer(pty->loop, &pty->hang_up);
	if (pty->port)
		pty->speaker->detach(pty->port);
	qk_sim_queue_done(&pty->queue);
	free(pty->path);
	free(pty);
}

int qk_sim_pty_open(struct qk_sim_loop *loop, struct qk_sim *sim,
		    const struct qk_sim_pty_speaker *speaker, const char *path,
		    struct qk_sim_face **ret, char *error, size_t error_size)
{
	struct qk_sim_pty *pty = calloc(1, sizeof(*pty));

	if (!pty) {
		snprintf(error, error_size, "out of memory");
		return -ENOMEM;
	}
	*pty = (struct qk_sim_pty){
		.face = { pty_close },
		.loop = loop,
		.sim = sim,
		.speaker = speaker,
		.master = { .fd = -1, .ready = on_master },
		.watch = { .fd = -1, .ready = on_watch },
		.hang_up = { .due_usec = QK_SIM_NEVER, .due = on_hang_up_due },
		.slave = -1,
		.path = strdup(path),
	};
	qk_sim_loop_add_timer(loop, &pty->hang_up);
	int r = pty->path ? speaker->attach(sim, pty, &pty->port) : -ENOMEM;
	if (r == 0)
		r = open_terminal(pty);
	if (r < 0) {
		snprintf(error, error_size, "pty %.200s: %s", path,
			 r == -EEXIST ? "something that is no pty's symlink is there"
				      : strerror(-r));
		pty_close(&pty->face);
		return r;
	}
	*ret = &pty->face;
	return 0;
}

static void on_bytes(void *userdata, struct qk_span bytes)
{
	qk_sim_pty_say(userdata, bytes);
}

static void on_hang_up(void *userdata)
{
	hang_up_soon(userdata);
}

static int attach(struct qk_sim *sim, struct qk_sim_pty *pty, void **ret)
{
	static const struct qk_sim_sink sink = { on_bytes, on_hang_up };
	struct qk_sim_port *port = NULL;
	int r = qk_sim_attach(sim, &sink, pty, &port);

	*ret = port;
	return r;
}

static void detach(void *port)
{
	qk_sim_detach(port);
}

static void input(void *port, struct qk_span bytes)
{
	qk_sim_input(port, bytes);
}

static void reset(void *port)
{
	qk_sim_port_reset(port);
}

int qk_sim_face_pty_open(struct qk_sim_loop *loop, struct qk_sim *sim, const char *path,
			 struct qk_sim_face **ret, char *error, size_t error_size)
{
	static const struct qk_sim_pty_speaker qmi = { attach, detach, input, reset };

	return qk_sim_pty_open(loop, sim, &qmi, path, ret, error, error_size);
}
