/*
 * USB device: a modem on the bus. Answers control requests from its model's tables, carries QMI as
 * encapsulated commands, and keeps the other endpoints' transfers waiting.
 *
 * Owns: a port of the modem, the transfers that wait, the answers nobody has fetched, half a message.
 * Does not know: sockets, sysfs, which kernel is on the other side, time.
 * Lifetime: qk_usb_device_new() to qk_usb_device_free(), before the modem ends.
 * Called from: face-usb.c, tests. One thread.
 *
 * An answer or indication of the modem is one entry of a FIFO; each owes the host one
 * RESPONSE_AVAILABLE, and GET_ENCAPSULATED_RESPONSE hands out one entry. At most QK_USB_FIFO_MAX wait,
 * what comes then is lost. What the host sends to other endpoints is taken and dropped.
 * Sources: f_rmnet.c of the EG25's kernel; Linux drivers/usb/class/cdc-wdm.c.
 */
#pragma once

#include "sim.h"
#include "usb-model.h"
#include "usbip.h"

#define QK_USB_FIFO_MAX 64u

struct qk_usb_device;

/* Takes bytes to the host, borrowed. It may not call into the device. */
typedef void (*qk_usb_bytes_fn)(void *userdata, struct qk_span bytes);

/* Plugs `sim` in as `model`; both are borrowed. -ENOMEM. */
QK_MUST_CHECK int qk_usb_device_new(const struct qk_usb_model *model, struct qk_sim *sim,
				    qk_usb_bytes_fn bytes, void *userdata,
				    struct qk_usb_device **ret);
/* NULL is fine; returns NULL. */
struct qk_usb_device *qk_usb_device_free(struct qk_usb_device *device);

/* USB/IP messages from the host, in any cut. -EBADMSG: the host speaks something else; -ENOMEM. After
 * an error the connection is of no more use. */
QK_MUST_CHECK int qk_usb_device_input(struct qk_usb_device *device, struct qk_span bytes);
