/*
 * What qmicli tells of its arguments: pieces by the rows, completion by the pieces, and failures that
 * name an option and what was given.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "qmicli/accepts.h"
#include "qmicli/complete.h"
#include "qmicli/failure.h"
#include "qmicli/request.h"

enum { WORDS_MAX = 4, LONG = 10000 };

/* What is offered for the words of `line`; a blank at its end begins another word. */
static char *complete(const char *line)
{
	char copy[256], *words[WORDS_MAX], *at = copy;
	struct output out = { 0 };
	size_t count = 0;

	assert_true(strlen(line) < sizeof(copy));
	memcpy(copy, line, strlen(line) + 1);
	do
		words[count++] = at;
	while (count < WORDS_MAX && (at = strchr(at, ' ')) && (*at++ = 0, true));
	complete_print(words, count, &out);
	output_add(&out, "", 0);
	assert_false(out.failed);
	return out.data;
}

static void completion_is_offered_when_words_fit(void **state)
{
	static const struct {
		const char *line, *offered;
		bool among; /* much else, too */
	} cases[] = {
		{ "--dms-get-mod", "--dms-get-model\tShow the model\n" },
		{ "--wds-set-ip-family=i",
		  "--wds-set-ip-family=ipv4\t\n--wds-set-ip-family=ipv6\t\n" },
		{ "--wds-set-ip-family ", "4\t\n6\t\nipv4\t\nipv6\t\nethernet\t\n" },
		{ "-d sim: --wds-set-ip-family 6", "6\t\n" },
		{ "--wda-get-data-form",
		  "--wda-get-data-format\tShow in what form packets travel\n"
		  "--wda-get-data-format=\tShow in what form packets travel\n" },
		{ "--wda-get-data-format ", "ep-type=\t", true },
		{ "-d sim:ec2", "sim:ec25-eux\ta virtual modem\nsim:ec20\ta virtual modem\n" },
		{ "--device=/dev/nul", "--device=/dev/null\t\n" },
		{ "--device-open-net=net-raw-ip|net-q",
		  "--device-open-net=net-raw-ip|net-qos-header\t\n" },
		{ "--wds-create-profile=3gpp,no-r",
		  "--wds-create-profile=3gpp,no-roaming=\tyes|no\n" },
		{ "--wds-create-profile=3gpp,no-roaming=y",
		  "--wds-create-profile=3gpp,no-roaming=yes\t\n" },
		{ "--wds-create-profile=3gpp,apn=x,auth=p",
		  "--wds-create-profile=3gpp,apn=x,auth=pap\t\n" },
		{ "--wds-create-profile=3gpp,apn=x,nothing=", "" },
		{ "--uim-verify-pin=PIN2,1,", "--uim-verify-pin=PIN2,1,session-type=\t", true },
		{ "--dms-get-model=", "" },
		{ "--no-such=", "" },
		{ "--no-such ", "--device=\t", true },
		{ "word", "" },
		{ "-", "--device=\t", true },
		{ "", "--device=\t", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *offered = complete(cases[i].line);
		bool same = cases[i].among ? strstr(offered, cases[i].offered) != NULL
					   : !strcmp(offered, cases[i].offered);

		if (!same)
			fail_msg("'%s' is offered %s", cases[i].line, offered);
		free(offered);
	}
}

/* Every row that fills fields has pieces, and each of them its field. */
static void pieces_have_fields_when_rows_name_them(void **state)
{
	struct accept list[ACCEPTS_MAX];
	size_t checked = 0;

	(void)state;
	for (size_t s = 0; command_services[s]; s++) {
		for (const struct command *c = command_services[s]->commands; c->name; c++) {
			const struct command_argument *a = command_argument(c);
			size_t count = accepts(c, list), parts = 0, keys = 0;

			assert_true(count <= ACCEPTS_MAX);
			if (!c->argument || !c->method)
				continue;
			while (a->parts && (a->parts[parts].field || a->parts[parts].name))
				parts++;
			while (a->keys && a->keys[keys].key)
				keys++;
			if (count < parts + keys + (a->field != NULL))
				fail_msg("--%s has %zu pieces", c->name, count);
			for (size_t i = 0; i < parts + keys; i++) {
				size_t at = i < parts ? i : count - keys + i - parts;
				bool named = i < parts ? a->parts[i].field != NULL
						       : a->keys[i - parts].field != NULL;

				if (named && !list[at].field)
					fail_msg("--%s: piece %zu has no field", c->name, i);
				checked++;
			}
			if (a->field && !list[0].field)
				fail_msg("--%s takes no field", c->name);
		}
	}
	assert_true(checked > 80);
}

/* Nothing that stands behind an option breaks the completion of it. */
static void completion_ends_when_arguments_are_nonsense(void **state)
{
	static const char *const tails[] = {
		"", ",", "=", ",=,=|", "a=b=c,d", ",,,,,,,,,,,,,,|", "'\"", "/", "/no/such/", "x"
	};
	char *word = calloc(1, LONG + 1);

	(void)state;
	assert_non_null(word);
	for (size_t s = 0; command_services[s]; s++) {
		for (const struct command *c = command_services[s]->commands; c->name; c++) {
			for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
				struct output out = { 0 };

				snprintf(word, LONG, "--%s=%s", c->name, tails[i]);
				if (*tails[i] == 'x')
					memset(strchr(word, '=') + 1, 'x',
					       LONG - (size_t)(strchr(word, '=') + 1 - word));
				complete_print(&word, 1, &out);
				assert_false(out.failed);
				output_done(&out);
			}
			memset(word, 0, LONG);
		}
	}
	free(word);
}

static void failure_names_option_when_argument_is_wrong(void **state)
{
	struct failure f = { 0 };
	char many[200];

	(void)state;
	failure_set(&f, EXIT_USAGE, "invalid x: '%s'", "a\033[1m\nb");
	failure_option(&f, "opt", "a\033[1m\nb");
	assert_string_equal(f.text, "--opt: invalid x: 'a?[1m?b'");
	failure_set(&f, EXIT_USAGE, "no y");
	failure_option(&f, "opt", "z\tz");
	assert_string_equal(f.text, "--opt='z?z': no y");
	memset(many, 'm', sizeof(many) - 1);
	many[sizeof(many) - 1] = 0;
	failure_set(&f, EXIT_USAGE, "no y");
	failure_option(&f, "opt", many);
	assert_null(strstr(f.text, many));
	assert_non_null(strstr(f.text, "mmm...': no y"));
	/* A character of two bytes is not cut in half. */
	memcpy(many, "\xc3\xa4\xc3\xa4", 4);
	for (size_t i = 1; i < sizeof(many) - 2; i += 2)
		memcpy(many + i, "\xc3\xa4", 2);
	many[0] = 'm';
	many[sizeof(many) - 1] = 0;
	failure_set(&f, EXIT_USAGE, "no y");
	failure_option(&f, "opt", many);
	assert_non_null(strstr(f.text, "\xc3\xa4...': no y"));
	failure_hint(&f, "%s", "a\nb");
	assert_string_equal(f.hint, "a?b");
}

/* What fits into no message is told before anything is opened. */
static void request_is_refused_when_it_fits_no_message(void **state)
{
	char *pin = malloc(LONG);
	struct failure f = { 0 };
	struct action action = { .argument = pin };

	(void)state;
	assert_non_null(pin);
	memset(pin, '1', LONG);
	pin[LONG - 1] = 0;
	memcpy(pin, "PIN1,", 5);
	action.command = command_find("uim-verify-pin", strlen("uim-verify-pin"), &action.service);
	assert_non_null(action.command);
	assert_int_equal(request_check(&action, &f), EXIT_USAGE);
	pin[9] = 0;
	assert_int_equal(request_check(&action, &f), 0);
	free(pin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(completion_is_offered_when_words_fit),
		cmocka_unit_test(pieces_have_fields_when_rows_name_them),
		cmocka_unit_test(completion_ends_when_arguments_are_nonsense),
		cmocka_unit_test(failure_names_option_when_argument_is_wrong),
		cmocka_unit_test(request_is_refused_when_it_fits_no_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
