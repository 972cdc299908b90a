/*
 * Follow: keeps a data call that was started until it ends or somebody interrupts, and stops it then.
 *
 * Owns: nothing. Does not know: options, how answers are printed.
 * Lifetime: one call of follow_network(). Called from: main, after --wds-start-network.
 */
#pragma once

#include "output.h"
#include "session.h"

/* Shows the state of the data call of `handle` every 20 seconds, by `answer` and on stdout, until
 * the modem says that it ended or a signal comes; then has it stopped. 0, or an exit code. */
__attribute__((warn_unused_result)) int follow_network(struct session *session, uint32_t handle,
						       session_answer_fn answer,
						       struct failure *failure);
