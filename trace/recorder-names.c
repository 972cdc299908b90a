/*
 * Recorder names: rows of patterns (see recorder-names.h).
 */
#include "recorder-names.h"

#include <stddef.h>
#include <string.h>

struct row {
	const char *pattern;
	struct qk_recorder_name name;
};

/* Sources: kernel drivers/usb/class/cdc-wdm.c, drivers/net/wwan/wwan_core.c (wwan0qmi0),
 * drivers/rpmsg/rpmsg_char.c; qcqmi of the public GobiNet, mhi_QMI of Quectel's pcie_mhi; smdcntl and
 * rmnet_ctrl of a modem's own Linux (openqti devices.h), where rmnet_ctrl is the host's end. An rpmsg or smd
 * channel may carry AT as well. */
static const struct row devices[] = {
	{ "cdc-wdm*", { QK_KIND_QMUX, false } },  { "wwan*qmi*", { QK_KIND_QMUX, false } },
	{ "qcqmi*", { QK_KIND_QMUX, false } },    { "mhi_QMI*", { QK_KIND_QMUX, false } },
	{ "smdcntl*", { QK_KIND_QMUX, false } },  { "rmnet_ctrl*", { QK_KIND_QMUX, true } },
	{ "rpmsg*", { QK_KIND_PERHAPS, false } }, { "smd*", { QK_KIND_PERHAPS, false } },
	{ NULL, { QK_KIND_OTHER, false } },
};

/* libqmi's proxy, ours beside it, and qmuxd (ec25-eux: qmux_connect_socket in a folder a group). */
static const struct row sockets[] = {
	{ "@qmi-proxy", { QK_KIND_QMUX, false } },
	{ "/run/qmi-proxy/*", { QK_KIND_QMUX, false } },
	{ "/var/run/qmi-proxy/*", { QK_KIND_QMUX, false } },
	{ "*qmux_connect_socket*", { QK_KIND_QMUXD, false } },
	{ NULL, { QK_KIND_OTHER, false } },
};

/* fnmatch(3) may allocate; '*' and '?' are enough. The pattern ends at `end`. */
static bool matches(const char *pattern, const char *end, const char *text)
{
	const char *star = NULL, *again = NULL;

	while (*text) {
		if (pattern < end && *pattern == '*') {
			star = ++pattern;
			again = text;
		} else if (pattern < end && (*pattern == '?' || *pattern == *text)) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++again;
		} else {
			return false;
		}
	}
	while (pattern < end && *pattern == '*')
		pattern++;
	return pattern == end;
}

static bool matches_any(const char *globs, const char *text)
{
	while (globs && *globs) {
		const char *end = strchrnul(globs, ':');
		if (end > globs && matches(globs, end, text))
			return true;
		globs = *end ? end + 1 : end;
	}
	return false;
}

static struct qk_recorder_name find(const struct row *rows, const char *text)
{
	while (rows->pattern && !matches(rows->pattern, strchr(rows->pattern, '\0'), text))
		rows++;
	return rows->name;
}

struct qk_recorder_name qk_recorder_device(const char *path, const char *globs)
{
	const char *slash = strrchr(path, '/');

	if (matches_any(globs, path))
		return (struct qk_recorder_name){ .kind = QK_KIND_QMUX };
	return find(devices, slash ? slash + 1 : path);
}

struct qk_recorder_name qk_recorder_socket(const char *address, const char *globs)
{
	struct qk_recorder_name name = find(sockets, address);

	if (name.kind == QK_KIND_OTHER && matches_any(globs, address))
		name.kind = QK_KIND_QMUX;
	return name;
}
