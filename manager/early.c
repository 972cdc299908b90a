/*
 * Early ports: a port is kept until its USB device is bound to its driver, which the kernel tells last; what is never
 * bound goes with its port.
 */
#include "early.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

/* EVENT_SIZE: more than the kernel's UEVENT_BUFFER_SIZE and the path before it. The group of kernel events is the first. */
enum {
	PORTS_MAX = 512,
	EVENTS_A_TURN = 64,
	EVENT_SIZE = 8192,
	BUFFER_SIZE = 8 << 20,
	KERNEL_GROUP = 1
};

static const char *const subsystems[] = { "usbmisc", "net", "tty" };

static bool is_port(const struct uevent *event)
{
	bool is = false;

	for (size_t i = 0; i < sizeof(subsystems) / sizeof(subsystems[0]); i++)
		is = is || strcmp(event->subsystem, subsystems[i]) == 0;
	return is && strstr(event->devpath, "/usb");
}

static void drop(struct early *early, struct early_port *port)
{
	DL_DELETE(early->ports, port);
	early->count--;
	free(port);
}

static void forget(struct early *early, const char *devpath)
{
	struct early_port *port, *next;

	DL_FOREACH_SAFE(early->ports, port, next) {
		if (strcmp(port->path + strlen("/sys"), devpath) == 0)
			drop(early, port);
	}
}

static void end(struct early *early, const struct uevent *event)
{
	char path[sizeof(early->ports->path)];

	forget(early, event->devpath);
	if (strlen(event->devpath) >= sizeof(path) - strlen("/sys"))
		return;
	snprintf(path, sizeof(path), "/sys%s", event->devpath);
	early->events->gone(early->userdata, path, event->seqnum);
}

/* What finds no room is found by udev. */
static void keep(struct early *early, const struct uevent *event)
{
	struct early_port *port = NULL;

	forget(early, event->devpath);
	if (early->count < PORTS_MAX &&
	    strlen(event->devpath) < sizeof(port->path) - strlen("/sys"))
		port = calloc(1, sizeof(*port));
	if (!port)
		return;
	snprintf(port->path, sizeof(port->path), "/sys%s", event->devpath);
	port->seqnum = event->seqnum;
	DL_APPEND(early->ports, port);
	early->count++;
}

/* Whether a port is one of a USB device's own, not of one behind it: below its interfaces, which have its name. */
static bool is_of(const char *path, const char *usb_path)
{
	size_t size = strlen(usb_path), name = strlen(strrchr(usb_path, '/'));

	return strncmp(path, usb_path, size) == 0 &&
	       strncmp(path + size, usb_path + size - name, name) == 0 && path[size + name] == ':';
}

static void complete(struct early *early, const char *devpath)
{
	struct early_port *port, *next, *ports = NULL;
	char usb_path[sizeof(port->path)];

	if (strlen(devpath) >= sizeof(usb_path) - strlen("/sys"))
		return;
	snprintf(usb_path, sizeof(usb_path), "/sys%s", devpath);
	DL_FOREACH_SAFE(early->ports, port, next) {
		if (!is_of(port->path, usb_path))
			continue;
		DL_DELETE(early->ports, port);
		early->count--;
		DL_APPEND(ports, port);
	}
	if (ports)
		early->events->complete(early->userdata, usb_path, ports);
	DL_FOREACH_SAFE(ports, port, next)
		free(port);
}

void early_take(struct early *early, const struct uevent *event)
{
	if (strcmp(event->action, "bind") == 0 && strcmp(event->devtype, "usb_device") == 0)
		complete(early, event->devpath);
	else if (strcmp(event->action, "add") == 0 && is_port(event))
		keep(early, event);
	else if (strcmp(event->action, "remove") == 0 && is_port(event))
		end(early, event);
}

/* Of the kernel's own, none that a program sent; nothing that was cut. -EAGAIN: there is none. */
static int receive(int fd, char buffer[EVENT_SIZE], struct uevent *ret)
{
	struct sockaddr_nl from = { 0 };
	struct iovec part = { .iov_base = buffer, .iov_len = EVENT_SIZE };
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &part,
		.msg_iovlen = 1,
	};
	ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT);

	if (size < 0)
		return -errno;
	if (from.nl_pid != 0 || (message.msg_flags & MSG_TRUNC) ||
	    !uevent_parse(buffer, (size_t)size, ret))
		return -EBADMSG;
	return 0;
}

static int on_events(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct early *early = userdata;
	char buffer[EVENT_SIZE];
	int r = 0;

	(void)source, (void)events;
	/* What was lost (-ENOBUFS) is found by udev. */
	for (unsigned int i = 0; i < EVENTS_A_TURN && r != -EAGAIN; i++) {
		struct uevent event;

		r = receive(fd, buffer, &event);
		if (r == 0)
			early_take(early, &event);
	}
	return 0;
}

static int listen_to_kernel(void)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP };
	const int size = BUFFER_SIZE;
	int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

int early_open(struct early *early, sd_event *event, const struct early_events *events,
	       void *userdata)
{
	int fd = listen_to_kernel();
	int r = fd < 0 ? fd : sd_event_add_io(event, &early->source, fd, EPOLLIN, on_events, early);

	early->events = events;
	early->userdata = userdata;
	if (r >= 0)
		r = sd_event_source_set_io_fd_own(early->source, true);
	else if (fd >= 0)
		close(fd);
	return r < 0 ? r : 0;
}

bool early_is_heard(const struct early *early)
{
	return early->source;
}

void early_close(struct early *early)
{
	struct early_port *port, *next;

	early->source = sd_event_source_disable_unref(early->source);
	DL_FOREACH_SAFE(early->ports, port, next)
		drop(early, port);
}
