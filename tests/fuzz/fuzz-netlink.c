/*
 * Fuzz target: what a kernel answers to netlink requests: a search for a link, and a list.
 *
 * What must hold for any bytes: no read outside of them; a link that is found has a name and a kind that
 * end; what the kernel says in words has no control characters; the conversation ends.
 * The bytes are datagrams, each behind its length in two bytes, little endian.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/rtnetlink.h>

#include "netdev/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Puts all datagrams into the socket, and closes it: who waits for more is told so. */
static void say(int fd, const uint8_t *data, size_t size)
{
	while (size >= 2) {
		size_t length = data[0] | (size_t)data[1] << 8;

		data += 2;
		size -= 2;
		if (length > size)
			length = size;
		if (length && send(fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			return;
		data += length;
		size -= length;
	}
}

static int look(const struct nlmsghdr *message, void *userdata)
{
	const struct nlattr *table[RTA_MAX + 1], *inner[RTA_MAX + 1];
	const uint8_t *end = (const uint8_t *)message + message->nlmsg_len;
	uint32_t number;
	char text[16];

	(void)userdata;
	if (qk_netlink_attributes(message, sizeof(struct rtmsg), table, RTA_MAX + 1) < 0)
		return -EBADMSG;
	for (size_t i = 0; i <= RTA_MAX; i++) {
		if (!table[i])
			continue;
		require((const uint8_t *)table[i] + table[i]->nla_len <= end);
		qk_netlink_u32(table[i], &number);
		require(!qk_netlink_text(table[i], text, sizeof(text)) ||
			strlen(text) < sizeof(text));
		qk_netlink_nested(table[i], inner, RTA_MAX + 1);
		for (size_t k = 0; k <= RTA_MAX; k++)
			require(!inner[k] || (const uint8_t *)inner[k] + inner[k]->nla_len <= end);
	}
	return 0;
}

static void list(struct qk_netlink *netlink)
{
	struct qk_netlink_request request;
	struct rtmsg header = { 0 };
	int r;

	qk_netlink_request(&request, RTM_GETROUTE, NLM_F_DUMP, &header, sizeof(header));
	r = qk_netlink_ask(netlink, &request, look, NULL);
	require(r <= 0);
	for (const char *c = qk_netlink_reason(netlink); *c; c++)
		require((unsigned char)*c >= ' ');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qk_netlink *netlink;
	struct qk_links links = { 0 };
	struct qk_link link;
	int fds[2];

	require(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) == 0);
	require(qk_netlink_take_fd(fds[1], &netlink) == 0);
	say(fds[0], data, size);
	require(shutdown(fds[0], SHUT_WR) == 0);
	links.netlink = netlink;
	/* The last byte chooses what is asked. */
	if (size && data[size - 1] & 1) {
		list(netlink);
	} else if (qk_link_find(&links, "wwan0", &link) == 0) {
		require(memchr(link.name, 0, sizeof(link.name)) && *link.name);
		require(memchr(link.kind, 0, sizeof(link.kind)) && link.index);
	}
	qk_netlink_free(netlink);
	close(fds[0]);
	return 0;
}
