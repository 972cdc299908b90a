/*
 * Tests: the AT line. Echo, framing, forms, errors, what is typed in pieces or wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "at-host.h"

static void on_nothing(void *userdata, struct qk_span bytes)
{
	*(size_t *)userdata += bytes.size;
}

static void at_echoes_and_frames_when_factory_set(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_expect(host, "AT\r", "AT\r\r\nOK\r\n");
	at_host_expect(host, "at\r\n", "at\r\r\nOK\r\n");
	at_host_expect(host, "ATI\r",
		       "ATI\r\r\nQuectel\r\nEC25\r\nRevision: EC25EUXGAR08A05M1G\r\n\r\nOK\r\n");
	at_host_expect(host, "AT+CGMM\r", "AT+CGMM\r\r\nEC25\r\n\r\nOK\r\n");
	at_host_free(host);
}

static void at_takes_bytes_when_cut_anywhere(void **test)
{
	struct at_host *host = at_host_new();
	const char *line = "AT+CSUB\r";

	(void)test;
	for (const char *c = line; *c; c++) {
		char one[2] = { *c, 0 }, echo[64];
		memcpy(echo, one, 2);
		if (*c == '\r')
			snprintf(echo, sizeof(echo), "\r\r\nSubEdition: V01\r\n\r\nOK\r\n");
		at_host_expect(host, one, echo);
	}
	at_host_free(host);
}

static void at_is_silent_when_line_does_not_begin_with_at(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_expect(host, "\r", "\r");
	at_host_expect(host, "hello\r", "hello\r");
	at_host_expect(host, "xxAT\r", "xxAT\r\r\nOK\r\n");
	at_host_free(host);
}

static void at_stops_echo_when_told(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_expect(host, "ATE0\r", "ATE0\r\r\nOK\r\n");
	at_host_expect(host, "AT\r", "\r\nOK\r\n");
	at_host_expect(host, "ATE1\r", "\r\nOK\r\n");
	at_host_expect(host, "AT\r", "AT\r\r\nOK\r\n");
	at_host_free(host);
}

static void at_says_numbers_when_not_verbose(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_expect(host, "ATE0V0\r", "ATE0V0\r0\r");
	at_host_expect(host, "AT+CSUB\r", "SubEdition: V01\r\n0\r");
	at_host_expect(host, "AT+NOTHING\r", "4\r");
	at_host_expect(host, "ATV1\r", "\r\nOK\r\n");
	at_host_free(host);
}

static void at_says_no_result_when_quiet(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_expect(host, "ATE0Q1\r", "ATE0Q1\r");
	at_host_expect(host, "AT+CSUB\r", "\r\nSubEdition: V01\r\n");
	at_host_expect(host, "ATQ0\r", "\r\nOK\r\n");
	at_host_free(host);
}

static void at_runs_all_commands_when_a_line_has_several(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_expect(host, "ATI;+CSUB;&D2\r",
		       "ATI;+CSUB;&D2\r\r\nQuectel\r\nEC25\r\nRevision: EC25EUXGAR08A05M1G\r\n"
		       "\r\nSubEdition: V01\r\n\r\nOK\r\n");
	at_host_ask(host, "ATE1V1+CSUB", "SubEdition: V01\nOK\n");
	at_host_ask(host, "AT+CSUB;+NOTHING;+CGMM", "SubEdition: V01\nERROR\n");
	at_host_free(host);
}

static void at_answers_every_form_of_a_setting(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+CMEE?", "+CMEE: 1\nOK\n");
	at_host_ask(host, "AT+CMEE=?", "+CMEE: (0-2)\nOK\n");
	at_host_ask(host, "AT+CMEE=2", "OK\n");
	at_host_ask(host, "at+cmee?", "+CMEE: 2\nOK\n");
	at_host_ask(host, "AT+CMEE=3", "ERROR\n");
	at_host_ask(host, "AT+CMEE=1,1", "ERROR\n");
	at_host_ask(host, "AT+CMEE=\"1\"", "ERROR\n");
	at_host_ask(host, "AT+CMEE", "ERROR\n");
	at_host_ask(host, "ATX9", "ERROR\n");
	at_host_ask(host, "ATS3?", "013\nOK\n");
	at_host_ask(host, "ATS0=2", "OK\n");
	at_host_ask(host, "ATS0?", "002\nOK\n");
	at_host_free(host);
}

static void at_forgets_what_is_not_stored_when_reset(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_do(host, "AT+CMEE=2");
	at_host_ask(host, "ATZ", "OK\n");
	at_host_ask(host, "AT+CMEE?", "+CMEE: 1\nOK\n");
	at_host_do(host, "AT+CMEE=2");
	at_host_ask(host, "AT&W", "OK\n");
	at_host_do(host, "AT+CMEE=0");
	at_host_do(host, "ATZ");
	at_host_ask(host, "AT+CMEE?", "+CMEE: 2\nOK\n");
	at_host_ask(host, "AT&F", "OK\n");
	at_host_ask(host, "AT+CMEE?", "+CMEE: 1\nOK\n");
	at_host_free(host);
}

static void at_repeats_the_line_when_told(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_do(host, "AT+CSUB");
	at_host_expect(host, "A/", "A/\r\nSubEdition: V01\r\n\r\nOK\r\n");
	at_host_free(host);
}

static void at_takes_back_characters_when_erased(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_expect(host, "AT+CSX\bUB\r", "AT+CSX\b \bUB\r\r\nSubEdition: V01\r\n\r\nOK\r\n");
	at_host_free(host);
}

static void at_refuses_when_a_line_is_too_long(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_do(host, "ATE0");
	for (size_t i = 0; i < 100000; i++)
		at_host_expect(host, i ? "x" : "AT", "");
	at_host_expect(host, "\r", "\r\nERROR\r\n");
	at_host_expect(host, "AT\r", "\r\nOK\r\n");
	at_host_free(host);
}

static void at_has_settings_of_its_own_when_there_are_two_ports(void **test)
{
	struct at_host *host = at_host_new();
	static const struct qk_at_sink sink = { on_nothing };
	struct qk_at_port *other;
	size_t said = 0;

	(void)test;
	assert_int_equal(qk_at_attach(host->sim, QK_AT_USBMODEM, &sink, &said, &other), 0);
	qk_at_set_open(other, true);
	qk_at_input(other, (struct qk_span){ (const uint8_t *)"ATE0\r", 5 });
	assert_int_equal(said, 5 + 6);
	at_host_expect(host, "AT\r", "AT\r\r\nOK\r\n");
	qk_at_detach(other);
	at_host_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_echoes_and_frames_when_factory_set),
		cmocka_unit_test(at_takes_bytes_when_cut_anywhere),
		cmocka_unit_test(at_is_silent_when_line_does_not_begin_with_at),
		cmocka_unit_test(at_stops_echo_when_told),
		cmocka_unit_test(at_says_numbers_when_not_verbose),
		cmocka_unit_test(at_says_no_result_when_quiet),
		cmocka_unit_test(at_runs_all_commands_when_a_line_has_several),
		cmocka_unit_test(at_answers_every_form_of_a_setting),
		cmocka_unit_test(at_forgets_what_is_not_stored_when_reset),
		cmocka_unit_test(at_repeats_the_line_when_told),
		cmocka_unit_test(at_takes_back_characters_when_erased),
		cmocka_unit_test(at_refuses_when_a_line_is_too_long),
		cmocka_unit_test(at_has_settings_of_its_own_when_there_are_two_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
