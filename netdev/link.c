/*
 * Links by rtnetlink, and what qmi_wwan shows of its own in sysfs.
 */
#include "netdev/link.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

_Static_assert(QK_LINK_NAME_SIZE == IFNAMSIZ, "the size of a name is the kernel's");

bool qk_link_name_is_valid(const char *name)
{
	size_t size = strlen(name);

	if (size == 0 || size >= QK_LINK_NAME_SIZE || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (const char *c = name; *c; c++)
		if (*c == '/' || *c == ':' || isspace((unsigned char)*c))
			return false;
	return true;
}

/* --- rtnetlink */

static int read_link(const struct nlmsghdr *message, void *userdata)
{
	const struct nlattr *table[IFLA_LINKINFO + 1], *info[IFLA_INFO_DATA + 1];
	const struct nlattr *data[IFLA_RMNET_MUX_ID + 1];
	struct qk_link link = { 0 }, *ret = userdata;
	struct ifinfomsg header;
	int r;

	if (message->nlmsg_type != RTM_NEWLINK)
		return 0;
	r = qk_netlink_attributes(message, sizeof(header), table, IFLA_LINKINFO + 1);
	if (r < 0)
		return r;
	memcpy(&header, (const uint8_t *)message + MNL_NLMSG_HDRLEN, sizeof(header));
	if (!qk_netlink_text(table[IFLA_IFNAME], link.name, sizeof(link.name)) ||
	    !qk_link_name_is_valid(link.name))
		return -EBADMSG;
	link.index = (uint32_t)header.ifi_index;
	link.up = header.ifi_flags & IFF_UP;
	qk_netlink_u32(table[IFLA_MTU], &link.mtu);
	qk_netlink_u32(table[IFLA_LINK], &link.lower);
	qk_netlink_nested(table[IFLA_LINKINFO], info, IFLA_INFO_DATA + 1);
	qk_netlink_text(info[IFLA_INFO_KIND], link.kind, sizeof(link.kind));
	if (!strcmp(link.kind, "rmnet")) {
		qk_netlink_nested(info[IFLA_INFO_DATA], data, IFLA_RMNET_MUX_ID + 1);
		qk_netlink_u16(data[IFLA_RMNET_MUX_ID], &link.mux_id);
	}
	*ret = link;
	return 0;
}

int qk_link_find(const struct qk_links *links, const char *name, struct qk_link *ret)
{
	struct qk_netlink_request request;
	struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
	struct qk_link link = { 0 };
	int r;

	if (!qk_link_name_is_valid(name))
		return -EINVAL;
	qk_netlink_request(&request, RTM_GETLINK, 0, &header, sizeof(header));
	qk_netlink_put_text(&request, IFLA_IFNAME, name);
	r = qk_netlink_ask(links->netlink, &request, read_link, &link);
	if (r < 0)
		return r;
	/* An answer to another name would be an alternative one of the same link. */
	if (!link.index)
		return -ENODEV;
	*ret = link;
	return 0;
}

/* A request that changes a link: by its index, so that another one that gets its name is safe. */
static int begin_change(const struct qk_links *links, const char *name, struct ifinfomsg *header,
			struct qk_netlink_request *ret)
{
	struct qk_link link;
	int r = qk_link_find(links, name, &link);

	if (r < 0)
		return r;
	header->ifi_family = AF_UNSPEC;
	header->ifi_index = (int)link.index;
	qk_netlink_request(ret, RTM_NEWLINK, 0, header, sizeof(*header));
	return 0;
}

int qk_link_set_up(const struct qk_links *links, const char *name, bool up)
{
	struct ifinfomsg header = { .ifi_flags = up ? IFF_UP : 0, .ifi_change = IFF_UP };
	struct qk_netlink_request request;
	int r = begin_change(links, name, &header, &request);

	return r < 0 ? r : qk_netlink_ask(links->netlink, &request, NULL, NULL);
}

int qk_link_set_mtu(const struct qk_links *links, const char *name, uint32_t mtu)
{
	struct ifinfomsg header = { 0 };
	struct qk_netlink_request request;
	int r = begin_change(links, name, &header, &request);

	if (r < 0)
		return r;
	qk_netlink_put_u32(&request, IFLA_MTU, mtu);
	return qk_netlink_ask(links->netlink, &request, NULL, NULL);
}

/* --- sysfs */

bool qk_link_attribute(const struct qk_links *links, const char *name, const char *attribute,
		       char *ret, size_t size)
{
	int length;

	if (!qk_link_name_is_valid(name))
		return false;
	length = snprintf(ret, size, "%s/class/net/%s%s%s", links->sysfs ? links->sysfs : "/sys",
			  name, *attribute ? "/" : "", attribute);
	return length > 0 && (size_t)length < size;
}

/* Opens an attribute. What misses is it, or the whole link. */
static int open_attribute(const struct qk_links *links, const char *name, const char *attribute,
			  int flags)
{
	char path[PATH_MAX];
	int fd, error;

	if (!qk_link_attribute(links, name, attribute, path, sizeof(path)))
		return -EINVAL;
	fd = open(path, flags | O_CLOEXEC);
	error = errno;
	if (fd >= 0)
		return fd;
	if (error != ENOENT)
		return -error;
	if (!qk_link_attribute(links, name, "", path, sizeof(path)) || access(path, F_OK) < 0)
		return -ENODEV;
	return -ENOENT;
}

int qk_link_read(const struct qk_links *links, const char *name, const char *attribute, char *ret,
		 size_t size)
{
	char line[64];
	ssize_t got;
	int fd = open_attribute(links, name, attribute, O_RDONLY);

	if (fd < 0)
		return fd;
	got = read(fd, line, sizeof(line) - 1);
	if (got < 0)
		got = -errno;
	close(fd);
	if (got < 0)
		return (int)got;
	line[got] = 0;
	line[strcspn(line, "\n")] = 0;
	if (strlen(line) >= size)
		return -EBADMSG;
	memcpy(ret, line, strlen(line) + 1);
	return 0;
}

int qk_link_write(const struct qk_links *links, const char *name, const char *attribute,
		  const char *value)
{
	size_t size = strlen(value);
	ssize_t written;
	int fd = open_attribute(links, name, attribute, O_WRONLY);

	if (fd < 0)
		return fd;
	written = write(fd, value, size);
	if (written < 0)
		written = -errno;
	close(fd);
	if (written < 0)
		return (int)written;
	return (size_t)written == size ? 0 : -EIO;
}

/* --- The form of packets */

static const char raw_ip[] = "qmi/raw_ip", pass_through[] = "qmi/pass_through";

/* Y or N. */
static int read_switch(const struct qk_links *links, const char *name, const char *attribute,
		       bool *ret)
{
	char text[8];
	int r = qk_link_read(links, name, attribute, text, sizeof(text));

	if (r == -ENOENT)
		return -EOPNOTSUPP;
	if (r < 0)
		return r;
	if (strcmp(text, "Y") && strcmp(text, "N"))
		return -EBADMSG;
	*ret = *text == 'Y';
	return 0;
}

int qk_link_format(const struct qk_links *links, const char *name, enum qk_link_format *ret)
{
	bool raw, passes = false;
	int r = read_switch(links, name, raw_ip, &raw);

	if (r < 0)
		return r;
	if (raw) {
		r = read_switch(links, name, pass_through, &passes);
		if (r < 0 && r != -EOPNOTSUPP)
			return r;
	}
	*ret = !raw ? QK_LINK_802_3 : passes ? QK_LINK_PASS_THROUGH : QK_LINK_RAW_IP;
	return 0;
}

static int write_switch(const struct qk_links *links, const char *name, const char *attribute,
			bool on)
{
	int r = qk_link_write(links, name, attribute, on ? "Y" : "N");

	return r == -ENOENT ? -EOPNOTSUPP : r;
}

int qk_link_set_format(const struct qk_links *links, const char *name, enum qk_link_format format)
{
	enum qk_link_format now;
	int r;

	/* Pass-through is of raw IP alone: it goes first and comes last. */
	if (format != QK_LINK_PASS_THROUGH) {
		r = write_switch(links, name, pass_through, false);
		if (r < 0 && r != -EOPNOTSUPP)
			return r;
	}
	r = write_switch(links, name, raw_ip, format != QK_LINK_802_3);
	if (r == 0 && format == QK_LINK_PASS_THROUGH)
		r = write_switch(links, name, pass_through, true);
	if (r == 0)
		r = qk_link_format(links, name, &now);
	if (r == 0 && now != format)
		r = -EIO;
	return r;
}

int qk_link_change_format(const struct qk_links *links, const char *name,
			  enum qk_link_format format)
{
	enum qk_link_format now;
	struct qk_link link;
	int up = 0, r = qk_link_format(links, name, &now);

	if (r < 0 || now == format)
		return r;
	r = qk_link_find(links, name, &link);
	if (r == 0 && link.up)
		r = qk_link_set_up(links, name, false);
	if (r < 0)
		return r;
	r = qk_link_set_format(links, name, format);
	if (link.up)
		up = qk_link_set_up(links, name, true);
	return r < 0 ? r : up;
}
