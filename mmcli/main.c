/*
 * mmcli: shows and controls modems, by the ModemManager of the system bus: Debian's, or ours.
 *
 * A run goes from top to bottom: options.c reads the command line; actions.c finds the row that was asked for, its
 * object (session.c), makes the arguments (special.c, arguments.c) and calls (bus.c); screens.c has a row for each
 * field, show.c and compose.c make its text, output.c lays it out. follow.c has what goes on until Ctrl+C.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "mmcli/actions.h"

/* The ones that say how to answer. */
static int read_style(struct session *session)
{
	const struct options *options = &session->options;
	bool keyvalue = options_value(options, "output-keyvalue") != NULL;
	bool json = options_value(options, "output-json") != NULL;
	bool verbose = options_value(options, "verbose") != NULL;

	if (keyvalue && json)
		return session_fail("only one output type supported at the same time");
	if ((keyvalue || json) && verbose)
		return session_fail("cannot set verbose output in %s output type",
				    json ? "JSON" : "keyvalue");
	session->style.format = keyvalue ? OUTPUT_KEYVALUE : json ? OUTPUT_JSON : OUTPUT_HUMAN;
	session->style.newer = options_value(options, "newer-fields") != NULL;
	return options_number(options, "timeout", 0, &session->timeout_s);
}

int main(int argc, char **argv)
{
	struct session session = { 0 };
	int r;

	setlocale(LC_CTYPE, "");
	r = options_parse(&session.options, argc, argv);
	if (r > 0)
		return EXIT_SUCCESS;
	if (r == 0 && options_value(&session.options, "version")) {
		printf("mmcli %s\n", QK_VERSION);
		return EXIT_SUCCESS;
	}
	if (r == 0)
		r = read_style(&session);
	if (r == 0)
		r = actions_run(&session);
	session_close(&session);
	/* What could not be written was not shown. */
	if (fflush(stdout) != 0 && r == 0)
		r = session_fail("couldn't write the output");
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
