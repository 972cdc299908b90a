/* Fuzz target: a scenario file. It is taken whole, or refused with a sentence of one line. */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qk_control *control = NULL;
	struct qk_scenario *scenario = NULL;
	/* once: reading it takes longer than all the rest */
	static struct qk_sim_profile *profile;
	struct qk_sim *sim = NULL;
	char error[512] = "";

	if ((!profile && qk_sim_profile_load("", &profile, error, sizeof(error)) < 0) ||
	    qk_sim_new(profile, 1, 1000000, &sim) < 0 || qk_control_new(&control) < 0 ||
	    qk_control_add_modem(control, sim) < 0)
		abort();
	int r = qk_scenario_parse("fuzz", (const char *)data, size, control, &scenario, error,
				  sizeof(error));
	if ((r == 0) != (scenario != NULL) || (r == 0) != !error[0] || strchr(error, '\n'))
		abort();
	if (scenario)
		qk_scenario_start(scenario, 1000000, 1000000);
	for (unsigned int i = 0; scenario && i < 100; i++)
		if (qk_scenario_advance(scenario, qk_scenario_next_usec(scenario), error,
					sizeof(error)) == 0)
			break;
	qk_scenario_free(scenario);
	qk_control_free(control);
	qk_sim_free(sim);
	return 0;
}
