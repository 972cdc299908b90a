/* Whether rules of udev may name a modem, or want it to be left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "manager/udev-rules.h"

static char root[64];

/* `path` is below the root. */
static void put(const char *path, const char *text)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *slash = strchr(full + strlen(root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = 0;
		(void)mkdir(full, 0755);
		*slash = '/';
	}

	FILE *file = fopen(full, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void drop(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	assert_int_equal(unlink(full), 0);
}

/* As who has looked at nothing yet. */
static bool names(void)
{
	struct udev_rules rules = { .root = root };

	return udev_rules_that_name_modems(&rules, 1) != NULL;
}

static int begin(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/udev-rules-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int end(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

static void udev_rules_name_modems_by_any_tag_but_what_a_port_is_for(void **state)
{
	static const struct {
		const char *text;
		bool names;
	} cases[] = {
		{ "", false },
		{ "KERNEL==\"ttyUSB2\", ENV{ID_MM_PORT_TYPE_AT_PRIMARY}=\"1\"\n", false },
		{ "ENV{ID_MM_DEVICE_IGNORE}=\"1\"", true },
		{ "a\nENV{ID_MM_PORT_TYPE_GPS}=\"1\", ENV{ID_MM_PORT_IGNORE}=\"1\"\n", true },
		{ "ENV{ID_MM_PHYSDEV_UID}=\"roof\"\n", true },
		{ "# the program sets ID_MM_DEVICE_IGNORE\nIMPORT{program}=\"x\"\n", true },
		{ "ENV{ID_MODEM}=\"1\", ENV{MM_ID_}=\"1\"\n", false },
	};

	(void)state;
	assert_false(names());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put("run/udev/rules.d/50-a.rules", cases[i].text);
		assert_int_equal(names(), cases[i].names);
	}
	drop("run/udev/rules.d/50-a.rules");
}

static void udev_rules_count_when_they_are_in_force(void **state)
{
	const char *text = "ENV{ID_MM_DEVICE_IGNORE}=\"1\"\n";

	(void)state;
	put("usr/lib/udev/rules.d/77-a.rules", text);
	assert_true(names());
	put("etc/udev/rules.d/77-a.rules", "");
	assert_false(names());
	drop("etc/udev/rules.d/77-a.rules");
	assert_true(names());
	drop("usr/lib/udev/rules.d/77-a.rules");
	put("etc/udev/rules.d/77-a.rules.disabled", text);
	put("etc/udev/rules.d/.rules", text);
	assert_false(names());
	put("etc/udev/hwdb.d/a.hwdb", "usb:v2C7C*\n ID_MM_DEVICE_IGNORE=1\n");
	assert_true(names());
	drop("etc/udev/hwdb.d/a.hwdb");
	assert_false(names());
}

static void udev_rules_are_read_again_after_three_seconds(void **state)
{
	struct udev_rules rules = { .root = root };

	(void)state;
	assert_null(udev_rules_that_name_modems(&rules, 1000000));
	put("etc/udev/rules.d/1.rules", "ID_MM_DEVICE_IGNORE");
	assert_null(udev_rules_that_name_modems(&rules, 3999999));
	assert_string_equal(udev_rules_that_name_modems(&rules, 4000000),
			    "/etc/udev/rules.d/1.rules");
	drop("etc/udev/rules.d/1.rules");
	assert_non_null(udev_rules_that_name_modems(&rules, 5000000));
	assert_null(udev_rules_that_name_modems(&rules, 7000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(udev_rules_name_modems_by_any_tag_but_what_a_port_is_for),
		cmocka_unit_test(udev_rules_count_when_they_are_in_force),
		cmocka_unit_test(udev_rules_are_read_again_after_three_seconds),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
