/*
 * qmuxd: its Unix socket as a transport (see include/qmikit/qmuxd.h for what is said on it).
 *
 * qmuxd looks at the path to which a client's socket is bound, so we bind ours as its clients do. Its first
 * word, our number, is in every message of ours: what is sent before it has come waits in `out`. Nothing it
 * says tells the layout of its headers, but the program that listens does.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/transport/internal.h"
#include "lib/transport/qmuxd-link.h"

#define CONNECT_NAME "qmux_connect_socket"
#define CLIENT_NAME "qmux_client_socket"
#define GREETING 4u
/* What may wait for the greeting. */
#define EARLY_MAX ((size_t)64 * 1024)
/* When to look again whether the rest of what waited can be sent. */
#define RETRY_USEC 1000u

/* Bytes that grow as needed; [start, end) is not used up yet. */
struct bytes {
	uint8_t *data;
	size_t start, end, size;
};

struct qmuxd {
	int fd;
	struct sockaddr_un client; /* where our end is bound; empty: it is not */
	struct stat client_node;
	bool greeted;
	bool knows_layout; /* it was chosen */
	bool offered; /* a frame is in `out`, and the transport offers it until that is empty */
	struct qk_qmuxd_link link;
	struct bytes out, in, frame;
};

/* Room for `size` more bytes. */
static int make_room(struct bytes *bytes, size_t size)
{
	uint8_t *data;

	if (bytes->start == bytes->end)
		bytes->start = bytes->end = 0;
	if (bytes->size - bytes->end >= size)
		return 0;
	data = realloc(bytes->data, bytes->end + size);
	if (!data)
		return -ENOMEM;
	bytes->data = data;
	bytes->size = bytes->end + size;
	return 0;
}

static struct qk_writer writer_at_end(struct bytes *bytes)
{
	return qk_writer(bytes->data + bytes->end, bytes->size - bytes->end);
}

static bool is_waiting(const struct bytes *bytes)
{
	return bytes->start < bytes->end;
}

/* Sends what waits: 0, -EAGAIN, or what ended sending. */
static int flush_out(struct qmuxd *q)
{
	while (q->greeted && is_waiting(&q->out)) {
		ssize_t n = send(q->fd, q->out.data + q->out.start, q->out.end - q->out.start,
				 MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? -EIO : -errno;
		q->out.start += (size_t)n;
	}
	return 0;
}

static int translate(struct qmuxd *q, struct qk_span frame)
{
	size_t buffer = QK_QMUXD_HEADER_64 + q->link.buffer;
	struct qk_writer w;
	int r = make_room(&q->out, QK_QMUXD_MAX + q->link.id_count * buffer);

	if (r < 0)
		return r;
	w = writer_at_end(&q->out);
	r = qk_qmuxd_link_say(&q->link, frame, &w);
	if (r == 0)
		q->out.end += qk_writer_used(&w);
	return r;
}

static int qmuxd_send(void *self, struct qk_span frame)
{
	struct qmuxd *q = self;
	int r = flush_out(q);

	if (r < 0)
		return r;
	if (q->offered) {
		q->offered = false;
		return 0;
	}
	if (!q->greeted && q->out.end > EARLY_MAX)
		return -EAGAIN;
	r = translate(q, frame);
	if (r == 0)
		r = flush_out(q);
	q->offered = r == -EAGAIN && is_waiting(&q->out);
	return r;
}

/* Our number is there: what waits for it gets it. */
static int take_greeting(struct qmuxd *q)
{
	struct qk_cursor c = qk_cursor((struct qk_span){ q->in.data + q->in.start, GREETING });
	size_t at = q->out.start;

	q->link.program = (uint32_t)qk_cursor_uint(&c, 4, false);
	q->in.start += GREETING;
	q->greeted = true;
	while (at < q->out.end) {
		struct qk_writer w = qk_writer(q->out.data + at, QK_QMUXD_HEADER_32);
		struct qk_qmuxd_message message;
		int size = qk_qmuxd_read((struct qk_span){ q->out.data + at, q->out.end - at },
					 q->link.layout, &message);

		if (size <= 0)
			return -EIO;
		qk_write_uint(&w, (uint32_t)size, 4, false);
		qk_write_uint(&w, q->link.program, 4, false);
		qk_write_uint(&w, message.type, 4, false);
		qk_write_uint(&w, q->link.program, 4, false);
		at += (size_t)size;
	}
	return flush_out(q);
}

/* Takes one message out of what was read: 1, 0 when more bytes are needed, or what ended it. */
static int take_message(struct qmuxd *q)
{
	struct qk_span bytes = { q->in.data + q->in.start, q->in.end - q->in.start };
	struct qk_qmuxd_message message;
	struct qk_writer w;
	int size, r;

	if (!q->greeted) {
		if (bytes.size < GREETING)
			return 0;
		r = take_greeting(q);
		return r < 0 && r != -EAGAIN ? r : 1;
	}
	size = qk_qmuxd_read(bytes, q->link.layout, &message);
	if (size <= 0)
		return size;
	w = writer_at_end(&q->frame);
	r = qk_qmuxd_link_hear(&q->link, &message, &w);
	if (r < 0)
		return r;
	q->frame.end += qk_writer_used(&w);
	q->in.start += (size_t)size;
	return 1;
}

/* Reads once more: 1, 0 at the end, or a negative errno. */
static int read_some(struct qmuxd *q)
{
	ssize_t n;

	if (q->in.start > 0) {
		memmove(q->in.data, q->in.data + q->in.start, q->in.end - q->in.start);
		q->in.end -= q->in.start;
		q->in.start = 0;
	}
	do
		n = recv(q->fd, q->in.data + q->in.end, q->in.size - q->in.end, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		q->in.end += (size_t)n;
		return 1;
	}
	if (n < 0 && errno != ECONNRESET)
		return -errno;
	return is_waiting(&q->in) ? -EPROTO : 0;
}

/* Makes the next frame, of an answer or of a message: 1, 0 at the end, or a negative errno. */
static int next_frame(struct qmuxd *q)
{
	struct qk_writer w;
	int r = make_room(&q->frame, QK_FRAME_MAX);

	if (r < 0)
		return r;
	w = writer_at_end(&q->frame);
	r = qk_qmuxd_link_answer(&q->link, &w);
	if (r > 0)
		q->frame.end += qk_writer_used(&w);
	if (r != 0)
		return r;
	r = take_message(q);
	return r == 0 ? read_some(q) : r;
}

static int qmuxd_receive(void *self, uint8_t *buffer, size_t size)
{
	struct qmuxd *q = self;
	size_t there;
	int r;

	/* the rest of what waited for the greeting */
	if (!q->offered) {
		r = flush_out(q);
		if (r < 0 && r != -EAGAIN)
			return r;
	}
	while (!is_waiting(&q->frame)) {
		r = next_frame(q);
		if (r <= 0)
			return r;
	}
	there = q->frame.end - q->frame.start;
	if (size > there)
		size = there;
	memcpy(buffer, q->frame.data + q->frame.start, size);
	q->frame.start += size;
	return (int)size;
}

static int qmuxd_fd(void *self)
{
	const struct qmuxd *q = self;

	return q->fd;
}

static uint64_t qmuxd_wait_usec(void *self)
{
	const struct qmuxd *q = self;

	if (q->link.answer_count || is_waiting(&q->frame))
		return 0;
	return q->greeted && !q->offered && is_waiting(&q->out) ? RETRY_USEC : UINT64_MAX;
}

/* Removes our name, unless another connection of this process has taken it since. */
static void unbind(struct qmuxd *q)
{
	struct stat now;

	if (*q->client.sun_path && lstat(q->client.sun_path, &now) == 0 &&
	    now.st_dev == q->client_node.st_dev && now.st_ino == q->client_node.st_ino)
		unlink(q->client.sun_path);
}

static void qmuxd_close(void *self)
{
	struct qmuxd *q = self;

	unbind(q);
	if (q->fd >= 0)
		close(q->fd);
	free(q->out.data);
	free(q->in.data);
	free(q->frame.data);
	free(q);
}

static const struct qk_transport_ops qmuxd_ops = {
	.send = qmuxd_send,
	.receive = qmuxd_receive,
	.fd = qmuxd_fd,
	.wait_usec = qmuxd_wait_usec,
	.close = qmuxd_close,
};

/* Opening. */

/* Binds our end as qmuxd's own clients do. Where that is not permitted, qmuxd decides what we may. */
static void bind_client(struct qmuxd *q, const char *folder, size_t folder_size)
{
	int size =
		snprintf(q->client.sun_path, sizeof(q->client.sun_path), "%.*s" CLIENT_NAME "%7lu",
			 (int)folder_size, folder, (unsigned long)getpid());
	struct stat old;

	q->client.sun_family = AF_UNIX;
	if (size > 0 && (size_t)size < sizeof(q->client.sun_path)) {
		if (lstat(q->client.sun_path, &old) == 0 && S_ISSOCK(old.st_mode))
			unlink(q->client.sun_path);
		if (bind(q->fd, (const struct sockaddr *)&q->client, sizeof(q->client)) == 0 &&
		    lstat(q->client.sun_path, &q->client_node) == 0)
			return;
	}
	q->client.sun_path[0] = 0;
}

/* `path` is the folder of qmuxd's sockets, or its socket. */
static int connect_socket(struct qmuxd *q, const char *path, size_t size)
{
	static const char name[] = CONNECT_NAME;
	struct sockaddr_un server = { .sun_family = AF_UNIX };
	bool slash = false;
	int written;

	if (size >= sizeof(name) - 1 &&
	    !memcmp(path + size - (sizeof(name) - 1), name, sizeof(name) - 1))
		size -= sizeof(name) - 1;
	else
		slash = size > 0 && path[size - 1] != '/';
	written = snprintf(server.sun_path, sizeof(server.sun_path), "%.*s%s" CONNECT_NAME,
			   (int)size, path, slash ? "/" : "");
	if (written < 0 || (size_t)written >= sizeof(server.sun_path))
		return -ENAMETOOLONG;
	q->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (q->fd < 0)
		return -errno;
	/* without a server there is nothing to bind for */
	if (access(server.sun_path, F_OK) < 0)
		return -errno;
	bind_client(q, server.sun_path, (size_t)written - (sizeof(name) - 1));
	return connect(q->fd, (const struct sockaddr *)&server, sizeof(server)) < 0 ? -errno : 0;
}

/* The width of the program that listens, by its ELF header, is that of its `long`. Where that may not be
 * seen, as on modems: 32 bits. */
static enum qk_qmuxd_layout layout_of_peer(int fd)
{
	struct ucred peer = { 0 };
	socklen_t size = sizeof(peer);
	unsigned char head[EI_CLASS + 1] = { 0 };
	char path[32];
	int program = -1;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0) {
		snprintf(path, sizeof(path), "/proc/%d/exe", (int)peer.pid);
		program = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (program >= 0) {
		if (read(program, head, sizeof(head)) != (ssize_t)sizeof(head))
			head[0] = 0;
		close(program);
	}
	return !memcmp(head, ELFMAG, SELFMAG) && head[EI_CLASS] == ELFCLASS64 ? QK_QMUXD_64
									      : QK_QMUXD_32;
}

/* Reads one of "layout=64", "buffer=664", "connection=1", which ends at '&' or the end. */
static int read_parameter(struct qmuxd *q, const char *text, const char **ret_rest)
{
	struct qk_qmuxd_link *link = &q->link;
	size_t name = strcspn(text, "=");
	unsigned long value;
	char *end;

	if (text[name] != '=' || text[name + 1] < '0' || text[name + 1] > '9')
		return -EINVAL;
	errno = 0;
	value = strtoul(text + name + 1, &end, 10);
	if (errno || (*end && *end != '&') || value > INT32_MAX)
		return -EINVAL;
	if (!strncmp(text, "layout=", name + 1) && (value == 32 || value == 64)) {
		link->layout = value == 64 ? QK_QMUXD_64 : QK_QMUXD_32;
		q->knows_layout = true;
	} else if (!strncmp(text, "buffer=", name + 1) && value >= 8 &&
		   value <= QK_QMUXD_BUFFER_2013)
		link->buffer = (uint32_t)value;
	else if (!strncmp(text, "connection=", name + 1))
		link->connection = (uint32_t)value;
	else
		return -EINVAL;
	*ret_rest = end;
	return 0;
}

/* What stands behind the path: nothing, or "?name=number&name=number". */
static int read_parameters(struct qmuxd *q, const char *text)
{
	int r = 0;

	while (r == 0 && *text)
		r = read_parameter(q, text + 1, &text);
	return r;
}

int qk_transport_connect_qmuxd(const char *path, struct qk_transport **ret)
{
	size_t size = strcspn(path, "?");
	struct qmuxd *q = calloc(1, sizeof(*q));
	int r;

	if (!q)
		return -ENOMEM;
	q->fd = -1;
	q->link.buffer = QK_QMUXD_BUFFER_2013;
	r = size ? read_parameters(q, path + size) : -ENOENT;
	if (r == 0)
		r = make_room(&q->in, QK_QMUXD_MAX);
	if (r == 0)
		r = connect_socket(q, path, size);
	if (r < 0) {
		qmuxd_close(q);
		return r;
	}
	if (!q->knows_layout)
		q->link.layout = layout_of_peer(q->fd);
	return qk_transport_new(&qmuxd_ops, q, path, ret);
}
