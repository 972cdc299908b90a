/*
 * USB model of the Quectel EC25-EUX at high speed, in the composition it is delivered with.
 *
 * How sure it is, by the marks of docs/virtual-modem.md: S all but this: product and manufacturer C
 * (sister products say "Android"), remote wakeup in `attributes` U (units with ADB have 0x80).
 * Sources: `lsusb -v` of an EC25-E in the osmocom wiki, the gadget functions f_serial.c and f_rmnet.c of
 * the EG25's published kernel. The number of endpoints tells Linux' drivers DIAG from QMI: option
 * wants two of them behind FF/FF/FF, qmi_wwan three.
 */
#include "usb-model.h"

/* clang-format off */
#define BULK(endpoint) { .address = (endpoint), .attributes = 2, .max_packet = 512 }
#define INTERRUPT(endpoint, size) \
	{ .address = (endpoint), .attributes = 3, .max_packet = (size), .interval = 9 }
/* clang-format on */

/* Header 1.10, call management, ACM, union. That the last and the second name interface 0, which they
 * do not belong to, is how the device is. */
static const uint8_t serial_functional[] = {
	0x05, 0x24, 0x00, 0x10, 0x01, 0x05, 0x24, 0x01, 0x00, 0x00,
	0x04, 0x24, 0x02, 0x02, 0x05, 0x24, 0x06, 0x00, 0x00,
};

/* clang-format off */
#define SERIAL(notify, in, out) {						\
		.role = QK_USB_SERIAL,						\
		.class_code = 0xff,						\
		.functional = { serial_functional, sizeof(serial_functional) },	\
		.endpoints = { INTERRUPT(notify, 10), BULK(in), BULK(out) },	\
		.endpoint_count = 3,						\
	}
/* clang-format on */

const struct qk_usb_model qk_usb_ec25 = {
	.usb = 0x0200,
	.vendor = 0x2c7c,
	.product = 0x0125,
	.release = 0x0318,
	.max_packet0 = 64,
	.attributes = 0xa0,
	.max_power = 250,
	.language = 0x0409,
	.strings = { "Quectel", "EC25-EUX" },
	.interfaces = {
		{
			.role = QK_USB_DIAG,
			.class_code = 0xff,
			.subclass = 0xff,
			.protocol = 0xff,
			.endpoints = { BULK(0x81), BULK(0x01) },
			.endpoint_count = 2,
		},
		SERIAL(0x83, 0x82, 0x02), /* NMEA */
		SERIAL(0x85, 0x84, 0x03), /* AT */
		SERIAL(0x87, 0x86, 0x04), /* modem */
		{
			.role = QK_USB_QMI,
			.class_code = 0xff,
			.subclass = 0xff,
			.protocol = 0xff,
			.endpoints = { INTERRUPT(0x89, 8), BULK(0x88), BULK(0x05) },
			.endpoint_count = 3,
		},
	},
	.interface_count = 5,
};
