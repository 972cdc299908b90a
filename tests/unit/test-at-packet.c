/*
 * Tests: data by AT: contexts, calls, the composition on the bus, restarts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "at-host.h"
#include "sim/bearer.h"
#include "sim/usb-config.h"

static void at_shares_contexts_with_the_model_when_they_are_set(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+CGDCONT=1,\"IP\",\"internet\"", "OK\n");
	assert_string_equal(qk_sim_pdp_get(host->state, 1)->apn, "internet");
	assert_int_equal(qk_sim_pdp_get(host->state, 1)->type, QK_SIM_PDP_IPV4);
	at_host_ask(host, "AT+QICSGP=1,3,\"net.example\",\"user\",\"secret\",2", "OK\n");
	at_host_ask(host, "AT+QICSGP=1",
		    "+QICSGP: 3,\"net.example\",\"user\",\"secret\",2\n"
		    "OK\n");
	at_host_ask(host, "AT+CGDCONT=5,\"IPV6\",\"six\"", "OK\n");
	assert_non_null(qk_sim_pdp_get(host->state, 5));
	at_host_ask(host, "AT+CGDCONT=5", "OK\n");
	assert_null(qk_sim_pdp_get(host->state, 5));
	at_host_ask(host, "AT+CGDCONT=25,\"IP\",\"x\"", "ERROR\n");
	at_host_ask(host, "AT+CGDCONT=1,\"X25\",\"x\"", "ERROR\n");
	at_host_free(host);
}

static void at_has_an_address_when_a_call_is_up(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	char expected[160];
	at_host_do(host, "AT+CGDCONT=1,\"IP\",\"internet\";+CGEREP=2");
	at_host_do(host, "AT+CGACT=1,1");
	at_host_pass(host, 5000000);
	at_host_expect_urc(host, "OK\n"
				 "+CGEV: ME PDN ACT 1\n");
	const struct qk_sim_bearer *bearer = qk_sim_bearer_of_context(host->state, 1, 4);
	assert_non_null(bearer);
	snprintf(expected, sizeof(expected), "+CGPADDR: 1,\"%u.%u.%u.%u\"\nOK\n",
		 bearer->address4 >> 24, bearer->address4 >> 16 & 255, bearer->address4 >> 8 & 255,
		 bearer->address4 & 255);
	at_host_ask(host, "AT+CGPADDR=1", expected);
	at_host_ask(host, "AT$QCRMCALL?",
		    "$QCRMCALL: 1, V4\n"
		    "OK\n");
	const struct qk_sim_end_reason end = qk_sim_end_emm_detached;
	qk_sim_bearer_drop(host->state, 0, &end);
	qk_sim_notify(host->sim);
	at_host_expect_urc(host, "+CGEV: NW PDN DEACT 1\n");
	at_host_ask(host, "AT+CGPADDR=1",
		    "+CGPADDR: 1,\"0.0.0.0\"\n"
		    "OK\n");
	at_host_free(host);
}

static void at_refuses_a_call_when_there_is_no_network(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_do(host, "AT+CFUN=4");
	at_host_pass(host, 10000000);
	at_host_expect_urc(host, "OK\n");
	at_host_ask(host, "AT+CGACT=1,1", "+CME ERROR: 30\n");
	at_host_ask(host, "AT+CGATT?",
		    "+CGATT: 0\n"
		    "OK\n");
	at_host_free(host);
}

static void at_stores_the_composition_when_configured(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+QCFG=\"usbnet\"",
		    "+QCFG: \"usbnet\",0\n"
		    "OK\n");
	at_host_ask(host, "AT+QCFG=\"usbnet\",1", "OK\n");
	at_host_ask(host, "AT+QCFG=\"usbnet\",4", "ERROR\n");
	assert_int_equal(host->state->usb.stored.usbnet, QK_SIM_USBNET_ECM);
	at_host_ask(host, "AT+QCFG=\"usbcfg\",0x2C7C,0x125,1,1,1,1,1,1,0", "OK\n");
	at_host_ask(host, "AT+QCFG=\"usbcfg\"",
		    "+QCFG: \"usbcfg\",0x2C7C,0x125,1,1,1,1,1,1,0\n"
		    "OK\n");
	assert_false(host->state->usb.active.adb);
	at_host_ask(host, "AT+CFUN=1,1", "OK\n");
	at_host_pass(host, 60000000);
	at_host_expect_urc(host, "RDY\n"
				 "+CPIN: READY\n"
				 "+QUSIM: 1\n"
				 "+CFUN: 1\n"
				 "+QIND: SMS DONE\n"
				 "+QIND: PB DONE\n");
	assert_true(host->state->usb.active.adb);
	assert_int_equal(host->state->usb.active.usbnet, QK_SIM_USBNET_ECM);
	at_host_free(host);
}

static void at_limits_the_radio_when_configured(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+QCFG=\"band\"",
		    "+QCFG: \"band\",0x93,0x1a0080800c5,0x0\n"
		    "OK\n");
	at_host_ask(host, "AT+QCFG=\"band\",0,80000,0", "OK\n");
	at_host_ask(host, "AT+QCFG=\"band\"",
		    "+QCFG: \"band\",0x93,0x80000,0x0\n"
		    "OK\n");
	at_host_ask(host, "AT+QCFG=\"nwscanmode\",3,1", "OK\n");
	at_host_ask(host, "AT+QCFG=\"nwscanmode\"",
		    "+QCFG: \"nwscanmode\",3\n"
		    "OK\n");
	at_host_ask(host, "AT+WS46?",
		    "+WS46: 28\n"
		    "OK\n");
	at_host_ask(host, "AT+QCFG=\"nwscanseq\",0103", "OK\n");
	at_host_ask(host, "AT+QCFG=\"nwscanseq\"",
		    "+QCFG: \"nwscanseq\",0103\n"
		    "OK\n");
	at_host_ask(host, "AT+QCFG=\"nwscanseq\",09", "ERROR\n");
	at_host_ask(host, "AT+QCFG=\"servicedomain\",1", "OK\n");
	at_host_ask(host, "AT+QCFG=\"servicedomain\"",
		    "+QCFG: \"servicedomain\",1\n"
		    "OK\n");
	at_host_ask(host, "AT+QCFG=\"nothing\"", "ERROR\n");
	at_host_free(host);
}

static void at_keeps_calls_up_when_configured(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+QCFG=\"qcautoconnect\"", "+QCFG: \"qcautoconnect\",0\nOK\n");
	at_host_ask(host, "AT+QCFG=\"qcautoconnect\",2", "ERROR\n");
	at_host_ask(host, "AT+QCFG=\"qcautoconnect\",1", "OK\n");
	assert_int_equal(host->state->bearers.autoconnect.setting, QK_SIM_AUTOCONNECT_ON);
	at_host_pass(host, 5000000);
	assert_true(qk_sim_bearer_any_up(host->state));
	/* QMI switches it off, as AT shows */
	qk_sim_autoconnect_set(host->state, QK_SIM_AUTOCONNECT_OFF, false);
	at_host_ask(host, "AT+QCFG=\"qcautoconnect\"", "+QCFG: \"qcautoconnect\",0\nOK\n");
	at_host_free(host);
}

static void at_powers_down_when_told(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+QPOWD", "OK\n");
	at_host_pass(host, 60000000);
	at_host_expect_urc(host, "POWERED DOWN\n");
	assert_false(qk_sim_state_on_bus(host->state));
	at_host_expect(host, "AT\r", "");
	at_host_free(host);
}

static void at_crashes_when_a_value_overruns(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_do(
		host,
		"AT+QIMSCFG=\"ims\",\"0123456789012345678901234567890123456789012345678901234567890123456789\"");
	qk_sim_advance(host->sim, host->state->now_usec);
	assert_false(qk_sim_state_on_bus(host->state));
	at_host_pass(host, 60000000);
	at_host_expect_urc(host, "RDY\n"
				 "+CPIN: READY\n"
				 "+QUSIM: 1\n"
				 "+CFUN: 1\n"
				 "+QIND: SMS DONE\n"
				 "+QIND: PB DONE\n");
	at_host_free(host);
}

static void at_hangs_alone_when_its_linux_does(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	const struct qk_sim_fault fault = { .kind = QK_SIM_FAULT_LINUX_HUNG,
					    .count = 1,
					    .service = QK_SIM_ANY_SERVICE,
					    .message = QK_SIM_ANY_MESSAGE };
	assert_int_equal(qk_sim_arm(host->sim, &fault), 0);
	at_host_ask(host, "AT+CGMM",
		    "EC25\n"
		    "OK\n");
	at_host_expect(host, "AT+QGMR\r", "AT+QGMR\r");
	at_host_ask(host, "AT+QGMR",
		    "EC25EUXGAR08A05M1G_01.001.01.001\n"
		    "OK\n");
	at_host_free(host);
}

static void at_says_nothing_when_mute(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	const struct qk_sim_fault fault = { .kind = QK_SIM_FAULT_AT_SILENT,
					    .count = 1,
					    .service = QK_SIM_ANY_SERVICE,
					    .message = QK_SIM_ANY_MESSAGE };
	assert_int_equal(qk_sim_arm(host->sim, &fault), 0);
	at_host_expect(host, "AT\r", "");
	at_host_expect(host, "AT\r", "AT\r\r\nOK\r\n");
	at_host_free(host);
}

static void at_tells_the_wanted_port_when_urcs_are_moved(void **test)
{
	struct at_host *host = at_host_new();

	(void)test;
	at_host_ask(host, "AT+QURCCFG=\"urcport\"",
		    "+QURCCFG: \"urcport\",\"usbat\"\n"
		    "OK\n");
	at_host_ask(host, "AT+QURCCFG=\"urcport\",\"usbmodem\"", "OK\n");
	at_host_do(host, "AT+CREG=1;+CFUN=4");
	at_host_pass(host, 10000000);
	at_host_expect_urc(host, "OK\n");
	at_host_ask(host, "AT+QURCCFG=\"urcport\",\"all\"", "OK\n");
	at_host_do(host, "AT+CFUN=1");
	at_host_pass(host, 60000000);
	at_host_expect_urc(host, "OK\n"
				 "+CREG: 2\n"
				 "+CREG: 1\n");
	at_host_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_shares_contexts_with_the_model_when_they_are_set),
		cmocka_unit_test(at_has_an_address_when_a_call_is_up),
		cmocka_unit_test(at_refuses_a_call_when_there_is_no_network),
		cmocka_unit_test(at_stores_the_composition_when_configured),
		cmocka_unit_test(at_limits_the_radio_when_configured),
		cmocka_unit_test(at_keeps_calls_up_when_configured),
		cmocka_unit_test(at_powers_down_when_told),
		cmocka_unit_test(at_crashes_when_a_value_overruns),
		cmocka_unit_test(at_hangs_alone_when_its_linux_does),
		cmocka_unit_test(at_says_nothing_when_mute),
		cmocka_unit_test(at_tells_the_wanted_port_when_urcs_are_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
