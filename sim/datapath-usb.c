/*
 * Data path on USB: one waiting transfer of the host takes what fits it (see datapath-usb.h).
 */
#include "datapath-usb.h"

#include <errno.h>
#include <stdlib.h>

static void pump(void *userdata)
{
	struct qk_datapath_usb *usb = userdata;
	uint8_t transfer[QK_DATAPATH_TRANSFER_MAX];

	while (usb->device && qk_datapath_waits(usb->path)) {
		size_t room = qk_usb_network_room(usb->device);
		size_t size = 0;

		if (room)
			size = qk_datapath_take(usb->path, transfer,
						room < sizeof(transfer) ? room : sizeof(transfer));
		/* what did not fit any transfer is gone, and the next may fit */
		if (room && !size)
			continue;
		/* where there is no room, to be told when there is */
		if (qk_usb_network_send(usb->device, (struct qk_span){ transfer, size }) < 0)
			break;
	}
}

static void on_plugged(void *userdata, struct qk_usb_device *device)
{
	struct qk_datapath_usb *usb = userdata;

	usb->device = device;
	qk_datapath_clear(usb->path);
}

static void on_transfer(void *userdata, struct qk_span data)
{
	struct qk_datapath_usb *usb = userdata;

	qk_datapath_input(usb->path, data);
}

int qk_datapath_usb_new(struct qk_sim *sim, const struct qk_outside *outside,
			void *outside_userdata, struct qk_datapath_usb **ret)
{
	static const struct qk_datapath_sink sink = { pump };
	struct qk_datapath_usb *usb = calloc(1, sizeof(*usb));

	if (!usb)
		return -ENOMEM;
	usb->network = (struct qk_usb_network){ on_plugged, on_transfer, pump, usb };
	int r = qk_datapath_new(sim, outside, outside_userdata, &sink, usb, &usb->path);
	if (r < 0) {
		free(usb);
		return r;
	}
	*ret = usb;
	return 0;
}

struct qk_datapath_usb *qk_datapath_usb_free(struct qk_datapath_usb *usb)
{
	if (!usb)
		return NULL;
	qk_datapath_free(usb->path);
	free(usb);
	return NULL;
}
