/* The virtual modem on QRTR: who is a client, where answers and indications go, what is forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <qmikit/common.h>

#include "sim/qrtr.h"

#define DMS QK_SERVICE_ID_DMS
#define NAS QK_SERVICE_ID_NAS
#define NODE 5
#define START_USEC 1000000

struct said {
	uint16_t service;
	uint32_t node, port;
	size_t size;
	uint8_t bytes[256];
};

struct fixture {
	struct qk_sim_profile *profile;
	struct qk_sim *sim;
	struct qk_sim_qrtr *qrtr;
	struct said said[16];
	size_t count;
	unsigned int restarts;
};

static void on_message(void *userdata, uint16_t service, uint32_t node, uint32_t port,
		       struct qk_span bytes)
{
	struct fixture *f = userdata;
	struct said *said = &f->said[f->count++];

	assert_in_range(f->count, 1, 16);
	*said = (struct said){ .service = service, .node = node, .port = port, .size = bytes.size };
	memcpy(said->bytes, bytes.data,
	       bytes.size < sizeof(said->bytes) ? bytes.size : sizeof(said->bytes));
}

static void on_restart(void *userdata)
{
	struct fixture *f = userdata;

	f->restarts++;
}

static int set_up(void **state)
{
	static const struct qk_sim_qrtr_sink sink = { on_message, on_restart };
	struct fixture *f = calloc(1, sizeof(*f));
	char error[256];

	if (!f || qk_sim_profile_load(NULL, &f->profile, error, sizeof(error)) < 0 ||
	    qk_sim_new(f->profile, 1, START_USEC, &f->sim) < 0 ||
	    qk_sim_qrtr_attach(f->sim, &sink, f, &f->qrtr) < 0)
		return -1;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	qk_sim_qrtr_detach(f->qrtr);
	for (unsigned int service = 0; service <= UINT8_MAX; service++)
		assert_int_equal(qk_sim_client_count(f->sim, (uint8_t)service), 0);
	qk_sim_free(f->sim);
	qk_sim_profile_free(f->profile);
	free(f);
	return 0;
}

static void ask(struct fixture *f, uint8_t service, uint32_t port, uint16_t transaction,
		uint16_t message)
{
	uint8_t bytes[] = {
		0, (uint8_t)transaction, 0, (uint8_t)message, (uint8_t)(message >> 8), 0, 0
	};

	qk_sim_qrtr_input(f->qrtr, service, NODE, port, (struct qk_span){ bytes, sizeof(bytes) });
}

static void expect_answer(struct fixture *f, uint32_t port, uint16_t transaction, uint16_t error)
{
	const struct said *said = &f->said[0];
	struct qk_frame frame;

	assert_int_equal(f->count, 1);
	f->count = 0;
	assert_int_equal(said->node, NODE);
	assert_int_equal(said->port, port);
	assert_true(qk_sdu_read((struct qk_span){ said->bytes, said->size }, DMS, 0, &frame) > 0);
	assert_int_equal(frame.type, QK_RESPONSE);
	assert_int_equal(frame.transaction, transaction);
	assert_int_equal(frame.tlvs.data[0], 0x02);
	assert_int_equal(frame.tlvs.data[5] | frame.tlvs.data[6] << 8, error);
}

static void services_are_those_of_the_profile_but_ctl(void **state)
{
	struct fixture *f = *state;
	uint16_t service, version;
	size_t count = 0;
	bool has_dms = false;

	for (; qk_sim_qrtr_service(f->qrtr, count, &service, &version); count++) {
		assert_int_not_equal(service, QK_SERVICE_CTL);
		has_dms = has_dms || (service == DMS && version == 1);
	}
	assert_int_equal(count, f->profile->service_count - 1);
	assert_true(has_dms);
}

static void a_port_is_a_client_from_its_first_message(void **state)
{
	struct fixture *f = *state;

	ask(f, DMS, 10, 1, 0x22);
	expect_answer(f, 10, 1, QK_ERROR_NONE);
	ask(f, DMS, 11, 1, 0x22);
	expect_answer(f, 11, 1, QK_ERROR_NONE);
	ask(f, DMS, 10, 2, 0x22);
	expect_answer(f, 10, 2, QK_ERROR_NONE);
	assert_int_equal(qk_sim_client_count(f->sim, DMS), 2);
	/* the same port may be a client of another service */
	ask(f, NAS, 10, 3, 0x4d);
	expect_answer(f, 10, 3, QK_ERROR_NONE);
	assert_int_equal(qk_sim_client_count(f->sim, NAS), 1);
}

static void forgotten_ports_and_nodes_leave_no_client(void **state)
{
	struct fixture *f = *state;

	for (uint32_t port = 10; port < 14; port++) {
		ask(f, DMS, port, 1, 0x22);
		expect_answer(f, port, 1, QK_ERROR_NONE);
	}
	qk_sim_qrtr_forget(f->qrtr, NODE + 1, 10, false);
	qk_sim_qrtr_forget(f->qrtr, NODE + 1, 0, true);
	assert_int_equal(qk_sim_client_count(f->sim, DMS), 4);
	qk_sim_qrtr_forget(f->qrtr, NODE, 11, false);
	assert_int_equal(qk_sim_client_count(f->sim, DMS), 3);
	qk_sim_qrtr_forget(f->qrtr, NODE, 0, true);
	assert_int_equal(qk_sim_client_count(f->sim, DMS), 0);
}

static void what_is_no_request_is_dropped(void **state)
{
	static const uint8_t cases[][8] = {
		{ 0, 1, 0, 0x22, 0, 2, 0 }, /* TLVs that are not there */
		{ 2, 1, 0, 0x22, 0, 0, 0 }, /* an answer */
		{ 6, 1, 0, 0x22, 0, 0, 0 }, /* no such type */
		{ 6, 0, 0, 0, 1, 0, 0 },    /* a control packet, as far as it goes */
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t size = 0; size <= 7; size++)
			qk_sim_qrtr_input(f->qrtr, DMS, NODE, 10,
					  (struct qk_span){ cases[i], size });
	assert_int_equal(f->count, 0);
	assert_int_equal(qk_sim_client_count(f->sim, DMS), 0);
}

static void a_full_service_refuses_who_comes(void **state)
{
	struct fixture *f = *state;
	uint8_t limit = qk_sim_profile_service(f->profile, NAS)->clients;

	for (uint32_t port = 0; port < limit; port++) {
		ask(f, NAS, port, 1, 0x4d);
		expect_answer(f, port, 1, QK_ERROR_NONE);
	}
	ask(f, NAS, 1000, 7, 0x4d);
	expect_answer(f, 1000, 7, QK_ERROR_CLIENT_IDS_EXHAUSTED);
	qk_sim_qrtr_forget(f->qrtr, NODE, 3, false);
	ask(f, NAS, 1000, 8, 0x4d);
	expect_answer(f, 1000, 8, QK_ERROR_NONE);
}

static void indications_go_to_the_port_that_asked(void **state)
{
	/* Set Event Report of DMS: operating mode */
	static const uint8_t watch[] = { 0, 9, 0, 0x01, 0, 4, 0, 0x14, 1, 0, 1 };
	struct fixture *f = *state;

	ask(f, DMS, 10, 1, 0x22);
	expect_answer(f, 10, 1, QK_ERROR_NONE);
	qk_sim_qrtr_input(f->qrtr, DMS, NODE, 11, (struct qk_span){ watch, sizeof(watch) });
	expect_answer(f, 11, 9, QK_ERROR_NONE);
	(void)qk_sim_state_set_mode(qk_sim_state(f->sim), QK_SIM_MODE_LOW_POWER);
	qk_sim_notify(f->sim);
	assert_int_equal(f->count, 1);
	assert_int_equal(f->said[0].port, 11);
	assert_int_equal(f->said[0].bytes[0], 4);
}

static void a_boot_restarts_the_servers(void **state)
{
	struct fixture *f = *state;
	unsigned int before;
	uint64_t now = START_USEC;

	ask(f, DMS, 10, 1, 0x22);
	expect_answer(f, 10, 1, QK_ERROR_NONE);
	qk_sim_state_reboot(qk_sim_state(f->sim), 1000000);
	qk_sim_notify(f->sim);
	assert_int_equal(f->restarts, 1);
	assert_false(qk_sim_qrtr_restart(f->qrtr));
	ask(f, DMS, 10, 2, 0x22);
	assert_int_equal(f->count, 0);
	before = f->restarts;
	for (unsigned int i = 0; i < 600 && f->restarts == before; i++)
		qk_sim_advance(f->sim, now += 100000);
	assert_int_equal(f->restarts, before + 1);
	assert_true(qk_sim_qrtr_restart(f->qrtr));
	ask(f, DMS, 10, 3, 0x22);
	expect_answer(f, 10, 3, QK_ERROR_NONE);
	assert_int_equal(qk_sim_client_count(f->sim, DMS), 1);
}

static void a_boot_that_nobody_saw_restarts_the_servers(void **state)
{
	struct fixture *f = *state;

	qk_sim_state_reboot(qk_sim_state(f->sim), 0);
	qk_sim_advance(f->sim, START_USEC + 120000000);
	assert_int_equal(f->restarts, 1);
	assert_true(qk_sim_qrtr_restart(f->qrtr));
}

static void a_modem_that_hangs_up_starts_anew(void **state)
{
	struct fixture *f = *state;
	struct qk_sim_fault fault;
	char error[128];

	assert_int_equal(qk_sim_fault_parse("cut-frame:dms", &fault, error, sizeof(error)), 0);
	assert_int_equal(qk_sim_arm(f->sim, &fault), 0);
	ask(f, DMS, 10, 1, 0x22);
	assert_int_equal(f->restarts, 1);
	f->count = 0; /* half an answer */
	assert_true(qk_sim_qrtr_restart(f->qrtr));
	assert_int_equal(qk_sim_client_count(f->sim, DMS), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(services_are_those_of_the_profile_but_ctl),
		TEST(a_port_is_a_client_from_its_first_message),
		TEST(forgotten_ports_and_nodes_leave_no_client),
		TEST(what_is_no_request_is_dropped),
		TEST(a_full_service_refuses_who_comes),
		TEST(indications_go_to_the_port_that_asked),
		TEST(a_boot_restarts_the_servers),
		TEST(a_boot_that_nobody_saw_restarts_the_servers),
		TEST(a_modem_that_hangs_up_starts_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
