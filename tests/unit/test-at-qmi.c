/*
 * Tests: one modem, spoken to in AT and in QMI. What one says the other knows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/dms.h>
#include <qmikit/uim.h>

#include "sim-host.h"
#include "sim/at.h"

struct both {
	struct host *host;
	struct qk_at_port *port;
	char said[4096];
	size_t size;
};

static void on_at(void *userdata, struct qk_span bytes)
{
	struct both *both = userdata;

	assert_true(bytes.size < sizeof(both->said) - both->size);
	memcpy(both->said + both->size, bytes.data, bytes.size);
	both->size += bytes.size;
	both->said[both->size] = 0;
}

static struct both open_both(void)
{
	return (struct both){ .host = host_new(NULL, 1) };
}

static void attach(struct both *both)
{
	static const struct qk_at_sink sink = { on_at };

	assert_int_equal(qk_at_attach(both->host->sim, QK_AT_USBAT, &sink, both, &both->port), 0);
	qk_at_set_open(both->port, true);
}

/* Types a command and returns all that was said since the last one. */
static const char *ask(struct both *both, const char *command)
{
	both->size = 0;
	both->said[0] = 0;
	qk_at_input(both->port, (struct qk_span){ (const uint8_t *)command, strlen(command) });
	return both->said;
}

static void pass(struct both *both, uint64_t usec)
{
	struct qk_sim *sim = both->host->sim;
	uint64_t until = qk_sim_state(sim)->now_usec + usec;

	while (qk_sim_next_usec(sim) <= until)
		qk_sim_advance(sim, qk_sim_next_usec(sim));
	qk_sim_advance(sim, until);
}

static void at_and_qmi_share_the_mode_when_either_sets_it(void **test)
{
	struct both both = open_both();
	struct qk_dms_get_operating_mode_response mode = { 0 };
	struct qk_dms_set_operating_mode_request online = { .has_mode = true, .mode = 0 };

	(void)test;
	attach(&both);
	uint8_t client = host_allocate(both.host, 2);
	ask(&both, "AT+CFUN=4\r");
	pass(&both, 5000000);
	assert_int_equal(
		host_ask(both.host, client, &qk_dms_get_operating_mode_method, NULL, &mode), 0);
	assert_int_equal(mode.mode, QK_SIM_MODE_LOW_POWER);
	assert_int_equal(
		host_ask(both.host, client, &qk_dms_set_operating_mode_method, &online, NULL), 0);
	assert_non_null(strstr(ask(&both, "AT+CFUN?\r"), "+CFUN: 1\r\n"));
	host_free(both.host);
}

static int verify(struct both *both, uint8_t client, const char *pin)
{
	struct qk_uim_verify_pin_request request = {
		.has_session = true,
		.has_info = true,
		.info = { .pin_id = 1, .pin_value = { pin, strlen(pin) } },
	};

	return host_ask(both->host, client, &qk_uim_verify_pin_method, &request, NULL);
}

static void at_and_qmi_share_the_pin_when_either_verifies_it(void **test)
{
	struct both both = open_both();

	(void)test;
	attach(&both);
	ask(&both, "AT+CLCK=\"SC\",1,\"1234\"\r");
	qk_sim_state_reboot(qk_sim_state(both.host->sim), 1000000);
	pass(&both, 30000000);
	host_drop(both.host);
	uint8_t client = host_allocate(both.host, 11);
	assert_non_null(strstr(ask(&both, "AT+CPIN?\r"), "+CPIN: SIM PIN\r\n"));
	assert_int_not_equal(verify(&both, client, "9999"), 0);
	assert_non_null(strstr(ask(&both, "AT+QPINC=\"SC\"\r"), "+QPINC: \"SC\",2,10\r\n"));
	both.size = 0;
	assert_int_equal(verify(&both, client, "1234"), 0);
	assert_non_null(strstr(both.said, "\r\n+CPIN: READY\r\n"));
	assert_non_null(strstr(ask(&both, "AT+CPIN?\r"), "+CPIN: READY\r\n"));
	host_free(both.host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_and_qmi_share_the_mode_when_either_sets_it),
		cmocka_unit_test(at_and_qmi_share_the_pin_when_either_verifies_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
