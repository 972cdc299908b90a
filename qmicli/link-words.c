/*
 * The words for what netdev/ says.
 */
#include "link-words.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/ports.h>

static const struct {
	int error;
	enum exit_code code;
	const char *text, *hint;
} causes[] = {
	{ EPERM, EXIT_NOT_PERMITTED, "not permitted", "run it as root" },
	{ EACCES, EXIT_NOT_PERMITTED, "not permitted", "run it as root" },
	{ ENODEV, EXIT_GONE, "there is no such interface", "`ip link` lists them" },
	{ EPROTOTYPE, EXIT_USAGE, "it carries Ethernet frames (802.3), which have no mux ids",
	  "take it down and set raw-ip with --set-expected-data-format" },
	{ EBUSY, EXIT_BUSY, "it is up, or has links on it",
	  "take it down with `ip link set`, its links away with --link-delete-all, and try again" },
	{ EOPNOTSUPP, EXIT_UNSUPPORTED, "its driver cannot do that",
	  "this takes qmi_wwan of Linux 4.12 (pass-through: 5.12) or newer, or the rmnet driver" },
	{ ENOSYS, EXIT_UNSUPPORTED, "flags are for links of the rmnet driver",
	  "leave them away, or set qmap-pass-through with --set-expected-data-format" },
	{ EEXIST, EXIT_BUSY, "the mux id or the name is taken", "--link-list shows the links" },
	{ ENOSPC, EXIT_BUSY, "all mux ids are taken", "delete a link with --link-delete" },
	{ ENXIO, EXIT_USAGE, "there is no such link for a mux id on it",
	  "--link-list shows the links" },
	{ ENODATA, EXIT_USAGE, "this kernel does not tell the mux ids in use",
	  "give one with mux-id=N" },
	{ EINVAL, EXIT_USAGE, "no interface can have that name", "`ip link` lists them" },
	{ ENAMETOOLONG, EXIT_USAGE, "the name would be longer than 15 letters",
	  "give a shorter prefix" },
	{ EIO, EXIT_FAILED, "the kernel took it and did not do it", "`dmesg` may say why" },
	{ EINTR, EXIT_BUSY, "the interfaces changed meanwhile", "try again" },
};

int link_failure(struct failure *f, const char *doing, const char *interface, int error,
		 const struct qk_netlink *netlink)
{
	const char *reason = netlink ? qk_netlink_reason(netlink) : "";
	const char *text = strerror(-error);
	enum exit_code code = EXIT_FAILED;

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (causes[i].error != -error)
			continue;
		failure_hint(f, "%s", causes[i].hint);
		code = causes[i].code;
		text = causes[i].text;
		break;
	}
	return failure_set(f, (int)code, "%s: %s: %s%s%s%s", doing, interface, text,
			   *reason ? " (" : "", reason, *reason ? ")" : "");
}

bool link_of_target(const struct target *target, char ret[QK_LINK_NAME_SIZE])
{
	struct qk_port *ports = NULL;
	char path[PATH_MAX];
	size_t count = 0;
	bool found = false;

	if (target->kind != TARGET_PATH || !realpath(target->name, path) ||
	    qk_ports_list(NULL, &ports, &count) < 0)
		return false;
	for (size_t i = 0; i < count && !found; i++) {
		found = !strcmp(ports[i].path, path) && qk_link_name_is_valid(ports[i].interface);
		if (found)
			memcpy(ret, ports[i].interface, strlen(ports[i].interface) + 1);
	}
	qk_ports_free(ports);
	return found;
}
