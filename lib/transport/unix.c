/*
 * Unix stream sockets that speak QMUX: the virtual modem's, a broker's. "@name" is abstract.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/transport/internal.h"

static int make_address(const char *path, struct sockaddr_un *ret, socklen_t *ret_size)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t size = strlen(path);
	bool abstract = path[0] == '@';

	if (size == 0 || (abstract && size == 1))
		return -ENOENT;
	/* A path keeps its final 0; an abstract name is just its bytes. */
	if (size + (abstract ? 0 : 1) > sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, size);
	if (abstract)
		address.sun_path[0] = 0;
	*ret = address;
	*ret_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (abstract ? 0 : 1));
	return 0;
}

int qk_transport_connect_unix(const char *path, struct qk_transport **ret)
{
	struct sockaddr_un address;
	socklen_t size;
	int fd, r = make_address(path, &address, &size);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, size) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return qk_stream_new(fd, QK_STREAM_SOCKET, path, ret);
}
