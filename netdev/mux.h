/*
 * Mux: links on top of a modem's link, one for each data call, told apart by the mux id that QMAP
 * puts in front of packets. Where qmi_wwan speaks QMAP itself (raw IP) it makes them, by sysfs; the
 * rmnet driver makes them on a link of any other driver, or in pass-through mode, by rtnetlink.
 *
 * Owns: nothing. Does not know: QMI: that the modem speaks QMAP (WDA Set Data Format) and which call
 * has which mux id (WDS Bind Mux Data Port) is told to it by the caller.
 * Lifetime: pure calls.
 * Called from: qmicli, the daemon.
 * Sources: the kernel's Documentation/ABI/testing/sysfs-class-net-qmi and linux/if_link.h.
 *
 * What all of it may fail with, besides link.h: -EPROTOTYPE (the link carries Ethernet frames: set
 * raw IP or pass-through first), -EOPNOTSUPP (this kernel cannot: qmi_wwan before 4.12, or no rmnet).
 */
#pragma once

#include "netdev/link.h"

enum {
	QK_MUX_AUTOMATIC = 0,
	QK_MUX_MIN = 1,
	QK_MUX_MAX = 254,
};

/* What the rmnet driver does to packets besides taking them apart, which it always does. */
enum {
	QK_MUX_INGRESS_CHECKSUM_V4 = 1 << 0,
	QK_MUX_EGRESS_CHECKSUM_V4 = 1 << 1,
	QK_MUX_INGRESS_CHECKSUM_V5 = 1 << 2,
	QK_MUX_EGRESS_CHECKSUM_V5 = 1 << 3,
};

struct qk_mux_link {
	char name[QK_LINK_NAME_SIZE];
	unsigned int mux_id; /* 0: the kernel does not tell (qmi_wwan before 5.12) */
};

struct qk_mux_request {
	const char *base; /* the modem's link */
	const char
		*prefix; /* rmnet: the name is this and mux_id - 1; qmi_wwan has names of its own */
	unsigned int mux_id; /* QK_MUX_AUTOMATIC: the first that is free */
	unsigned int flags;  /* QK_MUX_*_CHECKSUM_*, for rmnet alone */
};

/* The links on top of `base`, by name; free() what it returns, NULL when there are none. */
QK_MUST_CHECK int qk_mux_list(const struct qk_links *links, const char *base,
			      struct qk_mux_link **ret, size_t *ret_count);

/* Makes one. -EEXIST: the mux id has a link, or the name is taken; -ENOSPC: none is free;
 * -ENODATA: which are free cannot be told, give one; -ERANGE:
 * no mux id; -ENAMETOOLONG: with this prefix; -ENOSYS: flags where there is no rmnet. */
QK_MUST_CHECK int qk_mux_add(const struct qk_links *links, const struct qk_mux_request *request,
			     struct qk_mux_link *ret);

/* Deletes the link `name` on `base` (NULL: of any; rmnet alone). -ENXIO: there is no such link on
 * it, or it is none of a mux id; -ENODATA: its mux id is not known, and was not given in `mux_id`
 * (QK_MUX_AUTOMATIC: find it out); -EIO: the kernel said yes and it is still there. */
QK_MUST_CHECK int qk_mux_delete(const struct qk_links *links, const char *base, const char *name,
				unsigned int mux_id);

/* Deletes all on `base`: the number of them. */
QK_MUST_CHECK int qk_mux_delete_all(const struct qk_links *links, const char *base);
