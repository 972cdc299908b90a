/*
 * Address: an IP address with its prefix, as text and on an interface.
 *
 * Owns: nothing. Does not know: where an address comes from, routes.
 * Lifetime: a plain struct.
 * Called from: qmi-network and the daemon.
 * Sources: rtnetlink(7), linux/if_addr.h.
 */
#pragma once

#include "netdev/netlink.h"

struct qk_address {
	uint8_t family; /* AF_INET or AF_INET6 */
	uint8_t prefix; /* bits of the network: 32 or 128 at most */
	uint8_t bytes[16];
};

/* "255.255.255.255/32" and its like of IPv6, with the final 0. */
enum { QK_ADDRESS_TEXT = 50 };

/* How many bytes the addresses of a family have, 4 or 16. */
size_t qk_address_size(uint8_t family);

/* Writes "192.0.2.1/30", or "192.0.2.1" when `with_prefix` is false. */
void qk_address_text(const struct qk_address *address, bool with_prefix,
		     char text[QK_ADDRESS_TEXT]);

/* Reads what that wrote; without a prefix it is that of a single host. -EINVAL. */
QK_MUST_CHECK int qk_address_parse(const char *text, struct qk_address *ret);

/* Gives interface number `index` the address, to be used at once: nobody else has what the network
 * gave to us, so that IPv6 need not ask first. One that it has already is fine. As
 * qk_netlink_ask(). */
QK_MUST_CHECK int qk_address_add(struct qk_netlink *netlink, int index,
				 const struct qk_address *address);

/* Takes it away. One that is not there is fine. As qk_netlink_ask(). */
QK_MUST_CHECK int qk_address_remove(struct qk_netlink *netlink, int index,
				    const struct qk_address *address);
