/*
 * Link management: network interfaces for data calls, on top of the modem's.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "json.h"
#include "link-words.h"
#include "netdev/mux.h"
#include "services.h"

/* What the arguments of these commands say. */
struct link_argument {
	struct qk_string interface, prefix, mux_id, flags;
};

/* Keys in an argument, of which each command takes some. */
struct link_key {
	const char *key;
	size_t offset;
};

static const struct link_key add_keys[] = {
	{ "iface", offsetof(struct link_argument, interface) },
	{ "prefix", offsetof(struct link_argument, prefix) },
	{ "mux-id", offsetof(struct link_argument, mux_id) },
	{ "flags", offsetof(struct link_argument, flags) },
	{ 0 },
};

static const struct link_key delete_keys[] = {
	{ "link-iface", offsetof(struct link_argument, interface) },
	{ "mux-id", offsetof(struct link_argument, mux_id) },
	{ 0 },
};

/* libqmi's names of what rmnet may do. */
static const struct {
	const char *name;
	unsigned int flag;
} flag_names[] = {
	{ "none", 0 },
	{ "ingress-map-cksumv4", QK_MUX_INGRESS_CHECKSUM_V4 },
	{ "egress-map-cksumv4", QK_MUX_EGRESS_CHECKSUM_V4 },
	{ "ingress-map-cksumv5", QK_MUX_INGRESS_CHECKSUM_V5 },
	{ "egress-map-cksumv5", QK_MUX_EGRESS_CHECKSUM_V5 },
};

/* --- Arguments */

struct reading {
	const struct link_key *keys;
	struct link_argument argument;
};

static int take_pair(struct qk_string key, struct qk_string value, void *userdata,
		     struct failure *f)
{
	struct reading *reading = userdata;
	const struct link_key *row = reading->keys;
	struct qk_string *to;

	while (row->key && !argument_is(key, row->key))
		row++;
	if (row->key) {
		to = (struct qk_string *)((char *)&reading->argument + row->offset);
		if (!to->data) {
			*to = value;
			return 0;
		}
	}
	return failure_set(f, EXIT_USAGE, "unrecognized or duplicate option '%.*s'", (int)key.size,
			   key.data);
}

/* The mux id of an argument, or QK_MUX_AUTOMATIC. */
static int read_mux_id(struct qk_string text, unsigned int *ret, struct failure *f)
{
	uint64_t id;

	*ret = QK_MUX_AUTOMATIC;
	if (!text.data)
		return 0;
	if (!argument_number(text, UINT32_MAX, &id))
		return failure_set(f, EXIT_USAGE, "invalid mux-id given: '%.*s'", (int)text.size,
				   text.data);
	if (id < QK_MUX_MIN || id > QK_MUX_MAX)
		return failure_set(f, EXIT_USAGE, "mux id %u out of range [%u,%u]",
				   (unsigned int)id, QK_MUX_MIN, QK_MUX_MAX);
	*ret = (unsigned int)id;
	return 0;
}

/* Names between bars. */
static int read_flags(struct qk_string text, unsigned int *ret, struct failure *f)
{
	const char *at = text.data, *end = text.data + text.size, *bar;
	size_t size, i;

	*ret = 0;
	for (; at && at < end; at += size + (bar != NULL)) {
		bar = memchr(at, '|', (size_t)(end - at));
		size = (size_t)((bar ? bar : end) - at);
		for (i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
			if (strlen(flag_names[i].name) == size &&
			    !memcmp(flag_names[i].name, at, size))
				break;
		if (i == sizeof(flag_names) / sizeof(flag_names[0]))
			return failure_set(f, EXIT_USAGE, "invalid flags given: '%.*s'",
					   (int)text.size, text.data);
		*ret |= flag_names[i].flag;
	}
	return 0;
}

/* A name as C has it. What is too long for one stays too long for an interface. */
static const char *name_of(struct qk_string text, char ret[64])
{
	snprintf(ret, 64, "%.*s", text.size < 63 ? (int)text.size : 63, text.data);
	return ret;
}

/* --- Where */

/* The kernel, and the interface that -d is of. */
struct machine {
	struct qk_links links;
	char own[QK_LINK_NAME_SIZE]; /* "": -d has none, and any will do */
};

static int open_machine(const struct local *local, const char *doing, struct machine *ret,
			struct failure *f)
{
	struct qk_netlink *netlink;
	int r = qk_netlink_open(NETLINK_ROUTE, &netlink);

	if (r < 0)
		return link_failure(f, doing, "netlink", r, NULL);
	*ret = (struct machine){ .links.netlink = netlink };
	link_of_target(local->target, ret->own);
	return 0;
}

/* Links of another modem than the one that -d names are a mistake. */
static int check_base(const struct local *local, const struct machine *machine, const char *doing,
		      const char *base, struct failure *f)
{
	if (!*machine->own || !strcmp(machine->own, base))
		return 0;
	return failure_set(f, EXIT_USAGE, "%s: %s: the interface of %s is %s", doing, base,
			   local->target->name, machine->own);
}

/* --- Commands */

static int add(const struct local *local, struct machine *machine,
	       const struct link_argument *argument, struct failure *f)
{
	static const char doing[] = "couldn't add link";
	char base[64], prefix[72];
	struct qk_mux_request request = { .base = name_of(argument->interface, base),
					  .prefix = prefix };
	struct qk_mux_link link;
	int r;

	if (argument->prefix.data)
		name_of(argument->prefix, prefix);
	else
		snprintf(prefix, sizeof(prefix), "%s.", base);
	r = read_mux_id(argument->mux_id, &request.mux_id, f);
	r = r ? r : read_flags(argument->flags, &request.flags, f);
	r = r ? r : check_base(local, machine, doing, base, f);
	if (r)
		return r;
	r = qk_mux_add(&machine->links, &request, &link);
	if (r < 0)
		return link_failure(f, doing, base, r, machine->links.netlink);
	if (local->json)
		json_print_link(&link, local->out);
	else
		output_printf(local->out,
			      "[%s] link successfully added:\n  iface name: %s\n"
			      "  mux-id:     %u\n",
			      local->target->name, link.name, link.mux_id);
	return 0;
}

static int add_link(const struct local *local, const char *argument, struct failure *f)
{
	struct reading reading = { .keys = add_keys };
	struct machine machine;
	int r = argument_pairs(argument, take_pair, &reading, f);

	if (r)
		return r;
	if (!reading.argument.interface.data)
		return failure_set(f, EXIT_USAGE, "missing mandatory 'iface' setting");
	r = open_machine(local, "couldn't add link", &machine, f);
	if (r)
		return r;
	r = add(local, &machine, &reading.argument, f);
	qk_netlink_free(machine.links.netlink);
	return r;
}

static int list_links(const struct local *local, const char *argument, struct failure *f)
{
	static const char doing[] = "couldn't list links";
	struct qk_mux_link *list = NULL;
	struct machine machine;
	size_t count = 0;
	int r = open_machine(local, doing, &machine, f);

	if (r)
		return r;
	r = check_base(local, &machine, doing, argument, f);
	if (r == 0) {
		r = qk_mux_list(&machine.links, argument, &list, &count);
		r = r < 0 ? link_failure(f, doing, argument, r, machine.links.netlink) : 0;
	}
	qk_netlink_free(machine.links.netlink);
	if (r)
		return r;
	if (local->json) {
		json_print_links(list, count, local->out);
	} else {
		output_printf(local->out, "[%s] found %zu links%s\n", local->target->name, count,
			      count ? ":" : "");
		for (size_t i = 0; i < count; i++)
			output_printf(local->out, "  [%zu] %s\n", i, list[i].name);
	}
	free(list);
	return 0;
}

/* What is printed when there is nothing to show. */
static void print_done(const struct local *local, const char *what)
{
	if (local->json)
		json_print_answer(NULL, NULL, local->out);
	else
		output_printf(local->out, "[%s] %s\n", local->target->name, what);
}

static int delete_link(const struct local *local, const char *argument, struct failure *f)
{
	static const char doing[] = "couldn't delete link";
	struct reading reading = { .keys = delete_keys };
	struct machine machine;
	unsigned int mux_id;
	char name[64];
	int r = argument_pairs(argument, take_pair, &reading, f);

	if (r)
		return r;
	if (!reading.argument.interface.data)
		return failure_set(f, EXIT_USAGE, "missing mandatory 'link-iface' setting");
	r = read_mux_id(reading.argument.mux_id, &mux_id, f);
	r = r ? r : open_machine(local, doing, &machine, f);
	if (r)
		return r;
	name_of(reading.argument.interface, name);
	r = qk_mux_delete(&machine.links, *machine.own ? machine.own : NULL, name, mux_id);
	r = r < 0 ? link_failure(f, doing, name, r, machine.links.netlink) : 0;
	qk_netlink_free(machine.links.netlink);
	if (r == 0)
		print_done(local, "link successfully deleted");
	return r;
}

static int delete_all_links(const struct local *local, const char *argument, struct failure *f)
{
	static const char doing[] = "couldn't delete all links";
	struct machine machine;
	int r = open_machine(local, doing, &machine, f);

	if (r)
		return r;
	r = check_base(local, &machine, doing, argument, f);
	if (r == 0) {
		r = qk_mux_delete_all(&machine.links, argument);
		r = r < 0 ? link_failure(f, doing, argument, r, machine.links.netlink) : 0;
	}
	qk_netlink_free(machine.links.netlink);
	if (r == 0)
		print_done(local, "all links successfully deleted");
	return r;
}

static const struct command commands[] = {
	{ .name = "link-list",
	  .help = "List the interfaces for data calls on top of a modem's",
	  .argument = TAKES("IFACE"),
	  .course = COURSE(.local = list_links) },
	{ .name = "link-add",
	  .help = "Add one",
	  .argument = TAKES("iface=IFACE,prefix=PREFIX[,mux-id=N][,flags=FLAGS]"),
	  .course = COURSE(.local = add_link) },
	{ .name = "link-delete",
	  .help = "Delete one",
	  .argument = TAKES("link-iface=IFACE[,mux-id=N]"),
	  .course = COURSE(.local = delete_link) },
	{ .name = "link-delete-all",
	  .help = "Delete all on top of a modem's",
	  .argument = TAKES("IFACE"),
	  .course = COURSE(.local = delete_all_links) },
	{ 0 },
};

const struct command_service commands_links = { 0, "link-management", "Link management", commands };
