/*
 * USB device: descriptors, control requests, endpoints (see usb-device.h).
 */
#include "usb-device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "queue.h"

/* Input is taken in pieces, so that half a message and one piece fit the queue. */
#define PIECE 16384u
#define LINE_CODING 7u

/* Descriptor types. */
#define DEVICE 1
#define CONFIGURATION 2
#define STRING 3
#define INTERFACE 4
#define ENDPOINT 5
#define QUALIFIER 6

#define FEATURE_HALT 0
#define FEATURE_REMOTE_WAKEUP 1

struct answer {
	uint8_t *data;
	size_t size;
};

struct qk_usb_device {
	const struct qk_usb_model *model;
	struct qk_sim_port *port;
	qk_usb_bytes_fn bytes;
	void *userdata;
	struct qk_sim_queue input;
	struct qk_usbip_table pending;
	struct answer fifo[QK_USB_FIFO_MAX]; /* oldest first */
	size_t fifo_count, owed;             /* owed: notifications that are not sent yet */
	uint8_t *fetched;                    /* the answer that was handed out last */
	struct qk_span command;              /* an encapsulated command that is acknowledged next */
	uint8_t scratch[512];                /* an answer to a control request */
	uint8_t line_coding[8][LINE_CODING];
	bool configured, remote_wakeup, dtr;
	bool hung_up; /* by a fault: the port takes commands again after a reset */
};

struct setup {
	uint8_t type, request;
	uint16_t value, index, length;
	struct qk_span data;
};

/* --- What the modem is */

static const struct qk_usb_endpoint *find_endpoint(const struct qk_usb_device *device,
						   uint8_t address,
						   const struct qk_usb_interface **ret)
{
	for (size_t i = 0; i < device->model->interface_count; i++) {
		const struct qk_usb_interface *interface = &device->model->interfaces[i];
		for (size_t k = 0; k < interface->endpoint_count; k++) {
			if (interface->endpoints[k].address != address)
				continue;
			*ret = interface;
			return &interface->endpoints[k];
		}
	}
	return NULL;
}

/* The interface that a request is for, where the device is configured and it plays this role. */
static const struct qk_usb_interface *find_interface(const struct qk_usb_device *device,
						     uint16_t index, enum qk_usb_role role)
{
	if (!device->configured || index >= device->model->interface_count ||
	    device->model->interfaces[index].role != role)
		return NULL;
	return &device->model->interfaces[index];
}

static void write_head(struct qk_writer *w, uint8_t size, uint8_t type)
{
	qk_write_uint(w, size, 1, false);
	qk_write_uint(w, type, 1, false);
}

static void write_device(const struct qk_usb_model *model, struct qk_writer *w)
{
	write_head(w, 18, DEVICE);
	qk_write_uint(w, model->usb, 2, false);
	qk_write_uint(w, 0, 3, false); /* the class is the interfaces' matter */
	qk_write_uint(w, model->max_packet0, 1, false);
	qk_write_uint(w, model->vendor, 2, false);
	qk_write_uint(w, model->product, 2, false);
	qk_write_uint(w, model->release, 2, false);
	qk_write_uint(w, 1, 1, false); /* manufacturer */
	qk_write_uint(w, 2, 1, false); /* product */
	qk_write_uint(w, 0, 1, false); /* no serial number */
	qk_write_uint(w, 1, 1, false); /* configurations */
}

static void write_qualifier(const struct qk_usb_model *model, struct qk_writer *w)
{
	write_head(w, 10, QUALIFIER);
	qk_write_uint(w, model->usb, 2, false);
	qk_write_uint(w, 0, 3, false);
	qk_write_uint(w, model->max_packet0, 1, false);
	qk_write_uint(w, 1, 1, false); /* configurations */
	qk_write_uint(w, 0, 1, false);
}

static void write_interface(const struct qk_usb_interface *interface, uint8_t number,
			    struct qk_writer *w)
{
	write_head(w, 9, INTERFACE);
	qk_write_uint(w, number, 1, false);
	qk_write_uint(w, 0, 1, false); /* alternate setting */
	qk_write_uint(w, interface->endpoint_count, 1, false);
	qk_write_uint(w, interface->class_code, 1, false);
	qk_write_uint(w, interface->subclass, 1, false);
	qk_write_uint(w, interface->protocol, 1, false);
	qk_write_uint(w, 0, 1, false); /* no string */
	qk_write_bytes(w, interface->functional.data, interface->functional.size);
	for (size_t i = 0; i < interface->endpoint_count; i++) {
		const struct qk_usb_endpoint *endpoint = &interface->endpoints[i];
		write_head(w, 7, ENDPOINT);
		qk_write_uint(w, endpoint->address, 1, false);
		qk_write_uint(w, endpoint->attributes, 1, false);
		qk_write_uint(w, endpoint->max_packet, 2, false);
		qk_write_uint(w, endpoint->interval, 1, false);
	}
}

static void write_configuration(const struct qk_usb_model *model, struct qk_writer *w)
{
	write_head(w, 9, CONFIGURATION);
	qk_write_uint(w, 0, 2, false); /* the length of all, set below */
	qk_write_uint(w, model->interface_count, 1, false);
	qk_write_uint(w, 1, 1, false); /* its value */
	qk_write_uint(w, 0, 1, false); /* no string */
	qk_write_uint(w, model->attributes, 1, false);
	qk_write_uint(w, model->max_power, 1, false);
	for (uint8_t i = 0; i < model->interface_count; i++)
		write_interface(&model->interfaces[i], i, w);
	size_t size = qk_writer_used(w);
	w->start[2] = (uint8_t)size;
	w->start[3] = (uint8_t)(size >> 8);
}

static bool write_string(const struct qk_usb_model *model, uint8_t number, uint16_t language,
			 struct qk_writer *w)
{
	if (number == 0) {
		write_head(w, 4, STRING);
		qk_write_uint(w, model->language, 2, false);
		return true;
	}
	if (number > 2 || language != model->language)
		return false;
	const char *text = model->strings[number - 1];
	write_head(w, (uint8_t)(2 + 2 * strlen(text)), STRING);
	for (; *text; text++)
		qk_write_uint(w, (uint8_t)*text, 2, false);
	return true;
}

/* --- Control requests: 0 and perhaps an answer, or -EPIPE, which is a stall */

static int get_descriptor(struct qk_usb_device *device, const struct setup *setup,
			  struct qk_span *ret)
{
	struct qk_writer w = qk_writer(device->scratch, sizeof(device->scratch));
	uint8_t number = (uint8_t)setup->value;

	switch (setup->value >> 8) {
	case DEVICE:
		write_device(device->model, &w);
		break;
	case CONFIGURATION:
		if (number != 0)
			return -EPIPE;
		write_configuration(device->model, &w);
		break;
	case STRING:
		if (!write_string(device->model, number, setup->index, &w))
			return -EPIPE;
		break;
	case QUALIFIER:
		write_qualifier(device->model, &w);
		break;
	default:
		return -EPIPE;
	}
	if (w.error)
		return -EPIPE;
	*ret = (struct qk_span){ device->scratch, qk_writer_used(&w) };
	return 0;
}

/* A small number as the answer, little endian. */
static int give(struct qk_usb_device *device, uint16_t value, size_t size, struct qk_span *ret)
{
	device->scratch[0] = (uint8_t)value;
	device->scratch[1] = (uint8_t)(value >> 8);
	*ret = (struct qk_span){ device->scratch, size };
	return 0;
}

static void forget_answers(struct qk_usb_device *device)
{
	while (device->fifo_count)
		free(device->fifo[--device->fifo_count].data);
	device->owed = 0;
}

/* Whatever the host sets up anew empties the FIFO and lowers DTR. */
static int set_configuration(struct qk_usb_device *device, const struct setup *setup,
			     struct qk_span *ret)
{
	(void)ret;
	if (setup->value > 1)
		return -EPIPE;
	device->configured = setup->value == 1;
	device->dtr = false;
	forget_answers(device);
	return 0;
}

static int get_configuration(struct qk_usb_device *device, const struct setup *setup,
			     struct qk_span *ret)
{
	(void)setup;
	return give(device, device->configured, 1, ret);
}

static int get_device_status(struct qk_usb_device *device, const struct setup *setup,
			     struct qk_span *ret)
{
	(void)setup;
	return give(device, device->remote_wakeup ? 2 : 0, 2, ret);
}

static bool has_interface(const struct qk_usb_device *device, uint16_t index)
{
	return device->configured && index < device->model->interface_count;
}

static int get_interface_status(struct qk_usb_device *device, const struct setup *setup,
				struct qk_span *ret)
{
	return has_interface(device, setup->index) ? give(device, 0, 2, ret) : -EPIPE;
}

static bool has_endpoint(const struct qk_usb_device *device, uint16_t index)
{
	const struct qk_usb_interface *interface;

	return (index & 0xff7f) == 0 || /* endpoint 0, in either direction */
	       (device->configured && index <= 0xff &&
		find_endpoint(device, (uint8_t)index, &interface));
}

static int get_endpoint_status(struct qk_usb_device *device, const struct setup *setup,
			       struct qk_span *ret)
{
	return has_endpoint(device, setup->index) ? give(device, 0, 2, ret) : -EPIPE;
}

static int change_device_feature(struct qk_usb_device *device, const struct setup *setup,
				 struct qk_span *ret)
{
	(void)ret;
	if (setup->value != FEATURE_REMOTE_WAKEUP)
		return -EPIPE;
	device->remote_wakeup = setup->request == 3; /* SET_FEATURE; 1 is CLEAR_FEATURE */
	return 0;
}

/* No endpoint ever halts by itself; clearing that is what drivers do to begin anew. */
static int clear_endpoint_feature(struct qk_usb_device *device, const struct setup *setup,
				  struct qk_span *ret)
{
	(void)ret;
	return setup->value == FEATURE_HALT && has_endpoint(device, setup->index) ? 0 : -EPIPE;
}

static int set_interface(struct qk_usb_device *device, const struct setup *setup,
			 struct qk_span *ret)
{
	(void)ret;
	return has_interface(device, setup->index) && setup->value == 0 ? 0 : -EPIPE;
}

static int get_interface(struct qk_usb_device *device, const struct setup *setup,
			 struct qk_span *ret)
{
	return has_interface(device, setup->index) ? give(device, 0, 1, ret) : -EPIPE;
}

static int set_line_coding(struct qk_usb_device *device, const struct setup *setup,
			   struct qk_span *ret)
{
	(void)ret;
	if (!find_interface(device, setup->index, QK_USB_SERIAL) || setup->data.size != LINE_CODING)
		return -EPIPE;
	memcpy(device->line_coding[setup->index], setup->data.data, LINE_CODING);
	return 0;
}

static int get_line_coding(struct qk_usb_device *device, const struct setup *setup,
			   struct qk_span *ret)
{
	if (!find_interface(device, setup->index, QK_USB_SERIAL))
		return -EPIPE;
	*ret = (struct qk_span){ device->line_coding[setup->index], LINE_CODING };
	return 0;
}

static int set_control_lines(struct qk_usb_device *device, const struct setup *setup,
			     struct qk_span *ret)
{
	(void)ret;
	if (find_interface(device, setup->index, QK_USB_SERIAL))
		return 0;
	if (!find_interface(device, setup->index, QK_USB_QMI))
		return -EPIPE;
	device->dtr = setup->value & 1;
	return 0;
}

/* Without DTR the modem does not answer at all; it takes the bytes nevertheless. */
static int send_command(struct qk_usb_device *device, const struct setup *setup,
			struct qk_span *ret)
{
	(void)ret;
	if (!find_interface(device, setup->index, QK_USB_QMI))
		return -EPIPE;
	if (device->dtr)
		device->command = setup->data;
	return 0;
}

/* An empty FIFO is an empty answer, not a stall. */
static int get_response(struct qk_usb_device *device, const struct setup *setup,
			struct qk_span *ret)
{
	if (!find_interface(device, setup->index, QK_USB_QMI) || setup->value != 0)
		return -EPIPE;
	if (!device->fifo_count)
		return 0;
	struct answer answer = device->fifo[0];
	memmove(device->fifo, device->fifo + 1, --device->fifo_count * sizeof(answer));
	free(device->fetched);
	device->fetched = answer.data;
	*ret = (struct qk_span){ answer.data, answer.size };
	return 0;
}

/* A row: bmRequestType, bRequest and what it does. What has no row stalls. */
static const struct {
	uint8_t type, request;
	int (*run)(struct qk_usb_device *device, const struct setup *setup, struct qk_span *ret);
} requests[] = {
	{ 0x80, 0x00, get_device_status },     { 0x81, 0x00, get_interface_status },
	{ 0x82, 0x00, get_endpoint_status },   { 0x00, 0x01, change_device_feature },
	{ 0x00, 0x03, change_device_feature }, { 0x02, 0x01, clear_endpoint_feature },
	{ 0x80, 0x06, get_descriptor },        { 0x80, 0x08, get_configuration },
	{ 0x00, 0x09, set_configuration },     { 0x81, 0x0a, get_interface },
	{ 0x01, 0x0b, set_interface },         { 0x21, 0x00, send_command },
	{ 0xa1, 0x01, get_response },          { 0x21, 0x20, set_line_coding },
	{ 0xa1, 0x21, get_line_coding },       { 0x21, 0x22, set_control_lines },
};

static int run_request(struct qk_usb_device *device, const struct setup *setup, struct qk_span *ret)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].type == setup->type && requests[i].request == setup->request)
			return requests[i].run(device, setup, ret);
	return -EPIPE;
}

/* --- Transfers */

static void reply(struct qk_usb_device *device, uint32_t number, int status, size_t size,
		  struct qk_span data)
{
	uint8_t header[QK_USBIP_HEADER];

	qk_usbip_write_submit(header, number, status, size);
	device->bytes(device->userdata, (struct qk_span){ header, sizeof(header) });
	if (data.size)
		device->bytes(device->userdata, data);
}

static struct setup read_setup(const struct qk_usbip_command *command)
{
	struct qk_cursor c = qk_cursor((struct qk_span){ command->setup, QK_USBIP_SETUP });
	struct setup setup = { .data = command->data };

	setup.type = (uint8_t)qk_cursor_uint(&c, 1, false);
	setup.request = (uint8_t)qk_cursor_uint(&c, 1, false);
	setup.value = (uint16_t)qk_cursor_uint(&c, 2, false);
	setup.index = (uint16_t)qk_cursor_uint(&c, 2, false);
	setup.length = (uint16_t)qk_cursor_uint(&c, 2, false);
	return setup;
}

/* Behind the acknowledgement, since the modem may answer at once. */
static void run_command(struct qk_usb_device *device)
{
	struct qk_span command = device->command;

	device->command = (struct qk_span){ 0 };
	if (!command.size)
		return;
	if (device->hung_up)
		qk_sim_port_reset(device->port);
	device->hung_up = false;
	qk_sim_input(device->port, command);
}

static void control(struct qk_usb_device *device, const struct qk_usbip_command *command)
{
	struct setup setup = read_setup(command);
	struct qk_span data = { 0 };
	bool in = command->address & 0x80;

	/* the transfer and the request must agree on the way, unless there are no bytes to go it */
	int r = in == !!(setup.type & 0x80) || !setup.length ? run_request(device, &setup, &data)
							     : -EPIPE;
	if (in) {
		if (data.size > setup.length)
			data.size = setup.length;
		if (data.size > command->length)
			data.size = command->length;
		reply(device, command->number, r, data.size, data);
	} else {
		reply(device, command->number, r, r == 0 ? setup.data.size : 0,
		      (struct qk_span){ 0 });
	}
	run_command(device);
}

/* Tells the host that an answer waits, once for each, as far as it listens. */
static void notify(struct qk_usb_device *device)
{
	for (uint8_t i = 0; i < device->model->interface_count; i++) {
		const struct qk_usb_interface *interface = &device->model->interfaces[i];
		/* RESPONSE_AVAILABLE from this interface */
		const uint8_t message[] = { 0xa1, 0x01, 0, 0, i, 0, 0, 0 };
		struct qk_usbip_pending waiting;

		if (interface->role != QK_USB_QMI)
			continue;
		while (device->owed &&
		       qk_usbip_take_oldest(&device->pending, interface->endpoints[0].address,
					    &waiting)) {
			size_t size =
				sizeof(message) < waiting.length ? sizeof(message) : waiting.length;
			device->owed--;
			reply(device, waiting.number, 0, size, (struct qk_span){ message, size });
		}
	}
}

static int submit(struct qk_usb_device *device, const struct qk_usbip_command *command)
{
	const struct qk_usb_interface *interface;
	int r;

	if (!(command->address & 0x7f)) {
		control(device, command);
		return 0;
	}
	if (!device->configured || !find_endpoint(device, command->address, &interface)) {
		reply(device, command->number, -EPIPE, 0, (struct qk_span){ 0 });
		return 0;
	}
	if (!(command->address & 0x80)) {
		reply(device, command->number, 0, command->data.size, (struct qk_span){ 0 });
		return 0;
	}
	r = qk_usbip_pend(&device->pending, command);
	if (r == -EEXIST)
		return -EBADMSG;
	if (r < 0)
		reply(device, command->number, -ENOMEM, 0, (struct qk_span){ 0 });
	notify(device);
	return 0;
}

static void take_back(struct qk_usb_device *device, const struct qk_usbip_command *command)
{
	uint8_t header[QK_USBIP_HEADER];
	bool waited = qk_usbip_take_number(&device->pending, command->unlink);

	qk_usbip_write_unlink(header, command->number, waited ? -ECONNRESET : 0);
	device->bytes(device->userdata, (struct qk_span){ header, sizeof(header) });
}

static int run_input(struct qk_usb_device *device)
{
	for (;;) {
		struct qk_usbip_command command;
		int r = qk_usbip_read(qk_sim_queue_waiting(&device->input), &command);

		if (r <= 0)
			return r;
		size_t size = (size_t)r;
		r = 0;
		if (command.kind == QK_USBIP_SUBMIT)
			r = submit(device, &command);
		else
			take_back(device, &command);
		if (r < 0)
			return r;
		qk_sim_queue_drop(&device->input, size);
	}
}

int qk_usb_device_input(struct qk_usb_device *device, struct qk_span bytes)
{
	while (bytes.size) {
		size_t size = bytes.size < PIECE ? bytes.size : PIECE;

		qk_sim_queue_put(&device->input, (struct qk_span){ bytes.data, size });
		if (device->input.lost)
			return -ENOMEM;
		int r = run_input(device);
		if (r < 0)
			return r;
		bytes.data += size;
		bytes.size -= size;
	}
	return 0;
}

/* --- The modem's side */

static void on_answer(void *userdata, struct qk_span bytes)
{
	struct qk_usb_device *device = userdata;

	if (!device->dtr || device->fifo_count == QK_USB_FIFO_MAX || !bytes.size)
		return;
	uint8_t *copy = malloc(bytes.size);
	if (!copy)
		return;
	memcpy(copy, bytes.data, bytes.size);
	device->fifo[device->fifo_count++] = (struct answer){ copy, bytes.size };
	device->owed++;
	notify(device);
}

/* There is no hanging up on this bus: the host has got what had come by then. */
static void on_hang_up(void *userdata)
{
	struct qk_usb_device *device = userdata;

	device->hung_up = true;
}

int qk_usb_device_new(const struct qk_usb_model *model, struct qk_sim *sim, qk_usb_bytes_fn bytes,
		      void *userdata, struct qk_usb_device **ret)
{
	static const struct qk_sim_sink sink = { on_answer, on_hang_up };
	struct qk_usb_device *device = calloc(1, sizeof(*device));

	if (!device)
		return -ENOMEM;
	device->model = model;
	device->bytes = bytes;
	device->userdata = userdata;
	if (qk_sim_attach(sim, &sink, device, &device->port) < 0) {
		free(device);
		return -ENOMEM;
	}
	*ret = device;
	return 0;
}

struct qk_usb_device *qk_usb_device_free(struct qk_usb_device *device)
{
	if (!device)
		return NULL;
	qk_sim_detach(device->port);
	forget_answers(device);
	free(device->fetched);
	qk_sim_queue_done(&device->input);
	free(device);
	return NULL;
}
