/*
 * What a service manager passes and is told.
 */
#include "systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_PASSED = 3 };

static long number_in(const char *variable)
{
	const char *text = getenv(variable);
	char *end;
	long number = text ? strtol(text, &end, 10) : -1;

	return text && end != text && !*end ? number : -1;
}

void systemd_init(struct systemd *systemd)
{
	long count = number_in("LISTEN_FDS");

	systemd->count = 0;
	if (number_in("LISTEN_PID") != (long)getpid() || count < 0)
		count = 0;
	for (long i = 0; i < count && i < SYSTEMD_PASSED_MAX; i++) {
		int fd = FIRST_PASSED + (int)i;

		if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
			systemd->passed[systemd->count++] = fd;
	}
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
}

static int take(struct systemd *systemd, size_t at)
{
	int fd = systemd->passed[at];

	systemd->passed[at] = systemd->passed[--systemd->count];
	return fd;
}

void systemd_done(struct systemd *systemd)
{
	while (systemd->count) {
		int fd = take(systemd, systemd->count - 1);
		struct stat st;

		/* it would be busy for as long as the manager has it */
		if (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode))
			systemd_forget(st.st_rdev);
		close(fd);
	}
}

int systemd_take_listener(struct systemd *systemd)
{
	for (size_t i = 0; i < systemd->count; i++) {
		int listens = 0;
		socklen_t size = sizeof(listens);

		if (getsockopt(systemd->passed[i], SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) ==
			    0 &&
		    listens)
			return take(systemd, i);
	}
	return -1;
}

int systemd_take_device(struct systemd *systemd, const struct stat *node)
{
	for (size_t i = 0; i < systemd->count; i++) {
		struct stat st;

		/* by its inode: a path means nothing where each start has mounts of its own */
		if (fstat(systemd->passed[i], &st) == 0 && S_ISCHR(st.st_mode) &&
		    st.st_rdev == node->st_rdev && st.st_dev == node->st_dev &&
		    st.st_ino == node->st_ino)
			return take(systemd, i);
	}
	return -1;
}

/* One datagram to the manager, with a descriptor (-1: none). */
static void tell(const char *state, int fd)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct iovec data = { (void *)state, strlen(state) };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} control = { { 0 } };
	struct msghdr message = { .msg_name = &address, .msg_iov = &data, .msg_iovlen = 1 };

	if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, strlen(path));
	if (*path == '@')
		address.sun_path[0] = 0;
	message.msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);

		struct cmsghdr *header = CMSG_FIRSTHDR(&message);

		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	}

	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		return;
	(void)!sendmsg(sock, &message, MSG_NOSIGNAL);
	close(sock);
}

void systemd_notify(const char *state)
{
	tell(state, -1);
}

void systemd_keep(int fd, dev_t device)
{
	char state[128];

	/* Not polled: else every message of the modem wakes the manager, which has nothing to do. */
	snprintf(state, sizeof(state), "FDSTORE=1\nFDPOLL=0\nFDNAME=modem-%u-%u", major(device),
		 minor(device));
	tell(state, fd);
}

void systemd_forget(dev_t device)
{
	char state[128];

	snprintf(state, sizeof(state), "FDSTOREREMOVE=1\nFDNAME=modem-%u-%u", major(device),
		 minor(device));
	tell(state, -1);
}
