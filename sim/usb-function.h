/*
 * USB functions: what answers behind the interfaces of a device, each kind a table of functions and a
 * file of its own: QMI, serial ports, DIAG, networks.
 *
 * Owns: nothing. Does not know: USB/IP, descriptors, sockets.
 * Lifetime: that of the device; host set-ups come and go meanwhile (`configure`).
 * Called from: usb-device.c calls the functions; they call the device by what stands here.
 */
#pragma once

#include "queue.h"
#include "usb-device.h"

struct qk_usb_setup {
	uint8_t type, request;
	uint16_t value, index, length;
	struct qk_span data;
};

struct qk_usb_function;

/* All but `size` may be NULL. */
struct qk_usb_function_type {
	size_t size; /* of the struct that begins with struct qk_usb_function */
	int (*open)(struct qk_usb_function *function);
	void (*close)(struct qk_usb_function *function);
	/* The host has set the device up, anew or for the first time, or has taken that back. */
	void (*configure)(struct qk_usb_function *function, bool on);
	/* A class request to its interface: 0 and perhaps an answer, -EPIPE: a stall, -EINPROGRESS: it
	 * is never answered. */
	int (*request)(struct qk_usb_function *function, const struct qk_usb_setup *setup,
		       struct qk_span *ret);
	/* The request was acknowledged; its data is still there. */
	void (*acknowledged)(struct qk_usb_function *function, const struct qk_usb_setup *setup);
	/* Bytes from the host at an OUT endpoint; borrowed. */
	void (*out)(struct qk_usb_function *function, struct qk_span data);
	/* A transfer has begun to wait at an IN endpoint. */
	void (*in)(struct qk_usb_function *function, uint8_t address);
	/* An isochronous transfer, in either direction: 0, or the status with which it ends at once. */
	int (*isochronous)(struct qk_usb_function *function,
			   const struct qk_usbip_command *command);
	/* The host takes one back. Whether it waited. */
	bool (*take_back)(struct qk_usb_function *function, uint32_t number);
	/* What changed in the modem, QK_SIM_CHANGED_*. */
	void (*changed)(struct qk_usb_function *function, uint32_t changed);
	/* The time `due_usec` has come. */
	void (*due)(struct qk_usb_function *function);
	/* Whether an answer waits to be fetched. */
	bool (*has_answers)(const struct qk_usb_function *function);
};

struct qk_usb_function {
	const struct qk_usb_function_type *type;
	struct qk_usb_device *device;
	const struct qk_usb_interface *interface;
	uint8_t number;    /* of the interface */
	uint64_t due_usec; /* set by qk_usb_function_wake() */
};

extern const struct qk_usb_function_type qk_usb_qmi_function, qk_usb_serial_function,
	qk_usb_diag_function, qk_usb_network_function, qk_usb_audio_function;

/* The address of its interrupt IN, bulk IN or bulk OUT endpoint, in any alternate setting; 0: none. */
uint8_t qk_usb_function_interrupt(const struct qk_usb_function *function);
uint8_t qk_usb_function_bulk_in(const struct qk_usb_function *function);

struct qk_sim *qk_usb_device_sim(const struct qk_usb_device *device);
const struct qk_usb_model *qk_usb_device_model(const struct qk_usb_device *device);

/* The size of the oldest transfer that waits at an IN endpoint; 0: none waits (one of 0 bytes counts as
 * none). */
size_t qk_usb_device_waiting(const struct qk_usb_device *device, uint8_t address);
/* Ends the oldest transfer that waits at an IN endpoint, with as much of `data` as it has room for.
 * How much that was; -EAGAIN: none waits. */
QK_MUST_CHECK int qk_usb_device_give(struct qk_usb_device *device, uint8_t address,
				     struct qk_span data);

/* Ends an isochronous transfer: its bytes, if it goes IN, and its packets' rows behind them in `data`;
 * `size` bytes were moved. */
void qk_usb_device_end_isochronous(struct qk_usb_device *device, uint32_t number, size_t size,
				   uint32_t packets, struct qk_span data);

/* Hands out what waits in `queue` at the bulk IN endpoint, as far as the host has room; _queue() puts
 * `bytes` behind it first, or loses them when QK_USB_SERIAL_MAX wait. */
void qk_usb_function_flush(struct qk_usb_function *function, struct qk_sim_queue *queue);
void qk_usb_function_queue(struct qk_usb_function *function, struct qk_sim_queue *queue,
			   struct qk_span bytes);

/* Calls `due` at that time; QK_SIM_NEVER: not at all. */
void qk_usb_function_wake(struct qk_usb_function *function, uint64_t usec);

/* By a fault: the device vanishes in the middle of the transfer that is answered next, and is back after
 * `off_usec`. */
void qk_usb_device_break(struct qk_usb_device *device, uint64_t off_usec);

/* The next time at which the host asks an interrupt endpoint, by the rhythm of the bus: now, when it has
 * none. */
uint64_t qk_usb_device_next_poll(const struct qk_usb_device *device);

/* usb-net.c: the network's bulk endpoints of a device. */
struct qk_usb_pipe {
	const struct qk_usb_network *network;
	uint8_t address_in; /* 0: the host has not set it up */
	bool wants;         /* `ready` is owed */
	bool congested;
};
struct qk_usb_pipe *qk_usb_device_pipe(struct qk_usb_device *device);
void qk_usb_pipe_open(struct qk_usb_device *device, uint8_t address_in);
void qk_usb_pipe_close(struct qk_usb_device *device);
/* A transfer from the host, and one that waits for us. */
void qk_usb_pipe_out(struct qk_usb_device *device, struct qk_span data);
void qk_usb_pipe_in(struct qk_usb_device *device);
