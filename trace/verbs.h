/*
 * Verbs: what qmi-trace can do, a function each; main.c has them as rows.
 *
 * Owns: nothing. Does not know: how a verb does it.
 * Lifetime: one call each. Called from: main.c.
 */
#pragma once

/* Exit statuses besides 0. */
enum {
	QK_TRACE_FAILED = 1,
	QK_TRACE_USAGE = 2,
};

/* Each takes argv from its own name on and returns the exit status. */
int qk_trace_record(int argc, char **argv);
int qk_trace_show(int argc, char **argv);
int qk_trace_decode(int argc, char **argv);
int qk_trace_summary(int argc, char **argv);
int qk_trace_anonymise(int argc, char **argv);
int qk_trace_survey(int argc, char **argv);
int qk_trace_profile(int argc, char **argv);
