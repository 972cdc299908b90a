/*
 * Ctl: words or JSON to the control socket, its answer and its events to standard output (see
 * ctl-client.h).
 */
#include "ctl-client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control-events.h"
#include "ctl-link.h"
#include "ctl-words.h"

static const char help[] =
	"Usage: qmi-sim ctl PATH REQUEST [WORD...] [--MEMBER VALUE...] [--modem N|all]\n"
	"       qmi-sim ctl PATH '{\"do\": \"REQUEST\", ...}'\n"
	"       qmi-sim ctl PATH watch [EVENT] [--until EVENT[:MEMBER=VALUE]] [--timeout SECONDS]\n"
	"Asks the modems of `qmi-sim --control PATH` to do something, or tells what they do.\n"
	"\n"
	"The words of a request may stand apart: 'power off' is 'power-off'. Bare words behind it are\n"
	"its members in their order. Without --modem it is for modem 0. The answer is one line of JSON.\n"
	"\n"
	"Requests:\n";

static void print_members(const struct qk_control_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		const struct qk_sim_member *member = &row->members[i];
		bool optional = member->optional || row->partial;
		printf(" %s%s%s", optional ? "[" : "", member->name, optional ? "]" : "");
	}
	putchar('\n');
}

static int print_help(void)
{
	const struct qk_control_row *row;
	const char *name, *sentence;

	fputs(help, stdout);
	for (size_t i = 0; (row = qk_control_row(i)); i++)
		printf("  %-18s%s\n", row->name, row->sentence);
	puts("\nEvents:");
	for (size_t i = 0; (name = qk_control_event_name(i, &sentence)); i++)
		printf("  %-18s%s\n", name, sentence);
	puts("\n'qmi-sim ctl PATH REQUEST --help' says what a request takes. The manual: qmi-sim(1).");
	return fflush(stdout) == EOF ? QK_CTL_REFUSED : 0;
}

/* What a member may be, for a person. */
static void print_kind(const struct qk_sim_member *member)
{
	const struct qk_sim_word *word = member->words;

	if (member->kind == UINT || member->kind == INT || member->kind == REAL)
		printf("%lld to %lld", (long long)member->min, (long long)member->max);
	else if (member->kind == BOOL)
		printf("true or false");
	else if (member->kind == HEX)
		printf("bytes in hex");
	else if (word)
		for (; word->name; word++)
			printf("%s%s", word->name, word[1].name ? ", " : "");
	else
		printf(member->kind == DIGITS ? "digits" : "text");
	putchar('\n');
}

static int print_row_help(const struct qk_control_row *row)
{
	printf("%s: %s\n\nUsage: qmi-sim ctl PATH %s", row->name, row->sentence, row->name);
	print_members(row);
	if (row->count)
		putchar('\n');
	for (size_t i = 0; i < row->count; i++) {
		printf("  --%-18s", row->members[i].name);
		print_kind(&row->members[i]);
	}
	return fflush(stdout) == EOF ? QK_CTL_REFUSED : 0;
}

static int print_line(const json_t *line)
{
	size_t flags =
		JSON_REAL_PRECISION(12) | (isatty(STDOUT_FILENO) ? JSON_INDENT(2) : JSON_COMPACT);

	if (json_dumpf(line, stdout, flags) < 0 || putchar('\n') == EOF || fflush(stdout) == EOF) {
		fprintf(stderr, "error: stdout: %s\n", strerror(errno));
		return QK_CTL_REFUSED;
	}
	return 0;
}

/* Whether an event is the one that is waited for: its name, and one member if that is asked. */
static bool is_until(const json_t *line, const char *until)
{
	const char *event = json_string_value(json_object_get(line, "event"));
	size_t size = strcspn(until, ":");
	char key[64], text[64];

	if (!event || strlen(event) != size || memcmp(event, until, size) != 0)
		return false;
	if (!until[size])
		return true;
	const char *name = until + size + 1, *equals = strchr(name, '=');
	if (!equals || (size_t)(equals - name) >= sizeof(key))
		return false;
	memcpy(key, name, (size_t)(equals - name));
	key[equals - name] = 0;
	const json_t *value = json_object_get(line, key);
	if (json_is_string(value))
		return strcmp(json_string_value(value), equals + 1) == 0;
	size_t used = json_dumpb(value, text, sizeof(text) - 1, JSON_ENCODE_ANY | JSON_COMPACT);
	text[used < sizeof(text) ? used : 0] = 0;
	return strcmp(text, equals + 1) == 0;
}

static int watch(struct qk_ctl_link *link, const char *until)
{
	json_t *line = NULL;
	bool found = false;
	int status = 0;

	while (status == 0 && !found) {
		status = qk_ctl_receive(link, &line);
		if (status)
			break;
		status = print_line(line);
		found = until && is_until(line, until);
		json_decref(line);
	}
	return status;
}

static int ask(struct qk_ctl_link *link, const json_t *request,
	       const struct qk_ctl_options *options)
{
	json_t *answer = NULL;
	int status = qk_ctl_send(link, request);

	if (status == 0)
		status = qk_ctl_receive(link, &answer);
	if (status)
		return status;
	if (!json_is_true(json_object_get(answer, "ok"))) {
		const char *error = json_string_value(json_object_get(answer, "error"));
		fprintf(stderr, "error: %s\n", error ? error : "refused");
		status = QK_CTL_REFUSED;
	} else {
		status = print_line(answer);
	}
	json_decref(answer);
	bool is_watch = options->row && strcmp(options->row->name, "watch") == 0;
	return status == 0 && is_watch ? watch(link, options->until) : status;
}

static int read_timeout(const char *text, uint64_t *ret_deadline)
{
	char *end;
	double seconds = text ? strtod(text, &end) : 0;

	if (!text)
		return 0;
	if (!*text || *end || !(seconds >= 0 && seconds < 1e9)) {
		fprintf(stderr, "error: --timeout: '%.60s' is no number of seconds\n", text);
		return QK_CTL_USAGE;
	}
	*ret_deadline = qk_ctl_now_msec() + (uint64_t)(seconds * 1000);
	return 0;
}

static int run(const char *path, const json_t *request, const struct qk_ctl_options *options)
{
	struct qk_ctl_link link;
	int status = qk_ctl_open(&link, path);

	if (status == 0)
		status = read_timeout(options->timeout, &link.deadline_msec);
	if (status == 0)
		status = ask(&link, request, options);
	qk_ctl_close(&link);
	return status;
}

static int read_json(const char *text, json_t **ret)
{
	json_error_t error;

	*ret = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!*ret)
		fprintf(stderr, "error: no JSON: %s\n", error.text);
	return *ret ? 0 : QK_CTL_USAGE;
}

int qk_ctl_main(int argc, char **argv)
{
	struct qk_ctl_options options = { 0 };
	char error[256] = "out of memory";
	json_t *request = NULL;
	int status = 0;

	for (int i = 1; i < argc && i < 3; i++)
		if (strcmp(argv[i], "--help") == 0)
			return print_help();
	if (argc < 3) {
		fputs("error: ctl needs the path of a control socket and a request (--help)\n",
		      stderr);
		return QK_CTL_USAGE;
	}
	if (argv[2][0] == '{' && argc == 3) {
		status = read_json(argv[2], &request);
	} else if (qk_ctl_words(argc - 2, argv + 2, &options, &request, error, sizeof(error)) < 0) {
		fprintf(stderr, "error: %s\n", error);
		status = QK_CTL_USAGE;
	}
	if (status == 0)
		status = options.help ? print_row_help(options.row)
				      : run(argv[1], request, &options);
	json_decref(request);
	return status;
}
