/* Plan: what is made of a modem's settings, sensible and not; and addresses as text and for the
 * kernel, which here is the other end of a socket pair. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <cmocka.h>

#include "netdev/dns.h"
#include "netdev/route.h"
#include "network/plan.h"

static const char *text(const struct qk_address *address, char buffer[QK_ADDRESS_TEXT])
{
	qk_address_text(address, true, buffer);
	return buffer;
}

static struct qk_wds_get_current_settings_response settings_4(const char *address, uint32_t mask)
{
	struct in_addr in;

	assert_int_equal(inet_pton(AF_INET, address, &in), 1);
	return (struct qk_wds_get_current_settings_response){
		.has_ipv4_address = true,
		.ipv4_address = ntohl(in.s_addr),
		.has_ipv4_gateway_subnet_mask = true,
		.ipv4_gateway_subnet_mask = mask,
	};
}

static void plan_of_ipv4(void **state)
{
	struct qk_wds_get_current_settings_response s = settings_4("100.72.76.94", 0xfffffffc);
	char buffer[QK_ADDRESS_TEXT];
	struct plan plan;

	(void)state;
	s.has_ipv4_gateway_address = s.has_primary_ipv4_dns_address = true;
	s.has_secondary_ipv4_dns_address = s.has_mtu = true;
	s.ipv4_gateway_address = 0x64484c5d;
	s.primary_ipv4_dns_address = 0x08080404;
	s.secondary_ipv4_dns_address = 0x08080808;
	s.mtu = 1360;
	plan_read(&s, AF_INET, &plan);
	assert_true(plan.present);
	assert_string_equal(text(&plan.address, buffer), "100.72.76.94/30");
	assert_string_equal(text(&plan.gateway, buffer), "100.72.76.93/32");
	assert_int_equal(plan.server_count, 2);
	assert_string_equal(text(&plan.servers[0], buffer), "8.8.4.4/32");
	assert_string_equal(text(&plan.servers[1], buffer), "8.8.8.8/32");
	assert_int_equal(plan.mtu, 1360);
}

static void plan_of_ipv6(void **state)
{
	uint16_t ours[8] = { 0x2001, 0xdb8, 0, 1, 0, 0, 0, 5 }, gateway[8] = { 0xfe80, [7] = 1 };
	struct qk_wds_get_current_settings_response s = {
		.has_ipv6_address = true,
		.ipv6_address = { { ours, 8 }, 64 },
		.has_ipv6_gateway_address = true,
		.ipv6_gateway_address = { { gateway, 8 }, 64 },
		.has_ipv6_primary_dns_address = true,
		.ipv6_primary_dns_address = { ours, 8 },
		/* the same again, once is enough */
		.has_ipv6_secondary_dns_address = true,
		.ipv6_secondary_dns_address = { ours, 8 },
		.has_mtu = true,
		.mtu = 1000, /* less than IPv6 can do with */
	};
	char buffer[QK_ADDRESS_TEXT];
	struct plan plan;

	(void)state;
	plan_read(&s, AF_INET6, &plan);
	assert_true(plan.present);
	assert_string_equal(text(&plan.address, buffer), "2001:db8:0:1::5/64");
	assert_string_equal(text(&plan.gateway, buffer), "fe80::1/128");
	assert_int_equal(plan.server_count, 1);
	assert_int_equal(plan.mtu, 0);
	s.ipv6_address.prefix_length = 200;
	plan_read(&s, AF_INET6, &plan);
	assert_int_equal(plan.address.prefix, 64);
	/* A list that is cut is no address. */
	s.ipv6_address.address.count = 7;
	plan_read(&s, AF_INET6, &plan);
	assert_false(plan.present);
}

static void plan_refuses_addresses_that_no_host_has(void **state)
{
	static const char *const addresses[] = { "0.0.0.0",   "0.1.2.3",   "127.0.0.1",
						 "224.0.0.1", "240.0.0.1", "255.255.255.255" };
	struct plan plan;

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct qk_wds_get_current_settings_response s =
			settings_4(addresses[i], 0xffffff00);

		plan_read(&s, AF_INET, &plan);
		assert_false(plan.present);
	}
	for (unsigned int i = 0; i < 3; i++) {
		uint16_t groups[3][8] = { { 0 }, { [7] = 1 }, { 0xff02, [7] = 1 } };
		struct qk_wds_get_current_settings_response s = {
			.has_ipv6_address = true,
			.ipv6_address = { { groups[i], 8 }, 64 },
		};

		plan_read(&s, AF_INET6, &plan);
		assert_false(plan.present);
	}
	/* None at all, and one of the other family. */
	plan_read(&(struct qk_wds_get_current_settings_response){ 0 }, AF_INET, &plan);
	assert_false(plan.present);
	struct qk_wds_get_current_settings_response four = settings_4("192.0.2.1", 0);
	plan_read(&four, AF_INET6, &plan);
	assert_false(plan.present);
}

static void plan_makes_a_host_of_a_mask_that_is_none(void **state)
{
	static const struct {
		uint32_t mask;
		uint8_t prefix;
	} cases[] = {
		{ 0xffffffff, 32 }, { 0xfffffff8, 29 }, { 0x80000000, 1 },
		{ 0, 32 },          { 0xff00ff00, 32 }, { 0x0000ffff, 32 },
	};
	struct plan plan;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct qk_wds_get_current_settings_response s =
			settings_4("192.0.2.1", cases[i].mask);

		plan_read(&s, AF_INET, &plan);
		assert_int_equal(plan.address.prefix, cases[i].prefix);
	}
}

static void plan_mtu_is_the_least(void **state)
{
	struct plan plans[2] = { { .present = true, .mtu = 1500 },
				 { .present = true, .mtu = 1360 } };

	(void)state;
	assert_int_equal(plan_mtu(plans, 2), 1360);
	plans[1].present = false;
	assert_int_equal(plan_mtu(plans, 2), 1500);
	plans[0].mtu = 0;
	assert_int_equal(plan_mtu(plans, 2), 0);
}

static void address_text_is_read_again(void **state)
{
	static const char *const good[] = { "192.0.2.1/0", "255.255.255.255/32", "2001:db8::1/64",
					    "::/128" };
	static const char *const bad[] = {
		"",       "192.0.2.1/33", "192.0.2.1/", "192.0.2/24",  "2001:db8::1/129",
		"::1/-1", "::1/ 1",       "x",          "192.0.2.1/1x"
	};
	char buffer[QK_ADDRESS_TEXT], longer[100];
	struct qk_address address;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(qk_address_parse(good[i], &address), 0);
		assert_string_equal(text(&address, buffer), good[i]);
	}
	assert_int_equal(qk_address_parse("192.0.2.7", &address), 0);
	assert_int_equal(address.prefix, 32);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(qk_address_parse(bad[i], &address), -EINVAL);
	memset(longer, '1', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	assert_int_equal(qk_address_parse(longer, &address), -EINVAL);
}

/* --- The kernel */

struct kernel {
	int fd;
	struct qk_netlink *netlink;
};

static int set_up(void **state)
{
	static struct kernel kernel;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) < 0)
		return -1;
	kernel.fd = fds[0];
	*state = &kernel;
	return qk_netlink_take_fd(fds[1], &kernel.netlink);
}

static int tear_down(void **state)
{
	struct kernel *kernel = *state;

	qk_netlink_free(kernel->netlink);
	return close(kernel->fd);
}

/* What it will say to request number `sequence`. */
static void say(struct kernel *kernel, uint32_t sequence, int error)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr verdict;
	} message = {
		.header = { sizeof(message), NLMSG_ERROR, 0, sequence, 0 },
		.verdict.error = error,
	};

	assert_int_equal(send(kernel->fd, &message, sizeof(message), 0), sizeof(message));
}

static void address_is_asked_for_and_is_there_already(void **state)
{
	struct {
		struct nlmsghdr header;
		struct ifaddrmsg info;
		struct nlattr local;
		uint8_t local_bytes[4];
		struct nlattr address;
		uint8_t address_bytes[4];
	} sent;
	struct kernel *kernel = *state;
	struct qk_address address;

	assert_int_equal(qk_address_parse("192.0.2.1/30", &address), 0);
	say(kernel, 1, 0);
	assert_int_equal(qk_address_add(kernel->netlink, 9, &address), 0);
	assert_int_equal(recv(kernel->fd, &sent, sizeof(sent), 0), sizeof(sent));
	assert_int_equal(sent.header.nlmsg_type, RTM_NEWADDR);
	assert_true(sent.header.nlmsg_flags & NLM_F_REPLACE);
	assert_int_equal(sent.info.ifa_family, AF_INET);
	assert_int_equal(sent.info.ifa_prefixlen, 30);
	assert_int_equal(sent.info.ifa_index, 9);
	assert_int_equal(sent.local.nla_type, IFA_LOCAL);
	assert_memory_equal(sent.local_bytes, "\xc0\x00\x02\x01", 4);
	assert_memory_equal(sent.address_bytes, "\xc0\x00\x02\x01", 4);
	/* Removing what is not there is fine; being refused is not. */
	say(kernel, 2, -EADDRNOTAVAIL);
	assert_int_equal(qk_address_remove(kernel->netlink, 9, &address), 0);
	say(kernel, 3, -EPERM);
	assert_int_equal(qk_address_remove(kernel->netlink, 9, &address), -EPERM);
}

static void route_takes_the_place_of_its_own_kind_alone(void **state)
{
	struct kernel *kernel = *state;
	struct qk_address gateway;
	uint8_t sent[256];
	const struct nlmsghdr *header = (const void *)sent;
	const struct rtmsg *route = (const void *)(sent + sizeof(*header));

	assert_int_equal(qk_address_parse("192.0.2.2", &gateway), 0);
	say(kernel, 1, 0); /* one was there */
	say(kernel, 2, -ESRCH);
	say(kernel, 3, 0);
	assert_int_equal(qk_route_add_default(kernel->netlink, 9, &gateway, 700), 0);
	for (unsigned int i = 0; i < 2; i++) {
		assert_true(recv(kernel->fd, sent, sizeof(sent), 0) > 0);
		assert_int_equal(header->nlmsg_type, RTM_DELROUTE);
	}
	assert_true(recv(kernel->fd, sent, sizeof(sent), 0) > 0);
	assert_int_equal(header->nlmsg_type, RTM_NEWROUTE);
	assert_false(header->nlmsg_flags & NLM_F_REPLACE);
	assert_int_equal(route->rtm_dst_len, 0);
	assert_int_equal(route->rtm_flags, RTNH_F_ONLINK);
	assert_int_equal(route->rtm_table, RT_TABLE_MAIN);
	say(kernel, 4, -EPERM);
	assert_int_equal(qk_route_add_default(kernel->netlink, 9, &gateway, 700), -EPERM);
}

static void dns_refuses_names_that_are_options_or_paths(void **state)
{
	static const char *const names[] = { "", "-x", "../x", "a/b", "abcdefghijklmnop" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(qk_dns_set("resolvconf", names[i], NULL, 0), -EINVAL);
		assert_int_equal(qk_dns_clear("resolvconf", names[i]), -EINVAL);
	}
	assert_int_equal(qk_dns_clear("nobody", "wwan0"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plan_of_ipv4),
		cmocka_unit_test(plan_of_ipv6),
		cmocka_unit_test(plan_refuses_addresses_that_no_host_has),
		cmocka_unit_test(plan_makes_a_host_of_a_mask_that_is_none),
		cmocka_unit_test(plan_mtu_is_the_least),
		cmocka_unit_test(address_text_is_read_again),
		cmocka_unit_test_setup_teardown(address_is_asked_for_and_is_there_already, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(route_takes_the_place_of_its_own_kind_alone, set_up,
						tear_down),
		cmocka_unit_test(dns_refuses_names_that_are_options_or_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
