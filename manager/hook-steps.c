/*
 * Hook steps: what a program says does not matter; what it did shows when the modem is asked again. The modem may go
 * meanwhile, so it is kept until the program has ended.
 */
#include "hook-steps.h"

#include <errno.h>
#include <stdlib.h>

#include "hooks.h"
#include "modem.h"

struct waiting {
	struct modem *modem;
	unsigned int hold;
};

static void on_done(void *userdata, int status)
{
	struct waiting *waiting = userdata;

	if (status == 0)
		modem_log(waiting->modem, "a program of the administrator has ended");
	operation_end_hold(waiting->modem, waiting->hold);
	modem_unref(waiting->modem);
	free(waiting);
}

static void run(struct operation *operation, const char *folder, const char *subject)
{
	struct modem *modem = operation_modem(operation);
	struct waiting *waiting = malloc(sizeof(*waiting));

	if (!waiting || !modem->host->hooks) {
		free(waiting);
		return;
	}
	waiting->modem = modem_ref(modem);
	waiting->hold = operation_hold(operation);
	hooks_run_for_modem(modem->host->hooks, modem, folder, subject, on_done, waiting);
}

void hook_steps_set_up(struct operation *operation)
{
	run(operation, "modem-setup.d", operation_modem(operation)->description.physdev);
}

void hook_steps_unlock(struct operation *operation)
{
	const struct modem *modem = operation_modem(operation);

	if (modem->radio_locked)
		run(operation, "fcc-unlock.d", api_object_path(modem->object));
}
