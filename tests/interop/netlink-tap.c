/*
 * Netlink tap: preloaded into a program, it appends each message that is sent on an AF_NETLINK socket
 * to the file $NETLINK_TAP, a line of hex each.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <linux/netlink.h>

__attribute__((visibility("default"))) ssize_t send(int fd, const void *data, size_t size,
						    int flags);

static void note(int fd, const uint8_t *data, size_t size)
{
	const char *path = getenv("NETLINK_TAP");
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof(address);
	FILE *file;

	if (!path || getsockname(fd, (struct sockaddr *)&address, &length) < 0 ||
	    address.ss_family != AF_NETLINK)
		return;
	file = fopen(path, "ae");
	if (!file)
		return;
	for (size_t i = 0; i < size; i++)
		fprintf(file, "%02x", data[i]);
	fputc('\n', file);
	fclose(file);
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
	ssize_t (*next)(int, const void *, size_t, int);

	*(void **)&next = dlsym(RTLD_NEXT, "send");
	note(fd, data, size);
	return next(fd, data, size, flags);
}
