/*
 * Face, USB: the modem is plugged into this kernel's virtual host controller (see face.h). One end of
 * a socket pair is given to vhci_hcd, USB/IP is spoken on the other; to close it is to unplug.
 *
 * When the modem leaves the bus the face unplugs, and plugs it in again when it is back, at the same port
 * if that is free. What the kernel detached stays away until the modem comes on the bus the next time.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "face.h"
#include "usb-link.h"

#define VHCI "/sys/devices/platform/vhci_hcd.0"
#define CONTROLLERS_MAX 128u /* of a kernel; each has a status file of its own */
#define HIGH_SPEED 3
#define HIGH_SPEED_MBPS 480
/* The kernel needs a moment to let go of a port: it is asked again as often. A control transfer that nobody answers
 * any more takes 5 s of it. */
#define AGAIN_USEC 100000
#define AGAIN_MAX 100

struct usb {
	struct qk_sim_face face;
	struct qk_usb_link link;
	struct qk_sim_watcher watcher;
	struct qk_sim_timer again;
	int port;      /* of vhci_hcd; -1: it had none yet */
	int attempts;  /* to get it again */
	uint32_t left; /* qk_sim_usb.left when it was plugged in */
	bool stale;    /* it has left the bus meanwhile */
};

static struct usb *of_link(struct qk_usb_link *link)
{
	return (struct usb *)((char *)link - offsetof(struct usb, link));
}

/* The text of a status file. -errno. */
static int read_status(unsigned int i, char text[4096])
{
	char path[64];

	snprintf(path, sizeof(path), i ? VHCI "/status.%u" : VHCI "/status", i);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t n = read(fd, text, 4095);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	return 0;
}

/* Whether the hub of high speed in `folder` has a device at its port. */
static bool has_device(const char *folder, int hub_port)
{
	DIR *controller = opendir(folder);
	const struct dirent *entry;
	bool found = false;

	while (controller && !found && (entry = readdir(controller))) {
		unsigned int bus, speed = 0;
		char path[192];
		FILE *file;

		if (sscanf(entry->d_name, "usb%3u", &bus) != 1)
			continue;
		snprintf(path, sizeof(path), "%s/usb%u/speed", folder, bus);
		file = fopen(path, "re");
		if (!file || fscanf(file, "%6u", &speed) != 1)
			speed = 0;
		if (file)
			fclose(file);
		snprintf(path, sizeof(path), "%s/usb%u/%u-%d", folder, bus, bus, hub_port);
		found = speed == HIGH_SPEED_MBPS && access(path, F_OK) == 0;
	}
	if (controller)
		closedir(controller);
	return found;
}

/* Whether the kernel's hub has done with what was plugged in there before. vhci_hcd lets a port go earlier, and leaves
 * it enabled: a hub that finds the next device at an enabled port of a device that it still knows takes it for that
 * one, and configures nothing (Linux 6.1: vhci_hcd.c, hub_port_connect_change() of hub.c). */
static bool is_vacant(unsigned int controller, const char *status, int port)
{
	int hub_port = qk_usbip_hub_port(status, (uint32_t)port);
	char folder[96];

	snprintf(folder, sizeof(folder), "/sys/devices/platform/vhci_hcd.%u", controller);
	return hub_port < 0 || !has_device(folder, hub_port);
}

/* The first free port, `from` or above. -EAGAIN: none yet. */
static int find_port(uint32_t from)
{
	int port, none = -EBUSY;
	char text[4096];

	for (unsigned int i = 0; i < CONTROLLERS_MAX; i++) {
		int r = read_status(i, text);
		if (r < 0)
			return i ? none : r;
		while ((port = qk_usbip_free_port(text, from)) >= 0) {
			if (is_vacant(i, text, port))
				return port;
			none = -EAGAIN;
			from = (uint32_t)port + 1;
		}
	}
	return none;
}

static int write_attach(int file, int port, int fd)
{
	char line[64];
	int size = snprintf(line, sizeof(line), "%d %d %d %d", port, fd, 1 << 16 | (port + 1),
			    HIGH_SPEED);

	return pwrite(file, line, (size_t)size, 0) < 0 ? -errno : 0;
}

/* Gives the kernel its end, at `wanted` if that is not negative. Returns the port; -EAGAIN: `wanted` is
 * not free. */
static int attach(int fd, int wanted)
{
	int port = -1, r = 0;
	int file = open(VHCI "/attach", O_WRONLY | O_CLOEXEC);

	if (file < 0)
		return -errno;
	if (wanted >= 0) {
		port = wanted;
		r = find_port((uint32_t)wanted) == wanted ? write_attach(file, wanted, fd)
							  : -EAGAIN;
		if (r == -EBUSY)
			r = -EAGAIN;
		close(file);
		return r < 0 ? r : port;
	}
	/* somebody else may take a port that was free a moment ago */
	do {
		port = find_port((uint32_t)(port + 1));
		r = port < 0 ? port : write_attach(file, port, fd);
	} while (port >= 0 && r == -EBUSY);
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

static int plug_in(struct usb *usb, int wanted)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	/* the kernel's end blocks, as it expects */
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
		int r = -errno;
		close(ends[0]);
		close(ends[1]);
		return r;
	}
	int r = qk_usb_link_plug(&usb->link, ends[0]);
	if (r == 0)
		r = attach(ends[1], wanted);
	close(ends[1]);
	if (r < 0) {
		qk_usb_link_unplug(&usb->link);
		return r;
	}
	usb->port = r;
	usb->left = qk_sim_state(usb->link.sim)->usb.left;
	usb->stale = false;
	return 0;
}

/* Plugs in again what was there before. */
static void come_back(struct usb *usb)
{
	int r = plug_in(usb, usb->attempts < AGAIN_MAX ? usb->port : -1);

	if (r == -EAGAIN) {
		usb->attempts++;
		usb->again.due_usec = qk_sim_loop_now() + AGAIN_USEC;
	} else if (r < 0) {
		fprintf(stderr, "error: usb port %d: %s; the modem stays unplugged\n", usb->port,
			explain(r));
	}
}

/* Follows the modem: away from the bus, back onto it. */
static void follow(struct usb *usb)
{
	const struct qk_sim_state *state = qk_sim_state(usb->link.sim);

	if (usb->left != state->usb.left || qk_sim_usb_guise(state) == QK_SIM_GUISE_NONE) {
		if (!qk_usb_link_may_leave(&usb->link))
			return;
		if (usb->link.device)
			qk_usb_link_unplug(&usb->link);
		usb->left = state->usb.left;
		usb->stale = true;
	}
	if (usb->stale && usb->again.due_usec == QK_SIM_NEVER &&
	    qk_sim_usb_guise(state) != QK_SIM_GUISE_NONE) {
		usb->attempts = 0;
		come_back(usb);
	}
}

static void on_changed(struct qk_sim_watcher *watcher, uint32_t changed)
{
	struct usb *usb = (struct usb *)((char *)watcher - offsetof(struct usb, watcher));

	if (changed & QK_SIM_CHANGED_BUS)
		follow(usb);
}

static void on_again(struct qk_sim_timer *timer)
{
	struct usb *usb = (struct usb *)((char *)timer - offsetof(struct usb, again));

	if (qk_sim_usb_guise(qk_sim_state(usb->link.sim)) != QK_SIM_GUISE_NONE)
		come_back(usb);
}

static void on_ended(struct qk_usb_link *link, const char *why)
{
	struct usb *usb = of_link(link);

	fprintf(stderr, "error: usb port %d: %s; the modem is unplugged\n", usb->port, why);
}

static void on_idle(struct qk_usb_link *link)
{
	follow(of_link(link));
}

static void usb_close(struct qk_sim_face *face)
{
	struct usb *usb = (struct usb *)face;

	qk_sim_remove_watcher(usb->link.sim, &usb->watcher);
	qk_sim_loop_remove_timer(usb->link.loop, &usb->again);
	qk_usb_link_done(&usb->link);
	free(usb);
}

int qk_sim_face_usb_check(uint32_t count, char *error, size_t error_size)
{
	uint32_t found = 0;
	char text[4096];

	for (unsigned int i = 0; i < CONTROLLERS_MAX; i++) {
		if (read_status(i, text) < 0)
			break;
		found += qk_usbip_count_free_ports(text);
	}
	if (access(VHCI "/attach", W_OK) < 0) {
		int r = -errno;
		snprintf(error, error_size, "usb: %s", explain(r));
		return r;
	}
	if (found >= count)
		return 0;
	snprintf(error, error_size, "usb: %u modems, but vhci_hcd has %u high-speed ports free",
		 count, found);
	return -EBUSY;
}

int qk_sim_face_usb_open(struct qk_sim_loop *loop, struct qk_sim *sim,
			 const struct qk_usb_network *network, struct qk_sim_face **ret,
			 char *error, size_t error_size)
{
	struct usb *usb = calloc(1, sizeof(*usb));
	int r = 0;

	if (!usb) {
		snprintf(error, error_size, "usb: %s", strerror(ENOMEM));
		return -ENOMEM;
	}
	*usb = (struct usb){
		.face = { usb_close },
		.link = { .loop = loop,
			  .sim = sim,
			  .network = network,
			  .ended = on_ended,
			  .idle = on_idle },
		.watcher = { .changed = on_changed },
		.again = { .due_usec = QK_SIM_NEVER, .due = on_again },
		.port = -1,
	};
	qk_usb_link_prepare(&usb->link);
	/* a modem that is still to come on the bus is plugged in then */
	qk_sim_advance(sim, qk_sim_loop_now());
	qk_sim_add_watcher(sim, &usb->watcher);
	qk_sim_loop_add_timer(loop, &usb->again);
	if (qk_sim_usb_guise(qk_sim_state(sim)) == QK_SIM_GUISE_NONE)
		usb->stale = true;
	else
		r = plug_in(usb, -1);
	if (r == -EAGAIN) {
		usb->stale = true;
		usb->again.due_usec = qk_sim_loop_now() + AGAIN_USEC;
		r = 0;
	}
	if (r < 0) {
		snprintf(error, error_size, "usb: %s", explain(r));
		usb_close(&usb->face);
		return r;
	}
	*ret = &usb->face;
	return 0;
}
