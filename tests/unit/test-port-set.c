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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_set_keeps_what_udev_was_told_until_the_port_goes),
		cmocka_unit_test(port_set_holds_the_ports_of_many_modems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
