/* Connection: when a connection is brought back, what passes over it, why it ended; time is given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api-names.h"
#include "manager/call-end.h"
#include "manager/intent.h"
#include "manager/traffic.h"

#define SECOND 1000000ull

static const struct intent_facts good = {
	.card = true, .enabled = true, .registered = true, .allowed = true, .heard = true
};

struct world {
	struct intent intent;
	struct intent_bounds bounds;
	struct intent_facts facts;
	uint64_t now, wait;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->bounds = intent_bounds_default;
	w->facts = good;
	w->now = 1000 * SECOND;
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static enum intent_state judge(struct world *w)
{
	return intent_judge(&w->intent, &w->bounds, &w->facts, w->now, &w->wait);
}

/* Up for so many seconds, then down. */
static void drop_after(struct world *w, uint64_t seconds)
{
	intent_came_up(&w->intent, w->now);
	assert_int_equal(judge(w), INTENT_UP);
	w->now += seconds * SECOND;
	intent_came_down(&w->intent, &w->bounds, w->now, false);
}

/* The seconds until the next try. */
static uint64_t next_try(struct world *w)
{
	uint64_t wait;

	assert_int_equal(judge(w), INTENT_WAITING);
	wait = w->wait;
	w->now += wait - 1;
	assert_int_equal(judge(w), INTENT_WAITING);
	assert_int_equal(w->wait, 1);
	w->now += 1;
	assert_int_equal(judge(w), INTENT_DUE);
	return wait / SECOND;
}

static void intent_is_none_when_nobody_asked(void **state)
{
	struct world *w = *state;

	assert_int_equal(judge(w), INTENT_NONE);
	intent_want(&w->intent);
	assert_int_equal(judge(w), INTENT_DUE);
	intent_end(&w->intent);
	assert_int_equal(judge(w), INTENT_NONE);
	assert_int_equal(w->wait, UINT64_MAX);
}

static void intent_doubles_the_wait_when_tries_fail(void **state)
{
	static const uint64_t waits[] = { 5, 10, 20, 40, 80, 160, 320, 600, 600, 600 };
	struct world *w = *state;

	intent_want(&w->intent);
	drop_after(w, 3600);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_int_equal(next_try(w), waits[i]);
		intent_came_down(&w->intent, &w->bounds, w->now, false);
	}
}

static void intent_goes_on_waiting_longer_when_a_connection_was_short(void **state)
{
	struct world *w = *state;

	intent_want(&w->intent);
	drop_after(w, 59);
	assert_int_equal(next_try(w), 5);
	drop_after(w, 59);
	assert_int_equal(next_try(w), 10);
	drop_after(w, 60);
	assert_int_equal(next_try(w), 5);
}

static void intent_holds_while_a_fact_forbids_it(void **state)
{
	static const struct {
		size_t offset;
		enum intent_state state;
	} rows[] = {
		{ offsetof(struct intent_facts, card), INTENT_NO_CARD },
		{ offsetof(struct intent_facts, enabled), INTENT_DISABLED },
		{ offsetof(struct intent_facts, registered), INTENT_NO_NETWORK },
		{ offsetof(struct intent_facts, allowed), INTENT_ROAMING },
		{ offsetof(struct intent_facts, heard), INTENT_NO_SIGNAL },
	};
	struct world *w = *state;

	intent_want(&w->intent);
	drop_after(w, 100);
	w->now += 5 * SECOND;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w->facts = good;
		*((bool *)((char *)&w->facts + rows[i].offset)) = false;
		assert_int_equal(judge(w), rows[i].state);
		assert_int_equal(w->wait, UINT64_MAX);
		assert_non_null(intent_words(rows[i].state));
	}
	w->facts = good;
	/* The time without them was no failed try. */
	assert_int_equal(judge(w), INTENT_DUE);
	assert_int_equal(w->intent.failures, 1);
}

static void intent_is_left_to_who_manages_it(void **state)
{
	struct world *w = *state;

	intent_want(&w->intent);
	drop_after(w, 100);
	w->facts.managed = true;
	w->now += 3600 * SECOND;
	assert_int_equal(judge(w), INTENT_MANAGED);
	w->facts.managed = false; /* who asked has left the bus */
	assert_int_equal(judge(w), INTENT_DUE);
}

static void intent_rests_when_the_operator_refuses(void **state)
{
	struct world *w = *state;

	intent_want(&w->intent);
	intent_came_down(&w->intent, &w->bounds, w->now, true);
	assert_int_equal(judge(w), INTENT_REFUSED);
	assert_int_equal(w->wait, 12 * 3600 * SECOND);
	w->now += 12 * 3600 * SECOND - 1;
	assert_int_equal(judge(w), INTENT_REFUSED);
	w->now++;
	assert_int_equal(judge(w), INTENT_DUE);
	intent_came_down(&w->intent, &w->bounds, w->now, true);
	intent_renew(&w->intent); /* another card */
	assert_int_equal(judge(w), INTENT_DUE);
	w->bounds.refused_usec = 0;
	intent_came_down(&w->intent, &w->bounds, w->now, true);
	w->now = UINT64_MAX - 1;
	assert_int_equal(judge(w), INTENT_REFUSED);
	assert_int_equal(w->wait, UINT64_MAX);
	intent_want(&w->intent); /* asked anew */
	assert_int_equal(judge(w), INTENT_DUE);
}

static void intent_gives_up_when_tries_are_limited(void **state)
{
	struct world *w = *state;

	w->bounds.tries = 2;
	intent_want(&w->intent);
	drop_after(w, 100);
	for (int i = 0; i < 2; i++) {
		(void)next_try(w);
		intent_came_down(&w->intent, &w->bounds, w->now, false);
	}
	w->now += 3600 * SECOND;
	assert_int_equal(judge(w), INTENT_GIVEN_UP);
	w->bounds.on = false;
	assert_int_equal(judge(w), INTENT_OFF);
	w->bounds.on = true;
	intent_renew(&w->intent);
	assert_int_equal(judge(w), INTENT_DUE);
}

static void intent_spreads_the_tries_of_many_modems(void **state)
{
	struct world *w = *state;

	w->intent.spread = 255;
	intent_want(&w->intent);
	drop_after(w, 100);
	assert_int_equal(next_try(w), 6); /* 6.25 */
	assert_int_equal(w->intent.spread, 255);
}

/* --- What passes */

static struct traffic_counters counted(uint64_t rx, uint64_t tx)
{
	return (struct traffic_counters){ .rx_bytes = rx * 100,
					  .tx_bytes = tx * 100,
					  .has_packets = true,
					  .rx_packets = rx,
					  .tx_packets = tx };
}

/* Counts at a second, and judges with a bound of 120 s. */
static enum traffic_verdict at(struct traffic *traffic, uint64_t second,
			       struct traffic_counters counters)
{
	traffic_count(traffic, second * SECOND, &counters);
	return traffic_judge(traffic, second * SECOND, 120 * SECOND, &counters);
}

static struct traffic begun(void)
{
	struct traffic traffic = { 0 };
	const struct traffic_counters none = counted(0, 0);

	traffic_try(&traffic);
	traffic_begin(&traffic, 0, 1700000000, &none);
	return traffic;
}

static void traffic_sums_connections_when_there_were_several(void **state)
{
	struct traffic traffic = begun();
	const struct traffic_counters none = counted(0, 0);
	json_t *stats;

	(void)state;
	assert_int_equal(at(&traffic, 30, counted(10, 20)), TRAFFIC_FINE);
	assert_int_equal(at(&traffic, 60, counted(30, 20)), TRAFFIC_FINE);
	traffic_end(&traffic, 65 * SECOND);
	traffic.failures++;
	traffic_try(&traffic);
	assert_int_equal(traffic.rx_bytes, 0);
	traffic_begin(&traffic, 100 * SECOND, 1700000100, &none);
	assert_int_equal(at(&traffic, 110, counted(5, 5)), TRAFFIC_FINE);
	/* the modem began anew */
	assert_int_equal(at(&traffic, 120, counted(1, 1)), TRAFFIC_FINE);
	stats = traffic_json(&traffic);
	assert_int_equal(json_integer_value(json_object_get(stats, "attempts")), 2);
	assert_int_equal(json_integer_value(json_object_get(stats, "failed-attempts")), 1);
	assert_int_equal(json_integer_value(json_object_get(stats, "duration")), 20);
	assert_int_equal(json_integer_value(json_object_get(stats, "total-duration")), 85);
	assert_int_equal(json_integer_value(json_object_get(stats, "rx-bytes")), 500);
	assert_int_equal(json_integer_value(json_object_get(stats, "total-rx-bytes")), 3500);
	assert_int_equal(json_integer_value(json_object_get(stats, "total-tx-bytes")), 2500);
	assert_int_equal(json_integer_value(json_object_get(stats, "start-date")), 1700000100);
	json_decref(stats);
}

static void traffic_names_a_connection_over_which_nothing_passes(void **state)
{
	struct traffic traffic = begun();

	(void)state;
	assert_int_equal(at(&traffic, 119, counted(0, 0)), TRAFFIC_FINE);
	assert_int_equal(at(&traffic, 120, counted(0, 0)), TRAFFIC_NONE);
	assert_string_not_equal(traffic_words(TRAFFIC_NONE), "");
	/* something comes in: it is proven, and may rest */
	assert_int_equal(at(&traffic, 150, counted(1, 1)), TRAFFIC_FINE);
	assert_int_equal(at(&traffic, 9999, counted(1, 1)), TRAFFIC_FINE);
}

static void traffic_names_a_connection_that_hears_nothing(void **state)
{
	struct traffic traffic = begun();

	(void)state;
	assert_int_equal(at(&traffic, 30, counted(40, 40)), TRAFFIC_FINE);
	assert_int_equal(at(&traffic, 149, counted(40, 99)), TRAFFIC_FINE);
	assert_int_equal(at(&traffic, 150, counted(40, 99)), TRAFFIC_DEAF);
	assert_int_equal(at(&traffic, 180, counted(41, 99)), TRAFFIC_FINE);
	/* a program that sends now and then waits for no answer */
	assert_int_equal(at(&traffic, 999, counted(41, 106)), TRAFFIC_FINE);
	assert_int_equal(at(&traffic, 999, counted(41, 107)), TRAFFIC_DEAF);
}

static void traffic_names_a_host_whose_packets_reach_no_modem(void **state)
{
	struct traffic traffic = begun();
	struct traffic_counters counters = counted(0, 0);

	(void)state;
	traffic.quiet.has_link = counters.has_link = true;
	counters.link_tx_packets = 7;
	assert_int_equal(at(&traffic, 120, counters), TRAFFIC_NONE);
	counters.link_tx_packets = 8;
	assert_int_equal(at(&traffic, 120, counters), TRAFFIC_SEVERED);
}

/* --- Why it ended */

static void assert_end(struct call_end end, const char *error, bool refusal, const char *words)
{
	struct failure failure;

	call_end_tell(&end, &failure);
	assert_string_equal(failure.name, error);
	if (!strstr(failure.text, words))
		fail_msg("%s lacks: %s", failure.text, words);
	assert_int_equal(call_end_is_refusal(&end), refusal);
}

static struct call_end verbose(uint16_t type, int16_t reason)
{
	return (struct call_end){ .has_verbose = true, .verbose = { type, reason }, .error = 14 };
}

static void intent_outlives_an_outage_when_it_is_short(void **state)
{
	const enum mm_modem_3gpp_registration_state none = MM_MODEM_3GPP_REGISTRATION_STATE_IDLE,
						    home = MM_MODEM_3GPP_REGISTRATION_STATE_HOME;
	const struct world *w = *state;
	uint64_t since = 0, now = w->now;

	assert_int_equal(intent_outage(&since, &w->bounds, home, now), UINT64_MAX);
	assert_int_equal(intent_outage(&since, &w->bounds, none, now), 15 * SECOND);
	assert_int_equal(intent_outage(&since, &w->bounds, none, now + 14 * SECOND), SECOND);
	/* it is back, and begins anew the next time */
	assert_int_equal(intent_outage(&since, &w->bounds, home, now + 14 * SECOND), UINT64_MAX);
	now += 60 * SECOND;
	assert_int_equal(intent_outage(&since, &w->bounds, none, now), 15 * SECOND);
	assert_int_equal(intent_outage(&since, &w->bounds, MM_MODEM_3GPP_REGISTRATION_STATE_DENIED,
				       now + 15 * SECOND),
			 0);
}

static void intent_ends_at_once_when_emergency_calls_alone_are_left(void **state)
{
	const struct world *w = *state;
	uint64_t since = 0;

	assert_int_equal(intent_outage(&since, &w->bounds,
				       MM_MODEM_3GPP_REGISTRATION_STATE_EMERGENCY_ONLY, w->now),
			 0);
	/* a modem that looks for its network keeps what it has */
	assert_int_equal(intent_outage(&since, &w->bounds,
				       MM_MODEM_3GPP_REGISTRATION_STATE_SEARCHING, w->now),
			 UINT64_MAX);
}

static void call_end_tells_refusals_from_faults_that_pass(void **state)
{
	(void)state;
	assert_end(verbose(6, 27), MM_MOBILE_EQUIPMENT_ERROR_MISSING_OR_UNKNOWN_APN, true,
		   "unknown-apn");
	assert_end(verbose(6, 33), MM_MOBILE_EQUIPMENT_ERROR_SERVICE_OPTION_NOT_SUBSCRIBED, true,
		   "(6, 33)");
	assert_end(verbose(6, 36), MM_MOBILE_EQUIPMENT_ERROR_REGULAR_DEACTIVATION, false,
		   "regular-deactivation");
	assert_end(verbose(6, 26), MM_MOBILE_EQUIPMENT_ERROR_INSUFFICIENT_RESOURCES, false, "");
	assert_end(verbose(6, 112), MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN, true, "apn-type-conflict");
	assert_end(verbose(3, 1028), MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN, false, "emm-detached");
	assert_end(verbose(3, 1010), MM_MOBILE_EQUIPMENT_ERROR_PLMN_NOT_ALLOWED, true, "");
	assert_end(verbose(2, 208), MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN, true, "");
	/* the same number of another list */
	assert_end(verbose(2, 27), MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN, false, "no known reason");
}

static void call_end_takes_what_the_modem_says(void **state)
{
	struct call_end end = verbose(6, 38);

	(void)state;
	end.has_plain = true;
	end.plain = 1013;
	assert_end(end, MM_MOBILE_EQUIPMENT_ERROR_NETWORK_FAILURE_ATTACH, false, "network-failure");
	end.has_verbose = false;
	assert_end(end, MM_MOBILE_EQUIPMENT_ERROR_MISSING_OR_UNKNOWN_APN, true, "(1013)");
	end.has_plain = false;
	assert_end(end, MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN, false,
		   "QMI protocol error (14): 'CallFailed'");
	end.error = 0;
	assert_end(end, MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN, false, "the network call ended");
	assert_end(verbose(60000, -1), MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN, false, "(60000, -1)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		CASE(intent_is_none_when_nobody_asked),
		CASE(intent_doubles_the_wait_when_tries_fail),
		CASE(intent_goes_on_waiting_longer_when_a_connection_was_short),
		CASE(intent_holds_while_a_fact_forbids_it),
		CASE(intent_is_left_to_who_manages_it),
		CASE(intent_rests_when_the_operator_refuses),
		CASE(intent_gives_up_when_tries_are_limited),
		CASE(intent_spreads_the_tries_of_many_modems),
		CASE(intent_outlives_an_outage_when_it_is_short),
		CASE(intent_ends_at_once_when_emergency_calls_alone_are_left),
		cmocka_unit_test(traffic_sums_connections_when_there_were_several),
		cmocka_unit_test(traffic_names_a_connection_over_which_nothing_passes),
		cmocka_unit_test(traffic_names_a_connection_that_hears_nothing),
		cmocka_unit_test(traffic_names_a_host_whose_packets_reach_no_modem),
		cmocka_unit_test(call_end_tells_refusals_from_faults_that_pass),
		cmocka_unit_test(call_end_takes_what_the_modem_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
