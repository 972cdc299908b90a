/* AT reader: answers, news, and news in the middle of answers; in one cut and byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "manager/at-reader.h"

/* What was told, one line each: "news TEXT", "RESULT CODE TEXT" and "prompt", line ends as |. */
struct told {
	struct at_reader reader;
	char buffer[AT_ANSWER_MAX];
	char text[2 * AT_ANSWER_MAX];
	size_t size;
};

static void tell(struct told *told, const char *kind, const char *text, size_t size)
{
	char *start = told->text + told->size;

	told->size += (size_t)snprintf(told->text + told->size, sizeof(told->text) - told->size,
				       "%s%s%.*s\n", kind, size ? " " : "", (int)size, text);
	assert_true(told->size < sizeof(told->text));
	for (char *at = start; *at; at++)
		if (*at == '\r' || (*at == '\n' && at[1]))
			*at = '|';
}

static void on_answer(void *userdata, const struct at_answer *answer)
{
	static const char *const results[] = {
		[AT_RESULT_OK] = "ok",
		[AT_RESULT_CONNECT] = "connect",
		[AT_RESULT_ERROR] = "error",
		[AT_RESULT_CME_ERROR] = "cme",
		[AT_RESULT_CMS_ERROR] = "cms",
		[AT_RESULT_NO_CARRIER] = "no-carrier",
		[AT_RESULT_BUSY] = "busy",
		[AT_RESULT_NO_ANSWER] = "no-answer",
		[AT_RESULT_NO_DIALTONE] = "no-dialtone",
	};
	char kind[40];

	snprintf(kind, sizeof(kind), "%s%s %d", results[answer->result], answer->cut ? " cut" : "",
		 answer->code);
	assert_int_equal(answer->text[answer->size], 0);
	tell(userdata, kind, answer->text, answer->size);
}

static void on_news(void *userdata, const char *line)
{
	tell(userdata, "news", line, strlen(line));
}

static void on_prompt(void *userdata)
{
	tell(userdata, "prompt", "", 0);
}

static const struct at_reader_events events = { on_answer, on_news, on_prompt };

static void check_cut(const char *command, const char *said, size_t cut, const char *expected)
{
	struct told *told = calloc(1, sizeof(*told));
	size_t size = strlen(said);

	assert_non_null(told);
	if (command)
		assert_int_equal(
			at_reader_begin(&told->reader, command, told->buffer, sizeof(told->buffer)),
			0);
	for (size_t i = 0; i < size; i += cut)
		at_reader_push(&told->reader,
			       (struct qk_span){ (const uint8_t *)said + i,
						 size - i < cut ? size - i : cut },
			       &events, told);
	assert_string_equal(told->text, expected);
	free(told);
}

/* `command` NULL: none runs. */
static void check(const char *command, const char *said, const char *expected)
{
	check_cut(command, said, strlen(said), expected);
	check_cut(command, said, 1, expected);
	check_cut(command, said, 3, expected);
}

static void at_reader_tells_the_answer_when_it_has_ended(void **state)
{
	(void)state;
	check("AT", "\r\nOK\r\n", "ok -1\n");
	check("AT+CSQ", "\r\n+CSQ: 20,99\r\n\r\nOK\r\n", "ok -1 +CSQ: 20,99\n");
	check("ATI", "\r\nQuectel\r\nEC25\r\nRevision: X\r\n\r\nOK\r\n",
	      "ok -1 Quectel||EC25||Revision: X\n");
	check("AT+CREG?;+CSQ", "\r\n+CREG: 0,1\r\n\r\n+CSQ: 9,99\r\n\r\nOK\r\n",
	      "ok -1 +CREG: 0,1||||+CSQ: 9,99\n");
	check("AT+CSQ", "\r\n+CSQ: 20,99\r\n", "");
}

static void at_reader_tells_why_a_command_failed(void **state)
{
	(void)state;
	check("AT+X", "\r\nERROR\r\n", "error -1\n");
	check("AT+CPIN?", "\r\n+CME ERROR: 10\r\n", "cme 10\n");
	check("AT+CPIN?", "\r\n+CME ERROR: SIM not inserted\r\n", "cme 10\n");
	check("AT+CPIN?", "\r\n+CME ERROR: PH-SIM PIN REQUIRED\r\n", "cme 5\n");
	check("AT+CPIN?", "\r\n+CME ERROR: SIM not\r\n", "cme -1\n");
	check("AT+CPIN?", "\r\n+CME ERROR: \r\n", "cme -1\n");
	check("AT+CMGR=9", "\r\n+CMS ERROR: Invalid memory index\r\n", "cms 321\n");
	check("AT+CPIN?", "\r\n+CME ERROR: 99999999999999999999\r\n", "cme -1\n");
	check("AT+CMGS=1", "\r\n+CMS ERROR: 500\r\n", "cms 500\n");
	check("AT+X", "\r\nCOMMAND NOT SUPPORT\r\n", "error -1\n");
}

static void at_reader_ends_a_call_with_its_codes_alone(void **state)
{
	(void)state;
	check("ATD*99#", "\r\nCONNECT 150000000\r\n", "connect -1\n");
	check("ATD123;", "\r\nNO CARRIER\r\n", "no-carrier -1\n");
	check("ATD123;", "\r\nBUSY\r\n", "busy -1\n");
	check("ATA", "\r\nNO ANSWER\r\n", "no-answer -1\n");
	/* of a call that ends meanwhile */
	check("AT+CSQ", "\r\nNO CARRIER\r\n\r\n+CSQ: 1,99\r\n\r\nOK\r\n",
	      "news NO CARRIER\nok -1 +CSQ: 1,99\n");
	check("AT+X", "\r\nBUSY\r\n\r\nOK\r\n", "ok -1 BUSY\n");
}

static void at_reader_tells_news_in_the_middle_of_an_answer(void **state)
{
	(void)state;
	check(NULL, "\r\nRDY\r\n\r\n+CPIN: READY\r\n", "news RDY\nnews +CPIN: READY\n");
	check("ATI", "\r\nQuectel\r\n\r\n+QUSIM: 1\r\nEC25\r\n\r\nOK\r\n",
	      "news +QUSIM: 1\nok -1 Quectel||EC25\n");
	check("AT+CSQ", "\r\nRING\r\n\r\n+CSQ: 1,99\r\n\r\n+CMTI: \"ME\",3\r\n\r\nOK\r\n",
	      "news RING\nnews +CMTI: \"ME\",3\nok -1 +CSQ: 1,99\n");
	check(NULL, "\r\nwhatever\r\n", "news whatever\n");
}

static void at_reader_takes_for_an_answer_what_was_asked_for(void **state)
{
	(void)state;
	check("AT+CPIN?", "\r\n+CPIN: READY\r\n\r\nOK\r\n", "ok -1 +CPIN: READY\n");
	check("AT+CPIN=1234", "\r\nOK\r\n\r\n+CPIN: READY\r\n", "ok -1\nnews +CPIN: READY\n");
	check("at+cpin?", "\r\n+CPIN: READY\r\n\r\nOK\r\n", "ok -1 +CPIN: READY\n");
	check("AT+CFUN=1;+CFUN?", "\r\n+CFUN: 1\r\n\r\nOK\r\n", "ok -1 +CFUN: 1\n");
	check("AT+CUSD=1,\"*100#\"", "\r\n+CUSD: 0,\"x\",15\r\n\r\nOK\r\n",
	      "news +CUSD: 0,\"x\",15\nok -1\n");
	check("AT+CCWA=1,2", "\r\n+CCWA: 1,1\r\n\r\nOK\r\n", "ok -1 +CCWA: 1,1\n");
	check("AT+CREG=?", "\r\n+CREG: (0-2)\r\n\r\nOK\r\n", "ok -1 +CREG: (0-2)\n");
}

static void at_reader_tells_registration_news_from_the_answer(void **state)
{
	(void)state;
	check("AT+CEREG?", "\r\n+CEREG: 2\r\n\r\n+CEREG: 2,1,\"1A2B\",\"1\",7\r\n\r\nOK\r\n",
	      "news +CEREG: 2\nok -1 +CEREG: 2,1,\"1A2B\",\"1\",7\n");
	check("AT+CREG?", "\r\n+CREG: 1,\"1A2B\",\"1\",7\r\n\r\n+CREG: 2,1\r\n\r\nOK\r\n",
	      "news +CREG: 1,\"1A2B\",\"1\",7\nok -1 +CREG: 2,1\n");
	check("AT+CGREG?", "\r\n+CREG: 1\r\n\r\n+CGREG: 0,1\r\n\r\nOK\r\n",
	      "news +CREG: 1\nok -1 +CGREG: 0,1\n");
}

static void at_reader_keeps_a_pdu_with_its_news(void **state)
{
	(void)state;
	check("AT+CSQ", "\r\n+CMT: ,23\r\n07911326\r\n\r\n+CSQ: 1,99\r\n\r\nOK\r\n",
	      "news +CMT: ,23|07911326\nok -1 +CSQ: 1,99\n");
	check(NULL, "\r\n+CBM: 88\r\nOK\r\n\r\nRING\r\n", "news +CBM: 88|OK\nnews RING\n");
}

static void at_reader_drops_the_echo(void **state)
{
	(void)state;
	check("ATE0", "ATE0\r\r\nOK\r\n", "ok -1\n");
	check("AT+CSQ", "AT+CSQ\r\r\n+CSQ: 1,99\r\n\r\nOK\r\n", "ok -1 +CSQ: 1,99\n");
}

static void at_reader_tells_of_a_prompt(void **state)
{
	(void)state;
	check("AT+CMGS=5", "\r\n> \r\nOK\r\n", "prompt\nok -1\n");
	check(NULL, "\r\n> \r\n", "news > \n");
	check("AT+X", "\r\n>> x\r\n\r\nOK\r\n", "ok -1 >> x\n");
}

static void at_reader_bounds_what_it_keeps(void **state)
{
	size_t size = 3 * AT_ANSWER_MAX;
	char *said = calloc(1, size + 64);
	struct told *told = calloc(1, sizeof(*told));

	(void)state;
	assert_non_null(said);
	assert_non_null(told);
	/* a line without an end, then an answer that is too long, then a good one */
	for (size_t i = 0; i < AT_LINE_MAX + 100; i++)
		said[i] = 'x';
	memcpy(said + AT_LINE_MAX + 100, "\r\nOK\r\n", 6);
	assert_int_equal(at_reader_begin(&told->reader, "ATI", told->buffer, sizeof(told->buffer)),
			 0);
	at_reader_push(&told->reader, (struct qk_span){ (uint8_t *)said, strlen(said) }, &events,
		       told);
	assert_non_null(strstr(told->text, "ok cut -1"));
	memset(told->text, 0, sizeof(told->text));
	told->size = 0;
	for (size_t i = 0; i + 100 <= size; i += 100) {
		memset(said + i, 'y', 98);
		memcpy(said + i + 98, "\r\n", 2);
	}
	assert_int_equal(at_reader_begin(&told->reader, "ATI", told->buffer, sizeof(told->buffer)),
			 0);
	at_reader_push(&told->reader, (struct qk_span){ (uint8_t *)said, size - size % 100 },
		       &events, told);
	assert_string_equal(told->text, "");
	at_reader_push(&told->reader, (struct qk_span){ (const uint8_t *)"\r\nOK\r\n", 6 }, &events,
		       told);
	assert_non_null(strstr(told->text, "ok cut -1 yyyy"));
	memset(told->text, 0, sizeof(told->text));
	told->size = 0;
	assert_int_equal(at_reader_begin(&told->reader, "AT", told->buffer, sizeof(told->buffer)),
			 0);
	at_reader_push(&told->reader, (struct qk_span){ (const uint8_t *)"\0\r\nO\0K\r\n", 9 },
		       &events, told);
	assert_string_equal(told->text, "ok -1\n");
	free(told);
	free(said);
}

static void at_reader_forgets_a_command_that_was_given_up(void **state)
{
	struct told *told = calloc(1, sizeof(*told));
	char command[AT_COMMAND_MAX + 2];

	(void)state;
	assert_non_null(told);
	memset(command, 'x', sizeof(command) - 1);
	command[sizeof(command) - 1] = 0;
	assert_int_equal(at_reader_begin(&told->reader, command, told->buffer, 10), -EMSGSIZE);
	assert_int_equal(at_reader_begin(&told->reader, "", told->buffer, 10), -EMSGSIZE);
	assert_int_equal(at_reader_begin(&told->reader, "AT+COPS=?", told->buffer, 10), 0);
	at_reader_forget(&told->reader);
	at_reader_push(&told->reader, (struct qk_span){ (const uint8_t *)"\r\nOK\r\n", 6 }, &events,
		       told);
	assert_string_equal(told->text, "news OK\n");
	free(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_reader_tells_the_answer_when_it_has_ended),
		cmocka_unit_test(at_reader_tells_why_a_command_failed),
		cmocka_unit_test(at_reader_ends_a_call_with_its_codes_alone),
		cmocka_unit_test(at_reader_tells_news_in_the_middle_of_an_answer),
		cmocka_unit_test(at_reader_takes_for_an_answer_what_was_asked_for),
		cmocka_unit_test(at_reader_tells_registration_news_from_the_answer),
		cmocka_unit_test(at_reader_keeps_a_pdu_with_its_news),
		cmocka_unit_test(at_reader_drops_the_echo),
		cmocka_unit_test(at_reader_tells_of_a_prompt),
		cmocka_unit_test(at_reader_bounds_what_it_keeps),
		cmocka_unit_test(at_reader_forgets_a_command_that_was_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
