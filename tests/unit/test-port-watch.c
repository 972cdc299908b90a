/* The daemon's watch of QMI ports, on ptys: what one turn of the loop does, and what may happen amid it. */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>
#include <qmikit/ctl.h>

#include "manager/port-watch.h"

#define MINUTE ((uint64_t)60 * 1000000)

enum { LINES = 3 };

struct fixture {
	sd_event *event;
	struct port_watch *watch;
	struct line {
		struct fixture *fixture;
		struct watched watched;
		int modem;
		unsigned int turns, timeouts;
		void (*act)(struct line *self);
	} lines[LINES];
};

static void process(void *userdata)
{
	struct line *line = userdata;

	line->turns++;
	assert_int_equal(qk_device_process(line->watched.device), 0);
	if (line->act)
		line->act(line);
}

static int open_line(struct line *line)
{
	struct qk_transport *transport;
	char path[64];
	int end;

	if (openpty(&line->modem, &end, path, NULL, NULL) < 0)
		return -1;
	assert_int_equal(qk_transport_open(path, &transport), 0);
	close(end);
	assert_int_equal(qk_device_new(transport, NULL, &line->watched.device), 0);
	line->watched.process = process;
	line->watched.userdata = line;
	return port_watch_add(line->fixture->watch, &line->watched);
}

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .event = NULL };
	*state = &f;
	if (sd_event_new(&f.event) < 0 || port_watch_new(f.event, &f.watch) < 0)
		return -1;
	assert_ptr_equal(port_watch_event(f.watch), f.event);
	for (size_t i = 0; i < LINES; i++) {
		f.lines[i].fixture = &f;
		if (open_line(&f.lines[i]) < 0)
			return -1;
	}
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < LINES; i++) {
		port_watch_remove(f->watch, &f->lines[i].watched);
		qk_device_unref(f->lines[i].watched.device);
		close(f->lines[i].modem);
	}
	f->watch = port_watch_free(f->watch);
	sd_event_unref(f->event);
	return 0;
}

/* What is no frame is skipped. The kernel hands it over in a thread of its own. */
static void say(const struct line *line)
{
	struct pollfd end = { .fd = qk_device_fd(line->watched.device), .events = POLLIN };

	assert_int_equal(write(line->modem, "\n", 1), 1);
	assert_int_equal(poll(&end, 1, 10000), 1);
}

static void assert_turns(const struct fixture *f, unsigned int a, unsigned int b, unsigned int c)
{
	assert_int_equal(f->lines[0].turns, a);
	assert_int_equal(f->lines[1].turns, b);
	assert_int_equal(f->lines[2].turns, c);
}

static void port_watch_processes_all_that_have_something_in_one_turn(void **state)
{
	struct fixture *f = *state;

	say(&f->lines[0]);
	say(&f->lines[2]);
	assert_true(sd_event_run(f->event, MINUTE) > 0);
	assert_turns(f, 1, 0, 1);
	assert_int_equal(sd_event_run(f->event, 0), 0);
	say(&f->lines[1]);
	assert_true(sd_event_run(f->event, MINUTE) > 0);
	assert_turns(f, 1, 1, 1);
}

static void remove_all(struct line *self)
{
	for (size_t i = 0; i < LINES; i++)
		port_watch_remove(self->fixture->watch, &self->fixture->lines[i].watched);
}

static void port_watch_leaves_out_what_is_removed_meanwhile(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < LINES; i++) {
		f->lines[i].act = remove_all;
		say(&f->lines[i]);
	}
	assert_true(sd_event_run(f->event, MINUTE) > 0);
	assert_turns(f, 1, 0, 0);
	assert_int_equal(sd_event_run(f->event, 0), 0);
}

static void port_watch_finds_what_came_while_it_did_not_watch(void **state)
{
	struct fixture *f = *state;

	port_watch_remove(f->watch, &f->lines[1].watched);
	say(&f->lines[1]);
	assert_int_equal(sd_event_run(f->event, 0), 0);
	assert_int_equal(port_watch_add(f->watch, &f->lines[1].watched), 0);
	assert_int_equal(port_watch_add(f->watch, &f->lines[1].watched), 0);
	assert_true(sd_event_run(f->event, MINUTE) > 0);
	assert_turns(f, 0, 1, 0);
}

static void on_sync(struct qk_client *ctl, int status, const void *response, void *userdata)
{
	struct line *line = userdata;

	(void)ctl, (void)response;
	assert_int_equal(status, -ETIMEDOUT);
	line->timeouts++;
}

static struct qk_slot *ask(struct line *line, uint64_t timeout_usec)
{
	struct qk_slot *slot = NULL;
	const struct qk_call_options options = {
		.timeout_usec = timeout_usec,
		.userdata = line,
		.ret_slot = &slot,
	};

	assert_int_equal(qk_ctl_sync(qk_device_ctl(line->watched.device), NULL, &options, on_sync),
			 0);
	return slot;
}

/* Also an earlier one that is set behind a later one. */
static void port_watch_wakes_each_at_its_deadline(void **state)
{
	struct fixture *f = *state;
	struct qk_slot *late = ask(&f->lines[0], MINUTE), *soon = ask(&f->lines[2], 3000), *sooner;

	assert_int_equal(sd_event_run(f->event, 0), 0);
	sooner = ask(&f->lines[1], 1000);
	while (f->lines[2].timeouts == 0)
		assert_true(sd_event_run(f->event, MINUTE) > 0);
	assert_int_equal(f->lines[0].timeouts, 0);
	assert_int_equal(f->lines[1].timeouts, 1);
	qk_slot_free(late);
	qk_slot_free(soon);
	qk_slot_free(sooner);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(port_watch_processes_all_that_have_something_in_one_turn),
		CASE(port_watch_leaves_out_what_is_removed_meanwhile),
		CASE(port_watch_finds_what_came_while_it_did_not_watch),
		CASE(port_watch_wakes_each_at_its_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
