/*
 * Log: lines for the administrator, by level; in the journal with the fields MODEM=, IMEI= and PORT=, else in a file
 * or on stderr.
 *
 * Owns: the level, the file. Does not know: what happened. Personal data is for callers to mask, by log_personal();
 * the field IMEI= alone names a device in full, for those who may read the journal.
 * Lifetime: log_open() to log_close(), in main(). Called from: everywhere in manager/.
 *
 * The levels are those of syslog.h, of which LOG_NOTICE is what the bus calls MSG.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <syslog.h>
#include <qmikit/wire.h>

/* What a line begins with, in a file or on stderr; the journal has its own. */
enum log_times { LOG_TIMES_NONE, LOG_TIMES_OF_DAY, LOG_TIMES_SINCE_START };

struct log {
	int level;     /* what is above it is not logged */
	bool journal;  /* lines go there */
	bool personal; /* may be shown */
	FILE *file;    /* where they go else; NULL: stderr */
	enum log_times times;
	int64_t start_usec; /* of the monotonic clock */
};

/* What a line is about. All may be NULL. */
struct log_about {
	const char *modem; /* its index */
	const char *imei, *port;
};

/* As the environment says: JOURNAL_STREAM, MM_LOGLEVEL. */
void log_open(struct log *log);
/* Appends to the file from now on, which is made where there is none. What open(2) says. */
QK_MUST_CHECK int log_to_file(struct log *log, const char *path);
void log_close(struct log *log);
/* ERR, WARN, MSG, INFO or DEBUG, in any case. false: there is no such level. */
QK_MUST_CHECK bool log_set_level(struct log *log, const char *name);
/* One line; `about` may be NULL. */
void log_line(const struct log *log, int level, const struct log_about *about, const char *format,
	      ...) __attribute__((format(printf, 4, 5)));
/* The text, or what stands for it where personal data is not logged. */
const char *log_personal(const struct log *log, const char *text);
