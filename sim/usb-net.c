/*
 * USB network: the bulk endpoints of the network's interface (see usb-net.h).
 */
#include "usb-net.h"

#include <errno.h>

#include "usb-function.h"

static void tell(struct qk_usb_pipe *pipe, struct qk_usb_device *device)
{
	pipe->wants = false;
	if (pipe->network && pipe->network->plugged)
		pipe->network->plugged(pipe->network->userdata, device);
}

void qk_usb_pipe_open(struct qk_usb_device *device, uint8_t address_in)
{
	struct qk_usb_pipe *pipe = qk_usb_device_pipe(device);

	qk_usb_pipe_close(device);
	pipe->address_in = address_in;
	tell(pipe, device);
}

void qk_usb_pipe_close(struct qk_usb_device *device)
{
	struct qk_usb_pipe *pipe = qk_usb_device_pipe(device);

	if (!pipe->address_in)
		return;
	pipe->address_in = 0;
	tell(pipe, NULL);
}

void qk_usb_pipe_out(struct qk_usb_device *device, struct qk_span data)
{
	const struct qk_usb_pipe *pipe = qk_usb_device_pipe(device);

	if (pipe->network && pipe->network->transfer)
		pipe->network->transfer(pipe->network->userdata, data);
}

void qk_usb_pipe_in(struct qk_usb_device *device)
{
	struct qk_usb_pipe *pipe = qk_usb_device_pipe(device);

	if (!pipe->wants || pipe->congested)
		return;
	pipe->wants = false;
	if (pipe->network && pipe->network->ready)
		pipe->network->ready(pipe->network->userdata);
}

size_t qk_usb_network_room(struct qk_usb_device *device)
{
	const struct qk_usb_pipe *pipe = qk_usb_device_pipe(device);

	if (!pipe->address_in || pipe->congested)
		return 0;
	return qk_usb_device_waiting(device, pipe->address_in);
}

int qk_usb_network_send(struct qk_usb_device *device, struct qk_span data)
{
	struct qk_usb_pipe *pipe = qk_usb_device_pipe(device);
	size_t room = qk_usb_network_room(device);

	if (!pipe->address_in)
		return -ENODEV;
	pipe->wants = !room;
	if (!room)
		return -EAGAIN;
	if (data.size > room)
		return -EMSGSIZE;
	int r = qk_usb_device_give(device, pipe->address_in, data);
	return r < 0 ? r : 0;
}

void qk_usb_device_set_congested(struct qk_usb_device *device, bool congested)
{
	qk_usb_device_pipe(device)->congested = congested;
	qk_usb_pipe_in(device);
}
