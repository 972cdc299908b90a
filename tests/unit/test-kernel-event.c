/* Kernel events as others report them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "manager/kernel-event.h"

static void kernel_event_is_read_from_a_line(void **state)
{
	struct kernel_event event;
	char error[128];

	(void)state;
	assert_int_equal(kernel_event_parse(&event, "action=add,subsystem=tty,name=ttyUSB0", error,
					    sizeof(error)),
			 0);
	assert_string_equal(event.action, "add");
	assert_string_equal(event.subsystem, "tty");
	assert_string_equal(event.name, "ttyUSB0");
	assert_string_equal(event.uid, "");
	assert_int_equal(kernel_event_parse(&event,
					    " name = cdc-wdm0 , uid='my, modem',"
					    "action=\"remove\",subsystem=usbmisc\t",
					    error, sizeof(error)),
			 0);
	assert_string_equal(event.action, "remove");
	assert_string_equal(event.name, "cdc-wdm0");
	assert_string_equal(event.uid, "my, modem");
}

static void kernel_event_is_refused_with_a_reason(void **state)
{
	static const struct {
		const char *line, *why;
	} cases[] = {
		{ "", "key=value" },
		{ "action", "key=value" },
		{ "=add", "key=value" },
		{ "action=add", "'subsystem'" },
		{ "action=add,subsystem=tty", "'name'" },
		{ "action=change,subsystem=tty,name=x", "'change'" },
		{ "action=add,subsystem=block,name=sda", "'block'" },
		{ "action=add,subsystem=tty,name=../sda", "no name" },
		{ "action=add,subsystem=tty,name=..", "no name" },
		{ "action=add,subsystem=tty,name='x", "quote" },
		{ "action=add,subsystem=tty,name=x y", "behind" },
		{ "action=add,subsystem=tty,name=x,", "key=value" },
		{ "action=add,subsystem=tty,name=x,colour=red", "unexpected key 'colour'" },
		{ "action=addaddaddaddaddadd,subsystem=tty,name=x", "too long" },
	};
	struct kernel_event event;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char error[128] = "";

		assert_int_not_equal(
			kernel_event_parse(&event, cases[i].line, error, sizeof(error)), 0);
		if (!strstr(error, cases[i].why))
			fail_msg("%s: %s", cases[i].line, error);
	}
}

static void kernel_event_is_read_from_a_dictionary(void **state)
{
	json_t *good = json_pack("{s: s, s: s, s: s}", "action", "add", "subsystem", "net", "name",
				 "wwan0");
	json_t *bad = json_pack("{s: s, s: i}", "action", "add", "name", 7);
	struct kernel_event event;
	char error[128] = "";

	(void)state;
	assert_int_equal(kernel_event_read(&event, good, error, sizeof(error)), 0);
	assert_string_equal(event.name, "wwan0");
	assert_int_not_equal(kernel_event_read(&event, bad, error, sizeof(error)), 0);
	assert_int_not_equal(kernel_event_read(&event, NULL, error, sizeof(error)), 0);
	json_decref(good);
	json_decref(bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_event_is_read_from_a_line),
		cmocka_unit_test(kernel_event_is_refused_with_a_reason),
		cmocka_unit_test(kernel_event_is_read_from_a_dictionary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
