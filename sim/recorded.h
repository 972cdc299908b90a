/*
 * Recorded: what a real modem has answered, given in place of the model's own words for as long as the
 * model has not changed what is asked.
 *
 * Owns: a second modem of the same profile that nobody touches. Where it answers a request as the model
 * does now, nothing has changed, and what was recorded holds; where it does not, the model has the word.
 * Does not know: what a message means.
 * Lifetime: from the first request that was recorded to qk_sim_free().
 * Called from: qmi.c, sim.c.
 */
#pragma once

#include <qmikit/wire.h>

struct qk_sim;

/* `sim->output` holds the `size` bytes of the model's answer to `request`. Replaces them where there is a
 * recorded answer that holds. The bytes of the answer; `size` when nothing was replaced. */
int qk_sim_recorded(struct qk_sim *sim, const struct qk_frame *request, int size);

/* The second modem ends. */
void qk_sim_recorded_done(struct qk_sim *sim);
