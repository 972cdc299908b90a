/*
 * Bus: a host's kernel on the other side of a virtual modem on the bus, for tests.
 *
 * Owns: a modem of the default profile, its device, all that it has said. Does not know: what a driver
 * wants. Lifetime: one test. Called from: test-usb-device.c, test-usb-functions.c.
 */
#pragma once

#include "sim/usb-device.h"

#define BUS_SUBMITTED 3
#define BUS_UNLINKED 4
#define BUS_SYNC_ANSWER \
	"\x01\x12\x00\x80\x00\x00\x01\x01\x27\x00\x07\x00\x02\x04\x00\x00\x00\x00\x00"
#define BUS_NOTIFY 9 /* the interrupt endpoint of QMI */

struct bus {
	struct qk_sim_profile *profile;
	struct qk_sim *sim;
	struct qk_usb_device *device;
	const struct qk_usb_network *network;
	uint8_t said[262144];
	size_t said_size, read_size;
	uint32_t number; /* of the last message */
	bool out[1024];  /* by number: it brought its bytes, its answer has none */
};

/* What came back. */
struct bus_answer {
	uint32_t kind, number;
	int32_t status;
	size_t size; /* that were moved */
	struct qk_span data;
};

/* Plugs the modem in as what it is now. */
void bus_plug_in(struct bus *bus);
/* Of the default profile, or of another one; notifications come at once. */
int bus_setup(void **state);
int bus_setup_profile(void **state, const char *name);
int bus_teardown(void **state);
/* A message as it is. What the device says of it. */
int bus_send(struct bus *bus, uint32_t kind, bool in, uint32_t endpoint, uint32_t length,
	     const void *eight, struct qk_span data);
/* Submits a transfer. Returns its number. */
uint32_t bus_submit(struct bus *bus, bool in, uint32_t endpoint, uint32_t length);
/* Submits bytes to an OUT endpoint; they must be taken. */
void bus_write(struct bus *bus, uint32_t endpoint, const char *bytes, size_t size);
/* The transfer `number` has ended, with these bytes, and that is the next that is said. */
void bus_expect_data(struct bus *bus, uint32_t number, const char *bytes, size_t size);
void bus_expect_silence(struct bus *bus);
void bus_unlink(struct bus *bus, uint32_t number);
bool bus_next(struct bus *bus, struct bus_answer *ret);
/* A control transfer and its answer, which must be the next; the status, or the size that came. */
int bus_control(struct bus *bus, const char *eight, struct qk_span data, struct qk_span *ret);
int bus_ask(struct bus *bus, const char *eight);
void bus_configure(struct bus *bus);
void bus_expect(struct bus *bus, const char *eight, const char *bytes, size_t size);
/* A CTL Sync, as qmicli sends it, and what must come of it. */
void bus_send_sync(struct bus *bus);
void bus_expect_sync(struct bus *bus);
void bus_expect_notification(struct bus *bus, uint32_t number);
