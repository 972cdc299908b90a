/*
 * Who may connect: peer credentials. What may be opened: looked at before it is, since to open some
 * device nodes (a watchdog's) does something.
 */
#include "access.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <qmikit/ports.h>

/* Major numbers of the far ends of ptys (Documentation/admin-guide/devices.txt). */
enum { PTY_FIRST = 136, PTY_LAST = 143 };

bool access_group(const char *name, struct access_rules *ret)
{
	const struct group *group = getgrnam(name);
	char *end;
	unsigned long number = strtoul(name, &end, 10);

	if (!group && (*end || end == name || number > UINT32_MAX - 1))
		return false;
	ret->has_group = true;
	ret->group = group ? group->gr_gid : (gid_t)number;
	return true;
}

static bool is_member(int fd, const struct ucred *who, gid_t group)
{
	gid_t groups[1024];
	socklen_t size = sizeof(groups);

	if (who->gid == group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
		return false;
	for (size_t i = 0; i < size / sizeof(groups[0]); i++) {
		if (groups[i] == group)
			return true;
	}
	return false;
}

bool access_allows(const struct access_rules *rules, int fd, struct ucred *ret)
{
	socklen_t size = sizeof(*ret);

	*ret = (struct ucred){ .pid = -1, .uid = (uid_t)-1, .gid = (gid_t)-1 };
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret, &size) < 0)
		return false;
	if (ret->uid == 0 || ret->uid == geteuid())
		return true;
	return rules->has_group && is_member(fd, ret, rules->group);
}

/* What is at a path. */

struct why {
	char *text;
	size_t size;
};

static bool is_pty(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && major(st->st_rdev) >= PTY_FIRST &&
	       major(st->st_rdev) <= PTY_LAST;
}

/* The name that the kernel gave to a QMI port, malloc'd; NULL where it is none. Whatever node led
 * there, all of its users share it under that name. */
static char *port_name(const struct stat *st)
{
	char path[64], place[PATH_MAX];
	struct qk_port port;
	struct stat node;
	ssize_t size;

	if (!S_ISCHR(st->st_mode))
		return NULL;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", major(st->st_rdev), minor(st->st_rdev));
	size = readlink(path, place, sizeof(place) - 1);
	if (size < 0)
		return NULL;
	place[size] = 0;

	const char *name = strrchr(place, '/');

	if (!name || qk_ports_find(NULL, name + 1, &port) < 0 || stat(port.path, &node) < 0 ||
	    !S_ISCHR(node.st_mode) || node.st_rdev != st->st_rdev)
		return NULL;
	return strdup(port.path);
}

/* Whether a node may be had by `uid`, and under which name. Who is not root learns nothing of paths
 * that are no modems, not even whether they are there. */
static int judge(const char *real, const struct stat *st, uid_t uid, bool is_socket, char **ret,
		 struct why why)
{
	bool trusted = uid == 0 || uid == geteuid();
	bool virtual = is_socket ? S_ISSOCK(st->st_mode) : is_pty(st);

	if (virtual && !trusted && uid != st->st_uid) {
		snprintf(why.text, why.size, "only root and the owner may have it");
		return -EACCES;
	}
	if (virtual)
		return asprintf(ret, "%s%s", is_socket ? "unix:" : "", real) < 0 ? -ENOMEM : 0;
	*ret = is_socket ? NULL : port_name(st);
	if (*ret)
		return 0;
	snprintf(why.text, why.size, "%s",
		 is_socket              ? "it is no socket"
		 : S_ISCHR(st->st_mode) ? "this device is no QMI port"
					: "it is no device");
	return -ENOTTY;
}

/* The USB bus and device number: a modem that starts anew gets another. 0 where there is none. */
static int usb_number(const struct stat *st, const char *what)
{
	char path[128];
	int number = 0;

	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/device/../%s", major(st->st_rdev),
		 minor(st->st_rdev), what);

	FILE *file = fopen(path, "re");

	if (!file)
		return 0;
	if (fscanf(file, "%d", &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

static char *identity_of(const struct stat *st)
{
	bool node = S_ISCHR(st->st_mode);
	bool change = is_pty(st) || !node; /* udev changes the mode of others now and then */
	char *text;
	int r;

	r = asprintf(&text, "%d-%d:%llx:%llx:%llx", node ? usb_number(st, "busnum") : 0,
		     node ? usb_number(st, "devnum") : 0, (unsigned long long)st->st_rdev,
		     (unsigned long long)st->st_ino,
		     change ? (unsigned long long)st->st_ctim.tv_sec * 1000000000u +
				      (unsigned long long)st->st_ctim.tv_nsec
			    : 0);
	return r < 0 ? NULL : text;
}

static int look(const char *path, uid_t uid, bool is_socket, char **ret_path, char **ret_identity,
		struct why why)
{
	char *real = realpath(path, NULL);
	struct stat st;
	int r;

	if (!real || stat(real, &st) < 0) {
		r = -errno;
		free(real);
		return r;
	}
	r = judge(real, &st, uid, is_socket, ret_path, why);
	free(real);
	if (r < 0)
		return r;
	*ret_identity = identity_of(&st);
	if (*ret_identity)
		return 0;
	free(*ret_path);
	return -ENOMEM;
}

int access_find(const char *path, uid_t uid, char **ret_path, char **ret_identity, char *why,
		size_t why_size)
{
	bool is_socket = !strncmp(path, "unix:", 5);
	int r;

	if (!strncmp(path, "file://", 7))
		path += 7;
	if (is_socket)
		path += 5;
	if (*path != '/') {
		snprintf(why, why_size, "not an absolute path");
		return -EINVAL;
	}
	r = look(path, uid, is_socket, ret_path, ret_identity, (struct why){ why, why_size });
	if (r < 0 && r != -ENOMEM && uid != 0 && uid != geteuid() &&
	    strncmp(path, "/dev/", 5) != 0) {
		snprintf(why, why_size, "no modem of yours is there");
		r = -ENOENT;
	}
	return r;
}
