/*
 * USB device: control requests, transfers, deadlines (see usb-device.h).
 */
#include "usb-device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "usb-inside.h"

/* Input is taken in pieces, so that half a message and one piece fit the queue. */
#define PIECE 16384u

#define ENDPOINT_TYPE 3u
#define INTERRUPT 3u
#define BULK 2u

/* --- What the modem is */

static const struct qk_usb_alternate *alternate_of(const struct qk_usb_device *device, size_t i)
{
	return &device->model.interfaces[i].alternates[device->settings[i]];
}

int qk_usb_find_endpoint(const struct qk_usb_device *device, uint8_t address)
{
	for (uint8_t i = 0; device->configured && i < device->model.interface_count; i++) {
		const struct qk_usb_alternate *alternate = alternate_of(device, i);
		for (size_t k = 0; k < alternate->endpoint_count; k++)
			if (alternate->endpoints[k].address == address)
				return i;
	}
	return -ENOENT;
}

bool qk_usb_has_interface(const struct qk_usb_device *device, uint16_t index)
{
	return device->configured && index < device->model.interface_count;
}

static uint8_t find_address(const struct qk_usb_interface *interface, uint8_t type, uint8_t way)
{
	const struct qk_usb_alternate *alternate =
		&interface->alternates[interface->alternate_count - 1];

	for (size_t i = 0; i < alternate->endpoint_count; i++)
		if ((alternate->endpoints[i].attributes & ENDPOINT_TYPE) == type &&
		    (alternate->endpoints[i].address & 0x80) == way)
			return alternate->endpoints[i].address;
	return 0;
}

uint8_t qk_usb_function_interrupt(const struct qk_usb_function *function)
{
	return find_address(function->interface, INTERRUPT, 0x80);
}

uint8_t qk_usb_function_bulk_in(const struct qk_usb_function *function)
{
	return find_address(function->interface, BULK, 0x80);
}

struct qk_sim *qk_usb_device_sim(const struct qk_usb_device *device)
{
	return device->sim;
}

const struct qk_usb_model *qk_usb_device_model(const struct qk_usb_device *device)
{
	return &device->model;
}

/* The function that a class request is for, or NULL. */
static struct qk_usb_function *addressee(const struct qk_usb_device *device,
					 const struct qk_usb_setup *setup)
{
	bool class_request = (setup->type & 0x7f) == 0x21; /* to an interface */

	return class_request && qk_usb_has_interface(device, setup->index)
		       ? device->functions[setup->index]
		       : NULL;
}

static int run_request(struct qk_usb_device *device, const struct qk_usb_setup *setup,
		       struct qk_span *ret)
{
	struct qk_usb_function *function = addressee(device, setup);

	if (function && function->type->request)
		return function->type->request(function, setup, ret);
	return qk_usb_request(device, setup, ret);
}

/* --- Transfers */

static void say(struct qk_usb_device *device, const uint8_t header[QK_USBIP_HEADER],
		struct qk_span data)
{
	if (device->broken)
		return;
	device->broken = device->breaks;
	if (device->breaks)
		data.size /= 2;
	device->host.bytes(device->host.userdata, (struct qk_span){ header, QK_USBIP_HEADER },
			   data);
}

void qk_usb_device_break(struct qk_usb_device *device, uint64_t off_usec)
{
	device->breaks = true;
	qk_sim_state_reboot(qk_sim_state(device->sim), off_usec);
}

static void reply(struct qk_usb_device *device, uint32_t number, int status, size_t size,
		  struct qk_span data)
{
	uint8_t header[QK_USBIP_HEADER];

	qk_usbip_write_submit(header, number, status, size);
	say(device, header, data);
}

static struct qk_usb_setup read_setup(const struct qk_usbip_command *command)
{
	struct qk_cursor c = qk_cursor((struct qk_span){ command->setup, QK_USBIP_SETUP });
	struct qk_usb_setup setup = { .data = command->data };

	setup.type = (uint8_t)qk_cursor_uint(&c, 1, false);
	setup.request = (uint8_t)qk_cursor_uint(&c, 1, false);
	setup.value = (uint16_t)qk_cursor_uint(&c, 2, false);
	setup.index = (uint16_t)qk_cursor_uint(&c, 2, false);
	setup.length = (uint16_t)qk_cursor_uint(&c, 2, false);
	return setup;
}

/* Keeps a transfer until something ends it. 0 or -EBADMSG. */
static int keep(struct qk_usb_device *device, const struct qk_usbip_command *command)
{
	int r = qk_usbip_pend(&device->pending, command);

	if (r == -EEXIST)
		return -EBADMSG;
	if (r < 0)
		reply(device, command->number, -ENOMEM, 0, (struct qk_span){ 0 });
	return 0;
}

static int control(struct qk_usb_device *device, const struct qk_usbip_command *command)
{
	struct qk_usb_setup setup = read_setup(command);
	struct qk_span data = { 0 };
	bool in = command->address & 0x80;
	int r = -EPIPE;

	/* the transfer and the request must agree on the way, unless there are no bytes to go it */
	if (device->model.dead)
		r = -EINPROGRESS;
	else if (in == !!(setup.type & 0x80) || !setup.length)
		r = run_request(device, &setup, &data);
	if (r == -EINPROGRESS)
		return keep(device, command);
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
	struct qk_usb_function *function = addressee(device, &setup);
	if (r == 0 && function && function->type->acknowledged)
		function->type->acknowledged(function, &setup);
	return 0;
}

static int submit(struct qk_usb_device *device, const struct qk_usbip_command *command)
{
	if (device->pulled) {
		reply(device, command->number, -ESHUTDOWN, 0, (struct qk_span){ 0 });
		return 0;
	}
	if (!(command->address & 0x7f))
		return control(device, command);
	int number = qk_usb_find_endpoint(device, command->address);
	if (number < 0) {
		reply(device, command->number, -EPIPE, 0, (struct qk_span){ 0 });
		return 0;
	}
	struct qk_usb_function *function = device->functions[number];
	if (command->packets) {
		int status = function && function->type->isochronous
				     ? function->type->isochronous(function, command)
				     : -EPIPE;
		if (status < 0)
			reply(device, command->number, status, 0, (struct qk_span){ 0 });
		return 0;
	}
	if (!(command->address & 0x80)) {
		reply(device, command->number, 0, command->data.size, (struct qk_span){ 0 });
		if (function && function->type->out)
			function->type->out(function, command->data);
		return 0;
	}
	int r = keep(device, command);
	if (r == 0 && function && function->type->in)
		function->type->in(function, command->address);
	return r;
}

static void take_back(struct qk_usb_device *device, const struct qk_usbip_command *command)
{
	uint8_t header[QK_USBIP_HEADER];
	bool waited = qk_usbip_take_number(&device->pending, command->unlink);

	for (size_t i = 0; !waited && i < device->model.interface_count; i++)
		if (device->functions[i] && device->functions[i]->type->take_back)
			waited = device->functions[i]->type->take_back(device->functions[i],
								       command->unlink);
	qk_usbip_write_unlink(header, command->number, waited ? -ECONNRESET : 0);
	say(device, header, (struct qk_span){ 0 });
}

void qk_usb_device_pull(struct qk_usb_device *device)
{
	device->pulled = true;
	for (size_t i = 0; i < device->pending.count; i++)
		reply(device, device->pending.rows[i].number, -ESHUTDOWN, 0, (struct qk_span){ 0 });
	device->pending.count = 0;
}

void qk_usb_device_end_isochronous(struct qk_usb_device *device, uint32_t number, size_t size,
				   uint32_t packets, struct qk_span data)
{
	uint8_t header[QK_USBIP_HEADER];

	qk_usbip_write_isochronous(header, number, size, packets);
	say(device, header, data);
}

size_t qk_usb_device_waiting(const struct qk_usb_device *device, uint8_t address)
{
	for (size_t i = 0; i < device->pending.count; i++)
		if (device->pending.rows[i].address == address)
			return device->pending.rows[i].length;
	return 0;
}

int qk_usb_device_give(struct qk_usb_device *device, uint8_t address, struct qk_span data)
{
	struct qk_usbip_pending waiting;

	if (!qk_usbip_take_oldest(&device->pending, address, &waiting))
		return -EAGAIN;
	if (data.size > waiting.length)
		data.size = waiting.length;
	reply(device, waiting.number, 0, data.size, data);
	return (int)data.size;
}

void qk_usb_function_flush(struct qk_usb_function *function, struct qk_sim_queue *queue)
{
	uint8_t address = qk_usb_function_bulk_in(function);
	struct qk_span waiting;

	while ((waiting = qk_sim_queue_waiting(queue)).size &&
	       qk_usb_device_waiting(function->device, address)) {
		int given = qk_usb_device_give(function->device, address, waiting);
		if (given <= 0)
			return;
		qk_sim_queue_drop(queue, (size_t)given);
	}
}

void qk_usb_function_queue(struct qk_usb_function *function, struct qk_sim_queue *queue,
			   struct qk_span bytes)
{
	if (qk_sim_queue_waiting(queue).size + bytes.size <= QK_USB_SERIAL_MAX)
		qk_sim_queue_put(queue, bytes);
	qk_usb_function_flush(function, queue);
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
	while (bytes.size && !device->broken) {
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

/* --- Deadlines and news */

uint64_t qk_usb_device_next_poll(const struct qk_usb_device *device)
{
	const struct qk_sim_state *state = qk_sim_state(device->sim);
	uint64_t rhythm = state->usb.rhythm_usec;

	if (!rhythm)
		return state->now_usec;
	uint64_t since = state->now_usec - device->plugged_usec;
	return device->plugged_usec + (since / rhythm + 1) * rhythm;
}

void qk_usb_function_wake(struct qk_usb_function *function, uint64_t usec)
{
	struct qk_usb_device *device = function->device;

	function->due_usec = usec;
	device->watcher.due_usec = QK_SIM_NEVER;
	for (size_t i = 0; i < device->model.interface_count; i++)
		if (device->functions[i] &&
		    device->functions[i]->due_usec < device->watcher.due_usec)
			device->watcher.due_usec = device->functions[i]->due_usec;
}

static struct qk_usb_device *of_watcher(struct qk_sim_watcher *watcher)
{
	return (struct qk_usb_device *)((char *)watcher - offsetof(struct qk_usb_device, watcher));
}

static void on_due(struct qk_sim_watcher *watcher)
{
	struct qk_usb_device *device = of_watcher(watcher);
	uint64_t now_usec = qk_sim_state(device->sim)->now_usec;

	for (size_t i = 0; i < device->model.interface_count; i++) {
		struct qk_usb_function *function = device->functions[i];
		if (!function || function->due_usec > now_usec)
			continue;
		qk_usb_function_wake(function, QK_SIM_NEVER);
		function->type->due(function);
	}
}

static void on_changed(struct qk_sim_watcher *watcher, uint32_t changed)
{
	struct qk_usb_device *device = of_watcher(watcher);

	for (size_t i = 0; i < device->model.interface_count; i++) {
		struct qk_usb_function *function = device->functions[i];
		if (function && function->type->changed)
			function->type->changed(function, changed);
	}
}

struct qk_usb_pipe *qk_usb_device_pipe(struct qk_usb_device *device)
{
	return &device->pipe;
}

bool qk_usb_device_has_answers(const struct qk_usb_device *device)
{
	for (size_t i = 0; i < device->model.interface_count; i++) {
		const struct qk_usb_function *function = device->functions[i];
		if (function && function->type->has_answers &&
		    function->type->has_answers(function))
			return true;
	}
	return false;
}

/* --- Life */

static const struct qk_usb_function_type *type_of(enum qk_usb_role role)
{
	switch (role) {
	case QK_USB_DIAG:
		return &qk_usb_diag_function;
	case QK_USB_NMEA:
	case QK_USB_AT:
	case QK_USB_MODEM:
		return &qk_usb_serial_function;
	case QK_USB_QMI:
		return &qk_usb_qmi_function;
	case QK_USB_ECM:
	case QK_USB_MBIM:
	case QK_USB_RNDIS:
		return &qk_usb_network_function;
	case QK_USB_AUDIO:
		return &qk_usb_audio_function;
	case QK_USB_NOTHING:
	case QK_USB_DATA:
		break;
	}
	return NULL;
}

static int open_function(struct qk_usb_device *device, uint8_t number)
{
	const struct qk_usb_interface *interface = &device->model.interfaces[number];
	const struct qk_usb_function_type *type = type_of(interface->role);

	if (!type)
		return 0;
	struct qk_usb_function *function = calloc(1, type->size);
	if (!function)
		return -ENOMEM;
	*function = (struct qk_usb_function){
		.type = type,
		.device = device,
		.interface = interface,
		.number = number,
		.due_usec = QK_SIM_NEVER,
	};
	int r = type->open ? type->open(function) : 0;
	if (r < 0)
		free(function);
	else
		device->functions[number] = function;
	return r;
}

int qk_usb_device_new(const struct qk_usb_model *model, struct qk_sim *sim,
		      const struct qk_usb_host *host, struct qk_usb_device **ret)
{
	struct qk_usb_device *device = calloc(1, sizeof(*device));
	int r = 0;

	if (!device)
		return -ENOMEM;
	device->model = *model;
	device->sim = sim;
	device->host = *host;
	device->pipe.network = host->network;
	device->plugged_usec = qk_sim_state(sim)->now_usec;
	device->watcher = (struct qk_sim_watcher){ .changed = on_changed, .due = on_due };
	qk_sim_add_watcher(sim, &device->watcher);
	for (uint8_t i = 0; r == 0 && i < model->interface_count; i++)
		r = open_function(device, i);
	if (r < 0) {
		qk_usb_device_free(device);
		return r;
	}
	*ret = device;
	return 0;
}

struct qk_usb_device *qk_usb_device_free(struct qk_usb_device *device)
{
	if (!device)
		return NULL;
	qk_usb_pipe_close(device);
	qk_sim_remove_watcher(device->sim, &device->watcher);
	for (size_t i = 0; i < device->model.interface_count; i++) {
		struct qk_usb_function *function = device->functions[i];
		if (function && function->type->close)
			function->type->close(function);
		free(function);
	}
	qk_sim_queue_done(&device->input);
	free(device);
	return NULL;
}
