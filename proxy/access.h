/*
 * Access: who may connect, and which paths are modems.
 *
 * Owns: nothing. Does not know: connections, modems that are open, leases.
 * Lifetime: none. Called from: server.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

struct access_rules {
	bool has_group;
	gid_t group; /* whose members may connect beside root and the broker's own user */
};

/* Finds a group by name or number. False: there is none. */
__attribute__((warn_unused_result)) bool access_group(const char *name, struct access_rules *ret);

/* Whether the peer of a connected socket may use the broker; who it is. */
__attribute__((warn_unused_result)) bool access_allows(const struct access_rules *rules, int fd,
						       struct ucred *ret);

/*
 * Whether `path` is a modem that `uid` may have: a QMI port by sysfs for all; a pty or a Unix socket
 * ("unix:/path"), where a virtual modem may be, for root and their owner. 0, the path without links
 * and what tells the node from a later one (malloc'd); else a negative errno and a sentence.
 */
__attribute__((warn_unused_result)) int access_find(const char *path, uid_t uid, char **ret_path,
						    char **ret_identity, char *why,
						    size_t why_size);
