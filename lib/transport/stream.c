/*
 * Stream: a transport over a descriptor that is open already. Character devices, ptys, sockets.
 *
 * A write may take a part of a frame; how much is kept here, and the rest goes out when the
 * transport offers the same frame again, which it does before any other.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/transport/internal.h"

struct stream {
	int fd;
	enum qk_stream_kind kind;
	size_t sent; /* of the frame that is being sent */
};

static ssize_t write_once(const struct stream *s, const uint8_t *data, size_t size)
{
	ssize_t n;

	do
		n = s->kind == QK_STREAM_SOCKET ? send(s->fd, data, size, MSG_NOSIGNAL)
						: write(s->fd, data, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static int stream_send(void *self, struct qk_span frame)
{
	struct stream *s = self;
	bool retried = false;

	while (s->sent < frame.size) {
		ssize_t n = write_once(s, frame.data + s->sent, frame.size - s->sent);

		/* cdc-wdm tells with the next write what became of the last one, once. */
		if (n == -EIO && s->kind == QK_STREAM_WDM && !retried) {
			retried = true;
			continue;
		}
		if (n <= 0)
			return n == 0 ? -EIO : (int)n;
		s->sent += (size_t)n;
	}
	s->sent = 0;
	return 0;
}

static int stream_receive(void *self, uint8_t *buffer, size_t size)
{
	struct stream *s = self;
	ssize_t n;

	do
		n = read(s->fd, buffer, size);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return (int)n;
	if (errno == EIO && s->kind == QK_STREAM_TTY)
		return 0;
	if (errno == ECONNRESET && s->kind == QK_STREAM_SOCKET)
		return 0;
	return -errno;
}

static int stream_fd(void *self)
{
	const struct stream *s = self;

	return s->fd;
}

static void stream_close(void *self)
{
	struct stream *s = self;

	close(s->fd);
	free(s);
}

static const struct qk_transport_ops stream_ops = {
	.send = stream_send,
	.receive = stream_receive,
	.fd = stream_fd,
	.close = stream_close,
};

int qk_stream_new(int take_fd, enum qk_stream_kind kind, const char *name,
		  struct qk_transport **ret)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (!s) {
		close(take_fd);
		return -ENOMEM;
	}
	s->fd = take_fd;
	s->kind = kind;

	int r = qk_transport_new(&stream_ops, s, name, ret);

	if (r == 0)
		(*ret)->bytes = kind == QK_STREAM_SOCKET;
	return r;
}

static enum qk_stream_kind kind_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode))
		return QK_STREAM_SOCKET;
	return isatty(fd) ? QK_STREAM_TTY : QK_STREAM_OTHER;
}

int qk_transport_from_fd(int take_fd, const char *name, struct qk_transport **ret)
{
	int flags = fcntl(take_fd, F_GETFL);

	if (flags < 0 || fcntl(take_fd, F_SETFL, flags | O_NONBLOCK) < 0) {
		int error = -errno;

		if (take_fd >= 0)
			close(take_fd);
		return error;
	}
	return qk_stream_new(take_fd, kind_of(take_fd), name, ret);
}
