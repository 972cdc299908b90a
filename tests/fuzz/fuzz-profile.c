/* Fuzz target: a profile file. It is taken whole, or refused with a sentence. */
#include <stdlib.h>
#include <string.h>

#include "sim/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qk_sim_profile *profile = NULL;
	char error[128] = "";
	int r = qk_sim_profile_parse("fuzz", (const char *)data, size, &profile, error,
				     sizeof(error));

	if ((r == 0) != (profile != NULL) || (r == 0) != !error[0] || strchr(error, '\n'))
		abort();
	qk_sim_profile_free(profile);
	return 0;
}
