/*
 * USB function, DIAG: bulk endpoints with the frames of diag.h, and no class request at all. Answers
 * wait while the host has no transfer there, up to QK_USB_SERIAL_MAX; what comes then is lost.
 */
#include "diag.h"
#include "queue.h"
#include "usb-function.h"

struct diag {
	struct qk_usb_function function;
	struct qk_diag frames;
	struct qk_sim_queue queue;
};

static void put(void *userdata, struct qk_span frame)
{
	struct diag *diag = userdata;

	qk_usb_function_queue(&diag->function, &diag->queue, frame);
}

static void on_out(struct qk_usb_function *function, struct qk_span data)
{
	struct diag *diag = (struct diag *)function;
	struct qk_sim_state *state = qk_sim_state(qk_usb_device_sim(function->device));

	if (state->booted & QK_SIM_BOOTED_AT)
		qk_diag_input(&diag->frames, state, data, put, diag);
}

static void on_in(struct qk_usb_function *function, uint8_t address)
{
	struct diag *diag = (struct diag *)function;

	(void)address;
	qk_usb_function_flush(function, &diag->queue);
}

static void on_configure(struct qk_usb_function *function, bool on)
{
	struct diag *diag = (struct diag *)function;

	(void)on;
	diag->frames = (struct qk_diag){ 0 };
	qk_sim_queue_clear(&diag->queue);
}

static void close_diag(struct qk_usb_function *function)
{
	qk_sim_queue_done(&((struct diag *)function)->queue);
}

const struct qk_usb_function_type qk_usb_diag_function = {
	.size = sizeof(struct diag),
	.close = close_diag,
	.configure = on_configure,
	.out = on_out,
	.in = on_in,
};
