/*
 * Ctl, link: a connection to the control socket, as a client.
 *
 * Owns: a descriptor, what was received and not taken yet. Does not know: requests.
 * Lifetime: qk_ctl_open() to qk_ctl_close(). Called from: ctl-client.c, shell.c.
 *
 * It blocks. What goes wrong is said on standard error, as one line; the functions return 0 or an exit
 * status (ctl-client.h).
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QK_CTL_NO_LIMIT UINT64_MAX

struct qk_ctl_link {
	int fd;
	const char *path;
	uint64_t deadline_msec; /* of the monotonic clock; QK_CTL_NO_LIMIT */
	char *line;
	size_t size;
};

uint64_t qk_ctl_now_msec(void);
int qk_ctl_fail(const char *path, const char *what);

/* `path` is borrowed. Close it in any case. */
int qk_ctl_open(struct qk_ctl_link *link, const char *path);
void qk_ctl_close(struct qk_ctl_link *link);

int qk_ctl_send(struct qk_ctl_link *link, const json_t *request);
/* The next line, which the caller owns. QK_CTL_TIMEOUT after the deadline. */
int qk_ctl_receive(struct qk_ctl_link *link, json_t **ret);
