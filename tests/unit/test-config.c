/* What an administrator says of single modems. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "manager/config.h"

struct told {
	char text[4096];
};

static void tell(void *userdata, const char *text)
{
	struct told *told = userdata;
	size_t length = strlen(told->text);

	assert_null(strchr(text, '\n'));
	snprintf(told->text + length, sizeof(told->text) - length, "%s\n", text);
}

static void read_text(struct config *config, const char *text, size_t size, struct told *told)
{
	FILE *file = fmemopen((void *)text, size, "r");

	assert_non_null(file);
	told->text[0] = 0;
	assert_int_equal(config_read(config, file, "modems.conf", tell, told), 0);
	fclose(file);
}

static void config_finds_a_modem_by_all_that_is_said(void **state)
{
	static const char text[] = "# two of a kind\n"
				   "[roof]\n"
				   "imei = 867698040000001 ; by its label\n"
				   "at-port = ttyUSB7\n"
				   "\n"
				   "[cellar]\n"
				   "usb-path = 1-2.3\n"
				   "device = /dev/cdc-wdm0\n"
				   "at-port = /dev/serial/by-id/x\n"
				   "ignore = Yes\n"
				   "reconnect = off\n"
				   "reconnect-first = 1\n"
				   "reconnect-refused = 0\n"
				   "reconnect-tries = 7\n"
				   "[phone]\n"
				   "device=qrtr://0\n"
				   "net-port=rmnet_ipa0\n";
	struct config config;
	struct told told;

	(void)state;
	read_text(&config, text, sizeof(text) - 1, &told);
	assert_string_equal(told.text, "");
	assert_int_equal(config.count, 3);

	const struct config_modem *roof = config_find(&config, "867698040000001", "9-9", "/dev/x");

	assert_non_null(roof);
	assert_string_equal(roof->name, "roof");
	assert_string_equal(roof->at_port, "/dev/ttyUSB7");
	assert_null(config_find(&config, "", "9-9", "/dev/x"));
	assert_null(config_find(&config, NULL, "1-2.3", "/dev/cdc-wdm1"));

	const struct config_modem *cellar = config_find(&config, NULL, "1-2.3", "/dev/cdc-wdm0");

	assert_non_null(cellar);
	assert_true(cellar->ignore);
	assert_false(cellar->bounds.on);
	assert_int_equal(cellar->bounds.first_usec, 1000000);
	assert_int_equal(cellar->bounds.longest_usec, intent_bounds_default.longest_usec);
	assert_int_equal(cellar->bounds.refused_usec, 0);
	assert_int_equal(cellar->bounds.tries, 7);
	assert_true(roof->bounds.on);
	assert_string_equal(cellar->at_port, "/dev/serial/by-id/x");
	assert_string_equal(config_find(&config, "", NULL, "qrtr://0")->net_port, "rmnet_ipa0");
	config_free(&config);
}

static void config_tells_what_is_wrong_and_where(void **state)
{
	static const struct {
		const char *text, *told;
		size_t count;
	} cases[] = {
		{ "imei = 1\n", "modems.conf:1: imei stands in front of the first [name]\n", 0 },
		{ "[a]\nimei = 12x\n[b]\nimei=1\n",
		  "modems.conf:2: imei: '12x' is not a number\n"
		  "modems.conf:2: [a] has no imei, usb-path or device\n",
		  1 },
		{ "[a]\nimei=1\ncolour=red\n", "modems.conf:3: there is no key colour\n", 1 },
		{ "[a]\nimei=1\nimei=2\n", "modems.conf:3: imei is there twice\n", 1 },
		{ "[a]\nimei=1\n[b]\nimei=2\n[a]\nimei=3\n", "modems.conf:6: [a] is there twice\n",
		  2 },
		{ "[7]\nimei=1\n", "modems.conf:2: [7] is no name of a modem\n", 0 },
		{ "[any]\nimei=1\n", "modems.conf:2: [any] is no name of a modem\n", 0 },
		{ "[../x]\nimei=1\n", "modems.conf:2: [../x] is no name of a modem\n", 0 },
		{ "[a]\nimei=1\nno sense\n",
		  "modems.conf:3: this is neither [name] nor key = value\n", 1 },
		{ "[a]\ndevice=cdc-wdm0\nimei=1\n",
		  "modems.conf:2: device: 'cdc-wdm0' is not a path or an address\n", 1 },
		{ "[a]\nimei=1\nignore=perhaps\n",
		  "modems.conf:3: ignore: 'perhaps' is not yes or no\n", 1 },
		{ "[a]\nimei=1\nignore=yes\n",
		  "modems.conf:2: [a]: to ignore it takes usb-path or device\n", 0 },
		{ "[a]\nusb-path=../..\nimei=1\n",
		  "modems.conf:2: usb-path: '../..' is not a name\n", 1 },
		{ "[a]\nimei=12345678901234567890123456789012345\nusb-path=1\n",
		  "modems.conf:2: imei: '12345678901234567890123456789012345' is not as short as"
		  " it has to be\n",
		  1 },
		{ "[a]\nimei=1\nreconnect-first=0\nreconnect-longest=604801\nreconnect-tries=-1\n",
		  "modems.conf:3: reconnect-first: '0' is not a number of seconds up to 604800\n"
		  "modems.conf:4: reconnect-longest: '604801' is not a number of seconds up to 604800\n"
		  "modems.conf:5: reconnect-tries: '-1' is not a count up to 100000\n",
		  1 },
		{ "", "", 0 },
	};
	struct config config;
	struct told told;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_text(&config, *cases[i].text ? cases[i].text : "\n",
			  strlen(cases[i].text) ? strlen(cases[i].text) : 1, &told);
		assert_string_equal(told.text, cases[i].told);
		assert_int_equal(config.count, cases[i].count);
		config_free(&config);
	}
}

static void config_passes_over_lines_that_are_none(void **state)
{
	static const char zero[] = "[a]\nimei=1\nat-\0port=x\n";
	struct config config;
	struct told told;
	char line[1000];

	(void)state;
	read_text(&config, zero, sizeof(zero) - 1, &told);
	assert_string_equal(told.text, "modems.conf:3: there is a zero byte\n");
	config_free(&config);
	memset(line, 'x', sizeof(line));
	memcpy(line, "[a]\nimei=1\n", 11);
	read_text(&config, line, sizeof(line), &told);
	assert_string_equal(told.text, "modems.conf:3: the line is too long\n");
	assert_int_equal(config.count, 1);
	config_free(&config);
}

static void config_knows_a_node_by_its_other_names(void **state)
{
	char folder[] = "/dev/shm/qmikit-XXXXXX", link[64], text[128];
	struct config config;
	struct told told;

	(void)state;
	if (!mkdtemp(folder))
		skip(); /* a machine without it */
	snprintf(link, sizeof(link), "%s/qmi", folder);
	assert_int_equal(symlink("/dev/null", link), 0);
	snprintf(text, sizeof(text), "[a]\ndevice=%s\n", link);
	read_text(&config, text, strlen(text), &told);
	assert_non_null(config_find(&config, "", "1-1", "/dev/null"));
	assert_null(config_find(&config, "", "1-1", "/dev/zero"));
	assert_int_equal(unlink(link), 0);
	assert_null(config_find(&config, "", "1-1", "/dev/null"));
	config_free(&config);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(config_finds_a_modem_by_all_that_is_said),
		cmocka_unit_test(config_tells_what_is_wrong_and_where),
		cmocka_unit_test(config_passes_over_lines_that_are_none),
		cmocka_unit_test(config_knows_a_node_by_its_other_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
