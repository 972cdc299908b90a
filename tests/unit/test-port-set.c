/* What is known of ports, and what udev was told of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "manager/port-set.h"

static void put(struct port_set *set, const char *path, const char *name)
{
	struct port_facts port = { .at_rank = AT_RANK_NONE };

	snprintf(port.path, sizeof(port.path), "%s", path);
	snprintf(port.name, sizeof(port.name), "%s", name);
	assert_int_equal(port_set_put(set, &port), 0);
}

static void port_set_keeps_what_udev_was_told_until_the_port_goes(void **state)
{
	struct port_set set = { 0 };

	(void)state;
	put(&set, "/sys/a", "ttyUSB0");
	put(&set, "/sys/b", "ttyUSB1");
	assert_string_equal(set.ports[0].told, "");
	snprintf(set.ports[0].told, sizeof(set.ports[0].told), "861075020000017");
	put(&set, "/sys/a", "ttyUSB9");
	assert_int_equal(set.count, 2);
	assert_string_equal(set.ports[0].name, "ttyUSB9");
	assert_string_equal(set.ports[0].told, "861075020000017");
	port_set_remove(&set, "/sys/a");
	put(&set, "/sys/a", "ttyUSB0");
	assert_int_equal(set.count, 2);
	assert_string_equal(set.ports[0].name, "ttyUSB1");
	assert_string_equal(set.ports[1].told, "");
	port_set_clear(&set);
}

static void port_set_holds_the_ports_of_many_modems(void **state)
{
	struct port_set set = { 0 };
	char path[32];

	(void)state;
	for (int i = 0; i < 500; i++) {
		snprintf(path, sizeof(path), "/sys/%d", i);
		put(&set, path, "x");
	}
	assert_int_equal(set.count, 500);
	for (int i = 0; i < 500; i++) {
		snprintf(path, sizeof(path), "/sys/%d", i);
		port_set_remove(&set, path);
		port_set_remove(&set, path);
	}
	assert_int_equal(set.count, 0);
	port_set_clear(&set);
}

static void put_at(struct port_set *set, const char *path, uint64_t seqnum, bool settled)
{
	struct port_facts port = { .at_rank = AT_RANK_NONE, .seqnum = seqnum, .settled = settled };

	snprintf(port.path, sizeof(port.path), "%s", path);
	snprintf(port.usb, sizeof(port.usb), "%.4s", path);
	assert_int_equal(port_set_put(set, &port), 0);
}

static void port_set_tells_a_port_from_the_one_that_was_there_before(void **state)
{
	struct port_set set = { 0 };

	(void)state;
	assert_false(port_set_is_past(&set, "/1-1/a", 1));
	assert_false(port_set_is_settled(&set, "/1-1/a", 0));
	put_at(&set, "/1-1/a", 10, false);
	assert_true(port_set_is_past(&set, "/1-1/a", 9));
	assert_false(port_set_is_past(&set, "/1-1/a", 10));
	assert_false(port_set_is_settled(&set, "/1-1/a", 10));
	put_at(&set, "/1-1/a", 10, true);
	assert_true(port_set_is_settled(&set, "/1-1/a", 10));
	assert_false(port_set_is_settled(&set, "/1-1/a", 11));
	/* Found by looking around: it is the same one. */
	put_at(&set, "/1-1/a", 0, true);
	assert_true(port_set_is_past(&set, "/1-1/a", 9));
	port_set_clear(&set);
}

static void port_set_knows_a_port_that_has_gone_until_another_comes(void **state)
{
	struct port_set set = { 0 };

	(void)state;
	port_set_bury(&set, "/1-1/a", 5);
	assert_int_equal(set.count, 0);
	put_at(&set, "/1-1/a", 10, true);
	port_set_bury(&set, "/1-1/a", 12);
	assert_true(set.ports[0].gone);
	assert_true(port_set_is_past(&set, "/1-1/a", 11));
	assert_false(port_set_is_past(&set, "/1-1/a", 12));
	put_at(&set, "/1-1/a", 13, false);
	assert_int_equal(set.count, 1);
	assert_false(set.ports[0].gone);
	port_set_clear(&set);
}

static void port_set_forgets_what_was_plugged_in_before(void **state)
{
	struct port_set set = { 0 };

	(void)state;
	put_at(&set, "/1-1/a", 10, true);
	put_at(&set, "/1-2/a", 11, true);
	put_at(&set, "/1-1/b", 0, true);
	put_at(&set, "/1-1/c", 20, true);
	port_set_remove_past(&set, "/1-1", 20);
	assert_int_equal(set.count, 2);
	assert_false(port_set_is_settled(&set, "/1-1/a", 0));
	assert_true(port_set_is_settled(&set, "/1-1/c", 20));
	assert_true(port_set_is_settled(&set, "/1-2/a", 11));
	port_set_clear(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_set_keeps_what_udev_was_told_until_the_port_goes),
		cmocka_unit_test(port_set_holds_the_ports_of_many_modems),
		cmocka_unit_test(port_set_tells_a_port_from_the_one_that_was_there_before),
		cmocka_unit_test(port_set_knows_a_port_that_has_gone_until_another_comes),
		cmocka_unit_test(port_set_forgets_what_was_plugged_in_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
