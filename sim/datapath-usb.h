/*
 * Data path on USB: carries a data path's transfers over the network interface of the modem on the bus.
 *
 * Owns: the data path. Does not know: what the transfers hold, descriptors.
 * Lifetime: qk_datapath_usb_new() to qk_datapath_usb_free(), after the USB device and before the modem
 * end.
 * Called from: main.c, which hands its `network` to the USB face; tests.
 */
#pragma once

#include "datapath.h"
#include "usb-net.h"

struct qk_datapath_usb {
	struct qk_usb_network network;
	struct qk_datapath *path;
	struct qk_usb_device *device; /* NULL: the host has not set it up */
};

/* A data path of `sim` with `outside` behind it, both borrowed. -ENOMEM. */
QK_MUST_CHECK int qk_datapath_usb_new(struct qk_sim *sim, const struct qk_outside *outside,
				      void *outside_userdata, struct qk_datapath_usb **ret);
/* NULL is fine; returns NULL. */
struct qk_datapath_usb *qk_datapath_usb_free(struct qk_datapath_usb *usb);
