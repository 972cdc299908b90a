/*
 * Tests: the card by AT: PINs, identity, files, phone book.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "at-host.h"
#include "sim/card.h"

static void at_reads_identity_when_the_card_is_ready(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+CPIN?",
		    "+CPIN: READY\n"
		    "OK\n");
	char expected[64];
	snprintf(expected, sizeof(expected), "%s\nOK\n", host->state->card.imsi);
	at_host_ask(host, "AT+CIMI", expected);
	snprintf(expected, sizeof(expected), "+QCCID: %s\nOK\n", host->state->card.iccid);
	at_host_ask(host, "AT+QCCID", expected);
	at_host_ask(host, "AT+QINISTAT",
		    "+QINISTAT: 7\n"
		    "OK\n");
	at_host_ask(host, "AT+QSIMSTAT?",
		    "+QSIMSTAT: 0,1\n"
		    "OK\n");
	at_host_free(host);
}

static void at_verifies_the_pin_when_it_is_right(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_do(host, "AT+CLCK=\"SC\",1,\"1234\"");
	qk_sim_state_reboot(host->state, 1000000);
	at_host_pass(host, 30000000);
	at_host_expect_urc(host, "RDY\n"
				 "+CPIN: SIM PIN\n"
				 "+QUSIM: 1\n"
				 "+CFUN: 1\n");
	at_host_ask(host, "AT+CPIN?",
		    "+CPIN: SIM PIN\n"
		    "OK\n");
	at_host_ask(host, "AT+CIMI", "+CME ERROR: 11\n");
	at_host_ask(host, "AT+CPIN=\"1111\"", "+CME ERROR: 16\n");
	at_host_ask(host, "AT+QPINC=\"SC\"",
		    "+QPINC: \"SC\",2,10\n"
		    "OK\n");
	at_host_ask(host, "AT+CPIN=\"1234\"",
		    "OK\n"
		    "+CPIN: READY\n");
	assert_int_equal(host->state->card.pin1.state, QK_SIM_PIN_VERIFIED);
	at_host_pass(host, 30000000);
	at_host_expect_urc(host, "+QIND: SMS DONE\n"
				 "+QIND: PB DONE\n");
	at_host_ask(host, "AT+CLCK=\"SC\",0,\"1234\"", "OK\n");
	at_host_ask(host, "AT+CLCK=\"SC\",2",
		    "+CLCK: 0\n"
		    "OK\n");
	at_host_free(host);
}

static void at_asks_for_the_puk_when_the_pin_is_blocked(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_do(host, "AT+CLCK=\"SC\",1,\"1234\"");
	qk_sim_state_reboot(host->state, 1000000);
	at_host_pass(host, 30000000);
	at_host_expect_urc(host, "RDY\n"
				 "+CPIN: SIM PIN\n"
				 "+QUSIM: 1\n"
				 "+CFUN: 1\n");
	at_host_ask(host, "AT+CPIN=\"1111\"", "+CME ERROR: 16\n");
	at_host_ask(host, "AT+CPIN=\"1112\"", "+CME ERROR: 16\n");
	at_host_ask(host, "AT+CPIN=\"1113\"",
		    "+CME ERROR: 12\n"
		    "+CPIN: SIM PUK\n");
	at_host_ask(host, "AT+CPIN?",
		    "+CPIN: SIM PUK\n"
		    "OK\n");
	at_host_ask(host, "AT+CPIN=\"1234\"", "+CME ERROR: 12\n");
	at_host_ask(host, "AT+CPIN=\"00000000\",\"4321\"", "+CME ERROR: 16\n");
	at_host_do(host, "AT+CMEE=2");
	at_host_ask(host, "AT+CIMI", "+CME ERROR: SIM PUK required\n");
	char command[64];
	snprintf(command, sizeof(command), "AT+CPIN=\"%s\",\"4321\"",
		 host->state->card.pin1.unblock_code);
	at_host_ask(host, command, "OK\n+CPIN: READY\n");
	at_host_free(host);
}

static void at_says_so_when_the_card_is_gone(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_do(host, "AT+QSIMSTAT=1");
	qk_sim_card_set(host->state, QK_SIM_CARD_ABSENT, 0);
	qk_sim_notify(host->sim);
	at_host_expect_urc(host, "+QSIMSTAT: 1,0\n"
				 "+CPIN: NOT INSERTED\n");
	at_host_ask(host, "AT+CPIN?", "+CME ERROR: 10\n");
	at_host_ask(host, "AT+CIMI", "+CME ERROR: 10\n");
	at_host_ask(host, "AT+CSCS=\"UCS2\"", "ERROR\n");
	at_host_ask(host, "AT+QINISTAT",
		    "+QINISTAT: 0\n"
		    "OK\n");
	qk_sim_card_set(host->state, QK_SIM_CARD_PRESENT, 0);
	qk_sim_notify(host->sim);
	at_host_pass(host, 30000000);
	at_host_expect_urc(host, "+QSIMSTAT: 1,1\n"
				 "+CPIN: READY\n"
				 "+QUSIM: 1\n"
				 "+QIND: SMS DONE\n"
				 "+QIND: PB DONE\n");
	at_host_free(host);
}

static void at_keeps_entries_when_the_phone_book_is_written(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+CPBS?",
		    "+CPBS: \"SM\",0,250\n"
		    "OK\n");
	at_host_ask(host, "AT+CPBW=3,\"+49123456\",145,\"Anna\"", "OK\n");
	at_host_ask(host, "AT+CPBW=,\"110\",129,\"Police\"", "OK\n");
	at_host_ask(host, "AT+CPBR=1,250",
		    "+CPBR: 1,\"110\",129,\"Police\"\n"
		    "+CPBR: 3,\"+49123456\",145,\"Anna\"\n"
		    "OK\n");
	at_host_ask(host, "AT+CPBF=\"AN\"",
		    "+CPBF: 3,\"+49123456\",145,\"Anna\"\n"
		    "OK\n");
	at_host_ask(host, "AT+CSCS=\"UCS2\"", "OK\n");
	at_host_ask(host, "AT+CPBR=3",
		    "+CPBR: 3,\"+49123456\",145,\"0041006E006E0061\"\n"
		    "OK\n");
	at_host_ask(host, "AT+CPBW=3", "OK\n");
	at_host_ask(host, "AT+CPBR=3", "OK\n");
	at_host_ask(host, "AT+CPBR=251", "+CME ERROR: 21\n");
	at_host_ask(host, "AT+CPBW=251,\"1\"", "+CME ERROR: 21\n");
	at_host_ask(host, "AT+CPBW=1,\"1x2\"", "+CME ERROR: 24\n");
	at_host_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_reads_identity_when_the_card_is_ready),
		cmocka_unit_test(at_verifies_the_pin_when_it_is_right),
		cmocka_unit_test(at_asks_for_the_puk_when_the_pin_is_blocked),
		cmocka_unit_test(at_says_so_when_the_card_is_gone),
		cmocka_unit_test(at_keeps_entries_when_the_phone_book_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
