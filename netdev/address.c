/*
 * Addresses: text, RTM_NEWADDR and RTM_DELADDR.
 */
#include "netdev/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t qk_address_size(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

void qk_address_text(const struct qk_address *address, bool with_prefix, char text[QK_ADDRESS_TEXT])
{
	size_t size;

	if (!inet_ntop(address->family, address->bytes, text, QK_ADDRESS_TEXT))
		text[0] = 0;
	size = strlen(text);
	if (with_prefix)
		snprintf(text + size, QK_ADDRESS_TEXT - size, "/%u", address->prefix);
}

int qk_address_parse(const char *text, struct qk_address *ret)
{
	const char *slash = strchr(text, '/');
	size_t size = slash ? (size_t)(slash - text) : strlen(text);
	struct qk_address address = { 0 };
	char host[QK_ADDRESS_TEXT], *end;
	unsigned long prefix;

	if (size >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, size);
	host[size] = 0;
	address.family = strchr(host, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(address.family, host, address.bytes) != 1)
		return -EINVAL;
	prefix = 8 * qk_address_size(address.family);
	if (slash) {
		unsigned long most = prefix;

		if (slash[1] < '0' || slash[1] > '9')
			return -EINVAL;
		prefix = strtoul(slash + 1, &end, 10);
		if (*end || prefix > most)
			return -EINVAL;
	}
	address.prefix = (uint8_t)prefix;
	*ret = address;
	return 0;
}

static int ask(struct qk_netlink *netlink, uint16_t type, uint16_t flags, int index,
	       const struct qk_address *address)
{
	struct qk_netlink_request request;
	struct ifaddrmsg header = {
		.ifa_family = address->family,
		.ifa_prefixlen = address->prefix,
		.ifa_flags = address->family == AF_INET6 ? IFA_F_NODAD : 0,
		.ifa_scope = RT_SCOPE_UNIVERSE,
		.ifa_index = (uint32_t)index,
	};
	size_t size = qk_address_size(address->family);

	qk_netlink_request(&request, type, flags, &header, sizeof(header));
	qk_netlink_put(&request, IFA_LOCAL, address->bytes, size);
	qk_netlink_put(&request, IFA_ADDRESS, address->bytes, size);
	return qk_netlink_ask(netlink, &request, NULL, NULL);
}

int qk_address_add(struct qk_netlink *netlink, int index, const struct qk_address *address)
{
	return ask(netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, index, address);
}

int qk_address_remove(struct qk_netlink *netlink, int index, const struct qk_address *address)
{
	int r = ask(netlink, RTM_DELADDR, 0, index, address);

	return r == -EADDRNOTAVAIL || r == -ENODEV ? 0 : r;
}
