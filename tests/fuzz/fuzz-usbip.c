/*
 * Fuzz target: bytes from a host's USB controller into the modem on the bus, in pieces, with time
 * passing. The first byte tells what is on the bus (0: the modem as delivered), the first byte of each
 * piece how long it is. What comes back must be whole replies, and after an error nothing more is asked.
 */
#include <stdlib.h>

#include "sim/usb-device.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A header is sent whole, and its transfer's bytes behind it whole. */
static void check_reply(void *userdata, struct qk_span header, struct qk_span data)
{
	struct qk_cursor c = qk_cursor(header);
	uint64_t kind = qk_cursor_uint(&c, 4, true);

	(void)userdata;
	qk_cursor_take(&c, 20);
	uint64_t size = qk_cursor_uint(&c, 4, true);
	if (header.size != QK_USBIP_HEADER || kind < 3 || kind > 4 ||
	    size > QK_USBIP_TRANSFER_MAX || (data.size && data.size != size))
		abort();
}

/* Two modems and two loaders; the modems with one network of four, and with more or less beside it. */
static void choose(struct qk_sim_state *state, uint8_t choice)
{
	struct qk_sim_usb_config *config = &state->usb.active;

	config->usbnet = choice & 3;
	config->adb = choice & 4;
	config->audio = choice & 8;
	config->diag = !(choice & 16);
	config->modem = !(choice & 32);
	if ((choice & 0xc0) == 0x80)
		qk_sim_state_reboot_by(state, QK_SIM_LOADER_EDL, 0, QK_SIM_NEVER);
	else if ((choice & 0xc0) == 0xc0)
		qk_sim_state_reboot_by(state, QK_SIM_LOADER_FASTBOOT, 0, QK_SIM_NEVER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* read once: that takes longer than all the rest */
	static struct qk_sim_profile *profiles[2];
	uint8_t choice = size ? data[0] : 0;
	size_t which = (choice & 0xc0) == 0x40;
	struct qk_usb_device *device = NULL;
	struct qk_sim *sim = NULL;
	const struct qk_usb_host host = { .bytes = check_reply };
	struct qk_usb_model model;
	size_t at = 1;
	uint64_t now = 0;
	char error[256];
	int r = 0;

	if ((!profiles[which] && qk_sim_profile_load(which ? "ec20" : NULL, &profiles[which], error,
						     sizeof(error)) < 0) ||
	    qk_sim_new(profiles[which], 1, now, &sim) < 0)
		abort();
	choose(qk_sim_state(sim), choice);
	if (!qk_usb_compose(qk_sim_state(sim), &model) ||
	    qk_usb_device_new(&model, sim, &host, &device) < 0)
		abort();
	while (at < size && r == 0) {
		size_t piece = data[at++];

		if (piece > size - at)
			piece = size - at;
		r = qk_usb_device_input(device, (struct qk_span){ data + at, piece });
		at += piece;
		if (r == 0)
			qk_sim_advance(sim, now += 100000);
	}
	qk_usb_device_free(device);
	qk_sim_free(sim);
	return 0;
}
