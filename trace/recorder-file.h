/*
 * Recorder file: the recording, to which every process of the program appends.
 *
 * Owns: its descriptor, out of the program's way. Does not know: frames.
 * Lifetime: the process; opened when there is a modem to record, closed never.
 * Called from: recorder.c (settings), recorder-watch.c, recorder-feed.c, the hooks that close.
 */
#pragma once

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct qk_recorder_file {
	_Atomic(int) fd;           /* the descriptor + 1; 0: none */
	_Atomic(pthread_t) opener; /* the thread that is opening it, or 0 */
	_Atomic(bool) stopped;     /* there is no recording, or no more */
	_Atomic(int) writers;
	_Atomic(dev_t) device;
	_Atomic(ino_t) inode;
	bool verbose;             /* says on stderr what happens */
	bool announce;            /* and where the recording is */
	char name[PATH_MAX];      /* absolute; %p stands for the process id */
	char otherwise[PATH_MAX]; /* where the folder of `name` takes no file; empty: nowhere */
};

/* Opens the recording if it is not open yet. */
void qk_recorder_file_open(struct qk_recorder_file *file);

/* Appends one block, `size` bytes in all. */
void qk_recorder_file_append(struct qk_recorder_file *file, const struct iovec *parts, int count,
			     size_t size);

/* Whether a descriptor is the recording's own. */
bool qk_recorder_file_is(const struct qk_recorder_file *file, int fd);

/* The program wants this very number for itself: the recording moves away. */
void qk_recorder_file_yield(struct qk_recorder_file *file, int fd);
