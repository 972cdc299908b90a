/*
 * AT commands in QMI (ATR) of the virtual modem: when they are answered, and what becomes of a client that vanishes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/atr.h>
#include <qmikit/ctl.h>

#include "sim-host.h"

static void advance(struct host *host, uint64_t usec)
{
	uint64_t end = qk_sim_state(host->sim)->now_usec + usec;

	for (uint64_t next; (next = qk_sim_next_usec(host->sim)) <= end;)
		qk_sim_advance(host->sim, next);
	qk_sim_advance(host->sim, end);
}

static int send(struct host *host, uint8_t client, const char *text)
{
	const struct qk_atr_send_request request = {
		.has_message = true,
		.message = { text, strlen(text) },
	};

	return host_ask(host, client, &qk_atr_send_method, &request, NULL);
}

static void expect(struct host *host, uint8_t client, const char *text)
{
	struct qk_atr_received_indication received;

	host_expect_indication(host, client, &qk_atr_received_message, &received);
	assert_int_equal(received.message.size, strlen(text));
	assert_memory_equal(received.message.data, text, strlen(text));
}

static void command_is_answered_behind_the_response(void **state)
{
	struct host *host = host_new("everything", 1);
	uint8_t first = host_allocate(host, QK_SERVICE_ID_ATR);
	uint8_t second = host_allocate(host, QK_SERVICE_ID_ATR);
	struct qk_frame frame;

	(void)state;
	assert_int_equal(send(host, first, "ATE0\r"), 0);
	assert_false(host_next(host, &frame));
	advance(host, 1);
	expect(host, first, "ATE0\r\r\nOK\r\n");
	/* a line in two messages, and two lines in one */
	assert_int_equal(send(host, first, "AT+CF"), 0);
	advance(host, 1);
	assert_false(host_next(host, &frame));
	assert_int_equal(send(host, first, "UN?\rAT\r"), 0);
	advance(host, 1);
	expect(host, first, "\r\n+CFUN: 1\r\n\r\nOK\r\n\r\nOK\r\n");
	/* each client is a port of its own */
	assert_int_equal(send(host, second, "AT\r"), 0);
	advance(host, 1);
	expect(host, second, "AT\r\r\nOK\r\n");
	assert_false(host_next(host, &frame));
	host_free(host);
}

static void input_is_bounded_when_it_is_not_run(void **state)
{
	struct host *host = host_new("everything", 1);
	uint8_t client = host_allocate(host, QK_SERVICE_ID_ATR);
	char text[1025];

	(void)state;
	memset(text, 'A', sizeof(text));
	text[1024] = 0;
	for (int i = 0; i < 4; i++)
		assert_int_equal(send(host, client, text), 0);
	assert_int_equal(send(host, client, text), QK_ERROR_DEVICE_NOT_READY);
	host_free(host);
}

static void port_ends_with_its_client(void **state)
{
	struct host *host = host_new("everything", 1);
	uint8_t client = host_allocate(host, QK_SERVICE_ID_ATR);
	const struct qk_ctl_release_cid_request release = {
		.has_release_info = true,
		.release_info = { QK_SERVICE_ID_ATR, client },
	};
	struct qk_frame frame;

	(void)state;
	assert_int_equal(send(host, client, "AT+COPS=?\r"), 0);
	advance(host, 1);
	host_drop(host);
	assert_int_equal(host_ask(host, 0, &qk_ctl_release_cid_method, &release, NULL), 0);
	advance(host, 60000000);
	assert_false(host_next(host, &frame));
	/* a command that takes the modem down takes its client with it */
	client = host_allocate(host, QK_SERVICE_ID_ATR);
	assert_int_equal(send(host, client, "AT+CFUN=1,1\r"), 0);
	advance(host, 60000000);
	assert_int_equal(qk_sim_client_count(host->sim, QK_SERVICE_ID_ATR), 0);
	/* and the modem's end its ports */
	host_drop(host);
	client = host_allocate(host, QK_SERVICE_ID_ATR);
	assert_int_equal(send(host, client, "AT\r"), 0);
	host_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_is_answered_behind_the_response),
		cmocka_unit_test(input_is_bounded_when_it_is_not_run),
		cmocka_unit_test(port_ends_with_its_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
