/*
 * USB function, serial port: AT, modem and NMEA. Bytes go through bulk endpoints in any cut; the state
 * of the lines (DCD, DSR, RI) goes through the interrupt endpoint, the last one only when several come
 * before the host asks.
 *
 * Bytes wait while the host has no transfer there, up to QK_USB_SERIAL_MAX; what comes then is lost. A
 * closed port (DTR low) says nothing. An open port has DSR; NMEA has DCD as well; where AT is spoken, RI
 * is there while a call rings [C]. Source: f_serial.c of the EG25's kernel, Linux
 * drivers/usb/serial/usb_wwan.c.
 */
#include <errno.h>
#include <string.h>

#include "at.h"
#include "gnss.h"
#include "usb-function.h"

#define SET_LINE_CODING 0x20
#define GET_LINE_CODING 0x21
#define SET_CONTROL_LINE_STATE 0x22
#define LINE_CODING 7u
#define SERIAL_STATE 10u

#define DCD (1u << 0)
#define DSR (1u << 1)
#define RI (1u << 3)

struct serial {
	struct qk_usb_function function;
	struct qk_at_port *at; /* NULL: NMEA, which takes what it is told and does nothing */
	struct qk_sim_queue queue;
	uint8_t line_coding[LINE_CODING];
	uint16_t lines, told_lines;
	bool open;
};

static void send_lines(struct serial *serial)
{
	struct qk_usb_function *function = &serial->function;
	/* SERIAL_STATE from this interface, with 2 bytes */
	const uint8_t message[SERIAL_STATE] = { 0xa1,
						0x20,
						0,
						0,
						function->number,
						0,
						2,
						0,
						(uint8_t)serial->lines,
						(uint8_t)(serial->lines >> 8) };

	if (qk_usb_device_give(function->device, qk_usb_function_interrupt(function),
			       (struct qk_span){ message, sizeof(message) }) >= 0)
		serial->told_lines = serial->lines;
}

static void tell_lines(struct serial *serial)
{
	struct qk_usb_function *function = &serial->function;
	uint64_t poll_usec = qk_usb_device_next_poll(function->device);

	if (serial->lines == serial->told_lines ||
	    !qk_usb_device_waiting(function->device, qk_usb_function_interrupt(function)))
		return;
	if (poll_usec <= qk_sim_state(qk_usb_device_sim(function->device))->now_usec)
		send_lines(serial);
	else if (function->due_usec == QK_SIM_NEVER)
		qk_usb_function_wake(function, poll_usec);
}

static void on_due(struct qk_usb_function *function)
{
	struct serial *serial = (struct serial *)function;

	if (serial->lines != serial->told_lines &&
	    qk_usb_device_waiting(function->device, qk_usb_function_interrupt(function)))
		send_lines(serial);
}

static void put(void *userdata, struct qk_span bytes)
{
	struct serial *serial = userdata;

	qk_usb_function_queue(&serial->function, &serial->queue, bytes);
}

static void set_lines(struct serial *serial)
{
	const struct qk_sim_state *state = qk_sim_state(qk_usb_device_sim(serial->function.device));

	serial->lines = 0;
	if (!serial->open)
		return;
	serial->lines = serial->at ? DSR : DSR | DCD;
	if (serial->at && qk_sim_voice_in_state(state, QK_SIM_CALL_INCOMING))
		serial->lines |= RI;
}

static void set_open(struct serial *serial, bool open)
{
	if (serial->open == open)
		return;
	serial->open = open;
	if (serial->at)
		qk_at_set_open(serial->at, open);
	/* what nobody has read is not for the next user */
	qk_sim_queue_clear(&serial->queue);
	set_lines(serial);
	serial->told_lines = 0;
	tell_lines(serial);
}

static int on_request(struct qk_usb_function *function, const struct qk_usb_setup *setup,
		      struct qk_span *ret)
{
	struct serial *serial = (struct serial *)function;

	if (setup->type == 0x21 && setup->request == SET_CONTROL_LINE_STATE)
		return 0;
	if (setup->type == 0xa1 && setup->request == GET_LINE_CODING) {
		*ret = (struct qk_span){ serial->line_coding, LINE_CODING };
		return 0;
	}
	if (setup->type != 0x21 || setup->request != SET_LINE_CODING ||
	    setup->data.size != LINE_CODING)
		return -EPIPE;
	memcpy(serial->line_coding, setup->data.data, LINE_CODING);
	return 0;
}

static void on_acknowledged(struct qk_usb_function *function, const struct qk_usb_setup *setup)
{
	if (setup->request == SET_CONTROL_LINE_STATE)
		set_open((struct serial *)function, setup->value & 1);
}

static void on_out(struct qk_usb_function *function, struct qk_span data)
{
	struct serial *serial = (struct serial *)function;

	if (serial->at)
		qk_at_input(serial->at, data);
}

static void on_in(struct qk_usb_function *function, uint8_t address)
{
	struct serial *serial = (struct serial *)function;

	if (address == qk_usb_function_interrupt(function))
		tell_lines(serial);
	else
		qk_usb_function_flush(function, &serial->queue);
}

static void say_sentences(struct serial *serial)
{
	const struct qk_sim_state *state = qk_sim_state(qk_usb_device_sim(serial->function.device));
	char sentences[QK_SIM_GNSS_NMEA_MAX];
	size_t size = qk_sim_gnss_nmea(state, state->gnss.nmea_types, sentences, sizeof(sentences));

	put(serial, (struct qk_span){ (const uint8_t *)sentences, size });
}

static void on_changed(struct qk_usb_function *function, uint32_t changed)
{
	struct serial *serial = (struct serial *)function;

	if (changed & QK_SIM_CHANGED_NMEA && !serial->at && serial->open)
		say_sentences(serial);
	if (!(changed & QK_SIM_CHANGED_CALLS))
		return;
	set_lines(serial);
	tell_lines(serial);
}

static void on_configure(struct qk_usb_function *function, bool on)
{
	(void)on;
	set_open((struct serial *)function, false);
	qk_usb_function_wake(function, QK_SIM_NEVER);
}

static int open_serial(struct qk_usb_function *function)
{
	static const struct qk_at_sink sink = { put };
	struct serial *serial = (struct serial *)function;
	enum qk_usb_role role = function->interface->role;

	if (role == QK_USB_NMEA)
		return 0;
	return qk_at_attach(qk_usb_device_sim(function->device),
			    role == QK_USB_AT ? QK_AT_USBAT : QK_AT_USBMODEM, &sink, serial,
			    &serial->at);
}

static void close_serial(struct qk_usb_function *function)
{
	struct serial *serial = (struct serial *)function;

	qk_at_detach(serial->at);
	qk_sim_queue_done(&serial->queue);
}

const struct qk_usb_function_type qk_usb_serial_function = {
	.size = sizeof(struct serial),
	.open = open_serial,
	.close = close_serial,
	.configure = on_configure,
	.request = on_request,
	.acknowledged = on_acknowledged,
	.out = on_out,
	.in = on_in,
	.changed = on_changed,
	.due = on_due,
};
