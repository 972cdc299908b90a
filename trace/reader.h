/*
 * Reader: a recording file, record by entry, and the waiting for more of it.
 *
 * Owns: the descriptors and the pcapng reader. Does not know: what is done with a record.
 * Lifetime: reader_open() to reader_close(); a record lives until the next call.
 * Called from: the verbs that read a recording.
 */
#pragma once

#include "entry.h"

struct reader;

/* Opens `path` ("-": standard input). With `follow` the end of the file is waited at, until it is
 * deleted. 0 or a negative errno. */
QK_MUST_CHECK int reader_open(const char *path, bool follow, struct reader **ret);

/* NULL is fine; returns NULL. */
struct reader *reader_close(struct reader *reader);

/* The next record: 1; 0 at the end; else a negative errno, -EBADMSG where the file breaks. Packets that
 * are none of ours are passed over and counted. */
QK_MUST_CHECK int reader_next(struct reader *reader, struct entry *ret);

/* Says on stderr what `r` (what reader_next() ended with) and what was passed over mean; the exit
 * status that goes with it. */
int reader_report(const struct reader *reader, int r);
