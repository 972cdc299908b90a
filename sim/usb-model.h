/*
 * USB model: what a modem is on the bus, as data: identity, strings, interfaces and endpoints.
 *
 * Owns: its own bytes; plain data. Does not know: transfers, QMI, time.
 * Lifetime: made by qk_usb_compose() for one stay on the bus, or a table of a loader.
 * Called from: usb-device.c and usb-descriptor.c read it; the faces and tests make one.
 *
 * A layout is a file of its own (usb-ec25.c, usb-ec20.c): which functions a modem has in which order
 * and what they look like. To add a modem is to add such a file, or a profile alone where the layout is
 * known.
 */
#pragma once

#include <qmikit/wire.h>

#include "usb-config.h"

#define QK_USB_INTERFACES_MAX 12u
#define QK_USB_STRINGS_MAX 3u

/* Layouts by name: "usb.layout" of a profile. */
enum qk_usb_layout {
	QK_USB_LAYOUT_EC25,
	QK_USB_LAYOUT_EC20,
};

/* What answers behind an interface. */
enum qk_usb_role {
	QK_USB_NOTHING, /* transfers wait, class requests stall */
	QK_USB_DIAG,    /* no class request at all */
	QK_USB_NMEA,    /* serial ports: line coding and control lines */
	QK_USB_AT,
	QK_USB_MODEM,
	QK_USB_QMI, /* encapsulated commands; the network's bulk endpoints */
	QK_USB_ECM, /* Ethernet; its data interface is the next */
	QK_USB_MBIM,
	QK_USB_RNDIS,
	QK_USB_AUDIO, /* isochronous streams */
	QK_USB_DATA,  /* the data interface of the one before */
};

struct qk_usb_endpoint {
	uint8_t address;    /* 0x80 is in it for IN */
	uint8_t attributes; /* 1 isochronous, 2 bulk, 3 interrupt; the upper bits as on the bus */
	uint16_t max_packet;
	uint8_t interval;
	bool audio; /* two more bytes in its descriptor, and a class-specific one behind it */
};

struct qk_usb_alternate {
	uint8_t class_code, subclass, protocol;
	uint8_t functional[72]; /* class-specific descriptors, as they are on the bus */
	uint8_t functional_size;
	struct qk_usb_endpoint endpoints[3]; /* in the order of their descriptors */
	uint8_t endpoint_count;
};

struct qk_usb_interface {
	enum qk_usb_role role;
	struct qk_usb_alternate alternates[2];
	uint8_t alternate_count;
	/* an interface association begins here and spans so many interfaces; 0: none */
	uint8_t association_count, association_class, association_subclass, association_protocol;
};

struct qk_usb_model {
	uint16_t usb, vendor, product, release; /* bcdUSB, idVendor, idProduct, bcdDevice */
	uint8_t class_code, subclass, protocol; /* of the device */
	uint8_t max_packet0;
	uint8_t attributes, max_power; /* of the configuration; max_power in 2 mA */
	uint16_t language;
	/* ASCII: 1 manufacturer, 2 product, 3 the host's Ethernet address where ECM has one */
	char strings[QK_USB_STRINGS_MAX][32];
	uint8_t string_count;
	struct qk_usb_interface interfaces[QK_USB_INTERFACES_MAX];
	uint8_t interface_count;
	bool needs_dtr; /* QMI is silent while DTR is low */
	bool dead;      /* no control request is answered */
};

/* What `state` is on the bus at this moment. False: it is not there. */
bool qk_usb_compose(const struct qk_sim_state *state, struct qk_usb_model *ret);

/* usb-ec25.c, usb-ec20.c: adds the interfaces of a configuration. */
void qk_usb_ec25_add(struct qk_usb_model *model, const struct qk_sim_usb_config *config,
		     uint64_t seed);
void qk_usb_ec20_add(struct qk_usb_model *model, const struct qk_sim_usb_config *config,
		     uint64_t seed);
