/*
 * Recorder real: the C library's own functions, behind those that the recorder puts in front.
 *
 * Owns: a table of pointers. Does not know: what the hooks do.
 * Lifetime: the process. Called from: everything of the recorder that calls what it hooks.
 */
#pragma once

#include <stdatomic.h>

/* Whatever is hooked. */
#define QK_REALS(X) \
	X(open) \
	X(open64) \
	X(openat) \
	X(openat64) \
	X(__open_2) \
	X(__open64_2) \
	X(__openat_2) \
	X(__openat64_2) \
	X(creat) \
	X(creat64) \
	X(fopen) \
	X(fopen64) \
	X(fclose) \
	X(socket) \
	X(connect) \
	X(accept) \
	X(accept4) \
	X(dup) \
	X(dup2) \
	X(dup3) \
	X(fcntl) \
	X(fcntl64) \
	X(close) \
	X(close_range) \
	X(closefrom) \
	X(read) \
	X(__read_chk) \
	X(readv) \
	X(recv) \
	X(__recv_chk) \
	X(recvfrom) \
	X(__recvfrom_chk) \
	X(recvmsg) \
	X(recvmmsg) \
	X(write) \
	X(writev) \
	X(send) \
	X(sendto) \
	X(sendmsg) \
	X(sendmmsg) \
	X(prctl) \
	X(syscall)

#define QK_REAL_ENUM(name) QK_REAL_##name,
enum qk_real_name { QK_REALS(QK_REAL_ENUM) QK_REAL_COUNT };
#undef QK_REAL_ENUM

struct qk_reals {
	_Atomic(void *) functions[QK_REAL_COUNT];
};

/* The function, or one that fails with ENOSYS. */
void *qk_real(enum qk_real_name name);

#define QK_REAL(name) ((__typeof__(&name))qk_real(QK_REAL_##name))
