/*
 * The DIAG port: frames, what is answered and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/diag.h"
#include "sim/profile.h"

struct port {
	struct qk_sim_profile *profile;
	struct qk_sim_state state;
	struct qk_diag diag;
	uint8_t said[4096];
	size_t size;
};

static int setup(void **state)
{
	struct port *port = calloc(1, sizeof(*port));
	char error[128];

	assert_non_null(port);
	assert_int_equal(qk_sim_profile_load("", &port->profile, error, sizeof(error)), 0);
	qk_sim_state_start(&port->state, port->profile, 1, 0);
	*state = port;
	return 0;
}

static int teardown(void **state)
{
	struct port *port = *state;

	qk_sim_profile_free(port->profile);
	free(port);
	return 0;
}

static void on_answer(void *userdata, struct qk_span frame)
{
	struct port *port = userdata;

	assert_true(frame.size <= sizeof(port->said) - port->size);
	memcpy(port->said + port->size, frame.data, frame.size);
	port->size += frame.size;
}

static void put(struct port *port, const void *bytes, size_t size)
{
	port->size = 0;
	qk_diag_input(&port->diag, &port->state, (struct qk_span){ bytes, size }, on_answer, port);
}

/* The check value that everybody who implements this CRC names: of "123456789" it is 0x906e. */
static void frame_has_the_crc_of_x25_when_written(void **state)
{
	uint8_t frame[32];

	(void)state;
	assert_int_equal(qk_diag_frame((struct qk_span){ (const uint8_t *)"123456789", 9 }, frame,
				       sizeof(frame)),
			 12);
	assert_memory_equal(frame, "123456789\x6e\x90\x7e", 12);
}

static void frame_escapes_its_end_and_the_escape(void **state)
{
	uint8_t frame[32];

	(void)state;
	size_t size = qk_diag_frame((struct qk_span){ (const uint8_t *)"\x7e\x7d\x00", 3 }, frame,
				    sizeof(frame));
	assert_memory_equal(frame, "\x7d\x5e\x7d\x5d\x00", 5);
	assert_int_equal(frame[size - 1], 0x7e);
	assert_null(memchr(frame, 0x7e, size - 1));
	assert_int_equal(
		qk_diag_frame((struct qk_span){ (const uint8_t *)"\x7e\x7d\x00", 3 }, frame, 7), 0);
}

static void version_is_answered_in_any_cut(void **state)
{
	struct port *port = *state;

	put(port, "\x7e\x00\x78", 3);
	assert_int_equal(port->size, 0);
	put(port, "\xf0\x7e", 2);
	/* one byte is the command, 54 are what libqcdm reads of the answer */
	assert_in_range(port->size, 58, 64);
	assert_int_equal(port->said[0], 0);
	/* two requests in one transfer are two answers */
	size_t one = port->size;
	put(port, "\x00\x78\xf0\x7e\x00\x78\xf0\x7e", 8);
	assert_int_equal(port->size, 2 * one);
}

static void unknown_command_is_refused_and_repeated(void **state)
{
	struct port *port = *state;
	uint8_t request[32], expected[32];
	size_t size = qk_diag_frame((struct qk_span){ (const uint8_t *)"\x4b\x05\x08\x00", 4 },
				    request, sizeof(request));
	size_t expected_size =
		qk_diag_frame((struct qk_span){ (const uint8_t *)"\x13\x4b\x05\x08\x00", 5 },
			      expected, sizeof(expected));

	/* this very frame stands in libqcdm's own test */
	assert_memory_equal(request, "\x4b\x05\x08\x00\x01\xdd\x7e", 7);
	put(port, request, size);
	assert_int_equal(port->size, expected_size);
	assert_memory_equal(port->said, expected, expected_size);
}

static void fault_refuses_what_is_known(void **state)
{
	const struct qk_sim_fault fault = { .kind = QK_SIM_FAULT_DIAG_REFUSES,
					    .service = QK_SIM_ANY_SERVICE,
					    .message = QK_SIM_ANY_MESSAGE };
	struct port *port = *state;

	assert_int_equal(qk_sim_state_arm(&port->state, &fault), 0);
	put(port, "\x00\x78\xf0\x7e", 4);
	assert_memory_equal(port->said, "\x13\x00", 2);
}

static void noise_is_dropped(void **state)
{
	static uint8_t noise[4096];
	struct port *port = *state;

	put(port, "AT+GCAP\r\n\x7e", 10);
	assert_int_equal(port->size, 0);
	put(port, "\x00\x78\xf1\x7e", 4); /* its CRC is wrong */
	assert_int_equal(port->size, 0);
	put(port, "\x7e\x7e\x00\x7e\x7d\x7e", 6);
	assert_int_equal(port->size, 0);
	memset(noise, 0x55, sizeof(noise)); /* longer than any message */
	put(port, noise, sizeof(noise));
	put(port, "\x7e", 1);
	assert_int_equal(port->size, 0);
	put(port, "\x00\x78\xf0\x7e", 4);
	assert_true(port->size > 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(frame_has_the_crc_of_x25_when_written),
		TEST(frame_escapes_its_end_and_the_escape),
		TEST(version_is_answered_in_any_cut),
		TEST(unknown_command_is_refused_and_repeated),
		TEST(fault_refuses_what_is_known),
		TEST(noise_is_dropped),
	};

	return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
