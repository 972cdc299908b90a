/*
 * Tests: the radio by AT: registration, networks, signal, clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "at-host.h"
#include "sim/radio.h"

static void at_tells_the_registration_when_it_changes(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+CREG?",
		    "+CREG: 0,1\n"
		    "OK\n");
	at_host_ask(host, "AT+CREG=2;+CEREG=1", "OK\n");
	at_host_ask(host, "AT+CREG?",
		    "+CREG: 2,1,\"1234\",\"1929D02\",7\n"
		    "OK\n");
	assert_int_equal(qk_sim_radio_hide(host->state, QK_SIM_ALL_NETWORKS, true), 0);
	qk_sim_notify(host->sim);
	at_host_expect_urc(host, "+CREG: 2\n"
				 "+CEREG: 2\n");
	at_host_ask(host, "AT+COPS?",
		    "+COPS: 0\n"
		    "OK\n");
	at_host_ask(host, "AT+CSQ",
		    "+CSQ: 99,99\n"
		    "OK\n");
	at_host_ask(host, "AT+QNWINFO",
		    "+QNWINFO: No Service\n"
		    "OK\n");
	assert_int_equal(qk_sim_radio_hide(host->state, QK_SIM_ALL_NETWORKS, false), 0);
	at_host_pass(host, 60000000);
	at_host_expect_urc(host, "+CREG: 1,\"1234\",\"1929D02\",7\n"
				 "+CEREG: 1\n");
	at_host_free(host);
}

static void at_describes_the_cell_when_registered(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+COPS?",
		    "+COPS: 0,0,\"Test PLMN 1-1\",7\n"
		    "OK\n");
	at_host_ask(host, "AT+COPS=3,2;+COPS?",
		    "+COPS: 0,2,\"00101\",7\n"
		    "OK\n");
	at_host_ask(host, "AT+CSQ",
		    "+CSQ: 17,99\n"
		    "OK\n");
	at_host_ask(host, "AT+QCSQ",
		    "+QCSQ: \"LTE\",-78,-104,155,-9\n"
		    "OK\n");
	at_host_ask(host, "AT+CESQ",
		    "+CESQ: 99,99,255,255,22,37\n"
		    "OK\n");
	at_host_ask(host, "AT+QNWINFO",
		    "+QNWINFO: \"FDD LTE\",\"00101\",\"LTE BAND 20\",6300\n"
		    "OK\n");
	at_host_ask(
		host, "AT+QENG=\"servingcell\"",
		"+QENG: \"servingcell\",\"NOCONN\",\"LTE\",\"FDD\",001,01,1929D02,188,6300,20,3,3,1234,-104,-9,-78,11,23\n"
		"OK\n");
	at_host_free(host);
}

static void at_lists_networks_when_scanned_and_not_before(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_expect(host, "ATE0\r", "ATE0\r\r\nOK\r\n");
	at_host_expect(host, "AT+COPS=?\r", "");
	at_host_pass(host, 20000000);
	at_host_expect_urc(host, "");
	at_host_pass(host, 200000000);
	assert_non_null(strstr(host->said, "+COPS: (2,\"Test PLMN 1-1\","));
	assert_non_null(strstr(host->said, ",\"00101\",7),"));
	assert_non_null(strstr(host->said, ",,(0,1,2,3,4),(0,1,2)\r\n\r\nOK\r\n"));
	at_host_free(host);
}

static void at_gives_up_a_scan_when_a_character_comes(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_expect(host, "ATE0\r", "ATE0\r\r\nOK\r\n");
	at_host_expect(host, "AT+COPS=?\r", "");
	at_host_expect(host, "\n", "");
	at_host_expect(host, "x", "\r\nERROR\r\n");
	at_host_expect(host, "AT\r", "\r\nOK\r\n");
	at_host_free(host);
}

static void at_has_no_service_when_no_network_has_the_number(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_do(host, "ATE0");
	at_host_expect(host, "AT+COPS=1,2,\"99999\"\r", "\r\n+CME ERROR: 30\r\n");
	at_host_do(host, "AT+COPS=0");
	at_host_pass(host, 200000000);
	at_host_expect_urc(host, "OK\n");
	at_host_expect(host, "AT+COPS?\r", "\r\n+COPS: 0,2,\"00101\",7\r\n\r\nOK\r\n");
	at_host_free(host);
}

static void at_switches_the_radio_when_told(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+CFUN?",
		    "+CFUN: 1\n"
		    "OK\n");
	at_host_do(host, "AT+CFUN=4");
	at_host_pass(host, 10000000);
	at_host_expect_urc(host, "OK\n");
	at_host_ask(host, "AT+CFUN?",
		    "+CFUN: 4\n"
		    "OK\n");
	at_host_ask(host, "AT+CPIN?",
		    "+CPIN: READY\n"
		    "OK\n");
	at_host_do(host, "AT+CFUN=0");
	at_host_pass(host, 10000000);
	at_host_expect_urc(host, "OK\n"
				 "+CPIN: NOT READY\n");
	at_host_ask(host, "AT+CFUN?",
		    "+CFUN: 0\n"
		    "OK\n");
	at_host_do(host, "AT+CFUN=1");
	at_host_pass(host, 60000000);
	at_host_expect_urc(host, "OK\n"
				 "+CPIN: READY\n"
				 "+QUSIM: 1\n"
				 "+QIND: SMS DONE\n"
				 "+QIND: PB DONE\n");
	at_host_ask(host, "AT+CREG?",
		    "+CREG: 0,1\n"
		    "OK\n");
	at_host_ask(host, "AT+CFUN=2", "ERROR\n");
	at_host_free(host);
}

static void at_tells_the_network_time_when_it_comes(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+CTZU=?",
		    "+CTZU: (0,1,3)\n"
		    "OK\n");
	at_host_ask(host, "AT+CTZU=3;+CTZR=1", "OK\n");
	/* 12 May 2024, 05:04:55 in Greenwich, two hours later here */
	qk_sim_radio_set_time(host->state, 1715490295, 8, 1);
	qk_sim_notify(host->sim);
	at_host_expect_urc(host, "+CTZV: \"+08\"\n");
	at_host_ask(host, "AT+CCLK?",
		    "+CCLK: \"24/05/12,07:04:55+08\"\n"
		    "OK\n");
	at_host_ask(host, "AT+CTZU=1;+CCLK?",
		    "+CCLK: \"24/05/12,05:04:55+00\"\n"
		    "OK\n");
	at_host_ask(host, "AT+QLTS=2",
		    "+QLTS: \"2024/05/12,07:04:55+08,1\"\n"
		    "OK\n");
	at_host_pass(host, 5000000);
	at_host_ask(host, "AT+QLTS",
		    "+QLTS: \"2024/05/12,07:04:55+08,1\"\n"
		    "OK\n");
	at_host_ask(host, "AT+QLTS=1",
		    "+QLTS: \"2024/05/12,05:05:00+08,1\"\n"
		    "OK\n");
	at_host_ask(host, "AT+CTZU=0;+CCLK=\"30/01/02,03:04:05-04\"", "OK\n");
	at_host_pass(host, 5000000);
	at_host_ask(host, "AT+CCLK?",
		    "+CCLK: \"30/01/02,03:04:10-04\"\n"
		    "OK\n");
	at_host_ask(host, "AT+CCLK=\"30/13/02,03:04:05\"", "ERROR\n");
	at_host_ask(host, "AT+CCLK=\"now\"", "ERROR\n");
	at_host_free(host);
}

static void at_holds_news_back_when_a_line_is_half_typed(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_do(host, "AT+CREG=1");
	at_host_expect(host, "AT+CS", "AT+CS");
	assert_int_equal(qk_sim_radio_hide(host->state, QK_SIM_ALL_NETWORKS, true), 0);
	qk_sim_notify(host->sim);
	at_host_expect_urc(host, "");
	at_host_expect(host, "UB\r", "UB\r\r\nSubEdition: V01\r\n\r\nOK\r\n\r\n+CREG: 2\r\n");
	at_host_expect(host, "AT+CS", "AT+CS");
	assert_int_equal(qk_sim_radio_hide(host->state, QK_SIM_ALL_NETWORKS, false), 0);
	at_host_pass(host, 60000000);
	at_host_expect_urc(host, "+CREG: 1\n");
	at_host_free(host);
}

static void at_tells_the_mode_in_eps_by_domain_and_usage(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+CEMODE?",
		    "+CEMODE: 2\n"
		    "OK\n");
	at_host_ask(host, "AT+CEMODE=3", "OK\n");
	assert_int_equal(host->state->radio.selection.domain, QK_SIM_DOMAIN_PS);
	assert_true(host->state->radio.selection.voice_centric);
	at_host_ask(host, "AT+CEMODE?",
		    "+CEMODE: 3\n"
		    "OK\n");
	at_host_ask(host, "AT+QCFG=\"servicedomain\"",
		    "+QCFG: \"servicedomain\",1\n"
		    "OK\n");
	at_host_ask(host, "AT+CEMODE=4", "ERROR\n");
	at_host_ask(host, "AT+CEMODE=", "ERROR\n");
	at_host_ask(host, "AT+QCFG=\"servicedomain\",0", "OK\n");
	at_host_ask(host, "AT+CEMODE?",
		    "+CEMODE: 1\n"
		    "OK\n");
	at_host_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_tells_the_registration_when_it_changes),
		cmocka_unit_test(at_describes_the_cell_when_registered),
		cmocka_unit_test(at_lists_networks_when_scanned_and_not_before),
		cmocka_unit_test(at_gives_up_a_scan_when_a_character_comes),
		cmocka_unit_test(at_has_no_service_when_no_network_has_the_number),
		cmocka_unit_test(at_switches_the_radio_when_told),
		cmocka_unit_test(at_tells_the_mode_in_eps_by_domain_and_usage),
		cmocka_unit_test(at_tells_the_network_time_when_it_comes),
		cmocka_unit_test(at_holds_news_back_when_a_line_is_half_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
