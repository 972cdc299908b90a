/*
 * USB device, inside: the shape of a device, for the two files that are one.
 *
 * Owns: nothing. Does not know: what a function does. Lifetime: that of the device.
 * Called from: usb-device.c, usb-request.c.
 */
#pragma once

#include "usb-descriptor.h"
#include "usb-function.h"

struct qk_usb_device {
	struct qk_usb_model model;
	struct qk_sim *sim;
	struct qk_usb_host host;
	struct qk_sim_watcher watcher;
	struct qk_sim_queue input;
	struct qk_usbip_table pending;
	struct qk_usb_function *functions[QK_USB_INTERFACES_MAX]; /* NULL: nothing answers there */
	uint8_t settings[QK_USB_INTERFACES_MAX];                  /* the alternate setting */
	uint64_t plugged_usec;
	struct qk_usb_pipe pipe;
	bool configured, remote_wakeup;
	bool pulled;                            /* nothing is answered any more but that */
	bool breaks, broken;                    /* with the next answer; since then */
	uint8_t scratch[QK_USB_DESCRIPTOR_MAX]; /* an answer to a control request */
};

/* The interface that has this endpoint now, or -ENOENT. */
int qk_usb_find_endpoint(const struct qk_usb_device *device, uint8_t address);
/* Whether it is configured and has this interface. */
bool qk_usb_has_interface(const struct qk_usb_device *device, uint16_t index);

/* usb-request.c: runs a standard request; what has no row stalls. */
int qk_usb_request(struct qk_usb_device *device, const struct qk_usb_setup *setup,
		   struct qk_span *ret);
