/*
 * Shell: a command in surroundings that look like the modem's own Linux, as a verb of qmi-sim.
 *
 * Owns: namespaces of its own, the command's process. Does not know: the model; it asks through the
 * control socket.
 * Lifetime: one call. Called from: main.c.
 */
#pragma once

/* `qmi-sim shell PATH [--modem N] [-- COMMAND...]`, argv from "shell" on. The command's exit status. */
int qk_shell_main(int argc, char **argv);
