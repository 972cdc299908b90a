/*
 * Target: the device that -d names, and a transport to it.
 *
 * Owns: the name. Does not know: QMI messages.
 * Lifetime: target_choose() to target_done().
 * Called from: main (to choose), session (to connect).
 */
#pragma once

#include <qmikit/transport.h>

#include "failure.h"
#include "options.h"

enum target_kind { TARGET_PATH, TARGET_ADDRESS, TARGET_SIM };

struct target {
	enum target_kind kind;
	char *name; /* what to open, as it is shown: a path is absolute, as in libqmi */
};

/* Takes -d apart, or chooses the only device of this machine. 0 or an exit code. */
__attribute__((warn_unused_result)) int target_choose(const struct options *options,
						      struct target *ret, struct failure *failure);

void target_done(struct target *target);

/* Opens the device itself. 0 or an exit code. */
__attribute__((warn_unused_result)) int
target_open(const struct target *target, struct qk_transport **ret, struct failure *failure);

/* Connects to qmi-proxy, at $QMI_PROXY_SOCKET where that is set; starts one where none runs, if
 * asked to. 0 or a negative errno. */
__attribute__((warn_unused_result)) int target_open_proxy(bool start, struct qk_transport **ret);
