/* What a modem is, of the paths of its ports in sysfs and what is known of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "manager/describe.h"

#define PCI "/sys/devices/pci0000:00/0000:00:14.0"
#define USB PCI "/usb1/1-2/1-2.4"

static void describe_finds_the_device_and_the_interface_in_the_path(void **state)
{
	static const struct {
		const char *path, *usb, *name, *node;
		unsigned int interface_number;
	} cases[] = {
		{ USB "/1-2.4:1.2/ttyUSB2/tty/ttyUSB2", USB, "ttyUSB2", "/dev/ttyUSB2", 2 },
		{ USB "/1-2.4:1.4/usbmisc/cdc-wdm0", USB, "cdc-wdm0", "/dev/cdc-wdm0", 4 },
		{ USB "/1-2.4:1.14/net/wwan0", USB, "wwan0", "", 14 },
		{ PCI "/usb1/1-2/1-2:2.0/tty/ttyACM0", PCI "/usb1/1-2", "ttyACM0", "/dev/ttyACM0",
		  0 },
	};
	struct port_facts port;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(describe_port(cases[i].path, NULL, NULL, &port));
		assert_string_equal(port.path, cases[i].path);
		assert_string_equal(port.usb, cases[i].usb);
		assert_string_equal(port.name, cases[i].name);
		assert_string_equal(port.node, cases[i].node);
		assert_int_equal(port.interface_number, cases[i].interface_number);
	}
	assert_int_equal(port.type, 0); /* a tty of an unknown device */
}

static void describe_finds_no_port_elsewhere(void **state)
{
	static const char *const paths[] = {
		"/sys/devices/pnp0/00:04/tty/ttyS0",
		"/sys/devices/virtual/net/lo",
		USB "/1-2.4:1/net/wwan0",
		USB "/1-2.4:1.x/net/wwan0",
		USB "/1-2.4:1.2ttyUSB2/tty/ttyUSB2",
		USB "/1-2.5:1.2/tty/ttyUSB2",
		"",
	};
	char path[400];
	struct port_facts port;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_false(describe_port(paths[i], NULL, NULL, &port));
	snprintf(path, sizeof(path), "/sys/%0260d/1-1/1-1:1.0/net/wwan0", 1);
	assert_false(describe_port(path, NULL, NULL, &port));
}

/* A port as it is noted: `name` is below the interface of this number. */
static struct port_facts port_of(unsigned int number, const char *name,
				 enum mm_modem_port_type type)
{
	struct port_facts port = { .vendor = 0x2c7c,
				   .product = 0x0125,
				   .interface_number = number,
				   .type = type,
				   .at_rank = type == MM_MODEM_PORT_TYPE_AT ? number + 1
									    : AT_RANK_NONE,
				   .settled = true };

	snprintf(port.path, sizeof(port.path), "%s/1-2.4:1.%u/%s", USB, number, name);
	snprintf(port.usb, sizeof(port.usb), "%s", USB);
	snprintf(port.name, sizeof(port.name), "%s", name);
	if (type != MM_MODEM_PORT_TYPE_NET)
		snprintf(port.node, sizeof(port.node), "/dev/%s", name);
	snprintf(port.driver, sizeof(port.driver), "%s", number == 4 ? "qmi_wwan" : "option");
	return port;
}

static void put(struct port_set *set, struct port_facts port)
{
	assert_int_equal(port_set_put(set, &port), 0);
}

static void describe_makes_one_modem_of_the_ports_of_a_device(void **state)
{
	struct modem_description d;
	struct port_set set = { 0 };

	(void)state;
	put(&set, port_of(3, "ttyUSB3", MM_MODEM_PORT_TYPE_AT));
	assert_int_equal(describe_usb(USB, &set, false, NULL, &d), DESCRIBED_NOTHING);
	put(&set, port_of(4, "cdc-wdm0", MM_MODEM_PORT_TYPE_QMI));
	put(&set, port_of(2, "ttyUSB2", MM_MODEM_PORT_TYPE_AT));
	assert_int_equal(describe_usb(USB, &set, false, NULL, &d), DESCRIBED_MODEM);
	assert_string_equal(d.uid, "1-2.4");
	assert_string_equal(d.physdev, USB);
	assert_string_equal(d.device, USB);
	assert_string_equal(d.plugin, "quectel");
	assert_string_equal(d.qmi, "/dev/cdc-wdm0");
	assert_string_equal(d.at, "/dev/ttyUSB2");
	assert_int_equal(d.port_count, 3);
	assert_string_equal(d.ports[0].name, "cdc-wdm0");
	assert_int_equal(describe_usb(USB, &set, true, "roof", &d), DESCRIBED_IGNORED);
	assert_string_equal(d.device, "roof");
	assert_int_equal(describe_usb(PCI "/usb1/1-2", &set, false, NULL, &d), DESCRIBED_NOTHING);
	port_set_clear(&set);
}

static void describe_tells_the_same_in_whatever_order_ports_come(void **state)
{
	static const enum mm_modem_port_type types[] = { MM_MODEM_PORT_TYPE_AT,
							 MM_MODEM_PORT_TYPE_QMI };
	struct modem_description told[2];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct port_set set = { 0 };

		for (size_t j = 0; j < 2; j++) {
			size_t which = i ^ j;

			put(&set,
			    port_of(which ? 4 : 2, which ? "cdc-wdm0" : "ttyUSB2", types[which]));
		}
		assert_int_equal(describe_usb(USB, &set, false, NULL, &told[i]), DESCRIBED_MODEM);
		assert_string_equal(told[i].drivers[0], "option");
		assert_string_equal(told[i].drivers[1], "qmi_wwan");
		assert_string_equal(told[i].drivers[2], "");
		port_set_clear(&set);
	}
	assert_memory_equal(&told[0], &told[1], sizeof(told[0]));
}

static void describe_leaves_out_what_has_gone(void **state)
{
	struct modem_description d;
	struct port_set set = { 0 };
	struct port_facts qmi = port_of(4, "cdc-wdm0", MM_MODEM_PORT_TYPE_QMI);

	(void)state;
	put(&set, qmi);
	port_set_bury(&set, qmi.path, 7);
	assert_int_equal(describe_usb(USB, &set, false, NULL, &d), DESCRIBED_NOTHING);
	put(&set, port_of(4, "cdc-wdm1", MM_MODEM_PORT_TYPE_QMI));
	assert_int_equal(describe_usb(USB, &set, false, NULL, &d), DESCRIBED_MODEM);
	assert_string_equal(d.qmi, "/dev/cdc-wdm1");
	port_set_clear(&set);
}

static void describe_knows_whether_the_interface_may_get_another_name(void **state)
{
	struct port_facts net = port_of(4, "wwan0", MM_MODEM_PORT_TYPE_NET);
	struct modem_description d;
	struct port_set set = { 0 };

	(void)state;
	put(&set, port_of(4, "cdc-wdm0", MM_MODEM_PORT_TYPE_QMI));
	net.settled = false;
	put(&set, net);
	assert_int_equal(describe_usb(USB, &set, false, NULL, &d), DESCRIBED_MODEM);
	assert_true(d.unsettled);
	net.settled = true;
	put(&set, net);
	assert_int_equal(describe_usb(USB, &set, false, NULL, &d), DESCRIBED_MODEM);
	assert_false(d.unsettled);
	port_set_clear(&set);
}

static void describe_leaves_alone_what_a_rule_wants_left_alone(void **state)
{
	struct port_facts qmi = port_of(4, "cdc-wdm0", MM_MODEM_PORT_TYPE_QMI);
	struct modem_description d;
	struct port_set set = { 0 };

	(void)state;
	qmi.said.ignore = true;
	snprintf(qmi.said.name, sizeof(qmi.said.name), "cellar");
	put(&set, qmi);
	assert_int_equal(describe_usb(USB, &set, false, "roof", &d), DESCRIBED_IGNORED);
	assert_string_equal(d.device, "roof");
	assert_int_equal(describe_usb(USB, &set, false, NULL, &d), DESCRIBED_IGNORED);
	assert_string_equal(d.device, "cellar");
	qmi.said.process = true;
	put(&set, qmi);
	assert_int_equal(describe_usb(USB, &set, true, NULL, &d), DESCRIBED_MODEM);
	port_set_clear(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(describe_finds_the_device_and_the_interface_in_the_path),
		cmocka_unit_test(describe_finds_no_port_elsewhere),
		cmocka_unit_test(describe_makes_one_modem_of_the_ports_of_a_device),
		cmocka_unit_test(describe_tells_the_same_in_whatever_order_ports_come),
		cmocka_unit_test(describe_leaves_out_what_has_gone),
		cmocka_unit_test(describe_knows_whether_the_interface_may_get_another_name),
		cmocka_unit_test(describe_leaves_alone_what_a_rule_wants_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
