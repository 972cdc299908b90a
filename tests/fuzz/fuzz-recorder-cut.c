/*
 * Fuzz: the recorder's cutter. The first byte says which transport and whether a greeting comes first.
 * Pieces come in order, without a gap, and together with the rest are the input; cutting the rest again
 * gives nothing.
 */
#include <stdint.h>
#include <stdlib.h>

#include "trace/recorder-cut.h"

struct progress {
	const uint8_t *at;
};

static void piece(void *userdata, struct qk_span bytes, bool whole)
{
	struct progress *progress = userdata;

	(void)whole;
	if (!bytes.size || bytes.data != progress->at)
		abort();
	progress->at += bytes.size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	enum qk_link_transport transport = data[0] & 1 ? QK_LINK_QMUXD : QK_LINK_QMUX;
	size_t greeting = data[0] & 2 ? 4 : 0, expected = greeting;
	struct qk_span bytes = { data + 1, size - 1 };
	struct progress progress = { bytes.data };

	size_t done = qk_recorder_cut(transport, bytes, &greeting, piece, &progress);
	if (progress.at != bytes.data + done || done > bytes.size ||
	    (greeting && (done || greeting != expected)))
		abort();
	bytes = (struct qk_span){ bytes.data + done, bytes.size - done };
	if (qk_recorder_cut(transport, bytes, &greeting, piece, &progress))
		abort();
	return 0;
}
