/* Config: what is read from a qmi-network.conf as a shell would read it, and what is refused with
 * its line because only a shell could. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "network/config.h"

struct notes {
	unsigned int count;
	char last[256];
};

static void take_note(const char *note, void *userdata)
{
	struct notes *notes = userdata;

	notes->count++;
	snprintf(notes->last, sizeof(notes->last), "%s", note);
}

static int parse(const char *text, struct config *config, struct notes *notes,
		 struct failure *failure)
{
	*notes = (struct notes){ 0 };
	*failure = (struct failure){ 0 };
	return config_parse("f", text, strlen(text), take_note, notes, config, failure);
}

static void config_takes_every_key(void **state)
{
	static const char text[] = "# a comment\n\n"
				   "APN=internet\nAPN_USER=me\nAPN_PASS=secret\n"
				   "IP_TYPE=46\nPROFILE=auto\nPROXY=yes\nMETRIC=50\n";
	struct failure failure;
	struct config config;
	struct notes notes;

	(void)state;
	assert_int_equal(parse(text, &config, &notes, &failure), 0);
	assert_string_equal(config.apn, "internet");
	assert_string_equal(config.user, "me");
	assert_string_equal(config.password, "secret");
	assert_int_equal(config.families, FAMILY_4 | FAMILY_6);
	assert_true(config.create_profile);
	assert_true(config.use_proxy);
	assert_false(config.no_proxy);
	assert_int_equal(config.route_metric, 50);
	assert_int_equal(notes.count, 0);
}

static void config_without_keys_means_what_no_file_means(void **state)
{
	struct failure failure;
	struct config config;
	struct notes notes;

	(void)state;
	assert_int_equal(parse("", &config, &notes, &failure), 0);
	assert_int_equal(config.families, 0);
	assert_int_equal(config.profile_index, 0);
	assert_false(config.create_profile || config.use_proxy || config.no_proxy);
	assert_int_equal(config.route_metric, ROUTE_METRIC_DEFAULT);
}

static void config_reads_words_as_a_shell_does(void **state)
{
	static const struct {
		const char *text, *apn;
	} cases[] = {
		{ "APN=internet", "internet" },
		{ "  APN=internet  # mine\n", "internet" },
		{ "APN=\"a b\"", "a b" },
		{ "APN='a $b `c` \\'", "a $b `c` \\" },
		{ "APN=a\"b c\"'d e'f", "ab cd ef" },
		{ "APN=a\\ b\\$c", "a b$c" },
		{ "APN=\"a\\\"b\\\\c\\d\"", "a\"b\\c\\d" },
		{ "APN=\"\"\n", "" },
		{ "APN=\n", "" },
		{ "APN=a#b\n", "a#b" },
		{ "export APN=a\n", "a" },
		{ "PROXY=no APN=a\tIP_TYPE=4\n", "a" },
		{ "APN=a;IP_TYPE=4\n", "a" },
		{ "APN=a\r\nIP_TYPE=4\r\n", "a" },
		{ "APN='a'\r\n# x\r\n", "a" },
		{ "APN=first\nAPN=second\n", "second" },
		{ "# APN=a", "" },
		{ "APN=a.b-c_d/e:f@g%h~i*j?k[l]m{n}", "a.b-c_d/e:f@g%h~i*j?k[l]m{n}" },
		{ "APN=\303\251", "\303\251" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct failure failure;
		struct config config;
		struct notes notes;

		if (parse(cases[i].text, &config, &notes, &failure))
			fail_msg("'%s': %s", cases[i].text, failure.text);
		assert_string_equal(config.apn, cases[i].apn);
		assert_int_equal(notes.count, 0);
	}
}

static void config_refuses_with_the_line_when_wrong(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "APN=$HOME", "f:1: nothing is substituted" },
		{ "APN=\"a$b\"", "f:1: nothing is substituted" },
		{ "\nAPN=`id`", "f:2: nothing is substituted" },
		{ "APN=$(reboot)", "f:1: nothing is substituted" },
		{ "APN=\"`reboot`\"", "f:1: nothing is substituted" },
		{ "APN=a|b", "f:1: nothing is carried out" },
		{ "APN=a&", "f:1: nothing is carried out" },
		{ "APN=a>b", "f:1: nothing is carried out" },
		{ "APN=(a b)", "f:1: nothing is carried out" },
		{ "APN=a\n#\nreboot\n", "f:3: this is no KEY=value" },
		{ "APN=a; reboot", "f:1: this is no KEY=value" },
		{ "APN=a reboot", "f:1: this is no KEY=value" },
		{ ". /etc/other\n", "f:1: this is no KEY=value" },
		{ "if true; then\n", "f:1: this is no KEY=value" },
		{ "APN = a\n", "f:1: this is no KEY=value" },
		{ "=a\n", "f:1: this is no KEY=value" },
		{ "1APN=a\n", "f:1: this is no KEY=value" },
		{ "export\n", "f:1: this is no KEY=value" },
		{ "APN='a\nb'\n", "f:1: a quote is not closed" },
		{ "APN=\"a", "f:1: a quote is not closed" },
		{ "APN=a\\\nb\n", "f:1: a line cannot be continued" },
		{ "APN=a\\", "f:1: a line cannot be continued" },
		{ "APN=a\x1b[0m", "f:1: a control character" },
		{ "APN='\x7f'", "f:1: a control character" },
		{ "IP_TYPE=5", "f:1: IP_TYPE: '5' is not 4, 6 or 46" },
		{ "\n\nIP_TYPE='4|6'\n", "f:3: IP_TYPE: '4|6'" },
		{ "PROFILE=0", "f:1: PROFILE: '0' is not auto" },
		{ "PROFILE=256", "f:1: PROFILE: '256'" },
		{ "PROFILE=1x", "f:1: PROFILE: '1x'" },
		{ "PROFILE=-1", "f:1: PROFILE: '-1'" },
		{ "PROXY=maybe", "f:1: PROXY: 'maybe' is not yes or no" },
		{ "METRIC=4294967296", "f:1: METRIC: '4294967296'" },
		{ "METRIC=' 1'", "f:1: METRIC: ' 1'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct failure failure;
		struct config config;
		struct notes notes;

		assert_int_equal(parse(cases[i].text, &config, &notes, &failure), EXIT_USAGE);
		if (strncmp(failure.text, cases[i].says, strlen(cases[i].says)))
			fail_msg("'%s': %s", cases[i].text, failure.text);
	}
}

static void config_refuses_what_is_too_long_or_no_text(void **state)
{
	char text[2000];
	struct failure failure;
	struct config config;
	struct notes notes;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "APN=", 4);
	text[4 + 101] = 0;
	assert_int_equal(parse(text, &config, &notes, &failure), EXIT_USAGE);
	assert_non_null(strstr(failure.text, "at most 100"));
	text[4 + 100] = 0;
	assert_int_equal(parse(text, &config, &notes, &failure), 0);

	memset(text, 'A', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	assert_int_equal(parse(text, &config, &notes, &failure), EXIT_USAGE);
	assert_string_equal(failure.text, "f:1: the name is too long");
	text[20] = '=';
	assert_int_equal(parse(text, &config, &notes, &failure), EXIT_USAGE);
	assert_string_equal(failure.text, "f:1: the value is too long");

	assert_int_equal(config_parse("f", "APN=a\0b", 7, take_note, &notes, &config, &failure),
			 EXIT_USAGE);
	assert_int_equal(config_parse("f", "APN='a\0b'", 9, take_note, &notes, &config, &failure),
			 EXIT_USAGE);
	assert_int_equal(config_parse("f", "\0", 1, take_note, &notes, &config, &failure),
			 EXIT_USAGE);
}

static void config_never_shows_a_password(void **state)
{
	char text[300] = "APN_PASS=";
	struct failure failure;
	struct config config;
	struct notes notes;

	(void)state;
	memset(text + 9, 'q', 200);
	assert_int_equal(parse(text, &config, &notes, &failure), EXIT_USAGE);
	assert_null(strstr(failure.text, "qq"));
	assert_string_equal(failure.text, "f:1: APN_PASS: it must be at most 127 characters");
}

static void config_notes_keys_that_are_none(void **state)
{
	struct failure failure;
	struct config config;
	struct notes notes;

	(void)state;
	assert_int_equal(parse("APN=a\nPATH=/tmp\nIFS=x\n", &config, &notes, &failure), 0);
	assert_int_equal(notes.count, 2);
	assert_string_equal(notes.last, "f:3: IFS is no key of qmi-network, and is passed over");
}

static void config_load_tells_no_file_from_a_bad_one(void **state)
{
	char path[] = "/tmp/test-config-XXXXXX";
	int fd = mkstemp(path);
	struct failure failure;
	struct config config;
	struct notes notes = { 0 };

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(config_load("/tmp", take_note, &notes, &config, &failure), -ENOENT);
	assert_int_equal(config_load("/nowhere/x", take_note, &notes, &config, &failure), -ENOENT);
	assert_int_equal(ftruncate(fd, ASSIGNMENTS_FILE_MAX + 1), 0);
	assert_int_equal(config_load(path, take_note, &notes, &config, &failure), EXIT_USAGE);
	assert_non_null(strstr(failure.text, "File too large"));
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, "APN=b\n", 6, 0), 6);
	assert_int_equal(config_load(path, take_note, &notes, &config, &failure), 0);
	assert_string_equal(config.apn, "b");
	close(fd);
	unlink(path);
	/* Nobody writes to it: opening it must not wait. */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(config_load(path, take_note, &notes, &config, &failure), -ENOENT);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(config_takes_every_key),
		cmocka_unit_test(config_without_keys_means_what_no_file_means),
		cmocka_unit_test(config_reads_words_as_a_shell_does),
		cmocka_unit_test(config_refuses_with_the_line_when_wrong),
		cmocka_unit_test(config_refuses_what_is_too_long_or_no_text),
		cmocka_unit_test(config_never_shows_a_password),
		cmocka_unit_test(config_notes_keys_that_are_none),
		cmocka_unit_test(config_load_tells_no_file_from_a_bad_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
