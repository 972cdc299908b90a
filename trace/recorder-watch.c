/*
 * Recorder watch: what a descriptor is, found once and kept in the table (see recorder.h).
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "recorder-names.h"
#include "recorder.h"

/* Majors of Documentation/admin-guide/devices.txt that are no modem, or a pty's end for programs. */
enum { MAJOR_MEMORY = 1, MAJOR_TTY = 4, MAJOR_TTYAUX = 5, MAJOR_PTS = 136, MAJOR_PTS_LAST = 143 };

#define GREETING 4 /* what qmuxd says first: the client's number */

/* A child of vfork(2) runs on its parent's memory: it must not change what the parent knows of its
 * modems. */
static bool is_own(const struct qk_recorder *recorder)
{
	return getpid() == atomic_load(&recorder->pid);
}

struct qk_recorder_connection *qk_recorder_connection(uintptr_t value)
{
	return value > QK_FD_PERHAPS ? (struct qk_recorder_connection *)value : NULL;
}

/* One descriptor less has it. */
static void release(struct qk_recorder_connection *connection)
{
	if (atomic_load(&connection->users) == 1)
		qk_recorder_flush(connection);
	atomic_fetch_sub(&connection->users, 1);
}

static uintptr_t set(int fd, uintptr_t value)
{
	struct qk_recorder *recorder = qk_recorder();
	uintptr_t before = qk_recorder_table_get(&recorder->table, fd);

	if (before == value)
		return value;
	if ((qk_recorder_connection(before) || qk_recorder_connection(value)) && !is_own(recorder))
		return QK_FD_OTHER;
	before = qk_recorder_table_swap(&recorder->table, fd, value);
	if (qk_recorder_connection(before))
		release(qk_recorder_connection(before));
	return value;
}

void qk_recorder_not(int fd)
{
	set(fd, QK_FD_OTHER);
}

static uintptr_t adopt(int fd, enum qk_link_transport transport, const char *device)
{
	struct qk_recorder *recorder = qk_recorder();
	struct qk_recorder_connection *connection =
		is_own(recorder) ? qk_recorder_pool_new(&recorder->pool, transport, device) : NULL;
	uintptr_t value = (uintptr_t)connection;

	if (!connection)
		return set(fd, QK_FD_OTHER);
	set(fd, value);
	if (qk_recorder_table_get(&recorder->table, fd) == value)
		return value;
	atomic_store(&connection->users, 0); /* the table has no place for it */
	return QK_FD_OTHER;
}

static uintptr_t adopt_kind(int fd, struct qk_recorder_name name, const char *device)
{
	if (name.kind == QK_KIND_OTHER)
		return set(fd, QK_FD_OTHER);
	uintptr_t value =
		adopt(fd, name.kind == QK_KIND_QMUXD ? QK_LINK_QMUXD : QK_LINK_QMUX, device);
	struct qk_recorder_connection *connection = qk_recorder_connection(value);
	if (!connection)
		return value;
	atomic_store(&connection->modem_end, name.modem_end);
	atomic_store(&connection->perhaps, name.kind == QK_KIND_PERHAPS);
	if (name.kind != QK_KIND_PERHAPS) /* now, while the program may still do such things */
		qk_recorder_file_open(&qk_recorder()->file);
	return value;
}

/* The file behind a descriptor, by the kernel's word. */
static bool path_of(int fd, char *ret, size_t size)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t used = readlink(link, ret, size - 1);
	if (used <= 0)
		return false;
	ret[used] = '\0';
	return true;
}

/* The name of a device in sysfs, whatever its node is called. */
static struct qk_recorder_name device_by_number(dev_t number)
{
	char link[64], target[512];

	snprintf(link, sizeof(link), "/sys/dev/char/%u:%u", major(number), minor(number));
	ssize_t used = readlink(link, target, sizeof(target) - 1);
	if (used <= 0)
		return (struct qk_recorder_name){ .kind = QK_KIND_OTHER };
	target[used] = '\0';
	return qk_recorder_device(target, NULL);
}

static uintptr_t look_at_device(int fd, dev_t number, const char *path)
{
	char buffer[QK_LINK_DEVICE_MAX + 1];
	unsigned int kind = major(number);

	if (kind == MAJOR_MEMORY && !qk_recorder()->globs[0])
		return set(fd, QK_FD_OTHER);
	const char *name = path ?: path_of(fd, buffer, sizeof(buffer)) ? path ?: buffer : "";
	struct qk_recorder_name is = qk_recorder_device(name, qk_recorder()->globs);
	bool terminal = kind >= MAJOR_PTS && kind <= MAJOR_PTS_LAST;
	if (is.kind == QK_KIND_OTHER && terminal && !path)
		return set(fd, QK_FD_PERHAPS);
	if (is.kind == QK_KIND_OTHER && terminal)
		is.kind = QK_KIND_PERHAPS;
	else if (is.kind == QK_KIND_OTHER && kind != MAJOR_TTY && kind != MAJOR_TTYAUX &&
		 kind != MAJOR_MEMORY)
		is = device_by_number(number);
	return adopt_kind(fd, is, name);
}

/* The text of a socket's address; empty: it has none. */
static void socket_text(const struct sockaddr_un *address, size_t size, char *ret, size_t room)
{
	size_t start = offsetof(struct sockaddr_un, sun_path);
	size_t length = size > start ? size - start : 0;

	if (length > sizeof(address->sun_path))
		length = sizeof(address->sun_path);
	if (length && address->sun_path[0])
		length = strnlen(address->sun_path, length);
	if (length >= room)
		length = room - 1;
	memcpy(ret, address->sun_path, length);
	ret[length] = '\0';
	if (length && !ret[0])
		ret[0] = '@';
}

static uintptr_t adopt_socket(int fd, const char *address, bool accepted)
{
	struct qk_recorder_name is = qk_recorder_socket(address, qk_recorder()->globs);

	if (is.kind == QK_KIND_OTHER)
		return QK_FD_OTHER;
	is.modem_end = accepted;
	return adopt_kind(fd, is, address);
}

/* qmuxd's word comes first; a descriptor that is met later is past it. */
static void expect_greeting(uintptr_t value)
{
	struct qk_recorder_connection *connection = qk_recorder_connection(value);

	if (!connection || connection->transport != QK_LINK_QMUXD)
		return;
	connection->sides[atomic_load(&connection->modem_end) ? 0 : 1].greeting = GREETING;
}

static uintptr_t look_at_unix(int fd)
{
	struct sockaddr_un address;
	socklen_t size = sizeof(address), type_size = sizeof(int);
	char text[sizeof(address.sun_path) + 2];
	uintptr_t value = QK_FD_OTHER;
	int type = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) < 0 || type != SOCK_STREAM)
		return set(fd, QK_FD_OTHER);
	if (getpeername(fd, (struct sockaddr *)&address, &size) < 0)
		return QK_FD_OTHER; /* not connected yet: connect() or the next look will tell */
	socket_text(&address, size, text, sizeof(text));
	value = adopt_socket(fd, text, false);
	size = sizeof(address);
	if (value == QK_FD_OTHER && getsockname(fd, (struct sockaddr *)&address, &size) == 0) {
		socket_text(&address, size, text, sizeof(text));
		value = adopt_socket(fd, text, true);
		expect_greeting(value);
	}
	return value == QK_FD_OTHER ? set(fd, QK_FD_PERHAPS) : value;
}

static uintptr_t look_at_socket(int fd)
{
	socklen_t size = sizeof(int);
	int family = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) < 0)
		return QK_FD_OTHER;
	if (family == AF_UNIX)
		return look_at_unix(fd);
	qk_recorder_socket_made(fd, family);
	return qk_recorder_table_get(&qk_recorder()->table, fd);
}

static uintptr_t look_at(int fd, const char *path)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return QK_FD_OTHER;
	if (S_ISCHR(status.st_mode))
		return look_at_device(fd, status.st_rdev, path);
	if (S_ISSOCK(status.st_mode))
		return look_at_socket(fd);
	return set(fd, QK_FD_OTHER);
}

uintptr_t qk_recorder_look(int fd)
{
	struct qk_recorder *recorder = qk_recorder();

	if (!atomic_load_explicit(&recorder->active, memory_order_relaxed))
		return QK_FD_OTHER;
	uintptr_t value = qk_recorder_table_get(&recorder->table, fd);
	if (value != QK_FD_UNKNOWN)
		return value;
	int error = errno;
	value = look_at(fd, NULL);
	errno = error;
	return value;
}

uintptr_t qk_recorder_adopt_perhaps(int fd)
{
	char name[QK_LINK_DEVICE_MAX + 1] = "";
	struct sockaddr_un address;
	socklen_t size = sizeof(address);

	if (getpeername(fd, (struct sockaddr *)&address, &size) == 0)
		socket_text(&address, size, name, sizeof(name));
	if (!name[0] && !path_of(fd, name, sizeof(name)))
		name[0] = '\0';
	return adopt_kind(fd, (struct qk_recorder_name){ .kind = QK_KIND_PERHAPS }, name);
}

void qk_recorder_closing(int fd)
{
	struct qk_recorder *recorder = qk_recorder();

	if (!atomic_load_explicit(&recorder->active, memory_order_relaxed) ||
	    qk_recorder_table_get(&recorder->table, fd) == QK_FD_UNKNOWN)
		return;
	int error = errno;
	set(fd, QK_FD_UNKNOWN);
	errno = error;
}

void qk_recorder_opened(int fd, const char *path)
{
	if (fd < 0 || !atomic_load_explicit(&qk_recorder()->active, memory_order_relaxed))
		return;
	int error = errno;
	set(fd, QK_FD_UNKNOWN);
	if (path)
		look_at(fd, path);
	errno = error;
}

void qk_recorder_connected(int fd, const void *address, size_t size)
{
	const struct sockaddr_un *name = address;
	char text[sizeof(name->sun_path) + 2];

	if (!address || size <= sizeof(sa_family_t) ||
	    !atomic_load_explicit(&qk_recorder()->active, memory_order_relaxed))
		return;
	int error = errno;
	struct qk_recorder_connection *connection =
		qk_recorder_connection(qk_recorder_table_get(&qk_recorder()->table, fd));
	if (connection && qk_recorder_is_datagram(connection)) {
		qk_recorder_datagram_connected(connection, address, size);
	} else if (name->sun_family == AF_UNIX) {
		socket_text(name, size, text, sizeof(text));
		set(fd, QK_FD_UNKNOWN);
		expect_greeting(adopt_socket(fd, text, false));
	}
	errno = error;
}

void qk_recorder_socket_made(int fd, int family)
{
	if (fd < 0 || !atomic_load_explicit(&qk_recorder()->active, memory_order_relaxed))
		return;
	int error = errno;
	set(fd, QK_FD_UNKNOWN);
	if (family == QK_FAMILY_QRTR || family == QK_FAMILY_MSM_IPC) {
		bool qrtr = family == QK_FAMILY_QRTR;
		if (adopt(fd, qrtr ? QK_LINK_QRTR : QK_LINK_MSM_IPC, qrtr ? "qrtr" : "msm-ipc") !=
		    QK_FD_OTHER)
			qk_recorder_file_open(&qk_recorder()->file);
	} else if (family != AF_UNIX) {
		set(fd, QK_FD_OTHER);
	}
	errno = error;
}

void qk_recorder_duplicated(int old, int fd)
{
	struct qk_recorder *recorder = qk_recorder();

	if (fd < 0 || !atomic_load_explicit(&recorder->active, memory_order_relaxed))
		return;
	int error = errno;
	uintptr_t value = qk_recorder_table_get(&recorder->table, old);
	struct qk_recorder_connection *connection = qk_recorder_connection(value);
	set(fd, QK_FD_UNKNOWN);
	if (connection && is_own(recorder)) {
		atomic_fetch_add(&connection->users, 1);
		set(fd, value);
		if (qk_recorder_table_get(&recorder->table, fd) != value)
			atomic_fetch_sub(&connection->users, 1);
	} else if (!connection) {
		set(fd, value);
	}
	errno = error;
}
