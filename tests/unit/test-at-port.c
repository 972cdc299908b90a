/* The AT port of the daemon, on a pty: what becomes of commands when it is closed. */
#include <errno.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "manager/at-port.h"

struct line {
	int modem, end;
	char path[64];
	sd_event *event;
	struct at_port *port;
	unsigned int ends;
	int status, later; /* the last end, and what a command that is given then says */
};

static void on_text(void *userdata, const char *text)
{
	(void)userdata, (void)text;
}

static void on_port(void *userdata)
{
	(void)userdata;
}

static const struct at_port_events events = { on_text, on_port, on_port, on_text };

static int open_line(void **state)
{
	static struct line line;

	line = (struct line){ .port = NULL };
	*state = &line;
	if (openpty(&line.modem, &line.end, line.path, NULL, NULL) < 0)
		return -1;
	close(line.end);
	return sd_event_new(&line.event) < 0 ||
	       at_port_new(line.event, line.path, &events, &line, &line.port) < 0;
}

static int close_line(void **state)
{
	struct line *line = *state;

	line->port = at_port_free(line->port);
	sd_event_unref(line->event);
	close(line->modem);
	return 0;
}

static void on_answer(void *userdata, int status, const struct at_answer *answer)
{
	struct line *line = userdata;
	struct at_call *call;

	assert_null(answer);
	line->ends++;
	line->status = status;
	line->later = at_port_call(line->port, "AT", 1000000, on_answer, line, &call);
}

static void at_port_ends_what_waits_when_it_is_freed(void **state)
{
	struct line *line = *state;
	struct at_call *calls[3];

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(
			at_port_call(line->port, "AT+CSQ", 1000000, on_answer, line, &calls[i]), 0);
	assert_null(at_call_free(calls[1]));
	line->port = at_port_free(line->port);
	assert_int_equal(line->ends, 2);
	assert_int_equal(line->status, -ENODEV);
}

static void at_port_takes_nothing_new_while_it_is_freed(void **state)
{
	struct line *line = *state;
	struct at_call *call;

	assert_int_equal(at_port_call(line->port, "AT+CSQ", 1000000, on_answer, line, &call), 0);
	at_port_free(line->port);
	line->port = NULL;
	assert_int_equal(line->ends, 1);
	assert_int_equal(line->later, -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(at_port_ends_what_waits_when_it_is_freed, open_line,
						close_line),
		cmocka_unit_test_setup_teardown(at_port_takes_nothing_new_while_it_is_freed,
						open_line, close_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
