/* Ports that the kernel tells of before udev does: its events, and which ports make a device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <utlist.h>

#include "manager/early.h"

#define DEVICE "/devices/pci0000:00/0000:00:14.0/usb1/1-2"

static bool parse(const char *data, size_t size, struct uevent *ret)
{
	return uevent_parse(data, size, ret);
}

/* With the zero byte that ends the text. */
#define PARSE(data, ret) parse(data, sizeof(data), ret)

static void uevent_is_read_as_the_kernel_writes_it(void **state)
{
	struct uevent event;

	(void)state;
	assert_true(PARSE("add@" DEVICE "\0ACTION=add\0DEVPATH=" DEVICE
			  "\0SUBSYSTEM=usb\0MAJOR=189\0"
			  "DEVTYPE=usb_device\0DEVICE=x\0SEQNUM=4711",
			  &event));
	assert_string_equal(event.action, "add");
	assert_string_equal(event.devpath, DEVICE);
	assert_string_equal(event.subsystem, "usb");
	assert_string_equal(event.devtype, "usb_device");
	assert_int_equal(event.seqnum, 4711);
	assert_true(PARSE("ACTION=bind\0DEVPATH=/devices/a", &event));
	assert_string_equal(event.subsystem, "");
	assert_string_equal(event.devtype, "");
	assert_int_equal(event.seqnum, 0);
}

static void uevent_is_none_without_an_action_and_a_device(void **state)
{
	const char unended[] = { 'A', 'C', 'T', 'I', 'O', 'N', '=', 'a' };
	struct uevent event;

	(void)state;
	assert_false(parse("", 0, &event));
	assert_false(PARSE("", &event));
	assert_false(PARSE("add@" DEVICE "\0DEVPATH=" DEVICE, &event));
	assert_false(PARSE("ACTION=add\0SUBSYSTEM=tty", &event));
	assert_false(PARSE("ACTION=add\0DEVPATH=/module/usb", &event));
	assert_false(PARSE("ACTION=add\0DEVPATH=/devices/../etc", &event));
	assert_false(parse(unended, sizeof(unended), &event));
}

/* What was told of complete devices. */
struct heard {
	unsigned int devices, gone;
	char usb[256], ports[512];
	uint64_t first;
};

static void on_complete(void *userdata, const char *usb_path, const struct early_port *ports)
{
	struct heard *heard = userdata;
	const struct early_port *port;

	*heard = (struct heard){
		.devices = heard->devices + 1,
		.gone = heard->gone,
		.first = ports->seqnum,
	};
	snprintf(heard->usb, sizeof(heard->usb), "%s", usb_path);
	DL_FOREACH(ports, port) {
		size_t used = strlen(heard->ports);

		snprintf(heard->ports + used, sizeof(heard->ports) - used, "%s ",
			 strrchr(port->path, '/') + 1);
	}
}

static void on_gone(void *userdata, const char *path, uint64_t seqnum)
{
	struct heard *heard = userdata;

	heard->gone++;
	heard->first = seqnum;
	snprintf(heard->usb, sizeof(heard->usb), "%s", path);
}

static const struct early_events events = { on_complete, on_gone };

static void tell(struct early *early, const char *action, const char *subsystem,
		 const char *devpath)
{
	static uint64_t seqnum = 100;

	early_take(early, &(struct uevent){
				  .action = action,
				  .devpath = devpath,
				  .subsystem = subsystem,
				  .devtype = strcmp(subsystem, "usb") == 0 ? "usb_device" : "",
				  .seqnum = seqnum++,
			  });
}

static void early_tells_of_a_device_when_it_is_bound(void **state)
{
	struct heard heard = { 0 };
	struct early early = { .events = &events, .userdata = &heard };

	(void)state;
	tell(&early, "add", "tty", DEVICE "/1-2:1.2/ttyUSB2/tty/ttyUSB2");
	tell(&early, "add", "usb-serial", DEVICE "/1-2:1.2/ttyUSB2");
	tell(&early, "add", "usbmisc", DEVICE "/1-2:1.4/usbmisc/cdc-wdm0");
	tell(&early, "add", "tty", DEVICE "0/1-20:1.0/ttyUSB7/tty/ttyUSB7");
	tell(&early, "add", "tty", "/devices/pnp0/00:04/tty/ttyS0");
	tell(&early, "add", "net", DEVICE "/1-2:1.4/net/wwan0");
	assert_int_equal(heard.devices, 0);
	/* A hub, and what hangs on it. */
	tell(&early, "add", "tty", DEVICE "/1-2.3/1-2.3:1.0/ttyUSB9/tty/ttyUSB9");
	tell(&early, "bind", "usb-serial", DEVICE "/1-2:1.2/ttyUSB2");
	assert_int_equal(heard.devices, 0);
	tell(&early, "bind", "usb", DEVICE);
	assert_int_equal(heard.devices, 1);
	assert_string_equal(heard.usb, "/sys" DEVICE);
	assert_string_equal(heard.ports, "ttyUSB2 cdc-wdm0 wwan0 ");
	assert_int_equal(heard.first, 100);
	assert_int_equal(early.count, 2);
	tell(&early, "bind", "usb", DEVICE);
	assert_int_equal(heard.devices, 1);
	tell(&early, "bind", "usb", DEVICE "/1-2.3");
	assert_string_equal(heard.ports, "ttyUSB9 ");
	tell(&early, "bind", "usb", DEVICE "0");
	assert_string_equal(heard.ports, "ttyUSB7 ");
	assert_int_equal(early.count, 0);
}

static void early_forgets_what_goes_before_its_device_is_bound(void **state)
{
	struct heard heard = { 0 };
	struct early early = { .events = &events, .userdata = &heard };

	(void)state;
	tell(&early, "add", "usbmisc", DEVICE "/1-2:1.4/usbmisc/cdc-wdm0");
	tell(&early, "remove", "usbmisc", DEVICE "/1-2:1.4/usbmisc/cdc-wdm0");
	assert_int_equal(heard.gone, 1);
	assert_string_equal(heard.usb, "/sys" DEVICE "/1-2:1.4/usbmisc/cdc-wdm0");
	tell(&early, "remove", "usb", DEVICE "/1-2:1.4");
	assert_int_equal(heard.gone, 1);
	tell(&early, "bind", "usb", DEVICE);
	assert_int_equal(heard.devices, 0);
	/* The same port again is one port, by its last event. */
	tell(&early, "add", "usbmisc", DEVICE "/1-2:1.4/usbmisc/cdc-wdm0");
	tell(&early, "add", "usbmisc", DEVICE "/1-2:1.4/usbmisc/cdc-wdm0");
	assert_int_equal(early.count, 1);
	tell(&early, "bind", "usb", DEVICE);
	assert_string_equal(heard.ports, "cdc-wdm0 ");
}

static void early_keeps_no_more_than_its_limit(void **state)
{
	struct heard heard = { 0 };
	struct early early = { .events = &events, .userdata = &heard };
	char path[512];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		snprintf(path, sizeof(path), DEVICE "/tty/ttyUSB%d", i);
		tell(&early, "add", "tty", path);
	}
	assert_int_equal(early.count, 512);
	early_close(&early);
	assert_int_equal(early.count, 0);
	snprintf(path, sizeof(path), DEVICE "/tty/%0300d", 7);
	tell(&early, "add", "tty", path);
	assert_int_equal(early.count, 0);
	tell(&early, "bind", "usb", path);
	assert_int_equal(heard.devices, 0);
	early_close(&early);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uevent_is_read_as_the_kernel_writes_it),
		cmocka_unit_test(uevent_is_none_without_an_action_and_a_device),
		cmocka_unit_test(early_tells_of_a_device_when_it_is_bound),
		cmocka_unit_test(early_forgets_what_goes_before_its_device_is_bound),
		cmocka_unit_test(early_keeps_no_more_than_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
