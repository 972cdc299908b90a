/*
 * Sim model: a state without a modem around it, for tests of its parts.
 *
 * Owns: the profile and the state. Does not know: QMI, AT. Lifetime: a test. Called from: test-sim-*.c.
 */
#pragma once

#include "sim/profile.h"
#include "sim/state.h"

struct model {
	struct qk_sim_profile *profile;
	struct qk_sim_state state;
};

/* The default modem, booted and registered; fails the test when there is none. */
struct model *model_new(void);
void model_free(struct model *model);
/* Lets `usec` pass, from one deadline to the next; all that changed, in `ret_changed` (may be NULL). Calls
 * `seen` (may be NULL) after each step that changed something, as those are told who watch. */
void model_pass(struct model *model, uint64_t usec, uint32_t *ret_changed,
		void (*seen)(struct model *model, uint32_t changed, void *userdata),
		void *userdata);
