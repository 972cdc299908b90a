/*
 * Transport: a virtual modem inside the process, behind the library's transport.
 *
 * Owns: the modem, its profile and what it said until it is read; qk_transport_free() ends them.
 * Does not know: devices, the command line.
 * Lifetime: that of the transport. Called from: programs whose -d takes "sim:PROFILE".
 */
#pragma once

#include <stddef.h>

#include <qmikit/transport.h>

/*
 * Opens "PROFILE[@SEED]": what qk_sim_profile_load() takes, and a decimal seed (1). 0, or a negative
 * errno with one line in `error`.
 */
QK_MUST_CHECK int qk_sim_transport_open(const char *profile, struct qk_transport **ret, char *error,
					size_t error_size);
