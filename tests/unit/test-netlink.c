/* Netlink: what is sent to the kernel, and what is made of its answers, whole and broken. The kernel
 * here is the other end of a socket pair that keeps messages apart. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cmocka.h>

#include "netdev/netlink.h"

struct kernel {
	int fd;
	struct qk_netlink *netlink;
};

static int set_up(void **state)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	int fds[2];

	if (!kernel || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) < 0)
		return -1;
	kernel->fd = fds[0];
	*state = kernel;
	return qk_netlink_take_fd(fds[1], &kernel->netlink);
}

static int tear_down(void **state)
{
	struct kernel *kernel = *state;

	qk_netlink_free(kernel->netlink);
	close(kernel->fd);
	free(kernel);
	return 0;
}

/* The kernel says a message with this body. */
static void say(struct kernel *kernel, uint16_t type, uint16_t flags, uint32_t sequence,
		const void *body, size_t size)
{
	uint8_t bytes[512];
	struct nlmsghdr header = {
		.nlmsg_len = (uint32_t)(sizeof(header) + size),
		.nlmsg_type = type,
		.nlmsg_flags = flags,
		.nlmsg_seq = sequence,
	};

	assert_true(size <= sizeof(bytes) - sizeof(header));
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), body, size);
	assert_int_equal(send(kernel->fd, bytes, header.nlmsg_len, 0), header.nlmsg_len);
}

static void say_verdict(struct kernel *kernel, uint32_t sequence, int error)
{
	struct nlmsgerr verdict = { .error = error };

	say(kernel, NLMSG_ERROR, 0, sequence, &verdict, sizeof(verdict));
}

static void begin(struct qk_netlink_request *request)
{
	struct ifinfomsg info = { .ifi_index = 7 };

	qk_netlink_request(request, RTM_NEWLINK, NLM_F_CREATE, &info, sizeof(info));
}

static int count(const struct nlmsghdr *message, void *userdata)
{
	(void)message;
	return ++*(int *)userdata == 3 ? -ECANCELED : 0;
}

static void request_has_headers_and_attributes_in_order(void **state)
{
	/* Numbers are in the machine's order: written as numbers, compared as bytes. */
	const struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
		struct nlattr name;
		char text[4];
		struct nlattr nest, number;
		uint16_t value, padding;
	} expected = {
		.header = { sizeof(expected), RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE,
			    1, 0 },
		.info.ifi_index = 7,
		.name = { 8, IFLA_IFNAME },
		.text = "mux",
		.nest = { 12, IFLA_LINKINFO },
		.number = { 6, 1 },
		.value = 9,
	};
	struct kernel *kernel = *state;
	struct qk_netlink_request request;
	uint8_t sent[128];
	struct nlattr *nest;

	begin(&request);
	qk_netlink_put_text(&request, IFLA_IFNAME, "mux");
	nest = qk_netlink_nest(&request, IFLA_LINKINFO);
	qk_netlink_put_u16(&request, 1, 9);
	qk_netlink_nest_end(&request, nest);
	say_verdict(kernel, 1, 0);
	assert_int_equal(qk_netlink_ask(kernel->netlink, &request, NULL, NULL), 0);
	assert_int_equal(recv(kernel->fd, sent, sizeof(sent), 0), sizeof(expected));
	assert_memory_equal(sent, &expected, sizeof(expected));
}

static void request_that_overflows_is_not_sent(void **state)
{
	struct kernel *kernel = *state;
	struct qk_netlink_request request;
	static const char much[600];

	begin(&request);
	qk_netlink_put(&request, 1, much, sizeof(much));
	qk_netlink_put(&request, 2, much, sizeof(much));
	assert_null(qk_netlink_nest(&request, 3));
	qk_netlink_nest_end(&request, NULL);
	assert_int_equal(qk_netlink_ask(kernel->netlink, &request, NULL, NULL), -EMSGSIZE);
	assert_int_equal(recv(kernel->fd, (char[8]){ 0 }, 8, MSG_DONTWAIT), -1);
}

static void refusal_comes_with_the_kernels_words(void **state)
{
	struct {
		struct nlmsgerr verdict;
		struct nlattr attribute;
		char words[8];
	} refusal = {
		.verdict.error = -EBUSY,
		.attribute = { sizeof(struct nlattr) + 8, NLMSGERR_ATTR_MSG },
		.words = "in\nuse!",
	};
	struct kernel *kernel = *state;
	struct qk_netlink_request request;

	begin(&request);
	say(kernel, NLMSG_ERROR, NLM_F_ACK_TLVS | NLM_F_CAPPED, 1, &refusal, sizeof(refusal));
	assert_int_equal(qk_netlink_ask(kernel->netlink, &request, NULL, NULL), -EBUSY);
	assert_string_equal(qk_netlink_reason(kernel->netlink), "in use!");
	say_verdict(kernel, 2, 0);
	assert_int_equal(qk_netlink_ask(kernel->netlink, &request, NULL, NULL), 0);
	assert_string_equal(qk_netlink_reason(kernel->netlink), "");
}

static void list_is_handed_over_until_its_end(void **state)
{
	struct kernel *kernel = *state;
	struct qk_netlink_request request;
	struct ifinfomsg info = { 0 };
	int seen = 0;

	begin(&request);
	say_verdict(kernel, 9, -EPERM); /* the answer to somebody else */
	say(kernel, RTM_NEWLINK, NLM_F_MULTI, 1, &info, sizeof(info));
	say(kernel, NLMSG_NOOP, NLM_F_MULTI, 1, &info, 0);
	say(kernel, RTM_NEWLINK, NLM_F_MULTI, 1, &info, sizeof(info));
	say(kernel, NLMSG_DONE, NLM_F_MULTI, 1, &(int){ 0 }, sizeof(int));
	assert_int_equal(qk_netlink_ask(kernel->netlink, &request, count, &seen), 0);
	assert_int_equal(seen, 2);
}

static void reader_that_ends_a_list_leaves_no_rest_behind(void **state)
{
	struct kernel *kernel = *state;
	struct qk_netlink_request request;
	struct ifinfomsg info = { 0 };
	int seen = 0;

	begin(&request);
	for (int i = 0; i < 5; i++)
		say(kernel, RTM_NEWLINK, NLM_F_MULTI, 1, &info, sizeof(info));
	say(kernel, NLMSG_DONE, NLM_F_MULTI, 1, &info, 0);
	assert_int_equal(qk_netlink_ask(kernel->netlink, &request, count, &seen), -ECANCELED);
	assert_int_equal(seen, 3);
	assert_int_equal(recv(kernel->fd, (char[64]){ 0 }, 64, 0), request.header.nlmsg_len);
	say_verdict(kernel, 2, 0);
	assert_int_equal(qk_netlink_ask(kernel->netlink, &request, NULL, NULL), 0);
}

static void list_that_changed_while_it_was_sent_is_an_error(void **state)
{
	struct kernel *kernel = *state;
	struct qk_netlink_request request;
	struct ifinfomsg info = { 0 };
	int seen = 0;

	begin(&request);
	say(kernel, RTM_NEWLINK, NLM_F_MULTI | NLM_F_DUMP_INTR, 1, &info, sizeof(info));
	say(kernel, NLMSG_DONE, NLM_F_MULTI, 1, &info, 0);
	assert_int_equal(qk_netlink_ask(kernel->netlink, &request, count, &seen), -EINTR);
}

static void broken_answers_are_refused(void **state)
{
	static const struct nlmsghdr too_long = { .nlmsg_len = 4096, .nlmsg_type = NLMSG_DONE };
	static const struct nlmsghdr negative = { .nlmsg_len = 0xfffff000, .nlmsg_type = 16 };
	static const struct nlmsghdr too_short = { .nlmsg_len = 3, .nlmsg_type = NLMSG_DONE };
	static const struct {
		const void *bytes;
		size_t size;
		int error;
	} broken[] = {
		{ &too_long, sizeof(too_long), -EBADMSG },
		{ &too_short, sizeof(too_short), -EBADMSG },
		{ &negative, sizeof(negative), -EBADMSG },
		{ &too_long, 5, -EBADMSG },
	};
	struct kernel *kernel = *state;
	struct qk_netlink_request request;

	begin(&request);
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		send(kernel->fd, broken[i].bytes, broken[i].size, 0);
		assert_int_equal(qk_netlink_ask(kernel->netlink, &request, NULL, NULL),
				 broken[i].error);
	}
	say(kernel, NLMSG_ERROR, 0, 5, "", 1); /* no number */
	assert_int_equal(qk_netlink_ask(kernel->netlink, &request, NULL, NULL), -EBADMSG);
	say_verdict(kernel, 6, 77); /* no error at all */
	assert_int_equal(qk_netlink_ask(kernel->netlink, &request, NULL, NULL), -EBADMSG);
	close(kernel->fd);
	assert_int_equal(qk_netlink_ask(kernel->netlink, &request, NULL, NULL), -ECONNRESET);
	kernel->fd = dup(STDIN_FILENO);
}

static void attributes_stay_inside_their_message(void **state)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
		struct nlattr name;
		char text[4];
		struct nlattr liar; /* says that it has 60 bytes */
	} message = {
		.header.nlmsg_len = sizeof(message),
		.name = { 8, IFLA_IFNAME },
		.text = "wwa",
		.liar = { 60, IFLA_MTU },
	};
	const struct nlattr *table[IFLA_MTU + 1], *inner[2];
	uint32_t number = 5;
	char text[4];

	(void)state;
	assert_int_equal(
		qk_netlink_attributes(&message.header, sizeof(message.info), table, IFLA_MTU + 1),
		0);
	assert_ptr_equal(table[IFLA_IFNAME], &message.name);
	assert_null(table[IFLA_MTU]);
	assert_true(qk_netlink_text(table[IFLA_IFNAME], text, sizeof(text)));
	assert_string_equal(text, "wwa");
	assert_false(qk_netlink_text(table[IFLA_IFNAME], text, 3));
	message.text[3] = 'n';
	assert_false(qk_netlink_text(table[IFLA_IFNAME], text, sizeof(text)));
	assert_false(qk_netlink_u32(NULL, &number));
	message.name.nla_len = 6;
	assert_false(qk_netlink_u32(&message.name, &number));
	assert_int_equal(number, 5);
	qk_netlink_nested(NULL, inner, 2);
	assert_null(inner[1]);
	message.header.nlmsg_len = 20;
	assert_int_equal(qk_netlink_attributes(&message.header, sizeof(message.info), table, 1),
			 -EBADMSG);
}

static void real_kernel_lists_the_loopback(void **state)
{
	struct qk_netlink_request request;
	struct ifinfomsg info = { 0 };
	struct qk_netlink *netlink = NULL;
	int seen = 0;

	(void)state;
	if (qk_netlink_open(NETLINK_ROUTE, &netlink) < 0)
		skip();
	qk_netlink_request(&request, RTM_GETLINK, 0, &info, sizeof(info));
	qk_netlink_put_text(&request, IFLA_IFNAME, "lo");
	assert_int_equal(qk_netlink_ask(netlink, &request, count, &seen), 0);
	assert_int_equal(seen, 1);
	qk_netlink_request(&request, RTM_GETLINK, 0, &info, sizeof(info));
	qk_netlink_put_text(&request, IFLA_IFNAME, "nosuch");
	assert_int_equal(qk_netlink_ask(netlink, &request, count, &seen), -ENODEV);
	qk_netlink_free(netlink);
}

#define WITH_KERNEL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_KERNEL(request_has_headers_and_attributes_in_order),
		WITH_KERNEL(request_that_overflows_is_not_sent),
		WITH_KERNEL(refusal_comes_with_the_kernels_words),
		WITH_KERNEL(list_is_handed_over_until_its_end),
		WITH_KERNEL(reader_that_ends_a_list_leaves_no_rest_behind),
		WITH_KERNEL(list_that_changed_while_it_was_sent_is_an_error),
		WITH_KERNEL(broken_answers_are_refused),
		cmocka_unit_test(attributes_stay_inside_their_message),
		cmocka_unit_test(real_kernel_lists_the_loopback),
	};

	return cmocka_run_group_tests_name("netlink", tests, NULL, NULL);
}
