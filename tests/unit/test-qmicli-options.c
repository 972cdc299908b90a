/*
 * qmicli's command line: GLib's syntax, what of it is refused, and that help and manual page name
 * everything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/uim.h>

#include "qmicli/help.h"
#include "qmicli/options.h"
#include "qmicli/request.h"

enum { WORDS_MAX = 12 };

/* Parses the words of `line`, split at blanks, in place. */
static int parse(char *line, struct options *ret, struct failure *failure)
{
	char *argv[WORDS_MAX] = { "qmicli" }, *save = NULL;
	int argc = 1;

	*failure = (struct failure){ 0 };
	for (char *word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	return options_parse(ret, argc, argv, failure);
}

/* Options that stand for the same: device and flags are as in "-d x -p -v --dms-get-model". */
static void options_mean_the_same_when_spelled_differently(void **state)
{
	char lines[][64] = {
		"-d x -p -v --dms-get-model",
		"-dx -pv --dms-get-model",
		"--dms-get-model --device=x --device-open-proxy --verbose",
		"--device x -vp --dms-get-model",
		"-dvp x --dms-get-model",
		"-pvd x --dms-get-model stray words",
		"-pvdx --dms-get-model=1 -- --no-option-any-more",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct options options;
		struct failure failure;

		if (parse(lines[i], &options, &failure))
			fail_msg("line %zu: %s", i, failure.text);
		assert_non_null(options.device);
		assert_string_equal(options.device, "x");
		assert_true(options.open_proxy && options.verbose);
		assert_int_equal(options.action_count, 1);
		assert_string_equal(options.actions[0].command->name, "dms-get-model");
		options_done(&options);
	}
}

static void options_keep_order_when_actions_are_several(void **state)
{
	char line[] = "--nas-noop --dms-set-operating-mode=online --nas-noop "
		      "--dms-set-operating-mode reset";
	struct options options;
	struct failure failure;

	(void)state;
	assert_int_equal(parse(line, &options, &failure), 0);
	assert_int_equal(options.action_count, 2);
	assert_string_equal(options.actions[0].command->name, "nas-noop");
	assert_string_equal(options.actions[0].service->name, "nas");
	assert_string_equal(options.actions[1].argument, "reset");
	options_done(&options);
}

static void options_join_arguments_when_one_repeats(void **state)
{
	char line[] = "--uim-monitor-refresh-file=3F00,2FE2 --dms-noop --uim-monitor-refresh-file "
		      "0x6F07 --uim-monitor-refresh-file 7FFF-6F38";
	struct options options;
	struct failure failure;
	struct qk_uim_refresh_register_request *watch;
	void *request;

	(void)state;
	assert_int_equal(parse(line, &options, &failure), 0);
	assert_int_equal(options.action_count, 2);
	assert_int_equal(request_new(&options.actions[0], &request, &failure), 0);
	watch = request;
	assert_true(watch->info.register_flag);
	assert_int_equal(watch->info.files.count, 3);
	assert_int_equal(watch->info.files.items[0].file_id, 0x2fe2);
	assert_int_equal(watch->info.files.items[0].path.size, 2);
	assert_int_equal(watch->info.files.items[1].path.size, 0);
	assert_int_equal(watch->info.files.items[2].file_id, 0x6f38);
	assert_int_equal(watch->info.files.items[2].path.data[0], 0xff);
	request_free(request);
	options_done(&options);
}

static void options_fail_when_wrong(void **state)
{
	struct {
		char line[64];
		const char *text, *hint;
	} cases[] = {
		{ "--dms-get-modle", "Unknown option", "--dms-get-model?" },
		{ "--xyzzy", "Unknown option", "--help-all" },
		{ "--help-xyz", "Unknown option", "" },
		{ "-x", "Unknown option -x", "" },
		{ "-d", "Missing argument for -d", "" },
		{ "--client-cid", "Missing argument", "" },
		{ "--client-cid=0", "--client-cid: invalid CID given '0'", "1 to 255" },
		{ "--client-cid=255x", "invalid CID", "" },
		{ "--client-cid=256", "invalid CID", "" },
		{ "--client-cid=1 --dms-noop --nas-noop", "--client-cid: ", "one service" },
		{ "--timeout=0", "invalid timeout", "" },
		{ "--timeout=1e-7", "invalid timeout", "" },
		{ "--timeout=nan", "invalid timeout", "" },
		{ "--timeout=1e9", "invalid timeout", "" },
		{ "-v --verbose-full", "same time", "" },
		{ "--device-open-qmi --device-open-auto", "multiple mode flags", "" },
		{ "--device-open-net=net-raw-ip", "--device-open-net: ", "QoS header choice" },
		{ "--device-open-net=net-802-3|net-raw-ip", "", "exclude each other" },
		{ "--device-open-net=", "", "no flag is in it" },
		{ "--device-open-net=|", "", "no flag is in it" },
		{ "--help=1", "Unknown option --help=1", "" },
		{ "--help-all=1", "Unknown option", "" },
		{ "--device-open-net=x", "invalid device open value", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options options;
		struct failure failure;

		if (parse(cases[i].line, &options, &failure) != EXIT_USAGE)
			fail_msg("case %zu was taken", i);
		if (!strstr(failure.text, cases[i].text) || !strstr(failure.hint, cases[i].hint))
			fail_msg("case %zu says: %s; %s", i, failure.text, failure.hint);
		options_done(&options);
	}
}

static void options_read_numbers_when_right(void **state)
{
	char line[] =
		"--client-cid=255 --timeout 1.5 --device-open-net=net-raw-ip|net-no-qos-header";
	struct options options;
	struct failure failure;

	(void)state;
	assert_int_equal(parse(line, &options, &failure), 0);
	assert_int_equal(options.cid, 255);
	assert_int_equal(options.timeout_usec, 1500000);
	assert_int_equal(options.net_flags, OPEN_NET_RAW_IP | OPEN_NET_NO_QOS);
	options_done(&options);
}

static void options_read_flags_when_blanks_are_between(void **state)
{
	char word[] = "--device-open-net= |net-802-3 | \tnet-qos-header||";
	char *argv[] = { "qmicli", word };
	struct options options;
	struct failure failure = { 0 };

	(void)state;
	assert_int_equal(options_parse(&options, 2, argv, &failure), 0);
	assert_int_equal(options.net_flags, OPEN_NET_802_3 | OPEN_NET_QOS);
	options_done(&options);
}

static void options_end_when_help_is_asked(void **state)
{
	char lines[][64] = { "--help --xyzzy", "-v --verbose-full --help-all -x",
			     "--help-dms --client-cid", "-vh --xyzzy" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct options options;
		struct failure failure;

		assert_int_equal(parse(lines[i], &options, &failure), 0);
		assert_true(options.help || options.help_all || options.help_service);
		options_done(&options);
	}
}

/* -E takes a value, -w none, and an action's value may miss where GLib lets it. */
static void actions_are_found_when_they_have_letters(void **state)
{
	static const struct {
		const char *line, *name, *argument;
	} rows[] = {
		{ "-w", "get-wwan-iface", NULL },
		{ "-pw", "get-wwan-iface", NULL },
		{ "-E raw-ip", "set-expected-data-format", "raw-ip" },
		{ "-Eraw-ip", "set-expected-data-format", "raw-ip" },
		{ "-pE raw-ip", "set-expected-data-format", "raw-ip" },
		{ "--wda-get-data-format", "wda-get-data-format", NULL },
		{ "--wda-get-data-format -p", "wda-get-data-format", NULL },
		{ "--wda-get-data-format ep-type=pcie", "wda-get-data-format", "ep-type=pcie" },
		{ "--wda-get-data-format=", "wda-get-data-format", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct options options;
		struct failure failure;
		char line[64];

		snprintf(line, sizeof(line), "%s", rows[i].line);
		if (parse(line, &options, &failure))
			fail_msg("%s: %s", rows[i].line, failure.text);
		assert_int_equal(options.action_count, 1);
		assert_string_equal(options.actions[0].command->name, rows[i].name);
		if (rows[i].argument)
			assert_string_equal(options.actions[0].argument, rows[i].argument);
		else
			assert_null(options.actions[0].argument);
		options_done(&options);
	}
}

/* The manual page as one string; the caller frees. */
static char *read_manual(void)
{
	struct output text = { 0 };
	FILE *file = fopen(QK_MANUAL, "r");
	char buffer[4096];
	size_t size;

	assert_non_null(file);
	while ((size = fread(buffer, 1, sizeof(buffer), file)) > 0)
		output_add(&text, buffer, size);
	fclose(file);
	assert_non_null(text.data);
	return text.data;
}

static void assert_documented(const char *manual, const char *help, const char *name)
{
	char option[80];

	snprintf(option, sizeof(option), "*--%s*", name);
	if (!strstr(manual, option))
		fail_msg("the manual page lacks %s", option);
	option[strlen(option) - 1] = 0;
	if (!strstr(help, option + 1))
		fail_msg("--help-all lacks %s", option + 1);
}

static void help_and_manual_have_every_option_when_all_is_asked(void **state)
{
	struct options options = { .help_all = true };
	struct output help = { 0 };
	char *manual = read_manual();

	(void)state;
	help_print(&options, &help);
	for (const struct option_row *o = option_rows; o->name; o++)
		assert_documented(manual, help.data, o->name);
	for (size_t s = 0; command_services[s]; s++)
		for (const struct command *c = command_services[s]->commands; c->name; c++)
			assert_documented(manual, help.data, c->name);
	output_done(&help);
	free(manual);
}

static void manual_has_every_exit_code_when_read(void **state)
{
	char *manual = read_manual();

	(void)state;
	for (const struct exit_info *i = exit_infos; i->name; i++) {
		char row[160];

		snprintf(row, sizeof(row), "|  %s%d\n:  %s\n:  %s\n",
			 i->code == EXIT_SIGNAL ? ">" : "", (int)i->code, i->name, i->meaning);
		if (!strstr(manual, row))
			fail_msg("the manual page lacks:\n%s", row);
	}
	free(manual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_mean_the_same_when_spelled_differently),
		cmocka_unit_test(options_keep_order_when_actions_are_several),
		cmocka_unit_test(options_join_arguments_when_one_repeats),
		cmocka_unit_test(options_fail_when_wrong),
		cmocka_unit_test(options_read_numbers_when_right),
		cmocka_unit_test(options_read_flags_when_blanks_are_between),
		cmocka_unit_test(options_end_when_help_is_asked),
		cmocka_unit_test(actions_are_found_when_they_have_letters),
		cmocka_unit_test(help_and_manual_have_every_option_when_all_is_asked),
		cmocka_unit_test(manual_has_every_exit_code_when_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
