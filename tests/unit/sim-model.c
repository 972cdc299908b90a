/*
 * Sim model: a state for tests (see sim-model.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim-model.h"

struct model *model_new(void)
{
	struct model *model = calloc(1, sizeof(*model));
	char error[256] = "";

	assert_non_null(model);
	if (qk_sim_profile_load(NULL, &model->profile, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	qk_sim_state_start(&model->state, model->profile, 1, 1000000);
	return model;
}

void model_free(struct model *model)
{
	qk_sim_profile_free(model->profile);
	free(model);
}

void model_pass(struct model *model, uint64_t usec, uint32_t *ret_changed,
		void (*seen)(struct model *model, uint32_t changed, void *userdata), void *userdata)
{
	struct qk_sim_state *state = &model->state;
	uint64_t end = state->now_usec + usec;
	uint32_t all = 0;

	for (unsigned int rounds = 0;; rounds++) {
		uint32_t changed = state->changed;
		/* a deadline in the past that stays there would be a busy loop */
		assert_true(rounds < 100000);
		state->changed = 0;
		all |= changed;
		if (changed && seen)
			seen(model, changed, userdata);
		uint64_t next = qk_sim_state_next_usec(state);
		if (next > end && !state->changed)
			break;
		qk_sim_state_advance(state, next > end ? end : next);
	}
	state->now_usec = end;
	if (ret_changed)
		*ret_changed = all;
}
