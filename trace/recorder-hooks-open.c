/*
 * Hooks of what makes descriptors: files, sockets, connections.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <errno.h>

#include "recorder-hook.h"

/* The C library declares these for headers that check sizes, without prototypes that we could see. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int folder, const char *path, int flags);
int __openat64_2(int folder, const char *path, int flags);

static bool has_mode(int flags)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

/* The mode, where there is one behind the flags. */
#define MODE(flags, ret) \
	do { \
		va_list rest; \
		va_start(rest, flags); \
		ret = has_mode(flags) ? va_arg(rest, mode_t) : 0; \
		va_end(rest); \
	} while (0)

static int opened(int fd, const char *path)
{
	qk_recorder_opened(fd, path);
	return fd;
}

QK_HOOK int open(const char *path, int flags, ...)
{
	mode_t mode;

	MODE(flags, mode);
	return opened(QK_REAL(open)(path, flags, mode), path);
}

QK_HOOK int open64(const char *path, int flags, ...)
{
	mode_t mode;

	MODE(flags, mode);
	return opened(QK_REAL(open64)(path, flags, mode), path);
}

QK_HOOK int openat(int folder, const char *path, int flags, ...)
{
	mode_t mode;

	MODE(flags, mode);
	return opened(QK_REAL(openat)(folder, path, flags, mode), path);
}

QK_HOOK int openat64(int folder, const char *path, int flags, ...)
{
	mode_t mode;

	MODE(flags, mode);
	return opened(QK_REAL(openat64)(folder, path, flags, mode), path);
}

QK_HOOK int __open_2(const char *path, int flags)
{
	return opened(QK_REAL(__open_2)(path, flags), path);
}

QK_HOOK int __open64_2(const char *path, int flags)
{
	return opened(QK_REAL(__open64_2)(path, flags), path);
}

QK_HOOK int __openat_2(int folder, const char *path, int flags)
{
	return opened(QK_REAL(__openat_2)(folder, path, flags), path);
}

QK_HOOK int __openat64_2(int folder, const char *path, int flags)
{
	return opened(QK_REAL(__openat64_2)(folder, path, flags), path);
}

QK_HOOK int creat(const char *path, mode_t mode)
{
	return opened(QK_REAL(creat)(path, mode), path);
}

QK_HOOK int creat64(const char *path, mode_t mode)
{
	return opened(QK_REAL(creat64)(path, mode), path);
}

/* What passes through a stream's buffer is not seen, but what its descriptor is must be known: the
 * number may have been a modem's before. */
QK_HOOK FILE *fopen(const char *restrict path, const char *restrict mode)
{
	FILE *stream = QK_REAL(fopen)(path, mode);

	if (stream)
		qk_recorder_opened(fileno(stream), path);
	return stream;
}

QK_HOOK FILE *fopen64(const char *restrict path, const char *restrict mode)
{
	FILE *stream = QK_REAL(fopen64)(path, mode);

	if (stream)
		qk_recorder_opened(fileno(stream), path);
	return stream;
}

QK_HOOK int socket(int family, int type, int protocol)
{
	int fd = QK_REAL(socket)(family, type, protocol);

	qk_recorder_socket_made(fd, family);
	return fd;
}

QK_HOOK int connect(int fd, const struct sockaddr *address, socklen_t size)
{
	int r = QK_REAL(connect)(fd, address, size);

	if (r == 0 || errno == EINPROGRESS)
		qk_recorder_connected(fd, address, size);
	return r;
}

/* Looked at when the first bytes pass. */
QK_HOOK int accept(int fd, struct sockaddr *restrict address, socklen_t *restrict size)
{
	return opened(QK_REAL(accept)(fd, address, size), NULL);
}

QK_HOOK int accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict size, int flags)
{
	return opened(QK_REAL(accept4)(fd, address, size, flags), NULL);
}
