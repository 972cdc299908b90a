/*
 * Mux links, by the two ways that kernels have.
 */
#include "netdev/mux.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

static const char add_mux[] = "qmi/add_mux", del_mux[] = "qmi/del_mux", mux_id_of[] = "qmap/mux_id";
static const char upper[] = "upper_";

enum way { BY_QMI_WWAN, BY_RMNET };

/* Who makes mux links on `base`. */
static int find_way(const struct qk_links *links, const char *base, enum way *ret)
{
	enum qk_link_format format;
	int r = qk_link_format(links, base, &format);

	if (r == -EOPNOTSUPP) {
		*ret = BY_RMNET; /* another driver than qmi_wwan */
		return 0;
	}
	if (r < 0)
		return r;
	if (format == QK_LINK_802_3)
		return -EPROTOTYPE;
	*ret = format == QK_LINK_RAW_IP ? BY_QMI_WWAN : BY_RMNET;
	return 0;
}

/* --- Listing */

/* What the kernel tells of the mux id of a link; 0 where it does not. */
static unsigned int read_mux_id(const struct qk_links *links, const char *name)
{
	struct qk_link link;
	char text[16], *end;
	unsigned long id;

	if (qk_link_read(links, name, mux_id_of, text, sizeof(text)) < 0)
		return qk_link_find(links, name, &link) < 0 ? 0 : link.mux_id;
	id = strtoul(text, &end, 16);
	return end != text && !*end && id <= QK_MUX_MAX ? (unsigned int)id : 0;
}

static int by_name(const void *a, const void *b)
{
	const struct qk_mux_link *one = a, *other = b;

	/* qmimux2 before qmimux10. */
	return strverscmp(one->name, other->name);
}

/* A list that grows. */
struct found {
	struct qk_mux_link *items;
	size_t count, room;
};

static int add_found(struct found *found, const char *name)
{
	if (!qk_link_name_is_valid(name))
		return 0;
	if (found->count == found->room) {
		size_t room = found->room ? found->room * 2 : 8;
		struct qk_mux_link *items = reallocarray(found->items, room, sizeof(*found->items));

		if (!items)
			return -ENOMEM;
		found->items = items;
		found->room = room;
	}
	found->items[found->count] = (struct qk_mux_link){ 0 };
	memcpy(found->items[found->count++].name, name, strlen(name) + 1);
	return 0;
}

/* A link shows what lies on it as upper_NAME. */
static int find_uppers(const struct qk_links *links, const char *base, struct found *found)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	DIR *folder;
	int r = 0;

	if (!qk_link_attribute(links, base, "", path, sizeof(path)))
		return -EINVAL;
	folder = opendir(path);
	if (!folder)
		return errno == ENOENT ? -ENODEV : -errno;
	while (r == 0 && (entry = readdir(folder)))
		if (!strncmp(entry->d_name, upper, strlen(upper)))
			r = add_found(found, entry->d_name + strlen(upper));
	closedir(folder);
	return r;
}

static int list_uppers(const struct qk_links *links, const char *base, struct found *ret)
{
	struct found found = { 0 };
	int r = find_uppers(links, base, &found);

	if (r < 0) {
		free(found.items);
		return r;
	}
	if (found.count)
		qsort(found.items, found.count, sizeof(*found.items), by_name);
	for (size_t i = 0; i < found.count; i++)
		found.items[i].mux_id = read_mux_id(links, found.items[i].name);
	*ret = found;
	return 0;
}

int qk_mux_list(const struct qk_links *links, const char *base, struct qk_mux_link **ret,
		size_t *ret_count)
{
	struct found found;
	enum way way;
	int r = find_way(links, base, &way);

	if (r == 0)
		r = list_uppers(links, base, &found);
	if (r < 0)
		return r;
	*ret = found.items;
	*ret_count = found.count;
	return 0;
}

static const struct qk_mux_link *find_id(const struct found *found, unsigned int mux_id)
{
	for (size_t i = 0; i < found->count; i++)
		if (found->items[i].mux_id == mux_id)
			return &found->items[i];
	return NULL;
}

static const struct qk_mux_link *find_name(const struct found *found, const char *name)
{
	for (size_t i = 0; i < found->count; i++)
		if (!strcmp(found->items[i].name, name))
			return &found->items[i];
	return NULL;
}

/* --- By qmi_wwan */

static int write_mux(const struct qk_links *links, const char *base, const char *attribute,
		     unsigned int mux_id)
{
	char text[8];
	int r;

	snprintf(text, sizeof(text), "0x%02x", mux_id);
	r = qk_link_write(links, base, attribute, text);
	return r == -ENOENT ? -EOPNOTSUPP : r;
}

/* The link that was made: the one with the mux id, or, where the kernel does not tell ids, a new one. */
static int find_new(const struct qk_links *links, const char *base, unsigned int mux_id,
		    const struct found *before, struct qk_mux_link *ret)
{
	const struct qk_mux_link *link;
	struct found after;
	int r = list_uppers(links, base, &after);

	if (r < 0)
		return r;
	link = find_id(&after, mux_id);
	for (size_t i = 0; !link && i < after.count; i++)
		if (!after.items[i].mux_id && !find_name(before, after.items[i].name))
			link = &after.items[i];
	if (link)
		*ret = *link;
	free(after.items);
	ret->mux_id = mux_id;
	return link ? 0 : -EIO;
}

static int add_by_qmi_wwan(const struct qk_links *links, const struct qk_mux_request *request,
			   unsigned int mux_id, const struct found *before, struct qk_mux_link *ret)
{
	struct qk_mux_link link = { 0 };
	int r;

	if (request->flags)
		return -ENOSYS;
	r = write_mux(links, request->base, add_mux, mux_id);
	if (r == 0)
		r = find_new(links, request->base, mux_id, before, &link);
	if (r == 0)
		*ret = link;
	return r;
}

/* --- By rmnet */

/* The kernel's flags of ours. */
static const struct {
	unsigned int flag;
	uint32_t kernel;
} rmnet_flags[] = {
	{ QK_MUX_INGRESS_CHECKSUM_V4, RMNET_FLAGS_INGRESS_MAP_CKSUMV4 },
	{ QK_MUX_EGRESS_CHECKSUM_V4, RMNET_FLAGS_EGRESS_MAP_CKSUMV4 },
	{ QK_MUX_INGRESS_CHECKSUM_V5, RMNET_FLAGS_INGRESS_MAP_CKSUMV5 },
	{ QK_MUX_EGRESS_CHECKSUM_V5, RMNET_FLAGS_EGRESS_MAP_CKSUMV5 },
};

static struct ifla_rmnet_flags kernel_flags(unsigned int flags)
{
	struct ifla_rmnet_flags kernel = {
		.flags = RMNET_FLAGS_INGRESS_DEAGGREGATION,
		.mask = RMNET_FLAGS_INGRESS_DEAGGREGATION,
	};

	for (size_t i = 0; i < sizeof(rmnet_flags) / sizeof(*rmnet_flags); i++) {
		kernel.mask |= rmnet_flags[i].kernel;
		if (flags & rmnet_flags[i].flag)
			kernel.flags |= rmnet_flags[i].kernel;
	}
	return kernel;
}

/* By convention prefix0 is of mux id 1. */
static int make_name(const struct qk_mux_request *request, unsigned int mux_id,
		     char ret[QK_LINK_NAME_SIZE])
{
	char name[64];
	int size = snprintf(name, sizeof(name), "%s%u", request->prefix, mux_id - 1);

	if (size < 0 || size >= QK_LINK_NAME_SIZE)
		return -ENAMETOOLONG;
	if (!qk_link_name_is_valid(name))
		return -EINVAL;
	memcpy(ret, name, (size_t)size + 1);
	return 0;
}

/* RTM_NEWLINK in the very bytes that libqmi sends: names without their final 0, nests unmarked. */
static void write_rmnet(struct qk_netlink_request *ret, uint32_t base, const char *name,
			unsigned int mux_id, unsigned int flags)
{
	const struct ifinfomsg header = { .ifi_family = AF_UNSPEC,
					  .ifi_type = ARPHRD_RAWIP,
					  .ifi_change = UINT32_MAX };
	const struct ifla_rmnet_flags kernel = kernel_flags(flags);
	struct nlattr *info, *data;

	qk_netlink_request(ret, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));
	qk_netlink_put_u32(ret, IFLA_LINK, base);
	qk_netlink_put(ret, IFLA_IFNAME, name, strlen(name));
	info = qk_netlink_nest(ret, IFLA_LINKINFO);
	qk_netlink_put(ret, IFLA_INFO_KIND, "rmnet", strlen("rmnet"));
	data = qk_netlink_nest(ret, IFLA_INFO_DATA);
	qk_netlink_put_u16(ret, IFLA_RMNET_MUX_ID, (uint16_t)mux_id);
	qk_netlink_put(ret, IFLA_RMNET_FLAGS, &kernel, sizeof(kernel));
	qk_netlink_nest_end(ret, data);
	qk_netlink_nest_end(ret, info);
}

static int add_by_rmnet(const struct qk_links *links, const struct qk_mux_request *request,
			unsigned int mux_id, struct qk_mux_link *ret)
{
	struct qk_mux_link made = { .mux_id = mux_id };
	struct qk_netlink_request message;
	struct qk_link base;
	int r = make_name(request, mux_id, made.name);

	if (r == 0)
		r = qk_link_find(links, request->base, &base);
	if (r < 0)
		return r;
	write_rmnet(&message, base.index, made.name, mux_id, request->flags);
	r = qk_netlink_ask(links->netlink, &message, NULL, NULL);
	if (r == 0)
		*ret = made;
	return r;
}

static int delete_by_rmnet(const struct qk_links *links, const char *name)
{
	struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
	struct qk_netlink_request request;
	struct qk_link link;
	int r = qk_link_find(links, name, &link);

	if (r < 0)
		return r;
	if (strcmp(link.kind, "rmnet"))
		return -ENXIO; /* eth0 is not ours to delete */
	header.ifi_index = (int)link.index;
	qk_netlink_request(&request, RTM_DELLINK, 0, &header, sizeof(header));
	return qk_netlink_ask(links->netlink, &request, NULL, NULL);
}

/* --- Either */

/* Whether the name that rmnet would give to a link of this mux id is taken. */
static bool name_is_taken(const struct qk_links *links, const struct qk_mux_request *request,
			  unsigned int mux_id)
{
	char name[QK_LINK_NAME_SIZE];
	struct qk_link link;

	return make_name(request, mux_id, name) == 0 && qk_link_find(links, name, &link) == 0;
}

static int choose_id(const struct qk_links *links, const struct qk_mux_request *request,
		     enum way way, const struct found *before, unsigned int *ret)
{
	/* Links whose mux id nobody tells may have any of them. */
	if (find_id(before, 0) && way == BY_QMI_WWAN)
		return -ENODATA;
	for (unsigned int id = QK_MUX_MIN; id <= QK_MUX_MAX; id++) {
		if (find_id(before, id) || (way == BY_RMNET && name_is_taken(links, request, id)))
			continue;
		*ret = id;
		return 0;
	}
	return -ENOSPC;
}

int qk_mux_add(const struct qk_links *links, const struct qk_mux_request *request,
	       struct qk_mux_link *ret)
{
	unsigned int mux_id = request->mux_id;
	struct found before = { 0 };
	enum way way;
	int r;

	if (mux_id > QK_MUX_MAX)
		return -ERANGE;
	r = find_way(links, request->base, &way);
	if (r == 0)
		r = list_uppers(links, request->base, &before);
	if (r == 0 && mux_id == QK_MUX_AUTOMATIC)
		r = choose_id(links, request, way, &before, &mux_id);
	else if (r == 0 && find_id(&before, mux_id))
		r = -EEXIST; /* qmi_wwan would say "invalid argument" */
	if (r == 0 && way == BY_QMI_WWAN)
		r = add_by_qmi_wwan(links, request, mux_id, &before, ret);
	else if (r == 0)
		r = add_by_rmnet(links, request, mux_id, ret);
	free(before.items);
	return r;
}

static int delete_by_qmi_wwan(const struct qk_links *links, const char *base, const char *name,
			      unsigned int mux_id)
{
	const struct qk_mux_link *link;
	struct found found;
	int r = list_uppers(links, base, &found);

	if (r < 0)
		return r;
	link = find_name(&found, name);
	/* By another mux id than its own the kernel would delete another one. */
	if (!link || (link->mux_id && mux_id && link->mux_id != mux_id))
		r = -ENXIO;
	else if (link->mux_id)
		mux_id = link->mux_id;
	free(found.items);
	if (r == 0 && !mux_id)
		r = -ENODATA;
	return r < 0 ? r : write_mux(links, base, del_mux, mux_id);
}

int qk_mux_delete(const struct qk_links *links, const char *base, const char *name,
		  unsigned int mux_id)
{
	enum way way = BY_RMNET;
	struct qk_link link;
	int r = 0;

	if (mux_id > QK_MUX_MAX)
		return -ERANGE;
	if (!qk_link_name_is_valid(name))
		return -EINVAL;
	if (base)
		r = find_way(links, base, &way);
	if (r == 0)
		r = way == BY_QMI_WWAN ? delete_by_qmi_wwan(links, base, name, mux_id)
				       : delete_by_rmnet(links, name);
	if (r == 0 && way == BY_QMI_WWAN && qk_link_find(links, name, &link) == 0)
		return -EIO;
	return r;
}

int qk_mux_delete_all(const struct qk_links *links, const char *base)
{
	struct found found = { 0 };
	enum way way;
	int count = 0, r = find_way(links, base, &way);

	if (r == 0)
		r = list_uppers(links, base, &found);
	for (size_t i = 0; r == 0 && i < found.count; i++) {
		if (way == BY_RMNET && !found.items[i].mux_id)
			continue; /* a VLAN or a bridge of somebody's */
		r = qk_mux_delete(links, base, found.items[i].name, QK_MUX_AUTOMATIC);
		count += r == 0;
	}
	free(found.items);
	return r < 0 ? r : count;
}
