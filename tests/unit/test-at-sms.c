/*
 * Tests: messages by AT: stores, text and PDU mode, prompts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "at-host.h"
#include "sim/at-modem.h"
#include "sim/sms.h"

static void at_tells_of_a_message_when_it_is_stored(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	assert_int_equal(
		qk_sim_sms_receive_text(host->state, "+4912345", "Hi @ all", QK_SIM_SMS_CLASS_NONE),
		1);
	at_host_pass(host, 5000000);
	at_host_expect_urc(host, "+CMTI: \"ME\",0\n");
	at_host_ask(host, "AT+CPMS?",
		    "+CPMS: \"ME\",1,255,\"ME\",1,255,\"ME\",1,255\n"
		    "OK\n");
	at_host_ask(host, "AT+CMGF=1;+CSCS=\"IRA\"", "OK\n");
	at_host_do(host, "ATE0");
	at_host_expect(host, "AT+CMGL=\"REC READ\"\r", "\r\nOK\r\n");
	qk_at_input(host->port, (struct qk_span){ (const uint8_t *)"AT+CMGL=\"ALL\"\r", 14 });
	assert_non_null(strstr(host->said, "+CMGL: 0,\"REC UNREAD\",\"+4912345\",,\""));
	assert_non_null(strstr(host->said, "\"\r\nHi @ all\r\n\r\nOK\r\n"));
	assert_int_equal(qk_sim_sms_get(host->state, QK_SIM_SMS_ME, 0)->tag, QK_SIM_SMS_READ);
	host->said_size = 0;
	at_host_do(host, "ATE1");
	at_host_ask(host, "AT+CMGD=0", "OK\n");
	at_host_ask(host, "AT+CMGR=0", "+CMS ERROR: 321\n");
	at_host_ask(host, "AT+CMGD=255", "+CMS ERROR: 321\n");
	at_host_free(host);
}

static void at_puts_messages_where_told_when_memories_are_chosen(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+CPMS=\"SM\",\"SM\",\"SM\"",
		    "+CPMS: 0,50,0,50,0,50\n"
		    "OK\n");
	assert_int_equal(
		qk_sim_sms_receive_text(host->state, "+4912345", "Hi @ all", QK_SIM_SMS_CLASS_NONE),
		1);
	at_host_pass(host, 5000000);
	at_host_expect_urc(host, "+CMTI: \"SM\",0\n");
	at_host_ask(host, "AT+CPMS=\"MT\"",
		    "+CPMS: 1,305,1,50,1,50\n"
		    "OK\n");
	at_host_do(host, "ATE0");
	qk_at_input(host->port, (struct qk_span){ (const uint8_t *)"AT+CMGR=255\r", 12 });
	assert_non_null(strstr(host->said, "+CMGR: 0,,"));
	host->said_size = 0;
	at_host_expect(host, "AT+CMGD=1,4\r", "\r\nOK\r\n");
	assert_int_equal(qk_sim_sms_used(host->state, QK_SIM_SMS_SM), 0);
	at_host_free(host);
}

static void at_hands_messages_over_when_told(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+CNMI=2,2,0,0,0;+CMGF=1;+CSCS=\"IRA\"", "OK\n");
	assert_int_equal(
		qk_sim_sms_receive_text(host->state, "+4912345", "Hi @ all", QK_SIM_SMS_CLASS_NONE),
		1);
	at_host_pass(host, 5000000);
	assert_non_null(strstr(host->said, "+CMT: \"+4912345\",,\""));
	assert_non_null(strstr(host->said, "\"\r\nHi @ all\r\n"));
	assert_int_equal(qk_sim_sms_used(host->state, QK_SIM_SMS_ME), 0);
	at_host_free(host);
}

static void at_sends_text_when_it_is_typed(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	struct qk_sim_sms_sent sent;
	at_host_ask(host, "AT+CMGF=1;+CSCS=\"IRA\"", "OK\n");
	at_host_do(host, "ATE0");
	at_host_expect(host, "AT+CMGS=\"+4998765\"\r", "\r\n> ");
	at_host_expect(host, "Hello", "");
	/* nothing unsolicited comes while the text is typed */

	at_host_expect(host, "\x1a", "");
	at_host_pass(host, 5000000);
	assert_non_null(strstr(host->said, "\r\n+CMGS: "));
	assert_non_null(strstr(host->said, "\r\n\r\nOK\r\n"));
	assert_true(qk_sim_sms_take_sent(host->state, &sent));
	/* "+4998765" in semi-octets and the septets of Hello */
	const uint8_t number[] = { 0x07, 0x91, 0x94, 0x89, 0x67, 0xf5 },
		      text[] = { 0xc8, 0x32, 0x9b, 0xfd, 0x06 };
	assert_non_null(memmem(sent.pdu.data, sent.pdu.size, number, sizeof(number)));
	assert_non_null(memmem(sent.pdu.data, sent.pdu.size, text, sizeof(text)));
	at_host_free(host);
}

static void at_sends_a_pdu_when_its_length_is_right(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	struct qk_sim_sms_sent sent;
	at_host_do(host, "ATE0");
	at_host_expect(host, "AT+CMGS=18\r", "\r\n> ");
	at_host_expect(host, "0001000791948967F5000005C8329BFD06\x1a", "\r\n+CMS ERROR: 304\r\n");
	at_host_expect(host, "AT+CMGS=16\r", "\r\n> ");
	at_host_expect(host, "0001000791948967F5000005C8329BFD06\x1a", "");
	at_host_pass(host, 5000000);
	assert_non_null(strstr(host->said, "\r\n+CMGS: "));
	assert_true(qk_sim_sms_take_sent(host->state, &sent));
	host->said_size = 0;
	at_host_expect(host, "AT+CMGS=16\r", "\r\n> ");
	at_host_expect(host, "what\x1b", "\r\nOK\r\n");
	at_host_expect(host, "AT+CMGS=16\r", "\r\n> ");
	at_host_expect(host, "what\x1a", "\r\n+CMS ERROR: 304\r\n");
	qk_sim_sms_fail_next(host->state, 1, 38, 0);
	at_host_expect(host, "AT+CMGS=16\r", "\r\n> ");
	at_host_expect(host, "0001000791948967F5000005C8329BFD06\x1a", "");
	at_host_pass(host, 5000000);
	at_host_expect_urc(host, "+CMS ERROR: 38\n");
	at_host_free(host);
}

static void at_stores_and_sends_when_told(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	struct qk_sim_sms_sent sent;
	at_host_ask(host, "AT+CMGF=1;+CSCS=\"IRA\"", "OK\n");
	at_host_do(host, "ATE0");
	at_host_expect(host, "AT+CMGW=\"+4998765\"\r", "\r\n> ");
	at_host_expect(host, "Hello\x1a", "\r\n+CMGW: 0\r\n\r\nOK\r\n");
	assert_int_equal(qk_sim_sms_get(host->state, QK_SIM_SMS_ME, 0)->tag, QK_SIM_SMS_UNSENT);
	at_host_expect(host, "AT+CMGR=0\r",
		       "\r\n+CMGR: \"STO UNSENT\",\"+4998765\",\r\nHello\r\n\r\nOK\r\n");
	at_host_expect(host, "AT+CMSS=0\r", "");
	at_host_pass(host, 5000000);
	assert_true(qk_sim_sms_take_sent(host->state, &sent));
	host->said_size = 0;
	at_host_expect(host, "AT+CMSS=7\r", "\r\n+CMS ERROR: 321\r\n");
	at_host_free(host);
}

static void at_knows_the_message_centre_when_asked(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+CSCA=\"+491710760000\"", "OK\n");
	at_host_ask(host, "AT+CSCA?",
		    "+CSCA: \"+491710760000\",145\n"
		    "OK\n");
	at_host_ask(host, "AT+CSCA=\"491710760001\",145", "OK\n");
	at_host_ask(host, "AT+CSCA?",
		    "+CSCA: \"+491710760001\",145\n"
		    "OK\n");
	at_host_ask(host, "AT+CSCA=\"nobody\"", "+CMS ERROR: 305\n");
	at_host_free(host);
}

static void at_refuses_messages_when_there_is_no_card(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	qk_sim_card_set(host->state, QK_SIM_CARD_ABSENT, 0);
	qk_sim_notify(host->sim);
	at_host_expect_urc(host, "+CPIN: NOT INSERTED\n");
	at_host_ask(host, "AT+CMGL=4", "+CMS ERROR: 310\n");
	at_host_ask(host, "AT+CMGS=16", "+CMS ERROR: 310\n");
	at_host_free(host);
}

/* A line of 1 KiB would say megabytes; what a single command says is never cut. */
static void at_ends_the_line_when_it_has_said_enough(void **test)
{
	struct at_host *host = at_host_new();
	char line[QK_AT_LINE_MAX] = "AT+CMGF=1;+CSCS=\"IRA\"";
	size_t before = 0, after = 0;

	(void)test;
	at_host_ask(host, line, "OK\n");
	for (size_t i = 0; i < 200; i++) {
		assert_true(qk_sim_sms_receive_text(host->state, "+4912345", "Hi",
						    QK_SIM_SMS_CLASS_NONE) >= 0);
		at_host_pass(host, 1000000);
	}
	at_host_do(host, "ATE0");
	host->said_size = 0;
	qk_at_input(host->port, (struct qk_span){ (const uint8_t *)"AT+CMGL=\"ALL\"\r", 14 });
	before = host->said_size;
	assert_true(before > 8000);
	int size = snprintf(line, sizeof(line), "AT");
	for (size_t i = 0; i < 60; i++)
		size += snprintf(line + size, sizeof(line) - (size_t)size, "+CMGL=\"ALL\";");
	size += snprintf(line + size, sizeof(line) - (size_t)size, "\r");
	host->said_size = 0;
	qk_at_input(host->port, (struct qk_span){ (const uint8_t *)line, (size_t)size });
	after = host->said_size;
	assert_true(after > QK_AT_RESPONSE_MAX - before);
	assert_true(after < QK_AT_RESPONSE_MAX + before + 100);
	assert_memory_equal(host->said + after - 9, "\r\nERROR\r\n", 9);
	at_host_do(host, "ATE1");
	at_host_ask(host, "AT", "OK\n");
	at_host_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_tells_of_a_message_when_it_is_stored),
		cmocka_unit_test(at_puts_messages_where_told_when_memories_are_chosen),
		cmocka_unit_test(at_hands_messages_over_when_told),
		cmocka_unit_test(at_sends_text_when_it_is_typed),
		cmocka_unit_test(at_sends_a_pdu_when_its_length_is_right),
		cmocka_unit_test(at_stores_and_sends_when_told),
		cmocka_unit_test(at_knows_the_message_centre_when_asked),
		cmocka_unit_test(at_refuses_messages_when_there_is_no_card),
		cmocka_unit_test(at_ends_the_line_when_it_has_said_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
