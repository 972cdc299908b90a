/*
 * Fuzz target: bytes from a host into the DIAG port. Each answer must be one whole frame, and no longer
 * than it may be.
 */
#include <stdlib.h>

#include "sim/diag.h"
#include "sim/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_answer(void *userdata, struct qk_span frame)
{
	(void)userdata;
	if (frame.size < 4 || frame.size > QK_DIAG_FRAME_MAX || frame.data[frame.size - 1] != 0x7e)
		abort();
	for (size_t i = 0; i + 1 < frame.size; i++)
		if (frame.data[i] == 0x7e)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* read once: that takes longer than all the rest */
	static struct qk_sim_profile *profile;
	struct qk_sim_state state;
	struct qk_diag diag = { 0 };
	char error[256];

	if (!profile && qk_sim_profile_load(NULL, &profile, error, sizeof(error)) < 0)
		abort();
	qk_sim_state_start(&state, profile, 1, 0);
	/* what was cut anywhere must be as what comes at once */
	size_t half = size / 2;
	qk_diag_input(&diag, &state, (struct qk_span){ data, half }, check_answer, NULL);
	qk_diag_input(&diag, &state, (struct qk_span){ data + half, size - half }, check_answer,
		      NULL);
	return 0;
}
