/*
 * Recorder table: what is known of each descriptor of the process. Every read and write of the
 * program asks it, so that asking is two loads and no lock.
 *
 * Owns: its pages, which it never gives back. Does not know: what its values mean.
 * Lifetime: the process; all zero is an empty table. Any thread and any signal handler may use it.
 * Called from: recorder-watch.c and the hooks.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define QK_TABLE_PAGE 1024u
#define QK_TABLE_PAGES 1024u /* a million descriptors; those beyond are not recorded */

/* Values besides pointers to connections. */
enum { QK_FD_UNKNOWN = 0, QK_FD_OTHER = 1, QK_FD_PERHAPS = 2 };

struct qk_recorder_table {
	_Atomic(uintptr_t) first[QK_TABLE_PAGE]; /* the one page that nearly every program needs */
	_Atomic(_Atomic(uintptr_t) *) pages[QK_TABLE_PAGES]; /* pages[0] is not used */
};

/* QK_FD_OTHER for what has no place in the table. */
uintptr_t qk_recorder_table_get(const struct qk_recorder_table *table, int fd);

/* Sets a value and returns the one before. Without memory nothing is set: QK_FD_OTHER. */
uintptr_t qk_recorder_table_swap(struct qk_recorder_table *table, int fd, uintptr_t value);

/* The first descriptor from `fd` to `last` whose value is not QK_FD_UNKNOWN, or -1. */
int qk_recorder_table_next(const struct qk_recorder_table *table, unsigned int fd,
			   unsigned int last);
