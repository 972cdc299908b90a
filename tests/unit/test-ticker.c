/* The daemon's ticker: what comes with what, and what a call may do to the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "manager/ticker.h"

#define HOUR ((uint64_t)3600 * 1000000)

enum { TICKS = 3 };

struct fixture {
	sd_event *event;
	struct ticker *ticker;
	struct counted {
		struct tick tick;
		struct fixture *fixture;
		unsigned int calls;
		void (*act)(struct counted *self);
	} ticks[TICKS];
};

static void on_tick(void *userdata)
{
	struct counted *self = userdata;

	assert_false(self->tick.on);
	self->calls++;
	if (self->act)
		self->act(self);
}

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .event = NULL };
	*state = &f;
	for (size_t i = 0; i < TICKS; i++) {
		f.ticks[i].fixture = &f;
		f.ticks[i].tick.fn = on_tick;
		f.ticks[i].tick.userdata = &f.ticks[i];
	}
	return sd_event_new(&f.event) < 0 || ticker_new(f.event, &f.ticker) < 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	f->ticker = ticker_free(f->ticker);
	sd_event_unref(f->event);
	return 0;
}

static void start(struct fixture *f, size_t index, uint64_t usec, uint64_t early_usec)
{
	f->ticks[index].tick.early_usec = early_usec;
	ticker_start(f->ticker, &f->ticks[index].tick, usec);
}

static void assert_calls(const struct fixture *f, unsigned int a, unsigned int b, unsigned int c)
{
	assert_int_equal(f->ticks[0].calls, a);
	assert_int_equal(f->ticks[1].calls, b);
	assert_int_equal(f->ticks[2].calls, c);
}

static void ticker_calls_what_may_be_early_with_what_is_due(void **state)
{
	struct fixture *f = *state;

	start(f, 0, HOUR, 0);
	start(f, 1, HOUR, HOUR);
	start(f, 2, 1000, 0);
	assert_true(sd_event_run(f->event, HOUR / 60) > 0);
	assert_calls(f, 0, 1, 1);
	assert_int_equal(sd_event_run(f->event, 2000), 0);
	assert_calls(f, 0, 1, 1);
	assert_true(f->ticks[0].tick.on);
}

static void ticker_calls_nothing_that_was_stopped(void **state)
{
	struct fixture *f = *state;

	start(f, 0, 1000, 0);
	start(f, 1, 1000, 0);
	ticker_stop(f->ticker, &f->ticks[0].tick);
	ticker_stop(f->ticker, &f->ticks[0].tick);
	ticker_stop(f->ticker, &f->ticks[2].tick);
	assert_true(sd_event_run(f->event, HOUR / 60) > 0);
	assert_calls(f, 0, 1, 0);
	ticker_stop(f->ticker, &f->ticks[1].tick);
}

static void ticker_takes_the_later_start_of_two(void **state)
{
	struct fixture *f = *state;

	start(f, 0, 0, 0);
	start(f, 0, HOUR, 0);
	/* the timer was set for the first one */
	(void)sd_event_run(f->event, 2000);
	assert_calls(f, 0, 0, 0);
	start(f, 0, 0, 0);
	assert_true(sd_event_run(f->event, HOUR / 60) > 0);
	assert_calls(f, 1, 0, 0);
}

static void stop_all(struct counted *self)
{
	for (size_t i = 0; i < TICKS; i++)
		ticker_stop(self->fixture->ticker, &self->fixture->ticks[i].tick);
}

static void ticker_lets_a_call_stop_those_that_come(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < TICKS; i++) {
		f->ticks[i].act = stop_all;
		start(f, i, 0, 0);
	}
	assert_true(sd_event_run(f->event, HOUR / 60) > 0);
	assert_int_equal(f->ticks[0].calls + f->ticks[1].calls + f->ticks[2].calls, 1);
	assert_int_equal(sd_event_run(f->event, 2000), 0);
}

static void start_two(struct counted *self)
{
	self->act = NULL;
	start(self->fixture, 0, 0, 0);
	start(self->fixture, 1, 0, 0);
}

/* Were those that are started put behind the one that stays, the same turn would find them. */
static void ticker_calls_each_once_a_turn_when_calls_start_it(void **state)
{
	struct fixture *f = *state;

	start(f, 1, 0, 0);
	start(f, 2, HOUR, 0);
	f->ticks[1].act = start_two;
	assert_true(sd_event_run(f->event, HOUR / 60) > 0);
	assert_calls(f, 0, 1, 0);
	assert_true(sd_event_run(f->event, HOUR / 60) > 0);
	assert_calls(f, 1, 2, 0);
	assert_int_equal(sd_event_run(f->event, 2000), 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(ticker_calls_what_may_be_early_with_what_is_due),
		CASE(ticker_calls_nothing_that_was_stopped),
		CASE(ticker_takes_the_later_start_of_two),
		CASE(ticker_lets_a_call_stop_those_that_come),
		CASE(ticker_calls_each_once_a_turn_when_calls_start_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
