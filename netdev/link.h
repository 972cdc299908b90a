/*
 * Link: a network interface of this machine as the kernel has it: whether it is up, how large its
 * packets are, and, where qmi_wwan drives it, in what form packets travel to the modem.
 *
 * Owns: nothing. Does not know: addresses and routes; QMI, so that what the modem was told (WDA) is
 * the caller's to keep in step; how to say what failed.
 * Lifetime: pure calls; nothing is kept between them, as names and links come and go.
 * Called from: mux, qmicli, qmi-network, the daemon.
 * Sources: rtnetlink(7); the kernel's Documentation/ABI/testing/sysfs-class-net-qmi.
 *
 * What all of it may fail with: -EINVAL (a name that no link can have), -ENODEV (no such link, also
 * one that vanished meanwhile), -EPERM or -EACCES (not permitted: it takes CAP_NET_ADMIN and, for
 * sysfs, root), or what qk_netlink_ask() and write(2) say.
 */
#pragma once

#include "netdev/netlink.h"

enum {
	QK_LINK_NAME_SIZE = 16, /* with the final 0: IFNAMSIZ */
};

/* Where links are looked for. */
struct qk_links {
	struct qk_netlink *netlink; /* of NETLINK_ROUTE; borrowed */
	const char *sysfs;          /* NULL: /sys; a test's tree */
};

struct qk_link {
	char name[QK_LINK_NAME_SIZE];
	char kind[QK_LINK_NAME_SIZE]; /* "rmnet", "dummy"; "" for hardware */
	uint32_t index, mtu;
	uint32_t lower;  /* index of the link that it lies on; 0: none */
	uint16_t mux_id; /* of a link of kind rmnet; 0: none */
	bool up;         /* as an administrator has it; not whether there is a carrier */
};

/* What qmi_wwan takes packets for. */
enum qk_link_format {
	QK_LINK_802_3,        /* Ethernet frames: how it begins */
	QK_LINK_RAW_IP,       /* IP packets; in QMAP once it has mux links */
	QK_LINK_PASS_THROUGH, /* whatever the modem sends: QMAP for the rmnet driver on top */
};

/* Whether a link can have this name: the kernel's rule, which keeps "/" out of paths as well. */
bool qk_link_name_is_valid(const char *name);

/* The link of this name. */
QK_MUST_CHECK int qk_link_find(const struct qk_links *links, const char *name, struct qk_link *ret);

/* Brings it up or down, as `ip link set` does. Doing so again is no error. */
QK_MUST_CHECK int qk_link_set_up(const struct qk_links *links, const char *name, bool up);

/* -ERANGE or -EINVAL for one that its driver does not take. */
QK_MUST_CHECK int qk_link_set_mtu(const struct qk_links *links, const char *name, uint32_t mtu);

/* -EOPNOTSUPP: another driver than qmi_wwan, which has no choice. */
QK_MUST_CHECK int qk_link_format(const struct qk_links *links, const char *name,
				 enum qk_link_format *ret);

/* -EOPNOTSUPP as above, or a kernel older than 5.12 asked for PASS_THROUGH; -EBUSY: the link is up;
 * -EIO: the kernel took it and did not do it. */
QK_MUST_CHECK int qk_link_set_format(const struct qk_links *links, const char *name,
				     enum qk_link_format format);

/* The same of a link that may be up: it goes down for that, and is up again after it, whether it
 * succeeded or not. What it had of routes is lost. Nothing happens when it is as wanted already. */
QK_MUST_CHECK int qk_link_change_format(const struct qk_links *links, const char *name,
					enum qk_link_format format);

/* The path of an attribute of a link in sysfs: false when the name is no link's or it is too long. */
bool qk_link_attribute(const struct qk_links *links, const char *name, const char *attribute,
		       char *ret, size_t size);

/* Reads the first line of an attribute. -ENOENT where the driver has none such; -ENODEV. */
QK_MUST_CHECK int qk_link_read(const struct qk_links *links, const char *name,
			       const char *attribute, char *ret, size_t size);

/* Writes one. As above, or what the driver says. */
QK_MUST_CHECK int qk_link_write(const struct qk_links *links, const char *name,
				const char *attribute, const char *value);
