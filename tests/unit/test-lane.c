/*
 * Lane: order, bounds, and the channel's rate, latency, loss and time scale.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/lane.h"
#include "sim/state.h"

static const struct qk_span packet = { (const uint8_t *)"0123456789", 10 };

static int start(void **state)
{
	struct qk_lane *lane = calloc(1, sizeof(*lane));

	if (!lane)
		return -1;
	qk_lane_init(lane, 25, 7);
	*state = lane;
	return 0;
}

static int end(void **state)
{
	qk_lane_clear(*state);
	free(*state);
	return 0;
}

static void assert_next(struct qk_lane *lane, unsigned int tag)
{
	assert_non_null(lane->first);
	struct qk_lane_packet *first = qk_lane_take(lane);

	assert_int_equal(first->tag, tag);
	assert_int_equal(first->size, packet.size);
	assert_memory_equal(first->data, packet.data, packet.size);
	free(first);
}

static void packets_come_out_in_order_when_they_are_due(void **state)
{
	struct qk_lane *lane = *state;

	assert_null(qk_lane_due(lane, UINT64_MAX));
	assert_int_equal(qk_lane_put(lane, 5, 1, packet), 0);
	assert_int_equal(qk_lane_put(lane, 6, 2, packet), 0);
	assert_null(qk_lane_due(lane, 4));
	assert_non_null(qk_lane_due(lane, 5));
	assert_next(lane, 1);
	assert_null(qk_lane_due(lane, 5));
	assert_next(lane, 2);
	assert_int_equal(lane->bytes, 0);
	assert_int_equal(qk_lane_put(lane, 5, 3, packet), 0);
	assert_next(lane, 3);
}

static void put_refuses_when_the_lane_is_full(void **state)
{
	struct qk_lane *lane = *state;

	assert_int_equal(qk_lane_put(lane, 0, 1, packet), 0);
	assert_int_equal(qk_lane_put(lane, 0, 2, packet), 0);
	assert_int_equal(qk_lane_put(lane, 0, 3, packet), -ENOBUFS);
	assert_next(lane, 1);
	assert_int_equal(qk_lane_put(lane, 0, 3, packet), 0);
	assert_next(lane, 2);
	assert_next(lane, 3);
}

static void forget_takes_out_one_tag_wherever_it_is(void **state)
{
	struct qk_lane *lane = *state;

	lane->bytes_max = 100;
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(qk_lane_put(lane, 0, i % 2, packet), 0);
	qk_lane_forget(lane, 0);
	assert_int_equal(lane->bytes, 20);
	assert_int_equal(qk_lane_put(lane, 0, 9, packet), 0);
	assert_next(lane, 1);
	assert_next(lane, 1);
	assert_next(lane, 9);
	assert_null(lane->first);
	assert_int_equal(qk_lane_put(lane, 0, 0, packet), 0);
	qk_lane_forget(lane, 0);
	assert_int_equal(qk_lane_put(lane, 0, 4, packet), 0);
	assert_next(lane, 4);
}

static void schedule_sends_one_packet_after_the_other(void **state)
{
	struct qk_lane *lane = *state;
	struct qk_sim_state model = { .now_usec = 1000, .time_scale_ppm = 1000000 };
	struct qk_sim_channel channel = { .rate_bps = 8000, .latency_usec = 500 };

	/* 10 bytes at 8 kbit/s are 10 ms */
	assert_int_equal(qk_lane_schedule(lane, &channel, &model, 10), 11500);
	assert_int_equal(qk_lane_schedule(lane, &channel, &model, 10), 21500);
	model.now_usec = 50000;
	assert_int_equal(qk_lane_schedule(lane, &channel, &model, 10), 60500);
	/* what is faster now does not overtake */
	channel = (struct qk_sim_channel){ .latency_usec = 0 };
	assert_int_equal(qk_lane_schedule(lane, &channel, &model, 10), 60500);
	model.now_usec = 70000;
	assert_int_equal(qk_lane_schedule(lane, &channel, &model, 10), 70000);
}

static void schedule_follows_the_time_scale(void **state)
{
	struct qk_lane *lane = *state;
	struct qk_sim_state model = { .now_usec = 1000, .time_scale_ppm = 100000 };
	struct qk_sim_channel channel = { .rate_bps = 8000, .latency_usec = 500 };

	assert_int_equal(qk_lane_schedule(lane, &channel, &model, 10), 2050);
	assert_int_equal(qk_lane_schedule(lane, &channel, &model, 10), 3050);
}

static void schedule_refuses_when_a_packet_would_wait_too_long(void **state)
{
	struct qk_lane *lane = *state;
	struct qk_sim_state model = { .time_scale_ppm = 1000000 };
	struct qk_sim_channel channel = { .rate_bps = 8, .latency_usec = 1 };

	assert_int_equal(qk_lane_schedule(lane, &channel, &model, 4), 4000001);
	assert_int_equal(qk_lane_schedule(lane, &channel, &model, 4), 8000001);
	assert_true(qk_lane_schedule(lane, &channel, &model, 4) == QK_SIM_NEVER);
	model.now_usec = 4000000;
	assert_int_equal(qk_lane_schedule(lane, &channel, &model, 4), 12000001);
}

static void loss_is_what_the_seed_says(void **state)
{
	struct qk_lane *lane = *state, other;
	struct qk_sim_channel channel = { .loss_ppm = 250000 };
	unsigned int lost = 0;

	qk_lane_init(&other, 25, 7);
	for (int i = 0; i < 4000; i++) {
		bool loses = qk_lane_loses(lane, &channel);
		assert_int_equal(loses, qk_lane_loses(&other, &channel));
		lost += loses;
	}
	assert_in_range(lost, 900, 1100);
	channel.loss_ppm = 0;
	assert_false(qk_lane_loses(lane, &channel));
	channel.loss_ppm = 1000000;
	assert_true(qk_lane_loses(lane, &channel));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(packets_come_out_in_order_when_they_are_due),
		TEST(put_refuses_when_the_lane_is_full),
		TEST(forget_takes_out_one_tag_wherever_it_is),
		TEST(schedule_sends_one_packet_after_the_other),
		TEST(schedule_follows_the_time_scale),
		TEST(schedule_refuses_when_a_packet_would_wait_too_long),
		TEST(loss_is_what_the_seed_says),
	};

	return cmocka_run_group_tests_name("lane", tests, NULL, NULL);
}
