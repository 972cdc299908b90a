/*
 * Route: the default route through an interface.
 *
 * Owns: nothing. Does not know: which of several modems is to be preferred; its metric says.
 * Lifetime: none. Called from: qmi-network and the daemon.
 * Sources: rtnetlink(7), linux/rtnetlink.h.
 */
#pragma once

#include "netdev/address.h"

/*
 * Sends what goes anywhere else through interface number `index`: by `gateway` (its prefix does not
 * matter; it need not be in the network of an address of ours), or to the link itself when the
 * family is all that is set and its bytes are 0. Another gateway with that metric on that interface
 * is replaced, other interfaces' routes stay. As qk_netlink_ask().
 */
QK_MUST_CHECK int qk_route_add_default(struct qk_netlink *netlink, int index,
				       const struct qk_address *gateway, uint32_t metric);

/* Takes it away. One that is not there is fine. As qk_netlink_ask(). */
QK_MUST_CHECK int qk_route_remove_default(struct qk_netlink *netlink, int index, uint8_t family,
					  uint32_t metric);
