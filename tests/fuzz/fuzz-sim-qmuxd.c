/*
 * Fuzz target: bytes from a program into the virtual modem's qmuxd, in pieces, with time passing. The first
 * byte of each piece tells how long it is, in fours.
 *
 * What must hold for any bytes: what qmuxd says are whole messages in one of the layouts; when the program
 * is gone no client id of it is left.
 */
#include <stdlib.h>
#include <qmikit/qmuxd.h>

#include "sim/qmuxd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(void *userdata, struct qk_span bytes)
{
	bool *greeted = userdata;
	struct qk_qmuxd_message message;

	if (!*greeted) {
		*greeted = bytes.size == 4;
		return;
	}
	if (qk_qmuxd_read(bytes, QK_QMUXD_32, &message) != (int)bytes.size &&
	    qk_qmuxd_read(bytes, QK_QMUXD_64, &message) != (int)bytes.size)
		abort();
}

static void ignore(void *userdata)
{
	(void)userdata;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct qk_sim_sink sink = { .bytes = check_message, .hang_up = ignore };
	static struct qk_sim_profile *profile; /* read once */
	struct qk_sim_qmuxd *qmuxd = NULL;
	struct qk_sim *sim = NULL;
	bool greeted = false;
	uint64_t now = 0;
	char error[256];
	size_t at = 0;

	if ((!profile && qk_sim_profile_load(NULL, &profile, error, sizeof(error)) < 0) ||
	    qk_sim_new(profile, 1, now, &sim) < 0 ||
	    qk_sim_qmuxd_attach(sim, 1, &sink, &greeted, &qmuxd) < 0)
		abort();
	while (at < size) {
		/* most messages are longer than a byte can say */
		size_t piece = (size_t)data[at++] * 4;

		if (piece > size - at)
			piece = size - at;
		if (qk_sim_qmuxd_input(qmuxd, (struct qk_span){ data + at, piece }) < 0)
			break;
		at += piece;
		qk_sim_advance(sim, now += 100000);
	}
	qk_sim_qmuxd_detach(qmuxd);
	for (unsigned int service = 0; service <= UINT8_MAX; service++)
		if (qk_sim_client_count(sim, (uint8_t)service))
			abort();
	qk_sim_free(sim);
	return 0;
}
