/*
 * Fuzz target: bytes from a host into the virtual modem, in pieces, with time passing. The first
 * byte of each piece tells how long it is. The modem must never read outside, never write a frame
 * that cannot be read, and always take more.
 */
#include <stdlib.h>

#include "sim/sim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the modem sends must be whole frames. */
static void check_frame(void *userdata, struct qk_span bytes)
{
	struct qk_frame frame;

	(void)userdata;
	if (qk_frame_read(bytes, &frame, NULL) != (int)bytes.size)
		abort();
}

static void ignore(void *userdata)
{
	(void)userdata;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct qk_sim_sink sink = { .bytes = check_frame, .hang_up = ignore };
	/* read once: that takes longer than all the rest */
	static struct qk_sim_profile *profiles[2];
	size_t which = size && data[0] & 1;
	struct qk_sim_port *port = NULL;
	struct qk_sim *sim = NULL;
	uint64_t now = 0;
	char error[256];
	size_t at = 0;

	if ((!profiles[which] && qk_sim_profile_load(which ? "everything" : NULL, &profiles[which],
						     error, sizeof(error)) < 0) ||
	    qk_sim_new(profiles[which], 1, now, &sim) < 0 ||
	    qk_sim_attach(sim, &sink, NULL, &port) < 0)
		abort();
	while (at < size) {
		size_t piece = data[at++];

		if (piece > size - at)
			piece = size - at;
		qk_sim_input(port, (struct qk_span){ data + at, piece });
		at += piece;
		qk_sim_advance(sim, now += 100000);
	}
	qk_sim_detach(port);
	qk_sim_free(sim);
	return 0;
}
