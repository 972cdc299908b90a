/*
 * Routes: RTM_NEWROUTE and RTM_DELROUTE.
 */
#include "netdev/route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

static bool is_zero(const struct qk_address *address)
{
	static const uint8_t zero[16];

	return !memcmp(address->bytes, zero, sizeof(zero));
}

static void begin(struct qk_netlink_request *request, uint16_t type, uint16_t flags, uint8_t family,
		  bool direct, bool removing)
{
	struct rtmsg header = {
		.rtm_family = family,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = removing ? RTPROT_UNSPEC : RTPROT_STATIC,
		.rtm_scope = removing                      ? RT_SCOPE_NOWHERE
			     : direct && family == AF_INET ? RT_SCOPE_LINK
							   : RT_SCOPE_UNIVERSE,
		.rtm_type = removing ? RTN_UNSPEC : RTN_UNICAST,
		.rtm_flags = direct || removing ? 0 : RTNH_F_ONLINK,
	};

	qk_netlink_request(request, type, flags, &header, sizeof(header));
}

static int remove_one(struct qk_netlink *netlink, int index, uint8_t family, uint32_t metric)
{
	struct qk_netlink_request request;

	begin(&request, RTM_DELROUTE, 0, family, false, true);
	qk_netlink_put_u32(&request, RTA_OIF, (uint32_t)index);
	qk_netlink_put_u32(&request, RTA_PRIORITY, metric);
	return qk_netlink_ask(netlink, &request, NULL, NULL);
}

int qk_route_remove_default(struct qk_netlink *netlink, int index, uint8_t family, uint32_t metric)
{
	int r = 0;

	/* Routes of one metric that differ in their gateway are several, in IPv6 by one request. */
	for (unsigned int i = 0; i < 8 && r == 0; i++)
		r = remove_one(netlink, index, family, metric);
	return r == -ESRCH || r == -ENODEV ? 0 : r;
}

int qk_route_add_default(struct qk_netlink *netlink, int index, const struct qk_address *gateway,
			 uint32_t metric)
{
	struct qk_netlink_request request;
	bool direct = is_zero(gateway);
	int r = qk_route_remove_default(netlink, index, gateway->family, metric);

	if (r < 0)
		return r;
	/* Not to replace: that would take the route of another interface with the same metric. */
	begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, gateway->family, direct, false);
	if (!direct)
		qk_netlink_put(&request, RTA_GATEWAY, gateway->bytes,
			       qk_address_size(gateway->family));
	qk_netlink_put_u32(&request, RTA_OIF, (uint32_t)index);
	qk_netlink_put_u32(&request, RTA_PRIORITY, metric);
	return qk_netlink_ask(netlink, &request, NULL, NULL);
}
