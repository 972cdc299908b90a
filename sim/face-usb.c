/*
 * Face, USB: the modem is plugged into this kernel's virtual host controller (see face.h). One end of
 * a socket pair is given to vhci_hcd, USB/IP is spoken on the other; to close it is to unplug.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "face.h"
#include "queue.h"
#include "usb-device.h"

#define VHCI "/sys/devices/platform/vhci_hcd.0"
#define CONTROLLERS_MAX 128u /* of a kernel; each has a status file of its own */
#define HIGH_SPEED 3

struct usb {
	struct qk_sim_face face;
	struct qk_sim_loop *loop;
	struct qk_sim *sim;
	struct qk_usb_device *device;
	struct qk_sim_source socket;
	struct qk_sim_queue queue;
	int number; /* the port of vhci_hcd */
	bool wants_write;
};

static void unplug(struct usb *usb)
{
	usb->device = qk_usb_device_free(usb->device);
	qk_sim_loop_remove(&usb->socket);
	if (usb->socket.fd >= 0)
		close(usb->socket.fd);
	usb->socket.fd = -1;
}

static void end(struct usb *usb, const char *why)
{
	fprintf(stderr, "error: usb port %d: %s; the modem is unplugged\n", usb->number, why);
	unplug(usb);
}

static void write_waiting(struct usb *usb)
{
	/* what waits is answers; no new question is read before they are written */
	bool wants_write = qk_sim_loop_send(&usb->socket, &usb->queue);

	if (wants_write != usb->wants_write &&
	    qk_sim_loop_change(&usb->socket, wants_write ? EPOLLOUT : EPOLLIN) == 0)
		usb->wants_write = wants_write;
}

static void on_bytes(void *userdata, struct qk_span bytes)
{
	struct usb *usb = userdata;

	qk_sim_queue_put(&usb->queue, bytes);
	write_waiting(usb);
}

static void on_socket(struct qk_sim_source *source, uint32_t events)
{
	struct usb *usb = (struct usb *)((char *)source - offsetof(struct usb, socket));
	uint8_t buffer[16384];

	if (events & EPOLLOUT)
		write_waiting(usb);
	if (usb->queue.lost) {
		end(usb, "answers were lost");
		return;
	}
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	ssize_t n = recv(source->fd, buffer, sizeof(buffer), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end(usb, "the kernel detached it");
		return;
	}
	qk_sim_advance(usb->sim, qk_sim_loop_now());
	int r = qk_usb_device_input(usb->device, (struct qk_span){ buffer, (size_t)n });
	if (r < 0)
		end(usb, r == -EBADMSG ? "the kernel sent what is not USB/IP" : strerror(-r));
}

/* The first free port, `from` or above. */
static int find_port(uint32_t from)
{
	char path[64], text[4096];

	for (unsigned int i = 0; i < CONTROLLERS_MAX; i++) {
		snprintf(path, sizeof(path), i ? VHCI "/status.%u" : VHCI "/status", i);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return i ? -EBUSY : -errno;
		ssize_t n = read(fd, text, sizeof(text) - 1);
		close(fd);
		text[n > 0 ? n : 0] = 0;
		int port = qk_usbip_free_port(text, from);
		if (port >= 0)
			return port;
	}
	return -EBUSY;
}

/* Gives the kernel its end. Returns the port. */
static int attach(int fd)
{
	char line[64];
	int port = -1, r = 0;
	int file = open(VHCI "/attach", O_WRONLY | O_CLOEXEC);

	if (file < 0)
		return -errno;
	/* somebody else may take a port that was free a moment ago */
	do {
		port = find_port((uint32_t)(port + 1));
		if (port < 0) {
			r = port;
			break;
		}
		int size = snprintf(line, sizeof(line), "%d %d %d %d", port, fd,
				    1 << 16 | (port + 1), HIGH_SPEED);
		r = pwrite(file, line, (size_t)size, 0) < 0 ? -errno : 0;
	} while (r == -EBUSY);
	close(file);
	return r < 0 ? r : port;
}

static const char *explain(int error)
{
	switch (error) {
	case -ENOENT:
	case -ENODEV:
		return "this kernel has no virtual host controller: modprobe vhci-hcd";
	case -EACCES:
	case -EPERM:
		return "plugging a modem in needs root";
	case -EBUSY:
		return "no high-speed port of vhci_hcd is free";
	default:
		return strerror(-error);
	}
}

static void usb_close(struct qk_sim_face *face)
{
	struct usb *usb = (struct usb *)face;

	unplug(usb);
	qk_sim_queue_done(&usb->queue);
	free(usb);
}

static int plug_in(struct usb *usb)
{
	int ends[2];
	int r = qk_usb_device_new(&qk_usb_ec25, usb->sim, on_bytes, usb, &usb->device);

	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	usb->socket.fd = ends[0];
	/* the kernel's end blocks, as it expects */
	r = fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
	if (r == 0)
		r = qk_sim_loop_add(usb->loop, &usb->socket, EPOLLIN);
	if (r == 0)
		r = usb->number = attach(ends[1]);
	close(ends[1]);
	return r < 0 ? r : 0;
}

int qk_sim_face_usb_open(struct qk_sim_loop *loop, struct qk_sim *sim, struct qk_sim_face **ret,
			 char *error, size_t error_size)
{
	struct usb *usb = calloc(1, sizeof(*usb));
	int r = -ENOMEM;

	if (usb) {
		*usb = (struct usb){
			.face = { usb_close },
			.loop = loop,
			.sim = sim,
			.socket = { .fd = -1, .ready = on_socket },
		};
		r = plug_in(usb);
	}
	if (r < 0) {
		snprintf(error, error_size, "usb: %s", explain(r));
		if (usb)
			usb_close(&usb->face);
		return r;
	}
	*ret = &usb->face;
	return 0;
}
