/*
 * The command line: libqmi's options, and ours.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EMPTY_TIMEOUT_SEC = 300, ORPHAN_TIMEOUT_SEC = 60 };

enum kind { FLAG, TEXT, SECONDS, VERB };

static const struct row {
	const char *name;
	char letter;
	enum kind kind;
	size_t offset; /* in struct options; of VERB the verb */
} rows[] = {
	{ "no-exit", 0, FLAG, offsetof(struct options, no_exit) },
	{ "empty-timeout", 0, SECONDS, offsetof(struct options, empty_timeout_sec) },
	{ "orphan-timeout", 0, SECONDS, offsetof(struct options, orphan_timeout_sec) },
	{ "group", 0, TEXT, offsetof(struct options, group) },
	{ "socket-name", 0, TEXT, offsetof(struct options, name) },
	{ "run-dir", 0, TEXT, offsetof(struct options, folder) },
	{ "json", 0, FLAG, offsetof(struct options, json) },
	{ "verbose", 'v', FLAG, offsetof(struct options, verbose) },
	{ "verbose-full", 0, FLAG, offsetof(struct options, verbose_full) },
	{ "version", 'V', VERB, VERB_VERSION },
	{ "help", 'h', VERB, VERB_HELP },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
/* What getopt_long() says for the first row; above all letters. */
#define FIRST_ROW 256

const char options_help[] =
	"Usage: qmi-proxy [OPTION...]\n"
	"       qmi-proxy status [--json]\n"
	"Shares QMI modems among programs: libqmi's qmi-proxy, with leases of client ids.\n"
	"\n"
	"  status                 say what the broker that runs holds: devices, ids, connections\n"
	"      --json             as one JSON document\n"
	"\n"
	"      --no-exit          stay when nobody is connected\n"
	"      --empty-timeout=S  leave after so many seconds without connections (300; 0: never)\n"
	"      --orphan-timeout=S release an id so many seconds after its owner went (60)\n"
	"      --group=GROUP      let members of this group connect, too\n"
	"      --socket-name=NAME the abstract socket to serve (qmi-proxy; empty: none)\n"
	"      --run-dir=DIR      the folder of the other socket and of the tables of ids\n"
	"                         (" QK_RUN_DIR "; empty: do without)\n"
	"  -v, --verbose          log each connection and each id\n"
	"      --verbose-full     the same\n"
	"  -V, --version          print the version\n"
	"  -h, --help             print this\n";

static int read_seconds(const char *name, const char *text, uint32_t *ret)
{
	char *end;
	unsigned long seconds;

	errno = 0;
	seconds = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || seconds > 1000000000) {
		fprintf(stderr, "error: --%s: '%s' is no number of seconds\n", name, text);
		return -EINVAL;
	}
	*ret = (uint32_t)seconds;
	return 0;
}

static int take(const struct row *row, const char *argument, struct options *ret)
{
	void *at = (char *)ret + row->offset;

	switch (row->kind) {
	case FLAG:
		*(bool *)at = true;
		return 0;
	case TEXT:
		*(const char **)at = argument;
		return 0;
	case SECONDS:
		return read_seconds(row->name, argument, at);
	case VERB:
		ret->verb = (enum options_verb)row->offset;
		return 0;
	}
	return -EINVAL;
}

static const struct row *row_of(int option)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (option == FIRST_ROW + (int)i || (rows[i].letter && option == rows[i].letter))
			return &rows[i];
	}
	return NULL;
}

static int read_words(int argc, char **argv, struct options *ret)
{
	if (optind < argc && ret->verb == VERB_RUN && !strcmp(argv[optind], "status")) {
		ret->verb = VERB_STATUS;
		optind++;
	}
	if (optind < argc) {
		fprintf(stderr, "error: '%s' is nothing that qmi-proxy does; see --help\n",
			argv[optind]);
		return -EINVAL;
	}
	if (ret->json && ret->verb == VERB_RUN) {
		fprintf(stderr, "error: --json is for status\n");
		return -EINVAL;
	}
	return 0;
}

int options_read(int argc, char **argv, struct options *ret)
{
	struct option options[ROWS + 1] = { { 0 } };
	int option, r = 0;

	for (size_t i = 0; i < ROWS; i++) {
		bool has_argument = rows[i].kind == TEXT || rows[i].kind == SECONDS;

		options[i] =
			(struct option){ rows[i].name, has_argument, NULL, FIRST_ROW + (int)i };
	}
	*ret = (struct options){
		.group = QK_PROXY_GROUP,
		.name = "qmi-proxy",
		.folder = QK_RUN_DIR,
		.empty_timeout_sec = EMPTY_TIMEOUT_SEC,
		.orphan_timeout_sec = ORPHAN_TIMEOUT_SEC,
	};
	while (r == 0 && (option = getopt_long(argc, argv, "vVh", options, NULL)) >= 0) {
		const struct row *row = row_of(option);

		r = row ? take(row, optarg, ret) : -EINVAL; /* getopt has said it */
	}
	return r < 0 ? r : read_words(argc, argv, ret);
}
