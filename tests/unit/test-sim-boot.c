/*
 * The boot of the virtual modem: its steps, what delays and scales them, loaders and the faults that take
 * it off the bus.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim-host.h"

#define MSEC 1000u
#define SEC 1000000u

static void arm(struct host *host, const char *text)
{
	struct qk_sim_fault fault;
	char error[128];

	if (qk_sim_fault_parse(text, &fault, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	assert_int_equal(qk_sim_arm(host->sim, &fault), 0);
}

/* Runs the modem from one of its deadlines to the next until `usec` have passed. */
static void pass(struct host *host, uint64_t usec)
{
	struct qk_sim_state *state = qk_sim_state(host->sim);
	uint64_t end = state->now_usec + usec;

	for (unsigned int rounds = 0; qk_sim_next_usec(host->sim) <= end; rounds++) {
		/* a deadline in the past that stays there would be a busy loop */
		assert_true(rounds < 10000);
		qk_sim_advance(host->sim, qk_sim_next_usec(host->sim));
	}
	qk_sim_advance(host->sim, end);
}

/* When a step is reached from here, on the modem's clock; fails after ten minutes. */
static uint64_t until_booted(struct host *host, uint32_t step)
{
	struct qk_sim_state *state = qk_sim_state(host->sim);
	uint64_t start = state->now_usec;

	while (!(state->booted & step)) {
		assert_true(state->now_usec < start + 600 * (uint64_t)SEC);
		assert_true(qk_sim_next_usec(host->sim) != QK_SIM_NEVER);
		qk_sim_advance(host->sim, qk_sim_next_usec(host->sim));
	}
	return state->now_usec - start;
}

static void boot_reaches_each_step_at_its_time_when_cold(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	const struct qk_sim_timings *timings = &host->profile->timings;

	(void)unused;
	qk_sim_state_reboot(qk_sim_state(host->sim), 0);
	assert_int_equal(until_booted(host, QK_SIM_BOOTED_BUS), 0);
	assert_int_equal(until_booted(host, QK_SIM_BOOTED_AT), timings->at_usec);
	assert_int_equal(until_booted(host, QK_SIM_BOOTED_RDY),
			 timings->rdy_usec - timings->at_usec);
	until_booted(host, QK_SIM_BOOTED_QMI);
	until_booted(host, QK_SIM_BOOTED_PHONEBOOK);
	struct qk_sim_state *state = qk_sim_state(host->sim);
	assert_int_equal(state->booted, QK_SIM_BOOTED_ALL);
	assert_int_equal(state->now_usec, HOST_START_USEC + timings->phonebook_usec);
	host_free(host);
}

static void boot_is_shorter_when_time_is_scaled(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	struct qk_sim_state *state = qk_sim_state(host->sim);

	(void)unused;
	state->time_scale_ppm = 100000;
	arm(host, "late-qmi=10000");
	qk_sim_state_reboot(state, 5 * SEC);
	assert_int_equal(until_booted(host, QK_SIM_BOOTED_BUS), SEC / 2);
	assert_int_equal(until_booted(host, QK_SIM_BOOTED_QMI),
			 (host->profile->timings.boot_usec + 10 * SEC) / 10);
	host_free(host);
}

static void boot_is_late_when_a_fault_delays_it(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	struct qk_sim_state *state = qk_sim_state(host->sim);
	const struct qk_sim_timings *timings = &host->profile->timings;

	(void)unused;
	arm(host, "late-card=30000:1");
	arm(host, "no-rdy:1");
	qk_sim_state_reboot(state, 0);
	until_booted(host, QK_SIM_BOOTED_QMI);
	pass(host, 20 * SEC);
	assert_false(state->booted & (QK_SIM_BOOTED_CARD | QK_SIM_BOOTED_RDY));
	assert_int_not_equal(state->registration, QK_SIM_REGISTERED);
	until_booted(host, QK_SIM_BOOTED_CARD);
	assert_int_equal(state->now_usec, HOST_START_USEC + timings->card_usec + 30 * SEC);
	pass(host, timings->register_usec);
	assert_int_equal(state->registration, QK_SIM_REGISTERED);
	assert_false(state->booted & QK_SIM_BOOTED_RDY);
	/* the next boot is as usual */
	qk_sim_state_reboot(state, 0);
	pass(host, 10 * SEC);
	assert_int_equal(state->booted, QK_SIM_BOOTED_ALL);
	host_free(host);
}

static void crash_leaves_the_bus_when_its_time_has_come(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	struct qk_sim_state *state = qk_sim_state(host->sim);

	(void)unused;
	arm(host, "crash=12000@5000");
	pass(host, 5 * SEC - 1);
	assert_true(qk_sim_state_on_bus(state));
	pass(host, 1);
	assert_false(qk_sim_state_on_bus(state));
	assert_false(qk_sim_state_is_up(state));
	assert_int_equal(until_booted(host, QK_SIM_BOOTED_BUS), 12 * SEC);
	/* once alone, unless a count is given */
	pass(host, 60 * SEC);
	assert_true(qk_sim_state_is_up(state));
	assert_int_equal(state->faults.used[QK_SIM_FAULT_CRASH], 1);
	host_free(host);
}

static void crash_comes_back_by_the_loader_when_that_is_armed(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	struct qk_sim_state *state = qk_sim_state(host->sim);

	(void)unused;
	arm(host, "edl=4000:1");
	arm(host, "crash=10000");
	pass(host, 0);
	assert_false(qk_sim_state_on_bus(state));
	assert_int_equal(qk_sim_state_loader(state), QK_SIM_LOADER_NONE);
	pass(host, 10 * SEC);
	assert_int_equal(qk_sim_state_loader(state), QK_SIM_LOADER_EDL);
	assert_false(qk_sim_state_on_bus(state));
	pass(host, 4 * SEC);
	assert_int_equal(qk_sim_state_loader(state), QK_SIM_LOADER_NONE);
	assert_false(qk_sim_state_on_bus(state));
	until_booted(host, QK_SIM_BOOTED_BUS);
	assert_true(qk_sim_state_on_bus(state));
	host_free(host);
}

static void loader_stays_when_it_was_entered_on_purpose(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	struct qk_sim_state *state = qk_sim_state(host->sim);

	(void)unused;
	qk_sim_state_reboot_by(state, QK_SIM_LOADER_FASTBOOT, SEC, QK_SIM_NEVER);
	pass(host, 3600 * (uint64_t)SEC);
	assert_int_equal(qk_sim_state_loader(state), QK_SIM_LOADER_FASTBOOT);
	qk_sim_state_reboot(state, SEC);
	assert_int_equal(qk_sim_state_loader(state), QK_SIM_LOADER_NONE);
	until_booted(host, QK_SIM_BOOTED_QMI);
	host_free(host);
}

static void bus_is_left_again_and_again_when_it_reenumerates(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	struct qk_sim_state *state = qk_sim_state(host->sim);

	(void)unused;
	arm(host, "re-enumerate=3000:3");
	for (unsigned int i = 0; i < 3; i++) {
		pass(host, 3 * SEC);
		assert_false(qk_sim_state_on_bus(state));
		until_booted(host, QK_SIM_BOOTED_BUS);
	}
	pass(host, 60 * SEC);
	assert_int_equal(state->booted, QK_SIM_BOOTED_ALL);
	host_free(host);
}

static void modem_goes_on_when_the_cable_is_out(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	struct qk_sim_state *state = qk_sim_state(host->sim);

	(void)unused;
	qk_sim_state_set_unplugged(state, true);
	assert_false(qk_sim_state_on_bus(state));
	assert_true(qk_sim_state_is_up(state));
	assert_int_equal(state->registration, QK_SIM_REGISTERED);
	qk_sim_state_set_unplugged(state, false);
	assert_true(qk_sim_state_on_bus(state));
	host_free(host);
}

static void deadlines_pass_when_a_fault_that_acts_by_itself_is_over(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);

	(void)unused;
	arm(host, "re-enumerate=60000@1000+2000");
	arm(host, "crash@1000+1");
	qk_sim_state_reboot(qk_sim_state(host->sim), 20 * SEC);
	/* both windows are over by the time it is back; pass() would not end if they were still due */
	pass(host, 120 * SEC);
	assert_true(qk_sim_state_is_up(qk_sim_state(host->sim)));
	host_free(host);
}

static void modem_panics_when_positioning_was_on_too_long(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	struct qk_sim_state *state = qk_sim_state(host->sim);

	(void)unused;
	arm(host, "nmea-panic=20000:1");
	pass(host, 60 * SEC);
	assert_true(qk_sim_state_on_bus(state));
	assert_int_equal(qk_sim_gnss_on(state, QK_SIM_GNSS_AT), 0);
	pass(host, 20 * SEC - 1);
	assert_true(qk_sim_state_on_bus(state));
	pass(host, 1);
	assert_false(qk_sim_state_on_bus(state));
	pass(host, 60 * SEC);
	assert_true(qk_sim_state_is_up(state));
	host_free(host);
}

/* Tries a data call; the reason why it failed. */
static int16_t call_fails(struct host *host)
{
	const struct qk_sim_bearer_request request = { .family = 4, .holder = QK_SIM_HOLDER_AT };
	struct qk_sim_bearer *bearer = NULL;
	struct qk_sim_end_reason end;

	assert_int_equal(qk_sim_bearer_start(qk_sim_state(host->sim), &request, &bearer, &end), 0);
	uint64_t now = qk_sim_state(host->sim)->now_usec;
	pass(host, bearer->due_usec > now ? bearer->due_usec - now : 0);
	return bearer->end.reason;
}

static void data_calls_fail_when_a_fault_says_why(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);

	(void)unused;
	arm(host, "call-fails=2504:2@1000");
	assert_int_equal(call_fails(host), 0);
	qk_sim_bearer_stop_of(qk_sim_state(host->sim), QK_SIM_HOLDER_AT);
	pass(host, SEC);
	assert_int_equal(call_fails(host), 2504);
	assert_int_equal(call_fails(host), 2504);
	assert_int_equal(call_fails(host), 0);
	host_free(host);
}

static void modem_crashes_when_a_wedged_one_is_tried_again_and_again(void **unused)
{
	struct host *host = host_new("ec25-eux", 1);
	struct qk_sim_state *state = qk_sim_state(host->sim);

	(void)unused;
	arm(host, "wedged=3");
	assert_int_equal(call_fails(host), 2001);
	assert_int_equal(call_fails(host), 2001);
	assert_true(qk_sim_state_on_bus(state));
	const struct qk_sim_bearer_request request = { .family = 4, .holder = QK_SIM_HOLDER_AT };
	struct qk_sim_bearer *bearer;
	struct qk_sim_end_reason end;
	assert_int_equal(qk_sim_bearer_start(state, &request, &bearer, &end), 0);
	pass(host, 0);
	assert_false(qk_sim_state_on_bus(state));
	pass(host, 60 * SEC);
	assert_true(qk_sim_state_is_registered(state));
	assert_int_equal(call_fails(host), 0);
	host_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boot_reaches_each_step_at_its_time_when_cold),
		cmocka_unit_test(boot_is_shorter_when_time_is_scaled),
		cmocka_unit_test(boot_is_late_when_a_fault_delays_it),
		cmocka_unit_test(crash_leaves_the_bus_when_its_time_has_come),
		cmocka_unit_test(crash_comes_back_by_the_loader_when_that_is_armed),
		cmocka_unit_test(loader_stays_when_it_was_entered_on_purpose),
		cmocka_unit_test(bus_is_left_again_and_again_when_it_reenumerates),
		cmocka_unit_test(modem_goes_on_when_the_cable_is_out),
		cmocka_unit_test(deadlines_pass_when_a_fault_that_acts_by_itself_is_over),
		cmocka_unit_test(modem_panics_when_positioning_was_on_too_long),
		cmocka_unit_test(data_calls_fail_when_a_fault_says_why),
		cmocka_unit_test(modem_crashes_when_a_wedged_one_is_tried_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
