/*
 * USB link: a stream socket on which a modem is a USB device, as the faces --usb and --usbip have it.
 *
 * Owns: the socket, the device, what waits to be written. Does not know: who is at the other end, when
 * the modem is on the bus.
 * Lifetime: zeroed and prepared; plugged and unplugged any number of times; unplugged before its end.
 * Called from: face-usb.c, face-usbip.c.
 *
 * Bytes to the host are written once a round of the loop, all together. While more than
 * QK_USB_LINK_FULL of them wait, the network sends nothing; while any waits, nothing is read.
 */
#pragma once

#include "loop.h"
#include "usb-device.h"

#define QK_USB_LINK_FULL ((size_t)128 * 1024)

#define QK_USB_LINK_GRACE_USEC 300000

struct qk_usb_link {
	struct qk_sim_loop *loop;
	struct qk_sim *sim;
	const struct qk_usb_network *network;
	struct qk_usb_device *device; /* NULL: not plugged in */
	struct qk_sim_source socket;
	struct qk_sim_queue queue;
	struct qk_sim_hook flush;
	struct qk_sim_timer wake;
	bool wants_write;
	bool busy;           /* the device reads: it must not go away */
	uint64_t leave_usec; /* when it leaves at the latest; 0: it does not */
	/* The other end, a kernel, is gone or speaks something else: one line. The link is unplugged by then. */
	void (*ended)(struct qk_usb_link *link, const char *why);
	/* The device was busy and is no more, or it is time to look again. */
	void (*idle)(struct qk_usb_link *link);
};

/* Once, before the first use; the caller has set what is above the device, and both functions. */
void qk_usb_link_prepare(struct qk_usb_link *link);
/* The end of it: unplugs. */
void qk_usb_link_done(struct qk_usb_link *link);

/* Plugs the modem in as what it is now; the socket `take_fd`, which is non-blocking, is the link's
 * whatever is returned. -ENODEV: it is not on the bus; -ENOMEM, or what epoll_ctl(2) says. */
QK_MUST_CHECK int qk_usb_link_plug(struct qk_usb_link *link, int take_fd);
/* Whether it may leave the bus now: not while the device reads, nor for QK_USB_LINK_GRACE_USEC while the
 * host has yet to fetch what a modem said that switches itself off. It asks again by `idle`. */
bool qk_usb_link_may_leave(struct qk_usb_link *link);
/* Closes the socket: for the host, the device is pulled out. */
void qk_usb_link_unplug(struct qk_usb_link *link);
