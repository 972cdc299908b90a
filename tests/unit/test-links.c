/* Links and mux links, on a tree that looks like sysfs and with a kernel that answers what it is told
 * to: each answer is said before the question, which the socket keeps. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>

#include <cmocka.h>

#include "netdev/mux.h"

struct machine {
	char root[64];
	int fd; /* the kernel's end */
	uint32_t sequence;
	struct qk_netlink *netlink;
	struct qk_links links;
};

static int set_up(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	int fds[2];

	if (!machine || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) < 0)
		return -1;
	machine->fd = fds[0];
	snprintf(machine->root, sizeof(machine->root), "/tmp/test-links-XXXXXX");
	if (!mkdtemp(machine->root) || qk_netlink_take_fd(fds[1], &machine->netlink) < 0)
		return -1;
	machine->links = (struct qk_links){ machine->netlink, machine->root };
	*state = machine;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	struct machine *machine = *state;

	qk_netlink_free(machine->netlink);
	close(machine->fd);
	nftw(machine->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(machine);
	return 0;
}

/* A file below class/net with the folders above it; text NULL: a folder. */
static void make(const struct machine *machine, const char *name, const char *text)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/class/net/%s", machine->root, name);
	for (char *slash = path + strlen(machine->root) + 1; (slash = strchr(slash, '/'));
	     slash++) {
		*slash = 0;
		assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
	if (!text) {
		assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void assert_file(const struct machine *machine, const char *name, const char *text)
{
	char path[PATH_MAX], got[64] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/class/net/%s", machine->root, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_true(read(fd, got, sizeof(got) - 1) >= 0);
	close(fd);
	assert_string_equal(got, text);
}

/* A modem's link as qmi_wwan shows it. */
static void make_qmi_wwan(const struct machine *machine, const char *raw_ip)
{
	make(machine, "wwan0/qmi/raw_ip", raw_ip);
	make(machine, "wwan0/qmi/pass_through", "N\n");
	make(machine, "wwan0/qmi/add_mux", "");
	make(machine, "wwan0/qmi/del_mux", "");
}

static void make_mux(const struct machine *machine, const char *name, const char *mux_id)
{
	char path[64];

	snprintf(path, sizeof(path), "wwan0/upper_%s", name);
	make(machine, path, NULL);
	snprintf(path, sizeof(path), "%s/qmap/mux_id", name);
	make(machine, path, mux_id);
}

/* --- The kernel's side */

/* Acknowledges the next request but `behind`, or refuses it. */
static void acknowledge(struct machine *machine, int error)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr verdict;
	} answer = {
		.header = { sizeof(answer), NLMSG_ERROR, 0, ++machine->sequence, 0 },
		.verdict.error = error,
	};

	assert_int_equal(send(machine->fd, &answer, sizeof(answer), 0), sizeof(answer));
}

/* Shows a link to the next request. */
static void show_link(struct machine *machine, const char *name, int index, unsigned int flags,
		      const char *kind)
{
	struct ifinfomsg header = { .ifi_index = index, .ifi_flags = flags };
	struct qk_netlink_request answer;
	struct nlattr *info, *data;

	qk_netlink_request(&answer, RTM_NEWLINK, 0, &header, sizeof(header));
	answer.header.nlmsg_flags = 0;
	answer.header.nlmsg_seq = machine->sequence + 1;
	qk_netlink_put_text(&answer, IFLA_IFNAME, name);
	qk_netlink_put_u32(&answer, IFLA_MTU, 1400);
	qk_netlink_put_u32(&answer, IFLA_LINK, 3);
	info = qk_netlink_nest(&answer, IFLA_LINKINFO);
	qk_netlink_put_text(&answer, IFLA_INFO_KIND, kind);
	data = qk_netlink_nest(&answer, IFLA_INFO_DATA);
	qk_netlink_put_u16(&answer, IFLA_RMNET_MUX_ID, 9);
	qk_netlink_nest_end(&answer, data);
	qk_netlink_nest_end(&answer, info);
	assert_int_equal(send(machine->fd, answer.bytes, answer.header.nlmsg_len, 0),
			 answer.header.nlmsg_len);
	acknowledge(machine, 0);
}

/* The next request that was sent. */
static void take(const struct machine *machine, struct qk_netlink_request *ret)
{
	memset(ret, 0, sizeof(*ret));
	assert_true(recv(machine->fd, ret->bytes, sizeof(ret->bytes), MSG_DONTWAIT) >=
		    (ssize_t)sizeof(ret->header));
}

static void take_type(const struct machine *machine, uint16_t type)
{
	struct qk_netlink_request request;

	take(machine, &request);
	assert_int_equal(request.header.nlmsg_type, type);
}

static void assert_quiet(const struct machine *machine)
{
	assert_int_equal(recv(machine->fd, (char[8]){ 0 }, 8, MSG_DONTWAIT), -1);
}

/* --- Links */

static void names_that_no_link_has_go_nowhere(void **state)
{
	static const char *const names[] = {
		"", ".", "..", "a/b", "../../etc", "sixteen-letters!", "two words", "a:b", "a\nb",
	};
	struct machine *machine = *state;
	enum qk_link_format format;
	struct qk_link link;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct qk_mux_request request = { .base = names[i], .prefix = "r" };
		struct qk_mux_link *list, mux;
		size_t count;

		assert_int_equal(qk_link_find(&machine->links, names[i], &link), -EINVAL);
		assert_int_equal(qk_link_set_up(&machine->links, names[i], true), -EINVAL);
		assert_int_equal(qk_link_set_mtu(&machine->links, names[i], 1400), -EINVAL);
		assert_int_equal(qk_link_format(&machine->links, names[i], &format), -EINVAL);
		assert_int_equal(qk_mux_list(&machine->links, names[i], &list, &count), -EINVAL);
		assert_int_equal(qk_mux_add(&machine->links, &request, &mux), -EINVAL);
		assert_int_equal(qk_mux_delete(&machine->links, NULL, names[i], 0), -EINVAL);
		assert_int_equal(qk_mux_delete_all(&machine->links, names[i]), -EINVAL);
	}
	assert_true(qk_link_name_is_valid("fifteen-letters"));
	assert_quiet(machine);
}

static void link_is_read_with_its_kind_and_mux_id(void **state)
{
	struct machine *machine = *state;
	struct qk_link link;

	show_link(machine, "rmnet8", 12, IFF_UP, "rmnet");
	assert_int_equal(qk_link_find(&machine->links, "rmnet8", &link), 0);
	assert_string_equal(link.name, "rmnet8");
	assert_string_equal(link.kind, "rmnet");
	assert_int_equal(link.index, 12);
	assert_int_equal(link.mtu, 1400);
	assert_int_equal(link.lower, 3);
	assert_int_equal(link.mux_id, 9);
	assert_true(link.up);
	acknowledge(machine, -ENODEV);
	assert_int_equal(qk_link_find(&machine->links, "rmnet9", &link), -ENODEV);
	acknowledge(machine, 0); /* says yes and shows nothing */
	assert_int_equal(qk_link_find(&machine->links, "rmnet9", &link), -ENODEV);
}

static void link_is_brought_up_by_its_index(void **state)
{
	struct machine *machine = *state;
	struct qk_netlink_request request;
	struct ifinfomsg header;

	show_link(machine, "wwan0", 5, 0, "");
	acknowledge(machine, -EPERM);
	assert_int_equal(qk_link_set_up(&machine->links, "wwan0", true), -EPERM);
	take_type(machine, RTM_GETLINK);
	take(machine, &request);
	assert_int_equal(request.header.nlmsg_type, RTM_NEWLINK);
	assert_int_equal(request.header.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	memcpy(&header, request.bytes + sizeof(request.header), sizeof(header));
	assert_int_equal(header.ifi_index, 5);
	assert_int_equal(header.ifi_flags, IFF_UP);
	assert_int_equal(header.ifi_change, IFF_UP);
}

static void format_is_what_sysfs_shows(void **state)
{
	struct machine *machine = *state;
	enum qk_link_format format;

	assert_int_equal(qk_link_format(&machine->links, "wwan0", &format), -ENODEV);
	make(machine, "wwan0", NULL);
	assert_int_equal(qk_link_format(&machine->links, "wwan0", &format), -EOPNOTSUPP);
	make(machine, "wwan0/qmi/raw_ip", "N\n");
	assert_int_equal(qk_link_format(&machine->links, "wwan0", &format), 0);
	assert_int_equal(format, QK_LINK_802_3);
	make(machine, "wwan0/qmi/raw_ip", "Y\n");
	assert_int_equal(qk_link_format(&machine->links, "wwan0", &format), 0);
	assert_int_equal(format, QK_LINK_RAW_IP);
	make(machine, "wwan0/qmi/pass_through", "Y\n");
	assert_int_equal(qk_link_format(&machine->links, "wwan0", &format), 0);
	assert_int_equal(format, QK_LINK_PASS_THROUGH);
	make(machine, "wwan0/qmi/raw_ip", "maybe\n");
	assert_int_equal(qk_link_format(&machine->links, "wwan0", &format), -EBADMSG);
}

static void format_is_set_in_the_order_that_the_driver_wants(void **state)
{
	struct machine *machine = *state;

	make(machine, "wwan0/qmi/raw_ip", "N");
	assert_int_equal(qk_link_set_format(&machine->links, "wwan0", QK_LINK_PASS_THROUGH),
			 -EOPNOTSUPP);
	make_qmi_wwan(machine, "N");
	make(machine, "wwan0/qmi/pass_through", "N");
	assert_int_equal(qk_link_set_format(&machine->links, "wwan0", QK_LINK_PASS_THROUGH), 0);
	assert_file(machine, "wwan0/qmi/raw_ip", "Y");
	assert_file(machine, "wwan0/qmi/pass_through", "Y");
	assert_int_equal(qk_link_set_format(&machine->links, "wwan0", QK_LINK_802_3), 0);
	assert_file(machine, "wwan0/qmi/raw_ip", "N");
	assert_file(machine, "wwan0/qmi/pass_through", "N");
}

static void format_of_a_link_that_is_up_changes_while_it_is_down(void **state)
{
	struct machine *machine = *state;
	struct qk_netlink_request request;
	struct ifinfomsg header;

	make_qmi_wwan(machine, "N");
	make(machine, "wwan0/qmi/pass_through", "N");
	for (int i = 0; i < 3; i++) { /* found, taken down, brought up */
		show_link(machine, "wwan0", 5, IFF_UP, "");
		if (i)
			acknowledge(machine, 0);
	}
	assert_int_equal(qk_link_change_format(&machine->links, "wwan0", QK_LINK_RAW_IP), 0);
	assert_file(machine, "wwan0/qmi/raw_ip", "Y");
	take_type(machine, RTM_GETLINK);
	for (unsigned int up = 0; up < 2; up++) {
		take_type(machine, RTM_GETLINK);
		take(machine, &request);
		memcpy(&header, request.bytes + sizeof(request.header), sizeof(header));
		assert_int_equal(header.ifi_flags, up ? IFF_UP : 0);
	}
	/* As it should be already: nothing is asked. */
	assert_int_equal(qk_link_change_format(&machine->links, "wwan0", QK_LINK_RAW_IP), 0);
	assert_quiet(machine);
}

/* --- Mux links */

static void mux_links_are_listed_by_name(void **state)
{
	struct machine *machine = *state;
	struct qk_mux_link *list = NULL;
	size_t count = 7;

	make_qmi_wwan(machine, "Y\n");
	assert_int_equal(qk_mux_list(&machine->links, "wwan0", &list, &count), 0);
	assert_int_equal(count, 0);
	assert_null(list);
	make_mux(machine, "qmimux10", "0x03\n");
	make_mux(machine, "qmimux2", "0xfe\n");
	make(machine, "wwan0/upper_", NULL);
	make(machine, "wwan0/lower_x", NULL);
	assert_int_equal(qk_mux_list(&machine->links, "wwan0", &list, &count), 0);
	assert_int_equal(count, 2);
	assert_string_equal(list[0].name, "qmimux2");
	assert_int_equal(list[0].mux_id, 254);
	assert_string_equal(list[1].name, "qmimux10");
	assert_int_equal(list[1].mux_id, 3);
	free(list);
}

static void two_hundred_mux_links_are_listed_and_the_next_id_is_found(void **state)
{
	struct machine *machine = *state;
	struct qk_mux_request request = { .base = "wwan0" };
	struct qk_mux_link *list, added;
	char name[16], id[8];
	size_t count;

	make_qmi_wwan(machine, "Y\n");
	for (int i = 1; i <= 254; i++) {
		if (i == 201)
			continue;
		snprintf(name, sizeof(name), "qmimux%d", i);
		snprintf(id, sizeof(id), "0x%02x\n", i);
		make_mux(machine, name, id);
	}
	assert_int_equal(qk_mux_list(&machine->links, "wwan0", &list, &count), 0);
	assert_int_equal(count, 253);
	free(list);
	/* This tree makes no link of what is written to it. */
	assert_int_equal(qk_mux_add(&machine->links, &request, &added), -EIO);
	assert_file(machine, "wwan0/qmi/add_mux", "0xc9");
	make_mux(machine, "qmimux201", "0xc9\n");
	assert_int_equal(qk_mux_add(&machine->links, &request, &added), -ENOSPC);
}

static void mux_link_needs_raw_ip_and_a_free_id(void **state)
{
	struct machine *machine = *state;
	struct qk_mux_request request = { .base = "wwan0", .mux_id = 5 };
	struct qk_mux_link added, *list;
	size_t count;

	make_qmi_wwan(machine, "N\n");
	assert_int_equal(qk_mux_add(&machine->links, &request, &added), -EPROTOTYPE);
	assert_int_equal(qk_mux_list(&machine->links, "wwan0", &list, &count), -EPROTOTYPE);
	assert_int_equal(qk_mux_delete_all(&machine->links, "wwan0"), -EPROTOTYPE);
	make_qmi_wwan(machine, "Y\n");
	request.flags = QK_MUX_EGRESS_CHECKSUM_V4;
	assert_int_equal(qk_mux_add(&machine->links, &request, &added), -ENOSYS);
	request.flags = 0;
	request.mux_id = 255;
	assert_int_equal(qk_mux_add(&machine->links, &request, &added), -ERANGE);
	request.mux_id = 5;
	make_mux(machine, "qmimux0", "0x05\n");
	assert_int_equal(qk_mux_add(&machine->links, &request, &added), -EEXIST);
	make_mux(machine, "qmimux1", "what\n"); /* nobody knows which are free */
	request.mux_id = QK_MUX_AUTOMATIC;
	assert_int_equal(qk_mux_add(&machine->links, &request, &added), -ENODATA);
}

static void mux_link_of_qmi_wwan_is_deleted_by_its_own_id(void **state)
{
	struct machine *machine = *state;

	make_qmi_wwan(machine, "Y\n");
	make_mux(machine, "qmimux0", "0x05\n");
	assert_int_equal(qk_mux_delete(&machine->links, "wwan0", "eth0", 5), -ENXIO);
	assert_int_equal(qk_mux_delete(&machine->links, "wwan0", "qmimux0", 6), -ENXIO);
	assert_file(machine, "wwan0/qmi/del_mux", "");
	show_link(machine, "qmimux0", 9, 0, ""); /* still there */
	assert_int_equal(qk_mux_delete(&machine->links, "wwan0", "qmimux0", 0), -EIO);
	assert_file(machine, "wwan0/qmi/del_mux", "0x05");
	acknowledge(machine, -ENODEV);
	assert_int_equal(qk_mux_delete(&machine->links, "wwan0", "qmimux0", 5), 0);
	acknowledge(machine, -ENODEV);
	assert_int_equal(qk_mux_delete_all(&machine->links, "wwan0"), 1);
}

/* What libqmi 1.32.2 sends for mux id 2, prefix "rmnet", on the link with index 5. */
static void rmnet_link_is_asked_for_byte_by_byte(void **state)
{
	const struct __attribute__((packed)) {
		struct nlmsghdr header;
		struct ifinfomsg link;
		struct nlattr base;
		uint32_t index;
		struct nlattr name;
		char text[8];
		struct nlattr info, kind;
		char rmnet[8];
		struct nlattr data, id;
		uint16_t mux_id, padding;
		struct nlattr flag;
		uint32_t flags, mask;
	} expected = {
		.header = { sizeof(expected), RTM_NEWLINK,
			    NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 2, 0 },
		.link = { .ifi_type = ARPHRD_RAWIP, .ifi_change = UINT32_MAX },
		.base = { 8, IFLA_LINK },
		.index = 5,
		.name = { 10, IFLA_IFNAME },
		.text = "rmnet1",
		.info = { 4 + 12 + 4 + 8 + 12, IFLA_LINKINFO },
		.kind = { 9, IFLA_INFO_KIND },
		.rmnet = "rmnet",
		.data = { 4 + 8 + 12, IFLA_INFO_DATA },
		.id = { 6, IFLA_RMNET_MUX_ID },
		.mux_id = 2,
		.flag = { 12, IFLA_RMNET_FLAGS },
		.flags = 1 | 8,              /* de-aggregation, egress checksums of version 4 */
		.mask = 1 | 4 | 8 | 16 | 32, /* all but the modem's commands */
	};
	struct machine *machine = *state;
	struct qk_mux_request request = { .base = "rmnet_ipa0",
					  .prefix = "rmnet",
					  .mux_id = 2,
					  .flags = QK_MUX_EGRESS_CHECKSUM_V4 };
	struct qk_netlink_request sent;
	struct qk_mux_link added;

	make(machine, "rmnet_ipa0", NULL);
	show_link(machine, "rmnet_ipa0", 5, 0, "");
	acknowledge(machine, 0);
	assert_int_equal(qk_mux_add(&machine->links, &request, &added), 0);
	assert_string_equal(added.name, "rmnet1");
	assert_int_equal(added.mux_id, 2);
	take_type(machine, RTM_GETLINK);
	take(machine, &sent);
	assert_int_equal(sent.header.nlmsg_len, sizeof(expected));
	assert_memory_equal(sent.bytes, &expected, sizeof(expected));
	request.prefix = "much-too-long-a-name";
	assert_int_equal(qk_mux_add(&machine->links, &request, &added), -ENAMETOOLONG);
	request.prefix = "a/b";
	assert_int_equal(qk_mux_add(&machine->links, &request, &added), -EINVAL);
}

static void rmnet_takes_the_first_id_whose_name_is_free(void **state)
{
	struct machine *machine = *state;
	struct qk_mux_request request = { .base = "rmnet_ipa0", .prefix = "rmnet" };
	struct qk_mux_link added;

	make(machine, "rmnet_ipa0", NULL);
	show_link(machine, "rmnet0", 8, 0, "rmnet");
	acknowledge(machine, -ENODEV);
	show_link(machine, "rmnet_ipa0", 5, 0, "");
	acknowledge(machine, -EOPNOTSUPP); /* no such driver */
	assert_int_equal(qk_mux_add(&machine->links, &request, &added), -EOPNOTSUPP);
	for (int i = 0; i < 3; i++)
		take_type(machine, RTM_GETLINK);
	take_type(machine, RTM_NEWLINK);
}

static void only_rmnet_links_are_deleted_by_netlink(void **state)
{
	struct machine *machine = *state;
	struct qk_netlink_request request;
	struct ifinfomsg header;

	show_link(machine, "eth0", 2, 0, "");
	assert_int_equal(qk_mux_delete(&machine->links, NULL, "eth0", 0), -ENXIO);
	show_link(machine, "rmnet8", 12, 0, "rmnet");
	acknowledge(machine, 0);
	assert_int_equal(qk_mux_delete(&machine->links, NULL, "rmnet8", 0), 0);
	take_type(machine, RTM_GETLINK);
	take_type(machine, RTM_GETLINK);
	take(machine, &request);
	assert_int_equal(request.header.nlmsg_type, RTM_DELLINK);
	assert_int_equal(request.header.nlmsg_len, sizeof(request.header) + sizeof(header));
	memcpy(&header, request.bytes + sizeof(request.header), sizeof(header));
	assert_int_equal(header.ifi_index, 12);
	assert_int_equal(header.ifi_change, 0);
}

/* --- A real kernel, in a namespace of its own */

static void real_kernel_brings_a_link_up_and_changes_its_mtu(void **state)
{
	struct qk_links links = { 0 };
	struct qk_netlink *netlink;
	struct qk_link link;

	(void)state;
	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		skip();
	assert_int_equal(qk_netlink_open(NETLINK_ROUTE, &netlink), 0);
	links.netlink = netlink;
	assert_int_equal(qk_link_find(&links, "lo", &link), 0);
	assert_false(link.up);
	assert_int_equal(qk_link_set_up(&links, "lo", true), 0);
	assert_int_equal(qk_link_set_up(&links, "lo", true), 0);
	assert_int_equal(qk_link_set_mtu(&links, "lo", 1430), 0);
	assert_int_equal(qk_link_find(&links, "lo", &link), 0);
	assert_true(link.up);
	assert_int_equal(link.mtu, 1430);
	assert_int_equal(link.index, 1);
	assert_string_equal(link.kind, "");
	assert_int_equal(qk_link_set_up(&links, "lo", false), 0);
	assert_int_equal(qk_link_find(&links, "lo", &link), 0);
	assert_false(link.up);
	assert_int_equal(qk_link_find(&links, "wwan7", &link), -ENODEV);
	assert_int_equal(qk_link_set_mtu(&links, "wwan7", 1430), -ENODEV);
	qk_netlink_free(netlink);
}

#define ON_MACHINE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_MACHINE(names_that_no_link_has_go_nowhere),
		ON_MACHINE(link_is_read_with_its_kind_and_mux_id),
		ON_MACHINE(link_is_brought_up_by_its_index),
		ON_MACHINE(format_is_what_sysfs_shows),
		ON_MACHINE(format_is_set_in_the_order_that_the_driver_wants),
		ON_MACHINE(format_of_a_link_that_is_up_changes_while_it_is_down),
		ON_MACHINE(mux_links_are_listed_by_name),
		ON_MACHINE(two_hundred_mux_links_are_listed_and_the_next_id_is_found),
		ON_MACHINE(mux_link_needs_raw_ip_and_a_free_id),
		ON_MACHINE(mux_link_of_qmi_wwan_is_deleted_by_its_own_id),
		ON_MACHINE(rmnet_link_is_asked_for_byte_by_byte),
		ON_MACHINE(rmnet_takes_the_first_id_whose_name_is_free),
		ON_MACHINE(only_rmnet_links_are_deleted_by_netlink),
		cmocka_unit_test(real_kernel_brings_a_link_up_and_changes_its_mtu),
	};

	return cmocka_run_group_tests_name("links", tests, NULL, NULL);
}
