/*
 * Addresses: the way in for programs, which know a device by what the user has written.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/transport/internal.h"

/* A node is a plain number; the one of all ones means every node. */
static int open_qrtr(const char *text, struct qk_transport **ret)
{
	char *end;
	unsigned long long node;

	errno = 0;
	node = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || errno || *end || node >= UINT32_MAX)
		return -ENOENT;
	return qk_transport_open_qrtr((uint32_t)node, ret);
}

/* What an address begins with, and who opens the rest of it. */
static const struct {
	const char *prefix;
	int (*open)(const char *rest, struct qk_transport **ret);
} schemes[] = {
	{ "unix:", qk_transport_connect_unix },
	{ "qmuxd:", qk_transport_connect_qmuxd },
	{ "qrtr://", open_qrtr },
	{ "file://", qk_transport_open_chardev },
};

/* What looks like a scheme and is not in the table is not taken for a path. */
static bool has_scheme(const char *address)
{
	return *address != '/' && strstr(address, "://");
}

int qk_transport_open(const char *address, struct qk_transport **ret)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t size = strlen(schemes[i].prefix);

		if (!strncmp(address, schemes[i].prefix, size))
			return schemes[i].open(address + size, ret);
	}
	if (!*address)
		return -ENOENT;
	return has_scheme(address) ? -EPROTONOSUPPORT : qk_transport_open_chardev(address, ret);
}
