/*
 * USB network: the bulk endpoints of the modem's network interface. What the host sends there is
 * handed on, one transfer at a time; what comes back ends one waiting transfer each.
 *
 * Owns: nothing. Does not know: IP, QMAP, which data call a packet belongs to.
 * Lifetime: a device is there from `plugged` to the next `plugged`; nothing waits across that.
 * Called from: usb-device.c calls the functions, the data path calls the device.
 *
 * All are called in the thread of the modem. A function may call qk_usb_network_send(), but may not
 * let the modem end.
 */
#pragma once

#include <qmikit/wire.h>

struct qk_usb_device;

/* Who carries packets for a modem on the bus. */
struct qk_usb_network {
	/* The host has set the device up and this function carries its packets from now on; NULL: it is
	 * gone (unplugged or reset). */
	void (*plugged)(void *userdata, struct qk_usb_device *device);
	/* A bulk transfer from the host, whole; borrowed. It is acknowledged whatever becomes of it. */
	void (*transfer)(void *userdata, struct qk_span data);
	/* There is room again after qk_usb_network_send() said -EAGAIN. */
	void (*ready)(void *userdata);
	void *userdata;
};

/* Hands `data` to the host as one transfer. -EAGAIN: no transfer waits, or the host's reader is behind:
 * `ready` will tell; -EMSGSIZE: longer than the transfer that waits (which goes on waiting); -ENODEV:
 * the host has not set the interface up. */
QK_MUST_CHECK int qk_usb_network_send(struct qk_usb_device *device, struct qk_span data);

/* The size of the transfer that the next qk_usb_network_send() ends; 0: it would say -EAGAIN. */
size_t qk_usb_network_room(struct qk_usb_device *device);
