/*
 * Router: sockets of AF_QIPCRTR and AF_MSM_IPC for kernels that have none. Preloaded behind the
 * recorder; what is sent to an address comes back from there.
 */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS 1024

struct router {
	int other[SOCKETS]; /* the other end + 1 */
	struct sockaddr_storage from[SOCKETS];
	socklen_t size[SOCKETS];
};

static struct router *router(void)
{
	static struct router all;

	return &all;
}

__attribute__((visibility("default"))) int socket(int family, int type, int protocol)
{
	int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
	int pair[2];

	if (family != 42 && family != 27)
		return real(family, type, protocol);
	if (socketpair(AF_UNIX, type, 0, pair) < 0 || pair[0] >= SOCKETS)
		return -1;
	router()->other[pair[0]] = pair[1] + 1;
	return pair[0];
}

__attribute__((visibility("default"))) ssize_t sendto(int fd, const void *bytes, size_t size,
						      int flags, const struct sockaddr *address,
						      socklen_t length)
{
	ssize_t (*real)(int, const void *, size_t, int) =
		(ssize_t(*)(int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");

	if (fd < 0 || fd >= SOCKETS || !router()->other[fd] ||
	    length > sizeof(router()->from[fd])) {
		errno = EDESTADDRREQ;
		return -1;
	}
	memcpy(&router()->from[fd], address, length);
	router()->size[fd] = length;
	return real(router()->other[fd] - 1, bytes, size, flags);
}

__attribute__((visibility("default"))) ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t (*real)(int, struct msghdr *, int) =
		(ssize_t(*)(int, struct msghdr *, int))dlsym(RTLD_NEXT, "recvmsg");
	void *name = message->msg_name;
	socklen_t room = message->msg_namelen;
	ssize_t got = real(fd, message, flags);

	message->msg_name = name;
	if (got >= 0 && name && fd < SOCKETS && router()->other[fd]) {
		memcpy(name, &router()->from[fd],
		       room < router()->size[fd] ? room : router()->size[fd]);
		message->msg_namelen = router()->size[fd];
	}
	return got;
}
