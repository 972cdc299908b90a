/*
 * USB, building: the functions that modems of this family have on the bus, one after the other, with
 * endpoint numbers as the gadget of their Linux gives them out: the next free one.
 *
 * Owns: nothing. Does not know: which functions a modem has.
 * Lifetime: a builder is on the stack. Called from: usb-ec25.c, usb-ec20.c, usb-compose.c.
 */
#pragma once

#include "usb-model.h"

struct qk_usb_builder {
	struct qk_usb_model *model;
	uint8_t next_in, next_out; /* endpoint numbers */
};

struct qk_usb_class {
	uint8_t code, subclass, protocol;
};

struct qk_usb_builder qk_usb_builder(struct qk_usb_model *model);

/* DIAG, a loader: bulk IN and OUT. */
void qk_usb_add_bulk_pair(struct qk_usb_builder *builder, enum qk_usb_role role,
			  struct qk_usb_class class);
/* A serial port: interrupt IN, bulk IN, bulk OUT, and the functional descriptors of an ACM. */
void qk_usb_add_serial(struct qk_usb_builder *builder, enum qk_usb_role role,
		       struct qk_usb_class class);
/* QMI and the network. */
void qk_usb_add_rmnet(struct qk_usb_builder *builder, struct qk_usb_class class);
/* Ethernet; `address` is the host's, in the descriptor's string. */
void qk_usb_add_ecm(struct qk_usb_builder *builder, const uint8_t address[6]);
void qk_usb_add_mbim(struct qk_usb_builder *builder);
void qk_usb_add_rndis(struct qk_usb_builder *builder);
/* The debug bridge: bulk OUT comes first. */
void qk_usb_add_adb(struct qk_usb_builder *builder);
/* Audio: control, capture, playback (8 kHz, 16 bit, mono). */
void qk_usb_add_audio(struct qk_usb_builder *builder);
