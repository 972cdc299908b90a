/*
 * File: reading it whole (see file.h).
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

/* The bytes of the file, or a negative errno. */
static ssize_t read_all(int fd, char *buffer, size_t limit)
{
	size_t used = 0;

	while (used <= limit) {
		ssize_t n = read(fd, buffer + used, limit + 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return (ssize_t)used;
		used += (size_t)n;
	}
	return -EFBIG;
}

int qk_sim_read_file(const char *path, size_t limit, char **ret, size_t *ret_size)
{
	/* a FIFO nobody writes to must not hold the program up */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	char *buffer = malloc(limit + 1);
	ssize_t size = buffer ? read_all(fd, buffer, limit) : -ENOMEM;

	close(fd);
	if (size < 0) {
		free(buffer);
		return (int)size;
	}
	*ret = buffer;
	*ret_size = (size_t)size;
	return 0;
}
