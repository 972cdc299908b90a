/*
 * Personalisation: each kind has its own key and its own tries [C].
 */
#include "personal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "state.h"

enum { TRIES = 10 };

void qk_sim_personal_bind(struct qk_sim_state *state, enum qk_sim_personal kind, const char *key)
{
	struct qk_sim_personal_lock *lock = &state->personal[kind];

	*lock = (struct qk_sim_personal_lock){ .on = true,
					       .retries = TRIES,
					       .unblock_retries = TRIES };
	snprintf(lock->key, sizeof(lock->key), "%s", key);
	state->changed |= QK_SIM_CHANGED_CARD;
}

int qk_sim_personal_free(struct qk_sim_state *state, enum qk_sim_personal kind, const char *key)
{
	struct qk_sim_personal_lock *lock = &state->personal[kind];

	if (!lock->on)
		return -ENOENT;
	if (!lock->retries)
		return -EPERM;
	if (strcmp(lock->key, key) != 0) {
		lock->retries--;
		return -EACCES;
	}
	lock->on = false;
	state->changed |= QK_SIM_CHANGED_CARD;
	return 0;
}
