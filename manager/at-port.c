/*
 * AT port: before the first command, and after one that was not answered in time, stands a line that sets the port up
 * and reads something: its answer shows that what follows is not of an older command. That one may be answered yet, or
 * have been ended by the line, which is lost then: the next line reads something else.
 */
#include "at-port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <utlist.h>

enum { CALLS_MAX = 64, SETUP_USEC = 3000000, PATH_MAX_SIZE = 256 };

/* No echo, words, errors by number. */
static const struct {
	const char *command, *answer;
} setups[] = {
	{ "ATE0V1+CMEE=1;+CMEE?", "+CMEE:" },
	{ "ATE0V1+CMEE=1;+CSCS?", "+CSCS:" },
	{ "ATE0V1+CMEE=1;+CFUN?", "+CFUN:" },
};

enum { SETUP_COUNT = sizeof(setups) / sizeof(setups[0]) };

static const char escape[] = { 0x1b };

struct at_call {
	struct at_call *prev, *next;
	struct at_port *port;
	at_call_fn fn; /* NULL: nobody wants to know */
	void *userdata;
	uint64_t timeout_usec;
	unsigned int opening; /* which opening of the port it is for */
	char command[];
};

struct at_port {
	unsigned int refs;
	bool freed;
	int fd;
	sd_event *event;
	sd_event_source *io, *timer;
	sd_event_source *again; /* when it is opened again; NULL: it was never lost */
	unsigned int losses;    /* since the modem said something */
	char path[PATH_MAX_SIZE];
	struct at_port_events events;
	void *userdata;
	struct at_reader reader;
	struct at_call *calls; /* the first one runs, if `running` */
	size_t call_count;
	unsigned int opening; /* counted */
	bool running, set_up, setting_up;
	bool telling; /* an answer, which lies in `buffer` */
	bool stale;   /* a command may still be answered */
	size_t setup; /* which of them is on its way */
	char *buffer;
	char output[AT_COMMAND_MAX + 2];
	size_t output_size;
};

/* --- References: what is called may free the port */

static struct at_port *hold(struct at_port *port)
{
	port->refs++;
	return port;
}

static void let_go(struct at_port *port)
{
	if (--port->refs > 0)
		return;
	free(port->buffer);
	free(port);
}

/* --- Calls */

static void remove_call(struct at_call *call)
{
	DL_DELETE(call->port->calls, call);
	call->port->call_count--;
	free(call);
}

static void end_call(struct at_call *call, int status, const struct at_answer *answer)
{
	at_call_fn fn = call->fn;
	void *userdata = call->userdata;

	remove_call(call);
	if (fn)
		fn(userdata, status, answer);
}

struct at_call *at_call_free(struct at_call *call)
{
	if (!call)
		return NULL;
	if (call->port->running && call->port->calls == call)
		call->fn = NULL;
	else
		remove_call(call);
	return NULL;
}

/* --- The descriptor */

static void stop_running(struct at_port *port)
{
	at_reader_forget(&port->reader);
	port->running = port->setting_up = false;
	sd_event_source_set_enabled(port->timer, SD_EVENT_OFF);
}

static void close_tty(struct at_port *port)
{
	stop_running(port);
	port->io = sd_event_source_disable_unref(port->io);
	if (port->fd >= 0) {
		/* What was not sent must not hold up the end. */
		(void)tcflush(port->fd, TCIOFLUSH);
		(void)ioctl(port->fd, TIOCNXCL);
		close(port->fd);
	}
	port->fd = -1;
	port->set_up = false;
}

/* What the modem tells is heard again, where the port is still there; else whoever finds it says so. */
static int on_again(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct at_port *port = userdata;

	(void)source, (void)usec;
	if (at_port_listen(port) == 0)
		port->events.found(port->userdata);
	else
		at_port_listen_later(port);
	return 0;
}

void at_port_listen_later(struct at_port *port)
{
	enum { AGAIN_USEC = 5000000, AGAIN_ACCURACY_USEC = 1000000, DOUBLINGS_MAX = 6 };
	uint64_t usec = (uint64_t)AGAIN_USEC << port->losses;
	int r;

	if (port->losses < DOUBLINGS_MAX)
		port->losses++;
	if (!port->again)
		r = sd_event_add_time_relative(port->event, &port->again, CLOCK_MONOTONIC, usec,
					       AGAIN_ACCURACY_USEC, on_again, port);
	else
		r = sd_event_source_set_time_relative(port->again, usec);
	if (r >= 0)
		r = sd_event_source_set_enabled(port->again, SD_EVENT_ONESHOT);
	if (r < 0)
		port->events.log(port->userdata, "out of memory: the AT port stays closed");
}

/* Ends all that was to go over this opening of the port. */
static void lose(struct at_port *port, int error, const char *why)
{
	unsigned int opening = port->opening;

	hold(port);
	close_tty(port);
	port->opening++;
	port->events.log(port->userdata, why);
	while (!port->freed) {
		struct at_call *call;

		DL_FOREACH(port->calls, call) {
			if (call->opening <= opening)
				break;
		}
		if (!call)
			break;
		end_call(call, error, NULL);
	}
	if (!port->freed)
		at_port_listen_later(port);
	if (!port->freed)
		port->events.lost(port->userdata);
	let_go(port);
}

static void flush(struct at_port *port)
{
	size_t done = 0;

	while (done < port->output_size) {
		ssize_t n = write(port->fd, port->output + done, port->output_size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break; /* it is full, or a read will tell that it is gone */
		done += (size_t)n;
	}
	port->output_size -= done;
	memmove(port->output, port->output + done, port->output_size);
	(void)sd_event_source_set_io_events(port->io,
					    EPOLLIN | (port->output_size ? EPOLLOUT : 0u));
}

static void send(struct at_port *port, const char *text, size_t size)
{
	/* One command is on its way at a time: there is room. */
	if (size > sizeof(port->output) - port->output_size)
		return;
	memcpy(port->output + port->output_size, text, size);
	port->output_size += size;
	flush(port);
}

/* --- Commands */

static void begin(struct at_port *port, const char *command, uint64_t timeout_usec)
{
	int r = at_reader_begin(&port->reader, command, port->buffer, AT_ANSWER_MAX);

	if (r == 0)
		r = sd_event_source_set_time_relative(port->timer, timeout_usec);
	if (r >= 0)
		r = sd_event_source_set_enabled(port->timer, SD_EVENT_ONESHOT);
	if (r < 0)
		port->events.log(port->userdata, "an AT command has no deadline");
	port->output_size = 0; /* the rest of one that was given up */
	send(port, command, strlen(command));
	send(port, "\r", 1);
}

/* Begins what is next, if nothing runs. */
static void go_on(struct at_port *port)
{
	if (port->freed || port->fd < 0 || port->running || port->setting_up || port->telling ||
	    !port->calls)
		return;
	port->running = port->set_up;
	port->setting_up = !port->set_up;
	port->setup = 0;
	if (port->set_up)
		begin(port, port->calls->command, port->calls->timeout_usec);
	else
		begin(port, setups[0].command, SETUP_USEC);
}

static void set_up_again(struct at_port *port, bool known)
{
	if (!known && port->setup + 1 < SETUP_COUNT) {
		begin(port, setups[++port->setup].command, SETUP_USEC);
		return;
	}
	/* The next answer may be it, within its time. */
	if (at_reader_begin(&port->reader, setups[port->setup].command, port->buffer,
			    AT_ANSWER_MAX) < 0)
		stop_running(port);
}

/* Whether it is the answer to the line that sets up, and not to an older one. */
static void take_setup(struct at_port *port, const struct at_answer *answer)
{
	bool known = false;

	for (size_t i = 0; i < port->setup; i++)
		known |= strstr(answer->text, setups[i].answer) != NULL;
	if (strstr(answer->text, setups[port->setup].answer) ||
	    (answer->result == AT_RESULT_ERROR && !port->stale)) {
		stop_running(port);
		port->set_up = true;
		port->stale = false;
		return;
	}
	set_up_again(port, known);
}

static void on_answer(void *userdata, const struct at_answer *answer)
{
	struct at_port *port = userdata;

	if (port->freed)
		return;
	if (port->setting_up) {
		take_setup(port, answer);
	} else {
		stop_running(port);
		port->telling = true;
		end_call(port->calls, answer->cut ? -EMSGSIZE : 0, answer->cut ? NULL : answer);
		port->telling = false;
	}
	/* What follows is no AT: hanging up ends it. */
	if (!port->freed && answer->result == AT_RESULT_CONNECT)
		lose(port, -EIO, "the AT port is closed: it carried data");
	go_on(port);
}

static void on_news(void *userdata, const char *line)
{
	struct at_port *port = userdata;

	if (port->freed)
		return;
	/* A modem that came up again has forgotten how the port was set up. */
	if (strcmp(line, "RDY") == 0)
		port->set_up = false;
	port->events.news(port->userdata, line);
}

/* No command here has text. */
static void on_prompt(void *userdata)
{
	struct at_port *port = userdata;

	if (!port->freed)
		send(port, escape, sizeof(escape));
}

static int on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct at_port *port = userdata;

	(void)source, (void)usec;
	if (port->setting_up) {
		lose(port, -ETIMEDOUT, "the AT port is closed: the modem does not answer");
		return 0;
	}
	hold(port);
	stop_running(port);
	port->set_up = false;
	port->stale = true;
	end_call(port->calls, -ETIMEDOUT, NULL);
	go_on(port);
	let_go(port);
	return 0;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	static const struct at_reader_events reader_events = { on_answer, on_news, on_prompt };
	struct at_port *port = userdata;
	uint8_t bytes[4096];
	ssize_t n;

	(void)source;
	if (events & EPOLLOUT)
		flush(port);
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return 0;
	n = read(fd, bytes, sizeof(bytes));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		lose(port, -ENODEV, "the AT port is gone");
		return 0;
	}
	port->losses = 0;
	hold(port);
	at_reader_push(&port->reader, (struct qk_span){ bytes, (size_t)n }, &reader_events, port);
	let_go(port);
	return 0;
}

/* --- Opening */

static int set_raw(int fd)
{
	struct termios tio;

	if (tcgetattr(fd, &tio) < 0)
		return -errno;
	cfmakeraw(&tio);
	tio.c_cflag |= CLOCAL | CREAD;
	cfsetspeed(&tio, B115200);
	if (tcsetattr(fd, TCSANOW, &tio) < 0 || tcflush(fd, TCIOFLUSH) < 0)
		return -errno;
	return 0;
}

static int open_tty(struct at_port *port)
{
	int r;

	if (!port->buffer)
		port->buffer = malloc(AT_ANSWER_MAX);
	if (!port->buffer)
		return -ENOMEM;
	port->fd = open(port->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (port->fd < 0)
		return -errno;
	r = ioctl(port->fd, TIOCEXCL) < 0 ? -errno : set_raw(port->fd);
	if (r == 0)
		r = sd_event_add_io(port->event, &port->io, port->fd, EPOLLIN, on_io, port);
	if (r < 0) {
		close_tty(port);
		return r;
	}
	memset(&port->reader, 0, sizeof(port->reader));
	port->output_size = 0;
	port->stale = false;
	return 0;
}

const char *at_port_path(const struct at_port *port)
{
	return port->path;
}

int at_port_listen(struct at_port *port)
{
	return port->fd >= 0 ? 0 : open_tty(port);
}

int at_port_new(sd_event *event, const char *path, const struct at_port_events *events,
		void *userdata, struct at_port **ret)
{
	struct at_port *port = calloc(1, sizeof(*port));
	int r;

	if (!port)
		return -ENOMEM;
	port->refs = 1;
	port->fd = -1;
	port->event = event;
	port->events = *events;
	port->userdata = userdata;
	snprintf(port->path, sizeof(port->path), "%s", path);
	r = sd_event_add_time_relative(event, &port->timer, CLOCK_MONOTONIC, UINT64_MAX / 2, 0,
				       on_late, port);
	if (r >= 0)
		r = sd_event_source_set_enabled(port->timer, SD_EVENT_OFF);
	if (r < 0) {
		at_port_free(port);
		return r;
	}
	*ret = port;
	return 0;
}

struct at_port *at_port_free(struct at_port *port)
{
	if (!port)
		return NULL;
	close_tty(port);
	port->timer = sd_event_source_disable_unref(port->timer);
	port->again = sd_event_source_disable_unref(port->again);
	port->freed = true;
	while (port->calls)
		end_call(port->calls, -ENODEV, NULL);
	let_go(port);
	return NULL;
}

static bool can_be_sent(const char *command)
{
	for (const char *at = command; *at; at++)
		if (*at > 0 && (*at < ' ' || *at == 0x7f))
			return false;
	return true;
}

int at_port_call(struct at_port *port, const char *command, uint64_t timeout_usec, at_call_fn fn,
		 void *userdata, struct at_call **ret)
{
	size_t size = strlen(command);
	struct at_call *call;
	int r;

	if (size == 0 || size > AT_COMMAND_MAX)
		return -EMSGSIZE;
	if (!can_be_sent(command))
		return -EINVAL;
	if (port->freed)
		return -ENODEV;
	if (port->call_count == CALLS_MAX)
		return -EAGAIN;
	r = at_port_listen(port);
	if (r < 0)
		return r;
	call = malloc(sizeof(*call) + size + 1);
	if (!call)
		return -ENOMEM;
	*call = (struct at_call){ .port = port,
				  .fn = fn,
				  .userdata = userdata,
				  .timeout_usec = timeout_usec,
				  .opening = port->opening };
	memcpy(call->command, command, size + 1);
	DL_APPEND(port->calls, call);
	port->call_count++;
	*ret = call;
	go_on(port);
	return 0;
}
