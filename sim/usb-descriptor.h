/*
 * USB descriptors: a model as the bytes that a host asks for.
 *
 * Owns: nothing. Does not know: transfers, who asks.
 * Lifetime: none. Called from: usb-device.c, face-usbip.c, tests.
 */
#pragma once

#include "usb-model.h"

/* Room for every descriptor; the largest is a configuration with audio and a network. */
#define QK_USB_DESCRIPTOR_MAX 1024u

/* Writes the descriptor of wValue `value` (type and number) and wIndex `index` (of a string: its
 * language). Its bytes, or -EPIPE: there is none, the request stalls. */
QK_MUST_CHECK int qk_usb_describe(const struct qk_usb_model *model, uint16_t value, uint16_t index,
				  uint8_t ret[QK_USB_DESCRIPTOR_MAX]);
