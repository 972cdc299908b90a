/*
 * USB model: what a modem is on the bus, as data: identity, strings, interfaces and endpoints.
 *
 * Owns: nothing; constant tables. Does not know: transfers, QMI.
 * Lifetime: that of the program. Called from: usb-device.c reads it; face-usb.c and tests choose one.
 *
 * To add a modem: one file with one table, as usb-ec25.c.
 */
#pragma once

#include <qmikit/wire.h>

/* What answers behind an interface. */
enum qk_usb_role {
	QK_USB_DIAG,   /* no class request at all */
	QK_USB_SERIAL, /* line coding and control lines */
	QK_USB_QMI,    /* encapsulated commands; the network's bulk endpoints */
};

struct qk_usb_endpoint {
	uint8_t address;    /* 0x80 is in it for IN */
	uint8_t attributes; /* 2 bulk, 3 interrupt */
	uint16_t max_packet;
	uint8_t interval;
};

struct qk_usb_interface {
	enum qk_usb_role role;
	uint8_t class_code, subclass, protocol;
	struct qk_span functional; /* class-specific descriptors, as they are on the bus */
	struct qk_usb_endpoint endpoints[3];
	uint8_t endpoint_count;
};

struct qk_usb_model {
	uint16_t usb, vendor, product, release; /* bcdUSB, idVendor, idProduct, bcdDevice */
	uint8_t max_packet0;
	uint8_t attributes, max_power; /* of the configuration; max_power in 2 mA */
	uint16_t language;
	const char *strings[2]; /* manufacturer and product, numbers 1 and 2; ASCII */
	struct qk_usb_interface interfaces[8];
	uint8_t interface_count;
};

extern const struct qk_usb_model qk_usb_ec25;
