/* Ports: what is found in a tree that looks like sysfs, and what is left out. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <qmikit/ports.h>

struct tree {
	char root[64];
	struct qk_port *ports;
	size_t count;
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int set_up(void **state)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return -1;
	snprintf(tree->root, sizeof(tree->root), "/tmp/test-ports-XXXXXX");
	if (!mkdtemp(tree->root))
		return -1;
	*state = tree;
	return 0;
}

static int tear_down(void **state)
{
	struct tree *tree = *state;

	qk_ports_free(tree->ports);
	nftw(tree->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(tree);
	return 0;
}

static void path_of(const struct tree *tree, char path[PATH_MAX], const char *name)
{
	assert_in_range(snprintf(path, PATH_MAX, "%s/%s", tree->root, name), 1, PATH_MAX - 1);
}

/* The folder `name` and all above it. */
static void make_folder(const struct tree *tree, const char *name)
{
	char path[PATH_MAX];

	path_of(tree, path, name);
	for (char *slash = path + strlen(tree->root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
	assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
}

static void make_file(const struct tree *tree, const char *folder, const char *name,
		      const char *text)
{
	char path[PATH_MAX], inner[PATH_MAX];
	int fd;

	make_folder(tree, folder);
	assert_in_range(snprintf(inner, sizeof(inner), "%s/%s", folder, name), 1, PATH_MAX - 1);
	path_of(tree, path, inner);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* A link at `name` to `target`, which is a path in the tree. */
static void make_link(const struct tree *tree, const char *folder, const char *name,
		      const char *target)
{
	char path[PATH_MAX], inner[PATH_MAX], full[PATH_MAX];

	make_folder(tree, folder);
	assert_in_range(snprintf(inner, sizeof(inner), "%s/%s", folder, name), 1, PATH_MAX - 1);
	path_of(tree, path, inner);
	path_of(tree, full, target);
	assert_int_equal(symlink(full, path), 0);
}

/* A USB device and one interface of it, bound to `driver` (NULL: to none). */
static void make_usb(const struct tree *tree, const char *device, const char *interface,
		     const char *driver)
{
	char folder[256], target[256];

	snprintf(folder, sizeof(folder), "devices/pci0000:00/usb1/%s", device);
	make_file(tree, folder, "idVendor", "2c7c\n");
	make_file(tree, folder, "idProduct", "0125\n");
	make_file(tree, folder, "manufacturer", "Quectel\n");
	make_file(tree, folder, "product", "EC25\tModem\x1b\n");
	make_link(tree, folder, "driver", "bus/usb/drivers/usb");
	snprintf(folder, sizeof(folder), "devices/pci0000:00/usb1/%s/%s", device, interface);
	make_folder(tree, folder);
	if (driver) {
		snprintf(target, sizeof(target), "bus/usb/drivers/%s", driver);
		make_folder(tree, target);
		make_link(tree, folder, "driver", target);
	}
}

/* A port of that interface as the class folders show it. */
static void make_port(const struct tree *tree, const char *class, const char *name,
		      const char *device, const char *interface)
{
	char folder[256], real[1024], parent[512];

	snprintf(parent, sizeof(parent), "devices/pci0000:00/usb1/%s/%s", device, interface);
	snprintf(real, sizeof(real), "%s/%s/%s", parent, class, name);
	make_folder(tree, real);
	make_link(tree, real, "device", parent);
	snprintf(folder, sizeof(folder), "class/%s", class);
	make_link(tree, folder, name, real);
}

static void make_net(const struct tree *tree, const char *device, const char *interface,
		     const char *name)
{
	char folder[256];

	snprintf(folder, sizeof(folder), "devices/pci0000:00/usb1/%s/%s/net/%s", device, interface,
		 name);
	make_folder(tree, folder);
}

static void list(struct tree *tree, size_t expected)
{
	assert_int_equal(qk_ports_list(tree->root, &tree->ports, &tree->count), 0);
	assert_int_equal(tree->count, expected);
	/* what is in the list is found alone, too */
	for (size_t i = 0; i < expected; i++) {
		struct qk_port alone;

		assert_int_equal(
			qk_ports_find(tree->root, tree->ports[i].path + strlen("/dev/"), &alone),
			0);
		assert_memory_equal(&alone, &tree->ports[i], sizeof(alone));
	}
}

static void lack(const struct tree *tree, const char *name)
{
	struct qk_port port;

	assert_int_equal(qk_ports_find(tree->root, name, &port), -ENODEV);
}

static void list_describes_a_port_when_a_modem_is_there(void **state)
{
	struct tree *tree = *state;
	const struct qk_port *port;

	make_usb(tree, "1-2.3", "1-2.3:1.4", "qmi_wwan");
	make_port(tree, "usbmisc", "cdc-wdm0", "1-2.3", "1-2.3:1.4");
	make_net(tree, "1-2.3", "1-2.3:1.4", "wwan0");
	list(tree, 1);
	port = &tree->ports[0];
	assert_string_equal(port->path, "/dev/cdc-wdm0");
	assert_string_equal(port->driver, "qmi_wwan");
	assert_string_equal(port->usb_path, "1-2.3");
	assert_string_equal(port->interface, "wwan0");
	assert_string_equal(port->vendor, "2c7c");
	assert_string_equal(port->product, "0125");
	assert_string_equal(port->description, "Quectel EC25 Modem ");
}

static void list_sorts_by_number_when_there_are_many(void **state)
{
	struct tree *tree = *state;
	char name[32], device[32], interface[32], expected[64];

	for (unsigned int i = 0; i < 12; i++) {
		unsigned int n = (i * 7) % 12;

		snprintf(name, sizeof(name), "cdc-wdm%u", n);
		snprintf(device, sizeof(device), "1-%u", n + 1);
		snprintf(interface, sizeof(interface), "1-%u:1.4", n + 1);
		make_usb(tree, device, interface, "qmi_wwan");
		make_port(tree, "usbmisc", name, device, interface);
	}
	list(tree, 12);
	for (unsigned int i = 0; i < 12; i++) {
		snprintf(expected, sizeof(expected), "/dev/cdc-wdm%u", i);
		assert_string_equal(tree->ports[i].path, expected);
	}
}

static void list_leaves_out_ports_when_they_do_not_speak_qmi(void **state)
{
	struct tree *tree = *state;

	make_usb(tree, "1-1", "1-1:1.0", "cdc_mbim");
	make_port(tree, "usbmisc", "cdc-wdm0", "1-1", "1-1:1.0");
	make_usb(tree, "1-2", "1-2:1.0", "huawei_cdc_ncm");
	make_port(tree, "usbmisc", "cdc-wdm1", "1-2", "1-2:1.0");
	make_usb(tree, "1-3", "1-3:1.0", "usblp");
	make_port(tree, "usbmisc", "lp0", "1-3", "1-3:1.0");
	make_usb(tree, "1-4", "1-4:1.0", NULL);
	make_port(tree, "usbmisc", "cdc-wdm2", "1-4", "1-4:1.0");
	make_usb(tree, "1-5", "1-5:1.0", "cdc_mbim");
	make_port(tree, "wwan", "wwan0mbim0", "1-5", "1-5:1.0");
	make_file(tree, "class/wwan/wwan0mbim0", "type", "MBIM\n");
	list(tree, 0);
	lack(tree, "cdc-wdm0");
	lack(tree, "wwan0mbim0");
	lack(tree, "cdc-wdm77");
	lack(tree, "ttyUSB2");
}

static void list_has_an_interface_once_when_it_has_two_ports(void **state)
{
	struct tree *tree = *state;

	make_usb(tree, "1-1", "1-1:1.4", "qmi_wwan");
	make_port(tree, "usbmisc", "cdc-wdm0", "1-1", "1-1:1.4");
	make_port(tree, "wwan", "wwan0qmi0", "1-1", "1-1:1.4");
	make_file(tree, "class/wwan/wwan0qmi0", "type", "QMI\n");
	list(tree, 1);
	assert_string_equal(tree->ports[0].path, "/dev/cdc-wdm0");
	lack(tree, "wwan0qmi0");
}

static void list_finds_wwan_ports_when_there_is_no_usb(void **state)
{
	static const char modem[] = "devices/pci0000:00/0000:01:00.0";
	struct tree *tree = *state;

	make_folder(tree, "bus/pci/drivers/mhi-pci-generic");
	make_folder(tree, modem);
	make_link(tree, modem, "driver", "bus/pci/drivers/mhi-pci-generic");
	make_folder(tree, "devices/pci0000:00/0000:01:00.0/wwan/wwan0/wwan0qmi0");
	for (unsigned int i = 0; i < 2; i++) {
		char folder[128], name[32];

		snprintf(name, sizeof(name), "wwan0qmi%u", i);
		snprintf(folder, sizeof(folder), "%s/wwan/wwan0/%s", modem, name);
		make_file(tree, folder, "type", "QMI\n");
		make_link(tree, folder, "device", "devices/pci0000:00/0000:01:00.0/wwan/wwan0");
		make_link(tree, "class/wwan", name, folder);
	}
	list(tree, 2);
	assert_string_equal(tree->ports[0].path, "/dev/wwan0qmi0");
	assert_string_equal(tree->ports[1].path, "/dev/wwan0qmi1");
	assert_string_equal(tree->ports[0].driver, "mhi-pci-generic");
	assert_string_equal(tree->ports[0].usb_path, "");
	assert_string_equal(tree->ports[0].vendor, "");
}

static void list_knows_wwan_ports_by_name_when_they_have_no_type(void **state)
{
	struct tree *tree = *state;

	make_usb(tree, "1-1", "1-1:1.4", "mhi_wwan_ctrl");
	make_port(tree, "wwan", "wwan0p1QMI", "1-1", "1-1:1.4");
	make_port(tree, "wwan", "wwan0p2AT", "1-1", "1-1:1.4");
	list(tree, 1);
	assert_string_equal(tree->ports[0].path, "/dev/wwan0p1QMI");
}

/* A phone's modem with a mainline kernel: channels of one remote processor. */
static void list_finds_rpmsg_channels_when_their_name_says_qmi(void **state)
{
	static const char modem[] = "devices/platform/soc/4080000.remoteproc";
	static const char *const names[] = { "DATA5_CNTL\n", "DATA5\n",      "DATA40_CNTL\n",
					     "DS_CNTL\n",    "DATA6_CNTL\n", "_CNTL\n" };
	struct tree *tree = *state;
	char folder[128], name[32];

	make_folder(tree, "bus/platform/drivers/qcom-q6v5-mss");
	make_folder(tree, modem);
	make_link(tree, modem, "driver", "bus/platform/drivers/qcom-q6v5-mss");
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "rpmsg%u", i);
		snprintf(folder, sizeof(folder), "%s/smd-edge/rpmsg/%s", modem, name);
		make_file(tree, folder, "name", names[i]);
		make_link(tree, folder, "device",
			  "devices/platform/soc/4080000.remoteproc/smd-edge");
		make_link(tree, "class/rpmsg", name, folder);
	}
	make_folder(tree, "devices/platform/soc/4080000.remoteproc/rpmsg/rpmsg_ctrl0");
	make_link(tree, "class/rpmsg", "rpmsg_ctrl0",
		  "devices/platform/soc/4080000.remoteproc/rpmsg/rpmsg_ctrl0");
	list(tree, 2);
	assert_string_equal(tree->ports[0].path, "/dev/rpmsg0");
	assert_string_equal(tree->ports[0].driver, "qcom-q6v5-mss");
	assert_string_equal(tree->ports[0].usb_path, "");
	assert_string_equal(tree->ports[1].path, "/dev/rpmsg4");
}

/* One with an older kernel of Android: devices without anything above them. */
static void list_finds_smd_channels_when_they_stand_alone(void **state)
{
	struct tree *tree = *state;

	make_folder(tree, "devices/virtual/smdpkt/smdcntl0");
	make_folder(tree, "devices/virtual/smdpkt/smdcntl8");
	make_folder(tree, "devices/virtual/smdpkt/smd22");
	make_link(tree, "class/smdpkt", "smdcntl0", "devices/virtual/smdpkt/smdcntl0");
	make_link(tree, "class/smdpkt", "smdcntl8", "devices/virtual/smdpkt/smdcntl8");
	make_link(tree, "class/smdpkt", "smd22", "devices/virtual/smdpkt/smd22");
	list(tree, 2);
	assert_string_equal(tree->ports[0].path, "/dev/smdcntl0");
	assert_string_equal(tree->ports[0].driver, "");
	assert_string_equal(tree->ports[1].path, "/dev/smdcntl8");
}

/* 58 characters and "/dev/" just fit: such a path is whole, a longer one is not listed. */
static void list_cuts_no_path_when_a_name_is_long(void **state)
{
	struct tree *tree = *state;
	char name[60] = "cdc-wdm", path[80];

	make_usb(tree, "1-1", "1-1:1.4", "qmi_wwan");
	memset(name + 7, '9', 58 - 7);
	make_port(tree, "usbmisc", name, "1-1", "1-1:1.4");
	snprintf(path, sizeof(path), "/dev/%s", name);
	name[58] = '9';
	make_port(tree, "usbmisc", name, "1-1", "1-1:1.4");
	list(tree, 1);
	assert_string_equal(tree->ports[0].path, path);
}

static void list_survives_when_entries_are_malformed(void **state)
{
	struct tree *tree = *state;
	char long_name[250] = "cdc-wdm", text[600];

	make_usb(tree, "1-1", "1-1:1.4", "qmi_wwan");
	make_port(tree, "usbmisc", "cdc-wdm0", "1-1", "1-1:1.4");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	make_file(tree, "devices/pci0000:00/usb1/1-1", "product", text);
	make_file(tree, "devices/pci0000:00/usb1/1-1", "manufacturer", "");
	make_file(tree, "devices/pci0000:00/usb1/1-1", "idProduct", "0123456789\n");
	make_link(tree, "class/usbmisc", "cdc-wdm1", "nowhere");
	make_link(tree, "class/usbmisc", "cdc-wdm2", "class/usbmisc/cdc-wdm2");
	make_folder(tree, "class/usbmisc/cdc-wdm3");
	make_file(tree, "class/usbmisc", "cdc-wdm4", "a file\n");
	make_folder(tree, "class/usbmisc/cdc-wdm5");
	make_link(tree, "class/usbmisc/cdc-wdm5", "device", "class/usbmisc/cdc-wdm5/device");
	memset(long_name + 7, '9', sizeof(long_name) - 8);
	make_port(tree, "usbmisc", long_name, "1-1", "1-1:1.4");
	make_folder(tree, "class/wwan/wwan0");
	list(tree, 1);
	assert_string_equal(tree->ports[0].vendor, "2c7c");
	assert_string_equal(tree->ports[0].product, "");
	assert_string_equal(tree->ports[0].interface, "");
	assert_int_equal(strlen(tree->ports[0].description),
			 sizeof(tree->ports[0].description) - 1);
}

static void list_is_empty_when_the_classes_are_missing(void **state)
{
	struct tree *tree = *state;

	list(tree, 0);
}

static void list_fails_when_there_is_no_sysfs(void **state)
{
	struct tree *tree = *state;
	char path[PATH_MAX];

	path_of(tree, path, "missing");
	assert_int_equal(qk_ports_list(path, &tree->ports, &tree->count), -ENOENT);
	make_file(tree, ".", "file", "");
	path_of(tree, path, "file");
	assert_true(qk_ports_list(path, &tree->ports, &tree->count) < 0);
	assert_null(tree->ports);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(list_describes_a_port_when_a_modem_is_there),
		TEST(list_sorts_by_number_when_there_are_many),
		TEST(list_leaves_out_ports_when_they_do_not_speak_qmi),
		TEST(list_has_an_interface_once_when_it_has_two_ports),
		TEST(list_finds_wwan_ports_when_there_is_no_usb),
		TEST(list_knows_wwan_ports_by_name_when_they_have_no_type),
		TEST(list_finds_rpmsg_channels_when_their_name_says_qmi),
		TEST(list_finds_smd_channels_when_they_stand_alone),
		TEST(list_cuts_no_path_when_a_name_is_long),
		TEST(list_survives_when_entries_are_malformed),
		TEST(list_is_empty_when_the_classes_are_missing),
		TEST(list_fails_when_there_is_no_sysfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
