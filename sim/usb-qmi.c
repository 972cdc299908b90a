/*
 * USB function, QMI: encapsulated commands on the control endpoint, a notification for each answer,
 * and the network's pipes, which share the interface.
 *
 * An answer or indication of the modem is one entry of a FIFO; each owes the host one
 * RESPONSE_AVAILABLE, at the rhythm of the bus, and GET_ENCAPSULATED_RESPONSE hands out one entry. At
 * most QK_USB_FIFO_MAX wait, what comes then is lost. Low DTR acts like a CTL Sync: the client ids are
 * gone. Sources: f_rmnet.c of the EG25's kernel; Linux drivers/net/usb/qmi_wwan.c on DTR.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "modem.h"
#include "usb-function.h"

#define SEND_ENCAPSULATED_COMMAND 0x00
#define GET_ENCAPSULATED_RESPONSE 0x01
#define SET_CONTROL_LINE_STATE 0x22
#define NOTIFICATION 8u

struct answer {
	uint8_t *data;
	size_t size;
};

struct qmi {
	struct qk_usb_function function;
	struct qk_sim_port *port;
	struct answer fifo[QK_USB_FIFO_MAX]; /* oldest first */
	size_t fifo_count, owed;             /* owed: notifications that are not sent yet */
	uint8_t *fetched;                    /* the answer that was handed out last */
	bool dtr;
	bool listening; /* the host's interrupt transfer waits, as far as we were told */
	bool crossed;   /* it has taken back what had been answered, and not seen that */
	bool hung_up;   /* by a fault: the port takes commands again after a reset */
};

static void forget_answers(struct qmi *qmi)
{
	while (qmi->fifo_count)
		free(qmi->fifo[--qmi->fifo_count].data);
	qmi->owed = 0;
}

static void send_notification(struct qmi *qmi)
{
	/* RESPONSE_AVAILABLE from this interface */
	const uint8_t message[NOTIFICATION] = { 0xa1, 0x01, 0, 0, qmi->function.number };
	int r = qk_usb_device_give(qmi->function.device, qk_usb_function_interrupt(&qmi->function),
				   (struct qk_span){ message, sizeof(message) });

	if (r < 0)
		return;
	qmi->owed--;
	qmi->listening = false;
}

/* Tells the host that an answer waits, once for each, when it asks the next time. */
static void notify(struct qmi *qmi)
{
	struct qk_usb_function *function = &qmi->function;
	uint64_t now_usec = qk_sim_state(qk_usb_device_sim(function->device))->now_usec;
	uint8_t address = qk_usb_function_interrupt(function);

	while (qmi->owed && qk_usb_device_waiting(function->device, address)) {
		uint64_t poll_usec = qk_usb_device_next_poll(function->device);

		if (poll_usec > now_usec) {
			if (function->due_usec == QK_SIM_NEVER)
				qk_usb_function_wake(function, poll_usec);
			return;
		}
		send_notification(qmi);
	}
}

static void on_due(struct qk_usb_function *function)
{
	struct qmi *qmi = (struct qmi *)function;

	if (qmi->owed &&
	    qk_usb_device_waiting(function->device, qk_usb_function_interrupt(function)))
		send_notification(qmi);
	notify(qmi);
}

/* Whether a fault of the bus is armed for the frame in `bytes`. */
static bool take_fault(struct qmi *qmi, uint32_t kind, struct qk_span bytes,
		       struct qk_sim_fault *ret)
{
	struct qk_sim_state *state = qk_sim_state(qk_usb_device_sim(qmi->function.device));
	struct qk_frame frame;
	size_t skip;
	bool whole = qk_frame_read(bytes, &frame, &skip) > 0;

	return qk_sim_state_take_fault(state, kind, whole ? &frame : NULL, ret);
}

static bool is_heard(const struct qmi *qmi)
{
	return qmi->dtr || !qk_usb_device_model(qmi->function.device)->needs_dtr;
}

/* Puts an answer into the FIFO. False: there is no room. */
static bool put_answer(struct qmi *qmi, struct qk_span bytes)
{
	uint8_t *copy = qmi->fifo_count < QK_USB_FIFO_MAX ? malloc(bytes.size) : NULL;

	if (!copy)
		return false;
	memcpy(copy, bytes.data, bytes.size);
	qmi->fifo[qmi->fifo_count++] = (struct answer){ copy, bytes.size };
	return true;
}

static void on_answer(void *userdata, struct qk_span bytes)
{
	struct qk_sim_fault fault;
	struct qmi *qmi = userdata;

	if (!is_heard(qmi) || !bytes.size)
		return;
	if (take_fault(qmi, QK_SIM_FAULT_SUSPEND, bytes, &fault)) {
		forget_answers(qmi);
		return;
	}
	bool silent = take_fault(qmi, QK_SIM_FAULT_DATA_ONLY, bytes, &fault);
	bool empty = take_fault(qmi, QK_SIM_FAULT_NOTIFY_ONLY, bytes, &fault);
	if (!empty && !put_answer(qmi, bytes))
		return;
	qmi->owed += !silent;
	notify(qmi);
}

/* There is no hanging up on this bus: half of an answer is a transfer of its own, and the rest never
 * comes. The port goes on with the next command. */
static void on_hang_up(void *userdata)
{
	struct qmi *qmi = userdata;

	qmi->hung_up = true;
}

/* An empty FIFO is an empty answer, not a stall. */
static int get_response(struct qmi *qmi, const struct qk_usb_setup *setup, struct qk_span *ret)
{
	if (setup->value != 0)
		return -EPIPE;
	if (!qmi->fifo_count)
		return 0;
	struct answer answer = qmi->fifo[0];
	struct qk_span bytes = { answer.data, answer.size };
	struct qk_sim_fault fault;
	if (take_fault(qmi, QK_SIM_FAULT_BREAK, bytes, &fault))
		qk_usb_device_break(qmi->function.device, (uint64_t)fault.value * 1000);
	memmove(qmi->fifo, qmi->fifo + 1, --qmi->fifo_count * sizeof(answer));
	free(qmi->fetched);
	qmi->fetched = answer.data;
	/* the answer is lost with it: else the host would be one behind from then on */
	if (take_fault(qmi, QK_SIM_FAULT_STALL, bytes, &fault))
		return -EPIPE;
	*ret = bytes;
	return 0;
}

static void set_dtr(struct qmi *qmi, bool dtr)
{
	if (qmi->dtr && !dtr && qk_usb_device_model(qmi->function.device)->needs_dtr) {
		qk_sim_client_release_host(qk_usb_device_sim(qmi->function.device));
		forget_answers(qmi);
	}
	qmi->dtr = dtr;
}

static int set_lines(struct qmi *qmi, const struct qk_usb_setup *setup)
{
	set_dtr(qmi, setup->value & 1);
	return 0;
}

static int on_request(struct qk_usb_function *function, const struct qk_usb_setup *setup,
		      struct qk_span *ret)
{
	struct qmi *qmi = (struct qmi *)function;
	struct qk_sim_fault fault;

	if (setup->type == 0x21 && setup->request == SEND_ENCAPSULATED_COMMAND)
		return take_fault(qmi, QK_SIM_FAULT_HANG_COMMAND, setup->data, &fault)
			       ? -EINPROGRESS
			       : 0;
	if (setup->type == 0xa1 && setup->request == GET_ENCAPSULATED_RESPONSE)
		return get_response(qmi, setup, ret);
	if (setup->type == 0x21 && setup->request == SET_CONTROL_LINE_STATE)
		return set_lines(qmi, setup);
	return -EPIPE;
}

/* The command runs behind its acknowledgement, since the modem may answer at once. Without DTR the modem
 * does not answer at all; it takes the bytes nevertheless. */
static void on_acknowledged(struct qk_usb_function *function, const struct qk_usb_setup *setup)
{
	struct qmi *qmi = (struct qmi *)function;

	if (setup->type != 0x21 || setup->request != SEND_ENCAPSULATED_COMMAND || !is_heard(qmi))
		return;
	if (qmi->hung_up)
		qk_sim_port_reset(qmi->port);
	qmi->hung_up = false;
	qk_sim_input(qmi->port, setup->data);
}

/* Whatever the host sets up anew empties the FIFO and lowers DTR. */
static void on_configure(struct qk_usb_function *function, bool on)
{
	struct qmi *qmi = (struct qmi *)function;

	qmi->dtr = qmi->listening = qmi->crossed = false;
	forget_answers(qmi);
	qk_usb_function_wake(function, QK_SIM_NEVER);
	if (on)
		qk_usb_pipe_open(function->device, qk_usb_function_bulk_in(function));
	else
		qk_usb_pipe_close(function->device);
}

static void on_out(struct qk_usb_function *function, struct qk_span data)
{
	qk_usb_pipe_out(function->device, data);
}

/* The host listens. When it had taken back the transfer before, it forgot with it what it was told and
 * did not fetch: all that is there is owed anew. Else one answer that nobody fetched would leave it one
 * behind for ever, each answer being taken for that to the request before [U]. */
static void listen(struct qmi *qmi)
{
	if ((qmi->listening || qmi->crossed) && qmi->owed < qmi->fifo_count)
		qmi->owed = qmi->fifo_count;
	qmi->listening = true;
	qmi->crossed = false;
	notify(qmi);
}

static void on_in(struct qk_usb_function *function, uint8_t address)
{
	if (address == qk_usb_function_interrupt(function))
		listen((struct qmi *)function);
	else
		qk_usb_pipe_in(function->device);
}

/* Of a transfer that does not wait: the answer and this crossed on their ways, and the answer may have been
 * a notification. One too many does no harm: an empty FIFO is an empty answer. */
static bool on_take_back(struct qk_usb_function *function, uint32_t number)
{
	(void)number;
	((struct qmi *)function)->crossed = true;
	return false;
}

static bool has_answers(const struct qk_usb_function *function)
{
	return ((const struct qmi *)function)->fifo_count > 0;
}

static int open_qmi(struct qk_usb_function *function)
{
	static const struct qk_sim_sink sink = { on_answer, on_hang_up };
	struct qmi *qmi = (struct qmi *)function;

	return qk_sim_attach(qk_usb_device_sim(function->device), &sink, qmi, &qmi->port);
}

static void close_qmi(struct qk_usb_function *function)
{
	struct qmi *qmi = (struct qmi *)function;

	/* a cable that is pulled lowers all lines [C] */
	set_dtr(qmi, false);
	qk_sim_detach(qmi->port);
	forget_answers(qmi);
	free(qmi->fetched);
}

const struct qk_usb_function_type qk_usb_qmi_function = {
	.size = sizeof(struct qmi),
	.open = open_qmi,
	.close = close_qmi,
	.configure = on_configure,
	.request = on_request,
	.acknowledged = on_acknowledged,
	.out = on_out,
	.in = on_in,
	.take_back = on_take_back,
	.due = on_due,
	.has_answers = has_answers,
};
