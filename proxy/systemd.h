/*
 * systemd: the sockets and the modems that a service manager kept for us, and what it is told.
 * Without libsystemd: an environment and a datagram.
 *
 * Owns: what was passed and nobody has taken yet.
 * Does not know: what a modem is.
 * Lifetime: systemd_init() to systemd_done(). Called from: main and server.c.
 * Source: sd_listen_fds_with_names(3), sd_notify(3), systemd.service(5).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

enum { SYSTEMD_PASSED_MAX = 80 };

struct systemd {
	int passed[SYSTEMD_PASSED_MAX];
	size_t count;
};

/* Takes over what was passed, if it was passed to this process. */
void systemd_init(struct systemd *systemd);
/* Closes what nobody took, and has the manager keep it no more. */
void systemd_done(struct systemd *systemd);

/* A listening stream socket of those that were passed, or -1. */
int systemd_take_listener(struct systemd *systemd);
/* The open character device whose node is this one, or -1. */
int systemd_take_device(struct systemd *systemd, const struct stat *node);

/* Tells the manager; nothing happens where there is none. */
void systemd_notify(const char *state);
/* Has the manager keep the descriptor of a device, or keep it no more. */
void systemd_keep(int fd, dev_t device);
void systemd_forget(dev_t device);
