/*
 * Start: a program in the background, as nobody's child.
 *
 * Owns: nothing that outlives the call. Does not know: what the program does.
 * Lifetime: one call.
 * Called from: connect.c.
 */
#pragma once

#include <qmikit/wire.h>

/*
 * Runs `program` without arguments: in a session of its own, in the root directory, with the signals
 * a new program expects, no descriptor of ours but /dev/null, and our environment but for what a
 * service manager says in it. 0 once it runs, or a negative errno of execve(2), fork(2) or pipe(2),
 * or -ENOMEM.
 */
QK_MUST_CHECK int qk_start_program(const char *program);
