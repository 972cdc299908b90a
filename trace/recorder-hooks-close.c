/*
 * Hooks of what ends or copies descriptors. The recording's own stays open and unseen.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <linux/close_range.h>

#include "recorder-hook.h"

#if !__GLIBC_PREREQ(2, 34)
int close_range(unsigned int first, unsigned int last, int flags);
void closefrom(int first);
#endif

static bool is_ours(int fd)
{
	return qk_recorder_file_is(&qk_recorder()->file, fd);
}

QK_HOOK int close(int fd)
{
	if (is_ours(fd))
		return 0;
	qk_recorder_closing(fd);
	return QK_REAL(close)(fd);
}

QK_HOOK int fclose(FILE *stream)
{
	int error = errno;

	qk_recorder_closing(stream ? fileno(stream) : -1); /* -1 of a stream in memory */
	errno = error;
	return QK_REAL(fclose)(stream);
}

/* The number of the recording's own descriptor if it is one of these, else -1. */
static int ours_among(unsigned int first, unsigned int last)
{
	int ours = atomic_load(&qk_recorder()->file.fd) - 1;

	return ours >= 0 && (unsigned int)ours >= first && (unsigned int)ours <= last ? ours : -1;
}

static void forget(unsigned int first, unsigned int last)
{
	const struct qk_recorder_table *table = &qk_recorder()->table;
	int fd = qk_recorder_table_next(table, first, last);

	while (fd >= 0) {
		qk_recorder_closing(fd);
		fd = qk_recorder_table_next(table, (unsigned int)fd + 1, last);
	}
}

static int close_around(unsigned int first, unsigned int last, int flags, int ours)
{
	unsigned int hole = (unsigned int)ours;
	int r = 0;

	if (first < hole)
		r = QK_REAL(close_range)(first, hole - 1, flags);
	if (r == 0 && hole < last)
		r = QK_REAL(close_range)(hole + 1, last, flags);
	return r;
}

QK_HOOK int close_range(unsigned int first, unsigned int last, int flags)
{
	int ours = ours_among(first, last);

	/* The recording's closes by itself at exec(3). */
	if (flags & CLOSE_RANGE_CLOEXEC)
		return QK_REAL(close_range)(first, last, flags);
	forget(first, last);
	if (ours < 0)
		return QK_REAL(close_range)(first, last, flags);
	return close_around(first, last, flags, ours);
}

QK_HOOK void closefrom(int first)
{
	int ours = ours_among((unsigned int)(first > 0 ? first : 0), INT_MAX);

	forget((unsigned int)(first > 0 ? first : 0), INT_MAX);
	for (int fd = first > 0 ? first : 0; fd < ours; fd++)
		QK_REAL(close)(fd);
	QK_REAL(closefrom)(ours < 0 ? first : ours + 1);
}

static int duplicated(int old, int fd)
{
	if (old != fd)
		qk_recorder_duplicated(old, fd);
	return fd;
}

/* The program asks for this very number. */
static void make_way(int old, int fd)
{
	int error = errno;

	if (old != fd && is_ours(fd))
		qk_recorder_file_yield(&qk_recorder()->file, fd);
	errno = error;
}

QK_HOOK int dup(int old)
{
	return duplicated(old, QK_REAL(dup)(old));
}

QK_HOOK int dup2(int old, int fd)
{
	make_way(old, fd);
	return duplicated(old, QK_REAL(dup2)(old, fd));
}

QK_HOOK int dup3(int old, int fd, int flags)
{
	make_way(old, fd);
	return duplicated(old, QK_REAL(dup3)(old, fd, flags));
}

static int after_fcntl(int fd, int command, int result)
{
	if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
		qk_recorder_duplicated(fd, result);
	return result;
}

QK_HOOK int fcntl(int fd, int command, ...)
{
	va_list rest;

	va_start(rest, command);
	void *argument = va_arg(rest, void *);
	va_end(rest);
	return after_fcntl(fd, command, QK_REAL(fcntl)(fd, command, argument));
}

QK_HOOK int fcntl64(int fd, int command, ...)
{
	va_list rest;

	va_start(rest, command);
	void *argument = va_arg(rest, void *);
	va_end(rest);
	return after_fcntl(fd, command, QK_REAL(fcntl64)(fd, command, argument));
}
