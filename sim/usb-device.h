/*
 * USB device: a modem on the bus. Answers control requests from its model's tables, hands class
 * requests and transfers to what answers behind each interface, and keeps transfers waiting.
 *
 * Owns: a copy of its model, its functions, the transfers that wait, half a message.
 * Does not know: sockets, sysfs, which kernel is on the other side, what a function does.
 * Lifetime: qk_usb_device_new() to qk_usb_device_free(), before the modem ends: one stay on the bus.
 * Called from: face-usb.c, face-usbip.c, tests. One thread.
 *
 * The kinds of functions: usb-qmi.c (encapsulated commands), usb-serial.c (AT, modem, NMEA),
 * usb-diag.c, usb-net.c (the network's pipes), usb-cdc.c (ECM, MBIM, RNDIS).
 * Sources: f_rmnet.c and f_serial.c of the EG25's kernel; Linux drivers/usb/class/cdc-wdm.c.
 */
#pragma once

#include "sim.h"
#include "usb-model.h"
#include "usb-net.h"
#include "usbip.h"

/* Answers and indications that wait to be fetched; what comes then is lost. */
#define QK_USB_FIFO_MAX 64u
/* Bytes of one serial port that wait to be read; what comes then is lost. */
#define QK_USB_SERIAL_MAX 32768u

struct qk_usb_device;

/* The host's side. */
struct qk_usb_host {
	/* Takes a message to the host: its header and what follows it, borrowed. It may not call into
	 * the device. */
	void (*bytes)(void *userdata, struct qk_span header, struct qk_span data);
	void *userdata;
	/* Who carries its packets, or NULL: nobody, they are dropped. Borrowed. */
	const struct qk_usb_network *network;
};

/* Plugs `sim` in as `model`, which is copied; `sim` is borrowed. -ENOMEM. */
QK_MUST_CHECK int qk_usb_device_new(const struct qk_usb_model *model, struct qk_sim *sim,
				    const struct qk_usb_host *host, struct qk_usb_device **ret);
/* NULL is fine; returns NULL. */
struct qk_usb_device *qk_usb_device_free(struct qk_usb_device *device);

/* USB/IP messages from the host, in any cut. -EBADMSG: the host speaks something else; -ENOMEM. After
 * an error the connection is of no more use. */
QK_MUST_CHECK int qk_usb_device_input(struct qk_usb_device *device, struct qk_span bytes);

/* The cable is pulled: what waits ends, and so does all that comes yet, as of a device that has gone. A host that was
 * left without an answer would wait for it before it looks at the port again. */
void qk_usb_device_pull(struct qk_usb_device *device);

/* Whether the way to the host is full: the network sends nothing meanwhile. */
void qk_usb_device_set_congested(struct qk_usb_device *device, bool congested);

/* Whether it has an answer that the host was told of and has not fetched yet. */
bool qk_usb_device_has_answers(const struct qk_usb_device *device);
