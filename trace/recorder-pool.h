/*
 * Recorder pool: the connections that are being recorded. A connection is what stands behind one or
 * several descriptors (dup) of the process.
 *
 * Owns: the memory of connections, which is used again but never given back: who holds a pointer
 * that is out of date reads a wrong connection, not wrong memory.
 * Does not know: descriptors, frames, files.
 * Lifetime: the process; all zero is an empty pool. Any thread and any signal handler may use it.
 * Called from: recorder-watch.c, recorder-feed.c, recorder-datagram.c.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include <qmikit/wire.h>

#include "link-header.h"

#define QK_POOL_MAX 4096u

/* One direction of a connection. */
struct qk_recorder_side {
	_Atomic(pthread_t) busy; /* the thread that puts frames together, or 0 */
	size_t used;             /* bytes of a frame that has begun */
	size_t greeting;         /* bytes to come before the first frame */
	uint64_t time_nsec;      /* when the last of them passed */
};

struct qk_recorder_connection {
	_Atomic(uint32_t) users; /* descriptors; 0: free */
	_Atomic(bool) perhaps;   /* no frame of QMUX has passed yet */
	_Atomic(bool) modem_end; /* what is written comes from the modem */
	enum qk_link_transport transport;
	uint32_t number;
	_Atomic(uint16_t) service;    /* of a datagram socket, if it is known */
	_Atomic(uint32_t) node, port; /* that it is connected to */
	char device[QK_LINK_DEVICE_MAX + 1];
	struct qk_recorder_side sides[2]; /* written, read */
	/* What their frames have so far. Most frames pass whole, and these pages are never touched. */
	uint8_t begun[2][QK_FRAME_MAX];
};

struct qk_recorder_pool {
	_Atomic(uint32_t) count; /* slots that have memory */
	_Atomic(uint32_t) numbers;
	_Atomic(struct qk_recorder_connection *) slots[QK_POOL_MAX];
};

/* A connection with one user, its other fields as new; NULL when all are in use. */
struct qk_recorder_connection *qk_recorder_pool_new(struct qk_recorder_pool *pool,
						    enum qk_link_transport transport,
						    const char *device);

/* Whether to go on with a side: false when another thread, or what a signal interrupted, is at it. */
bool qk_recorder_side_enter(struct qk_recorder_side *side);
void qk_recorder_side_leave(struct qk_recorder_side *side);

/* In a child process: the threads that were at something are not here. */
void qk_recorder_pool_forked(struct qk_recorder_pool *pool);
