/*
 * Recorder: libqmitrace.so, which stands between a program and its C library (LD_PRELOAD) and
 * records every QMI frame that passes. docs/tracing.md says how it is used.
 *
 * Owns: the one state of the library, in recorder.c: a library that is preloaded has no main() that
 * could hold it. Does not know: what a message means.
 * Lifetime: the process; all zero until the library's constructor has run, and inactive.
 * Called from: the hooks, and what they are made of.
 *
 * What holds for all of it, since it runs inside of other people's programs, in any thread and in
 * signal handlers: no allocation but mmap(2), no lock that is waited for, errno as it was, and
 * whatever goes wrong ends the recording, never the program.
 */
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include "recorder-file.h"
#include "recorder-pool.h"
#include "recorder-real.h"
#include "recorder-table.h"

#define QK_RECORDER_GLOBS 1024

/* What every program touches stands together: a page of memory that is met first costs as much as a
 * system call. */
struct qk_recorder {
	_Atomic(bool) active;
	_Atomic(pid_t) pid; /* whose tables these are; a child of vfork(2) only borrows them */
	char process[QK_LINK_PROCESS + 1];
	struct qk_reals reals;
	struct qk_recorder_file file;
	char globs[QK_RECORDER_GLOBS];
	struct qk_recorder_pool pool;
	struct qk_recorder_table table;
	_Atomic(uint64_t) services[256]; /* QRTR: node, port and service, see recorder-datagram.c */
};

struct qk_recorder *qk_recorder(void);

/* --- recorder-watch.c: what a descriptor is */

/* What the table has for a descriptor; looks it up where nothing is known yet. QK_FD_OTHER or less
 * for what is not recorded. errno stays. */
uintptr_t qk_recorder_look(int fd);

/* The connection behind a value of qk_recorder_look(), or NULL: not one that is recorded (now). */
struct qk_recorder_connection *qk_recorder_connection(uintptr_t value);

/* A descriptor that was just made: from a path (NULL: not by one), by connect(2), by socket(2). What
 * the number meant before is forgotten. */
void qk_recorder_opened(int fd, const char *path);
void qk_recorder_connected(int fd, const void *address, size_t size);
void qk_recorder_socket_made(int fd, int family);
void qk_recorder_duplicated(int old, int fd);

/* Before a descriptor is closed. */
void qk_recorder_closing(int fd);

/* A descriptor that speaks QMUX perhaps: it has begun to (a connection from now on, what the table
 * has then), or it does not. */
uintptr_t qk_recorder_adopt_perhaps(int fd);
void qk_recorder_not(int fd);

/* --- recorder-feed.c: what passed */

struct qk_recorder_passed {
	bool written;       /* by the program */
	uint64_t time_nsec; /* before it was written, after it was read */
	const struct iovec *parts;
	size_t count;
	size_t size; /* bytes that passed: of the parts no more than this */
};

uint64_t qk_recorder_now(void);

/* Bytes passed a descriptor that had this value (not QK_FD_OTHER) before the call. */
void qk_recorder_passed(int fd, uintptr_t value, const struct qk_recorder_passed *passed);

/* Records what has begun as a frame and will not go on. */
void qk_recorder_flush(struct qk_recorder_connection *connection);

/* Writes one record. Node, port and service are of the connection where `remote` is NULL. */
struct qk_recorder_remote {
	uint16_t service;
	uint32_t node, port;
};
void qk_recorder_write(struct qk_recorder_connection *connection, bool written, uint64_t time_nsec,
		       struct qk_span bytes, const struct qk_recorder_remote *remote);

/* --- recorder-datagram.c: QRTR and MSM IPC */

enum { QK_FAMILY_MSM_IPC = 27, QK_FAMILY_QRTR = 42 };

bool qk_recorder_is_datagram(const struct qk_recorder_connection *connection);

/* One datagram passed, to or from `address` (size 0: the one that the socket is connected to). */
void qk_recorder_datagram(struct qk_recorder_connection *connection,
			  const struct qk_recorder_passed *passed, const void *address,
			  size_t address_size);

/* connect(2) of such a socket. */
void qk_recorder_datagram_connected(struct qk_recorder_connection *connection, const void *address,
				    size_t size);
