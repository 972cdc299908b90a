/*
 * Ctl, link: connecting, sending and receiving (see ctl-link.h).
 */
#include "ctl-link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ctl-client.h"

/* An answer or an event is shorter. */
#define LINE_SIZE ((size_t)1024 * 1024)

uint64_t qk_ctl_now_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int qk_ctl_fail(const char *path, const char *what)
{
	fprintf(stderr, "error: %s: %s\n", path, what);
	return QK_CTL_REFUSED;
}

int qk_ctl_open(struct qk_ctl_link *link, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*link = (struct qk_ctl_link){
		.fd = -1, .path = path, .deadline_msec = QK_CTL_NO_LIMIT, .line = malloc(LINE_SIZE)
	};
	if (!link->line)
		return qk_ctl_fail(path, strerror(ENOMEM));
	if (strlen(link->path) >= sizeof(address.sun_path))
		return qk_ctl_fail(link->path, strerror(ENAMETOOLONG));
	memcpy(address.sun_path, link->path, strlen(link->path));
	link->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (link->fd < 0 ||
	    connect(link->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return qk_ctl_fail(link->path, errno == ENOENT || errno == ECONNREFUSED
						       ? "no qmi-sim --control listens there"
						       : strerror(errno));
	return 0;
}

static int send_all(struct qk_ctl_link *link, const char *text, size_t size)
{
	while (size) {
		ssize_t n = send(link->fd, text, size, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return qk_ctl_fail(link->path, strerror(errno));
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

void qk_ctl_close(struct qk_ctl_link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	free(link->line);
}

int qk_ctl_send(struct qk_ctl_link *link, const json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);

	if (!text)
		return qk_ctl_fail(link->path, strerror(ENOMEM));
	int status = send_all(link, text, strlen(text));
	free(text);
	return status ? status : send_all(link, "\n", 1);
}

static int wait_msec(const struct qk_ctl_link *link)
{
	uint64_t now = qk_ctl_now_msec();

	if (link->deadline_msec == QK_CTL_NO_LIMIT)
		return -1;
	uint64_t left = link->deadline_msec > now ? link->deadline_msec - now : 0;
	return left > INT32_MAX ? INT32_MAX : (int)left;
}

/* Receives more behind what is there. 0, or an exit status. */
static int receive(struct qk_ctl_link *link)
{
	struct pollfd ready = { .fd = link->fd, .events = POLLIN };
	int n = poll(&ready, 1, wait_msec(link));

	if (n < 0 && errno == EINTR)
		return 0;
	if (n == 0)
		return QK_CTL_TIMEOUT;
	if (link->size == LINE_SIZE)
		return qk_ctl_fail(link->path, "the line is too long");
	ssize_t got = recv(link->fd, link->line + link->size, LINE_SIZE - link->size, 0);
	if (got <= 0)
		return qk_ctl_fail(link->path, "qmi-sim hung up");
	link->size += (size_t)got;
	return 0;
}

/* The next line as JSON, which the caller owns. */
int qk_ctl_receive(struct qk_ctl_link *link, json_t **ret)
{
	char *end;

	while (!(end = memchr(link->line, '\n', link->size))) {
		int status = receive(link);
		if (status)
			return status;
	}
	size_t size = (size_t)(end - link->line);
	*ret = json_loadb(link->line, size, 0, NULL);
	link->size -= size + 1;
	memmove(link->line, end + 1, link->size);
	return *ret ? 0 : qk_ctl_fail(link->path, "this is not the control socket of a qmi-sim");
}
