/*
 * Fuzz target: datagrams to the virtual modem's servers on QRTR, from a few ports and nodes, with time
 * passing. In front of each are its length, the service, and whose it is; bit 7 of the last forgets them.
 *
 * What must hold for any bytes: what the modem says is said to somebody who has spoken; when all are gone
 * no client id is left.
 */
#include <stdlib.h>

#include "sim/qrtr.h"

#define NODES 2
#define PORTS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	bool spoke[NODES * PORTS];
	bool restart; /* the servers are gone */
};

static void check_message(void *userdata, uint16_t service, uint32_t node, uint32_t port,
			  struct qk_span bytes)
{
	const bool *spoke = userdata;

	if (!service || node >= NODES || port >= PORTS || !spoke[node * PORTS + port] ||
	    !bytes.size)
		abort();
}

static void on_restart(void *userdata)
{
	struct world *world = userdata;

	world->restart = true;
}

static void play(struct qk_sim *sim, struct qk_sim_qrtr *qrtr, struct world *world,
		 struct qk_span all)
{
	struct qk_cursor c = qk_cursor(all);
	uint64_t now = 0;

	while (qk_cursor_left(&c) >= 3) {
		size_t length = (size_t)qk_cursor_uint(&c, 1, false);
		uint8_t byte = (uint8_t)qk_cursor_uint(&c, 1, false);
		/* two of the numbers are those of services above 255 */
		uint16_t service = byte == 0xfd ? 0x190 : byte == 0xfe ? 0x302 : byte;
		uint8_t who = (uint8_t)qk_cursor_uint(&c, 1, false);
		uint32_t node = who % NODES, port = who / NODES % PORTS;

		if (length > qk_cursor_left(&c))
			length = qk_cursor_left(&c);
		if (who & 0x80)
			qk_sim_qrtr_forget(qrtr, node, port, who & 0x40);
		world->spoke[node * PORTS + port] = true;
		qk_sim_qrtr_input(qrtr, service, node, port, qk_cursor_take(&c, length));
		qk_sim_advance(sim, now += 100000);
		if (world->restart) {
			world->restart = false;
			(void)qk_sim_qrtr_restart(qrtr);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct qk_sim_qrtr_sink sink = { check_message, on_restart };
	static struct qk_sim_profile *profile; /* read once */
	struct world world = { 0 };
	struct qk_sim_qrtr *qrtr = NULL;
	struct qk_sim *sim = NULL;
	char error[256];

	if ((!profile && qk_sim_profile_load(NULL, &profile, error, sizeof(error)) < 0) ||
	    qk_sim_new(profile, 1, 0, &sim) < 0 ||
	    qk_sim_qrtr_attach(sim, &sink, &world, &qrtr) < 0)
		abort();
	play(sim, qrtr, &world, (struct qk_span){ data, size });
	for (uint32_t node = 0; node < NODES; node++)
		qk_sim_qrtr_forget(qrtr, node, 0, true);
	for (unsigned int service = 0; service <= UINT8_MAX; service++)
		if (qk_sim_client_count(sim, (uint8_t)service))
			abort();
	qk_sim_qrtr_detach(qrtr);
	qk_sim_free(sim);
	return 0;
}
