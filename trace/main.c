/*
 * qmi-trace: records QMI and reads what was recorded. A verb a row.
 */
#include <stdio.h>
#include <string.h>

#include "verbs.h"

struct verb {
	const char *name, *sentence;
	int (*run)(int argc, char **argv);
};

/* In the order of the help. */
static const struct verb verbs[] = {
	{ "record", "run a program and record every QMI frame of it", qk_trace_record },
	{ "show", "print a recording, as text or as JSON", qk_trace_show },
	{ "decode", "print frames that come as hex, one a line", qk_trace_decode },
	{ "summary", "count requests, answers, errors and client ids", qk_trace_summary },
	{ "anonymise", "copy a recording without what identifies a person", qk_trace_anonymise },
	{ "survey", "ask a modem everything that only reads", qk_trace_survey },
	{ "profile", "make a virtual modem that answers as a recorded one did", qk_trace_profile },
};

static int print_help(void)
{
	puts("Usage: qmi-trace VERB ...\n"
	     "Records the QMI frames of any program, and reads recordings.\n");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		printf("  %-11s%s\n", verbs[i].name, verbs[i].sentence);
	puts("\n'qmi-trace VERB --help' says what a verb takes. The manual: qmi-trace(1).");
	return fflush(stdout) == EOF ? QK_TRACE_FAILED : 0;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(name, verbs[i].name))
			return &verbs[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		return print_help();
	if (!strcmp(name, "--version")) {
		puts("qmi-trace (qmikit) " QK_VERSION);
		return fflush(stdout) == EOF ? QK_TRACE_FAILED : 0;
	}
	const struct verb *verb = find_verb(name);
	if (verb)
		return verb->run(argc - 1, argv + 1);
	if (argc < 2)
		fprintf(stderr, "error: no verb; see qmi-trace --help\n");
	else
		fprintf(stderr, "error: there is no verb '%s'; see qmi-trace --help\n", name);
	return QK_TRACE_USAGE;
}
