/*
 * Dns: an interface's name servers, handed to whoever manages those of this machine:
 * systemd-resolved while it runs, else resolvconf where that is installed. Without either nothing is
 * done: /etc/resolv.conf is its owner's.
 *
 * Owns: the process it runs, for the time of a call (10 s at most).
 * Does not know: where the servers come from.
 * Lifetime: none; what is set stays until it is cleared or the interface goes.
 * Called from: qmi-network and the daemon.
 * Sources: resolvectl(1), resolvconf(8) of Debian and of openresolv.
 */
#pragma once

#include "netdev/address.h"

enum { QK_DNS_SERVERS = 8 };

/* Who takes name servers on this machine just now, a constant, or NULL. */
const char *qk_dns_manager(void);

/* Has `manager` set the name servers of an interface, at most QK_DNS_SERVERS, in place of those it
 * had. -ENOENT: there is no such manager, or it is gone; -EIO: it failed; -ETIMEDOUT; -EINVAL: no
 * such name can be; or what posix_spawn(3) says. */
QK_MUST_CHECK int qk_dns_set(const char *manager, const char *interface,
			     const struct qk_address *servers, size_t count);

/* Has it forget them. As qk_dns_set(). */
QK_MUST_CHECK int qk_dns_clear(const char *manager, const char *interface);
