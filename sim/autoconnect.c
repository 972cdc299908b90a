/*
 * Autoconnect: when it tries, and what (see autoconnect.h). What is marked [U] here was not seen on a real
 * modem; docs/virtual-modem.md lists it.
 */
#include "autoconnect.h"
#include "profile.h"
#include "state.h"

#include <errno.h>

/* How long it waits once it could start, and after a refusal [U]. */
#define START_USEC 1000000
#define RETRY_USEC 10000000

static void plan(struct qk_sim_state *state, uint64_t usec)
{
	struct qk_sim_autoconnect *autoconnect = &state->bearers.autoconnect;

	autoconnect->due_usec = QK_SIM_NEVER;
	if (autoconnect->setting != QK_SIM_AUTOCONNECT_ON || !qk_sim_radio_has_packet(state) ||
	    (autoconnect->home_only && state->roaming))
		return;
	autoconnect->due_usec = qk_sim_after(state, usec);
}

void qk_sim_autoconnect_start(struct qk_sim_state *state)
{
	state->bearers.autoconnect = (struct qk_sim_autoconnect){
		.setting = state->profile->data.autoconnect ? QK_SIM_AUTOCONNECT_ON
							    : QK_SIM_AUTOCONNECT_OFF,
		.due_usec = QK_SIM_NEVER,
	};
}

void qk_sim_autoconnect_boot(struct qk_sim_state *state)
{
	struct qk_sim_autoconnect *autoconnect = &state->bearers.autoconnect;

	if (autoconnect->setting == QK_SIM_AUTOCONNECT_PAUSED)
		autoconnect->setting = QK_SIM_AUTOCONNECT_ON;
	autoconnect->due_usec = QK_SIM_NEVER;
}

void qk_sim_autoconnect_plan(struct qk_sim_state *state)
{
	plan(state, START_USEC);
}

void qk_sim_autoconnect_set(struct qk_sim_state *state, uint32_t setting, bool home_only)
{
	state->bearers.autoconnect.setting = setting;
	state->bearers.autoconnect.home_only = home_only;
	plan(state, START_USEC);
}

static bool has_family(const struct qk_sim_pdp_context *context, uint8_t family)
{
	return family == 4 ? context->type != QK_SIM_PDP_IPV6 : context->type != QK_SIM_PDP_IPV4;
}

/* Whether the call is up, starts or was there; what the network refuses is seen at once here. */
static bool start(struct qk_sim_state *state, uint8_t context, uint8_t family)
{
	struct qk_sim_bearer_request request = { .family = family, .context = context };
	struct qk_sim_bearer *call;
	struct qk_sim_end_reason reason;
	int r = qk_sim_bearer_start(state, &request, &call, &reason);

	return r == -EALREADY || (r == 0 && call->end.type == 0);
}

void qk_sim_autoconnect_advance(struct qk_sim_state *state)
{
	const struct qk_sim_pdp_context *context =
		qk_sim_pdp_get(state, state->bearers.default_context);
	bool failed = false;

	if (state->bearers.autoconnect.due_usec > state->now_usec)
		return;
	state->bearers.autoconnect.due_usec = QK_SIM_NEVER;
	for (uint8_t family = 4; context && family <= 6; family += 2)
		if (has_family(context, family) && !start(state, context->id, family))
			failed = true;
	if (failed)
		plan(state, RETRY_USEC);
}
