/*
 * Tests: calls, USSD, position and configurations by AT.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "at-host.h"
#include "sim/gnss.h"
#include "sim/voice.h"

static void at_rings_when_a_call_comes_in(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	uint8_t id;
	at_host_ask(host, "AT+CLIP=1;+CRC=1", "OK\n");
	assert_int_equal(qk_sim_voice_incoming(host->state, "+4912345", QK_SIM_NUMBER_ALLOWED, &id),
			 0);
	qk_sim_notify(host->sim);
	at_host_expect_urc(host, "+CRING: VOICE\n"
				 "+CLIP: \"+4912345\",145,,,,0\n");
	at_host_ask(host, "AT+CLCC",
		    "+CLCC: 1,1,4,0,0,\"+4912345\",145\n"
		    "OK\n");
	at_host_ask(host, "AT+CPAS",
		    "+CPAS: 3\n"
		    "OK\n");
	at_host_pass(host, 6000000);
	at_host_expect_urc(host, "+CRING: VOICE\n"
				 "+CLIP: \"+4912345\",145,,,,0\n");
	at_host_ask(host, "ATA", "OK\n");
	at_host_ask(host, "AT+CLCC",
		    "+CLCC: 1,1,0,0,0,\"+4912345\",145\n"
		    "OK\n");
	at_host_ask(host, "AT+VTS=5", "OK\n");
	assert_string_equal(qk_sim_voice_call(host->state, id)->dtmf, "5");
	assert_int_equal(qk_sim_voice_remote(host->state, id, QK_SIM_REMOTE_HANG_UP), 0);
	qk_sim_notify(host->sim);
	at_host_expect_urc(host, "NO CARRIER\n");
	at_host_ask(host, "AT+CLCC", "OK\n");
	at_host_pass(host, 20000000);
	at_host_expect_urc(host, "");
	at_host_free(host);
}

static void at_answers_by_itself_when_s0_says_so(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	uint8_t id;
	at_host_ask(host, "ATS0=2", "OK\n");
	assert_int_equal(qk_sim_voice_incoming(host->state, "110", QK_SIM_NUMBER_RESTRICTED, &id),
			 0);
	at_host_pass(host, 11000000);
	at_host_expect_urc(host, "RING\n"
				 "RING\n");
	assert_int_equal(qk_sim_voice_call(host->state, id)->state, QK_SIM_CALL_ACTIVE);
	at_host_ask(host, "ATH", "OK\n");
	at_host_pass(host, 5000000);
	at_host_expect_urc(host, "");
	at_host_free(host);
}

static void at_dials_when_told(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "ATD +49 (123) 45;", "OK\n");
	at_host_pass(host, 20000000);
	at_host_ask(host, "AT+CLCC",
		    "+CLCC: 1,0,0,0,0,\"+4912345\",145\n"
		    "OK\n");
	assert_int_equal(qk_sim_voice_remote(host->state, 1, QK_SIM_REMOTE_HANG_UP), 0);
	qk_sim_notify(host->sim);
	at_host_expect_urc(host, "NO CARRIER\n");
	at_host_ask(host, "ATD*99#", "NO CARRIER\n");
	at_host_ask(host, "ATDxyz;", "ERROR\n");
	at_host_ask(host, "ATA", "NO CARRIER\n");
	at_host_ask(host, "AT+CHUP", "OK\n");
	at_host_free(host);
}

static void at_has_no_carrier_when_there_is_no_network(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_do(host, "AT+CFUN=4");
	at_host_pass(host, 5000000);
	at_host_expect_urc(host, "OK\n");
	at_host_ask(host, "ATD12345;", "NO CARRIER\n");
	at_host_ask(host, "AT+CUSD=1,\"*100#\",15", "+CME ERROR: 30\n");
	at_host_free(host);
}

static void at_talks_to_the_network_when_codes_are_sent(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+CUSD=1,\"*100#\",15", "OK\n");
	at_host_pass(host, 5000000);
	at_host_expect_urc(host, "+CUSD: 0,\"Your balance is 10.00 EUR.\",15\n");
	at_host_ask(host, "AT+CUSD=1,\"*101#\"", "OK\n");
	at_host_pass(host, 5000000);
	at_host_expect_urc(host, "+CUSD: 1,\"1 Balance\n"
				 "2 Data\n"
				 "0 End\",15\n");
	at_host_ask(host, "AT+CUSD=1,\"0\"", "OK\n");
	at_host_pass(host, 5000000);
	at_host_expect_urc(host, "+CUSD: 2,\"Goodbye.\",15\n");
	at_host_ask(host, "AT+CSCS=\"UCS2\"", "OK\n");
	at_host_ask(host, "AT+CUSD=1,\"002A0031003000300023\"", "OK\n");
	at_host_pass(host, 5000000);
	assert_non_null(strstr(host->said, "+CUSD: 0,\"0059006F00750072"));
	assert_non_null(strstr(host->said, "\",72"));
	at_host_free(host);
}

static void at_knows_where_it_is_when_there_is_a_fix(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+QGPSLOC=2", "+CME ERROR: 505\n");
	at_host_ask(host, "AT+QGPS=?",
		    "+QGPS: (1-4),(1-255),(0-1000),(0-1000),(1-65535)\n"
		    "OK\n");
	at_host_ask(host, "AT+QGPSCFG=\"outport\",\"usbnmea\"", "OK\n");
	at_host_ask(host, "AT+QGPS=1", "OK\n");
	at_host_ask(host, "AT+QGPS=1", "+CME ERROR: 504\n");
	at_host_ask(host, "AT+QGPS?",
		    "+QGPS: 1\n"
		    "OK\n");
	at_host_ask(host, "AT+QGPSLOC=2", "+CME ERROR: 516\n");
	const struct qk_sim_route route = { .points = { { -229848600, -433591600 } },
					    .count = 1,
					    .altitude_dm = 40 };
	assert_int_equal(qk_sim_gnss_set_route(host->state, &route), 0);
	at_host_pass(host, 60000000);
	at_host_do(host, "ATE0");
	qk_at_input(host->port, (struct qk_span){ (const uint8_t *)"AT+QGPSLOC=2\r", 13 });
	assert_non_null(strstr(host->said, ".0,-22.98486,-43.35916,"));
	qk_at_input(host->port, (struct qk_span){ (const uint8_t *)"AT+QGPSLOC?\r", 12 });
	assert_non_null(strstr(host->said, ".0,2259.0916S,04321.5496W,"));
	host->said_size = 0;
	at_host_do(host, "ATE1");
	at_host_ask(host, "AT+QGPSCFG=\"outport\",\"none\"", "OK\n");
	assert_int_equal(host->state->gnss.nmea_types, 0);
	at_host_ask(host, "AT+QGPSEND", "OK\n");
	at_host_ask(host, "AT+QGPSEND", "+CME ERROR: 505\n");
	at_host_free(host);
}

static void at_reads_the_card_when_apdus_are_sent(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+CSIM=10,\"0020000100\"",
		    "+CSIM: 4,\"63C3\"\n"
		    "OK\n");
	at_host_ask(host, "AT+CRSM=176,28589,0,0,4",
		    "+CRSM: 144,0,\"00000002\"\n"
		    "OK\n");
	at_host_ask(host, "AT+CRSM=176,12345,0,0,4",
		    "+CRSM: 106,130,\"\"\n"
		    "OK\n");
	at_host_ask(host, "AT+CRSM=176,28486,0,0,17,\"\",\"7FFF\"",
		    "+CRSM: 144,0,\"01716D696B69742053494DFFFFFFFFFFFF\"\n"
		    "OK\n");
	at_host_ask(host, "AT+CRSM=99", "+CME ERROR: 4\n");
	at_host_ask(host, "AT+CSIM=10,\"00\"", "+CME ERROR: 50\n");
	at_host_ask(host, "AT+CRSM=214,28474,0,0,4,\"00\"", "+CME ERROR: 50\n");
	at_host_free(host);
}

static void at_lists_configurations_as_pdc_does(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_do(host, "ATE0");
	qk_at_input(host->port, (struct qk_span){ (const uint8_t *)"AT+QMBNCFG=\"List\"\r", 18 });
	assert_non_null(strstr(host->said, "+QMBNCFG: \"List\",0,1,1,\"ROW_Generic_3GPP\",0x"));
	host->said_size = 0;
	at_host_expect(host, "AT+QMBNCFG=\"Select\",\"Nobody\"\r", "\r\n+CME ERROR: 22\r\n");
	at_host_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_rings_when_a_call_comes_in),
		cmocka_unit_test(at_answers_by_itself_when_s0_says_so),
		cmocka_unit_test(at_dials_when_told),
		cmocka_unit_test(at_has_no_carrier_when_there_is_no_network),
		cmocka_unit_test(at_talks_to_the_network_when_codes_are_sent),
		cmocka_unit_test(at_knows_where_it_is_when_there_is_a_fix),
		cmocka_unit_test(at_reads_the_card_when_apdus_are_sent),
		cmocka_unit_test(at_lists_configurations_as_pdc_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
